import { choose, expect, nextQuery, test } from './dora';

test('Explore shows a graph at once and follows quick choices', async ({ explorePage, page, dora }) => {
  await explorePage.goto({ queryParams: new URLSearchParams({ schemaVersion: '1', panes: panes(dora.uid) }) });
  await expect(page.getByTestId('dora-show')).toBeVisible();
  await expect(explorePage.timeSeriesPanel.locator).toBeVisible();
  for (const [testId, option, expected] of [
    ['dora-show', 'Lead time for changes', { metric: 'lead-time' }],
    ['dora-interval', 'Month', { interval: 'month' }],
    ['dora-group-by', 'Repository', { groupBy: 'repository' }],
    ['dora-format', 'Table', { format: 'table' }],
  ] as const) {
    const query = nextQuery(page);
    await choose(page, testId, option);
    expect(await query).toMatchObject(expected);
  }
  await expect(explorePage.tablePanel.locator).toBeVisible();
});

test('rows of changes link to their pull requests', async ({ explorePage, page, dora }) => {
  await explorePage.goto({ queryParams: new URLSearchParams({ schemaVersion: '1', panes: panes(dora.uid) }) });
  await choose(page, 'dora-show', 'Changes');
  await expect(page.locator('a[href*="/pull/"]').first()).toBeVisible();
});

test('an example takes the place of a query, from the list and from the help', async ({ explorePage, page, dora }) => {
  await explorePage.goto({ queryParams: new URLSearchParams({ schemaVersion: '1', panes: panes(dora.uid) }) });
  await page.getByTestId('dora-templates').click();
  const asked = nextQuery(page);
  await page.getByRole('button', { name: 'How long does a change take?' }).click();
  expect(await asked).toMatchObject({ metric: 'lead-time', statistic: 'median' });
  await expect(page.getByTestId('dora-summary')).toHaveText('Lead time for changes · median · all teams by week');

  await page.getByRole('button', { name: /data source help/i }).click();
  await page.getByTestId('dora-help').getByRole('button', { name: 'Which changes were slow?' }).click();
  await expect(page.getByTestId('dora-summary')).toHaveText('Changes · all teams');
});

function panes(uid: string): string {
  return JSON.stringify({ one: { datasource: uid, queries: [], range: { from: 'now-90d', to: 'now' } } });
}
