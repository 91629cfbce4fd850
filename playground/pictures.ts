import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, chromium } from 'playwright-core';
import { chromiumOptions } from '../tests/browser/launch';
import { BOARD_UIDS } from '../src/shared/boards';
import { bundlePage } from './page';
import { Bridge } from './bridge';
import { readManifest, serve } from './server';
import { startSession } from './session';
import { waitForSync } from './terminal';

/** The pictures of README and documentation, light and dark, taken from the playground on the sample organisation. */
const FOLDER = join(import.meta.dirname, '..', 'docs', 'img');

interface Picture {
  name: string;
  path: string;
  height: number;
  /** Opens what the picture shows. */
  prepare?(page: Page): Promise<void>;
}

const SETTINGS = '/connections/datasources/edit/dora';
const IMPORT = `teams:
  - name: Payments
    repositories: [acme/payments-*]
    branches: [main, release/*]
  - name: Search
    repositories: [acme/search-*]
  - name: Data
    repositories: [acme/data-*]
`;
const QUERY = encodeURIComponent(JSON.stringify({ refId: 'A', queryType: 'metric', metric: 'lead-time', statistic: 'median', interval: 'week', teams: ['Payments', 'Checkout', 'Search'] }));

const PICTURES: Picture[] = [
  { name: 'overview', path: `/d/${BOARD_UIDS.overview}`, height: 1_330 },
  { name: 'teams', path: `/d/${BOARD_UIDS.teams}`, height: 1_800 },
  { name: 'lead-time', path: `/d/${BOARD_UIDS.leadTime}`, height: 2_220 },
  { name: 'deployments', path: `/d/${BOARD_UIDS.deployments}`, height: 1_560 },
  { name: 'stability', path: `/d/${BOARD_UIDS.stability}`, height: 1_700 },
  { name: 'data', path: `/d/${BOARD_UIDS.data}`, height: 1_500 },
  { name: 'query', path: `/explore?query=${QUERY}`, height: 830 },
  { name: 'examples', path: `/explore?query=${QUERY}`, height: 640, prepare: (page) => page.getByTestId('dora-templates').click() },
  { name: 'help', path: `/explore?query=${QUERY}`, height: 900, prepare: (page) => page.getByRole('button', { name: 'Help' }).click() },
  { name: 'settings', path: SETTINGS, height: 1_100 },
  {
    name: 'import',
    path: SETTINGS,
    height: 980,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Import YAML' }).click();
      await page.getByTestId('dora-yaml-import').fill(IMPORT);
      // Without the scroll bar that the page behind the dialog would show.
      await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    },
  },
];

async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => document.querySelectorAll('[data-state="Loading"], [data-state="NotStarted"]').length === 0);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(800);
}

async function main(): Promise<void> {
  // Names of pictures as arguments: only those.
  const wanted = process.argv.slice(2);
  mkdirSync(FOLDER, { recursive: true });
  await bundlePage();
  const session = await startSession();
  const { plugin, jsonData, secrets } = session;
  const server = await serve(new Bridge(plugin, readManifest(), { jsonData, secrets, version: 1 }), 0);
  const browser = await chromium.launch(await chromiumOptions());
  try {
    await waitForSync(session, process.stderr);
    for (const theme of ['light', 'dark']) {
      for (const { name, path, height, prepare } of PICTURES.filter((picture) => wanted.length === 0 || wanted.includes(picture.name))) {
        const page = await browser.newPage({ viewport: { width: 1_440, height }, locale: 'en-GB', timezoneId: 'UTC' });
        await page.goto(`${server.address}${path}${path.includes('?') ? '&' : '?'}theme=${theme}`);
        await settled(page);
        if (prepare) {
          await prepare(page);
          await settled(page);
        }
        await page.screenshot({ path: join(FOLDER, `${name}-${theme}.png`) });
        await page.close();
        process.stdout.write(`docs/img/${name}-${theme}.png\n`);
      }
    }
  } finally {
    await browser.close();
    await server.close();
    await session.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
