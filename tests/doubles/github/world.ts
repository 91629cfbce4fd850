import type { Instant } from '../shared/clock';

/**
 * What the double knows: accounts and repositories with everything in them, as GitHub itself would hold it.
 * Nothing here knows of a wire format. A null author is a deleted account.
 */
export interface Account {
  kind: 'User' | 'Organization' | 'Bot' | 'Mannequin';
  /** Bots: without the `[bot]` ending, which is REST's and git's spelling only. */
  login: string;
  name: string | null;
  databaseId: number;
  createdAt: Instant;
}

export interface Commit {
  sha: string;
  parents: string[];
  authoredAt: Instant;
  committedAt: Instant;
  /** Login; null when the e-mail address belongs to no account. */
  author: string | null;
  authorName: string;
  authorEmail: string;
  message: string;
  files: string[];
  additions: number;
  deletions: number;
}

export interface ReviewComment {
  id: number;
  author: string | null;
  at: Instant;
  body: string;
  path: string;
}

export interface Review {
  id: number;
  author: string | null;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  at: Instant;
  body: string;
  comments: ReviewComment[];
}

export interface Comment {
  id: number;
  author: string | null;
  at: Instant;
  body: string;
}

interface EventBase {
  id: number;
  actor: string | null;
  at: Instant;
}
export type TimelineEvent = EventBase &
  (
    | { kind: 'ReadyForReviewEvent' | 'ConvertToDraftEvent' | 'MergedEvent' | 'ClosedEvent' | 'ReopenedEvent' | 'HeadRefDeletedEvent' }
    | { kind: 'HeadRefForcePushedEvent' | 'BaseRefForcePushedEvent'; before: string | null; after: string | null }
    | { kind: 'BaseRefChangedEvent' | 'RenamedTitleEvent'; previous: string; current: string }
    | { kind: 'LabeledEvent' | 'UnlabeledEvent'; label: string }
    | { kind: 'ReviewRequestedEvent'; reviewer: string | null }
    | { kind: 'ReviewDismissedEvent'; review: number; previousState: Review['state'] }
  );

export interface FileChange {
  path: string;
  changeType: 'ADDED' | 'MODIFIED' | 'DELETED' | 'RENAMED';
  additions: number;
  deletions: number;
}

export interface PullRequest {
  number: number;
  databaseId: number;
  title: string;
  body: string;
  author: string | null;
  state: 'OPEN' | 'CLOSED' | 'MERGED';
  isDraft: boolean;
  createdAt: Instant;
  updatedAt: Instant;
  closedAt: Instant | null;
  mergedAt: Instant | null;
  mergedBy: string | null;
  baseBranch: string;
  headBranch: string;
  /** True when the head branch lives in a fork. */
  fromFork: boolean;
  baseSha: string;
  headSha: string;
  mergeSha: string | null;
  /** Its own commits, oldest first. */
  commits: string[];
  labels: string[];
  reviews: Review[];
  comments: Comment[];
  timeline: TimelineEvent[];
  files: FileChange[];
  additions: number;
  deletions: number;
  changedFiles: number;
}

export interface Issue {
  number: number;
  databaseId: number;
  title: string;
  body: string;
  author: string | null;
  state: 'OPEN' | 'CLOSED';
  stateReason: 'COMPLETED' | 'NOT_PLANNED' | 'REOPENED' | null;
  createdAt: Instant;
  updatedAt: Instant;
  closedAt: Instant | null;
  labels: string[];
  assignees: string[];
  comments: Comment[];
  timeline: TimelineEvent[];
}

export interface Tag {
  name: string;
  sha: string;
  /** Null for a lightweight tag. */
  annotation: { sha: string; message: string; tagger: string; at: Instant } | null;
}

export interface Release {
  databaseId: number;
  tag: string;
  target: string;
  name: string | null;
  description: string;
  author: string | null;
  isDraft: boolean;
  isPrerelease: boolean;
  createdAt: Instant;
  publishedAt: Instant | null;
}

export interface DeploymentStatus {
  databaseId: number;
  state: 'ERROR' | 'FAILURE' | 'INACTIVE' | 'IN_PROGRESS' | 'PENDING' | 'QUEUED' | 'SUCCESS' | 'WAITING';
  at: Instant;
  creator: string | null;
  description: string;
  logUrl: string | null;
  environmentUrl: string | null;
}

export interface Deployment {
  databaseId: number;
  sha: string;
  ref: string;
  task: string;
  environment: string;
  description: string | null;
  payload: string;
  creator: string | null;
  createdAt: Instant;
  updatedAt: Instant;
  isTransient: boolean;
  isProduction: boolean;
  /** Oldest first. */
  statuses: DeploymentStatus[];
}

export type Conclusion = 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required' | 'stale' | 'startup_failure';

export interface WorkflowJob {
  databaseId: number;
  attempt: number;
  name: string;
  status: 'queued' | 'in_progress' | 'completed' | 'waiting';
  conclusion: Conclusion | null;
  createdAt: Instant;
  startedAt: Instant;
  completedAt: Instant | null;
}

export interface Workflow {
  databaseId: number;
  name: string;
  path: string;
  state: 'active' | 'deleted' | 'disabled_manually';
  createdAt: Instant;
}

export interface WorkflowAttempt {
  attempt: number;
  status: 'queued' | 'in_progress' | 'completed' | 'waiting';
  conclusion: Conclusion | null;
  startedAt: Instant;
  updatedAt: Instant;
  actor: string | null;
}

export interface WorkflowRun {
  databaseId: number;
  runNumber: number;
  workflow: number;
  title: string;
  event: string;
  branch: string | null;
  sha: string;
  actor: string | null;
  createdAt: Instant;
  /** Oldest first; the last one is what a list shows. */
  attempts: WorkflowAttempt[];
  jobs: WorkflowJob[];
}

export interface Label {
  databaseId: number;
  name: string;
  color: string;
  description: string | null;
}

/** Everything in one repository, with the indexes that answers need. */
export class RepositoryContent {
  readonly commits = new Map<string, Commit>();
  /** Branch name → SHA of its head. */
  readonly branches = new Map<string, string>();
  readonly tags = new Map<string, Tag>();
  readonly pulls = new Map<number, PullRequest>();
  readonly issues = new Map<number, Issue>();
  readonly releases: Release[] = [];
  readonly deployments: Deployment[] = [];
  readonly workflows = new Map<number, Workflow>();
  readonly runs = new Map<number, WorkflowRun>();
  readonly labels = new Map<string, Label>();
  /** Grows with every change: lists that were sorted for an older revision are thrown away. */
  revision = 0;
  private counter = 0;
  private memo = new Map<string, unknown>();
  private memoRevision = 0;

  constructor(private readonly firstId: number) {}

  nextId(): number {
    this.counter += 1;
    return this.firstId + this.counter;
  }

  nextNumber(): number {
    let highest = 0;
    for (const number of this.pulls.keys()) {
      highest = Math.max(highest, number);
    }
    for (const number of this.issues.keys()) {
      highest = Math.max(highest, number);
    }
    return highest + 1;
  }

  changed(): void {
    this.revision += 1;
  }

  /** Computes once per revision. */
  remember<T>(key: string, compute: () => T): T {
    if (this.memoRevision !== this.revision) {
      this.memo.clear();
      this.memoRevision = this.revision;
    }
    if (!this.memo.has(key)) {
      this.memo.set(key, compute());
    }
    return this.memo.get(key) as T;
  }

  label(name: string): Label {
    let label = this.labels.get(name);
    if (!label) {
      const known: Record<string, string> = { bug: 'd73a4a', incident: 'b60205', hotfix: 'd93f0b', documentation: '0075ca', dependencies: '0366d6', enhancement: 'a2eeef' };
      label = { databaseId: this.nextId(), name, color: known[name] ?? 'ededed', description: null };
      this.labels.set(name, label);
    }
    return label;
  }

  /** Commits reachable from `sha` as `git log` lists them: newest commit date first, children before their parents. */
  history(sha: string): Commit[] {
    return this.remember(`history:${sha}`, () => {
      const start = this.commits.get(sha);
      if (!start) {
        return [];
      }
      const pendingChildren = new Map<string, number>();
      const stack = [start];
      const seen = new Set([sha]);
      while (stack.length > 0) {
        for (const parent of stack.pop()!.parents) {
          const commit = this.commits.get(parent);
          if (!commit) {
            continue;
          }
          pendingChildren.set(parent, (pendingChildren.get(parent) ?? 0) + 1);
          if (!seen.has(parent)) {
            seen.add(parent);
            stack.push(commit);
          }
        }
      }
      const ready = new NewestFirst();
      ready.push(start);
      const listed: Commit[] = [];
      for (let next = ready.pop(); next; next = ready.pop()) {
        listed.push(next);
        for (const parent of next.parents) {
          const left = (pendingChildren.get(parent) ?? 0) - 1;
          pendingChildren.set(parent, left);
          const commit = this.commits.get(parent);
          if (left === 0 && commit) {
            ready.push(commit);
          }
        }
      }
      return listed;
    });
  }

  /** SHA of a branch, tag (with or without `refs/…`), full SHA or unique prefix of at least 4 digits; null when there is none. */
  resolve(expression: string): string | null {
    const name = expression.replace(/^refs\/(heads|tags)\//, '');
    const branch = this.branches.get(name);
    if (branch && !expression.startsWith('refs/tags/')) {
      return branch;
    }
    const tag = this.tags.get(name);
    if (tag && !expression.startsWith('refs/heads/')) {
      return tag.sha;
    }
    if (expression === 'HEAD') {
      return null;
    }
    const ancestor = /^(.+)([~^])(\d*)$/.exec(expression);
    if (ancestor) {
      let sha = this.resolve(ancestor[1]);
      const count = ancestor[3] ? Number(ancestor[3]) : 1;
      if (ancestor[2] === '^') {
        return (sha && this.commits.get(sha)?.parents[count - 1]) ?? null;
      }
      for (let step = 0; sha && step < count; step += 1) {
        sha = this.commits.get(sha)?.parents[0] ?? null;
      }
      return sha;
    }
    if (/^[0-9a-f]{40}$/.test(expression)) {
      return this.commits.has(expression) ? expression : null;
    }
    if (/^[0-9a-f]{4,39}$/.test(expression)) {
      const found = [...this.commits.keys()].filter((sha) => sha.startsWith(expression));
      return found.length === 1 ? found[0] : null;
    }
    return null;
  }

  /** Pull requests that a commit belongs to: as one of its own commits or as the commit that merged it. */
  pullsOfCommit(sha: string): PullRequest[] {
    const index = this.remember('pullsOfCommit', () => {
      const bySha = new Map<string, PullRequest[]>();
      for (const pull of this.pulls.values()) {
        for (const own of new Set(pull.mergeSha ? [...pull.commits, pull.mergeSha] : pull.commits)) {
          const list = bySha.get(own);
          if (list) {
            list.push(pull);
          } else {
            bySha.set(own, [pull]);
          }
        }
      }
      return bySha;
    });
    return index.get(sha) ?? [];
  }
}

/** Commits by commit date, newest first; ties in the order they came. */
class NewestFirst {
  private heap: Array<{ commit: Commit; order: number }> = [];
  private order = 0;

  push(commit: Commit): void {
    const heap = this.heap;
    let at = heap.length;
    heap.push({ commit, order: (this.order += 1) });
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.before(at, parent)) {
        break;
      }
      [heap[at], heap[parent]] = [heap[parent], heap[at]];
      at = parent;
    }
  }

  pop(): Commit | undefined {
    const heap = this.heap;
    const top = heap[0];
    const last = heap.pop();
    if (heap.length > 0 && last) {
      heap[0] = last;
      for (let at = 0; ; ) {
        let best = at;
        for (const child of [2 * at + 1, 2 * at + 2]) {
          if (child < heap.length && this.before(child, best)) {
            best = child;
          }
        }
        if (best === at) {
          break;
        }
        [heap[at], heap[best]] = [heap[best], heap[at]];
        at = best;
      }
    }
    return top?.commit;
  }

  private before(a: number, b: number): boolean {
    const x = this.heap[a];
    const y = this.heap[b];
    return x.commit.committedAt === y.commit.committedAt ? x.order < y.order : x.commit.committedAt > y.commit.committedAt;
  }
}

export interface RepositoryOptions {
  databaseId: number;
  owner: string;
  name: string;
  createdAt: Instant;
  defaultBranch?: string | null;
  isPrivate?: boolean;
  description?: string | null;
  language?: string | null;
  topics?: string[];
}

export class Repository {
  readonly databaseId: number;
  owner: string;
  name: string;
  /** `owner/name` it had before, newest first; they lead here. */
  formerNames: string[] = [];
  readonly createdAt: Instant;
  updatedAt: Instant;
  pushedAt: Instant | null;
  defaultBranch: string | null;
  isPrivate: boolean;
  isArchived = false;
  isFork = false;
  description: string | null;
  language: string | null;
  topics: string[];
  /** `gone`: deleted or out of the token's sight; `blocked`: taken down for legal reasons; `saml`: needs single sign-on. */
  state: 'present' | 'gone' | 'blocked' | 'saml' = 'present';
  private loaded: RepositoryContent | null = null;
  private pinned = false;

  constructor(
    options: RepositoryOptions,
    private readonly load: ((content: RepositoryContent) => void) | null = null,
    private readonly loadedOnes: LoadedRepositories | null = null
  ) {
    this.databaseId = options.databaseId;
    this.owner = options.owner;
    this.name = options.name;
    this.createdAt = options.createdAt;
    this.updatedAt = options.createdAt;
    this.pushedAt = options.createdAt;
    this.defaultBranch = options.defaultBranch === undefined ? 'main' : options.defaultBranch;
    this.isPrivate = options.isPrivate ?? true;
    this.description = options.description ?? null;
    this.language = options.language ?? null;
    this.topics = options.topics ?? [];
  }

  get fullName(): string {
    return `${this.owner}/${this.name}`;
  }

  /** Made on first use; big generated ones are dropped again while unchanged and not in use. */
  get content(): RepositoryContent {
    if (!this.loaded) {
      this.loaded = new RepositoryContent(this.databaseId * 200_000);
      this.load?.(this.loaded);
    }
    if (!this.pinned) {
      this.loadedOnes?.touch(this);
    }
    return this.loaded;
  }

  /** For changes: what was changed cannot be made again, so it stays. */
  get changeable(): RepositoryContent {
    this.pinned = true;
    return this.content;
  }

  touch(at: Instant, pushed: boolean): void {
    this.updatedAt = Math.max(this.updatedAt, at);
    if (pushed) {
      this.pushedAt = Math.max(this.pushedAt ?? 0, at);
    }
  }

  forget(): void {
    if (!this.pinned) {
      this.loaded = null;
    }
  }
}

/** Keeps at most so many generated repositories in memory. */
export class LoadedRepositories {
  private readonly recent = new Set<Repository>();

  constructor(private readonly limit: number) {}

  touch(repository: Repository): void {
    this.recent.delete(repository);
    this.recent.add(repository);
    if (this.recent.size > this.limit) {
      const oldest = this.recent.values().next().value;
      if (oldest) {
        this.recent.delete(oldest);
        oldest.forget();
      }
    }
  }
}

export class World {
  readonly accounts = new Map<string, Account>();
  /** By database id, in order of creation. */
  readonly repositories = new Map<number, Repository>();
  private readonly byName = new Map<string, Repository>();
  private nextAccountId = 9_000;
  private nextRepositoryId = 1_000;

  account(login: string, options: Partial<Pick<Account, 'kind' | 'name' | 'createdAt'>> = {}): Account {
    const isBot = login.endsWith('[bot]');
    const plain = isBot ? login.slice(0, -'[bot]'.length) : login;
    const key = (isBot ? `${plain}[bot]` : plain).toLowerCase();
    let account = this.accounts.get(key);
    if (!account) {
      this.nextAccountId += 1;
      account = {
        kind: options.kind ?? (isBot ? 'Bot' : 'User'),
        login: plain,
        name: options.name ?? null,
        databaseId: this.nextAccountId,
        createdAt: options.createdAt ?? Date.UTC(2015, 0, 1),
      };
      this.accounts.set(key, account);
    }
    return account;
  }

  /** Bots are asked for with their `[bot]` ending. */
  findAccount(login: string): Account | undefined {
    return this.accounts.get(login.toLowerCase());
  }

  addRepository(
    options: Omit<RepositoryOptions, 'databaseId'>,
    load: ((content: RepositoryContent) => void) | null = null,
    loadedOnes: LoadedRepositories | null = null
  ): Repository {
    if (this.byName.has(`${options.owner}/${options.name}`.toLowerCase())) {
      throw new Error(`repository ${options.owner}/${options.name} exists already`);
    }
    this.nextRepositoryId += 1;
    const repository = new Repository({ ...options, databaseId: this.nextRepositoryId }, load, loadedOnes);
    this.repositories.set(repository.databaseId, repository);
    this.byName.set(repository.fullName.toLowerCase(), repository);
    return repository;
  }

  /** Today's name first; a former name leads to the renamed repository unless another one took it. */
  findRepository(owner: string, name: string, followRenames = true): Repository | undefined {
    const key = `${owner}/${name}`.toLowerCase();
    const found = this.byName.get(key);
    if (found || !followRenames) {
      return found;
    }
    for (const repository of this.repositories.values()) {
      if (repository.formerNames.some((former) => former.toLowerCase() === key)) {
        return repository;
      }
    }
    return undefined;
  }

  rename(repository: Repository, owner: string, name: string): void {
    this.byName.delete(repository.fullName.toLowerCase());
    repository.formerNames.unshift(repository.fullName);
    repository.owner = owner;
    repository.name = name;
    this.byName.set(repository.fullName.toLowerCase(), repository);
  }

  repositoriesOf(owner: string): Repository[] {
    return [...this.repositories.values()].filter((repository) => repository.owner.toLowerCase() === owner.toLowerCase());
  }
}
