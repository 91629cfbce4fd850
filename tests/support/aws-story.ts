import type { Answer } from '../../src/engine/answer';
import type { DoraEngine } from '../../src/engine/engine';
import { createEngine } from '../../src/engine/index';
import { parseQuery } from '../../src/shared/query';
import { parseSettings, type DoraJsonData } from '../../src/shared/settings';
import { GitHubSource } from '../../src/sources/github/github-source';
import type { OpsItemInput, PipelineBuilder, PipelineInput, SourceInput } from '../doubles/aws/scenario';
import type { OpsItem } from '../doubles/aws/world';
import { DEFAULT_TOKEN } from '../doubles/github/access';
import { Scenario, type RepositoryBuilder } from '../doubles/github/scenario';
import { GitHubDouble } from '../doubles/github/server';
import { World } from '../doubles/github/world';
import { AwsBench, DAY, HOUR, KEYS, MINUTE } from './aws';

export interface ChangeInput {
  branch?: string;
  title?: string;
  squash?: boolean;
  /** Which pipeline brings it out; null: none yet. */
  pipeline?: PipelineBuilder | null;
  status?: 'Succeeded' | 'Failed' | 'Superseded';
}

/** What one team (or several) did on GitHub and AWS, read by the real sources and computed by the engine. Moments are hours since its start. */
export class AwsStory {
  private engine: DoraEngine | null = null;
  private readonly gitHub: GitHubDouble;
  private readonly scenario: Scenario;

  private constructor(readonly bench: AwsBench, readonly start: number) {
    const world = new World();
    this.scenario = new Scenario(world);
    this.gitHub = new GitHubDouble({ world, clock: bench.clock });
  }

  static async begin(): Promise<AwsStory> {
    const bench = await new AwsBench().start();
    const story = new AwsStory(bench, Math.floor((bench.now - 20 * DAY) / DAY) * DAY);
    await story.gitHub.start();
    return story;
  }

  async end(): Promise<void> {
    await this.gitHub.close();
    await this.bench.close();
  }

  /** The instant of that hour. */
  h(hours: number): number {
    return this.start + hours * HOUR;
  }

  /** `acme/<name>` with one commit long before the story. */
  repository(name: string): RepositoryBuilder {
    const repository = this.scenario.organisation('acme').repository(name, { createdAt: this.start - 30 * DAY });
    repository.commit({ at: this.start - 10 * DAY, message: 'Start' });
    return repository;
  }

  pipeline(name: string, input: PipelineInput = {}): PipelineBuilder {
    return this.bench.region().pipeline(name, input);
  }

  opsItem(createdAt: number, input: Omit<OpsItemInput, 'createdAt' | 'modifiedAt'> & { modifiedAt?: number }): OpsItem {
    return this.bench.region().opsItem({ severity: '2', ...input, createdAt: this.h(createdAt), modifiedAt: this.h(input.modifiedAt ?? createdAt) });
  }

  /** A pull request whose first commit is at `from`, merged at `to`, and brought to production until `done`; its merge's SHA. */
  change(repository: RepositoryBuilder, from: number, to: number, done: number, { branch, title = 'A change', squash = false, pipeline = null, status = 'Succeeded' }: ChangeInput = {}): string {
    const pull = repository.pullRequest({
      title, author: 'ada', ...(branch ? { branch } : {}), openedAt: this.h(from), commits: [{ at: this.h(from), author: 'ada', message: title, files: ['a.ts'] }], mergedAt: this.h(to), merge: squash ? 'squash' : 'merge',
    });
    const message = squash ? `${title} (#${pull.number})` : `Merge pull request #${pull.number} from acme/${pull.headBranch}`;
    pipeline?.execution({ at: this.h(to) + MINUTE, updatedAt: this.h(done), status, sources: [this.commit(repository, pull.mergeSha!, message)] });
    return pull.mergeSha!;
  }

  /** A commit as a pipeline's source. */
  commit(repository: RepositoryBuilder, sha: string, message = 'Update', action?: string): SourceInput {
    return { from: 'github-connection', repository: repository.repository.fullName, sha, message, ...(action ? { action } : {}) };
  }

  /** Reads GitHub, CodePipeline and OpsCenter once. */
  async read(settings: DoraJsonData): Promise<void> {
    const json = { github: { apiUrl: this.gitHub.url }, authType: 'keys' as const, endpoint: this.bench.double.url, ...settings };
    this.bench.settings = json;
    this.bench.secrets = { ...KEYS, githubToken: DEFAULT_TOKEN };
    const parsed = parseSettings(json);
    if (parsed.settings.teams.some(({ repositories }) => repositories.length > 0)) {
      await this.bench.sync(new GitHubSource());
    }
    await this.bench.sync(this.bench.codepipeline);
    await this.bench.sync(this.bench.opscenter);
    this.engine = createEngine(parsed.settings);
    for await (const batch of this.bench.store.load(0)) {
      this.engine.apply(batch);
    }
  }

  answer(query: object, from = 0, to = 240): Answer {
    if (this.engine === null) {
      throw new Error('read first');
    }
    return this.engine.answer(parseQuery(query), { from: this.h(from), to: this.h(to) }, this.bench.now);
  }

  /** The numbers of a query, by their labels; only one: null as its key. */
  numbers(query: object, from?: number, to?: number): Record<string, number | null> {
    const answer = this.answer({ format: 'number', ...query }, from, to);
    return answer.kind === 'numbers' ? Object.fromEntries(answer.numbers.map(({ labels, value }) => [Object.values(labels).join(' '), value])) : {};
  }

  /** The one number of a query. */
  number(query: object, from?: number, to?: number): number | null {
    return Object.values(this.numbers(query, from, to))[0] ?? null;
  }

  /** In hours. */
  hours(query: object, from?: number, to?: number): number | null {
    const seconds = this.number(query, from, to);
    return seconds === null ? null : seconds / 3_600;
  }

  rows(queryType: 'changes' | 'deployments' | 'incidents' | 'data-quality', from?: number, to?: number): Array<Record<string, unknown>> {
    const answer = this.answer({ queryType }, from, to);
    if (answer.kind !== 'table') {
      throw new Error(answer.kind);
    }
    return (answer.columns[0]?.values ?? []).map((_, row) => Object.fromEntries(answer.columns.map(({ name, values }) => [name, values[row]])));
  }
}
