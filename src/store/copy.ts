import type { DataSourceStore, JsonValue, Store } from './store';

/** Facts and state of one data source, as many as were copied. */
export interface Copied {
  key: string;
  facts: number;
}

/**
 * Copies every data source of a store into another one, which must not have it yet. The state is read before the facts: if
 * a synchronisation goes on meanwhile, the copy's cursors are behind its facts and fetch a little again, never too little.
 * @param takesState false for state that means nothing elsewhere
 * @throws Error naming the data source that the target has already; nothing is copied then.
 */
export async function* copyStore(from: Store, to: Store, takesState: (key: string) => boolean): AsyncIterable<Copied> {
  const keys = await from.keys();
  for (const key of keys) {
    if ((await to.dataSource(key).revision()) > 0) {
      throw new Error(`${to.place} has facts of data source ${key} already. Nothing was copied.`);
    }
  }
  for (const key of keys) {
    yield { key, facts: await copyDataSource(from, to, key, takesState) };
  }
}

async function copyDataSource(from: Store, to: Store, key: string, takesState: (key: string) => boolean): Promise<number> {
  const source = from.dataSource(key);
  const target: DataSourceStore = to.dataSource(key);
  const states: Record<string, JsonValue> = Object.fromEntries([...(await source.readStates(''))].filter(([name]) => takesState(name)));
  // State may name a revision; what is written from now on must come after it.
  const revision = await source.revision();
  let facts = 0;
  for await (const batch of source.load(0)) {
    await target.write(batch);
    facts += Object.values(batch).reduce((sum, list) => sum + list.length, 0);
  }
  // Last, so that a copy that broke off is begun anew by whoever uses it: without cursors everything is fetched.
  await target.write({}, states);
  await to.raise(key, revision);
  await to.noteAsked(key);
  return facts;
}
