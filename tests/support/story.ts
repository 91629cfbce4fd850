import type { DoraEngine } from '../../src/engine/engine';
import { createEngine } from '../../src/engine/index';
import { parseQuery } from '../../src/shared/query';
import { parseSettings, type DoraJsonData } from '../../src/shared/settings';
import type { PullRequestInput, RepositoryBuilder } from '../doubles/github/scenario';
import type { PullRequest } from '../doubles/github/world';
import { GitHubBench, NOW } from './github';

const HOUR = 3_600_000;
type TeamSpec = NonNullable<DoraJsonData['teams']>[number];

/** Hours of the story; fractions are fine. */
type Hours = number;

export interface DeploymentLine {
  /** Name that the story gave the SHA, else its first digits. */
  of: string;
  finished: Hours;
  kind: string;
  status: string;
  changes: number;
  failed: boolean;
}

/**
 * A story at the GitHub double, told in hours since its start, read by the real source and computed by the engine. What it
 * answers is in hours, too, so that a test can show its arithmetic.
 */
export class Story {
  readonly bench: GitHubBench;
  readonly start = Date.parse(NOW) - 20 * 24 * HOUR;
  readonly api: RepositoryBuilder;
  private readonly names = new Map<string, string>();
  private readonly team: Partial<TeamSpec>;
  private engine: DoraEngine | null = null;

  constructor(team: Partial<TeamSpec>, more: DoraJsonData = {}) {
    this.team = { name: 'Acme', repositories: ['acme/api'], ...team };
    this.bench = new GitHubBench({ settings: { sync: { every: '5m', lookback: '180d' }, ...more, teams: [this.team as TeamSpec] } });
    this.api = this.bench.scenario.organisation('acme').repository('api', { createdAt: this.start - 1_000 * HOUR });
    this.named('start', this.api.commit({ at: this.at(-240), message: 'Start' }).sha);
  }

  at(hours: Hours): number {
    return this.start + Math.round(hours * HOUR);
  }

  named(name: string, sha: string): string {
    this.names.set(sha, name);
    return sha;
  }

  /** A pull request from its first commit at `first` to its merge; its merge commit is called `name`. */
  change(name: string, first: Hours, merged: Hours, more: Partial<PullRequestInput> & { in?: RepositoryBuilder } = {}): PullRequest & { sha: string } {
    const { in: repository = this.api, ...input } = more;
    const pull = repository.pullRequest({ title: `Change ${name}`, author: 'ada', openedAt: this.at(first), commits: [this.at(first)], mergedAt: this.at(merged), ...input });
    return Object.assign(pull, { sha: this.named(name, pull.mergeSha!) });
  }

  /** GitHub's own revert of a pull request. */
  revert(name: string, of: PullRequest, first: Hours, merged: Hours, more: Partial<PullRequestInput> = {}): PullRequest & { sha: string } {
    const pull = this.api.revert(of, { author: 'ada', openedAt: this.at(first), commits: [this.at(first)], mergedAt: this.at(merged), ...more });
    return Object.assign(pull, { sha: this.named(name, pull.mergeSha!) });
  }

  /** A finished run of `deploy.yml` that took from `started` to `finished`. */
  run(sha: string, started: Hours, finished: Hours, more: { workflow?: string; branch?: string; conclusion?: 'success' | 'failure' | 'cancelled'; job?: string } = {}): void {
    const { workflow = 'deploy.yml', branch = 'main', conclusion = 'success', job } = more;
    const jobs = job === undefined ? {} : { jobs: [{ name: job, startedAt: this.at(started), finishedAt: this.at(finished), conclusion }] };
    this.api.workflowRun({ workflow, branch, sha, at: this.at(started), attempts: [{ startedAt: this.at(started), finishedAt: this.at(finished), conclusion, ...jobs }] });
  }

  /** A GitHub deployment to production. */
  deployment(sha: string, started: Hours, finished: Hours, state: 'SUCCESS' | 'FAILURE' | 'ERROR' = 'SUCCESS', environment = 'production'): void {
    this.api.deployment({ sha, environment, at: this.at(started), statuses: [{ state: 'IN_PROGRESS', at: this.at(started) }, { state, at: this.at(finished) }] });
  }

  /** Synchronises what was told so far, and again what came since. */
  async tell(): Promise<this> {
    if (this.engine === null) {
      await this.bench.start();
    }
    await this.bench.sync();
    this.engine = createEngine(parseSettings(this.bench.settings).settings);
    for await (const batch of this.bench.store.load(0)) {
      this.engine.apply(batch);
    }
    return this;
  }

  /** One number over the twenty days. */
  number(query: object): number | null {
    const answer = this.answer({ format: 'number', ...query });
    return answer.kind === 'numbers' ? (answer.numbers[0]?.value ?? null) : null;
  }

  count(more: object = {}): number | null {
    return this.number({ metric: 'deployment-frequency', measure: 'count', ...more });
  }

  /** Mean lead time in hours. */
  lead(): number | null {
    return inHours(this.number({ metric: 'lead-time', statistic: 'mean' }));
  }

  /** Change failure rate in percent. */
  failures(): number | null {
    return this.number({ metric: 'change-failure-rate' });
  }

  /** Mean time to restore in hours. */
  restore(): number | null {
    return inHours(this.number({ metric: 'time-to-restore', statistic: 'mean' }));
  }

  /** Lead time in hours of each change that counts, by title. */
  leads(): Record<string, number> {
    return Object.fromEntries(this.rows('changes').flatMap(({ title, leadTime, counted }) => (counted === true && typeof leadTime === 'number' ? [[String(title), leadTime / 3_600]] : [])));
  }

  deployments(): DeploymentLine[] {
    return this.rows('deployments').map(({ sha, finishedAt, kind, status, changes, failed }) => ({
      of: this.names.get(String(sha)) ?? String(sha).slice(0, 7), finished: this.hours(finishedAt), kind: String(kind), status: String(status), changes: Number(changes), failed: failed === true,
    }));
  }

  /** Incidents as `source: opened → resolved`, open ones without the latter. */
  incidents(): string[] {
    return this.rows('incidents').map(({ source, openedAt, resolvedAt }) => `${String(source)}: ${this.hours(openedAt)} → ${resolvedAt === null ? '' : this.hours(resolvedAt)}`);
  }

  rows(queryType: string, more: object = {}): Array<Record<string, unknown>> {
    const answer = this.answer({ queryType, ...more });
    if (answer.kind !== 'table') {
      throw new Error(answer.kind);
    }
    return (answer.columns[0]?.values ?? []).map((_, row) => Object.fromEntries(answer.columns.map(({ name, values }) => [name, values[row]])));
  }

  private answer(query: object): ReturnType<DoraEngine['answer']> {
    if (this.engine === null) {
      throw new Error('tell the story first');
    }
    return this.engine.answer(parseQuery(query), { from: this.start, to: Date.parse(NOW) }, this.bench.clock.now());
  }

  private hours(at: unknown): Hours {
    return Math.round(((Number(at) - this.start) / HOUR) * 1_000) / 1_000;
  }
}

function inHours(seconds: number | null): number | null {
  return seconds === null ? null : Math.round((seconds / 3_600) * 1e6) / 1e6;
}
