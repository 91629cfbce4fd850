import type { ActionExecutionDetail, PipelineExecutionSummary, SourceRevision } from '@aws-sdk/client-codepipeline';
import type { DeploymentRecord, DeploymentStage, Outcome, Reference } from '../../engine/model';
import type { AccountRegion } from '../aws/accounts';
import { referencesOf } from '../references';

const ROLLBACK_TRIGGERS = new Set<string | undefined>(['ManualRollback', 'AutomatedRollback']);

/** Executions that may still change: looked at again in the next pass. */
export function isUnfinished({ status }: PipelineExecutionSummary): boolean {
  return status === 'InProgress' || status === 'Stopping';
}

/**
 * A finished execution as a deployment; null while it runs, and for what was cancelled, superseded or stopped: those are
 * not deployments.
 * @param stages attempts of each stage, oldest first; empty when nobody asked for them
 */
export function deploymentOf(execution: PipelineExecutionSummary, pipeline: string, { account, region }: AccountRegion, stages: DeploymentStage[]): DeploymentRecord | null {
  const outcome = outcomeOf(execution.status);
  const { pipelineExecutionId: id, startTime, lastUpdateTime } = execution;
  // A stage that failed before a superseded or stopped end was still an attempt.
  const failedStage = stages.some((stage) => stage.outcome === 'failed');
  if (!id || !startTime || !lastUpdateTime || isUnfinished(execution) || (outcome === null && !failedStage)) {
    return null;
  }
  const revisions = (execution.sourceRevisions ?? []).map(revisionOf);
  const messages = (execution.sourceRevisions ?? []).map(commitMessage).filter((message) => message !== null);
  return {
    id: `codepipeline:${id}`,
    origin: 'codepipeline',
    outcome: outcome ?? 'failed',
    declared: execution.executionType === 'ROLLBACK' || ROLLBACK_TRIGGERS.has(execution.trigger?.triggerType) ? 'rollback' : null,
    startedAt: startTime.getTime(),
    finishedAt: lastUpdateTime.getTime(),
    revisions,
    ref: null,
    environment: null,
    pipeline,
    pipelineTitle: null,
    account,
    region,
    service: null,
    prerelease: false,
    stages,
    title: messages[0]?.split('\n', 1)[0] ?? `${pipeline} ${id}`,
    url: `https://${region}.console.aws.amazon.com/codesuite/codepipeline/pipelines/${encodeURIComponent(pipeline)}/executions/${id}/timeline?region=${region}`,
    references: merged(messages.map(referencesOfMessage)),
  };
}

function outcomeOf(status: string | undefined): Outcome | null {
  return status === 'Succeeded' ? 'succeeded' : status === 'Failed' ? 'failed' : null;
}

function referencesOfMessage(message: string): Reference[] {
  const [title, ...rest] = message.split('\n');
  return referencesOf({ title, body: rest.join('\n') });
}

function merged(lists: Reference[][]): Reference[] {
  const byTarget = new Map<string, Reference>();
  for (const reference of lists.flat()) {
    byTarget.set(reference.target, byTarget.get(reference.target) ?? reference);
  }
  return [...byTarget.values()];
}

/** What a source action took: the SHA where it is one, and the repository where the link names it. */
export function revisionOf({ revisionId, revisionUrl }: SourceRevision): DeploymentRecord['revisions'][number] {
  const sha = revisionId && /^[0-9a-f]{40}$/i.test(revisionId) ? revisionId.toLowerCase() : null;
  return { repository: null, repositoryName: repositoryName(revisionUrl), sha };
}

/** `owner/name` for GitHub (connections and version 1), the plain name for CodeCommit; null for S3, ECR and the unknown. */
export function repositoryName(revisionUrl: string | undefined): string | null {
  if (!revisionUrl || !URL.canParse(revisionUrl)) {
    return null;
  }
  const url = new URL(revisionUrl);
  const full = url.searchParams.get('FullRepositoryId');
  if (full) {
    return full;
  }
  const codeCommit = /codecommit\/(?:home)?[#/]*repositor(?:y|ies)\/([^/?#]+)/.exec(decodeURIComponent(url.pathname + url.hash));
  if (codeCommit) {
    return codeCommit[1];
  }
  const gitHub = /^\/([^/]+)\/([^/]+)\/commit\//.exec(url.pathname);
  return gitHub ? `${decodeURIComponent(gitHub[1])}/${decodeURIComponent(gitHub[2])}` : null;
}

/** The commit message; a connection wraps it into JSON, which AWS may have cut at 2,048 characters. */
export function commitMessage({ revisionSummary }: SourceRevision): string | null {
  if (!revisionSummary) {
    return null;
  }
  if (!revisionSummary.trimStart().startsWith('{')) {
    return /^Amazon S3 version id:/.test(revisionSummary) ? null : revisionSummary;
  }
  try {
    const parsed: unknown = JSON.parse(revisionSummary);
    return typeof parsed === 'object' && parsed !== null && 'CommitMessage' in parsed && typeof parsed.CommitMessage === 'string' ? parsed.CommitMessage : null;
  } catch {
    const cut = /"CommitMessage"\s*:\s*"((?:[^"\\]|\\.)*)/.exec(revisionSummary)?.[1];
    return cut === undefined ? null : (JSON.parse(`"${cut}"`) as string);
  }
}

/**
 * Attempts of each stage of one execution, oldest first. A retried stage runs its failed actions again (or all of
 * them): the n-th run of an action belongs to the n-th attempt of its stage.
 */
export function stagesOf(actions: readonly ActionExecutionDetail[]): DeploymentStage[] {
  const runs = new Map<string, number>();
  const attempts = new Map<string, ActionExecutionDetail[]>();
  const started = [...actions].sort((a, b) => (a.startTime?.getTime() ?? 0) - (b.startTime?.getTime() ?? 0));
  for (const action of started) {
    const key = `${action.stageName}\u0000${action.actionName}`;
    const attempt = (runs.get(key) ?? 0) + 1;
    runs.set(key, attempt);
    const stage = `${attempt}\u0000${action.stageName}`;
    attempts.set(stage, [...(attempts.get(stage) ?? []), action]);
  }
  return [...attempts].map(([key, members]) => {
    const [attempt, name] = key.split('\u0000');
    return { name, attempt: Number(attempt), ...outcomeOfStage(members) };
  });
}

function outcomeOfStage(actions: readonly ActionExecutionDetail[]): Pick<DeploymentStage, 'outcome' | 'startedAt' | 'finishedAt'> {
  const startedAt = Math.min(...actions.map(({ startTime }) => startTime?.getTime() ?? Infinity));
  const finishedAt = Math.max(...actions.map(({ lastUpdateTime }) => lastUpdateTime?.getTime() ?? -Infinity));
  const statuses = actions.map(({ status }) => status);
  const running = statuses.some((status) => status === 'InProgress');
  const outcome = running ? null : statuses.includes('Failed') ? 'failed' : statuses.every((status) => status === 'Succeeded') ? 'succeeded' : null;
  return {
    outcome,
    startedAt: Number.isFinite(startedAt) ? startedAt : null,
    finishedAt: running || !Number.isFinite(finishedAt) ? null : finishedAt,
  };
}
