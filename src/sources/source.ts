import type { Instant } from '../engine/model';
import type { ErrorCode } from '../shared/errors';
import type { Metric } from '../shared/queryOptions';
import type { Secrets, Settings } from '../shared/settings';
import type { DataSourceStore } from '../store/store';

/** What a source tells of its progress; shown by the sync resource, notices and the sync table. */
export interface SyncProgress {
  /** Unit of work: a repository name, or `<account>/<region>`. */
  scope: string;
  phase: 'waiting' | 'history' | 'updating' | 'done' | 'paused' | 'failed';
  /** Facts fetched so far, and how many there are within the lookback: expected while fetching, null where nothing tells. */
  fetched: number;
  total: number | null;
  lastSuccessAt: Instant | null;
  /** When a pause ends. */
  resumesAt: Instant | null;
  /** When a first synchronisation will be through, pauses included, as far as one can tell; absent or null otherwise. */
  finishesAt?: Instant | null;
  error: { code: ErrorCode; message: string } | null;
}

/** Calls left at the provider, per credential; null where the provider sets no limit. */
export interface RateLimit {
  name: string;
  limit: number | null;
  remaining: number | null;
  resetsAt: Instant | null;
}

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** The value of one of our own metrics in a day that is over and whose facts are all there. */
export interface ClosedBucket {
  metric: Metric;
  team: string;
  /** Null: the whole team. */
  repository: string | null;
  /** Start of the day in the data source's time zone. */
  at: Instant;
  value: number;
}

/** All that a source gets from its host: it owns no clock, no timer policy and no storage. */
export interface SourceContext {
  settings: Settings;
  secrets: Secrets;
  store: DataSourceStore;
  log: Logger;
  /** What Grafana tells plugins of its own configuration, such as which AWS credentials it allows. */
  grafanaConfig: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  now(): Instant;
  /** Resolves after that many milliseconds, or rejects when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Our own numbers from that moment on, to be published; absent where nothing is computed (Save & test). */
  closedBuckets?(from: Instant): Promise<ClosedBucket[]>;
  /** Teams whose panels somebody looks at now, most recent first: their scopes come first. */
  wanted(): string[];
  report(progress: SyncProgress): void;
  reportRateLimit(limit: RateLimit): void;
}

/** One line of "Save & test". */
export interface HealthPart {
  /** `GitHub token`, `Team Payments: repositories`, … */
  name: string;
  status: 'ok' | 'warning' | 'error';
  message: string;
  code: ErrorCode | null;
}

/**
 * A place that facts come from. `sync` makes one pass: it writes each page to the store together with the cursor that
 * follows it, goes on where a stopped pass ended, keeps going with the other scopes when one fails (reporting it),
 * and returns when everything that can be done now is done. Nothing else ever calls the provider, except `check`
 * (Save & test) and `search` (the editor).
 */
export interface Source {
  readonly name: 'github' | 'codepipeline' | 'opscenter' | 'cloudwatch';
  /** True when the settings use this source at all. */
  isUsed(settings: Settings): boolean;
  sync(context: SourceContext, signal: AbortSignal): Promise<void>;
  /** Asks the provider whether the settings will work; never throws for what a user can mend. */
  check(context: SourceContext, signal: AbortSignal): Promise<HealthPart[]>;
  /** Names a user may pick in an editor (repositories, pipelines), containing `text`; at most `limit`. */
  search(context: SourceContext, what: 'repositories' | 'pipelines', text: string, limit: number, signal: AbortSignal): Promise<string[]>;
}
