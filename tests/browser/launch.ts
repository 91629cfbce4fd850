import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LaunchOptions } from 'playwright-core';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, '.cache', 'chromium');
const LIBRARIES = join(FOLDER, 'al2023', 'lib');
const FONTS = join(FOLDER, 'fonts.conf');

/** Written last: a folder without it was left by an unpacking that broke off. */
const COMPLETE = join(FOLDER, 'complete');

/**
 * Unpacks the npm package's Chromium with its libraries and fonts; returns the executable. The package decides by the
 * environment where to unpack and whether to add its libraries, so the environment is set for the while.
 */
async function unpack(): Promise<string> {
  const executable = join(FOLDER, 'chromium');
  if (existsSync(COMPLETE)) {
    return executable;
  }
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  const before = { ...process.env };
  Object.assign(process.env, { TMPDIR: FOLDER, AWS_LAMBDA_JS_RUNTIME: '22.x' });
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
  } finally {
    process.env = before;
  }
  writeFileSync(FONTS, `<?xml version="1.0"?><fontconfig><dir>${join(FOLDER, 'fonts')}</dir><cachedir>${join(FOLDER, 'font-cache')}</cachedir></fontconfig>\n`);
  writeFileSync(COMPLETE, '');
  return executable;
}

function lacksLibraries(executable: string): boolean {
  const { stdout } = spawnSync('ldd', [executable], { encoding: 'utf8' });
  return (stdout as string | null)?.includes('not found') ?? true;
}

/** What the system lacks of libraries and fonts, the package's own stand in for. */
function environmentFor(executable: string): Record<string, string | undefined> {
  const env = { ...process.env, HOME: process.env.HOME ?? FOLDER };
  return {
    ...env,
    ...(lacksLibraries(executable) ? { LD_LIBRARY_PATH: [LIBRARIES, process.env.LD_LIBRARY_PATH].filter(Boolean).join(':') } : {}),
    ...(existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_FILE: FONTS }),
  };
}

/**
 * How Playwright starts a Chromium here: the one that CHROMIUM names; on x64 Linux the one of the npm package, which needs
 * nothing from the system; elsewhere the installed Chrome.
 */
export async function chromiumOptions(): Promise<LaunchOptions> {
  const args = ['--no-sandbox', '--font-render-hinting=none'];
  if (process.env.CHROMIUM) {
    return { executablePath: process.env.CHROMIUM, args };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { channel: 'chrome', args };
  }
  const executablePath = await unpack();
  return { executablePath, args, env: environmentFor(executablePath) };
}
