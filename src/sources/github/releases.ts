import type { Coverage, DeploymentRecord, FactBatch, Instant } from '../../engine/model';
import { referencesOf } from '../references';
import { CursorRefusedError } from './client';
import { withDeployed } from './deployed';
import { MOST_NODES, nextCursor, pageOfFittingSize, type PageInfo } from './paging';
import { startingPageSize, type PageSize } from './page-size';
import { readState, stateOf, type RepositoryScope } from './scope';

const KIND = 'releases';
const SECOND = 1_000;

export const RELEASES_QUERY = `
query Releases($id: ID!, $first: Int!, $after: String) {
  node(id: $id) {
    ... on Repository {
      releases(first: $first, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { id tagName name isDraft isPrerelease createdAt publishedAt url tagCommit { oid } }
      }
    }
  }
}`;

export interface RawRelease {
  id: string;
  tagName: string;
  name: string | null;
  isDraft: boolean;
  isPrerelease: boolean;
  createdAt: string;
  publishedAt: string | null;
  url: string;
  tagCommit: { oid: string } | null;
}

interface Page {
  totalCount: number;
  pageInfo: PageInfo;
  nodes: Array<RawRelease | null>;
}

interface ReleasesState {
  /** What "anything new?" said when the list was last read; null: not read yet. */
  seen: string | null;
  /** How many there were then. */
  total: number;
  /** A reading from the top, not finished: what it answers to, and releases not stored before. */
  update: { seen: string; total: number; cursor: string; found: number; met: string[] } | null;
  /** Ids of the facts that are stored, to notice those that were deleted or made drafts again. */
  ids: string[];
  /** Where the next page of history begins. */
  cursor: string | null;
  /** The oldest release is stored. */
  exhausted: boolean;
  coveredFrom: Instant | null;
  newestPublished: Instant;
  size: PageSize;
}

const EMPTY: ReleasesState = {
  seen: null,
  total: 0,
  update: null,
  ids: [],
  cursor: null,
  exhausted: false,
  coveredFrom: null,
  newestPublished: 0,
  size: startingPageSize(MOST_NODES),
};

/** A published release as a deployment; null for drafts. GitHub knows no start: it is published at once. */
export function mapRelease(repository: { id: string; name: string }, raw: RawRelease): DeploymentRecord | null {
  if (raw.isDraft || raw.publishedAt === null) {
    return null;
  }
  const publishedAt = Date.parse(raw.publishedAt);
  return {
    id: `releases:${raw.id}`,
    origin: 'releases',
    outcome: 'succeeded',
    declared: null,
    startedAt: publishedAt,
    finishedAt: publishedAt,
    revisions: [{ repository: repository.id, repositoryName: repository.name, sha: raw.tagCommit?.oid ?? null }],
    ref: raw.tagName,
    environment: null,
    pipeline: null,
    pipelineTitle: null,
    account: null,
    region: null,
    service: null,
    prerelease: raw.isPrerelease,
    stages: [],
    title: raw.name?.trim() || raw.tagName,
    url: raw.url,
    references: referencesOf({ title: raw.name }),
  };
}

/**
 * Published releases. GitHub lists them by `createdAt`, never later than their publication, so a page whose oldest is from X
 * holds all that were published since X, apart from drafts published later: the count tells of those.
 */
export async function* syncReleases(scope: RepositoryScope): AsyncGenerator<void, void> {
  let state = (await readState<ReleasesState>(scope, KIND)) ?? EMPTY;
  for (;;) {
    const isNew = state.seen !== null && scope.snapshot.releases !== null && state.seen !== scope.snapshot.releases;
    if (state.update !== null || isNew) {
      state = await updatePage(scope, state);
    } else if (state.coveredFrom === null || state.coveredFrom > scope.lookbackStart) {
      if (state.exhausted) {
        state = { ...state, coveredFrom: scope.lookbackStart };
        await store(scope, [], state, true);
        return;
      }
      state = await historyPage(scope, state);
    } else {
      return;
    }
    scope.progress({ phase: 'history' });
    yield;
  }
}

async function historyPage(scope: RepositoryScope, state: ReleasesState): Promise<ReleasesState> {
  const { page, size, after } = await fetchPage(scope, state, state.cursor);
  const created = createdOf(page);
  const next = nextCursor(page.pageInfo, after);
  const published = page.nodes.flatMap((raw) => (raw ? (mapRelease(scope.snapshot.repository, raw) ?? []) : []));
  // What lies before the lookback is left for the day on which it grows: this page is then read again.
  const wanted = published.filter((release) => release.finishedAt >= scope.lookbackStart);
  const reached = next === null || (created.length > 0 && Math.min(...created) < scope.lookbackStart);
  const leftOver = wanted.length < published.length;
  const following: ReleasesState = {
    ...state,
    size,
    seen: state.seen ?? scope.snapshot.releases,
    total: state.seen === null ? page.totalCount : state.total,
    cursor: leftOver ? after : (next ?? after),
    exhausted: next === null && !leftOver,
    coveredFrom: Math.min(state.coveredFrom ?? Infinity, reached ? scope.lookbackStart : Math.min(...created) + SECOND),
    newestPublished: newestPublished(state, page),
    ids: [...new Set([...state.ids, ...wanted.map(({ id }) => id)])],
  };
  await store(scope, wanted, following, reached);
  return following;
}

async function updatePage(scope: RepositoryScope, state: ReleasesState): Promise<ReleasesState> {
  const { update } = state;
  const { page, size, after } = await fetchPage(scope, state, update?.cursor ?? null);
  const next = nextCursor(page.pageInfo, after);
  const created = createdOf(page);
  const found = (after === null ? 0 : (update?.found ?? 0)) + page.nodes.filter((raw) => raw?.publishedAt && Date.parse(raw.publishedAt) > state.newestPublished).length;
  const total = update?.total ?? page.totalCount;
  const published = page.nodes.flatMap((raw) => (raw ? (mapRelease(scope.snapshot.repository, raw) ?? []) : []));
  const met = [...(after === null ? [] : (update?.met ?? [])), ...published.map(({ id }) => id)];
  // Fewer than stored: some were deleted, and only the whole list tells which.
  const shrunk = total < state.total + found;
  const whole = next === null || (!shrunk && created.length > 0 && Math.min(...created) < (state.coveredFrom ?? 0));
  const finished = whole || (!shrunk && found >= total - state.total);
  const seen = update?.seen ?? scope.snapshot.releases ?? '';
  const stored = published.filter((release) => release.finishedAt >= (state.coveredFrom ?? 0));
  const ids = [...new Set([...state.ids, ...stored.map(({ id }) => id)])];
  const removed = finished && whole && shrunk ? ids.filter((id) => !met.includes(id)) : [];
  const following: ReleasesState = finished
    ? { ...state, size, seen, total, update: null, newestPublished: newestPublished(state, page), ids: ids.filter((id) => !removed.includes(id)) }
    : // The newest is kept back until the end: what is found is counted against it.
      { ...state, size, update: { seen, total, cursor: next ?? '', found, met }, ids };
  await store(scope, stored, following, null, removed);
  return following;
}

function createdOf(page: Page): Instant[] {
  return page.nodes.flatMap((raw) => (raw ? [Date.parse(raw.createdAt)] : []));
}

function newestPublished(state: ReleasesState, page: Page): Instant {
  return Math.max(state.newestPublished, ...page.nodes.flatMap((raw) => (raw?.publishedAt ? [Date.parse(raw.publishedAt)] : [])));
}

async function fetchPage(scope: RepositoryScope, state: ReleasesState, after: string | null): Promise<{ page: Page; size: PageSize; after: string | null }> {
  const { client, context, signal, snapshot } = scope;
  const ask = (cursor: string | null) => async (first: number): Promise<Page> => {
    const answer = await client.graphql<{ node: { releases: Page } }>(RELEASES_QUERY, { id: snapshot.repository.id, first, after: cursor });
    return answer.node.releases;
  };
  try {
    return { ...(await pageOfFittingSize(context, signal, state.size, MOST_NODES, ask(after))), after };
  } catch (error) {
    if (error instanceof CursorRefusedError && after !== null) {
      return { ...(await pageOfFittingSize(context, signal, state.size, MOST_NODES, ask(null))), after: null };
    }
    throw error;
  }
}

async function store(scope: RepositoryScope, deployments: DeploymentRecord[], state: ReleasesState, reached: boolean | null, removed: readonly string[] = []): Promise<void> {
  const coverage: Coverage[] = reached === null ? [] : [{ kind: 'releases', scope: scope.snapshot.repository.id, from: state.coveredFrom, complete: reached }];
  const facts: FactBatch = { deployments, coverage, removed: removed.map((id) => ({ kind: 'deployments', id })) };
  await scope.context.store.write(facts, { ...stateOf(scope, KIND, state), ...(await withDeployed(scope, deployments)) });
}
