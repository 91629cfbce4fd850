import type { FactBatch } from '../../src/engine/model';
import type { DoraJsonData, Secrets } from '../../src/shared/settings';
import type { AwsPatience } from '../../src/sources/aws/clients';
import { CloudWatchSource } from '../../src/sources/cloudwatch/source';
import { CodePipelineSource } from '../../src/sources/codepipeline/source';
import { OpsCenterSource } from '../../src/sources/opscenter/source';
import type { ClosedBucket, HealthPart, Source, SourceContext } from '../../src/sources/source';
import type { DataSourceStore } from '../../src/store/store';
import { DEFAULT_ACCOUNT, DEFAULT_KEY } from '../doubles/aws/identities';
import type { JournalEntry } from '../doubles/aws/journal';
import { fetchModels } from '../doubles/aws/models';
import { AwsScenario, type RegionBuilder } from '../doubles/aws/scenario';
import { AwsDouble, type DoubleOptions } from '../doubles/aws/server';
import { World } from '../doubles/aws/world';
import { Clock } from '../doubles/shared/clock';
import { SourceBench } from './bench';

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

/** The AWS sources on their bench. The clock stands still at the machine's time: credentials end by that. */
export class AwsBench extends SourceBench<AwsDouble> {
  readonly world = new World();
  readonly scenario = new AwsScenario(this.world);
  readonly codepipeline: CodePipelineSource;
  readonly opscenter: OpsCenterSource;
  readonly cloudwatch: CloudWatchSource;
  /** What there is to publish. */
  buckets: ClosedBucket[] = [];

  constructor(private readonly options: AwsBenchOptions = {}) {
    super(new Clock(Math.floor(Date.now() / 1000) * 1000, false), { teams: [], ...options.settings }, KEYS);
    this.grafanaConfig = options.grafanaConfig ?? {};
    this.codepipeline = new CodePipelineSource(options.patience);
    this.opscenter = new OpsCenterSource(options.patience);
    this.cloudwatch = new CloudWatchSource(options.patience);
  }

  get now(): number {
    return this.clock.now();
  }

  /** The connection's own account. */
  region(name = 'us-east-1', account = DEFAULT_ACCOUNT): RegionBuilder {
    return this.scenario.region(account, name);
  }

  override async close(): Promise<void> {
    const { defects } = this.double;
    await super.close();
    expect(defects).toEqual([]);
  }

  override context(store?: DataSourceStore): SourceContext {
    return { ...super.context(store), closedBuckets: (from) => Promise.resolve(this.buckets.filter(({ at }) => at >= from)) };
  }

  protected startDouble(): Promise<AwsDouble> {
    const models = modelsOrWord();
    return new AwsDouble({ ...this.options.double, models: models && !('missing' in models) ? models : null, world: this.world, clock: this.clock }).start();
  }

  protected connected(): DoraJsonData {
    return { authType: 'keys', endpoint: this.double.url, ...this.settings };
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

  /** By time. */
  async facts(store: DataSourceStore = this.store): Promise<Required<Pick<FactBatch, 'deployments' | 'incidents' | 'coverage'>>> {
    const all = await this.stored(store);
    all.deployments.sort((a, b) => a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1));
    all.incidents.sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1));
    return all;
  }
}
