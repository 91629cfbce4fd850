import type { FactBatch } from '../../src/engine/model';
import { parseSettings, type DoraJsonData, type Secrets } from '../../src/shared/settings';
import type { RateLimit, SourceContext, SyncProgress } from '../../src/sources/source';
import { SqliteStore } from '../../src/store/sqlite/store';
import type { DataSourceStore } from '../../src/store/store';
import type { Clock } from '../doubles/shared/clock';

type Facts = Required<Omit<FactBatch, 'removed'>>;

/** Sources between a double and a store of their own, on a clock that waiting moves. */
export abstract class SourceBench<Double extends { close(): Promise<void> }> {
  readonly reports: SyncProgress[] = [];
  readonly limits: RateLimit[] = [];
  readonly logs: Array<Record<string, unknown>> = [];
  /** Milliseconds of each pause that a source made. */
  readonly waits: number[] = [];
  /** Teams that somebody looks at. */
  wanted: string[] = [];
  grafanaConfig: Record<string, string> = {};
  /** What this machine takes for the time, away from the provider's. */
  skewMs = 0;
  /** All that was logged and reported: all that could tell a secret. */
  said = '';
  store: DataSourceStore;
  private readonly stores: SqliteStore[] = [];
  private running: Double | null = null;

  protected constructor(
    readonly clock: Clock,
    public settings: DoraJsonData,
    public secrets: Secrets
  ) {
    this.store = this.newStore();
  }

  newStore(): DataSourceStore {
    const store = new SqliteStore(null);
    this.stores.push(store);
    return store.dataSource('1/test');
  }

  get double(): Double {
    if (this.running === null) {
      throw new Error('start first');
    }
    return this.running;
  }

  async start(): Promise<this> {
    this.running = await this.startDouble();
    return this;
  }

  async close(): Promise<void> {
    await this.running?.close();
    await Promise.all(this.stores.map((store) => store.close()));
  }

  context(store: DataSourceStore = this.store): SourceContext {
    const { settings, problems } = parseSettings(this.connected());
    expect(problems).toEqual([]);
    const log = (level: string) => (message: string, fields?: Record<string, unknown>) => {
      this.logs.push({ level, message, ...fields });
      this.said += JSON.stringify([level, message, fields, fields?.error instanceof Error ? [fields.error.message, fields.error.stack] : null]);
    };
    return {
      settings,
      secrets: this.secrets,
      grafanaConfig: this.grafanaConfig,
      store,
      log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      now: () => this.clock.now() + this.skewMs,
      sleep: async (ms, signal) => {
        signal.throwIfAborted();
        this.waits.push(ms);
        this.clock.advance(ms);
      },
      wanted: () => this.wanted,
      report: (progress) => {
        this.reports.push(progress);
        this.said += JSON.stringify(progress);
      },
      reportRateLimit: (limit) => this.limits.push(limit),
    };
  }

  /** Last report of each scope. */
  latest(): Record<string, SyncProgress> {
    return Object.fromEntries(this.reports.map((progress) => [progress.scope, progress]));
  }

  protected abstract startDouble(): Promise<Double>;
  /** The settings, with the double in the place of the provider. */
  protected abstract connected(): DoraJsonData;

  /** All facts, in the order of the store. */
  protected async stored(store: DataSourceStore): Promise<Facts> {
    const all: Facts = { repositories: [], pullRequests: [], commits: [], deployments: [], incidents: [], coverage: [] };
    for await (const batch of store.load(0)) {
      all.repositories.push(...(batch.repositories ?? []));
      all.pullRequests.push(...(batch.pullRequests ?? []));
      all.commits.push(...(batch.commits ?? []));
      all.deployments.push(...(batch.deployments ?? []));
      all.incidents.push(...(batch.incidents ?? []));
      all.coverage.push(...(batch.coverage ?? []));
    }
    all.coverage.sort((a, b) => (`${a.kind} ${a.scope}` < `${b.kind} ${b.scope}` ? -1 : 1));
    return all;
  }
}
