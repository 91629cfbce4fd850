import { createHash } from 'node:crypto';
import { instant, type Instant } from '../shared/clock';
import type {
  Commit, Conclusion, Deployment, DeploymentStatus, FileChange, Issue, PullRequest, Release, Repository, RepositoryContent,
  RepositoryOptions, Review, TimelineEvent, WorkflowJob, WorkflowRun,
} from './world';
import { World } from './world';

/**
 * A small, readable way to build what GitHub knows: organisations, repositories, commits, pull requests with their
 * moments, releases, deployments, runs and issues. Call in the order of time on each branch: a merge takes its
 * branch's head as it is at the call.
 */
export type When = string | Instant;

export interface CommitInput {
  at: When;
  /** Default: the commit date. */
  authoredAt?: When;
  message?: string;
  /** Login; null when no account owns the address. */
  author?: string | null;
  files?: string[];
  branch?: string;
  /** Default: the branch's head. */
  parents?: string[];
  /** Default: made from the contents, so equal input gives equal SHAs. */
  sha?: string;
}

export interface PullRequestInput {
  number?: number;
  title?: string;
  body?: string;
  author?: string | null;
  branch?: string;
  base?: string;
  openedAt: When;
  /** Own commits, oldest first; `at` is the commit date. Default: one at `openedAt`. */
  commits?: Array<When | { at: When; authoredAt?: When; message?: string; author?: string | null; files?: string[]; sha?: string; parents?: string[] }>;
  /** Full SHAs of commits that exist already, instead of `commits`. */
  commitShas?: string[];
  /** Where the branch starts; default: the base's head at the first commit. */
  from?: string;
  draft?: boolean;
  /** Draft moments after creation; a pull request opened as a draft needs its `ready` here. */
  drafts?: Array<{ to: 'ready' | 'draft'; at: When }>;
  reviews?: Array<{ by: string | null; state?: 'approved' | 'changes-requested' | 'commented' | 'dismissed'; at: When; body?: string; comments?: string[] }>;
  comments?: Array<{ by: string | null; at: When; body?: string }>;
  forcePushes?: When[];
  labels?: string[];
  files?: string[];
  fromFork?: boolean;
  mergedAt?: When;
  mergedBy?: string | null;
  merge?: 'merge' | 'squash' | 'rebase';
  /** For histories: a merge commit that exists already. */
  mergeSha?: string;
  closedAt?: When;
  additions?: number;
  deletions?: number;
  changedFiles?: number;
}

export interface ReleaseInput {
  tag: string;
  publishedAt: When;
  createdAt?: When;
  /** Default: the branch's head as it was at `publishedAt`. */
  sha?: string;
  branch?: string;
  name?: string | null;
  description?: string;
  author?: string | null;
  draft?: boolean;
  prerelease?: boolean;
  annotated?: boolean;
}

export interface DeploymentInput {
  sha?: string;
  ref?: string;
  environment?: string;
  at: When;
  creator?: string | null;
  description?: string | null;
  statuses?: Array<{ state: DeploymentStatus['state']; at: When; description?: string }>;
  production?: boolean;
}

export interface WorkflowRunInput {
  /** File in `.github/workflows`. */
  workflow: string;
  workflowName?: string;
  title?: string;
  event?: string;
  branch?: string | null;
  sha?: string;
  at: When;
  actor?: string | null;
  /** One entry an attempt, oldest first. `finishedAt` missing: still running. */
  attempts: Array<{ startedAt?: When; finishedAt?: When; conclusion?: Conclusion; jobs?: Array<{ name: string; startedAt: When; finishedAt?: When; conclusion?: Conclusion }> }>;
}

export interface IssueInput {
  number?: number;
  title: string;
  body?: string;
  author?: string | null;
  openedAt: When;
  closedAt?: When;
  labels?: string[];
  assignees?: string[];
  comments?: Array<{ by: string | null; at: When; body: string }>;
}

export interface RepositoryInput {
  defaultBranch?: string | null;
  createdAt?: When;
  private?: boolean;
  description?: string;
  language?: string;
  topics?: string[];
  archived?: boolean;
  fork?: boolean;
  formerNames?: string[];
}

const REVIEW_STATES = { approved: 'APPROVED', 'changes-requested': 'CHANGES_REQUESTED', commented: 'COMMENTED', dismissed: 'DISMISSED' } as const;

export class Scenario {
  constructor(readonly world: World = new World()) {}

  organisation(login: string, name?: string): OwnerBuilder {
    this.world.account(login, { kind: 'Organization', name: name ?? login });
    return new OwnerBuilder(this.world, login);
  }

  user(login: string, name?: string): OwnerBuilder {
    this.world.account(login, { kind: 'User', name: name ?? null });
    return new OwnerBuilder(this.world, login);
  }
}

export function scenario(): Scenario {
  return new Scenario();
}

export class OwnerBuilder {
  constructor(
    private readonly world: World,
    readonly login: string
  ) {}

  repository(name: string, input: RepositoryInput = {}): RepositoryBuilder {
    const repository = this.world.addRepository(repositoryOptions(this.login, name, input));
    repository.isArchived = input.archived ?? false;
    repository.isFork = input.fork ?? false;
    repository.formerNames = input.formerNames ?? [];
    return new RepositoryBuilder(this.world, repository, repository.changeable);
  }
}

export function repositoryOptions(owner: string, name: string, input: RepositoryInput): Omit<RepositoryOptions, 'databaseId'> {
  const options: Omit<RepositoryOptions, 'databaseId'> = { owner, name, createdAt: instant(input.createdAt ?? '2020-01-01T00:00:00Z') };
  if (input.defaultBranch !== undefined) {
    options.defaultBranch = input.defaultBranch;
  }
  return {
    ...options,
    isPrivate: input.private ?? true,
    description: input.description ?? null,
    language: input.language ?? null,
    topics: input.topics ?? [],
  };
}

export class RepositoryBuilder {
  /** Heads over time, to find where a branch of that moment started. */
  private readonly heads = new Map<string, Array<{ at: Instant; sha: string }>>();

  constructor(
    readonly world: World,
    readonly repository: Repository,
    private readonly content: RepositoryContent
  ) {
    for (const [branch, sha] of content.branches) {
      const moves = content.history(sha).map((commit) => ({ at: commit.committedAt, sha: commit.sha }));
      this.heads.set(branch, moves.reverse());
    }
  }

  get defaultBranch(): string {
    return this.repository.defaultBranch ?? 'main';
  }

  head(branch = this.defaultBranch): string {
    const sha = this.content.branches.get(branch);
    if (!sha) {
      throw new Error(`${this.repository.fullName} has no branch ${branch}`);
    }
    return sha;
  }

  /** The branch's head at that moment; its first commit for earlier moments; null for an empty branch. */
  headAt(branch: string, at: Instant): string | null {
    const moves = this.heads.get(branch) ?? [];
    let low = 0;
    let high = moves.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (moves[middle].at <= at) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return moves[Math.max(0, low - 1)]?.sha ?? null;
  }

  /** Points a branch at a commit: a new branch, a fast-forward or a rewrite. */
  branch(name: string, sha: string, at: When): this {
    this.content.branches.set(name, sha);
    const moves = this.heads.get(name) ?? [];
    moves.push({ at: instant(at), sha });
    this.heads.set(name, moves);
    this.repository.touch(instant(at), true);
    this.content.changed();
    return this;
  }

  deleteBranch(name: string): this {
    this.content.branches.delete(name);
    this.content.changed();
    return this;
  }

  commit(input: CommitInput): Commit {
    const branch = input.branch ?? this.defaultBranch;
    const head = this.content.branches.get(branch);
    const commit = this.addCommit(input, input.parents ?? (head ? [head] : []));
    this.branch(branch, commit.sha, commit.committedAt);
    return commit;
  }

  private addCommit(input: Omit<CommitInput, 'branch' | 'parents'>, parents: string[]): Commit {
    const committedAt = instant(input.at);
    const authoredAt = instant(input.authoredAt ?? committedAt);
    const message = input.message ?? 'Update';
    const author = input.author === undefined ? 'octocat' : input.author;
    const account = author === null ? null : this.world.account(author);
    const sha =
      input.sha ??
      createHash('sha1')
        .update(JSON.stringify([this.repository.databaseId, parents, authoredAt, committedAt, message, author, this.content.commits.size]))
        .digest('hex');
    const files = input.files ?? [];
    const commit: Commit = {
      sha,
      parents,
      authoredAt,
      committedAt,
      author,
      // git has a bot's name as REST spells it.
      authorName: account === null ? 'Unknown Author' : account.kind === 'Bot' ? `${account.login}[bot]` : (account.name ?? account.login),
      authorEmail: account ? `${account.databaseId}+${author}@users.noreply.github.com` : 'unknown@example.com',
      message,
      files,
      additions: files.length * 7,
      deletions: files.length * 3,
    };
    this.content.commits.set(sha, commit);
    return commit;
  }

  pullRequest(input: PullRequestInput): PullRequest {
    const number = input.number ?? this.content.nextNumber();
    const openedAt = instant(input.openedAt);
    const author = input.author === undefined ? 'octocat' : input.author;
    const title = input.title ?? `Change ${number}`;
    const base = input.base ?? this.defaultBranch;
    const headBranch = input.branch ?? `change-${number}`;
    for (const person of [author, input.mergedBy ?? null, ...(input.reviews ?? []).map((review) => review.by), ...(input.comments ?? []).map((comment) => comment.by)]) {
      if (person !== null) {
        this.world.account(person);
      }
    }

    const own: Commit[] = [];
    let baseSha = input.from ?? null;
    if (input.commitShas) {
      own.push(...input.commitShas.map((sha) => this.existing(sha)));
      baseSha ??= own[0]?.parents[0] ?? this.headAt(base, openedAt);
    } else {
      const wanted = (input.commits ?? [openedAt]).map((commit) => (typeof commit === 'object' ? commit : { at: commit }));
      baseSha ??= this.headAt(base, Math.min(...wanted.map((commit) => instant(commit.at))));
      let parent = baseSha;
      for (const [index, commit] of wanted.entries()) {
        const added = this.addCommit({ author, message: index === 0 ? title : `${title}: step ${index + 1}`, ...commit }, commit.parents ?? (parent ? [parent] : []));
        own.push(added);
        parent = added.sha;
      }
    }

    const reviews: Review[] = (input.reviews ?? []).map((review) => ({
      id: this.content.nextId(),
      author: review.by,
      state: REVIEW_STATES[review.state ?? 'commented'],
      at: instant(review.at),
      body: review.body ?? '',
      comments: (review.comments ?? []).map((body) => ({ id: this.content.nextId(), author: review.by, at: instant(review.at), body, path: input.files?.[0] ?? 'README.md' })),
    }));
    const timeline: TimelineEvent[] = [
      ...(input.drafts ?? []).map((draft): TimelineEvent => ({
        kind: draft.to === 'ready' ? 'ReadyForReviewEvent' : 'ConvertToDraftEvent', id: this.content.nextId(), actor: author, at: instant(draft.at),
      })),
      ...(input.forcePushes ?? []).map((at): TimelineEvent => ({
        kind: 'HeadRefForcePushedEvent', id: this.content.nextId(), actor: author, at: instant(at), before: null, after: own.at(-1)?.sha ?? null,
      })),
      ...(input.labels ?? []).map((label): TimelineEvent => ({ kind: 'LabeledEvent', id: this.content.nextId(), actor: author, at: openedAt, label })),
    ];
    for (const label of input.labels ?? []) {
      this.content.label(label);
    }
    const paths = [...new Set([...(input.files ?? []), ...own.flatMap((commit) => commit.files)])];
    const files: FileChange[] = paths.map((path) => ({ path, changeType: 'MODIFIED', additions: 7, deletions: 3 }));
    const lastDraft = (input.drafts ?? []).reduce<{ to: string; at: Instant } | null>(
      (latest, draft) => (latest === null || instant(draft.at) >= latest.at ? { to: draft.to, at: instant(draft.at) } : latest), null
    );

    const pull: PullRequest = {
      number,
      databaseId: this.content.nextId(),
      title,
      body: input.body ?? '',
      author,
      state: 'OPEN',
      isDraft: lastDraft ? lastDraft.to === 'draft' : (input.draft ?? false),
      createdAt: openedAt,
      updatedAt: 0,
      closedAt: null,
      mergedAt: null,
      mergedBy: null,
      baseBranch: base,
      headBranch,
      fromFork: input.fromFork ?? false,
      baseSha: baseSha ?? '0'.repeat(40),
      headSha: own.at(-1)?.sha ?? baseSha ?? '0'.repeat(40),
      mergeSha: null,
      commits: own.map((commit) => commit.sha),
      labels: input.labels ?? [],
      reviews: reviews.sort((a, b) => a.at - b.at),
      comments: (input.comments ?? []).map((comment) => ({ id: this.content.nextId(), author: comment.by, at: instant(comment.at), body: comment.body ?? 'Looks good.' })),
      timeline: timeline.sort((a, b) => a.at - b.at),
      files,
      additions: input.additions ?? files.reduce((sum, file) => sum + file.additions, 0),
      deletions: input.deletions ?? files.reduce((sum, file) => sum + file.deletions, 0),
      changedFiles: input.changedFiles ?? files.length,
    };
    pull.updatedAt = Math.max(openedAt, ...[...pull.reviews, ...pull.comments, ...pull.timeline].map((moment) => moment.at));
    this.content.pulls.set(number, pull);
    if (input.mergedAt !== undefined) {
      this.merge(pull, { at: input.mergedAt, by: input.mergedBy ?? author, method: input.merge ?? 'merge', ...(input.mergeSha ? { sha: input.mergeSha } : {}) });
    } else if (input.closedAt !== undefined) {
      this.close(pull, input.closedAt);
    } else if (!pull.fromFork && own.length > 0) {
      this.content.branches.set(headBranch, pull.headSha);
    }
    this.repository.touch(pull.updatedAt, false);
    this.content.changed();
    return pull;
  }

  /** Merges an open pull request the way GitHub's button does. */
  merge(pull: PullRequest, how: { at: When; by?: string | null; method?: 'merge' | 'squash' | 'rebase'; sha?: string }): string {
    const at = instant(how.at);
    const by = how.by === undefined ? pull.author : how.by;
    if (how.sha) {
      pull.mergeSha = how.sha;
    } else {
      const head = this.content.branches.get(pull.baseBranch);
      const parents = head ? [head] : [];
      const method = how.method ?? 'merge';
      const files = pull.files.map((file) => file.path);
      if (method === 'merge') {
        pull.mergeSha = this.addCommit(
          { at, author: by, message: `Merge pull request #${pull.number} from ${this.repository.owner}/${pull.headBranch}\n\n${pull.title}`, files },
          [...parents, pull.headSha]
        ).sha;
      } else if (method === 'squash') {
        pull.mergeSha = this.addCommit({ at, author: pull.author, message: `${pull.title} (#${pull.number})${pull.body ? `\n\n${pull.body}` : ''}`, files }, parents).sha;
      } else {
        let parent = head;
        for (const sha of pull.commits) {
          const original = this.existing(sha);
          parent = this.addCommit(
            { at, authoredAt: original.authoredAt, author: original.author, message: original.message, files: original.files }, parent ? [parent] : []
          ).sha;
        }
        pull.mergeSha = parent ?? null;
      }
      if (pull.mergeSha) {
        this.branch(pull.baseBranch, pull.mergeSha, at);
      }
    }
    pull.state = 'MERGED';
    pull.isDraft = false;
    pull.mergedAt = at;
    pull.closedAt = at;
    pull.mergedBy = by;
    pull.timeline.push({ kind: 'MergedEvent', id: this.content.nextId(), actor: by, at }, { kind: 'ClosedEvent', id: this.content.nextId(), actor: by, at });
    pull.timeline.sort((a, b) => a.at - b.at);
    pull.updatedAt = Math.max(pull.updatedAt, at);
    this.content.branches.delete(pull.headBranch);
    this.repository.touch(pull.updatedAt, true);
    this.content.changed();
    return pull.mergeSha ?? '';
  }

  close(pull: PullRequest, at: When): void {
    pull.state = 'CLOSED';
    pull.closedAt = instant(at);
    pull.updatedAt = Math.max(pull.updatedAt, instant(at));
    pull.timeline.push({ kind: 'ClosedEvent', id: this.content.nextId(), actor: pull.author, at: instant(at) });
    this.content.changed();
  }

  /** Reverts a merged pull request with GitHub's own trail: branch, title and body. */
  revert(reverted: PullRequest, input: Omit<PullRequestInput, 'title' | 'body' | 'branch'>): PullRequest {
    return this.pullRequest({
      ...input,
      title: `Revert "${reverted.title}"`,
      body: `Reverts ${this.repository.fullName}#${reverted.number}`,
      branch: `revert-${reverted.number}-${reverted.headBranch}`,
    });
  }

  /** Replaces a branch's head by other commits: what a force push leaves behind. */
  forcePush(branch: string, sha: string, at: When): this {
    return this.branch(branch, sha, at);
  }

  tag(name: string, sha: string, at: When, annotated = false): this {
    const tagger = this.content.commits.get(sha)?.author ?? 'octocat';
    this.content.tags.set(name, {
      name,
      sha,
      annotation: annotated ? { sha: createHash('sha1').update(`${this.repository.databaseId} ${name} ${sha}`).digest('hex'), message: name, tagger, at: instant(at) } : null,
    });
    this.content.changed();
    return this;
  }

  release(input: ReleaseInput): Release {
    const publishedAt = instant(input.publishedAt);
    const branch = input.branch ?? this.defaultBranch;
    const sha = input.sha ?? this.headAt(branch, publishedAt) ?? this.head(branch);
    const author = input.author === undefined ? 'octocat' : input.author;
    if (author !== null) {
      this.world.account(author);
    }
    if (!input.draft && !this.content.tags.has(input.tag)) {
      this.tag(input.tag, sha, publishedAt, input.annotated ?? false);
    }
    const release: Release = {
      databaseId: this.content.nextId(),
      tag: input.tag,
      target: input.sha && !input.branch ? sha : branch,
      name: input.name === undefined ? input.tag : input.name,
      description: input.description ?? '',
      author,
      isDraft: input.draft ?? false,
      isPrerelease: input.prerelease ?? false,
      // GitHub's `createdAt` of a release is the date of the commit that its tag names, when the tag existed first.
      createdAt: instant(input.createdAt ?? this.content.commits.get(sha)?.committedAt ?? publishedAt),
      publishedAt: input.draft ? null : publishedAt,
    };
    this.content.releases.push(release);
    this.repository.touch(publishedAt, false);
    this.content.changed();
    return release;
  }

  deployment(input: DeploymentInput): Deployment {
    const at = instant(input.at);
    const ref = input.ref ?? this.defaultBranch;
    const creator = input.creator === undefined ? 'github-actions[bot]' : input.creator;
    if (creator !== null) {
      this.world.account(creator);
    }
    const deployment: Deployment = {
      databaseId: this.content.nextId(),
      sha: input.sha ?? this.content.tags.get(ref)?.sha ?? this.headAt(ref, at) ?? this.head(ref),
      ref,
      task: 'deploy',
      environment: input.environment ?? 'production',
      description: input.description ?? null,
      payload: '',
      creator,
      createdAt: at,
      updatedAt: at,
      isTransient: false,
      isProduction: input.production ?? (input.environment ?? 'production') === 'production',
      statuses: [],
    };
    this.content.deployments.push(deployment);
    for (const status of input.statuses ?? []) {
      this.deploymentStatus(deployment, status.state, status.at, status.description);
    }
    this.content.changed();
    return deployment;
  }

  deploymentStatus(deployment: Deployment, state: DeploymentStatus['state'], at: When, description = ''): void {
    deployment.statuses.push({ databaseId: this.content.nextId(), state, at: instant(at), creator: deployment.creator, description, logUrl: null, environmentUrl: null });
    deployment.statuses.sort((a, b) => a.at - b.at);
    deployment.updatedAt = Math.max(deployment.updatedAt, instant(at));
    this.content.changed();
  }

  workflowRun(input: WorkflowRunInput): WorkflowRun {
    const at = instant(input.at);
    const path = `.github/workflows/${input.workflow}`;
    let workflow = [...this.content.workflows.values()].find((candidate) => candidate.path === path);
    if (!workflow) {
      workflow = { databaseId: this.content.nextId(), name: input.workflowName ?? input.workflow.replace(/\.ya?ml$/, ''), path, state: 'active', createdAt: this.repository.createdAt };
      this.content.workflows.set(workflow.databaseId, workflow);
    }
    const branch = input.branch === undefined ? this.defaultBranch : input.branch;
    const actor = input.actor === undefined ? 'octocat' : input.actor;
    if (actor !== null) {
      this.world.account(actor);
    }
    const sha = input.sha ?? (branch ? (this.content.tags.get(branch)?.sha ?? this.headAt(branch, at)) : null) ?? this.head();
    const run: WorkflowRun = {
      databaseId: this.content.nextId(),
      runNumber: [...this.content.runs.values()].filter((other) => other.workflow === workflow.databaseId).length + 1,
      workflow: workflow.databaseId,
      title: input.title ?? this.content.commits.get(sha)?.message.split('\n')[0] ?? workflow.name,
      event: input.event ?? 'push',
      branch,
      sha,
      actor,
      createdAt: at,
      attempts: [],
      jobs: [],
    };
    for (const [index, attempt] of input.attempts.entries()) {
      const startedAt = instant(attempt.startedAt ?? at);
      const finished = attempt.finishedAt === undefined ? null : instant(attempt.finishedAt);
      run.attempts.push({
        attempt: index + 1,
        status: finished === null ? 'in_progress' : 'completed',
        conclusion: finished === null ? null : (attempt.conclusion ?? 'success'),
        startedAt,
        updatedAt: finished ?? startedAt,
        actor,
      });
      for (const job of attempt.jobs ?? []) {
        const completedAt = job.finishedAt === undefined ? null : instant(job.finishedAt);
        const added: WorkflowJob = {
          databaseId: this.content.nextId(),
          attempt: index + 1,
          name: job.name,
          status: completedAt === null ? 'in_progress' : 'completed',
          conclusion: completedAt === null ? null : (job.conclusion ?? 'success'),
          createdAt: instant(job.startedAt),
          startedAt: instant(job.startedAt),
          completedAt,
        };
        run.jobs.push(added);
      }
    }
    this.content.runs.set(run.databaseId, run);
    this.content.changed();
    return run;
  }

  issue(input: IssueInput): Issue {
    const openedAt = instant(input.openedAt);
    const number = input.number ?? this.content.nextNumber();
    const author = input.author === undefined ? 'octocat' : input.author;
    const closedAt = input.closedAt === undefined ? null : instant(input.closedAt);
    for (const label of input.labels ?? []) {
      this.content.label(label);
    }
    for (const login of [author, ...(input.assignees ?? []), ...(input.comments ?? []).map((comment) => comment.by)]) {
      if (login !== null) {
        this.world.account(login);
      }
    }
    const issue: Issue = {
      number,
      databaseId: this.content.nextId(),
      title: input.title,
      body: input.body ?? '',
      author,
      state: closedAt === null ? 'OPEN' : 'CLOSED',
      stateReason: closedAt === null ? null : 'COMPLETED',
      createdAt: openedAt,
      updatedAt: Math.max(openedAt, closedAt ?? 0, ...(input.comments ?? []).map((comment) => instant(comment.at))),
      closedAt,
      labels: input.labels ?? [],
      assignees: input.assignees ?? [],
      comments: (input.comments ?? []).map((comment) => ({ id: this.content.nextId(), author: comment.by, at: instant(comment.at), body: comment.body })),
      timeline: [],
    };
    if (closedAt !== null) {
      issue.timeline.push({ kind: 'ClosedEvent', id: this.content.nextId(), actor: author, at: closedAt });
    }
    this.content.issues.set(number, issue);
    this.content.changed();
    return issue;
  }

  private existing(sha: string): Commit {
    const commit = this.content.commits.get(sha);
    if (!commit) {
      throw new Error(`${this.repository.fullName} has no commit ${sha}`);
    }
    return commit;
  }
}
