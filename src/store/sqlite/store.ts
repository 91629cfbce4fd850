import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DoraError } from '../../shared/errors';
import { refusedStore } from '../refused';
import type { DataSourceStore, Revision, Store, StoreWarning } from '../store';
import { SqliteDataSourceStore } from './data-source';
import { MEMORY } from './file';
import { MIGRATIONS } from './schema';

/** A clock that jumped ahead must not make a file look forgotten: it has to look so for this long. */
const LONGEST_DOUBT_MS = 3_600_000;

const EXTENSION = '.sqlite';

interface Opened {
  store: DataSourceStore;
  /** Null: refused. */
  file: SqliteDataSourceStore | null;
  warning: StoreWarning | null;
}

/**
 * A folder with one SQLite file a data source, so that one's damage or long write never touches another.
 * Where the folder cannot be written, facts live in memory and a warning says so. A file of a later version is left
 * alone, and its data source refused.
 */
export class SqliteStore implements Store {
  readonly place: string;
  /** The folder belongs to one process. */
  readonly leases = null;
  private readonly folder: string | null;
  private readonly opened = new Map<string, Opened>();
  /** Files that nobody seems to have asked for, and since when (of a clock that never jumps). */
  private readonly doubtful = new Map<string, number>();

  /** @param folder Null keeps everything in memory, with `reason` as the warning. */
  constructor(
    folder: string | null,
    private readonly reason: string | null = null,
    private readonly migrations: readonly string[] = MIGRATIONS,
    private readonly now: () => number = Date.now,
  ) {
    this.folder = folder;
    this.place = folder ?? 'memory';
  }

  dataSource(key: string): DataSourceStore {
    return this.open(key).store;
  }

  warnings(key: string): StoreWarning[] {
    const { file, warning } = this.open(key);
    return [...(warning ? [warning] : []), ...(file?.warnings ?? [])];
  }

  async keys(): Promise<string[]> {
    const known = this.files().flatMap((name) => readSource(join(this.folder ?? '', name))?.key ?? []);
    return [...new Set([...known, ...this.opened.keys()])].sort();
  }

  /** Names of files whose data source is not to be told: damaged, locked, or of an earlier version that nobody has opened since. */
  unnamedFiles(): string[] {
    return this.files().filter((name) => readSource(join(this.folder ?? '', name)) === null);
  }

  async noteAsked(key: string): Promise<void> {
    await this.open(key).file?.noteAsked(this.now());
  }

  async forgetUnasked(graceMs: number): Promise<string[]> {
    const forgotten: string[] = [];
    const doubtMs = Math.min(graceMs, LONGEST_DOUBT_MS);
    for (const name of this.files()) {
      const source = readSource(join(this.folder ?? '', name));
      if (!source || this.now() - source.askedAt < graceMs) {
        this.doubtful.delete(name);
        continue;
      }
      const since = this.doubtful.get(name) ?? performance.now();
      this.doubtful.set(name, since);
      if (performance.now() - since >= doubtMs) {
        this.remove(name, source.key);
        forgotten.push(source.key);
      }
    }
    return forgotten;
  }

  async raise(key: string, revision: Revision): Promise<void> {
    await this.open(key).file?.raise(revision);
  }

  async close(): Promise<void> {
    for (const { file } of this.opened.values()) {
      file?.close();
    }
    this.opened.clear();
  }

  private files(): string[] {
    return this.folder !== null && existsSync(this.folder) ? readdirSync(this.folder).filter((name) => name.endsWith(EXTENSION)) : [];
  }

  private remove(name: string, key: string): void {
    this.opened.get(key)?.file?.close();
    this.opened.delete(key);
    this.doubtful.delete(name);
    // With it SQLite's companions and a copy that was set aside.
    for (const file of readdirSync(this.folder ?? '').filter((one) => one.startsWith(name))) {
      rmSync(join(this.folder ?? '', file), { force: true });
    }
  }

  private open(key: string): Opened {
    let entry = this.opened.get(key);
    if (!entry) {
      entry = this.openWhereverPossible(key);
      this.opened.set(key, entry);
    }
    return entry;
  }

  private openWhereverPossible(key: string): Opened {
    if (this.folder === null) {
      return this.inMemory(key, this.reason);
    }
    try {
      const file = new SqliteDataSourceStore(join(this.folder, fileName(key)), key, this.migrations);
      return { store: file, file, warning: null };
    } catch (error) {
      if (!(error instanceof DoraError)) {
        throw error;
      }
      if (error.code === 'STORE_NEWER') {
        return { store: refusedStore(error), file: null, warning: { code: 'STORE_NEWER', message: error.message } };
      }
      return this.inMemory(key, `${this.folder} cannot be used, so the history is kept in memory and fetched again after a restart. ${error.message}`);
    }
  }

  private inMemory(key: string, reason: string | null): Opened {
    const file = new SqliteDataSourceStore(MEMORY, key, this.migrations);
    return { store: file, file, warning: reason === null ? null : { code: 'STORE_UNAVAILABLE', message: reason } };
  }
}

/** Whose file it is and when somebody last asked for it; null for a file that does not say so. */
function readSource(path: string): { key: string; askedAt: number } | null {
  try {
    const database = new DatabaseSync(path, { readOnly: true });
    try {
      const row = database.prepare('SELECT key, asked_at FROM source').get();
      return row === undefined ? null : { key: String(row.key), askedAt: Number(row.asked_at) };
    } finally {
      database.close();
    }
  } catch {
    // Damaged, locked, or of a version that did not note it: left alone.
    return null;
  }
}

/** Readable, safe in every file system, and distinct even where names that differ in case only are the same. */
function fileName(key: string): string {
  const readable = key.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 60);
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `${readable}-${digest}${EXTENSION}`;
}
