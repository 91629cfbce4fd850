import { expect, test as base } from '@grafana/plugin-e2e';
import type { APIRequestContext, Page } from '@playwright/test';
import type { SyncAnswer } from '../../src/shared/resources';
import { DOUBLE } from './double';

export const PLUGIN = 'dora-metrics-datasource';

export interface DoraSource {
  uid: string;
  name: string;
}

const TEAMS = [
  { name: 'Payments', repositories: ['acme/payments-*'] },
  { name: 'Checkout', repositories: ['acme/checkout'] },
];

/** A data source on the double with two teams, and its history fetched. Its store outlives a test run, so only the first waits long. */
async function provide(request: APIRequestContext): Promise<DoraSource> {
  const uid = 'dora-e2e';
  const existing = await request.get(`/api/datasources/uid/${uid}`);
  const body = {
    uid,
    name: 'DORA e2e',
    type: PLUGIN,
    access: 'proxy',
    jsonData: { github: { apiUrl: DOUBLE.url }, teams: TEAMS },
    secureJsonData: { githubToken: DOUBLE.token },
  };
  const saved = existing.ok() ? await request.put(`/api/datasources/uid/${uid}`, { data: body }) : await request.post('/api/datasources', { data: body });
  expect(saved.status(), await saved.text()).toBe(200);
  const sync = `/api/datasources/uid/${uid}/resources/sync`;
  const started = await request.post(sync, { data: {} });
  expect(started.status(), await started.text()).toBe(200);
  await expect
    .poll(async () => ((await (await request.get(sync)).json()) as SyncAnswer).sources.map(({ running, lastSuccessAt }) => !running && lastSuccessAt !== null), {
      timeout: 60_000,
    })
    .toEqual([true]);
  return { uid, name: body.name };
}

interface Fixtures {
  dora: DoraSource;
  /** What the browser reported as an error; a test that ends with any fails. */
  errors: string[];
}

// Grafana looks up its own catalog and feature flags, which machines without internet or with much to do cannot reach in time.
const NOT_OURS = /Failed to load resource|OpenFeature|plugins from catalog|gnet|Request was aborted/;

export const test = base.extend<Fixtures>({
  // A session of its own for each test: Grafana changes the token of a session after ten minutes, and all of them last longer.
  storageState: async ({ playwright, baseURL, user }, use) => {
    const login = await playwright.request.newContext({ baseURL });
    const answered = await login.post('/login', { data: user });
    expect(answered.status(), await answered.text()).toBe(200);
    const state = await login.storageState();
    await login.dispose();
    await use(state);
  },
  dora: async ({ request }, use) => use(await provide(request)),
  // A page knows the data sources that there were when it was loaded, so they are there before any page.
  page: async ({ dora, page }, use) => {
    expect(dora.uid).not.toBe('');
    await use(page);
  },
  errors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' && !NOT_OURS.test(message.text())) {
          errors.push(message.text());
        }
      });
      await use(errors);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/**
 * Chooses the data source in the only picker of the page, and waits until it is chosen: a picker whose list is not there yet keeps the
 * source that it had.
 */
export async function chooseSource(page: Page, picker: { set(name: string): Promise<void> }, { name }: DoraSource): Promise<void> {
  const input = page.getByTestId('data-testid Select a data source').first();
  await expect(async () => {
    await picker.set(name);
    await expect(input).toHaveAttribute('placeholder', name, { timeout: 5_000 });
  }).toPass({ timeout: 60_000 });
}

/** Chooses the option that begins with this label. It is searched for, since a list shows only the options that fit. */
export async function choose(page: Page, testId: string, label: string): Promise<void> {
  await page.getByTestId(testId).click();
  await page.getByTestId(testId).fill(label);
  await page.getByRole('option', { name: new RegExp(`^${label}`) }).click();
}

/** The first query that the next request for data carries. */
export function nextQuery(page: Page): Promise<Record<string, unknown>> {
  return page
    .waitForRequest((request) => /\/api\/ds\/query/.test(request.url()) && request.method() === 'POST')
    .then((request) => (request.postDataJSON() as { queries: Array<Record<string, unknown>> }).queries[0]);
}

/** A dashboard of the last 90 days with one panel, whose only query says nothing but its data source. */
export async function boardWithPanel(request: APIRequestContext, dora: DoraSource, type: 'timeseries' | 'table'): Promise<string> {
  const uid = `dora-e2e-${type}`;
  const datasource = { type: PLUGIN, uid: dora.uid };
  const panel = { id: 1, type, title: 'DORA', gridPos: { x: 0, y: 0, w: 24, h: 12 }, datasource, targets: [{ refId: 'A', datasource }] };
  const dashboard = { uid, title: `DORA e2e ${type}`, time: { from: 'now-90d', to: 'now' }, panels: [panel] };
  const saved = await request.post('/api/dashboards/db', { data: { overwrite: true, dashboard } });
  expect(saved.status(), await saved.text()).toBe(200);
  return uid;
}
