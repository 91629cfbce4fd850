import { correlations } from '../dashboards/provisioned';
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

test('the provisioned correlations lead from a row to a second query with its names', async ({ explorePage, page, request, dora }) => {
  const stored: string[] = [];
  for (const { label, description, config } of correlations()) {
    const created = await request.post(`/api/datasources/uid/${dora.uid}/correlations`, { data: { targetUID: dora.uid, type: 'query', label, description, config } });
    expect(created.status(), await created.text()).toBe(200);
    stored.push(((await created.json()) as { result: { uid: string } }).result.uid);
  }
  try {
    await explorePage.goto({ queryParams: new URLSearchParams({ schemaVersion: '1', panes: panes(dora.uid) }) });
    await choose(page, 'dora-show', 'Changes');
    const rows = page.getByRole('grid');
    await rows.getByRole('link', { name: 'acme/checkout' }).or(rows.getByRole('button', { name: 'acme/checkout' })).first().click();
    await expect(page.getByTestId('dora-summary')).toHaveText(['Changes · all teams', 'Changes · Checkout · repositories acme/checkout']);
  } finally {
    for (const uid of stored) {
      await request.delete(`/api/datasources/uid/${dora.uid}/correlations/${uid}`);
    }
  }
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
