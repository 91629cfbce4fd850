import type { DeploymentRecord, IncidentRecord, PullRequest, Repository } from '../../engine/model';
import type { JsonValue } from '../../store/store';
import { actorOf } from '../github/actors';
import { mapDeployment } from '../github/deployments';
import { mapIssue } from '../github/issues';
import type { RepositoryPlan } from '../github/plan';
import { mapRelease } from '../github/releases';
import { mapRun, selectionsOf, type RawRun } from '../github/workflow-run';
import { referencesOf } from '../references';
import type { WebhookDeployment, WebhookDeploymentStatus, WebhookDetail, WebhookIssue, WebhookPullRequest, WebhookRelease, WebhookRun } from './github';
import { fieldsOf, type EventFields, type MergedEvent } from './merge';

/** Later than any moment: nothing that is said of a deleted thing brings it back. */
const FOR_EVER = Number.MAX_SAFE_INTEGER;

/** What webhooks of one thing come to, as the synchronisation would store it. */
export type WebhookFacts =
  | { table: 'pullRequests'; facts: PullRequest[] }
  | { table: 'incidents'; facts: IncidentRecord[] }
  | { table: 'deployments'; facts: DeploymentRecord[] };

/** One webhook about one thing, to be merged with the others about it. */
export interface WebhookPart {
  /** Names the thing; unique over all repositories. */
  key: string;
  fields: EventFields;
  rank: number;
  /** The facts that follow from all webhooks so far; none once the thing was deleted. */
  facts(merged: MergedEvent): WebhookFacts;
}

/**
 * What a webhook says of a fact that somebody asked for; null where it holds too little to be shown: a pull request whose
 * paths decide its service, a run of which one job counts, a draft. The synchronisation reads those.
 */
export function partOfWebhook(detail: WebhookDetail, repository: Repository, plan: RepositoryPlan): WebhookPart | null {
  switch (detail.event) {
    case 'pull_request': {
      const fact = plan.pullRequests && !plan.files ? pullRequestOf(repository, detail.pull_request) : null;
      return fact && latest('pullRequests', fact.id, fact, fact.updatedAt);
    }
    case 'issues': {
      const fact = plan.issues ? issueOf(repository, detail.issue) : null;
      const gone = detail.action === 'deleted' || detail.action === 'transferred';
      return fact && latest('incidents', fact.id, gone ? null : fact, Date.parse(detail.issue.updated_at));
    }
    case 'release': {
      if (!plan.releases) {
        return null;
      }
      const id = `releases:${detail.release.node_id}`;
      const fact = releaseOf(repository, detail.release);
      return detail.action === 'deleted' ? latest('deployments', id, null, FOR_EVER) : fact && latest('deployments', id, fact, rankOfRelease(detail.release));
    }
    case 'workflow_run': {
      const run = runOf(detail.workflow_run, detail.workflow?.path);
      const selections = run ? selectionsOf(plan.runs, run) : [];
      const fact = run && selections.length > 0 && !selections.some(({ job }) => job !== undefined) ? mapRun(repository, run, null) : null;
      return fact && latest('deployments', fact.id, fact, Date.parse(detail.workflow_run.updated_at));
    }
    case 'deployment_status':
      return plan.deployments.length > 0 ? statusPart(repository, detail.deployment, detail.deployment_status) : null;
  }
}

/** A thing whose latest description is the fact. */
function latest<Table extends WebhookFacts['table']>(table: Table, id: string, fact: Extract<WebhookFacts, { table: Table }>['facts'][number] | null, rank: number): WebhookPart {
  return {
    key: id,
    fields: fact === null ? { gone: true } : { fact: fact as unknown as JsonValue },
    rank: fact === null ? FOR_EVER : rank,
    facts: (merged) => {
      const { gone, fact: described } = fieldsOf(merged);
      return { table, facts: gone === true || described === undefined ? [] : [described] } as unknown as WebhookFacts;
    },
  };
}

/** Without reviews, commits and drafts, which no webhook holds. */
function pullRequestOf(repository: Repository, raw: WebhookPullRequest): PullRequest | null {
  if (!raw.merged_at) {
    return null;
  }
  return {
    id: `${repository.id}#${raw.number}`,
    repository: repository.id,
    number: raw.number,
    title: raw.title,
    url: raw.html_url,
    author: raw.user ? actorOf({ __typename: raw.user.type ?? 'User', login: raw.user.login }) : null,
    labels: (raw.labels ?? []).map(({ name }) => name),
    baseBranch: raw.base.ref,
    headBranch: raw.head.ref,
    createdAt: Date.parse(raw.created_at),
    mergedAt: Date.parse(raw.merged_at),
    updatedAt: Date.parse(raw.updated_at),
    mergeSha: raw.merge_commit_sha ?? null,
    draftEvents: [],
    reviews: [],
    commits: [],
    commitsComplete: false,
    references: referencesOf({ title: raw.title, body: raw.body, branch: raw.head.ref }),
    files: null,
  };
}

/** Without comments, which may name a root cause. */
function issueOf(repository: Repository, raw: WebhookIssue): IncidentRecord {
  return mapIssue(repository.id, {
    id: raw.node_id,
    number: raw.number,
    title: raw.title,
    body: raw.body ?? '',
    url: raw.html_url,
    state: (raw.state ?? (raw.closed_at ? 'closed' : 'open')).toUpperCase(),
    stateReason: raw.state_reason?.toUpperCase() ?? null,
    createdAt: raw.created_at,
    closedAt: raw.closed_at ?? null,
    updatedAt: raw.updated_at,
    labels: { nodes: raw.labels ?? [] },
    comments: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] },
  });
}

/** Without the commit, which only its tag tells. */
function releaseOf(repository: Repository, raw: WebhookRelease): DeploymentRecord | null {
  return mapRelease(repository, {
    id: raw.node_id,
    tagName: raw.tag_name,
    name: raw.name ?? null,
    isDraft: raw.draft,
    isPrerelease: raw.prerelease,
    createdAt: raw.created_at,
    publishedAt: raw.published_at ?? null,
    url: raw.html_url,
    tagCommit: null,
  });
}

function runOf(raw: WebhookRun, workflowPath: string | undefined): RawRun | null {
  const path = raw.path ?? workflowPath;
  return path === undefined ? null : { ...raw, path, display_title: raw.display_title ?? raw.name ?? path };
}

function rankOfRelease({ updated_at: updatedAt, published_at: publishedAt, created_at: createdAt }: WebhookRelease): number {
  return Date.parse(updatedAt ?? publishedAt ?? createdAt);
}

/** A deployment is what its statuses tell, so each is kept. */
function statusPart(repository: Repository, deployment: WebhookDeployment, status: WebhookDeploymentStatus): WebhookPart {
  return {
    key: `github-deployments:${deployment.node_id}`,
    fields: {
      deployment: deployment,
      [`status/${status.node_id}`]: { state: status.state.toUpperCase(), createdAt: status.created_at, logUrl: status.log_url ?? null, environmentUrl: status.environment_url ?? null },
    },
    rank: Date.parse(status.created_at),
    facts: (merged) => ({ table: 'deployments', facts: deploymentsOf(repository, merged) }),
  };
}

type Statuses = NonNullable<NonNullable<Parameters<typeof mapDeployment>[1]['statuses']>['nodes']>;

function deploymentsOf(repository: Repository, merged: MergedEvent): DeploymentRecord[] {
  const { deployment, ...statuses } = fieldsOf(merged);
  const raw = deployment as unknown as WebhookDeployment;
  return mapDeployment(repository, {
    id: raw.node_id,
    commitOid: raw.sha,
    environment: raw.environment ?? null,
    task: raw.task ?? null,
    description: raw.description ?? null,
    createdAt: raw.created_at,
    // Deployed by its SHA, it has no ref.
    ref: !raw.ref || raw.ref === raw.sha ? null : { name: raw.ref },
    statuses: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: Object.values(statuses) as unknown as Statuses },
  });
}
