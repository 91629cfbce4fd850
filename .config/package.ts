import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { archive, type ArchivedFile } from './build/archive';
import { compileExecutable } from './build/executable';
import { packageVersion } from './build/files';
import { buildMoment } from './build/moment';
import { buildPage } from './build/page';
import { PLATFORMS, executableName, type Platform } from './build/platforms';
import { sign } from './build/sign';
import { problemsOf } from './build/verify';
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
function commonFiles(): ArchivedFile[] {
  return filesUnder(DIST)
    .map((path) => ({ name: relative(DIST, path).split(sep).join('/'), path }))
    .filter(({ name }) => !name.startsWith('gpx_'))
    .map(({ name, path }) => ({ name: `${PLUGIN_ID}/${name}`, bytes: readFileSync(path), executable: false }));
}

/** Writes one platform's zip and its checksum; returns a line about it. */
function packPlatform(platform: Platform, common: readonly ArchivedFile[]): string {
  const folder = join(ROOT, '.cache', 'package');
  const program = compileExecutable(platform, folder);
  const files: ArchivedFile[] = [...common, { name: `${PLUGIN_ID}/${executableName(platform)}`, bytes: readFileSync(program), executable: true }];
  rmSync(folder, { recursive: true });
  const manifest = signature(files);
  if (manifest !== null) {
    files.push({ name: `${PLUGIN_ID}/MANIFEST.txt`, bytes: manifest, executable: false });
  }
  const zip = archive(files, buildMoment());
  const problems = problemsOf(zip, PLUGIN_ID, executableName(platform), grafanaSchema());
  if (problems.length > 0) {
    throw new Error(`The zip would not do:\n${problems.join('\n')}`);
  }
  const name = `${PLUGIN_ID}-${packageVersion()}.${platform.name}.zip`;
  writeFileSync(join(ARTIFACTS, name), zip);
  const sum = createHash('sha256').update(zip).digest('hex');
  writeFileSync(join(ARTIFACTS, `${name}.sha256`), `${sum}  ${name}\n`);
  return `${name}: ${Math.round(zip.length / 1024 / 1024)} MB, sha256 ${sum}\n`;
}

/** Grafana's signature over these files; null where nobody asked for one. */
function signature(files: readonly ArchivedFile[]): Uint8Array | null {
  const folder = join(ROOT, '.cache', 'sign');
  for (const { name, bytes, executable } of files) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { mode: executable ? 0o755 : 0o644 });
  }
  const signed = sign(join(folder, PLUGIN_ID));
  const manifest = signed ? readFileSync(join(folder, PLUGIN_ID, 'MANIFEST.txt')) : null;
  rmSync(folder, { recursive: true, force: true });
  return manifest;
}

/** Grafana's schema of plugin.json, where GRAFANA_PLUGIN_SCHEMA names its file. */
function grafanaSchema(): object | undefined {
  const path = process.env.GRAFANA_PLUGIN_SCHEMA;
  return path ? (JSON.parse(readFileSync(path, 'utf8')) as object) : undefined;
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
