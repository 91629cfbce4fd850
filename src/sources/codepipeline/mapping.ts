import type { PipelineExecutionSummary } from '@aws-sdk/client-codepipeline';
import type { DeploymentRecord, DeploymentStage, Outcome, Reference } from '../../engine/model';
import type { AccountRegion } from '../aws/accounts';
import { consoleUrl } from '../aws/console';
import { referencesOfMessage, splitMessage } from '../references';
import { commitMessage, revisionOf } from './revisions';

const ROLLBACK_TRIGGERS = new Set<string | undefined>(['ManualRollback', 'AutomatedRollback']);
const OUTCOMES = new Map<string | undefined, Outcome>([
  ['Succeeded', 'succeeded'],
  ['Failed', 'failed'],
]);

/** Executions that may still change: looked at again in the next pass. */
export function isUnfinished({ status }: PipelineExecutionSummary): boolean {
  return status === 'InProgress' || status === 'Stopping';
}

/** True when no stage of an execution has an action to come: what is superseded waited between two stages. */
export function isWhole({ status }: PipelineExecutionSummary): boolean {
  return status === 'Succeeded' || status === 'Failed' || status === 'Superseded';
}

/** Id of the fact; EventBridge tells the execution's id and no account's name here, so nothing else is in it. */
export function deploymentId(execution: string): string {
  return `codepipeline:${execution}`;
}

/**
 * An execution as a deployment; null for what is none: what still runs, and what was cancelled, superseded or stopped.
 * @param stages attempts of each stage, oldest first; empty when nobody asked for them
 * @param byStage true when everybody looks at a stage of this pipeline only: then one that ended counts, whatever
 * becomes of the execution around it
 */
export function deploymentOf(
  execution: PipelineExecutionSummary,
  pipeline: string,
  { account, region }: AccountRegion,
  stages: DeploymentStage[],
  byStage: boolean
): DeploymentRecord | null {
  const { pipelineExecutionId: id, startTime, lastUpdateTime } = execution;
  const ended = stages.filter(({ outcome }) => outcome !== null);
  const outcome = OUTCOMES.get(execution.status) ?? (byStage && ended.length > 0 ? (ended.some((stage) => stage.outcome === 'failed') ? 'failed' : 'succeeded') : null);
  if (!id || !startTime || !lastUpdateTime || outcome === null) {
    return null;
  }
  const sources = execution.sourceRevisions ?? [];
  const messages = sources.map(commitMessage).filter((message) => message !== null);
  return {
    id: deploymentId(id),
    origin: 'codepipeline',
    outcome,
    declared: execution.executionType === 'ROLLBACK' || ROLLBACK_TRIGGERS.has(execution.trigger?.triggerType) ? 'rollback' : null,
    startedAt: startTime.getTime(),
    finishedAt: Math.max(startTime.getTime(), lastUpdateTime.getTime()),
    revisions: sources.map(revisionOf),
    ref: null,
    environment: null,
    pipeline,
    pipelineTitle: null,
    account,
    region,
    service: null,
    prerelease: false,
    stages,
    title: (messages.length > 0 && splitMessage(messages[0]).headline) || `${pipeline} ${id}`,
    url: consoleUrl(region, `codesuite/codepipeline/pipelines/${encodeURIComponent(pipeline)}/executions/${id}/timeline?region=${region}`),
    references: distinct(messages.flatMap(referencesOfMessage)),
  };
}

/** Each target once, under the relation that comes first. */
function distinct(references: Reference[]): Reference[] {
  const byTarget = new Map<string, Reference>();
  for (const reference of references) {
    if (!byTarget.has(reference.target)) {
      byTarget.set(reference.target, reference);
    }
  }
  return [...byTarget.values()];
}
