import type { APIRequestContext, Page } from '@playwright/test';
import { BOARD_UIDS } from '../../src/shared/boards';
import { allPanels, type Board, boards } from '../dashboards/provisioned';
import { type DoraSource, expect, PLUGIN, test } from './dora';
import { DOUBLE } from './double';

/** Each board in a real Grafana: on a source with facts, and on one whose token is refused. */

const WIDTHS = [1_280, 1_920];

/** High enough for every panel of a board to be drawn at once: Grafana draws those in sight only. */
const WHOLE_BOARD = { width: 1_400, height: 3_400 };

test.setTimeout(300_000);

/** Stores the board under its own address, on this data source. */
async function provide(request: APIRequestContext, board: Board, { name, uid }: DoraSource): Promise<void> {
  const templating = { list: board.templating.list.map((variable) => (variable.type === 'datasource' ? { ...variable, current: { text: name, value: uid } } : variable)) };
  const saved = await request.post('/api/dashboards/db', { data: { overwrite: true, dashboard: { ...board, id: null, templating } } });
  // Grafana refuses to change a provisioned one, which is as good.
  expect([200, 400], await saved.text()).toContain(saved.status());
}

/**
 * Every panel was drawn once and none waits for an answer. Requests are not counted: a panel that scrolls out of sight, or whose
 * synchronisation has news, takes its question back.
 */
async function settled(page: Page): Promise<void> {
  const loading = page.getByLabel('Panel loading bar');
  for (let turn = 0; turn < 6; turn += 1) {
    await page.mouse.wheel(0, 700);
    await expect(loading).toHaveCount(0, { timeout: 60_000 });
  }
}

test.beforeAll(async ({ request }) => {
  expect((await request.get(`/api/plugins/${PLUGIN}/settings`)).status()).toBe(200);
});

for (const [index, { board }] of boards().entries()) {
  test(`${board.title} shows every panel without an error, on a laptop and on a wide screen`, async ({ gotoDashboardPage, page, request, dora }) => {
    await provide(request, board, dora);
    const theme = index % 2 === 0 ? 'dark' : 'light';
    await gotoDashboardPage({ uid: board.uid, queryParams: new URLSearchParams({ 'var-datasource': dora.uid, theme }) });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 1_000 });
      await settled(page);
      await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
      await expect(page.getByText('How to read this').first()).toBeAttached();
    }
  });
}

test('a bar leads to the deployments of its team and week, and from there to the release', async ({ gotoDashboardPage, page, request, dora }) => {
  for (const { board } of boards()) {
    await provide(request, board, dora);
  }
  await page.setViewportSize(WHOLE_BOARD);
  const board = await gotoDashboardPage({ uid: BOARD_UIDS.overview, queryParams: new URLSearchParams({ 'var-datasource': dora.uid, 'var-team': 'Payments' }) });
  const panel = board.getPanelByTitle('Deployments over time');
  const plot = panel.locator.locator('.u-over');
  const { width, height } = (await plot.boundingBox())!;
  const link = page.getByRole('link', { name: 'Deployments', exact: true });
  // Grafana holds the tooltip of a click that is near the top of a bar, wherever that is.
  for (let y = 12; y < height && (await link.count()) === 0; y += 24) {
    await plot.hover({ position: { x: width / 2 + 16, y } });
    await plot.click({ position: { x: width / 2 + 16, y } });
    await link.waitFor({ timeout: 1_000 }).catch(() => undefined);
  }
  await expect(link).toHaveAttribute('href', /\/d\/dora-deployments\?from=\d+&to=\d+&.*var-team=Payments/);
  await page.goto((await link.getAttribute('href'))!);
  const rows = (await gotoDashboardPage({ uid: BOARD_UIDS.deployments, queryParams: new URL(page.url()).searchParams })).getPanelByTitle('Deployments');
  await expect(rows.locator.getByRole('link', { name: /^[0-9a-f]{7,}/ }).first()).toHaveAttribute('href', /\/acme\/payments-/);
});

test('with a refused token no board shows a number, and the panels name the code', async ({ gotoDashboardPage, page, request }) => {
  const refused: DoraSource = { uid: 'dora-e2e-refused', name: 'Refused token' };
  const body = { ...refused, type: PLUGIN, access: 'proxy', jsonData: { github: { apiUrl: DOUBLE.url }, teams: [{ name: 'Payments', repositories: ['acme/payments-*'] }] }, secureJsonData: { githubToken: 'ghp_nobody' } };
  const existing = await request.get(`/api/datasources/uid/${refused.uid}`);
  const saved = existing.ok() ? await request.put(`/api/datasources/uid/${refused.uid}`, { data: body }) : await request.post('/api/datasources', { data: body });
  expect(saved.status(), await saved.text()).toBe(200);
  await expect.poll(async () => await (await request.get(`/api/datasources/uid/${refused.uid}/resources/sync`)).text(), { timeout: 60_000 }).toContain('GITHUB_TOKEN_INVALID');
  await page.setViewportSize(WHOLE_BOARD);
  for (const { board } of boards()) {
    await provide(request, board, refused);
    const opened = await gotoDashboardPage({ uid: board.uid, queryParams: new URLSearchParams({ 'var-datasource': refused.uid }) });
    await settled(page);
    for (const { title, type } of allPanels(board.panels).filter((panel) => panel.type === 'stat' || panel.type === 'bargauge')) {
      const panel = opened.getPanelByTitle(title).locator.first();
      await expect(panel.getByText(/No value|No data|n\/a/).first()).toBeVisible();
      const said = (await panel.innerText()).replace(title, '');
      expect([board.title, title, type, said.match(/\d/)]).toEqual([board.title, title, type, null]);
    }
    for (const { title, type, fieldConfig } of allPanels(board.panels).filter((panel) => panel.type === 'timeseries' || panel.type === 'table')) {
      const panel = opened.getPanelByTitle(title).locator.first();
      const words = panel.getByText(String(fieldConfig?.defaults.noValue), { exact: true });
      // Tables of the teams themselves and of the synchronisation have rows here, too; behind their head.
      await expect(type === 'table' ? words.or(panel.getByRole('row').nth(1)).first() : words).toBeVisible();
    }
  }
  await gotoDashboardPage({ uid: BOARD_UIDS.data, queryParams: new URLSearchParams({ 'var-datasource': refused.uid }) });
  await expect(page.getByText('GITHUB_TOKEN_INVALID').first()).toBeVisible();
});
