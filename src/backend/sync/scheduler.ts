import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DoraError } from '../../shared/errors';
import { durationMs } from '../../shared/duration';
import type { SourceSyncStatus, SyncAnswer, SyncScopeStatus } from '../../shared/resources';
import type { Settings } from '../../shared/settings';
import type { RateLimit, Source, SourceContext, SyncProgress } from '../../sources/source';
import type { DataSourceStore, JsonValue } from '../../store/store';
import type { SafeLog } from '../protocol/logs';
import { newId, within } from '../telemetry/context';
import { pauseAfterPass } from './backoff';
import { SourceStatus } from './status';

export interface SyncEvents {
  progress(source: Source['name'], progress: SyncProgress): void;
  rateLimit(source: Source['name'], limit: RateLimit): void;
  passEnded(source: Source['name'], milliseconds: number, failed: boolean): void;
}

export interface SchedulerOptions {
  sources: readonly Source[];
  store: DataSourceStore;
  /** Given where another process may be the one that makes the passes: none is made until `resume`, and wishes for one go there. Null: all sources. */
  elsewhere?: (source: Source['name'] | null) => void;
  log: SafeLog;
  now(): number;
  wanted(): string[];
  /** Our own numbers for sources that publish them; see `SourceContext`. */
  closedBuckets?: SourceContext['closedBuckets'];
  events: SyncEvents;
}

/** What a pass is made with. */
export type PassSettings = Pick<SourceContext, 'settings' | 'secrets' | 'grafanaConfig'>;

/** What of the last pass outlives a restart, so that a restart asks nobody for what is fresh. */
interface LastPass {
  startedAt: number;
  settings: string;
  failed: boolean;
  lastSuccessAt: number | null;
  scopes: SyncScopeStatus[];
}

/** A storm of events makes at most one pass of this many milliseconds' distance. */
const AGAIN_MS = 1_000;

/** Passes of all sources of one data source, one pass a source at a time, each source at its own pace. */
export class Scheduler {
  private lanes: Lane[] = [];
  private current: PassSettings | null = null;
  /** What passes write to; null while they are made elsewhere. */
  private active: DataSourceStore | null;
  /** What is told of passes that are made elsewhere. */
  private told: SourceStatus[] = [];

  constructor(private readonly options: SchedulerOptions) {
    this.active = options.elsewhere ? null : options.store;
  }

  /** Starts with these settings, or stops the passes under way and begins them again with the new ones. */
  configure({ settings, secrets, grafanaConfig }: PassSettings): void {
    const next: PassSettings = { settings, secrets, grafanaConfig };
    if (this.current !== null && JSON.stringify(this.current) === JSON.stringify(next)) {
      return;
    }
    this.current = next;
    this.begin(true);
  }

  /** Passes are made here from now on, and write to this store. */
  resume(store: DataSourceStore): void {
    this.active = store;
    this.begin(false);
  }

  /** Passes are made elsewhere from now on: those under way are stopped, and begin nothing more. */
  pause(): void {
    this.active = null;
    this.told = this.lanes.map(({ status }) => status);
    for (const lane of this.lanes) {
      void lane.stop();
    }
  }

  /** What is told of the passes that are made elsewhere. */
  tell(statuses: readonly SourceSyncStatus[]): void {
    this.told = statuses.map((status) => SourceStatus.told(status));
  }

  /** @param anew At once, for the settings are new; else when the next pass is due. */
  private begin(anew: boolean): void {
    const { active, current, lanes: before } = this;
    if (!active || !current) {
      return;
    }
    this.lanes = this.options.sources
      .filter((source) => source.isUsed(current.settings))
      .map((source) => new Lane(source, { ...this.options, ...current, store: active }, before.find((lane) => lane.source === source) ?? null, anew));
    for (const lane of before.filter(({ source }) => !source.isUsed(current.settings))) {
      void lane.stop();
    }
  }

  /** Begins a pass of every source now, unless one is under way. */
  startNow(): void {
    if (!this.active) {
      this.options.elsewhere?.(null);
      return;
    }
    for (const lane of this.lanes) {
      lane.wake();
    }
  }

  /** Begins a pass of every source soon, also after one that is under way: what they stored is lost. */
  startOver(): void {
    for (const lane of this.lanes) {
      lane.wakeAgain();
    }
  }

  /** Begins a pass of one source now; one under way is followed by another, for it may have passed what is new. */
  wake(source: Source['name']): void {
    if (!this.active) {
      this.options.elsewhere?.(source);
      return;
    }
    this.lanes.find((lane) => lane.source.name === source)?.wakeAgain();
  }

  /** Resolves when every source has ended its first pass since the start, or after `ms`. */
  async firstPass(ms: number): Promise<void> {
    if (!this.active) {
      return;
    }
    const patience = new AbortController();
    try {
      await Promise.race([Promise.all(this.lanes.map(({ firstPass }) => firstPass)), delay(ms, undefined, { signal: patience.signal })]);
    } finally {
      patience.abort();
    }
  }

  answer(): SyncAnswer {
    return { sources: this.statuses().map((status) => status.answer()) };
  }

  statuses(): SourceStatus[] {
    return this.active ? this.lanes.map(({ status }) => status) : this.told;
  }

  async stop(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.stop()));
  }
}

type LaneOptions = SchedulerOptions & PassSettings;

/** The passes of one source under one set of settings. */
class Lane {
  readonly status: SourceStatus;
  /** Resolves when the first pass has ended or is not due yet. */
  readonly firstPass: Promise<void>;
  private readonly stopping = new AbortController();
  private readonly ended: Promise<void>;
  private resting: AbortController | null = null;
  private failuresInARow = 0;
  /** Another pass is wanted soon, whatever is under way or due. */
  private again = false;

  constructor(
    readonly source: Source,
    private readonly options: LaneOptions,
    predecessor: Lane | null,
    anew: boolean,
  ) {
    this.status = new SourceStatus(source.name);
    this.status.lastSuccessAt = predecessor?.status.lastSuccessAt ?? null;
    let announce: () => void = () => undefined;
    this.firstPass = new Promise((resolve) => {
      announce = resolve;
    });
    this.ended = this.run(predecessor, anew, announce)
      .catch((error: unknown) => options.log.error('The synchronisation stopped', { code: 'INTERNAL', source: source.name, error }))
      .finally(announce);
  }

  wake(): void {
    this.resting?.abort();
  }

  wakeAgain(): void {
    this.again = true;
    this.wake();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.resting?.abort();
    await this.ended;
  }

  private async run(predecessor: Lane | null, anew: boolean, firstPassEnded: () => void): Promise<void> {
    // Two passes of one source would write over each other's cursors.
    await predecessor?.stop();
    const every = durationMs(this.options.settings.sync.every);
    let rest = predecessor && anew ? 0 : await this.untilDue(every);
    if (rest > 0) {
      firstPassEnded();
    }
    while (!this.stopping.signal.aborted) {
      await this.rest(this.again ? Math.min(rest, AGAIN_MS) : rest);
      if (this.stopping.signal.aborted) {
        return;
      }
      this.again = false;
      await within({ fields: { passId: newId() } }, () => this.pass());
      firstPassEnded();
      rest = pauseAfterPass(every, this.failuresInARow);
    }
  }

  /** Milliseconds until the next pass, by what the last process noted. */
  private async untilDue(every: number): Promise<number> {
    const last = await this.readLastPass().catch(() => undefined);
    if (!last) {
      return 0;
    }
    this.status.resume(last.scopes, last.lastSuccessAt);
    if (last.failed || last.settings !== fingerprint(this.options.settings)) {
      return 0;
    }
    return Math.min(every, Math.max(0, last.startedAt + every - this.options.now()));
  }

  private async pass(): Promise<void> {
    const { options, source, status } = this;
    const { signal } = this.stopping;
    const startedAt = options.now();
    status.beginPass();
    let failed = false;
    try {
      await source.sync(this.context(), signal);
    } catch (error) {
      if (!signal.aborted) {
        failed = true;
        this.noteFailure(error);
      }
    }
    if (signal.aborted) {
      status.endPass(false, options.now());
      return;
    }
    status.endPass(!failed, options.now());
    failed ||= status.failures().length > 0;
    this.failuresInARow = failed ? this.failuresInARow + 1 : 0;
    options.events.passEnded(source.name, options.now() - startedAt, failed);
    await this.writeLastPass({ startedAt, settings: fingerprint(options.settings), failed, lastSuccessAt: status.lastSuccessAt, scopes: status.list() });
  }

  private noteFailure(error: unknown): void {
    const known = error instanceof DoraError;
    this.options.log.error('A synchronisation pass failed', { source: this.source.name, code: known ? error.code : 'INTERNAL', error });
    this.report({
      scope: this.source.name,
      phase: 'failed',
      fetched: 0,
      total: null,
      lastSuccessAt: this.status.lastSuccessAt,
      resumesAt: null,
      error: { code: known ? error.code : 'INTERNAL', message: known ? error.message : 'The synchronisation met an unexpected failure; the log says more.' },
    });
  }

  private report(progress: SyncProgress): void {
    const { error } = progress;
    // Shown in panels and stored; a provider's own words may repeat what was sent to it.
    const shown = error === null ? progress : { ...progress, error: { ...error, message: this.options.log.redact(error.message) } };
    this.status.report(shown);
    this.options.events.progress(this.source.name, shown);
  }

  private context(): SourceContext {
    const { options, source, status } = this;
    return {
      settings: options.settings,
      secrets: options.secrets,
      grafanaConfig: options.grafanaConfig,
      store: options.store,
      log: options.log,
      now: () => options.now(),
      sleep: async (ms, signal) => {
        await delay(ms, undefined, { signal });
      },
      wanted: () => options.wanted(),
      closedBuckets: options.closedBuckets,
      report: (progress) => this.report(progress),
      reportRateLimit: (limit) => {
        status.reportRateLimit(limit);
        options.events.rateLimit(source.name, limit);
      },
    };
  }

  private async rest(ms: number): Promise<void> {
    this.resting = new AbortController();
    await delay(ms, undefined, { signal: this.resting.signal }).catch(() => undefined);
    this.resting = null;
  }

  private get stateKey(): string {
    return `host/last-pass/${this.source.name}`;
  }

  private async readLastPass(): Promise<LastPass | undefined> {
    return (await this.options.store.readState(this.stateKey)) as unknown as LastPass | undefined;
  }

  private async writeLastPass(last: LastPass): Promise<void> {
    try {
      await this.options.store.write({}, { [this.stateKey]: last as unknown as JsonValue });
    } catch (error) {
      this.options.log.warn('The end of a pass could not be noted', { error });
    }
  }
}

/** Tells settings apart without keeping them. */
function fingerprint(settings: Settings): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 16);
}
