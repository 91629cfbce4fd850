import type { Coverage, DeploymentRecord, FactBatch, Instant } from '../../engine/model';
import { DAY_MS, HOUR_MS } from '../../shared/duration';
import { DoraError } from '../../shared/errors';
import { withDeployed } from './deployed';
import { MOST_NODES } from './paging';
import { readState, stateOf, type RepositoryScope, type ScopeProgress } from './scope';
import { isDueAgain } from './seldom';
import { pagesLeft } from './time-to-go';
import { believable, trusted } from './watermark';
import { split, sweep, type Window } from './windows';
import { cameTo, mapRun, selectionsOf, type RawJob, type RawRun } from './workflow-run';

const KIND = 'workflow-runs';
const OVERLAP_MS = 10 * 60_000;
const SECOND = 1_000;
/** Old runs can be run again without appearing at the top of any list: now and then the last weeks are read again. */
const SWEEP_EVERY_MS = 6 * HOUR_MS;
/** A run waits for an approval 30 days at most, and can be run again as long; the rest is until that is noticed. */
const PATIENCE_MS = 35 * DAY_MS;

interface RunsPage {
  total_count: number;
  workflow_runs: RawRun[];
}

interface RunsState {
  /** What was selected; another selection begins anew. */
  variant: string;
  /** Of the newest page, so that "nothing new" costs nothing. */
  etag: string | null;
  newest: Instant | null;
  /** Creation of the oldest run on the newest page. */
  topOldest: Instant;
  /** Still to be read, newest first. */
  windows: Window[];
  coveredFrom: Instant | null;
  sweptAt: Instant;
  /** How often; absent in states of before it was counted. */
  sweeps?: number;
  /** Runs without an end: id → creation. */
  open: Record<string, Instant>;
  /** When those that the newest page no longer shows were last asked for; absent in states of before that was kept. */
  asked?: Record<string, Instant>;
  /** Runs whose earlier attempts were read: id → attempts and creation. */
  attempts: Record<string, { count: number; createdAt: Instant }>;
}

/** Workflow runs: the newest page (free while nothing changed), then windows back to the lookback. */
export async function* syncWorkflowRuns(scope: RepositoryScope): AsyncGenerator<void, void> {
  const variant = JSON.stringify(scope.plan.runs);
  const stored = await readState<RunsState>(scope, KIND);
  let state: RunsState =
    stored?.variant === variant
      ? stored
      : { variant, etag: null, newest: null, topOldest: 0, windows: [], coveredFrom: null, sweptAt: 0, open: {}, attempts: {} };
  if (state.newest !== null) {
    state = { ...state, newest: trusted(state.newest, scope.context.now()) };
  }
  state = await topPage(scope, state);
  if (state.coveredFrom !== null && state.coveredFrom > scope.lookbackStart) {
    scope.progress({ phase: 'history', back: backOf(scope, state) });
  }
  yield;
  state = await openRuns(scope, state);
  const { now } = scope.context;
  if (Math.abs(now() - state.sweptAt) >= SWEEP_EVERY_MS && state.coveredFrom !== null && stored !== null) {
    const sweeps = state.sweeps ?? 0;
    state = { ...state, sweptAt: now(), sweeps: sweeps + 1, windows: [...sweep(sweeps, now(), { from: state.coveredFrom, to: state.topOldest }), ...state.windows] };
  }
  if (state.coveredFrom !== null && state.coveredFrom > scope.lookbackStart && !state.windows.some((window) => window.extends)) {
    state = { ...state, windows: [...state.windows, { from: scope.lookbackStart, to: state.coveredFrom, page: 1, extends: true }] };
  }
  while (state.windows.length > 0) {
    state = await windowPage(scope, state);
    scope.progress({ phase: 'history', back: backOf(scope, state) });
    yield;
  }
}

function backOf(scope: RepositoryScope, state: RunsState): NonNullable<ScopeProgress['back']> {
  const reached = state.coveredFrom ?? scope.context.now();
  // The newest page tells how dense runs are.
  const pages = pagesLeft(1, reached + (state.newest ?? reached) - state.topOldest, reached, scope.lookbackStart);
  return { kind: KIND, reached, pages: Math.max(state.windows.length, pages) };
}

async function topPage(scope: RepositoryScope, state: RunsState): Promise<RunsState> {
  const answer = await scope.client.rest<RunsPage>('GET /repos/{owner}/{repo}/actions/runs', { ...address(scope), per_page: MOST_NODES }, state.etag ?? undefined);
  if (answer === null) {
    return state;
  }
  const { workflow_runs: runs, total_count: total } = answer.data;
  const created = runs.map((run) => Date.parse(run.created_at));
  const oldest = created.length > 0 ? Math.min(...created) : scope.context.now();
  const isAll = total <= runs.length;
  const windows = [...state.windows];
  let { coveredFrom } = state;
  if (state.newest === null) {
    coveredFrom = isAll || oldest < scope.lookbackStart ? scope.lookbackStart : oldest + SECOND;
  } else if (!isAll && oldest > state.newest - OVERLAP_MS) {
    // More came since than one page shows.
    windows.unshift({ from: state.newest - OVERLAP_MS, to: oldest, page: 1, extends: false });
  }
  const following: RunsState = {
    ...state,
    etag: typeof answer.headers.etag === 'string' ? answer.headers.etag : null,
    newest: believable(Math.max(state.newest ?? 0, ...created), scope.context.now()),
    topOldest: oldest,
    windows,
    coveredFrom,
    // The first reading is a sweep itself.
    sweptAt: state.newest === null ? scope.context.now() : state.sweptAt,
  };
  return store(scope, runs, following, true);
}

async function windowPage(scope: RepositoryScope, state: RunsState): Promise<RunsState> {
  const [window, ...others] = state.windows;
  const answer = await scope.client.rest<RunsPage>('GET /repos/{owner}/{repo}/actions/runs', {
    ...address(scope),
    created: `${timestamp(window.from)}..${timestamp(window.to)}`,
    per_page: MOST_NODES,
    page: window.page,
  });
  if (answer === null) {
    throw new DoraError('GITHUB_ANSWER_UNEXPECTED', 'GitHub says that nothing changed without being asked so.');
  }
  const { workflow_runs: runs, total_count: total } = answer.data;
  const parts = window.page === 1 ? split(window, total) : null;
  if (parts !== null) {
    return { ...state, windows: [...parts, ...others] };
  }
  const over = runs.length < MOST_NODES || window.page * MOST_NODES >= Math.min(total, 1_000);
  const created = runs.map((run) => Date.parse(run.created_at));
  const reached = over ? window.from : Math.min(...created) + SECOND;
  const following: RunsState = {
    ...state,
    windows: over ? others : [{ ...window, page: window.page + 1 }, ...others],
    coveredFrom: window.extends ? Math.min(state.coveredFrom ?? Infinity, reached) : state.coveredFrom,
  };
  return store(scope, runs, following, window.extends);
}

/** Runs without an end that the newest page no longer shows: a call each, the older the more seldom. */
async function openRuns(scope: RepositoryScope, state: RunsState): Promise<RunsState> {
  let current = state;
  const now = scope.context.now();
  const hidden = Object.entries(state.open).filter(([id, createdAt]) => createdAt < state.topOldest && isDueAgain(createdAt, state.asked?.[id] ?? createdAt, now));
  for (const [id] of hidden) {
    const { open, ...before } = current;
    const rest = { ...before, asked: { ...before.asked, [id]: now } };
    const others = Object.fromEntries(Object.entries(open).filter(([other]) => other !== id));
    try {
      const answer = await scope.client.rest<RawRun>('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { ...address(scope), run_id: Number(id) });
      current = answer === null ? current : await store(scope, [answer.data], { ...rest, open: others }, false);
    } catch (error) {
      if (!(error instanceof DoraError) || error.code !== 'GITHUB_REPOSITORY_GONE') {
        throw error;
      }
      // Deleted.
      current = await store(scope, [], { ...rest, open: others }, false);
    }
  }
  return current;
}

async function store(scope: RepositoryScope, runs: readonly RawRun[], state: RunsState, covers: boolean): Promise<RunsState> {
  const { context, plan, snapshot } = scope;
  const deployments: DeploymentRecord[] = [];
  const deployed: DeploymentRecord[] = [];
  const open = new Map(Object.entries(state.open));
  const attempts = { ...state.attempts };
  for (const run of runs) {
    const selections = selectionsOf(plan.runs, run);
    if (selections.length === 0) {
      continue;
    }
    const withJobs = selections.some(({ job }) => job !== undefined);
    const ofRun: DeploymentRecord[] = [];
    const createdAt = Date.parse(run.created_at);
    if (run.status === 'completed') {
      open.delete(String(run.id));
    } else {
      open.set(String(run.id), createdAt);
    }
    const count = run.run_attempt ?? 1;
    for (let attempt = (attempts[run.id]?.count ?? 0) + 1; attempt < count; attempt += 1) {
      const earlier = await attemptOf(scope, run.id, attempt);
      ofRun.push(...(earlier ? ((await finished(scope, earlier, withJobs)) ?? []) : []));
    }
    if (count > 1) {
      attempts[run.id] = { count: count - 1, createdAt };
    }
    ofRun.push(...((await finished(scope, run, withJobs)) ?? []));
    deployments.push(...ofRun);
    // Runs of other branches that never came to the job: nobody asks for their commits.
    deployed.push(...ofRun.filter((deployment) => selections.some((selection) => cameTo(selection, deployment))));
  }
  const expired = context.now() - PATIENCE_MS;
  const following: RunsState = {
    ...state,
    open: Object.fromEntries([...open].filter(([, createdAt]) => createdAt >= expired)),
    asked: Object.fromEntries(Object.entries(state.asked ?? {}).filter(([id]) => open.has(id))),
    attempts: Object.fromEntries(Object.entries(attempts).filter(([, { createdAt }]) => createdAt >= expired)),
  };
  // What is covered stays so, even where the lookback begins later now.
  const wantedFrom = Math.min(scope.lookbackStart, following.coveredFrom ?? Infinity);
  const isWanted = (deployment: DeploymentRecord): boolean => deployment.finishedAt >= wantedFrom;
  const wanted = deployments.filter(isWanted);
  const coverage: Coverage[] = covers
    ? [{ kind: KIND, scope: snapshot.repository.id, from: following.coveredFrom, complete: following.coveredFrom !== null && following.coveredFrom <= scope.lookbackStart }]
    : [];
  const facts: FactBatch = { deployments: wanted, coverage };
  await context.store.write(facts, { ...stateOf(scope, KIND, following), ...(await withDeployed(scope, deployed.filter(isWanted))) });
  return following;
}

/** The record of a run's attempt, with its jobs where a team names one; null when it has none. */
async function finished(scope: RepositoryScope, run: RawRun, withJobs: boolean): Promise<DeploymentRecord[] | null> {
  const { repository } = scope.snapshot;
  const plain = mapRun(repository, run, null);
  if (plain === null) {
    return null;
  }
  // A finished attempt never changes, so its jobs are asked for once. A webhook may have told of it first: its commit waits for the walk.
  const known = await scope.context.store.read('deployments', plain.id);
  if (known !== null && (!withJobs || known.stages.length > 0)) {
    return [known];
  }
  if (!withJobs) {
    return [plain];
  }
  const whole = mapRun(repository, run, await jobsOf(scope, run));
  return whole ? [whole] : null;
}

async function attemptOf(scope: RepositoryScope, id: number, attempt: number): Promise<RawRun | null> {
  try {
    const answer = await scope.client.rest<RawRun>('GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}', {
      ...address(scope),
      run_id: id,
      attempt_number: attempt,
    });
    return answer?.data ?? null;
  } catch (error) {
    if (error instanceof DoraError && error.code === 'GITHUB_REPOSITORY_GONE') {
      // GitHub keeps attempts for a while only.
      return null;
    }
    throw error;
  }
}

async function jobsOf(scope: RepositoryScope, run: RawRun): Promise<RawJob[]> {
  const jobs: RawJob[] = [];
  for (let page = 1; ; page += 1) {
    const answer = await scope.client.rest<{ total_count: number; jobs: RawJob[] }>('GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs', {
      ...address(scope),
      run_id: run.id,
      attempt_number: run.run_attempt ?? 1,
      per_page: MOST_NODES,
      page,
    });
    jobs.push(...(answer?.data.jobs ?? []));
    if (!answer || answer.data.jobs.length < MOST_NODES || jobs.length >= answer.data.total_count) {
      return jobs;
    }
  }
}

function address(scope: RepositoryScope): { owner: string; repo: string } {
  const [owner, repo] = scope.snapshot.repository.name.split('/');
  return { owner, repo };
}

function timestamp(at: Instant): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
