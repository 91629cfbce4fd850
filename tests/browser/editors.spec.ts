import { type Page, expect } from '@playwright/test';
import { Playground, expectAccessible, test } from './playground';

/** The editors in every state that a user meets: accessible in both themes, by keyboard alone, and still while they load. */

const SETTINGS = '/connections/datasources/edit/dora';

/** The fold of plugin-ui is a heading of level 6 wherever it stands. */
const FOLD = { rule: 'heading-order', within: 'h6' };

interface State {
  name: string;
  path: string;
  prepare(page: Page): Promise<void>;
}

function explore(query: object): string {
  return `/explore?query=${encodeURIComponent(JSON.stringify({ refId: 'A', ...query }))}`;
}

async function press(page: Page, name: RegExp | string): Promise<void> {
  await page.getByRole('button', { name, exact: true }).click();
}

async function openTeam(page: Page): Promise<void> {
  await press(page, 'Payments');
  for (const fold of [/^Deployments/, /^Incidents/, /^Exclusions/, /^Services/, /^Repositories that differ/]) {
    await press(page, fold);
  }
  await press(page, 'Add service');
  await press(page, 'Add repository that differs');
}

async function importYaml(page: Page, text: string): Promise<void> {
  await press(page, 'Import YAML');
  await page.getByTestId('dora-yaml-import').fill(text);
}

const STATES: State[] = [
  ...['stages', 'levels', 'changes', 'deployments', 'incidents', 'data-quality', 'sync', 'cloudwatch'].map((queryType) => ({
    name: `a query of ${queryType}`,
    path: explore({ queryType }),
    prepare: async () => undefined,
  })),
  { name: 'the options of a query', path: explore({ metric: 'change-failure-rate', window: 'rolling' }), prepare: (page) => press(page, /^Options/) },
  { name: 'a wrong number of days', path: explore({ window: 'rolling' }), prepare: (page) => page.getByLabel('Rolling days').fill('0') },
  { name: 'the examples', path: explore({}), prepare: (page) => page.getByTestId('dora-templates').click() },
  { name: 'the help', path: explore({}), prepare: (page) => press(page, 'Help') },
  { name: 'an unknown team', path: explore({ teams: ['Nobody'] }), prepare: async (page) => page.getByText('TEAM_UNKNOWN').first().waitFor() },
  { name: 'the editors of variables and annotations', path: '/more', prepare: async (page) => page.getByTestId('dora-annotate').waitFor() },
  { name: 'a team with everything open', path: SETTINGS, prepare: openTeam },
  { name: 'sign-in by an app', path: SETTINGS, prepare: (page) => page.getByRole('radio', { name: 'GitHub App' }).check({ force: true }) },
  {
    name: 'calendar and events',
    path: SETTINGS,
    prepare: async (page) => {
      await press(page, /History and calendar/);
      await press(page, /^(Expand|Open)?.*Events/);
    },
  },
  { name: 'a wrong setting', path: SETTINGS, prepare: (page) => page.getByLabel('API address').fill('nowhere') },
  { name: 'an import that cannot be taken', path: SETTINGS, prepare: (page) => importYaml(page, '- name: A\n  incidentWindow: soon') },
  { name: 'an import that changes much', path: SETTINGS, prepare: (page) => importYaml(page, '- name: Payments\n  repos: []\n  branches: [main]\n- name: New') },
  { name: 'the export', path: SETTINGS, prepare: (page) => press(page, 'Export YAML') },
];

/** Sum of the shifts of what is seen that no input of the user explains. */
async function watchShifts(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const seen = { sum: 0 };
    Object.assign(window, { shifts: seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as Array<PerformanceEntry & { value: number; hadRecentInput: boolean }>) {
        seen.sum += entry.hadRecentInput ? 0 : entry.value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
  return () => page.evaluate(() => (window as unknown as { shifts: { sum: number } }).shifts.sum);
}

// Some forty pages in one test, also where a machine has much else to do.
test.setTimeout(900_000);

test.describe('editors', () => {
  let playground: Playground;
  test.beforeAll(async () => {
    playground = await Playground.start();
    await playground.line(/^Search$/);
  });
  test.afterAll(async () => {
    expect(await playground.stop()).toBe(0);
  });

  for (const [turn, theme] of ['dark', 'light'].entries()) {
    // Each state in one of the themes; in both with the long tests.
    const states = STATES.filter((_, index) => process.env.DORA_LONG === '1' || index % 2 === turn);
    test(`${states.length} states are accessible in ${theme}`, async ({ page, troubles }) => {
      for (const { name, path, prepare } of states) {
        await test.step(name, async () => {
          await page.goto(`${playground.address}${path}${path.includes('?') ? '&' : '?'}theme=${theme}`);
          await page.waitForLoadState('networkidle');
          await prepare(page);
          await page.waitForTimeout(400);
          await expectAccessible(page, FOLD);
        });
      }
      // Every browser notes a refused request by itself: here the query for an unknown team, and CloudWatch without AWS.
      expect(troubles.splice(0).filter((text) => !/status of 400 .*\/ds\/query/.test(text))).toEqual([]);
    });
  }

  test('a query is built by keyboard alone', async ({ page }) => {
    await page.goto(`${playground.address}/explore`);
    const summary = page.getByTestId('dora-summary');
    await page.getByTestId('dora-show').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.type('Lead time for');
    await page.getByRole('option', { name: 'Lead time for changes' }).waitFor();
    await page.keyboard.press('Enter');
    await expect(summary).toHaveText('Lead time for changes · mean · all teams by week');
    // Between the two stands the sign that explains the team.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await expect(page.getByTestId('dora-teams')).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { name: 'Search' }).waitFor();
    // Grafana's combobox of several values loses characters on a busy machine, so each waits for the one before it.
    for (let end = 1; end <= 'Search'.length; end += 1) {
      await page.keyboard.type('Search'[end - 1]);
      await expect(page.getByTestId('dora-teams')).toHaveValue('Search'.slice(0, end));
    }
    await page.getByRole('option', { name: 'Payments' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await expect(summary).toHaveText('Lead time for changes · mean · Search by week');
    await page.keyboard.press('Escape');

    await page.getByTestId('dora-templates').focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('dora-examples').waitFor();
    for (let step = 0; step < 2; step += 1) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    // The team stays, and the focus is where it was.
    await expect(summary).toHaveText('Lead time for changes · median · Search by week');
    await expect(page.getByTestId('dora-examples')).toHaveCount(0);
    await expect(page.getByTestId('dora-templates')).toBeFocused();
  });

  test('help leads to a query', async ({ page }) => {
    await page.goto(`${playground.address}/explore`);
    await press(page, 'Help');
    await press(page, 'Where does the time go?');
    await expect(page.getByTestId('dora-summary')).toHaveText('Lead time stages · mean · all teams together by week');
    await expect(page.getByTestId('dora-help')).toHaveCount(0);
  });

  test('teams go out as YAML and come in again by keyboard alone', async ({ page }) => {
    await page.goto(`${playground.address}${SETTINGS}`);
    await page.getByRole('button', { name: 'Export YAML' }).focus();
    await page.keyboard.press('Enter');
    const exported = await page.getByTestId('dora-yaml-export').inputValue();
    expect(exported).toMatch(/^teams:\n {2}- name: /);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);

    await page.getByRole('button', { name: 'Import YAML' }).focus();
    await page.keyboard.press('Enter');
    await page.getByTestId('dora-yaml-import').focus();
    await page.keyboard.insertText(exported.replace('- name: Payments', '- name: Paid'));
    await expect(page.getByTestId('dora-yaml-outcome')).toContainText('Paid');
    await page.getByRole('button', { name: 'Take over' }).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('button', { name: 'Paid', exact: true })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Payments', exact: true })).toHaveCount(0);
  });

  for (const [name, path, ready] of [
    ['the query editor', '/explore', 'dora-summary'],
    ['the settings', SETTINGS, 'dora-sync-now'],
  ] as const) {
    test(`nothing moves while ${name} loads, and what takes long says so`, async ({ page }) => {
      const shifts = await watchShifts(page);
      // The editor's own code and the answers of the backend come late, one after the other.
      await page.route(/\/public\/plugins\/.*\d+\.js/, async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        await route.continue();
      });
      await page.route('**/resources/**', async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 1_500));
        await route.continue();
      });
      await page.goto(`${playground.address}${path}`);
      await expect(page.getByText('Loading editor…')).toBeVisible();
      await page.getByTestId(ready).waitFor();
      if (path === SETTINGS) {
        await expect(page.getByText('Asking how far it is…')).toBeVisible();
        await expect(page.getByRole('table').first()).toBeVisible();
      } else {
        await page.getByTestId('dora-teams').click();
        await expect(page.getByText(/Loading options/)).toBeVisible();
      }
      await page.waitForLoadState('networkidle');
      await page.waitForTimeout(500);
      // Below 0.1 a page counts as still.
      expect(await shifts()).toBeLessThan(0.1);
    });
  }

  test('speaks German where Grafana does', async ({ page }) => {
    await page.goto(`${playground.address}/explore?lang=de-DE`);
    await expect(page.getByTestId('dora-summary')).toHaveText('Deployment-Häufigkeit · Anzahl · alle Teams nach Woche');
    await page.goto(`${playground.address}${SETTINGS}?lang=de-DE`);
    await expect(page.getByRole('button', { name: 'Team hinzufügen' })).toBeVisible();
    await expect(page.getByRole('table', { name: 'Synchronisierung von GitHub' }).getByText('Aktuell').first()).toBeVisible();
  });
});
