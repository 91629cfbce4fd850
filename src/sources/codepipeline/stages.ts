import type { ActionExecutionDetail } from '@aws-sdk/client-codepipeline';
import type { DeploymentStage, Instant } from '../../engine/model';

/** One run of an action, as far as stages need it. */
export interface ActionRun {
  execution: string;
  stage: string;
  action: string;
  status: 'running' | 'succeeded' | 'failed' | 'abandoned';
  startedAt: Instant;
  updatedAt: Instant;
  isApproval: boolean;
}

const STATUSES = new Map<string | undefined, ActionRun['status']>([
  ['InProgress', 'running'],
  ['Succeeded', 'succeeded'],
  ['Failed', 'failed'],
  ['Abandoned', 'abandoned'],
]);

export function runOf(detail: ActionExecutionDetail): ActionRun | null {
  const { pipelineExecutionId, stageName, actionName, startTime } = detail;
  if (!pipelineExecutionId || !stageName || !actionName || !startTime) {
    return null;
  }
  return {
    execution: pipelineExecutionId,
    stage: stageName,
    action: actionName,
    status: STATUSES.get(detail.status) ?? 'abandoned',
    startedAt: startTime.getTime(),
    updatedAt: (detail.lastUpdateTime ?? startTime).getTime(),
    isApproval: detail.input?.actionTypeId?.category === 'Approval',
  };
}

/**
 * Attempts of each stage of one execution, oldest first. A retried stage runs its failed actions again, or all of them:
 * an action that ran already in an attempt begins the next one.
 * @param runs of one execution, in any order
 * @param isWhole false when the execution was stopped or still runs: its latest stage may have actions to come
 */
export function stagesOf(runs: readonly ActionRun[], isWhole: boolean): DeploymentStage[] {
  const attempts: Array<{ name: string; attempt: number; runs: ActionRun[] }> = [];
  const current = new Map<string, (typeof attempts)[number]>();
  for (const run of [...runs].sort((a, b) => a.startedAt - b.startedAt)) {
    let attempt = current.get(run.stage);
    if (!attempt || attempt.runs.some(({ action }) => action === run.action)) {
      attempt = { name: run.stage, attempt: (attempt?.attempt ?? 0) + 1, runs: [] };
      current.set(run.stage, attempt);
      attempts.push(attempt);
    }
    attempt.runs.push(run);
  }
  const latest = attempts.at(-1);
  return attempts.map((attempt) => ({ name: attempt.name, attempt: attempt.attempt, ...endOf(attempt.runs, isWhole || attempt !== latest) }));
}

/** An approval is no rollout: waiting for one does not start the stage, and a refused one does not fail it. */
function endOf(runs: readonly ActionRun[], isWhole: boolean): Pick<DeploymentStage, 'outcome' | 'startedAt' | 'finishedAt'> {
  const acting = runs.filter(({ isApproval }) => !isApproval);
  const counted = acting.length > 0 ? acting : runs;
  const startedAt = Math.min(...counted.map((run) => run.startedAt));
  const isRunning = runs.some(({ status }) => status === 'running');
  const failed = acting.some(({ status }) => status === 'failed');
  const succeeded = isWhole && runs.every(({ status }) => status === 'succeeded');
  return {
    outcome: isRunning ? null : failed ? 'failed' : succeeded ? 'succeeded' : null,
    startedAt,
    finishedAt: isRunning ? null : Math.max(...counted.map((run) => run.updatedAt)),
  };
}
