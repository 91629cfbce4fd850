import { closeSync, existsSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { migrate, SCHEMA_VERSION, schemaVersion } from './schema';
import { sqliteFailure } from './failure';

export const MEMORY = ':memory:';

/** SQLite waits in the thread that also answers queries, so it gives up soon and the caller tries again later. */
const BUSY_MS = 20;

/** SQLite's companions of a database file, by suffix. */
const SUFFIXES = ['', '-wal', '-shm'];

function connect(path: string): DatabaseSync {
  if (path !== MEMORY) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // SQLite gives its companion files the mode of the database file; history of private repositories is nobody else's.
    closeSync(openSync(path, 'a', 0o600));
  }
  const database = new DatabaseSync(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
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

/** Renames a file that cannot be used, with its companions; keeps only the newest such copy. */
export function setAside(path: string, reason: 'corrupt' | 'newer'): string {
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

/** Opens or creates a database file at the current schema; one that is damaged or from a later version is set aside. */
export function openFile(path: string): OpenedFile {
  let database: DatabaseSync | null = null;
  try {
    database = connect(path);
    if (schemaVersion(database) <= SCHEMA_VERSION) {
      migrate(database);
      return { database, aside: null };
    }
  } catch (error) {
    database?.close();
    if (sqliteFailure(error) !== 'corrupt') {
      throw error;
    }
    const aside = setAside(path, 'corrupt');
    return { database: openNew(path), aside };
  }
  database.close();
  const aside = setAside(path, 'newer');
  return { database: openNew(path), aside };
}

function openNew(path: string): DatabaseSync {
  const database = connect(path);
  migrate(database);
  return database;
}
