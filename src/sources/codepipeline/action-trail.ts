import type { Instant } from '../../engine/model';
import { isTokenRefused } from '../aws/failure';
import type { PipelineReader } from './executions';
import type { ActionRun } from './stages';

/** Where a walk through the actions stands, to be kept with the page of executions that it was read for. */
export interface TrailState {
  /** Null: at the top, or at the end. */
  token: string | null;
  ended: boolean;
  /** Start of the oldest action that was read; null before the first page. */
  reached: Instant | null;
  /** Runs of executions that are still to come. */
  pending: ActionRun[];
}

/**
 * Runs of one pipeline's actions, read newest first only as far back as somebody asks: an execution's actions start
 * after the execution does, so a page that begins earlier ends the search. One call per 100 actions, never one per execution.
 */
export class ActionTrail {
  private readonly byExecution = new Map<string, ActionRun[]>();
  private token: string | null;
  private ended: boolean;
  private reached: Instant;
  private mayBeginAnew: boolean;

  constructor(
    private readonly reader: PipelineReader,
    private readonly pipeline: string,
    from: TrailState | null
  ) {
    this.token = from?.token ?? null;
    // A token of an earlier pass may have ended; one of this pass may not.
    this.mayBeginAnew = this.token !== null;
    this.ended = from?.ended ?? false;
    this.reached = from?.reached ?? Infinity;
    from?.pending.forEach((run) => this.keep(run));
  }

  /** Reads on until every action that started at or after `since` is known. */
  async readBackTo(since: Instant): Promise<void> {
    while (!this.ended && this.reached >= since) {
      const page = await this.nextPage();
      this.mayBeginAnew = false;
      for (const run of page.items) {
        this.keep(run);
        this.reached = Math.min(this.reached, run.startedAt);
      }
      this.token = page.next;
      this.ended = page.next === null;
    }
  }

  /** An execution's runs, oldest first; each execution is asked for once. */
  take(execution: string): ActionRun[] {
    const runs = this.byExecution.get(execution) ?? [];
    this.byExecution.delete(execution);
    return runs.reverse();
  }

  state(): TrailState {
    return { token: this.token, ended: this.ended, reached: Number.isFinite(this.reached) ? this.reached : null, pending: [...this.byExecution.values()].flat() };
  }

  private async nextPage(): ReturnType<PipelineReader['actions']> {
    try {
      return await this.reader.actions(this.pipeline, this.token);
    } catch (error) {
      if (!this.mayBeginAnew || !isTokenRefused(error)) {
        throw error;
      }
      // From the top again, to where it was.
      this.mayBeginAnew = false;
      this.token = null;
      this.reached = Infinity;
      this.byExecution.clear();
      return this.reader.actions(this.pipeline, null);
    }
  }

  private keep(run: ActionRun): void {
    const known = this.byExecution.get(run.execution);
    if (known) {
      known.push(run);
    } else {
      this.byExecution.set(run.execution, [run]);
    }
  }
}
