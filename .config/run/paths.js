import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder; every script names its files from here, wherever it was called. */
export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');
