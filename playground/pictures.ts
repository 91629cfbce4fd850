import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Page, chromium } from 'playwright-core';
import { chromiumOptions } from '../tests/browser/launch';
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
  /** Scrolls and opens what the picture shows. */
  prepare?(page: Page): Promise<void>;
}

const QUERY = encodeURIComponent(JSON.stringify({ refId: 'A', queryType: 'metric', metric: 'lead-time', statistic: 'median', interval: 'week', teams: ['Payments', 'Checkout', 'Search'] }));

async function scrollTo(page: Page, title: string): Promise<void> {
  await page.getByRole('button', { name: title }).evaluate((row) => window.scrollTo(0, row.getBoundingClientRect().top + window.scrollY - 12));
}

const PICTURES: Picture[] = [
  { name: 'overview', path: '/d/dora-overview', height: 955 },
  { name: 'stages', path: '/d/dora-overview', height: 800, prepare: (page) => scrollTo(page, 'Where the lead time goes') },
  { name: 'facts', path: '/d/dora-overview', height: 1_090, prepare: (page) => scrollTo(page, 'What happened') },
  { name: 'trust', path: '/d/dora-overview', height: 770, prepare: (page) => scrollTo(page, 'Can these numbers be trusted?') },
  { name: 'query', path: `/explore?query=${QUERY}`, height: 830 },
  { name: 'settings', path: '/connections/datasources/edit/dora', height: 1_100 },
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
