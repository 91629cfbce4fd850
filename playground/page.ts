import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
export const PAGE_FOLDER = join(ROOT, '.cache', 'playground');

/**
 * Bundles the page with Grafana's own components into .cache/playground: main.js and main.css.
 * @throws with the bundler's words when it fails
 */
export async function bundlePage(): Promise<void> {
  if (!process.versions.bun) {
    throw new Error('The playground runs under Bun: start it with "npm start".');
  }
  const child = spawn(
    process.execPath,
    ['build', join(ROOT, 'playground', 'web', 'main.tsx'), '--outdir', PAGE_FOLDER, '--target', 'browser', '--minify', '--define', 'process.env.NODE_ENV="production"'],
    { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let words = '';
  child.stderr.on('data', (part: Buffer) => (words += part.toString('utf8')));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    throw new Error(`The playground's page could not be bundled:\n${words}`);
  }
}
