import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../run/paths.js';
import type { Platform } from './platforms';

interface Lock {
  packages: Record<string, { version: string; integrity?: string } | undefined>;
}

function lockedVersion(name: string): { version: string; integrity: string | undefined } {
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const entry = lock.packages[`node_modules/@oven/${name}`];
  if (entry === undefined) {
    throw new Error(`@oven/${name} is not in package-lock.json`);
  }
  return { version: entry.version, integrity: entry.integrity };
}

function must(command: string, args: string[], cwd: string): string {
  const result = spawnSync(command, args, { cwd, encoding: 'utf8', shell: process.platform === 'win32' });
  if (result.status !== 0) {
    throw new Error(`${command} ${args.join(' ')} failed: ${result.error?.message ?? result.stderr.trim()}`);
  }
  return result.stdout;
}

/**
 * Path of Bun's runtime for a platform: the installed one where npm took it, else fetched from the npm registry at the
 * version and checksum of package-lock.json and kept in .cache.
 */
export function runtimeFor(platform: Platform): string {
  const file = platform.os === 'windows' ? 'bun.exe' : 'bun';
  const installed = join(ROOT, 'node_modules', '@oven', platform.runtime, 'bin', file);
  if (existsSync(installed)) {
    return installed;
  }
  const { version, integrity } = lockedVersion(platform.runtime);
  const folder = join(ROOT, '.cache', 'runtimes', `${platform.runtime}-${version}`);
  const kept = join(folder, 'package', 'bin', file);
  if (existsSync(kept)) {
    return kept;
  }
  const fresh = `${folder}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const [packed] = JSON.parse(must('npm', ['pack', '--json', `@oven/${platform.runtime}@${version}`], fresh)) as [{ integrity: string }];
  if (integrity !== undefined && packed.integrity !== integrity) {
    throw new Error(`@oven/${platform.runtime}@${version} from the registry is not what package-lock.json expects`);
  }
  const archive = readdirSync(fresh).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) {
    throw new Error(`npm pack left no archive of @oven/${platform.runtime}`);
  }
  must('tar', ['-xzf', archive], fresh);
  rmSync(join(fresh, archive));
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return kept;
}
