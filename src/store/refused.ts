import type { DoraError } from '../shared/errors';
import type { DataSourceStore, Store, StoreWarning } from './store';

/** A data source whose store may not be touched: every call fails with the same reason, and nothing is lost. */
export function refusedStore(reason: DoraError): DataSourceStore {
  const refuse = async (): Promise<never> => {
    throw reason;
  };
  return {
    write: refuse,
    readState: refuse,
    readStates: refuse,
    revision: refuse,
    async *load() {
      throw reason;
    },
    read: refuse,
    knownCommits: refuse,
    counts: refuse,
  };
}

/** A store that cannot be opened at all, such as one whose address cannot be read. */
export class RefusedStore implements Store {
  readonly place = 'none: dora_store cannot be used';
  readonly leases = null;
  private readonly source: DataSourceStore;

  constructor(private readonly reason: DoraError) {
    this.source = refusedStore(reason);
  }

  dataSource(): DataSourceStore {
    return this.source;
  }

  warnings(): StoreWarning[] {
    return [{ code: 'STORE_UNREACHABLE', message: this.reason.message }];
  }

  keys(): Promise<never> {
    return Promise.reject(this.reason);
  }

  noteAsked(): Promise<void> {
    return Promise.resolve();
  }

  forgetUnasked(): Promise<string[]> {
    return Promise.resolve([]);
  }

  raise(): Promise<never> {
    return Promise.reject(this.reason);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
