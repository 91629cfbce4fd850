import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './dora';

const FOLDER = join(import.meta.dirname, '../../provisioning/dashboards');

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.json'))) {
  test(`dashboard ${file} shows every panel without an error`, async ({ gotoDashboardPage, page, request, dora }) => {
    const dashboard = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { uid?: string; title: string; templating: { list: Array<Record<string, unknown>> } };
    const source = dashboard.templating.list.find(({ type }) => type === 'datasource');
    if (source) {
      source.current = { text: dora.name, value: dora.uid };
    }
    const uid = `e2e-${file.replace(/\.json$/, '')}`.slice(0, 40);
    const saved = await request.post('/api/dashboards/db', { data: { overwrite: true, dashboard: { ...dashboard, id: null, uid, title: `${dashboard.title} (e2e)` } } });
    expect(saved.status(), await saved.text()).toBe(200);

    const board = await gotoDashboardPage({ uid });
    await board.waitForPanelsQueriesToComplete({ scrollAll: true, timeout: 60_000 });
    await expect(page.getByTestId('data-testid Panel status error')).toHaveCount(0);
    await expect(page.getByText('Payments').first()).toBeVisible();
  });
}
