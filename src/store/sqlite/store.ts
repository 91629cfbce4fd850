import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DoraError } from '../../shared/errors';
import type { DataSourceStore, Store, StoreWarning } from '../store';
import { SqliteDataSourceStore } from './data-source';
import { MEMORY } from './file';

/**
 * A folder with one SQLite file a data source, so that one's damage or long write never touches another.
 * Where the folder cannot be written, facts live in memory and a warning says so.
 */
export class SqliteStore implements Store {
  readonly place: string;
  private readonly folder: string | null;
  private readonly opened = new Map<string, { store: SqliteDataSourceStore; warning: StoreWarning | null }>();

  /** @param folder Null keeps everything in memory, with `reason` as the warning. */
  constructor(
    folder: string | null,
    private readonly reason: string | null = null,
  ) {
    this.folder = folder;
    this.place = folder ?? 'memory';
  }

  dataSource(key: string): DataSourceStore {
    return this.open(key).store;
  }

  warnings(key: string): StoreWarning[] {
    const { store, warning } = this.open(key);
    return warning ? [warning, ...store.warnings] : [...store.warnings];
  }

  async close(): Promise<void> {
    for (const { store } of this.opened.values()) {
      store.close();
    }
    this.opened.clear();
  }

  private open(key: string): { store: SqliteDataSourceStore; warning: StoreWarning | null } {
    let entry = this.opened.get(key);
    if (!entry) {
      entry = this.openWhereverPossible(key);
      this.opened.set(key, entry);
    }
    return entry;
  }

  private openWhereverPossible(key: string): { store: SqliteDataSourceStore; warning: StoreWarning | null } {
    if (this.folder === null) {
      return { store: new SqliteDataSourceStore(MEMORY), warning: this.reason === null ? null : { code: 'STORE_UNAVAILABLE', message: this.reason } };
    }
    try {
      return { store: new SqliteDataSourceStore(join(this.folder, fileName(key))), warning: null };
    } catch (error) {
      if (!(error instanceof DoraError)) {
        throw error;
      }
      const message = `${this.folder} cannot be used, so the history is kept in memory and fetched again after a restart. ${error.message}`;
      return { store: new SqliteDataSourceStore(MEMORY), warning: { code: 'STORE_UNAVAILABLE', message } };
    }
  }
}

/** Readable, safe in every file system, and distinct even where names that differ in case only are the same. */
function fileName(key: string): string {
  const readable = key.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 60);
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `${readable}-${digest}.sqlite`;
}
