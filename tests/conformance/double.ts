import type { ChildProcess } from 'node:child_process';
import type { ScenarioFile } from '../doubles/github/config';
import type { Fault } from '../doubles/github/faults';
import type { JournalEntry, JournalSummary } from '../doubles/github/journal';
import type { TokenSpec } from '../doubles/github/access';
import type { OrganisationSpec, Step } from '../doubles/github/steps';
import type { Webhook } from '../doubles/github/webhooks';
import { DoubleProcess, startDouble } from './double-process';

export interface WorldRow {
  repository: string;
  pullRequests: number;
  merged: number;
  commits: number;
  releases: number;
}

interface Ready {
  url: string;
  token: string;
  histories: string[];
}

/** The GitHub double in its own process, as tests and the playground steer it; `url` is what `github.apiUrl` takes. */
export class GitHubDoubleProcess extends DoubleProcess<Fault, JournalEntry, JournalSummary> {
  private constructor(
    child: ChildProcess,
    url: string,
    readonly token: string,
    /** Histories that were found, as `owner/name`. */
    readonly histories: string[],
  ) {
    super(child, url);
  }

  static async start(scenario: ScenarioFile): Promise<GitHubDoubleProcess> {
    const { child, ready } = await startDouble<Ready>('github', scenario);
    return new GitHubDoubleProcess(child, ready.url, ready.token, ready.histories);
  }

  async setToken(token: TokenSpec & { revoked?: boolean }): Promise<void> {
    await this.ask('POST', '/_control/tokens', token);
  }

  async add(organisations: OrganisationSpec[]): Promise<void> {
    await this.ask('POST', '/_control/facts', { organisations });
  }

  async change(repository: string, steps: Step[]): Promise<void> {
    await this.ask('POST', '/_control/facts', { repository, steps });
  }

  /** What GitHub would have sent of all that a repository has now. */
  webhooks(repository: string): Promise<Webhook[]> {
    return this.ask('GET', `/_control/webhooks?repository=${repository}`);
  }

  world(): Promise<WorldRow[]> {
    return this.ask('GET', '/_control/world');
  }
}
