import type { Account, Comment, Commit, Deployment, DeploymentStatus, FileChange, Issue, Label, PullRequest, Release, Repository, Review, ReviewComment, Tag, TimelineEvent, Workflow, WorkflowRun, World } from '../world';

/** A fact together with where it lives; `kind` is its GraphQL type. */
export interface View<K extends string, F> {
  kind: K;
  repository: Repository;
  fact: F;
}

export interface RefFact {
  prefix: 'refs/heads/' | 'refs/tags/';
  name: string;
  sha: string;
  tag: Tag | null;
}
export interface GitActorFact {
  name: string;
  email: string;
  login: string | null;
  at: number;
}
export interface InPull<F> {
  pull: PullRequest;
  item: F;
}
export interface InSubject<F> {
  subject: PullRequest | Issue;
  item: F;
}

export type RepositoryView = View<'Repository', null>;
export type PullView = View<'PullRequest', PullRequest>;
export type IssueView = View<'Issue', Issue>;
export type CommitView = View<'Commit', Commit>;
export type TagView = View<'Tag', Tag>;
export type RefView = View<'Ref', RefFact>;
export type ReleaseView = View<'Release', Release>;
export type DeploymentView = View<'Deployment', Deployment>;
export type DeploymentStatusView = View<'DeploymentStatus', { deployment: Deployment; status: DeploymentStatus }>;
export type LabelView = View<'Label', Label>;
export type ReviewView = View<'PullRequestReview', InPull<Review>>;
export type ReviewCommentView = View<'PullRequestReviewComment', InPull<ReviewComment> & { review: Review }>;
export type ThreadView = View<'PullRequestReviewThread', InPull<ReviewComment> & { review: Review }>;
export type CommentView = View<'IssueComment', InSubject<Comment>>;
export type PullCommitView = View<'PullRequestCommit', InPull<Commit>>;
export type FileView = View<'PullRequestChangedFile', FileChange>;
export type EventView = View<TimelineEvent['kind'], InSubject<TimelineEvent>>;
export type GitActorView = View<'GitActor', GitActorFact>;
export type RunView = View<'WorkflowRun', WorkflowRun>;
export type WorkflowView = View<'Workflow', Workflow>;
export type CheckSuiteView = View<'CheckSuite', WorkflowRun>;
export type ComparisonView = View<'Comparison', { base: string; head: string }>;
export type EnvironmentView = View<'Environment', string>;
export interface AccountView {
  kind: Account['kind'];
  account: Account;
}

export const view = <K extends string, F>(kind: K, repository: Repository, fact: F): View<K, F> => ({ kind, repository, fact });

export const repositoryView = (repository: Repository): RepositoryView => view('Repository', repository, null);

/** Null for a deleted account. */
export function accountView(world: World, login: string | null): AccountView | null {
  if (login === null) {
    return null;
  }
  const account = world.findAccount(login) ?? world.account(login);
  return { kind: account.kind, account };
}

export function commitView(repository: Repository, sha: string | null): CommitView | null {
  const commit = sha === null ? undefined : repository.content.commits.get(sha);
  return commit ? view('Commit', repository, commit) : null;
}

export function isPull(subject: PullRequest | Issue): subject is PullRequest {
  return 'mergedAt' in subject;
}

export function subjectView(repository: Repository, subject: PullRequest | Issue): PullView | IssueView {
  return isPull(subject) ? view('PullRequest', repository, subject) : view('Issue', repository, subject);
}
