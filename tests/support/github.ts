import type { Coverage, FactBatch } from '../../src/engine/model';
import type { DoraJsonData, Secrets } from '../../src/shared/settings';
import { GitHubSource } from '../../src/sources/github/github-source';
import type { HealthPart } from '../../src/sources/source';
import type { DataSourceStore, JsonValue } from '../../src/store/store';
import { DEFAULT_TOKEN } from '../doubles/github/access';
import { Clock } from '../doubles/shared/clock';
import { Scenario } from '../doubles/github/scenario';
import { GitHubDouble, type DoubleOptions } from '../doubles/github/server';
import { World } from '../doubles/github/world';
import { SourceBench } from './bench';

export { Stopped, stoppingAfter } from './stores';

export const NOW = '2026-03-01T12:00:00Z';

export interface BenchOptions {
  settings?: DoraJsonData;
  double?: Omit<DoubleOptions, 'world' | 'clock'>;
  secrets?: Secrets;
  now?: string;
  wanted?: string[];
}

const open = new Set<GitHubBench>();

/** For `afterEach`: a test that fails leaves no server behind. */
export async function closeBenches(): Promise<void> {
  await Promise.all([...open].map((bench) => bench.close()));
}

/** The GitHub source on its bench. */
export class GitHubBench extends SourceBench<GitHubDouble> {
  readonly world = new World();
  readonly scenario = new Scenario(this.world);
  source = new GitHubSource();

  constructor(private readonly options: BenchOptions = {}) {
    super(new Clock(options.now ?? NOW, false), options.settings ?? {}, options.secrets ?? { githubToken: DEFAULT_TOKEN });
    this.wanted = options.wanted ?? [];
  }

  override start(): Promise<this> {
    open.add(this);
    return super.start();
  }

  override close(): Promise<void> {
    open.delete(this);
    return super.close();
  }

  protected startDouble(): Promise<GitHubDouble> {
    return new GitHubDouble({ ...this.options.double, world: this.world, clock: this.clock }).start();
  }

  protected connected(): DoraJsonData {
    return { ...this.settings, github: { apiUrl: this.double.url, ...this.settings.github } };
  }

  async sync(signal: AbortSignal = new AbortController().signal, store: DataSourceStore = this.store): Promise<void> {
    await this.source.sync(this.context(store), signal);
  }

  async check(): Promise<HealthPart[]> {
    return this.source.check(this.context(), new AbortController().signal);
  }

  /** All facts in an order of their own, for comparing. */
  async facts(store: DataSourceStore = this.store): Promise<Required<Omit<FactBatch, 'removed'>>> {
    const all = await this.stored(store);
    const by = <T>(key: (fact: T) => string) => (a: T, b: T): number => (key(a) < key(b) ? -1 : 1);
    all.repositories.sort(by((fact) => fact.id));
    all.pullRequests.sort(by((fact) => fact.id));
    all.commits.sort(by((fact) => `${fact.repository} ${fact.sha}`));
    all.deployments.sort(by((fact) => fact.id));
    all.incidents.sort(by((fact) => fact.id));
    return all;
  }

  async coverage(kind: Coverage['kind']): Promise<Coverage[]> {
    return (await this.facts()).coverage.filter((fact) => fact.kind === kind);
  }
}

/** Calls `then` after each write that went well. */
export function afterEachWrite(store: DataSourceStore, then: () => void): DataSourceStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'write') {
        return async (batch: FactBatch, state?: Record<string, JsonValue>) => {
          const revision = await target.write(batch, state);
          then();
          return revision;
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const DAY = 86_400_000;

/**
 * An organisation of three repositories whose history goes back `days`: `acme/api` and `acme/web` merge and release,
 * `acme/old` is archived and empty of both.
 */
export function acme(bench: GitHubBench, pulls = 90, days = 200): void {
  const now = Date.parse(NOW);
  const owner = bench.scenario.organisation('acme');
  for (const [name, count] of [['api', pulls], ['web', Math.ceil(pulls / 3)]] as const) {
    const repository = owner.repository(name);
    repository.commit({ at: now - days * DAY, message: 'Start' });
    for (let index = 0; index < count; index += 1) {
      const mergedAt = now - (days - 1) * DAY + Math.floor(((index + 1) * (days - 2) * DAY) / count / 1000) * 1000;
      repository.pullRequest({
        title: `Change ${index}`,
        author: index % 7 === 0 ? 'renovate[bot]' : `engineer-${index % 5}`,
        openedAt: mergedAt - 30 * 3_600_000,
        commits: [mergedAt - 40 * 3_600_000, mergedAt - 20 * 3_600_000],
        reviews: [{ by: 'reviewer', state: 'approved', at: mergedAt - 3_600_000 }],
        labels: index % 3 === 0 ? ['chore'] : [],
        mergedAt,
        merge: index % 2 === 0 ? 'merge' : 'squash',
      });
      if (index % 5 === 4) {
        repository.release({ tag: `v${index}`, publishedAt: mergedAt + 60_000 });
      }
    }
  }
  owner.repository('old', { archived: true }).commit({ at: now - days * DAY, message: 'Start' });
}

export const RELEASES: DoraJsonData = {
  sync: { every: '5m', lookback: '180d' },
  teams: [{ name: 'Acme', repositories: ['acme/*'], deployments: [{ from: 'releases' }] }],
};

/** With the whole history, facts do not depend on when a pass began or where its pages ended. */
export const WHOLE: DoraJsonData = { ...RELEASES, sync: { every: '5m', lookback: '400d' } };

/** Facts without the moments that depend on when a pass ran. */
export function lasting(facts: Awaited<ReturnType<GitHubBench['facts']>>): unknown {
  return { ...facts, coverage: facts.coverage.map(({ kind, scope, complete }) => ({ kind, scope, complete })) };
}
