import type { Settings } from '../../shared/settings';
import type { HealthPart, Source, SourceContext } from '../source';
import { accessOf } from './access';
import { checkGitHub } from './check';
import { GitHubClient, hostOf, type ClientOptions } from './client';
import { CredentialLimits } from './limits';
import { Pass } from './pass';
import { usesGitHub } from './plan';
import { searchRepositories } from './search';
import { codedError } from './unexpected';

/**
 * GitHub as a source of pull requests, commits, deployments and issues. One instance serves all data sources of the process, so
 * that those with one credential share its limits and its lane.
 */
export class GitHubSource implements Source {
  readonly name = 'github';
  /** By a hash of address and credential, never by the credential itself. */
  private readonly limits = new Map<string, CredentialLimits>();

  constructor(private readonly options: Partial<ClientOptions> = {}) {}

  isUsed(settings: Settings): boolean {
    return usesGitHub(settings);
  }

  async sync(context: SourceContext, signal: AbortSignal): Promise<void> {
    const pass = new Pass(context, signal, (paused) => this.client(context, signal, true, paused));
    await this.coded(context, signal, () => pass.run());
  }

  async check(context: SourceContext, signal: AbortSignal): Promise<HealthPart[]> {
    return this.coded(context, signal, () => checkGitHub(context, signal, () => this.client(context, signal, false, () => undefined)));
  }

  async search(context: SourceContext, what: 'repositories' | 'pipelines', text: string, limit: number, signal: AbortSignal): Promise<string[]> {
    return what === 'repositories' ? this.coded(context, signal, () => searchRepositories(this.client(context, signal, false, () => undefined), context, text, limit)) : [];
  }

  /** Nothing but coded errors, and the reason of an abort, leaves this source. */
  private async coded<Result>({ log }: SourceContext, signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw codedError(error, log);
    }
  }

  private client(context: SourceContext, signal: AbortSignal, patient: boolean, paused: (until: number | null) => void): GitHubClient {
    const access = accessOf(context.settings, context.secrets);
    let limits = this.limits.get(access.key);
    if (limits === undefined) {
      limits = new CredentialLimits();
      this.limits.set(access.key, limits);
    }
    return new GitHubClient(access, limits, hostOf(context, paused), signal, { ...this.options, patient });
  }
}
