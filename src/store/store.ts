import type { FactBatch } from '../engine/model';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Position in the history of one data source's writes; 0 is before the first. */
export type Revision = number;

/**
 * Facts and sync state of one data source. What is written in one call is kept whole or not at all, so facts of a
 * page and the cursor that follows it never disagree.
 * @throws DoraError STORE_UNAVAILABLE when the medium refuses (full, read-only, gone).
 */
export interface DataSourceStore {
  /** Upserts facts and sets state keys (null removes a key) in one transaction; answers the new revision. */
  write(batch: FactBatch, state?: Record<string, JsonValue>): Promise<Revision>;
  /** A value that a source keeps between passes: cursors, watermarks, ETags. Undefined when absent. */
  readState(key: string): Promise<JsonValue | undefined>;
  /** All state under a prefix. */
  readStates(prefix: string): Promise<Map<string, JsonValue>>;
  /** The latest revision, which another process may have written. */
  revision(): Promise<Revision>;
  /** Facts written after `since`, in chunks of bounded size, each fact once, in its latest form. */
  load(since: Revision): AsyncIterable<FactBatch>;
  /** Which of these commits are stored already. */
  knownCommits(repository: string, shas: readonly string[]): Promise<Set<string>>;
  /** Number of facts by kind. */
  counts(): Promise<Record<keyof Omit<FactBatch, 'removed'>, number>>;
}

/** One store holds many data sources, kept apart by key. */
export interface Store {
  /** Where it is, for messages; never with a password. */
  readonly place: string;
  /** Why it is not what was asked for (a file set aside, memory instead of disk), or null. */
  readonly warning: string | null;
  /** @param key `<orgId>/<data source uid>` */
  dataSource(key: string): DataSourceStore;
  close(): Promise<void>;
}
