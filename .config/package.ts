import { zipSync, type Zippable } from 'fflate';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { compileExecutable } from './build/executable';
import { packageVersion } from './build/files';
import { buildPage } from './build/page';
import { PLATFORMS, executableName, type Platform } from './build/platforms';
import { ROOT } from './run/paths.js';

const PLUGIN_ID = 'dora-metrics-datasource';
const ARTIFACTS = join(ROOT, 'artifacts');
const DIST = join(ROOT, 'dist');

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The plugin's files without any executable, under the folder name that Grafana expects in a zip. */
function commonFiles(): Zippable {
  const entries: Zippable = {};
  for (const path of filesUnder(DIST)) {
    const name = relative(DIST, path).split(sep).join('/');
    if (!name.startsWith('gpx_')) {
      entries[`${PLUGIN_ID}/${name}`] = [readFileSync(path), { os: 3, attrs: 0o100644 << 16 }];
    }
  }
  return entries;
}

/** Writes one platform's zip and its checksum; returns a line about it. */
function packPlatform(platform: Platform, common: Zippable): string {
  const folder = join(ROOT, '.cache', 'package');
  const executable = compileExecutable(platform, folder);
  const program: Zippable = {
    // The mode is what makes it start after unpacking on Linux and macOS.
    [`${PLUGIN_ID}/${executableName(platform)}`]: [readFileSync(executable), { os: 3, attrs: 0o100755 << 16, level: 6 }],
  };
  rmSync(folder, { recursive: true });
  const zip = zipSync({ ...common, ...program }, { level: 6, mtime: buildTime() });
  const name = `${PLUGIN_ID}-${packageVersion()}.${platform.name}.zip`;
  writeFileSync(join(ARTIFACTS, name), zip);
  writeFileSync(join(ARTIFACTS, `${name}.sha256`), `${createHash('sha256').update(zip).digest('hex')}  ${name}\n`);
  return `${name}: ${Math.round(zip.length / 1024 / 1024)} MB\n`;
}

/** Local time fields of a fixed moment, so that equal inputs make equal zips where SOURCE_DATE_EPOCH asks for it. */
function buildTime(): Date {
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return epoch ? new Date(Number(epoch) * 1_000) : new Date();
}

/** A zip for each platform, or for those named; says which could not be made, and then ends with code 1. */
async function main(names: string[]): Promise<void> {
  const wanted = PLATFORMS.filter((platform) => names.length === 0 || names.includes(platform.name));
  const unknown = names.filter((name) => !PLATFORMS.some((platform) => platform.name === name));
  if (unknown.length > 0) {
    throw new Error(`Unknown platform ${unknown.join(', ')}; known are ${PLATFORMS.map(({ name }) => name).join(', ')}`);
  }
  process.stdout.write(await buildPage());
  rmSync(ARTIFACTS, { recursive: true, force: true });
  mkdirSync(ARTIFACTS, { recursive: true });
  const common = commonFiles();
  const failed: string[] = [];
  for (const platform of wanted) {
    try {
      process.stdout.write(packPlatform(platform, common));
    } catch (error) {
      failed.push(platform.name);
      process.stderr.write(`${platform.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  if (failed.length > 0) {
    throw new Error(`No zip for ${failed.join(', ')}`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
