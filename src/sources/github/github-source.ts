import type { Coverage, Repository } from '../../engine/model';
import { durationMs } from '../../shared/duration';
import { DoraError } from '../../shared/errors';
import type { Settings } from '../../shared/settings';
import type { HealthPart, Source, SourceContext, SyncProgress } from '../source';
import { checkGitHub } from './check';
import { accessOf, GitHubClient, hostOf, type ClientOptions } from './client';
import { syncedHeads } from './commits';
import { CredentialLimits } from './limits';
import { planFor, selectionOf, usesGitHub } from './plan';
import { isOutage, knownRepositories, stopsPass, takeSnapshots, type LookupFailure } from './repositories';
import { notBegun, repositorySteps } from './repository-steps';
import { collectForeignDeployments } from './deployed';
import { searchRepositories } from './search';
import type { NewestFirstState } from './newest-first';
import { readState, type RepositoryScope, type Snapshot } from './scope';
import { nextTurn } from './turns';

const SUCCESS_KEY = 'github/last-success';
/** GitHub is down when so many repositories in a row find it so. */
const MOST_UNAVAILABLE = 3;

/** A repository whose pages are being fetched. */
interface Task {
  scope: RepositoryScope;
  steps: AsyncGenerator<void, void>;
  pages: number;
  progress: SyncProgress;
}

/** GitHub as a source of pull requests, commits, deployments and issues. One instance serves all data sources. */
export class GitHubSource implements Source {
  readonly name = 'github';
  private readonly limits = new Map<string, CredentialLimits>();

  constructor(private readonly options: Partial<ClientOptions> = {}) {}

  isUsed(settings: Settings): boolean {
    return usesGitHub(settings);
  }

  async sync(context: SourceContext, signal: AbortSignal): Promise<void> {
    const pass = new Pass(context, signal, (paused) => this.client(context, signal, true, paused));
    await pass.run();
  }

  async check(context: SourceContext, signal: AbortSignal): Promise<HealthPart[]> {
    return checkGitHub(context, signal, () => this.client(context, signal, false, () => undefined));
  }

  async search(context: SourceContext, what: 'repositories' | 'pipelines', text: string, limit: number, signal: AbortSignal): Promise<string[]> {
    return what === 'repositories' ? searchRepositories(this.client(context, signal, false, () => undefined), context, text, limit) : [];
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

/** One pass over all repositories of the settings. */
class Pass {
  private readonly client: GitHubClient;
  private readonly every: number;
  private readonly lookback: number;
  private tasks: Task[] = [];
  private successes: Record<string, number> = {};
  private unavailable = 0;

  constructor(
    private readonly context: SourceContext,
    private readonly signal: AbortSignal,
    makeClient: (paused: (until: number | null) => void) => GitHubClient
  ) {
    this.client = makeClient((until) => this.paused(until));
    this.every = durationMs(context.settings.sync.every);
    this.lookback = durationMs(context.settings.sync.lookback);
  }

  async run(): Promise<void> {
    const { context, signal, client } = this;
    this.successes = ((await context.store.readState(SUCCESS_KEY)) ?? {}) as Record<string, number>;
    const failed = new Map<string, LookupFailure>();
    for (let whole = false; !whole; ) {
      const startedAt = context.now();
      const selection = selectionOf(context.settings);
      const { directory, failures: unlisted } = await knownRepositories(context, client, signal, selection);
      const { snapshots, failures } = await takeSnapshots(context, client, signal, selection, directory, (names) => planFor(context.settings, names));
      const malformed = selection.malformed.map((pattern) => ({
        scope: pattern,
        error: new DoraError('GITHUB_NO_REPOSITORY_MATCHES', `${pattern} is not of the form owner/name.`),
      }));
      for (const failure of [...malformed, ...unlisted, ...failures]) {
        this.fail(failure.scope, failure.scope, failure.error);
      }
      this.tasks = await this.tasksFor(snapshots.filter((snapshot) => !failed.has(snapshot.repository.id)));
      await this.writeRepositories();
      await collectForeignDeployments(context, this.tasks.map((task) => task.scope));
      // A pass may take hours, over several limits: now and then it looks what came meanwhile.
      whole = await this.work(startedAt + this.every, failed);
    }
    await context.store.write({}, { [SUCCESS_KEY]: this.successes });
  }

  /** Fetches page by page; false when it is time to look for news before all is done. */
  private async work(until: number, failed: Map<string, LookupFailure>): Promise<boolean> {
    let waiting = [...this.tasks];
    for (let given = 0; waiting.length > 0; given += 1) {
      this.signal.throwIfAborted();
      if (this.context.now() >= until && given > 0) {
        await Promise.all(waiting.map((task) => task.steps.return()));
        return false;
      }
      const looked = this.context.wanted();
      const task = waiting[nextTurn(waiting.map(({ scope, pages }) => ({ wanted: rankOf(scope.plan.teams, looked), pages })), given)];
      task.pages += 1;
      try {
        const { done } = await task.steps.next();
        this.unavailable = 0;
        if (done) {
          waiting = waiting.filter((other) => other !== task);
          this.finish(task);
        }
      } catch (error) {
        this.signal.throwIfAborted();
        const coded = codedError(error, this.context);
        if (stopsPass(coded)) {
          throw coded;
        }
        waiting = waiting.filter((other) => other !== task);
        const { repository } = task.scope.snapshot;
        failed.set(repository.id, { scope: repository.name, error: coded });
        this.fail(repository.name, repository.id, coded, task.progress);
        this.unavailable += isOutage(coded) ? 1 : 0;
        if (this.unavailable >= MOST_UNAVAILABLE) {
          waiting.forEach(({ scope, progress }) => this.fail(scope.snapshot.repository.name, scope.snapshot.repository.id, coded, progress));
          return true;
        }
      }
    }
    return true;
  }

  private async tasksFor(snapshots: readonly Snapshot[]): Promise<Task[]> {
    const { context, signal, client } = this;
    const tasks: Task[] = [];
    for (const snapshot of snapshots) {
      const { repository } = snapshot;
      const plan = planFor(context.settings, [repository.name, ...repository.formerNames]);
      if (plan === null) {
        continue;
      }
      const stored = await readState<NewestFirstState>({ context, snapshot }, 'pull-requests');
      const progress: SyncProgress = {
        scope: repository.name,
        phase: 'waiting',
        fetched: stored?.fetched ?? 0,
        total: plan.pullRequests ? snapshot.pullRequests.total : null,
        lastSuccessAt: this.successes[repository.id] ?? null,
        resumesAt: null,
        error: null,
      };
      const scope: RepositoryScope = {
        context,
        client,
        signal,
        plan,
        snapshot,
        lookbackStart: context.now() - this.lookback,
        progress: (part) => {
          Object.assign(progress, part);
          context.report({ ...progress });
        },
      };
      if (progress.lastSuccessAt === null) {
        context.report({ ...progress });
      }
      tasks.push({ scope, steps: repositorySteps(scope), pages: 0, progress });
    }
    return tasks;
  }

  /** Names, default branches and archived flags, and which kinds of facts are still to come; unchanged ones cost the store nothing. */
  private async writeRepositories(): Promise<void> {
    const repositories: Repository[] = [];
    const coverage: Coverage[] = [];
    for (const { scope } of this.tasks) {
      scope.snapshot.repository.branchHeads = await syncedHeads(scope);
      repositories.push(scope.snapshot.repository);
      coverage.push(...(await notBegun(scope)));
    }
    await this.context.store.write({ repositories, coverage });
  }

  private finish(task: Task): void {
    const { repository } = task.scope.snapshot;
    this.successes[repository.id] = this.context.now();
    Object.assign(task.progress, { phase: 'done', lastSuccessAt: this.successes[repository.id], resumesAt: null, error: null });
    this.context.report({ ...task.progress });
  }

  private fail(scope: string, id: string, error: DoraError, progress?: SyncProgress): void {
    this.context.log.warn('Synchronisation failed', { scope, code: error.code, message: error.message });
    this.context.report({
      scope,
      phase: 'failed',
      fetched: progress?.fetched ?? 0,
      total: progress?.total ?? null,
      lastSuccessAt: this.successes[id] ?? null,
      resumesAt: null,
      error: { code: error.code, message: error.message },
    });
  }

  /** While GitHub wants us to wait, every unfinished scope says so, and until when. */
  private paused(until: number | null): void {
    for (const { progress } of this.tasks) {
      if (progress.phase !== 'done' && progress.phase !== 'failed') {
        const phase = until === null ? (progress.fetched > 0 ? 'history' : 'waiting') : 'paused';
        Object.assign(progress, { phase, resumesAt: until });
        this.context.report({ ...progress });
      }
    }
  }
}

function rankOf(teams: readonly string[], looked: readonly string[]): number | null {
  const rank = looked.findIndex((team) => teams.includes(team));
  return rank < 0 ? null : rank;
}

function codedError(error: unknown, context: SourceContext): DoraError {
  if (error instanceof DoraError) {
    return error;
  }
  context.log.error('Synchronisation met an unexpected failure', { error });
  return new DoraError('INTERNAL', error instanceof Error ? error.message : 'An unexpected failure.', { cause: error });
}

