import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../run/paths.js';

const STAMP = join(ROOT, '.cache', 'build-inputs');
const FOLDERS = ['src', '.config', 'provisioning/dashboards'];
const FILES = ['package.json', 'package-lock.json', 'tsconfig.json', 'CHANGELOG.md', 'LICENSE'];

function filesUnder(path: string): string[] {
  const entries = readdirSync(join(ROOT, path), { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? filesUnder(`${path}/${entry.name}`) : [`${path}/${entry.name}`]));
}

/** Hash of everything that the build reads, the same on every machine. */
export function sourceHash(): string {
  const hash = createHash('sha256');
  const files = [...FILES, ...FOLDERS.flatMap(filesUnder)];
  for (const file of files.sort()) {
    hash.update(`\0${file}\0`).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex');
}

/** What dist/ depends on: equal ones make an equal folder. */
export function fingerprint(): string {
  return `${process.platform} ${process.arch} ${sourceHash()}`;
}

export function lastFingerprint(): string | null {
  return existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : null;
}

export function keepFingerprint(value: string): void {
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, value);
}
