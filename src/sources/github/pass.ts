import type { Coverage, Instant, Repository } from '../../engine/model';
import { DAY_MS, durationMs } from '../../shared/duration';
import { DoraError } from '../../shared/errors';
import type { SourceContext, SyncProgress } from '../source';
import type { GitHubClient } from './client';
import { syncedHeads } from './commits';
import { collectForeignDeployments } from './deployed';
import { fetchFirstPages, REPOSITORIES_AT_ONCE } from './first-pages';
import { lookedAtFirst, teamsWithoutHeadStart } from './head-start';
import { expectedTotal, type NewestFirstState } from './newest-first';
import { planFor, selectionOf } from './plan';
import { isOutage, knownRepositories, stopsPass, type LookupFailure } from './repositories';
import { notBegun, repositorySteps, wantedKinds } from './repository-steps';
import { readState, type RepositoryScope, type Snapshot } from './scope';
import { takeSnapshots } from './snapshots';
import { callsUntilThrough, timeToGo } from './time-to-go';
import { nextTurn } from './turns';
import { codedError } from './unexpected';

const SUCCESS_KEY = 'github/last-success';
/** GitHub is down when so many repositories in a row find it so. */
const MOST_UNAVAILABLE = 3;
/** What comes first of a team that somebody looks at. */
const FIRST_DAYS_MS = 14 * DAY_MS;
/** Of further pages of each of its repositories, until the others have their turn. */
const MOST_ROUNDS = 4;
const LONGEST_PAGE_MS = 120_000;

/** A repository whose pages are being fetched. */
interface Task {
  scope: RepositoryScope;
  steps: AsyncGenerator<void, void>;
  pages: number;
  progress: SyncProgress;
  /** How far back each kind of facts is, and how many pages it still needs, as far as it told. */
  back: Map<string, { reached: Instant; pages: number }>;
}

/** One pass over all repositories of the settings. */
export class Pass {
  private readonly client: GitHubClient;
  private readonly every: number;
  private readonly lookback: number;
  /** The context of repositories: facts are judged by GitHub's time where this machine's is wrong. */
  private readonly factsContext: SourceContext;
  private readonly pace = new Pace();
  private tasks: Task[] = [];
  private successes: Record<string, number> = {};
  private unavailable = 0;

  constructor(
    private readonly context: SourceContext,
    private readonly signal: AbortSignal,
    makeClient: (paused: (until: Instant | null) => void) => GitHubClient
  ) {
    this.client = makeClient((until) => this.paused(until));
    this.every = durationMs(context.settings.sync.every);
    this.lookback = durationMs(context.settings.sync.lookback);
    this.factsContext = { ...context, now: () => this.client.now() };
  }

  async run(): Promise<void> {
    const { context, signal, client } = this;
    this.successes = ((await context.store.readState(SUCCESS_KEY)) ?? {}) as Record<string, number>;
    await this.headStart();
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
      await collectForeignDeployments(this.factsContext, this.tasks.map((task) => task.scope));
      // A pass may take hours, over several limits: now and then it looks what came meanwhile.
      whole = await this.work(startedAt + this.every, failed);
    }
    await context.store.write({}, { [SUCCESS_KEY]: this.successes });
  }

  /**
   * The last days of teams that somebody looks at, before anything else: in a large organisation it takes a while until
   * everything was only listed. Once for each team and what it asks for; whatever fails here is told in its turn.
   */
  private async headStart(): Promise<void> {
    const { context, client, signal } = this;
    const begun = await teamsWithoutHeadStart(context);
    if (begun === null) {
      return;
    }
    try {
      this.tasks = (await this.tasksFor(await lookedAtFirst(context, client, signal, begun.teams))).filter(({ progress }) => progress.lastSuccessAt === null && progress.fetched === 0);
      await this.writeRepositories();
      for (let at = 0; at < this.tasks.length; at += REPOSITORIES_AT_ONCE) {
        await this.takeFirstPages(this.tasks.slice(at, at + REPOSITORIES_AT_ONCE));
      }
      const until = client.now() - FIRST_DAYS_MS;
      let waiting = this.tasks;
      for (let round = 0; round < MOST_ROUNDS; round += 1) {
        waiting = waiting.filter((task) => !reaches(task, until));
        for (const task of waiting) {
          await this.step(task);
        }
      }
      await context.store.write({}, begun.state);
    } catch (error) {
      signal.throwIfAborted();
      const coded = codedError(error, context.log);
      if (stopsPass(coded)) {
        throw coded;
      }
      context.log.info('The last days of what is looked at do not come first', { code: coded.code, message: coded.message });
    } finally {
      await Promise.all(this.tasks.map((task) => task.steps.return()));
    }
  }

  /** The newest of a few repositories with one call, and a step for each kind of facts to store it. */
  private async takeFirstPages(tasks: readonly Task[]): Promise<void> {
    try {
      await fetchFirstPages(this.client, tasks.map(({ scope }) => scope));
    } catch (error) {
      if (!(error instanceof DoraError) || error.code !== 'GITHUB_UNAVAILABLE') {
        throw error;
      }
      // Too much at once: each is asked for by itself.
    }
    for (const task of tasks) {
      const hasPages = (): boolean => Object.values(task.scope.firstPages).some((page) => page !== undefined);
      for (let kinds = wantedKinds(task.scope.plan).length; kinds > 0 && hasPages(); kinds -= 1) {
        await this.step(task);
      }
    }
  }

  /** Fetches page by page; false when it is time to look for news before all is done. */
  private async work(until: Instant, failed: Map<string, LookupFailure>): Promise<boolean> {
    let waiting = [...this.tasks];
    for (let given = 0; waiting.length > 0; given += 1) {
      this.signal.throwIfAborted();
      if (this.context.now() >= until && given > 0) {
        await Promise.all(waiting.map((task) => task.steps.return()));
        return false;
      }
      const looked = this.context.wanted();
      const task = waiting[nextTurn(waiting.map(({ scope, pages }) => ({ wanted: rankOf(scope.plan.teams, looked), pages })), given)];
      try {
        const done = await this.step(task);
        this.unavailable = 0;
        if (done) {
          waiting = waiting.filter((other) => other !== task);
          this.finish(task);
        }
      } catch (error) {
        this.signal.throwIfAborted();
        const coded = codedError(error, this.context.log);
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

  /** One page of a repository; true after the last. */
  private async step(task: Task): Promise<boolean> {
    task.pages += 1;
    const { done } = await this.pace.measured(() => this.context.now(), () => task.steps.next());
    return done === true;
  }

  private async tasksFor(snapshots: readonly Snapshot[]): Promise<Task[]> {
    const { context, factsContext, signal, client } = this;
    const tasks: Task[] = [];
    for (const snapshot of snapshots) {
      const { repository } = snapshot;
      const plan = planFor(context.settings, [repository.name, ...repository.formerNames]);
      if (plan === null) {
        continue;
      }
      const lookbackStart = client.now() - this.lookback;
      const stored = await readState<NewestFirstState>({ context, snapshot }, 'pull-requests');
      const all = snapshot.pullRequests.total;
      const progress: SyncProgress = {
        scope: repository.name,
        phase: 'waiting',
        fetched: stored?.fetched ?? 0,
        total: !plan.pullRequests ? null : stored === null ? all : expectedTotal(stored, all, lookbackStart),
        lastSuccessAt: this.successes[repository.id] ?? null,
        resumesAt: null,
        error: null,
      };
      const scope: RepositoryScope = {
        context: factsContext,
        client,
        signal,
        plan,
        snapshot,
        lookbackStart,
        firstPages: {},
        progress: ({ back, ...part }) => {
          if (back !== undefined) {
            task.back.set(back.kind, back);
          }
          Object.assign(progress, part);
          this.report(task);
        },
      };
      const task: Task = { scope, steps: repositorySteps(scope), pages: 0, progress, back: new Map() };
      if (progress.lastSuccessAt === null) {
        this.report(task);
      }
      tasks.push(task);
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
    const { progress } = task;
    const { repository } = task.scope.snapshot;
    this.successes[repository.id] = this.context.now();
    // What lies before the lookback is not waited for: all there is has been fetched.
    const total = progress.total === null ? null : progress.fetched;
    Object.assign(progress, { phase: 'done', total, lastSuccessAt: this.successes[repository.id], resumesAt: null, error: null });
    this.report(task);
  }

  private fail(scope: string, id: string, error: DoraError, progress?: SyncProgress): void {
    this.context.log.warn('Synchronisation failed', { scope, code: error.code, message: error.message });
    Object.assign(progress ?? {}, { phase: 'failed' });
    this.context.report({
      scope,
      phase: 'failed',
      fetched: progress?.fetched ?? 0,
      total: progress?.total ?? null,
      lastSuccessAt: this.successes[id] ?? null,
      resumesAt: null,
      finishesAt: null,
      error: { code: error.code, message: error.message },
    });
  }

  private report(task: Task): void {
    this.context.report({ ...task.progress, finishesAt: this.finishesAt(task) });
  }

  /** When a repository will be through with its history, as far as one can tell; null for one that is. */
  private finishesAt(task: Task): Instant | null {
    const others = this.tasks.filter((other) => other !== task && isUnfinished(other));
    const calls = isUnfinished(task) && task.progress.phase !== 'updating' ? callsUntilThrough(pagesOf(task), others.map(pagesOf)) : null;
    const { msPerPage } = this.pace;
    return calls === null || msPerPage === null ? null : this.context.now() + timeToGo(calls, msPerPage, this.client.budget(), this.context.now());
  }

  /** While GitHub wants us to wait, every unfinished scope says so, and until when. */
  private paused(until: Instant | null): void {
    this.pace.paused(until === null ? null : this.context.now(), this.context.now());
    for (const task of this.tasks.filter(isUnfinished)) {
      const { progress } = task;
      const phase = until === null ? (progress.fetched > 0 ? 'history' : 'waiting') : 'paused';
      Object.assign(progress, { phase, resumesAt: until });
      this.report(task);
    }
  }
}

/** How long a page takes while nobody is told to wait. */
class Pace {
  private pages = 0;
  private workedMs = 0;
  private pausedMs = 0;
  private pausedAt: Instant | null = null;

  /** Null before the first page. */
  get msPerPage(): number | null {
    return this.pages === 0 ? null : this.workedMs / this.pages;
  }

  async measured<T>(now: () => Instant, work: () => Promise<T>): Promise<T> {
    const [began, paused] = [now(), this.pausedMs];
    const result = await work();
    this.pages += 1;
    // A clock that jumps meanwhile is no slow page.
    this.workedMs += Math.min(LONGEST_PAGE_MS, Math.max(0, now() - began - (this.pausedMs - paused)));
    return result;
  }

  paused(since: Instant | null, now: Instant): void {
    this.pausedMs += since === null && this.pausedAt !== null ? now - this.pausedAt : 0;
    this.pausedAt = since;
  }
}

function isUnfinished({ progress }: Task): boolean {
  return progress.phase !== 'done' && progress.phase !== 'failed';
}

function pagesOf({ back }: Task): number | null {
  return back.size === 0 ? null : [...back.values()].reduce((sum, { pages }) => sum + pages, 0);
}

/** True when all that is wanted of a repository is there from that moment on. */
function reaches({ scope, back }: Task, until: Instant): boolean {
  return wantedKinds(scope.plan).every((kind) => (back.get(kind)?.reached ?? Infinity) <= until);
}

function rankOf(teams: readonly string[], looked: readonly string[]): number | null {
  const rank = looked.findIndex((team) => teams.includes(team));
  return rank < 0 ? null : rank;
}
