import type { FactBatch } from '../../src/engine/model';
import { parseSettings, type DoraJsonData, type Secrets } from '../../src/shared/settings';
import type { AwsPatience } from '../../src/sources/aws/clients';
import { CloudWatchSource } from '../../src/sources/cloudwatch/source';
import { CodePipelineSource } from '../../src/sources/codepipeline/source';
import { OpsCenterSource } from '../../src/sources/opscenter/source';
import type { ClosedBucket, HealthPart, Source, SourceContext, SyncProgress } from '../../src/sources/source';
import { SqliteStore } from '../../src/store/sqlite/store';
import type { DataSourceStore } from '../../src/store/store';
import { DEFAULT_ACCOUNT, DEFAULT_KEY } from '../doubles/aws/identities';
import type { JournalEntry } from '../doubles/aws/journal';
import { fetchModels } from '../doubles/aws/models';
import { AwsScenario, type RegionBuilder } from '../doubles/aws/scenario';
import { AwsDouble, type DoubleOptions } from '../doubles/aws/server';
import { World } from '../doubles/aws/world';
import { Clock } from '../doubles/shared/clock';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const KEYS: Secrets = { accessKey: DEFAULT_KEY.accessKeyId, secretKey: DEFAULT_KEY.secretAccessKey };
/** Short, for a region that does not answer. */
export const IMPATIENT: AwsPatience = { connectMs: 1_000, answerMs: 1_000, attempts: 2 };

/** Botocore's models, or null with a word why requests and answers are not held against them here. */
function modelsOrWord(): ReturnType<typeof fetchModels> | null {
  const models = fetchModels();
  if ('missing' in models) {
    process.stderr.write(`AWS double without service models: ${String(models.missing)}\n`);
    return null;
  }
  return models;
}

export interface AwsBenchOptions {
  settings?: DoraJsonData;
  double?: Omit<DoubleOptions, 'world' | 'clock'>;
  grafanaConfig?: Record<string, string>;
  patience?: AwsPatience;
}

/** An AWS source between a double and a store of its own. The clock stands still at the machine's time: credentials end by that. */
export class AwsBench {
  readonly world = new World();
  readonly scenario = new AwsScenario(this.world);
  readonly clock = new Clock(Math.floor(Date.now() / 1000) * 1000, false);
  readonly reports: SyncProgress[] = [];
  readonly logs: Array<Record<string, unknown>> = [];
  readonly codepipeline: CodePipelineSource;
  readonly opscenter: OpsCenterSource;
  readonly cloudwatch: CloudWatchSource;
  /** What there is to publish. */
  buckets: ClosedBucket[] = [];
  settings: DoraJsonData;
  secrets: Secrets = KEYS;
  grafanaConfig: Record<string, string>;
  /** What this machine takes for the time, away from AWS's. */
  skewMs = 0;
  store: DataSourceStore;
  private readonly stores: SqliteStore[] = [];
  private running: AwsDouble | null = null;
  /** All that was logged and reported: all that could tell a secret. */
  said = '';

  constructor(private readonly options: AwsBenchOptions = {}) {
    this.settings = { teams: [], ...options.settings };
    this.grafanaConfig = options.grafanaConfig ?? {};
    this.codepipeline = new CodePipelineSource(options.patience);
    this.opscenter = new OpsCenterSource(options.patience);
    this.cloudwatch = new CloudWatchSource(options.patience);
    this.store = this.newStore();
  }

  newStore(): DataSourceStore {
    const store = new SqliteStore(null);
    this.stores.push(store);
    return store.dataSource('1/test');
  }

  get now(): number {
    return this.clock.now();
  }

  get double(): AwsDouble {
    if (this.running === null) {
      throw new Error('start first');
    }
    return this.running;
  }

  /** The connection's own account. */
  region(name = 'us-east-1', account = DEFAULT_ACCOUNT): RegionBuilder {
    return this.scenario.region(account, name);
  }

  async start(): Promise<this> {
    const models = modelsOrWord();
    this.running = await new AwsDouble({ ...this.options.double, models: models && !('missing' in models) ? models : null, world: this.world, clock: this.clock }).start();
    return this;
  }

  async close(): Promise<void> {
    await this.running?.close();
    await Promise.all(this.stores.map((store) => store.close()));
    expect(this.running?.defects ?? []).toEqual([]);
  }

  context(store: DataSourceStore = this.store): SourceContext {
    const { settings, problems } = parseSettings({ authType: 'keys', endpoint: this.double.url, ...this.settings });
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
        this.clock.advance(ms);
      },
      wanted: () => [],
      closedBuckets: (from) => Promise.resolve(this.buckets.filter(({ at }) => at >= from)),
      report: (progress) => {
        this.reports.push(progress);
        this.said += JSON.stringify(progress);
      },
      reportRateLimit: () => undefined,
    };
  }

  async sync(source: Source, store: DataSourceStore = this.store, signal: AbortSignal = new AbortController().signal): Promise<void> {
    await source.sync(this.context(store), signal);
  }

  async check(source: Source): Promise<HealthPart[]> {
    return source.check(this.context(), new AbortController().signal);
  }

  /** Calls of the journal, without those for roles, and forgets them. */
  calls(): JournalEntry[] {
    const entries = this.double.journal.list().filter(({ operation }) => !operation.startsWith('sts:'));
    this.double.journal.clear();
    return entries;
  }

  /** Last report of each scope. */
  latest(): Record<string, SyncProgress> {
    return Object.fromEntries(this.reports.map((progress) => [progress.scope, progress]));
  }

  async facts(store: DataSourceStore = this.store): Promise<Required<Pick<FactBatch, 'deployments' | 'incidents' | 'coverage'>>> {
    const all: Required<Pick<FactBatch, 'deployments' | 'incidents' | 'coverage'>> = { deployments: [], incidents: [], coverage: [] };
    for await (const batch of store.load(0)) {
      all.deployments.push(...(batch.deployments ?? []));
      all.incidents.push(...(batch.incidents ?? []));
      all.coverage.push(...(batch.coverage ?? []));
    }
    all.deployments.sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
    all.incidents.sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
    all.coverage.sort((a, b) => (`${a.kind} ${a.scope}` < `${b.kind} ${b.scope}` ? -1 : 1));
    return all;
  }
}
