import { timestamp, type Instant } from '../shared/clock';
import { nodeId } from './graphql/ids';
import type { Deployment, DeploymentStatus, Issue, PullRequest, Release, Repository, WorkflowRun } from './world';

/** Webhooks about what the double has, as far as somebody reads them; ids are those of its GraphQL and REST answers. */
export interface Webhook {
  /** The `X-GitHub-Event` header. */
  event: string;
  body: Record<string, unknown>;
}

const time = (at: Instant | null): string | null => (at === null ? null : timestamp(at));

function hook(event: string, repository: Repository, body: Record<string, unknown>): Webhook {
  return { event, body: { ...body, repository: { node_id: nodeId('R', repository.databaseId), full_name: repository.fullName } } };
}

export function pullRequestWebhook(repository: Repository, pull: PullRequest, action = 'closed'): Webhook {
  return hook('pull_request', repository, {
    action,
    number: pull.number,
    pull_request: {
      number: pull.number, title: pull.title, body: pull.body, html_url: `https://github.com/${repository.fullName}/pull/${pull.number}`, user: pull.author === null ? null : { login: pull.author, type: 'User' },
      labels: pull.labels.map((name) => ({ name })), base: { ref: pull.baseBranch }, head: { ref: pull.headBranch }, created_at: time(pull.createdAt), updated_at: time(pull.updatedAt), merged_at: time(pull.mergedAt),
      merged: pull.mergedAt !== null, merge_commit_sha: pull.mergeSha,
    },
  });
}

export function issueWebhook(repository: Repository, issue: Issue, action: string = issue.state === 'OPEN' ? 'opened' : 'closed'): Webhook {
  return hook('issues', repository, {
    action,
    issue: {
      node_id: nodeId('I', repository.databaseId, issue.number), number: issue.number, title: issue.title, body: issue.body, html_url: `https://github.com/${repository.fullName}/issues/${issue.number}`,
      state: issue.state.toLowerCase(), state_reason: issue.stateReason?.toLowerCase() ?? null, labels: issue.labels.map((name) => ({ name })), created_at: time(issue.createdAt), updated_at: time(issue.updatedAt),
      closed_at: time(issue.closedAt),
    },
  });
}

export function releaseWebhook(repository: Repository, release: Release, action = 'published'): Webhook {
  return hook('release', repository, {
    action,
    release: {
      node_id: nodeId('RE', repository.databaseId, release.databaseId), tag_name: release.tag, name: release.name, draft: release.isDraft, prerelease: release.isPrerelease, created_at: time(release.createdAt),
      published_at: time(release.publishedAt), html_url: `https://github.com/${repository.fullName}/releases/tag/${release.tag}`,
    },
  });
}

/** @param attempt counted from 1; default: the latest */
export function workflowRunWebhook(repository: Repository, run: WorkflowRun, attempt = run.attempts.length): Webhook {
  const { status, conclusion, startedAt, updatedAt } = run.attempts[attempt - 1];
  const workflow = repository.content.workflows.get(run.workflow)!;
  return hook('workflow_run', repository, {
    action: status === 'completed' ? 'completed' : 'in_progress',
    workflow: { path: workflow.path },
    workflow_run: {
      id: run.databaseId, name: workflow.name, path: workflow.path, display_title: run.title, event: run.event, status, conclusion, run_attempt: attempt, head_branch: run.branch, head_sha: run.sha,
      html_url: `https://github.com/${repository.fullName}/actions/runs/${run.databaseId}`, created_at: time(run.createdAt), run_started_at: time(startedAt), updated_at: time(updatedAt),
    },
  });
}

export function deploymentStatusWebhook(repository: Repository, deployment: Deployment, status: DeploymentStatus): Webhook {
  return hook('deployment_status', repository, {
    action: 'created',
    deployment: {
      node_id: nodeId('DE', repository.databaseId, deployment.databaseId), sha: deployment.sha, ref: deployment.ref, task: deployment.task, environment: deployment.environment, description: deployment.description,
      created_at: time(deployment.createdAt),
    },
    deployment_status: {
      node_id: nodeId('DES', repository.databaseId, deployment.databaseId, status.databaseId), state: status.state.toLowerCase(), created_at: time(status.at), log_url: status.logUrl ?? '', environment_url: status.environmentUrl ?? '',
    },
  });
}

/** What GitHub would have sent of all that a repository has now, each thing as it is now. */
export function webhooksOf(repository: Repository): Webhook[] {
  const { pulls, releases, runs, deployments, issues } = repository.content;
  return [
    ...[...pulls.values()].flatMap((pull) => (pull.mergedAt === null ? [] : [pullRequestWebhook(repository, pull)])),
    ...releases.filter(({ publishedAt }) => publishedAt !== null).map((release) => releaseWebhook(repository, release)),
    ...[...runs.values()].flatMap((run) => run.attempts.map((_, index) => workflowRunWebhook(repository, run, index + 1))),
    ...deployments.flatMap((deployment) => deployment.statuses.map((status) => deploymentStatusWebhook(repository, deployment, status))),
    ...[...issues.values()].map((issue) => issueWebhook(repository, issue)),
  ];
}
