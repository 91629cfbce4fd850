import type { ErrorCode } from './errors';

/**
 * Answers of `/api/datasources/uid/<uid>/resources/…`: what the backend sends and the editors read.
 * Lists are sorted and without repeats; times are milliseconds since the epoch, UTC; unknown is null.
 */

/** `GET teams` */
export type TeamsAnswer = string[];

/** `GET services`: services as teams have them; a name may appear under several teams. */
export type ServicesAnswer = Array<{ team: string; service: string }>;

/**
 * `GET repositories?q=<text>&limit=<n>`: `owner/name` containing the text (case-insensitive), first the ones the store knows,
 * then what the provider finds; without `q` the ones the store knows.
 */
export type RepositoriesAnswer = string[];

/** `GET environments` */
export type EnvironmentsAnswer = string[];

/** `GET pipelines?q=<text>` */
export type PipelinesAnswer = string[];

/** One unit of a source's work: a repository name, or `<account>/<region>`. */
export interface SyncScopeStatus {
  scope: string;
  phase: 'waiting' | 'history' | 'updating' | 'done' | 'paused' | 'failed';
  /** Facts fetched so far, and how many there are within the lookback: expected while fetching, null where nothing tells. */
  fetched: number;
  total: number | null;
  lastSuccessAt: number | null;
  /** When a pause ends. */
  resumesAt: number | null;
  /** When a first synchronisation will be through, as far as one can tell; absent or null otherwise. */
  finishesAt?: number | null;
  error: { code: ErrorCode; message: string } | null;
}

/** Calls left at the provider, per credential; null where the provider sets no limit. */
export interface RateLimitStatus {
  name: string;
  limit: number | null;
  remaining: number | null;
  resetsAt: number | null;
}

export type SourceName = 'github' | 'codepipeline' | 'opscenter' | 'cloudwatch';

export interface SourceSyncStatus {
  source: SourceName;
  scopes: SyncScopeStatus[];
  rateLimits: RateLimitStatus[];
  /** End of the latest pass in which every scope succeeded. */
  lastSuccessAt: number | null;
  /** A pass is under way now. */
  running: boolean;
}

/** How each source that the settings use is. */
export interface SyncAnswer {
  sources: SourceSyncStatus[];
}

/** Whether what was answered may soon be more. */
export interface SyncState {
  /** A pass of any source is under way. */
  running: boolean;
  /** Rises when facts are stored: an answer of the same revision would be the same. Starts anew when the store does. */
  revision: number;
}

/** `GET sync` (any role) and `POST sync` (Editor or Admin; starts a pass now, answers the status right after). */
export interface SyncStatusAnswer extends SyncAnswer, SyncState {}

/** Channel of Grafana Live below `ds/<uid>/`: the table of `queryType: sync`, anew whenever it changes, its SyncState in `meta.custom.sync`. */
export const SYNC_CHANNEL = 'sync';

/** Body of every resource answer whose HTTP status is 400 or more. */
export interface ResourceError {
  code: ErrorCode;
  message: string;
  /** Path of the offending input; null when no single field is at fault. */
  field: string | null;
  remedy: string;
}
