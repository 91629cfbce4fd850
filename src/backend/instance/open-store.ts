import { DoraError } from '../../shared/errors';
import { parsePostgresAddress } from '../../store/postgres/address';
import { PostgresStore } from '../../store/postgres/store';
import { RefusedStore } from '../../store/refused';
import { SqliteStore } from '../../store/sqlite/store';
import type { Store } from '../../store/store';
import type { StorePlace } from './place';

/** Opens the store at a place. @param protect is told what must never be seen in a log. */
export function openStore(place: StorePlace, protect: (secrets: string[]) => void): Store {
  switch (place.kind) {
    case 'memory':
      return new SqliteStore(null, place.reason);
    case 'folder':
      return new SqliteStore(place.folder);
    case 'postgres':
      try {
        const address = parsePostgresAddress(place.address);
        protect(address.secrets);
        return new PostgresStore(address);
      } catch (error) {
        if (!(error instanceof DoraError)) {
          throw error;
        }
        // A process that ended over it would be started again each second.
        protect([place.address]);
        return new RefusedStore(error);
      }
  }
}
