import { closeSync, existsSync, fchmodSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DoraError } from '../../shared/errors';
import { migrate, MIGRATIONS, schemaVersion } from './schema';
import { sqliteFailure } from './failure';

export const MEMORY = ':memory:';

/** SQLite waits in the thread that also answers queries, so it gives up soon and the caller tries again later. */
const BUSY_MS = 20;

/** At the start there is nothing yet to answer from, and the process before this one may be ending. */
const OPEN_BUSY_MS = 2_000;

/** SQLite's companions of a database file, by suffix. */
const SUFFIXES = ['', '-wal', '-shm'];

function connect(path: string): DatabaseSync {
  if (path !== MEMORY) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its companion files the mode of the database file; history of private repositories is nobody else's.
    closeSync(ownedOnly(openSync(path, 'a', 0o600)));
  }
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${OPEN_BUSY_MS}`);
    database.exec('PRAGMA journal_mode = WAL');
    // With WAL a killed process loses nothing; a power cut may lose the last pages, which are then fetched again.
    database.exec('PRAGMA synchronous = NORMAL');
    database.exec('PRAGMA cache_size = -16384');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Takes the file from others who may read it, such as one that was restored from a copy. */
function ownedOnly(descriptor: number): number {
  if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0) {
    try {
      fchmodSync(descriptor, 0o600);
    } catch {
      // Somebody else's file, who decides.
    }
  }
  return descriptor;
}

/** Renames a file that cannot be used, with its companions; keeps only the newest such copy. */
export function setAside(path: string, reason: 'corrupt'): string {
  const folder = dirname(path);
  const prefix = `${basename(path)}.${reason}-`;
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (name.startsWith(prefix)) {
      rmSync(join(folder, name), { force: true });
    }
  }
  const aside = `${path}.${reason}-${new Date().toISOString().replace(/[:.]/g, '')}`;
  for (const suffix of SUFFIXES) {
    if (existsSync(path + suffix)) {
      renameSync(path + suffix, aside + suffix);
    }
  }
  return aside;
}

export interface OpenedFile {
  database: DatabaseSync;
  /** Name of the copy when the file was set aside. */
  aside: string | null;
}

/**
 * Opens or creates a database file at the current schema; one that is damaged is set aside.
 * @throws DoraError STORE_NEWER for a file of a later version, which is left as it is.
 */
export function openFile(path: string, migrations: readonly string[] = MIGRATIONS): OpenedFile {
  try {
    return { database: openCurrent(path, migrations), aside: null };
  } catch (error) {
    if (sqliteFailure(error) !== 'corrupt') {
      throw error;
    }
    const aside = setAside(path, 'corrupt');
    return { database: openCurrent(path, migrations), aside };
  }
}

function openCurrent(path: string, migrations: readonly string[]): DatabaseSync {
  const database = connect(path);
  try {
    const version = schemaVersion(database);
    if (version > migrations.length) {
      throw new DoraError('STORE_NEWER', `${path} was written by a later version of the plugin (schema ${version}; this version knows ${migrations.length}). Nothing was changed in it.`);
    }
    migrate(database, migrations);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
