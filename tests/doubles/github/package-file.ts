import { fileURLToPath } from 'node:url';

/** A file of an installed package, whatever its `exports` say. */
export function packageFile(path: string): string {
  return fileURLToPath(new URL(`../../../node_modules/${path}`, import.meta.url));
}
