import { type Page, expect } from '@playwright/test';
import { BOARD_UIDS } from '../../src/shared/boards';
import { allPanels, boards } from '../dashboards/provisioned';
import { Playground, expectAccessible, expectPanelsDone, test } from './playground';

const TOKEN = 'ghp_double0000000000000000000000000000000';
const WIDTHS = [1_280, 1_920];

// Grafana's own components write in the colours of its palette, of which some are pale; what they say is there in words, too.
const PALE = { rule: 'color-contrast', within: 'div[data-kind="stat"], div[data-kind="bargauge"], div[data-kind="table"] [role="gridcell"]' };

test.setTimeout(180_000);

async function open(page: Page, address: string, uid: string, query = ''): Promise<void> {
  await page.goto(`${address}/d/${uid}${query}`);
  await expectPanelsDone(page);
}

test.describe('boards with the sample organisation', () => {
  let playground: Playground;
  test.beforeAll(async () => {
    playground = await Playground.start();
    // The last team in the terminal's report: everything is fetched.
    await playground.line(/^Ledger$/);
  });
  test.afterAll(async () => {
    expect(await playground.stop()).toBe(0);
  });

  for (const [index, { board }] of boards().entries()) {
    const panels = allPanels(board.panels).filter(({ type }) => type !== 'row' && type !== 'text');
    const theme = index % 2 === 0 ? 'dark' : 'light';

    test(`${board.title}: every panel has its answer, on a laptop and on a wide screen, accessible in ${theme}`, async ({ page }) => {
      await page.setViewportSize({ width: WIDTHS[0], height: 1_000 });
      await open(page, playground.address, board.uid, `?theme=${theme}`);
      for (const { id, type } of panels) {
        const panel = page.locator(`div[data-panel="${id}"]`);
        await expect(panel).toHaveAttribute('data-state', 'Done');
        await expect(panel.getByText('does not draw')).toHaveCount(0);
        if (type === 'stat' || type === 'bargauge') {
          await expect(panel).toContainText(/\d/);
        }
      }
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 1_000 });
        // Nothing sticks out to the side.
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      }
      await expectAccessible(page, PALE);
    });
  }

  test('a point leads to its rows, with team and period', async ({ page }) => {
    await open(page, playground.address, BOARD_UIDS.overview, '?var-team=Search');
    const plot = page.locator('div[data-title="Lead time over time (median)"] .u-over');
    await plot.scrollIntoViewIfNeeded();
    const { width, height } = (await plot.boundingBox())!;
    await plot.hover({ position: { x: width / 2, y: height / 2 } });
    await plot.click({ position: { x: width / 2, y: height / 2 } });
    const link = page.getByRole('link', { name: 'Changes', exact: true });
    await expect(link).toHaveAttribute('href', /^\/d\/dora-lead-time\?from=\d+&to=\d+&.*var-team=Search/);
    const [from, to] = ['from', 'to'].map(async (name) => Number(new URL((await link.getAttribute('href'))!, playground.address).searchParams.get(name)));
    expect((await to) - (await from)).toBe(7 * 86_400_000);
    await page.goto(new URL((await page.getByRole('link', { name: 'Changes · Explore' }).getAttribute('href'))!, playground.address).href);
    await expect(page.getByRole('row').nth(1)).toContainText('acme/search-');
  });
});

test.describe('boards of a data source that cannot say much', () => {
  let playground: Playground;
  test.beforeAll(async () => {
    playground = await Playground.start('--empty');
  });
  test.afterAll(async () => {
    expect(await playground.stop()).toBe(0);
  });

  async function configure(page: Page, teams: unknown[], githubToken: string): Promise<void> {
    const address = `${playground.address}/api/datasources/uid/dora`;
    const known = (await (await page.request.get(address)).json()) as { jsonData: Record<string, unknown> };
    const saved = await page.request.put(address, { data: { ...known, jsonData: { ...known.jsonData, teams }, secureJsonData: { githubToken } } });
    expect(saved.status()).toBe(200);
  }

  async function synchronised(page: Page, wanted: RegExp): Promise<void> {
    await expect.poll(async () => await (await page.request.get(`${playground.address}/api/datasources/uid/dora/resources/sync`)).text(), { timeout: 60_000 }).toMatch(wanted);
  }

  /** What tiles and bars say: no number stands where nothing is known. */
  async function expectNoNumbers(page: Page): Promise<void> {
    for (const panel of await page.locator('div[data-kind="stat"], div[data-kind="bargauge"]').all()) {
      const said = (await panel.innerText()).replace((await panel.getAttribute('data-title')) ?? '', '');
      expect([await panel.getAttribute('data-title'), said.match(/\d[\d.,]*/g) ?? []]).toEqual([await panel.getAttribute('data-title'), []]);
      expect(said).toMatch(/No value|No data|n\/a/);
    }
    await expect(page.locator('div[data-kind="timeseries"] .u-legend .u-series')).toHaveCount(0);
  }

  test('without a team: words instead of numbers on every board', async ({ page }) => {
    for (const { board } of boards()) {
      await open(page, playground.address, board.uid);
      await expectNoNumbers(page);
    }
  });

  test('with a refused token: words instead of numbers, and the code that says why', async ({ page }) => {
    await configure(page, [{ name: 'Payments', repositories: ['acme/payments-*'] }], 'ghp_nobody');
    await synchronised(page, /GITHUB_TOKEN_INVALID/);
    for (const { board } of boards()) {
      await open(page, playground.address, board.uid);
      await expectNoNumbers(page);
    }
    await open(page, playground.address, BOARD_UIDS.data);
    await expect(page.locator('div[data-panel="3"]')).toContainText('GITHUB_TOKEN_INVALID');
    await open(page, playground.address, BOARD_UIDS.overview);
    await expect(page.locator('div[data-title="Lead time (median)"]').getByRole('button', { name: /GITHUB_TOKEN_INVALID/ })).toBeVisible();
  });

  test('with one repository: numbers where there are facts, words where there are none', async ({ page }) => {
    await configure(page, [{ name: 'Platform', repositories: ['acme/platform-infra'] }], TOKEN);
    await synchronised(page, /"scope":"acme\/platform-infra","phase":"done"/);
    for (const { board } of boards()) {
      await open(page, playground.address, board.uid);
    }
    await open(page, playground.address, BOARD_UIDS.teams);
    await expect(page.locator('div[data-title="Deployments a day"]').first()).toContainText(/Platform\s*0\.\d\d|Platform\s*1\.\d\d/);
    // No incident of this team ended in the time range: no duration, and the bar says so.
    await expect(page.locator('div[data-title="Time to restore (median)"]').first()).toContainText('n/a');
  });
});
