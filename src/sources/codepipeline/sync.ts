import type { PipelineExecutionSummary } from '@aws-sdk/client-codepipeline';
import type { Coverage, DeploymentRecord, FactBatch, Instant } from '../../engine/model';
import { DAY_MS } from '../../shared/duration';
import type { DataSourceStore, JsonValue } from '../../store/store';
import type { AccountRegion } from '../aws/accounts';
import { isNotFound, isTokenRefused } from '../aws/failure';
import { ActionTrail, type TrailState } from './action-trail';
import type { Page, PipelineReader } from './executions';
import { deploymentId, deploymentOf, isUnfinished, isWhole } from './mapping';
import { stagesOf } from './stages';

/** AWS forgets executions after twelve months. */
const AWS_MEMORY_MS = 365 * DAY_MS;
/** The start of the lookback moves with the clock; a lookback is longer only beyond this. */
const LONGER_MS = DAY_MS;
/** So many of the newest executions are compared one by one. */
const NOTED = 100;
/** Updates that AWS shows late. */
const LATE_MS = 60_000;

export interface PipelinePlan {
  place: AccountRegion;
  pipeline: string;
  /** Whether anybody looks at stages, or everybody. */
  stages: 'nobody' | 'some' | 'everybody';
  /** Start of the lookback. */
  since: Instant;
}

export interface PipelineSync {
  reader: PipelineReader;
  store: DataSourceStore;
  now(): Instant;
  fetched(executions: number): void;
}

/** What one pipeline's last pass left; written together with the facts it follows from. */
interface PipelineState {
  stages: PipelinePlan['stages'];
  /** History is known from here on; null until the first page. */
  from: Instant | null;
  complete: boolean;
  /** Where a stopped history goes on; null when none is under way. */
  cursor: string | null;
  trail: TrailState | null;
  /** Newest start of an execution that was seen. */
  newest: Instant | null;
  /** Start of the oldest execution that still ran: the next pass reads back to it. */
  oldestOpen: Instant | null;
  /** Latest update of any execution that was seen, by AWS's clock. */
  latestUpdate: Instant | null;
  /** Last updates of the newest executions and of those that still ran: they tell what has changed. */
  updates: Record<string, Instant>;
}

export function pipelineStateKey(place: AccountRegion, pipeline: string): string {
  return `codepipeline/pipeline/${place.scope}/${pipeline}`;
}

export function pipelineCoverage(place: AccountRegion, pipeline: string, from: Instant | null, complete: boolean): Coverage {
  return { kind: 'codepipeline', scope: `${place.account}:${place.region}:${pipeline}`, from, complete };
}

/**
 * One pass over one pipeline, newest execution first. The first pass reads the whole lookback (as far as AWS remembers),
 * a later one only back to the newest it knows or the oldest that still ran: one call when nothing is new.
 * @throws DoraError AWS_… with everything before it stored; STORE_…
 */
export async function syncPipeline(plan: PipelinePlan, sync: PipelineSync): Promise<void> {
  const pass = new PipelinePass(plan, sync);
  try {
    await pass.run();
  } catch (error) {
    if (!isNotFound(error)) {
      throw error;
    }
    // Deleted since the list was made: what is stored is all there is.
    await pass.close();
  }
}

class PipelinePass {
  private readonly key: string;
  private readonly since: Instant;

  constructor(
    private readonly plan: PipelinePlan,
    private readonly sync: PipelineSync
  ) {
    this.key = pipelineStateKey(plan.place, plan.pipeline);
    this.since = Math.max(plan.since, sync.now() - AWS_MEMORY_MS);
  }

  async run(): Promise<void> {
    const state = await this.stateBefore();
    if (state.cursor === null) {
      await this.fromTheTop(state);
      return;
    }
    let page: Page<PipelineExecutionSummary>;
    try {
      page = await this.page(state.cursor);
    } catch (error) {
      if (!isTokenRefused(error)) {
        throw error;
      }
      await this.fromTheTop(this.nothing(null));
      return;
    }
    // A stopped history goes on; then comes what is new since.
    await this.fromTheTop(await this.history(state, page, this.trail(state.trail)));
  }

  async close(): Promise<void> {
    await this.sync.store.write({ coverage: [pipelineCoverage(this.plan.place, this.plan.pipeline, this.since, true)] });
  }

  private async stateBefore(): Promise<PipelineState> {
    const stored = (await this.sync.store.readState(this.key)) as unknown as PipelineState | undefined;
    if (!stored || stored.stages !== this.plan.stages) {
      // Without the stages that are looked at now, the history is not known.
      return this.nothing(null);
    }
    // A longer lookback: what is known stays known while the history is read again.
    return stored.complete && stored.from !== null && this.since < stored.from - LONGER_MS ? this.nothing(stored.from) : stored;
  }

  private nothing(from: Instant | null): PipelineState {
    return { stages: this.plan.stages, from, complete: false, cursor: null, trail: null, newest: null, oldestOpen: null, latestUpdate: null, updates: {} };
  }

  private trail(from: TrailState | null): ActionTrail | null {
    return this.plan.stages === 'nobody' ? null : new ActionTrail(this.sync.reader, this.plan.pipeline, from);
  }

  private page(token: string | null): Promise<Page<PipelineExecutionSummary>> {
    return this.sync.reader.executions(this.plan.pipeline, token);
  }

  private async fromTheTop(state: PipelineState): Promise<void> {
    const first = await this.page(null);
    if (state.complete) {
      await this.update(state, first);
    } else {
      await this.history(state, first, this.trail(null));
    }
  }

  /** Reads back to the start of the lookback, each page written with the cursor that follows it. */
  private async history(before: PipelineState, first: Page<PipelineExecutionSummary>, trail: ActionTrail | null): Promise<PipelineState> {
    let state = before;
    for (let page = first; ; page = await this.page(page.next)) {
      const oldest = oldestStart(page.items);
      const complete = page.next === null || (oldest !== null && oldest < this.since);
      const facts = await this.factsOf(page.items, trail);
      state = {
        ...noted(state, page.items),
        from: complete ? Math.min(this.since, state.from ?? this.since) : Math.min(oldest ?? Infinity, state.from ?? this.sync.now()),
        complete,
        cursor: complete ? null : page.next,
        trail: complete ? null : (trail?.state() ?? null),
      };
      await this.write(state, facts, page.items.length);
      if (complete) {
        return state;
      }
    }
  }

  /** Reads back to what is known; written at the end, so that nothing between two pages is lost by a stop. */
  private async update(state: PipelineState, first: Page<PipelineExecutionSummary>): Promise<void> {
    const until = Math.min(state.newest ?? -Infinity, state.oldestOpen ?? Infinity);
    const seen = [...first.items];
    for (let page = first; page.next !== null && (oldestStart(page.items) ?? -Infinity) > until; ) {
      page = await this.page(page.next);
      seen.push(...page.items);
    }
    const changed = seen.filter((execution) => hasChanged(state, execution));
    if (changed.length > 0) {
      const facts = await this.factsOf(changed, this.trail(null));
      await this.write(noted({ ...state, oldestOpen: null, updates: {} }, seen), facts, changed.length);
    }
  }

  private async factsOf(executions: readonly PipelineExecutionSummary[], trail: ActionTrail | null): Promise<FactBatch> {
    const oldest = oldestStart(executions);
    if (trail && oldest !== null) {
      await trail.readBackTo(oldest);
    }
    const { pipeline, place, stages } = this.plan;
    const deployments: DeploymentRecord[] = [];
    const removed: NonNullable<FactBatch['removed']> = [];
    for (const execution of executions) {
      const id = execution.pipelineExecutionId ?? '';
      const attempts = trail ? stagesOf(trail.take(id), isWhole(execution)) : [];
      const deployment = deploymentOf(execution, pipeline, place, attempts, stages === 'everybody');
      if (deployment) {
        deployments.push(deployment);
      } else {
        // A failed execution whose stage is retried runs again: it is not finished after all.
        removed.push({ kind: 'deployments', id: deploymentId(id) });
      }
    }
    return { deployments, removed };
  }

  private async write(state: PipelineState, facts: FactBatch, executions: number): Promise<void> {
    const coverage = [pipelineCoverage(this.plan.place, this.plan.pipeline, state.from, state.complete)];
    await this.sync.store.write({ ...facts, coverage }, { [this.key]: state as unknown as JsonValue });
    this.sync.fetched(executions);
  }
}

/** Those that are noted tell it themselves; of the others, what was updated after all that was seen. */
function hasChanged(state: PipelineState, { pipelineExecutionId, lastUpdateTime }: PipelineExecutionSummary): boolean {
  const known = state.updates[pipelineExecutionId ?? ''];
  const updated = lastUpdateTime?.getTime() ?? 0;
  return known === undefined ? state.latestUpdate === null || updated > state.latestUpdate - LATE_MS : known !== updated;
}

/** State with what these executions tell: the newest ones, those that still run, and where to read back to. */
function noted(state: PipelineState, executions: readonly PipelineExecutionSummary[]): PipelineState {
  const updates = { ...state.updates };
  let count = Object.keys(updates).length;
  let { newest, oldestOpen, latestUpdate } = state;
  for (const execution of executions) {
    const { pipelineExecutionId: id, startTime, lastUpdateTime } = execution;
    if (!id || !startTime || !lastUpdateTime) {
      continue;
    }
    const start = startTime.getTime();
    newest = Math.max(newest ?? start, start);
    latestUpdate = Math.max(latestUpdate ?? 0, lastUpdateTime.getTime());
    if (isUnfinished(execution)) {
      oldestOpen = Math.min(oldestOpen ?? start, start);
    }
    if (count < NOTED || isUnfinished(execution)) {
      count += updates[id] === undefined ? 1 : 0;
      updates[id] = lastUpdateTime.getTime();
    }
  }
  return { ...state, newest, oldestOpen, latestUpdate, updates };
}

function oldestStart(executions: readonly PipelineExecutionSummary[]): Instant | null {
  const starts = executions.flatMap(({ startTime }) => (startTime ? [startTime.getTime()] : []));
  return starts.length > 0 ? Math.min(...starts) : null;
}
