import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './paths.js';

/**
 * Bun's packages for a platform of Node's naming, the best first. x64 prefers `baseline`, which also runs on processors
 * without AVX2; npm installs only what fits the machine's system, processor and C library.
 */
function packagesFor(platform, arch) {
  const system = platform === 'win32' ? 'windows' : platform;
  const processor = arch === 'arm64' ? 'aarch64' : arch;
  const libraries = platform === 'linux' ? ['', '-musl'] : [''];
  const variants = arch === 'x64' ? ['-baseline', ''] : [''];
  return libraries.flatMap((library) => variants.map((variant) => `bun-${system}-${processor}${library}${variant}`));
}

/** Path of the Bun that npm installed, or null. It lies in its package as a plain file: no install script is needed. */
export function findBun(platform = process.platform, arch = process.arch) {
  const file = platform === 'win32' ? 'bun.exe' : 'bun';
  const candidates = packagesFor(platform, arch).map((name) => join(ROOT, 'node_modules', '@oven', name, 'bin', file));
  return candidates.find((path) => existsSync(path)) ?? null;
}
