import type { CodePipelineClient, PipelineExecutionSummary } from '@aws-sdk/client-codepipeline';
import type { Coverage, DeploymentRecord, Instant } from '../../engine/model';
import type { DataSourceStore, JsonValue } from '../../store/store';
import type { AccountRegion } from '../aws/accounts';
import { isTokenRefused } from '../aws/failure';
import { ActionTrail, executionsPage, type Page } from './executions';
import { deploymentOf, isUnfinished, stagesOf } from './mapping';

/** AWS forgets executions after twelve months. */
export const AWS_MEMORY_MS = 365 * 86_400_000;

export interface PipelinePlan {
  place: AccountRegion;
  pipeline: string;
  stages: boolean;
  /** Start of the lookback. */
  since: Instant;
}

export interface PipelineSync {
  client: CodePipelineClient;
  store: DataSourceStore;
  signal: AbortSignal;
  now(): Instant;
  fetched(executions: number): void;
}

/** What one pipeline's last pass left; written together with the facts it follows from. */
interface PipelineState {
  /** History is known from here on; null until the first page. */
  from: Instant | null;
  complete: boolean;
  /** Newest start of an execution that was seen. */
  newest: Instant | null;
  /** Start of the oldest execution that still ran: the next pass reads back to it. */
  oldestOpen: Instant | null;
  /** Where a stopped history goes on; null when none is under way. */
  cursor: string | null;
  stages: boolean;
  /** Last update of the newest executions: tells whether anything changed. */
  updates: Record<string, Instant>;
}

const NOTHING: PipelineState = { from: null, complete: false, newest: null, oldestOpen: null, cursor: null, stages: false, updates: {} };

/**
 * One pass over one pipeline, newest execution first. The first pass reads the whole lookback (as far as AWS remembers),
 * a later one only back to the newest it knows or the oldest that still ran: one call when nothing is new.
 */
export async function syncPipeline(plan: PipelinePlan, sync: PipelineSync): Promise<void> {
  const key = `codepipeline/${plan.place.scope}/${plan.pipeline}`;
  const stored = (await sync.store.readState(key)) as unknown as PipelineState | undefined;
  // Stages that are asked for later need the history again.
  const state = stored && (stored.stages || !plan.stages) ? stored : { ...NOTHING, stages: plan.stages };
  const since = Math.max(plan.since, sync.now() - AWS_MEMORY_MS);
  const deeper = state.complete && state.from !== null && since < state.from - 86_400_000;
  if (state.cursor !== null && !plan.stages) {
    await goOn(plan, sync, key, state, since);
    return;
  }
  await fromTheTop(plan, sync, key, state.complete && !deeper ? state : { ...NOTHING, stages: plan.stages }, since);
}

/** A stopped history goes on at its cursor; then what is new since. */
async function goOn(plan: PipelinePlan, sync: PipelineSync, key: string, state: PipelineState, since: Instant): Promise<void> {
  let page: Page<PipelineExecutionSummary>;
  try {
    page = await executionsPage(sync.client, plan.pipeline, state.cursor, sync.signal);
  } catch (error) {
    if (isTokenRefused(error)) {
      await fromTheTop(plan, sync, key, { ...NOTHING, stages: plan.stages }, since);
      return;
    }
    throw error;
  }
  const done = await history(plan, sync, key, state, since, page, null);
  await fromTheTop(plan, sync, key, done, since);
}

async function fromTheTop(plan: PipelinePlan, sync: PipelineSync, key: string, state: PipelineState, since: Instant): Promise<void> {
  const trail = plan.stages ? new ActionTrail(sync.client, plan.pipeline, sync.signal) : null;
  const first = await executionsPage(sync.client, plan.pipeline, null, sync.signal);
  if (!state.complete) {
    await history(plan, sync, key, state, since, first, trail);
    return;
  }
  await update(plan, sync, key, state, first, trail);
}

/** Reads back to `since`, each page written with the cursor that follows it. */
async function history(
  plan: PipelinePlan,
  sync: PipelineSync,
  key: string,
  before: PipelineState,
  since: Instant,
  first: Page<PipelineExecutionSummary>,
  trail: ActionTrail | null
): Promise<PipelineState> {
  let state = before;
  for (let page = first; ; page = await executionsPage(sync.client, plan.pipeline, page.next, sync.signal)) {
    const oldest = oldestStart(page.items);
    const complete = page.next === null || (oldest !== null && oldest < since);
    state = {
      ...noted(state, page.items),
      from: complete ? since : Math.min(oldest ?? Infinity, state.from ?? sync.now()),
      complete,
      cursor: complete ? null : page.next,
    };
    await write(plan, sync, key, state, page.items, trail);
    if (complete) {
      return state;
    }
  }
}

/** Reads back to what is known; written at the end, so that nothing between two pages is lost by a stop. */
async function update(
  plan: PipelinePlan,
  sync: PipelineSync,
  key: string,
  state: PipelineState,
  first: Page<PipelineExecutionSummary>,
  trail: ActionTrail | null
): Promise<void> {
  const until = Math.min(state.newest ?? Infinity, state.oldestOpen ?? Infinity);
  const seen = [...first.items];
  for (let page = first; page.next !== null && (oldestStart(page.items) ?? -Infinity) > until; ) {
    page = await executionsPage(sync.client, plan.pipeline, page.next, sync.signal);
    seen.push(...page.items);
  }
  const changed = seen.filter(({ pipelineExecutionId, lastUpdateTime }) => state.updates[pipelineExecutionId ?? ''] !== lastUpdateTime?.getTime() && !(isOlderThanNoted(state, lastUpdateTime)));
  if (changed.length > 0) {
    await write(plan, sync, key, noted({ ...state, oldestOpen: null, updates: {} }, seen), changed, trail);
  }
}

/** True when an execution beyond the noted ones has not changed since the last pass. */
function isOlderThanNoted(state: PipelineState, updated: Date | undefined): boolean {
  const noted = Object.values(state.updates);
  return updated !== undefined && noted.length > 0 && updated.getTime() < Math.min(...noted);
}

async function write(plan: PipelinePlan, sync: PipelineSync, key: string, state: PipelineState, executions: readonly PipelineExecutionSummary[], trail: ActionTrail | null): Promise<void> {
  const oldest = oldestStart(executions);
  if (trail && oldest !== null) {
    await trail.readBackTo(oldest);
  }
  const deployments: DeploymentRecord[] = [];
  const removed: Array<{ kind: 'deployments'; id: string }> = [];
  for (const execution of executions) {
    const stages = trail ? stagesOf(trail.actionsOf(execution.pipelineExecutionId ?? '')) : [];
    const deployment = deploymentOf(execution, plan.pipeline, plan.place, stages);
    if (deployment) {
      deployments.push(deployment);
    } else if (execution.pipelineExecutionId) {
      // A failed execution whose stage is retried runs again: it is not finished after all.
      removed.push({ kind: 'deployments', id: `codepipeline:${execution.pipelineExecutionId}` });
    }
  }
  const coverage: Coverage = {
    kind: 'codepipeline',
    scope: `${plan.place.account}:${plan.place.region}:${plan.pipeline}`,
    from: state.from,
    complete: state.complete,
  };
  await sync.store.write({ deployments, removed, coverage: [coverage] }, { [key]: state as unknown as JsonValue });
  sync.fetched(executions.length);
}

/** The newest hundred executions' last updates, and the oldest that still runs. */
function noted(state: PipelineState, executions: readonly PipelineExecutionSummary[]): PipelineState {
  const updates = { ...state.updates };
  let { newest, oldestOpen } = state;
  for (const execution of executions) {
    const start = execution.startTime?.getTime();
    if (start === undefined) {
      continue;
    }
    newest = Math.max(newest ?? start, start);
    if (isUnfinished(execution)) {
      oldestOpen = Math.min(oldestOpen ?? start, start);
    }
    if (execution.pipelineExecutionId && execution.lastUpdateTime && Object.keys(updates).length < 100) {
      updates[execution.pipelineExecutionId] = execution.lastUpdateTime.getTime();
    }
  }
  return { ...state, newest, oldestOpen, updates };
}

function oldestStart(executions: readonly PipelineExecutionSummary[]): Instant | null {
  const starts = executions.flatMap(({ startTime }) => (startTime ? [startTime.getTime()] : []));
  return starts.length > 0 ? Math.min(...starts) : null;
}
