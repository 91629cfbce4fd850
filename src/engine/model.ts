/**
 * Facts as sources report them and the store keeps them: the same for every team, free of any setting.
 * What a team makes of them (changes, deployments, incidents) is derived in `engine/`.
 * Every moment is an instant in milliseconds since the epoch, UTC; unknown is null, never 0.
 */
export type Instant = number;

/** Stable id of a repository at its provider: survives renames. GitHub: the GraphQL node id. */
export type RepositoryId = string;

export interface Actor {
  login: string;
  isBot: boolean;
}

/** Something that a text names. `owner/repo#12`, `#12` (the text's own repository), a SHA of 7 or more digits, or `oi-` + 12 hex digits. */
export interface Reference {
  /** `reverts`: GitHub's or git's own revert trail; `root-cause`: `root cause: …`; `fixes`: a closing keyword; `mentions`: anything else. */
  relation: 'reverts' | 'root-cause' | 'fixes' | 'mentions';
  target: string;
}

export interface Repository {
  id: RepositoryId;
  /** `owner/name` today, in the provider's own spelling. */
  name: string;
  /** Names it had before, newest first; facts of other sources may still use them. */
  formerNames: string[];
  url: string;
  defaultBranch: string | null;
  /** Heads of the branches that were synced: branch name → SHA. */
  branchHeads: Record<string, string>;
  createdAt: Instant | null;
  archived: boolean;
}

export interface Review {
  /** Null for a deleted account: somebody else than the author. */
  author: Actor | null;
  /** A review comment outside a review counts as `commented`. */
  state: 'approved' | 'changes-requested' | 'commented' | 'dismissed';
  at: Instant;
}

/** A merged pull request. */
export interface PullRequest {
  /** `<RepositoryId>#<number>` */
  id: string;
  repository: RepositoryId;
  number: number;
  title: string;
  url: string;
  /** Null for a deleted account. */
  author: Actor | null;
  labels: string[];
  baseBranch: string;
  headBranch: string;
  createdAt: Instant;
  mergedAt: Instant;
  updatedAt: Instant;
  /** The commit on the base branch that brought it in: merge commit, squash, or last rebased commit. */
  mergeSha: string | null;
  /** Ready-for-review and convert-to-draft events, oldest first. */
  draftEvents: Array<{ to: 'ready' | 'draft'; at: Instant }>;
  /** Oldest first. */
  reviews: Review[];
  /** Its own commits on its head branch, in the provider's order. */
  commits: Array<{ sha: string; authoredAt: Instant; isMerge: boolean }>;
  /** False when the provider refused part of the commits. */
  commitsComplete: boolean;
  /** What title, body and branch name name. */
  references: Reference[];
  /** Changed paths; null when no team asked for them. */
  files: string[] | null;
}

/** A commit of the graph that production branches and deployed SHAs reach. */
export interface Commit {
  repository: RepositoryId;
  sha: string;
  /** May name commits outside the stored graph (before the lookback). */
  parents: string[];
  authoredAt: Instant;
  committedAt: Instant;
  author: Actor | null;
  /** First line of the message. */
  headline: string;
  references: Reference[];
}

export type DeploymentOrigin = 'releases' | 'tags' | 'workflow-runs' | 'github-deployments' | 'codepipeline' | 'events';
export type Outcome = 'succeeded' | 'failed';

/** A stage of a pipeline execution or a job of a workflow run; a retried one is listed once per attempt. */
export interface DeploymentStage {
  name: string;
  attempt: number;
  /** Null while it runs or when it was cancelled, skipped, stopped or superseded. */
  outcome: Outcome | null;
  startedAt: Instant | null;
  finishedAt: Instant | null;
}

/** A finished attempt to bring something into an environment. Cancelled, superseded, skipped and stopped attempts are not reported. */
export interface DeploymentRecord {
  /** Unique over all origins: `releases:<node id>`, `codepipeline:<execution id>`, … */
  id: string;
  origin: DeploymentOrigin;
  outcome: Outcome;
  /** What the provider calls it; null when it says nothing. */
  declared: 'rollback' | 'retry' | null;
  startedAt: Instant;
  finishedAt: Instant;
  /** What it deployed, one entry a source; `repository` is an id, or null when only `repositoryName` (or nothing) is known. */
  revisions: Array<{ repository: RepositoryId | null; repositoryName: string | null; sha: string | null }>;
  /** Branch or tag it ran on. */
  ref: string | null;
  environment: string | null;
  /** Pipeline name, workflow file name; null for releases. */
  pipeline: string | null;
  /** Workflow's display name where it differs from its file. */
  pipelineTitle: string | null;
  account: string | null;
  region: string | null;
  /** As a pushed event names it. */
  service: string | null;
  prerelease: boolean;
  /** Empty when the source has no stage data. */
  stages: DeploymentStage[];
  title: string;
  url: string | null;
  references: Reference[];
}

export type IncidentOrigin = 'github-issues' | 'opsitems' | 'events';

/** A production trouble as its tool reports it. */
export interface IncidentRecord {
  /** Unique over all origins. */
  id: string;
  origin: IncidentOrigin;
  title: string;
  url: string | null;
  openedAt: Instant;
  /** Last change of a GitHub issue: of two reports of it the later one counts. Absent where a source has other means. */
  updatedAt?: Instant;
  /** As the tool says; null while open or unknown. */
  resolvedAt: Instant | null;
  /** Which rule the tool's `resolvedAt` comes from, to be shown in tables. */
  resolvedBy: 'closed' | 'operational-data' | 'resolved-event' | 'last-modified' | 'given' | null;
  severity: string | null;
  category: string | null;
  status: string | null;
  type: string | null;
  /** The source field of an OpsItem. */
  reportedBy: string | null;
  /** GitHub issues: the repository the issue is in. */
  repository: RepositoryId | null;
  number: number | null;
  labels: string[];
  account: string | null;
  region: string | null;
  service: string | null;
  /** Deployment id, pipeline names and other things it names itself; see `references` for texts. */
  deploymentId: string | null;
  pipelines: string[];
  references: Reference[];
  operationalData: Record<string, string>;
}

/** What of a source is known. A time before `from` was not synced; null while nothing was. */
export interface Coverage {
  /** `pull-requests`, `commits`, or an origin of deployments or incidents. */
  kind: 'pull-requests' | 'commits' | DeploymentOrigin | IncidentOrigin;
  /** Repository id, or `<account>:<region>` (with `:<pipeline>`), as the source partitions its work. */
  scope: string;
  /** Complete from this instant on; moves back while a first sync goes on, newest first. */
  from: Instant | null;
  /** True once the lookback is reached. */
  complete: boolean;
}

/** Facts that are written or loaded together. An upsert replaces the fact of the same identity. */
export interface FactBatch {
  repositories?: Repository[];
  pullRequests?: PullRequest[];
  commits?: Commit[];
  deployments?: DeploymentRecord[];
  incidents?: IncidentRecord[];
  coverage?: Coverage[];
  /** Facts that no longer exist at the provider. */
  removed?: Array<{ kind: 'pullRequests' | 'deployments' | 'incidents' | 'repositories'; id: string }>;
}
