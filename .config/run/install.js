import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBun } from './bun.js';
import { ROOT } from './paths.js';

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/**
 * What keeps node_modules from being what package-lock.json says; null when nothing does. npm writes its own list at the
 * end of an installation, so a broken-off one is seen too.
 */
export function missingPackages() {
  const installedList = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installedList)) {
    return 'node_modules is not there or not complete';
  }
  const installed = packagesOf(installedList);
  for (const [path, wanted] of Object.entries(packagesOf(join(ROOT, 'package-lock.json')))) {
    const isPackage = path !== '' && !wanted.link && !wanted.optional;
    if (isPackage && installed[path]?.version !== wanted.version) {
      return `${path} is ${installed[path]?.version ?? 'not there'}, package-lock.json says ${wanted.version}`;
    }
  }
  return findBun() === null ? `Bun for ${process.platform} ${process.arch} is not there` : null;
}

/** Installs exactly what package-lock.json says when anything of it is missing. Throws with a remedy when it cannot. */
export function installWhatIsMissing() {
  const reason = missingPackages();
  if (reason === null) {
    return;
  }
  process.stderr.write(`Installing packages: ${reason}.\n`);
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const result = npm
    ? spawnSync(process.execPath, [npm, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', args, { cwd: ROOT, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0) {
    throw new Error('npm ci failed: see its message above. It needs the npm registry, or a cache of it.');
  }
  const still = missingPackages();
  if (still !== null) {
    throw new Error(`After npm ci, ${still}. Bun is an optional package: check that npm is not told to omit these.`);
  }
}
