import type { DoraError } from '../shared/errors';
import type { DataSourceStore } from './store';

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
