import type { APIRequestContext } from '@playwright/test';
import { expect, PLUGIN, test } from './dora';
import { DOUBLE } from './double';

/**
 * A board that is opened while the first synchronisation runs: it fills by itself, by Grafana Live where the server has it, by asking
 * where it has not (`[live] max_connections = 0`). Run it on both.
 */

/** Long enough for the page to be open before the end of the synchronisation. */
const LATENCY_MS = 1_500;

/** A data source that has fetched nothing yet. */
async function provideEmpty(request: APIRequestContext): Promise<string> {
  const uid = `dora-e2e-live-${Date.now()}`;
  const teams = [{ name: 'Payments', repositories: ['acme/payments-*'] }];
  const data = { uid, name: `First synchronisation ${uid}`, type: PLUGIN, access: 'proxy', jsonData: { github: { apiUrl: DOUBLE.url }, teams }, secureJsonData: { githubToken: DOUBLE.token } };
  const saved = await request.post('/api/datasources', { data });
  expect(saved.status(), await saved.text()).toBe(200);
  return uid;
}

async function provideBoard(request: APIRequestContext, uid: string): Promise<void> {
  const datasource = { type: PLUGIN, uid };
  const panels = [
    { id: 1, type: 'table', title: 'Progress', gridPos: { x: 0, y: 0, w: 24, h: 8 }, datasource, targets: [{ refId: 'A', datasource, queryType: 'sync' }] },
    { id: 2, type: 'table', title: 'Releases', gridPos: { x: 0, y: 8, w: 24, h: 10 }, datasource, targets: [{ refId: 'A', datasource, queryType: 'deployments' }] },
  ];
  const saved = await request.post('/api/dashboards/db', { data: { overwrite: true, dashboard: { uid, title: uid, time: { from: 'now-30d', to: 'now' }, panels } } });
  expect(saved.status(), await saved.text()).toBe(200);
}

test('an open board fills by itself while the first synchronisation runs', async ({ gotoDashboardPage, page, request }) => {
  const { liveEnabled } = (await (await request.get('/api/frontend/settings')).json()) as { liveEnabled: boolean };
  const slow = (ms: number) => request.post(`${DOUBLE.url}/_control/latency`, { data: { ms } });
  const slowed = await slow(LATENCY_MS);
  expect(slowed.ok(), await slowed.text()).toBe(true);
  const uid = await provideEmpty(request);
  try {
    await provideBoard(request, uid);
    const heard: string[] = [];
    const asked: string[] = [];
    page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => String(payload).includes(`ds/${uid}/sync`) && heard.push(String(payload))));
    page.on('request', (one) => one.url().endsWith(`/api/datasources/uid/${uid}/resources/sync`) && asked.push(one.url()));
    await gotoDashboardPage({ uid });
    const board = (title: string) => page.getByRole('region', { name: title, exact: true });
    await expect(board('Progress').getByText('acme/payments-api')).toBeVisible();
    await expect(board('Progress').getByText('done')).toHaveCount(3, { timeout: 90_000 });
    await expect(board('Releases').getByText('acme/payments-web').first()).toBeVisible({ timeout: 60_000 });
    if (liveEnabled) {
      expect(heard.length).toBeGreaterThan(2);
    } else {
      expect([heard.length, asked.length > 2]).toEqual([0, true]);
    }
  } finally {
    await slow(0);
    await request.delete(`/api/datasources/uid/${uid}`);
    await request.delete(`/api/dashboards/uid/${uid}`);
  }
});
