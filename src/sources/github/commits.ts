import type { Commit, Coverage, Instant } from '../../engine/model';
import { referencesOfMessage, splitMessage } from '../references';
import { commitActorOf } from './actors';
import { productionHeads, type KnownBranches } from './branches';
import { CursorRefusedError } from './client';
import { gitDate } from './git-date';
import { MOST_NODES, nextCursor, pageOfFittingSize, type PageInfo } from './paging';
import { startingPageSize, type PageSize } from './page-size';
import { readState, stateOf, takeFirstPage, type RepositoryScope } from './scope';
import { pagesLeft } from './time-to-go';

const KIND = 'commits';
/** Octopus merges with more parents are not made by anybody. */
const PARENTS = 20;
const HEADLINE = 500;
/** A page's last commits tell how far back a walk is: one wrong clock among them does not. */
const TELLING = 5;
const MOST_MISSING = 1_000;

/** Of a commit of the graph. */
export const COMMIT_FIELDS = `oid message authoredDate committedDate author { name user { login } } parents(first: ${PARENTS}) { nodes { oid } }`;

export const HISTORY_QUERY = `
query History($id: ID!, $oid: GitObjectID!, $first: Int!, $after: String) {
  node(id: $id) {
    ... on Repository {
      object(oid: $oid) {
        ... on Commit {
          history(first: $first, after: $after) {
            pageInfo { hasNextPage endCursor }
            nodes { ${COMMIT_FIELDS} }
          }
        }
      }
    }
  }
}`;

export interface RawCommit {
  oid: string;
  message: string;
  authoredDate: string;
  committedDate: string;
  author: { name: string | null; user: { login: string } | null } | null;
  parents: { nodes: Array<{ oid: string } | null> | null };
}

export interface History {
  pageInfo: PageInfo;
  nodes: Array<RawCommit | null>;
}

/** A walk from one SHA into its past. */
interface Walk {
  /** Where it began, and for which branch (null: a deployed SHA). */
  head: string;
  branch: string | null;
  /** SHA and position that the next page is asked with: a walk jumps to a frontier when a page brings nothing new. */
  at: string;
  cursor: string | null;
  /** Parents that were named but are not stored. */
  open: string[];
  /** It pushes the start of what is covered back, so it ends at the lookback only; others end where they meet what is stored. */
  extending: boolean;
}

export interface CommitsState extends KnownBranches {
  walk: Walk | null;
  /** Where the first walk of the first branch stopped, to go on from when the lookback grows. */
  horizon: { at: string; cursor: string | null; open: string[] } | null;
  coveredFrom: Instant | null;
  /** Root commits were reached. */
  exhausted: boolean;
  /** Deployed SHAs that GitHub does not have. */
  missing: string[];
  size: PageSize;
}

const EMPTY: CommitsState = {
  heads: {},
  branchesAt: null,
  branchesOf: '',
  walk: null,
  horizon: null,
  coveredFrom: null,
  exhausted: false,
  missing: [],
  size: startingPageSize(MOST_NODES),
};

export function mapCommit(repository: string, raw: RawCommit): Commit {
  return {
    repository,
    sha: raw.oid,
    parents: (raw.parents.nodes ?? []).flatMap((parent) => (parent ? [parent.oid] : [])),
    authoredAt: gitDate(raw.authoredDate),
    committedAt: gitDate(raw.committedDate),
    author: commitActorOf(raw.author),
    headline: splitMessage(raw.message).headline.slice(0, HEADLINE),
    references: referencesOfMessage(raw.message),
  };
}

/** True when a page of history lies before `start`: its last commits all do. */
export function liesBefore(commits: readonly Commit[], start: Instant): boolean {
  return commits.length > 0 && commits.slice(-TELLING).every((commit) => commit.committedAt < start);
}

/** Parents that neither the page nor the store has, after a page of new commits. */
export function frontierAfter(open: readonly string[], page: readonly Commit[], known: ReadonlySet<string>): string[] {
  const stored = new Set([...known, ...page.map((commit) => commit.sha)]);
  const frontier = new Set(open);
  for (const commit of page) {
    if (!known.has(commit.sha)) {
      commit.parents.forEach((parent) => frontier.add(parent));
    }
  }
  return [...frontier].filter((sha) => !stored.has(sha));
}

/** The commit graph of the production branches. Each step stores one page of history. */
export async function* syncBranches(scope: RepositoryScope): AsyncGenerator<void, void> {
  let state = (await readState<CommitsState>(scope, KIND)) ?? EMPTY;
  if (state.walk !== null) {
    for await (const following of walk(scope, state)) {
      state = following;
      yield;
    }
  }
  const { heads, asked } = await productionHeads(scope, state);
  if (asked) {
    yield;
  }
  for (const [branch, head] of heads) {
    if (state.heads[branch] !== head) {
      // The first branch walks through its whole past, the others meet what is stored.
      const extending = state.coveredFrom === null;
      if (!extending && (await scope.context.store.knownCommits(scope.snapshot.repository.id, [head])).has(head)) {
        // It points at what is stored, with all its past: a new branch, or one that was merged by fast-forward.
        state = { ...state, heads: { ...state.heads, [branch]: head } };
        continue;
      }
      state = { ...state, walk: { head, branch, at: head, cursor: null, open: [head], extending } };
      for await (const following of walk(scope, state)) {
        state = following;
        yield;
      }
    }
  }
  if (state.horizon !== null && !state.exhausted && state.coveredFrom !== null && state.coveredFrom > scope.lookbackStart && state.horizon.cursor !== null) {
    // The lookback grew: on from where the first walk stopped.
    const { at, cursor, open } = state.horizon;
    state = { ...state, walk: { head: at, branch: null, at, cursor, open, extending: true } };
    for await (const following of walk(scope, state)) {
      state = following;
      yield;
    }
  }
  const current = Object.fromEntries(heads);
  const remembered: CommitsState = {
    ...state,
    branchesAt: scope.snapshot.pushedAt,
    branchesOf: JSON.stringify(scope.plan.commits),
    heads: current,
    coveredFrom: heads.length === 0 || state.exhausted ? Math.min(state.coveredFrom ?? Infinity, scope.lookbackStart) : state.coveredFrom,
  };
  if (JSON.stringify(remembered) !== JSON.stringify(state)) {
    const { repository } = scope.snapshot;
    // An empty repository, or one whose root is stored, has nothing more at any lookback.
    const whole = heads.length === 0 || state.exhausted;
    const coverage: Coverage[] = whole ? [{ kind: 'commits', scope: repository.id, from: remembered.coveredFrom, complete: true }] : [];
    await scope.context.store.write({ repositories: [{ ...repository, branchHeads: current }], coverage }, stateOf(scope, KIND, remembered));
  }
}

/** Heads of the branches that were synced last, for the repository's fact. */
export async function syncedHeads(scope: Pick<RepositoryScope, 'context' | 'snapshot'>): Promise<Record<string, string>> {
  return (await readState<CommitsState>(scope, KIND))?.heads ?? {};
}

/** Follows each deployed SHA that no production branch has, until commits that are stored. */
export async function* syncDeployedCommits(scope: RepositoryScope, deployed: readonly string[]): AsyncGenerator<void, void> {
  if (deployed.length === 0) {
    return;
  }
  let state = (await readState<CommitsState>(scope, KIND)) ?? EMPTY;
  const { id } = scope.snapshot.repository;
  const { store } = scope.context;
  const missing = new Set(state.missing);
  const known = await store.knownCommits(id, deployed);
  for (const sha of new Set(deployed)) {
    // A walk may have stored the next one too.
    if (missing.has(sha) || known.has(sha) || (await store.knownCommits(id, [sha])).has(sha)) {
      continue;
    }
    state = { ...state, walk: { head: sha, branch: null, at: sha, cursor: null, open: [sha], extending: false } };
    for await (const following of walk(scope, state)) {
      state = following;
      yield;
    }
  }
}

/** One walk to its end: until everything that it names is stored, or the lookback, or the root. */
async function* walk(scope: RepositoryScope, from: CommitsState): AsyncGenerator<CommitsState, void> {
  let state = from;
  const { repository } = scope.snapshot;
  const { store } = scope.context;
  while (state.walk !== null) {
    const current: Walk = state.walk;
    const { history, size, after } = await fetchHistory(scope, state.size, current);
    if (history === null) {
      // GitHub collected it, or it is no commit; a frontier that vanished is left open.
      const deployed = current.branch === null && !current.extending;
      const ends: CommitsState = {
        ...state,
        walk: null,
        missing: deployed ? [current.head, ...state.missing].slice(0, MOST_MISSING) : state.missing,
        // History was rewritten under the walk that tells how far back everything is: it begins anew at what is there now.
        ...(current.extending ? { heads: {}, horizon: null, coveredFrom: null } : {}),
      };
      await store.write({}, stateOf(scope, KIND, ends));
      yield ends;
      return;
    }
    const commits = history.nodes.flatMap((raw) => (raw ? [mapCommit(repository.id, raw)] : []));
    const asked = [...new Set([...commits.flatMap((commit) => [commit.sha, ...commit.parents]), ...current.open])];
    const known = await store.knownCommits(repository.id, asked);
    const open = frontierAfter(current.open, commits, known);
    const fresh = commits.filter((commit) => !known.has(commit.sha));
    const next = nextCursor(history.pageInfo, after);
    const before = liesBefore(commits, scope.lookbackStart);
    const over = before || next === null || (!current.extending && open.length === 0);
    // A page of known commits while parents are open: those lie deep in the past of a merged branch. Go there at once.
    const jump = !over && !current.extending && fresh.length === 0 ? open[0] : undefined;
    const reachedFrom = over ? scope.lookbackStart : oldestOf(commits);
    const coveredFrom = current.extending ? Math.min(state.coveredFrom ?? Infinity, reachedFrom) : state.coveredFrom;
    const following: CommitsState = {
      ...state,
      size,
      walk: over ? null : jump === undefined ? { ...current, cursor: next, open } : { ...current, at: jump, cursor: null, open },
      heads: over && current.branch !== null ? { ...state.heads, [current.branch]: current.head } : state.heads,
      horizon: current.extending ? { at: current.at, cursor: next, open } : state.horizon,
      exhausted: state.exhausted || (current.extending && next === null),
      coveredFrom,
    };
    const heads = following.heads;
    const coverage: Coverage[] = current.extending ? [{ kind: 'commits', scope: repository.id, from: coveredFrom, complete: over }] : [];
    await store.write(
      { commits: fresh, coverage, ...(over && current.branch !== null ? { repositories: [{ ...repository, branchHeads: heads }] } : {}) },
      stateOf(scope, KIND, following)
    );
    state = following;
    scope.progress(
      current.extending
        ? { phase: 'history', back: { kind: KIND, reached: reachedFrom, pages: over ? 0 : pagesLeft(1, newestOf(commits), reachedFrom, scope.lookbackStart) } }
        : { phase: 'updating' }
    );
    yield state;
  }
}

function newestOf(commits: readonly Commit[]): Instant {
  return Math.max(...commits.map((commit) => commit.committedAt));
}

function oldestOf(commits: readonly Commit[]): Instant {
  return Math.max(...commits.slice(-TELLING).map((commit) => commit.committedAt));
}

/** A page, and the cursor that it was really asked with. */
async function fetchHistory(scope: RepositoryScope, size: PageSize, current: Walk): Promise<{ history: History | null; size: PageSize; after: string | null }> {
  const { client, context, signal, snapshot } = scope;
  const ask = (oid: string, after: string | null) => async (first: number): Promise<History | null> => {
    const fetched = after === null && scope.firstPages.history?.head === oid ? takeFirstPage(scope, 'history') : null;
    if (fetched !== null) {
      return fetched;
    }
    const answer = await client.graphql<{ node: { object: { history?: History } | null } }>(HISTORY_QUERY, { id: snapshot.repository.id, oid, first, after });
    return answer.node.object?.history ?? null;
  };
  try {
    const { page, size: fitting } = await pageOfFittingSize(context, signal, size, MOST_NODES, ask(current.at, current.cursor));
    return { history: page, size: fitting, after: current.cursor };
  } catch (error) {
    if (error instanceof CursorRefusedError && current.cursor !== null) {
      context.log.warn('GitHub refuses the cursor; the walk begins again', { repository: snapshot.repository.name });
      const { page, size: fitting } = await pageOfFittingSize(context, signal, size, MOST_NODES, ask(current.at, null));
      return { history: page, size: fitting, after: null };
    }
    throw error;
  }
}
