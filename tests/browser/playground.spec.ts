import { type Page, expect } from '@playwright/test';
import { Playground, expectAccessible, expectPanelsDone, test } from './playground';

const SETTINGS = '/connections/datasources/edit/dora';
const TOKEN = 'ghp_double0000000000000000000000000000000';

/** Chooses an option of a Grafana combobox by its label. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  // Some options have a second line that explains them.
  await page.getByRole('option', { name: new RegExp(`^${option}`) }).first().click();
}

/** What the page asks the plugin with its next query, and what it gets. */
async function nextAnswer(page: Page, act: () => Promise<void>): Promise<{ query: Record<string, unknown>; frames: Frame[] }> {
  const answered = page.waitForResponse((response) => response.url().includes('/api/ds/query'));
  await act();
  const response = await answered;
  const { queries } = response.request().postDataJSON() as { queries: Array<Record<string, unknown>> };
  const { results } = (await response.json()) as { results: Record<string, { frames: Frame[] }> };
  const [query] = queries;
  return { query, frames: results[String(query.refId)].frames };
}

/**
 * What Grafana's own components bring along and a plugin cannot change: BigValue and tables write in the colours of its palette, of which
 * some are pale (the level is there in words too); the fold of plugin-ui is a heading of level 6 wherever it stands.
 */
const KNOWN: Record<string, { rule: string; within: string }> = {
  '/d/dora-overview': { rule: 'color-contrast', within: 'div[data-kind="stat"], div[data-kind="table"] [role="gridcell"]' },
  '/explore': { rule: 'heading-order', within: 'h6' },
  [SETTINGS]: { rule: 'heading-order', within: 'h6' },
};

interface Frame {
  schema: { fields: Array<{ name: string; labels?: Record<string, string>; config?: Record<string, unknown> }> };
  data: { values: unknown[][] };
}

// The first synchronisation is part of what is waited for.
test.setTimeout(120_000);

test.describe('from an empty data source to a first chart', () => {
  let playground: Playground;
  test.beforeAll(async () => {
    playground = await Playground.start('--empty');
  });
  test.afterAll(async () => {
    expect(await playground.stop()).toBe(0);
  });

  test('a user adds a token and a team, saves, watches the synchronisation and asks a first query', async ({ page, troubles }) => {
    await page.goto(playground.address);
    await expect(page).toHaveURL(new RegExp(SETTINGS));
    const outcome = page.getByTestId('data-testid Alert outcome');
    const save = page.getByRole('button', { name: 'Save & test' });

    await page.getByPlaceholder('github_pat_').fill('ghp_nobody');
    await page.getByLabel('Team name').fill('Payments');
    const repositories = page.getByRole('combobox', { name: 'Repositories' });
    await repositories.fill('acme/payments-*');
    await repositories.press('Enter');
    await save.click();
    await expect(outcome).toContainText('GITHUB_TOKEN_INVALID');

    await page.getByRole('button', { name: 'Reset' }).first().click();
    await page.getByPlaceholder('github_pat_').fill(TOKEN);
    await save.click();
    await expect(outcome).toContainText('Team Payments: repositories: 3 repositories');
    // Every browser notes a refused request by itself: here the test with the wrong token and the preview of repositories.
    expect(troubles.splice(0).filter((text) => !/status of 40[01] .*\/(health|resources\/repositories)/.test(text))).toEqual([]);

    const status = page.getByRole('table', { name: 'Synchronisation of GitHub' });
    await expect(status.getByText('Up to date')).toHaveCount(3, { timeout: 45_000 });
    expect(await status.getByRole('row').count()).toBe(4);

    await page.getByRole('tab', { name: 'Explore' }).click();
    const first = await nextAnswer(page, () => choose(page, 'Interval', 'Month'));
    expect(first.frames.map((frame) => frame.schema.fields[1].labels?.team)).toEqual(['Payments']);
    expect(first.frames[0].data.values[1].some((value) => Number(value) > 0)).toBe(true);
    await expect(page.locator('.uplot canvas')).toBeVisible();
  });
});

test.describe('with the sample organisation', () => {
  let playground: Playground;
  test.beforeAll(async () => {
    playground = await Playground.start();
    await playground.line(/^Search$/);
  });
  test.afterAll(async () => {
    expect(await playground.stop()).toBe(0);
  });

  test('the terminal says each team’s weeks', () => {
    expect(playground.printed.filter((line) => ['Checkout', 'Ledger', 'Mobile', 'Payments', 'Platform', 'Search', 'Warehouse'].includes(line))).toHaveLength(7);
    expect(playground.printed.some((line) => /^\s+\d{4}-\d{2}-\d{2}\s+\d+\s/.test(line))).toBe(true);
  });

  test('metric, team and interval change the series', async ({ page }) => {
    await page.goto(`${playground.address}/explore`);
    await expect(page.locator('.uplot canvas')).toBeVisible();

    const metric = await nextAnswer(page, () => choose(page, 'Show', 'Lead time for changes'));
    expect(metric.query).toMatchObject({ metric: 'lead-time' });
    expect(metric.frames).toHaveLength(7);
    expect(metric.frames[0].schema.fields[1].config?.unit).toBe('s');

    const team = await nextAnswer(page, () => choose(page, 'Team', 'Search'));
    expect(team.query).toMatchObject({ teams: ['Search'] });
    expect(team.frames.map((frame) => frame.schema.fields[1].labels?.team)).toEqual(['Search']);
    await page.keyboard.press('Escape');

    const weeks = team.frames[0].data.values[0].length;
    const interval = await nextAnswer(page, () => choose(page, 'Interval', 'Month'));
    expect(interval.query).toMatchObject({ interval: 'month' });
    expect(interval.frames[0].data.values[0].length).toBeLessThan(weeks);
    await expect(page.locator('.uplot canvas')).toBeVisible();
  });

  test('the overview follows its variables, and leads to the other boards and to GitHub', async ({ page, context }) => {
    await context.route('https://github.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<title>GitHub</title>' }));
    await page.setViewportSize({ width: 1600, height: 3600 });
    await page.goto(`${playground.address}/d/dora-overview`);
    await expectPanelsDone(page);
    const keys = page.locator('div[data-title="Lead time (median)"]');
    await expect(keys).toContainText('Payments');
    await expect(keys).toContainText('Search');
    await expect(page.locator('div[data-title="Level of each team"]').getByRole('row')).toHaveCount(8);

    await choose(page, 'Team', 'Search');
    await page.keyboard.press('Escape');
    await expectPanelsDone(page);
    await expect(keys).toContainText('Search');
    await expect(keys).not.toContainText('Payments');
    await expect(page).toHaveURL(/var-team=Search/);

    await choose(page, 'Interval', 'month');
    await expect(page.getByRole('heading', { name: 'Trends: one point a month' })).toBeVisible();
    await expectPanelsDone(page);

    // The other boards keep team and interval.
    await page.getByRole('tab', { name: 'DORA lead time' }).click();
    await expect(page).toHaveURL(/dora-lead-time\?.*var-team=Search/);
    await expectPanelsDone(page);
    const changes = page.locator('div[data-title="Slowest changes"]');
    const opened = context.waitForEvent('page');
    // At its beginning: a long title runs under the next cell.
    await changes.getByRole('link', { name: /\w+ \w+/ }).first().click({ position: { x: 20, y: 8 } });
    await expect((await opened).waitForURL(/^https:\/\/github\.com\/acme\/search-\w+\/pull\/\d+$/)).resolves.toBeUndefined();
  });

  test('"How to read this" opens by keyboard', async ({ page }) => {
    await page.goto(`${playground.address}/d/dora-overview`);
    const row = page.getByRole('button', { name: 'How to read this' });
    await row.focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: 'How to read this board' }).last()).toContainText('A gap is not a zero');
  });

  for (const theme of ['dark', 'light']) {
    for (const [name, path] of [
      ['the overview', '/d/dora-overview'],
      ['the query', '/explore'],
      ['the settings', SETTINGS],
    ]) {
      test(`${name} is accessible in ${theme}`, async ({ page }) => {
        await page.goto(`${playground.address}${path}?theme=${theme}`);
        await page.waitForLoadState('networkidle');
        if (path.startsWith('/d/')) {
          await expectPanelsDone(page);
        }
        await expectAccessible(page, KNOWN[path]);
      });
    }
  }
});
