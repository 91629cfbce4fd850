import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exportedNames, importedNames } from './compat/names';
import { prepareSandbox, type GrafanaVersion } from './compat/sandbox';
import { ROOT } from './run/paths.js';

/** The floor of plugin.json, and a late release of each minor version since, whose packages are all in the registry. */
const VERSIONS: readonly GrafanaVersion[] = [
  { grafana: '12.3.0', react: '18' },
  { grafana: '12.4.10', react: '18' },
  { grafana: '13.0.2', react: '18' },
  { grafana: '13.1.1', react: '18' },
  { grafana: '13.2.2', react: '19' },
];

/** Modules that Grafana gives to its plugins: a name that is missing there is `undefined` only when a user comes by. */
const GIVEN = ['@grafana/data', '@grafana/runtime', '@grafana/ui'];

function scripts(folder: string, extension: RegExp): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && extension.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

function moduleFile(sandbox: string, name: string): string {
  const folder = join(sandbox, 'node_modules', name);
  const { module } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { module?: string };
  const file = join(folder, module ?? 'dist/esm/index.mjs');
  if (!existsSync(file)) {
    throw new Error(`${name} has no ES module at ${file}`);
  }
  return file;
}

/** Names that our sources take from Grafana and this version does not have. */
function missingNames(sandbox: string): string[] {
  const exported = new Map(GIVEN.map((name) => [name, exportedNames(moduleFile(sandbox, name))]));
  const missing = new Set<string>();
  for (const file of scripts(join(sandbox, 'src'), /\.tsx?$/)) {
    for (const [module, names] of importedNames(file)) {
      for (const name of names) {
        if (exported.get(module)?.has(name) === false) {
          missing.add(`${file.slice(sandbox.length + 1)}: ${module} has no ${name}`);
        }
      }
    }
  }
  return [...missing];
}

function typeErrors(sandbox: string): string[] {
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const { status, stdout } = spawnSync(process.execPath, ['--bun', tsc, '--noEmit', '-p', sandbox], { cwd: sandbox, encoding: 'utf8' });
  return status === 0 ? [] : stdout.trim().split('\n');
}

/** What does not fit; a version that could not be checked is a problem too. */
function problemsWith(version: GrafanaVersion): string[] {
  try {
    const sandbox = prepareSandbox(version);
    return [...missingNames(sandbox), ...typeErrors(sandbox)];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

/** Types and imports of the browser part against each supported Grafana, or against those named. */
function main(names: string[]): number {
  const chosen = VERSIONS.filter(({ grafana }) => names.length === 0 || names.includes(grafana));
  let failures = 0;
  for (const version of chosen) {
    const problems = problemsWith(version);
    failures += problems.length > 0 ? 1 : 0;
    process.stdout.write(`Grafana ${version.grafana}, React ${version.react}: ${problems.length > 0 ? 'NOT OK' : 'ok'}\n`);
    process.stdout.write(problems.map((line) => `  ${line}\n`).join(''));
  }
  process.stdout.write(`${chosen.length - failures} of ${chosen.length} versions ok\n`);
  return failures > 0 || chosen.length === 0 ? 1 : 0;
}

process.exitCode = main(process.argv.slice(2));
