import { type Page } from '@playwright/test';
import { Playground, expectAccessible, expectPanelsDone, test } from './playground';
import { expect } from '@playwright/test';

const SETTINGS = '/connections/datasources/edit/dora';
const TOKEN = 'ghp_double0000000000000000000000000000000';

/** Chooses an option of a Grafana combobox by its label. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
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

interface Frame {
  schema: { fields: Array<{ name: string; labels?: Record<string, string>; config?: Record<string, unknown> }> };
  data: { values: unknown[][] };
}

test.describe('from an empty data source to a first chart', () => {
  let playground: Playground;
  test.beforeAll(async () => {
    playground = await Playground.start('--empty');
  });
  test.afterAll(async () => {
    expect(await playground.stop()).toBe(0);
  });

  test('a user adds a token and a team, saves, watches the synchronisation and asks a first query', async ({ page }) => {
    await page.goto(playground.address);
    await expect(page).toHaveURL(new RegExp(SETTINGS));

    await page.getByLabel('Token').first().waitFor();
    await page.getByPlaceholder('github_pat_').fill(TOKEN);
    await page.getByLabel('Team name').fill('Payments');
    const repositories = page.getByRole('combobox', { name: 'Repositories' });
    await repositories.fill('acme/payments-*');
    await repositories.press('Enter');
    await page.getByRole('button', { name: 'Save & test' }).click();
    await expect(page.getByTestId('data-testid Alert outcome')).toContainText('Team Payments: repositories: 3 repositories');

    const status = page.getByRole('table', { name: 'Synchronisation of GitHub' });
    await expect(status.getByRole('row')).toHaveCount(4);
    await expect(status.getByText('Up to date')).toHaveCount(3, { timeout: 45_000 });

    await page.getByRole('tab', { name: 'Explore' }).click();
    const first = await nextAnswer(page, () => choose(page, 'Interval', 'Month'));
    expect(first.frames.map((frame) => frame.schema.fields[1].labels?.team)).toEqual(['Payments']);
    expect(first.frames[0].data.values[1].some((value) => Number(value) > 0)).toBe(true);
    await expect(page.locator('.uplot canvas')).toBeVisible();
  });

  test('a wrong token is named, with what to do about it', async ({ page, troubles }) => {
    await page.goto(`${playground.address}${SETTINGS}`);
    await page.getByRole('button', { name: /reset/i }).first().click();
    await page.getByPlaceholder('github_pat_').fill('ghp_nobody');
    await page.getByRole('button', { name: 'Save & test' }).click();
    await expect(page.getByTestId('data-testid Alert outcome')).toContainText('GITHUB_TOKEN_INVALID');
    // A failed test is a 400 answer, which every browser notes by itself.
    expect(troubles.splice(0).every((text) => text.includes('/health'))).toBe(true);
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
    expect(playground.printed.filter((line) => ['Checkout', 'Mobile', 'Payments', 'Platform', 'Search'].includes(line))).toHaveLength(5);
    expect(playground.printed.some((line) => /^\s+\d{4}-\d{2}-\d{2}\s+\d+\s/.test(line))).toBe(true);
  });

  test('metric, team and interval change the series', async ({ page }) => {
    await page.goto(`${playground.address}/explore`);
    await expect(page.locator('.uplot canvas')).toBeVisible();

    const metric = await nextAnswer(page, () => choose(page, 'Show', 'Lead time for changes'));
    expect(metric.query).toMatchObject({ metric: 'lead-time' });
    expect(metric.frames).toHaveLength(5);
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

  test('the overview shows every panel, follows its variables and leads to GitHub', async ({ page, context }) => {
    await context.route('https://github.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<title>GitHub</title>' }));
    await page.setViewportSize({ width: 1600, height: 3600 });
    await page.goto(`${playground.address}/d/dora-overview`);
    await expectPanelsDone(page);
    const keys = page.locator('section[aria-label="Lead time (median)"]');
    await expect(keys).toContainText('Payments');
    await expect(keys).toContainText('Search');
    await expect(page.getByRole('grid', { name: 'Level of each team' }).getByRole('row')).toHaveCount(6);

    await choose(page, 'Team', 'Search');
    await page.keyboard.press('Escape');
    await expectPanelsDone(page);
    await expect(keys).toContainText('Search');
    await expect(keys).not.toContainText('Payments');
    await expect(page).toHaveURL(/var-team=Search/);

    await choose(page, 'Interval', 'month');
    await expect(page.getByRole('heading', { name: 'Trends: one point a month' })).toBeVisible();
    await expectPanelsDone(page);

    const changes = page.getByRole('grid', { name: 'Changes' });
    const opened = context.waitForEvent('page');
    await changes.getByRole('link').first().click();
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
        await expectAccessible(page);
      });
    }
  }
});
