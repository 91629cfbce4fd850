import type { PluginOptions } from '@grafana/plugin-e2e';
import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { findBun } from '../../.config/run/bun.js';
import { DOUBLE } from './double';

/**
 * The plugin in a real Grafana that runs already, with the plugin installed: GRAFANA_URL (http://localhost:3000),
 * GRAFANA_USER and GRAFANA_PASSWORD (admin, admin). GitHub is the double, started here; for a Grafana on another machine
 * start one that it reaches and name it in DORA_GITHUB_API_URL and DORA_GITHUB_TOKEN.
 */
const resolve = createRequire(import.meta.url).resolve;
const auth = join(dirname(resolve('@grafana/plugin-e2e')), 'auth');
const root = join(import.meta.dirname, '../..');
const browser = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => path !== undefined && existsSync(path));

export default defineConfig<PluginOptions>({
  testDir: import.meta.dirname,
  outputDir: join(root, 'test-results'),
  timeout: 120_000,
  expect: { timeout: 20_000 },
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    baseURL: process.env.GRAFANA_URL ?? 'http://localhost:3000',
    user: { user: process.env.GRAFANA_USER ?? 'admin', password: process.env.GRAFANA_PASSWORD ?? 'admin' },
    viewport: { width: 1500, height: 1000 },
    trace: 'retain-on-failure',
    launchOptions: { ...(browser && { executablePath: browser }), args: ['--no-sandbox', '--disable-gpu'] },
  },
  projects: [
    { name: 'auth', testDir: auth, testMatch: [/.*\.js/] },
    { name: 'grafana', testMatch: [/.*\.spec\.ts/], dependencies: ['auth'], use: { storageState: 'playwright/.auth/admin.json' } },
  ],
  ...(DOUBLE.started && {
    webServer: {
      command: `"${findBun()}" "${join(root, 'tests/doubles/github/main.ts')}" --sample --port ${DOUBLE.port}`,
      cwd: root,
      port: DOUBLE.port,
      reuseExistingServer: true,
    },
  }),
});
