import { existsSync } from 'node:fs';
import { DoraError } from '../shared/errors';
import { copyStore } from '../store/copy';
import { isPostgresAddress } from '../store/postgres/address';
import { SqliteStore } from '../store/sqlite/store';
import type { Store } from '../store/store';
import { openStore } from './instance/open-store';
import { isOfThisStore } from './instance/snapshots';
import { isOfRunningProcesses } from './sync/shared-sync';

export const COPY_STORE = 'copy-store';

const USAGE = `Copies the facts of all data sources from one store to another, for instance from SQLite to PostgreSQL:

  ${COPY_STORE} FROM TO

FROM and TO are a folder or postgres://user:password@host:port/database, as in dora_store; env:NAME takes either from
the environment variable NAME, where no list of processes shows the password. TO must not have the data sources yet.
Stop Grafana before: what arrives meanwhile is fetched again afterwards, but pushed events are not.
`;

/** Runs the command; answers the exit code. @param say prints a line for a person. */
export async function copyStoreCommand(args: readonly string[], environment: NodeJS.ProcessEnv, say: (line: string) => void): Promise<number> {
  const [from, to] = args.map((place) => (place.startsWith('env:') ? (environment[place.slice('env:'.length)] ?? '').trim() : place));
  if (args.length !== 2 || !from || !to) {
    say(USAGE);
    return 2;
  }
  if (!isPostgresAddress(from) && !existsSync(from)) {
    say(`${from} is not there.`);
    return 1;
  }
  const stores = [from, to].map((place) => openStore(isPostgresAddress(place) ? { kind: 'postgres', address: place } : { kind: 'folder', folder: place }, () => undefined));
  const [source, target] = stores;
  try {
    let copied = 0;
    for await (const { key, facts } of copyStore(source, target, (state) => !isOfThisStore(state) && !isOfRunningProcesses(state))) {
      complain(source, key);
      complain(target, key);
      say(`${key}: ${facts} facts`);
      copied += 1;
    }
    say(`${copied} data ${copied === 1 ? 'source' : 'sources'} copied from ${source.place} to ${target.place}.`);
    const left = source instanceof SqliteStore ? source.unnamedFiles() : [];
    if (left.length > 0) {
      say(`Left out, as these files do not say whose they are: ${left.join(', ')}. Start this version of the plugin on them once and open a panel of their data source; then copy again.`);
      return 1;
    }
    return 0;
  } catch (error) {
    say(error instanceof DoraError ? `${error.message} ${error.remedy} [${error.code}]` : String(error instanceof Error ? error.message : error));
    return 1;
  } finally {
    await Promise.all(stores.map((store) => store.close()));
  }
}

/** A store that fell back to memory has copied nothing that lasts. @throws DoraError */
function complain(store: Store, key: string): void {
  const [warning] = store.warnings(key);
  if (warning) {
    throw new DoraError(warning.code, warning.message);
  }
}
