import type { DoraEngine } from '../../engine/engine';
import { matchesGlobs } from '../../shared/glob';
import type { DoraQuery } from '../../shared/query';
import type { SyncState } from '../../shared/resources';
import type { Settings } from '../../shared/settings';
import type { ClosedBucket, Source, SourceContext } from '../../sources/source';
import { DoraError } from '../../shared/errors';
import type { DataSourceStore, Leases, Store, StoreWarning } from '../../store/store';
import { setTimeout as delay } from 'node:timers/promises';
import { EventIntake } from '../../sources/events/intake';
import { Scheduler, type SyncEvents } from '../sync/scheduler';
import { SharedSync } from '../sync/shared-sync';
import type { SafeLog } from '../protocol/logs';
import type { FactBudget } from './budget';
import { closedBuckets } from './closed-buckets';
import { FactFeed } from './feed';
import type { SnapshotFolder } from './snapshots';
import type { InstanceSettings } from './settings';

/** Teams that were asked for this recently count as looked at. */
const WANTED_FOR_MS = 3_600_000;

/** How long the first query waits for a synchronisation that has just begun: a person is looking. */
const FIRST_WAIT_MS = 1_500;

const DEFAULT_LEASE_MS = 15_000;

/** How long a query waits for the stored history to be loaded; alert rules have 30 s. */
const LOAD_WAIT_MS = 20_000;

export interface InstanceHost {
  store: Store;
  sources: readonly Source[];
  createEngine(settings: Settings): DoraEngine;
  /** Null or absent: every start takes all facts from the store. */
  snapshots?: SnapshotFolder | null;
  log: SafeLog;
  now(): number;
  events: SyncEvents;
  /** Absent: as many facts as there are. */
  budget?: FactBudget;
  /** How long the right to synchronise outlives its holder, where several processes share the store. */
  leaseMs?: number;
  /** How often the store learns that a data source is asked for. */
  noteAskedEveryMs?: number;
}

/** Everything of one data source: its settings, facts, engine and synchronisation. */
export class DataSourceInstance {
  readonly scheduler: Scheduler;
  readonly events: EventIntake;
  private readonly stored: DataSourceStore;
  private readonly feed: FactFeed;
  private readonly observed: DataSourceStore;
  private readonly wantedTeams = new Map<string, number>();
  private readonly syncListeners = new Set<() => void>();
  private configured: Promise<void>;
  private current: InstanceSettings;
  private facts: DoraEngine;
  private readonly shared: SharedSync | null;
  /** Why this data source answers nothing any more, until its settings change. */
  private refusal: DoraError | null = null;

  constructor(
    readonly key: string,
    readonly name: string,
    settings: InstanceSettings,
    private readonly host: InstanceHost,
  ) {
    this.current = settings;
    this.facts = host.createEngine(settings.settings);
    this.stored = host.store.dataSource(key);
    this.feed = new FactFeed(
      this.stored,
      this.facts,
      host.log,
      () => this.scheduler.startOver(),
      host.snapshots?.of(key, this.stored) ?? null,
      undefined,
      { hold: (count) => host.budget?.hold(key, count), refused: (reason) => this.refuse(reason) },
    );
    this.observed = this.feed.observed();
    this.configured = this.feed.loaded;
    this.events = new EventIntake(this.observed);
    this.scheduler = new Scheduler({
      sources: host.sources,
      store: this.observed,
      log: host.log,
      now: () => host.now(),
      wanted: () => this.wanted(),
      closedBuckets: (from) => this.closedBuckets(from),
      events: this.heard(host.events),
      ...(host.store.leases ? { elsewhere: (source) => this.shared?.wish(source) } : {}),
    });
    this.scheduler.configure(settings);
    this.shared = host.store.leases && this.share(host.store.leases);
  }

  get engine(): DoraEngine {
    return this.facts;
  }

  /** True when this data source answers nothing any more: it needs other settings, and then a new instance. */
  get isRefused(): boolean {
    return this.refusal !== null;
  }

  get settings(): InstanceSettings {
    return this.current;
  }

  configure(settings: InstanceSettings): void {
    this.current = settings;
    this.configured = this.feed.change(() => this.engine.configure(settings.settings));
    this.shared?.configured(settings.version);
    this.scheduler.configure(settings);
    this.tell();
  }

  /** How far the engine's facts are, and whether more are on their way. */
  syncState(): SyncState {
    return { running: this.running(), revision: this.feed.revision };
  }

  /** The same by what is stored, which the engine may not have taken yet; a store that cannot be asked hides nothing else of it. */
  async storedState(): Promise<SyncState> {
    const revision = await this.stored.revision().catch((error: unknown) => {
      if (error instanceof DoraError) {
        return this.feed.revision;
      }
      throw error;
    });
    return { running: this.running(), revision };
  }

  /** Calls `listener` after each step of the synchronisation, until the answered function is called. */
  onSync(listener: () => void): () => void {
    this.syncListeners.add(listener);
    return () => this.syncListeners.delete(listener);
  }

  /**
   * Resolves when the engine can answer with all that is stored; false when that takes too long. A store that cannot be
   * read any more leaves what the engine has; `warnings` says so.
   * @throws DoraError DATA_SOURCE_TOO_LARGE, and the store's own while the engine never had anything of it.
   */
  async ready(): Promise<boolean> {
    return within(LOAD_WAIT_MS, async () => {
      await this.configured;
      await this.feed.ready();
      if (this.feed.revision === 0 && this.feed.trouble === null) {
        await this.scheduler.firstPass(FIRST_WAIT_MS);
        await this.feed.ready();
      }
      const reason = this.refusal ?? this.feed.trouble;
      if (reason) {
        throw reason;
      }
    });
  }

  /** Notes that somebody looks at these teams, so that their repositories come first. */
  want(query: DoraQuery): void {
    const now = this.host.now();
    const { teams } = this.current.settings;
    for (const { name: team } of query.teams.length === 0 ? [] : teams.filter(({ name }) => matchesGlobs(query.teams, name))) {
      // Set anew, so that the order of the map is the order of asking.
      this.wantedTeams.delete(team);
      this.wantedTeams.set(team, now);
    }
  }

  warnings(): StoreWarning[] {
    const refused: StoreWarning[] = this.refusal ? [{ code: 'DATA_SOURCE_TOO_LARGE', message: this.refusal.message }] : [];
    return [...this.host.store.warnings(this.key), ...refused];
  }

  counts(): ReturnType<DataSourceStore['counts']> {
    return this.stored.counts();
  }

  /** A context for what is no pass: Save & test, and searches of the editors. */
  sourceContext(): SourceContext {
    return {
      settings: this.current.settings,
      secrets: this.current.secrets,
      store: this.observed,
      log: this.host.log,
      grafanaConfig: this.current.grafanaConfig,
      now: () => this.host.now(),
      sleep: async (ms, signal) => {
        await delay(ms, undefined, { signal });
      },
      wanted: () => this.wanted(),
      report: () => undefined,
      reportRateLimit: () => undefined,
    };
  }

  usedSources(): Source[] {
    return this.host.sources.filter((source) => source.isUsed(this.current.settings));
  }

  async stop(): Promise<void> {
    this.feed.stop();
    this.host.budget?.release(this.key);
    await this.scheduler.stop();
    await this.shared?.stop();
  }

  private share(leases: Leases): SharedSync {
    const shared = new SharedSync({
      leases,
      key: this.key,
      lengthMs: this.host.leaseMs ?? DEFAULT_LEASE_MS,
      store: this.stored,
      scheduler: () => this.scheduler,
      observed: (store) => this.feed.observed(store),
      log: this.host.log,
    });
    shared.configured(this.current.version);
    return shared;
  }

  /** Lets everything go that needs memory or calls a provider. */
  private refuse(reason: DoraError): void {
    this.host.log.error('A data source is refused', { dataSource: this.key, error: reason });
    this.refusal = reason;
    this.facts = this.host.createEngine(this.current.settings);
    this.feed.abandon(this.facts);
    void this.scheduler.stop().then(() => this.shared?.stop());
  }

  /** Days that every source has told all of. */
  private async closedBuckets(from: number): Promise<ClosedBucket[]> {
    if (!(await this.ready())) {
      return [];
    }
    const told = this.scheduler
      .statuses()
      .filter(({ source }) => source !== 'cloudwatch')
      .map(({ lastSuccessAt }) => lastSuccessAt ?? -Infinity);
    return closedBuckets(this.engine, from, Math.min(this.host.now(), ...told));
  }

  private running(): boolean {
    return this.scheduler.answer().sources.some(({ running }) => running);
  }

  private tell(): void {
    this.syncListeners.forEach((listener) => listener());
  }

  /** The host's events, of which the listeners hear too. */
  private heard(events: SyncEvents): SyncEvents {
    return {
      progress: (source, progress) => {
        events.progress(source, progress);
        this.tell();
      },
      rateLimit: (source, limit) => events.rateLimit(source, limit),
      passEnded: (source, milliseconds, failed) => {
        events.passEnded(source, milliseconds, failed);
        this.tell();
      },
    };
  }

  private wanted(): string[] {
    const since = this.host.now() - WANTED_FOR_MS;
    for (const [team, at] of this.wantedTeams) {
      if (at < since) {
        this.wantedTeams.delete(team);
      }
    }
    return [...this.wantedTeams.keys()].reverse();
  }
}

/** True when the work ended within that many milliseconds; it goes on otherwise. */
async function within(ms: number, work: () => Promise<void>): Promise<boolean> {
  const patience = new AbortController();
  try {
    return await Promise.race([work().then(() => true), delay(ms, false, { signal: patience.signal })]);
  } finally {
    patience.abort();
  }
}
