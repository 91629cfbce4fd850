import type { Coverage, Instant, PullRequest, Reference, Review } from '../../engine/model';
import { referencesOf } from '../references';
import { actorOf, type GraphqlActor } from './actors';
import { CursorRefusedError, type GitHubClient } from './client';
import { MOST_NODES, nextCursor, pageOfFittingSize, wholeList, type PageInfo } from './paging';
import { startingPageSize, type PageSize } from './page-size';
import { readState, stateOf, type RepositoryScope } from './scope';

const KIND = 'pull-requests';
/** GitHub's lists may lag behind: this much below the watermark is read again. */
const OVERLAP_MS = 10 * 60_000;
/** `updatedAt` has whole seconds: others of the same second may stand on the next page. */
const SECOND = 1_000;
const START_SIZE = 25;
/** Four nested lists a pull request: 37 of them still cost one point; with the fifth (files) it is 29. */
const MOST_WITHOUT_FILES = 37;
const MOST_WITH_FILES = 29;
const REVIEWS = 50;
const LABELS = 20;
const MOMENTS = 20;

interface Nested<T> {
  totalCount: number;
  pageInfo: PageInfo;
  nodes: Array<T | null> | null;
}

export interface RawPullRequest {
  id: string;
  number: number;
  title: string;
  body: string;
  url: string;
  author: GraphqlActor | null;
  baseRefName: string;
  headRefName: string;
  createdAt: string;
  mergedAt: string | null;
  updatedAt: string;
  mergeCommit: { oid: string } | null;
  labels: Nested<{ name: string }> | null;
  commits: Nested<RawCommit>;
  reviews: Nested<RawReview> | null;
  timelineItems: Nested<RawMoment>;
  files?: Nested<{ path: string }> | null;
}

interface RawCommit {
  commit: { oid: string; authoredDate: string; messageHeadline: string };
}

interface RawReview {
  author: GraphqlActor | null;
  state: string;
  submittedAt: string | null;
}

interface RawMoment {
  __typename: string;
  createdAt: string;
}

const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';
const COMMIT_FIELDS = 'commit { oid authoredDate messageHeadline }';
const REVIEW_FIELDS = 'author { __typename login } state submittedAt';
const MOMENT_FIELDS = '__typename ... on ReadyForReviewEvent { createdAt } ... on ConvertToDraftEvent { createdAt }';
const MOMENT_TYPES = 'itemTypes: [READY_FOR_REVIEW_EVENT, CONVERT_TO_DRAFT_EVENT]';

export const PULL_REQUESTS_QUERY = `
query PullRequests($id: ID!, $first: Int!, $after: String, $commits: Int!, $files: Boolean!) {
  node(id: $id) {
    ... on Repository {
      pullRequests(states: MERGED, first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
        totalCount
        ${PAGE_INFO}
        nodes {
          id number title body url baseRefName headRefName createdAt mergedAt updatedAt
          author { __typename login }
          mergeCommit { oid }
          labels(first: ${LABELS}) { totalCount ${PAGE_INFO} nodes { name } }
          commits(first: $commits) { totalCount ${PAGE_INFO} nodes { ${COMMIT_FIELDS} } }
          reviews(first: ${REVIEWS}) { totalCount ${PAGE_INFO} nodes { ${REVIEW_FIELDS} } }
          timelineItems(first: ${MOMENTS}, ${MOMENT_TYPES}) { totalCount ${PAGE_INFO} nodes { ${MOMENT_FIELDS} } }
          files(first: $commits) @include(if: $files) { totalCount ${PAGE_INFO} nodes { path } }
        }
      }
    }
  }
}`;

/** The rest of one nested list. */
function restQuery(connection: string, fields: string): string {
  return `
query Rest($id: ID!, $after: String) {
  node(id: $id) {
    ... on PullRequest {
      list: ${connection} { ${PAGE_INFO} nodes { ${fields} } }
    }
  }
}`;
}

export const REST_QUERIES = {
  labels: restQuery(`labels(first: ${MOST_NODES}, after: $after)`, 'name'),
  commits: restQuery(`commits(first: ${MOST_NODES}, after: $after)`, COMMIT_FIELDS),
  reviews: restQuery(`reviews(first: ${MOST_NODES}, after: $after)`, REVIEW_FIELDS),
  timelineItems: restQuery(`timelineItems(first: ${MOST_NODES}, after: $after, ${MOMENT_TYPES})`, MOMENT_FIELDS),
  files: restQuery(`files(first: ${MOST_NODES}, after: $after)`, 'path'),
} as const;

interface Page {
  totalCount: number;
  pageInfo: PageInfo;
  nodes: Array<RawPullRequest | null>;
}

/** What is kept between passes. */
export interface PullRequestsState {
  /** Everything that GitHub updated up to here, down to `oldest`, is stored; null before the first page. */
  newest: Instant | null;
  /** The walk back into history. */
  oldest: Instant | null;
  cursor: string | null;
  /** The oldest pull request is stored. */
  exhausted: boolean;
  /** A walk from the top down to `until`, not finished yet. */
  update: { newest: Instant; until: Instant; cursor: string } | null;
  size: PageSize;
  fetched: number;
  coveredFrom: Instant | null;
  files: boolean;
}

function emptyState(files: boolean): PullRequestsState {
  return { newest: null, oldest: null, cursor: null, exhausted: false, update: null, size: startingPageSize(START_SIZE), fetched: 0, coveredFrom: null, files };
}

/** What to do next, by what is stored, what GitHub says is there, and how far back is wanted. */
export function nextPullRequestStep(state: PullRequestsState, newestAtGitHub: Instant | null, lookbackStart: Instant): 'update' | 'history' | 'done' {
  if (state.newest !== null && (state.update !== null || (newestAtGitHub !== null && newestAtGitHub > state.newest))) {
    return 'update';
  }
  return state.exhausted || (state.oldest !== null && state.oldest < lookbackStart) ? 'done' : 'history';
}

/**
 * Merged pull requests, last updated first: what is new at the top, then back to the lookback. Each step stores one page
 * with the cursor that follows it.
 */
export async function* syncPullRequests(scope: RepositoryScope): AsyncGenerator<void, void> {
  const { files } = scope.plan;
  let state = (await readState<PullRequestsState>(scope, KIND)) ?? emptyState(files);
  if (files && !state.files) {
    // Stored without their paths: they have to be asked for again.
    state = emptyState(true);
  }
  for (;;) {
    const step = nextPullRequestStep(state, scope.snapshot.pullRequests.newest, scope.lookbackStart);
    if (step === 'done') {
      if (state.coveredFrom !== null && state.coveredFrom > scope.lookbackStart) {
        // The lookback grew, but no further than what is stored.
        state = { ...state, coveredFrom: scope.lookbackStart };
        await store(scope, { nodes: [] }, state, true);
      }
      return;
    }
    state = step === 'update' ? await updatePage(scope, state) : await historyPage(scope, state);
    scope.progress({ phase: step === 'update' ? 'updating' : 'history', fetched: state.fetched, total: scope.snapshot.pullRequests.total });
    yield;
  }
}

async function historyPage(scope: RepositoryScope, state: PullRequestsState): Promise<PullRequestsState> {
  const { page, size, restarted } = await fetchPage(scope, state, state.cursor);
  const updates = page.nodes.map((raw) => (raw ? Date.parse(raw.updatedAt) : null)).filter((at) => at !== null);
  const next = nextCursor(page.pageInfo, restarted ? null : state.cursor);
  const oldest = updates.length > 0 ? Math.min(...updates) : state.oldest;
  const exhausted = next === null;
  const reached = exhausted || (oldest !== null && oldest < scope.lookbackStart);
  const from = reached ? scope.lookbackStart : oldest! + SECOND;
  const following: PullRequestsState = {
    ...state,
    size,
    // Nothing at all: whatever comes later is new.
    newest: state.newest ?? (updates.length > 0 ? Math.max(...updates) : 0),
    oldest,
    cursor: next ?? state.cursor,
    exhausted,
    fetched: (restarted ? 0 : state.fetched) + updates.length,
    coveredFrom: Math.min(state.coveredFrom ?? Infinity, from),
  };
  await store(scope, page, following, reached);
  return following;
}

async function updatePage(scope: RepositoryScope, state: PullRequestsState): Promise<PullRequestsState> {
  const { update } = state;
  const { page, size, restarted } = await fetchPage(scope, state, update?.cursor ?? null);
  const updates = page.nodes.map((raw) => (raw ? Date.parse(raw.updatedAt) : null)).filter((at) => at !== null);
  const goingOn = update !== null && !restarted ? update : null;
  const newest = goingOn?.newest ?? Math.max(state.newest ?? 0, ...updates);
  const until = goingOn?.until ?? (state.newest ?? 0) - OVERLAP_MS;
  const next = nextCursor(page.pageInfo, goingOn?.cursor ?? null);
  const finished = next === null || (updates.length > 0 && Math.min(...updates) < until);
  const fresh = page.nodes.filter((raw) => raw !== null && Date.parse(raw.mergedAt ?? raw.updatedAt) > (state.newest ?? 0)).length;
  const following: PullRequestsState = {
    ...state,
    size,
    newest: finished ? newest : state.newest,
    update: finished ? null : { newest, until, cursor: next },
    fetched: state.fetched + fresh,
  };
  await store(scope, page, following, null);
  return following;
}

/** One page, from the cursor, or from the top when GitHub refuses it. */
async function fetchPage(scope: RepositoryScope, state: PullRequestsState, after: string | null): Promise<{ page: Page; size: PageSize; restarted: boolean }> {
  const { client, context, signal, plan, snapshot } = scope;
  const ask = (cursor: string | null) => async (first: number): Promise<Page> => {
    const answer = await client.graphql<{ node: { pullRequests: Page } }>(PULL_REQUESTS_QUERY, {
      id: snapshot.repository.id,
      first,
      after: cursor,
      // A single pull request that is too heavy is asked for in smaller parts.
      commits: first > 1 ? MOST_NODES : 25,
      files: plan.files,
    });
    return answer.node.pullRequests;
  };
  const most = plan.files ? MOST_WITH_FILES : MOST_WITHOUT_FILES;
  try {
    return { ...(await pageOfFittingSize(context, signal, state.size, most, ask(after))), restarted: false };
  } catch (error) {
    if (error instanceof CursorRefusedError && after !== null) {
      context.log.warn('GitHub refuses the cursor; the pass begins again from the newest pull request', { repository: snapshot.repository.name });
      return { ...(await pageOfFittingSize(context, signal, state.size, most, ask(null))), restarted: true };
    }
    throw error;
  }
}

async function store(scope: RepositoryScope, page: Pick<Page, 'nodes'>, state: PullRequestsState, reached: boolean | null): Promise<void> {
  const { repository } = scope.snapshot;
  const pullRequests: PullRequest[] = [];
  for (const raw of page.nodes) {
    if (raw !== null && raw.mergedAt !== null) {
      pullRequests.push(mapPullRequest(repository.id, await complete(scope.client, raw)));
    }
  }
  const coverage: Coverage[] = reached === null ? [] : [{ kind: 'pull-requests', scope: repository.id, from: state.coveredFrom, complete: reached }];
  await scope.context.store.write({ pullRequests, coverage }, stateOf(scope, KIND, state));
}

/** Follows every nested list that did not fit. */
async function complete(client: GitHubClient, raw: RawPullRequest): Promise<RawPullRequest> {
  const whole = async <T>(list: Nested<T> | null | undefined, query: string): Promise<Nested<T> | null> => {
    if (!list) {
      return null;
    }
    const first = (list.nodes ?? []).filter((node) => node !== null);
    const after = nextCursor(list.pageInfo, null);
    if (after === null) {
      return { ...list, nodes: first };
    }
    const rest = await wholeList<T>(after, async (cursor) => {
      const answer = await client.graphql<{ node: { list: { nodes: Array<T | null>; pageInfo: PageInfo } } }>(query, { id: raw.id, after: cursor });
      return answer.node.list;
    });
    return { ...list, nodes: [...first, ...rest] };
  };
  const nothing = { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] };
  return {
    ...raw,
    labels: await whole(raw.labels, REST_QUERIES.labels),
    commits: (await whole(raw.commits, REST_QUERIES.commits)) ?? nothing,
    reviews: await whole(raw.reviews, REST_QUERIES.reviews),
    timelineItems: (await whole(raw.timelineItems, REST_QUERIES.timelineItems)) ?? nothing,
    files: raw.files === undefined ? undefined : await whole(raw.files, REST_QUERIES.files),
  };
}

const REVIEW_STATES: Record<string, Review['state'] | undefined> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
};

/** A merged pull request whose lists are whole. */
export function mapPullRequest(repository: string, raw: RawPullRequest): PullRequest {
  const commits = (raw.commits.nodes ?? []).filter((node) => node !== null);
  const mergedAt = Date.parse(raw.mergedAt ?? raw.updatedAt);
  return {
    id: `${repository}#${raw.number}`,
    repository,
    number: raw.number,
    title: raw.title,
    url: raw.url,
    author: actorOf(raw.author),
    labels: (raw.labels?.nodes ?? []).flatMap((label) => (label ? [label.name] : [])),
    baseBranch: raw.baseRefName,
    headBranch: raw.headRefName,
    createdAt: Date.parse(raw.createdAt),
    mergedAt,
    updatedAt: Date.parse(raw.updatedAt),
    mergeSha: raw.mergeCommit?.oid ?? null,
    draftEvents: (raw.timelineItems.nodes ?? [])
      .flatMap((moment) => (moment ? [{ to: moment.__typename === 'ReadyForReviewEvent' ? ('ready' as const) : ('draft' as const), at: Date.parse(moment.createdAt) }] : []))
      .sort((a, b) => a.at - b.at),
    reviews: (raw.reviews?.nodes ?? [])
      .flatMap((review): Review[] => {
        const state = review ? REVIEW_STATES[review.state] : undefined;
        // A review that is still being written has no moment and nobody has seen it.
        return review && state && review.submittedAt !== null ? [{ author: actorOf(review.author), state, at: Date.parse(review.submittedAt) }] : [];
      })
      .sort((a, b) => a.at - b.at),
    commits: commits.map(({ commit }) => ({ sha: commit.oid, authoredAt: Date.parse(commit.authoredDate), isMerge: isMergeHeadline(commit.messageHeadline) })),
    commitsComplete: commits.length >= raw.commits.totalCount,
    references: referencesOfPullRequest(raw, commits),
    files: raw.files ? (raw.files.nodes ?? []).flatMap((file) => (file ? [file.path] : [])) : null,
  };
}

/**
 * Asking for the parents of every commit of every pull request would cost 25 points a page, so the headline that git and
 * GitHub write into a merge has to do.
 */
function isMergeHeadline(headline: string): boolean {
  return /^Merge (?:branch|branches|pull request|remote-tracking branch|tag|commit)\b/.test(headline);
}

/** Title, body and branch, and OpsItems that its commits' headlines name. */
function referencesOfPullRequest(raw: RawPullRequest, commits: readonly RawCommit[]): Reference[] {
  const references = referencesOf({ title: raw.title, body: raw.body, branch: raw.headRefName });
  const known = new Set(references.map((reference) => reference.target));
  for (const { commit } of commits) {
    for (const reference of referencesOf({ branch: commit.messageHeadline.slice(0, 500) })) {
      if (reference.target.startsWith('oi-') && !known.has(reference.target)) {
        known.add(reference.target);
        references.push(reference);
      }
    }
  }
  return references;
}
