import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './launch';

/** A real Chromium on the playground, one browser at a time: the machine also runs the executable and the double. */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../../test-results/browser',
  workers: 1,
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: process.env.DORA_LONG === '1' ? 300_000 : 120_000,
  expect: { timeout: 20_000 },
  use: {
    browserName: 'chromium',
    headless: true,
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1400, height: 900 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: await chromiumOptions(),
  },
});
