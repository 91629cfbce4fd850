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
   * @throws TypeError for a fact that is not as the model says, or a key of more than 800 characters; nothing is written then.
   * @throws ReadChanged when `unchanged` is given and something of it is no longer as it was read; nothing is written then.
   * @throws LeaseLost when the store is a lease's and another process has taken that over; nothing is written then.
   */
  write(batch: FactBatch, state?: Record<string, JsonValue>, unchanged?: Unchanged): Promise<Revision>;
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

/** What a writer read before and builds on; another process may have written since. */
export interface Unchanged {
  /** Undefined: there was none. */
  state?: Record<string, JsonValue | undefined>;
  facts?: Array<{ [Kind in ReadableKind]: { kind: Kind; id: string; fact: FactOf<Kind> | null } }[ReadableKind]>;
}

/** A write was refused because what it builds on has changed: read again, and try again. */
export class ReadChanged extends Error {
  constructor() {
    super('What was read has changed since.');
    this.name = 'ReadChanged';
  }
}

/** A write was refused because another process synchronises this data source now. */
export class LeaseLost extends Error {
  constructor() {
    super('Another process synchronises this data source now.');
    this.name = 'LeaseLost';
  }
}

/** The right to synchronise one data source, for a while, by the clock of the database. */
export interface Lease {
  /** The data source's store; its writes are refused, in their own transaction, once another process has taken the lease. */
  readonly store: DataSourceStore;
  /** Keeps the lease for another length from now; false when another process has it. */
  renew(): Promise<boolean>;
  /** Gives it up, so that another need not wait for its end. */
  release(): Promise<void>;
}

/** Who synchronises a data source that several processes use: one at a time, and another soon after its death. */
export interface Leases {
  /** The lease, unless another holder has it and has renewed it in time. */
  take(key: string, lengthMs: number): Promise<Lease | null>;
}

export interface StoreWarning {
  code: Extract<ErrorCode, 'STORE_CORRUPT' | 'STORE_UNAVAILABLE' | 'STORE_UNREACHABLE' | 'STORE_NEWER' | 'DATA_SOURCE_TOO_LARGE'>;
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
  /** Null where the place belongs to this process alone, which then synchronises everything. */
  readonly leases: Leases | null;
  /** The data sources that have anything stored. */
  keys(): Promise<string[]>;
  /** Notes that somebody asks for a data source now. */
  noteAsked(key: string): Promise<void>;
  /**
   * Removes the data sources that nobody has asked any process for during so many milliseconds; answers what was removed,
   * for the log. Grafana tells nobody that a data source was deleted.
   */
  forgetUnasked(graceMs: number): Promise<string[]>;
  /** Makes the next revision of a data source later than this one; for copies, whose state may name revisions. */
  raise(key: string, revision: Revision): Promise<void>;
  close(): Promise<void>;
}
