import type { Coverage, DeploymentRecord, DeploymentStage, FactBatch, Instant, Outcome } from '../../engine/model';
import { DAY_MS, HOUR_MS } from '../../shared/duration';
import { DoraError } from '../../shared/errors';
import { matchesGlobs } from '../../shared/glob';
import { referencesOf } from '../references';
import { withDeployed } from './deployed';
import { MOST_NODES } from './paging';
import type { RunSelection } from './plan';
import { readState, stateOf, type RepositoryScope, type ScopeProgress } from './scope';
import { pagesLeft } from './time-to-go';
import { believable, trusted } from './watermark';
import { split, type Window } from './windows';

const KIND = 'workflow-runs';
const OVERLAP_MS = 10 * 60_000;
const SECOND = 1_000;
/** Old runs can be run again without appearing at the top of any list: now and then the last days are read again. */
const SWEEP_EVERY_MS = 6 * HOUR_MS;
const SWEEP_MS = 7 * DAY_MS;
/** A run waits for an approval 30 days at most, and can be run again as long. */
const PATIENCE_MS = 31 * DAY_MS;

/** What REST tells of a run or of one of its attempts; what is not used is left out. */
export interface RawRun {
  id: number;
  name: string | null;
  path: string;
  display_title: string;
  event: string;
  status: string | null;
  conclusion: string | null;
  run_attempt?: number;
  head_branch: string | null;
  head_sha: string;
  html_url: string;
  created_at: string;
  run_started_at?: string;
  updated_at: string;
}

export interface RawJob {
  name: string;
  status: string;
  conclusion: string | null;
  started_at: string | null;
  completed_at: string | null;
  run_attempt?: number;
}

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
  /** Runs without an end: id → creation. */
  open: Record<string, Instant>;
  /** Runs whose earlier attempts were read: id → attempts and creation. */
  attempts: Record<string, { count: number; createdAt: Instant }>;
}

/** Runs for somebody's proposal never are deployments, whatever workflow they run. */
function isForProposal(run: RawRun): boolean {
  return run.event === 'pull_request' || run.event === 'pull_request_target' || run.event === 'merge_group';
}

function fileOf(run: RawRun): string {
  return run.path.replace(/@.*$/, '').split('/').at(-1) ?? run.path;
}

function fits(selection: RunSelection, run: RawRun): boolean {
  const { workflows, branches } = selection;
  const names = [fileOf(run), run.path.replace(/@.*$/, ''), run.name ?? ''];
  return (
    (workflows === undefined || names.some((name) => matchesGlobs(workflows, name))) &&
    (branches === undefined || (run.head_branch !== null && matchesGlobs(branches, run.head_branch)))
  );
}

/** Who wants a run; nobody the runs for proposals. */
export function selectionsOf(selections: readonly RunSelection[], run: RawRun): RunSelection[] {
  return isForProposal(run) ? [] : selections.filter((selection) => fits(selection, run));
}

const OUTCOMES: Record<string, Outcome | undefined> = { success: 'succeeded', failure: 'failed', timed_out: 'failed', startup_failure: 'failed' };

/** A finished attempt of a run; null while it runs, and for what was cancelled, skipped or left waiting. */
export function mapRun(repository: { id: string; name: string }, run: RawRun, jobs: readonly RawJob[] | null): DeploymentRecord | null {
  const outcome = run.status === 'completed' ? OUTCOMES[run.conclusion ?? ''] : undefined;
  if (outcome === undefined) {
    return null;
  }
  const attempt = run.run_attempt ?? 1;
  const stages = (jobs ?? []).map((job) => mapJob(job, attempt));
  const ends = stages.flatMap((stage) => stage.finishedAt ?? []);
  const startedAt = Date.parse(run.run_started_at ?? run.created_at);
  const file = fileOf(run);
  return {
    id: `workflow-runs:${run.id}:${attempt}`,
    origin: 'workflow-runs',
    outcome,
    declared: null,
    startedAt,
    // Without jobs the last change is the nearest that the list tells.
    finishedAt: ends.length > 0 ? Math.max(...ends) : Math.max(startedAt, Date.parse(run.updated_at)),
    revisions: [{ repository: repository.id, repositoryName: repository.name, sha: run.head_sha }],
    ref: run.head_branch,
    environment: null,
    pipeline: file,
    pipelineTitle: run.name !== null && run.name !== file ? run.name : null,
    account: null,
    region: null,
    service: null,
    prerelease: false,
    stages,
    title: run.display_title,
    url: attempt > 1 ? `${run.html_url}/attempts/${attempt}` : run.html_url,
    references: referencesOf({ title: run.display_title, branch: run.head_branch }),
  };
}

function mapJob(job: RawJob, attempt: number): DeploymentStage {
  return {
    name: job.name,
    attempt,
    outcome: job.status === 'completed' ? (OUTCOMES[job.conclusion ?? ''] ?? null) : null,
    startedAt: job.started_at === null ? null : Date.parse(job.started_at),
    finishedAt: job.completed_at === null ? null : Date.parse(job.completed_at),
  };
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
  if (Math.abs(now() - state.sweptAt) >= SWEEP_EVERY_MS && state.coveredFrom !== null) {
    const from = Math.max(state.coveredFrom, now() - SWEEP_MS);
    const sweep: Window[] = from < state.topOldest && stored !== null ? [{ from, to: state.topOldest, page: 1, extends: false }] : [];
    state = { ...state, sweptAt: now(), windows: [...sweep, ...state.windows] };
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

/** Runs without an end that the newest page no longer shows. */
async function openRuns(scope: RepositoryScope, state: RunsState): Promise<RunsState> {
  let current = state;
  const hidden = Object.entries(state.open).filter(([, createdAt]) => createdAt < state.topOldest);
  for (const [id] of hidden) {
    const { open, ...rest } = current;
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
  const open = new Map(Object.entries(state.open));
  const attempts = { ...state.attempts };
  for (const run of runs) {
    const selections = selectionsOf(plan.runs, run);
    if (selections.length === 0) {
      continue;
    }
    const withJobs = selections.some((selection) => selection.jobs);
    const createdAt = Date.parse(run.created_at);
    if (run.status === 'completed') {
      open.delete(String(run.id));
    } else {
      open.set(String(run.id), createdAt);
    }
    const count = run.run_attempt ?? 1;
    for (let attempt = (attempts[run.id]?.count ?? 0) + 1; attempt < count; attempt += 1) {
      const earlier = await attemptOf(scope, run.id, attempt);
      deployments.push(...(earlier ? ((await finished(scope, earlier, withJobs)) ?? []) : []));
    }
    if (count > 1) {
      attempts[run.id] = { count: count - 1, createdAt };
    }
    deployments.push(...((await finished(scope, run, withJobs)) ?? []));
  }
  const expired = context.now() - PATIENCE_MS;
  const following: RunsState = {
    ...state,
    open: Object.fromEntries([...open].filter(([, createdAt]) => createdAt >= expired)),
    attempts: Object.fromEntries(Object.entries(attempts).filter(([, { createdAt }]) => createdAt >= expired)),
  };
  // What is covered stays so, even where the lookback begins later now.
  const wantedFrom = Math.min(scope.lookbackStart, following.coveredFrom ?? Infinity);
  const wanted = deployments.filter((deployment) => deployment.finishedAt >= wantedFrom);
  const coverage: Coverage[] = covers
    ? [{ kind: KIND, scope: snapshot.repository.id, from: following.coveredFrom, complete: following.coveredFrom !== null && following.coveredFrom <= scope.lookbackStart }]
    : [];
  const facts: FactBatch = { deployments: wanted, coverage };
  await context.store.write(facts, { ...stateOf(scope, KIND, following), ...(await withDeployed(scope, wanted)) });
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
