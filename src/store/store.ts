import type { FactBatch } from '../engine/model';
import type { ErrorCode } from '../shared/errors';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Position in the history of one data source's writes; 0 is before the first. */
export type Revision = number;

/**
 * Facts and sync state of one data source. What is written in one call is kept whole or not at all, so facts of a
 * page and the cursor that follows it never disagree.
 * @throws DoraError STORE_UNAVAILABLE when the medium refuses (full, read-only, gone).
 */
export interface DataSourceStore {
  /**
   * Upserts facts and sets state keys (null removes a key) in one transaction; answers the revision after it.
   * A fact that is stored already in the same form is not written again, so it comes in no later `load`.
   * `removed` is applied last; a removed repository takes its pull requests and commits with it.
   */
  write(batch: FactBatch, state?: Record<string, JsonValue>): Promise<Revision>;
  /** A value that a source keeps between passes: cursors, watermarks, ETags. Undefined when absent. */
  readState(key: string): Promise<JsonValue | undefined>;
  /** All state under a prefix. */
  readStates(prefix: string): Promise<Map<string, JsonValue>>;
  /** The latest revision, which another process may have written. */
  revision(): Promise<Revision>;
  /**
   * Facts written after `since` and no later than the call, in chunks of bounded size, each fact at most once, in its
   * latest form. A fact rewritten while this runs may be missing here; it comes with a load since the revision that was
   * current at the call. Other work gets its turn between chunks.
   */
  load(since: Revision): AsyncIterable<FactBatch>;
  /** One stored fact, or null. Events use it, so that they never take away what a poll knows better. */
  read<Kind extends ReadableKind>(kind: Kind, id: string): Promise<FactOf<Kind> | null>;
  /** Which of these commits are stored already. */
  knownCommits(repository: string, shas: readonly string[]): Promise<Set<string>>;
  /** Number of facts by kind. */
  counts(): Promise<Record<keyof Omit<FactBatch, 'removed'>, number>>;
}

/** Kinds of facts that have an id of their own. */
export type ReadableKind = 'repositories' | 'pullRequests' | 'deployments' | 'incidents';
export type FactOf<Kind extends ReadableKind> = NonNullable<FactBatch[Kind]>[number];

export interface StoreWarning {
  code: Extract<ErrorCode, 'STORE_CORRUPT' | 'STORE_UNAVAILABLE'>;
  message: string;
}

/** One store holds many data sources, kept apart by key. */
export interface Store {
  /** Where it is, for messages; never with a password. */
  readonly place: string;
  /** @param key `<orgId>/<data source uid>`; the same key answers the same object. */
  dataSource(key: string): DataSourceStore;
  /** Why a data source's store is not what was asked for (a file set aside, memory instead of disk); empty when all is well. */
  warnings(key: string): StoreWarning[];
  close(): Promise<void>;
}
