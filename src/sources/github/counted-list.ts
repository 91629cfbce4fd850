import type { Coverage, DeploymentRecord, FactBatch, Instant } from '../../engine/model';
import { CursorRefusedError } from './client';
import { withDeployed } from './deployed';
import type { ListPage } from './newest-first';
import { MOST_NODES, nextCursor, pageOfFittingSize } from './paging';
import { startingPageSize, type PageSize } from './page-size';
import { readState, stateOf, type RepositoryScope } from './scope';
import { pagesLeft } from './time-to-go';

const SECOND = 1_000;

/**
 * A list of a repository whose elements can come, change and go anywhere in it: GitHub sorts it by another moment than
 * that of the deployment. What tells of news is how many there are.
 */
export interface CountedList<Raw> {
  kind: 'releases' | 'tags';
  /** What "anything new?" says of the list; another text than last time: it changed. */
  seen: string | null;
  /** A deployment may be so much later than the moment that the list is sorted by. */
  lagMs: number;
  ask(first: number, after: string | null): Promise<ListPage<Raw>>;
  /** The moment that the list is sorted by, the newest first; null where it has none. */
  sortedBy(raw: Raw): Instant | null;
  /** Of the deployment that it is, or could become. */
  idOf(raw: Raw): string;
  /** Null for what is no deployment. */
  map(raw: Raw): DeploymentRecord | null;
}

interface CountedListState {
  /** What "anything new?" said when the list was last read; null: not read yet. */
  seen: string | null;
  /** How many there were then. */
  total: number;
  /** A reading from the top, not finished: what it answers to, and elements not stored before. */
  update: { seen: string; total: number; cursor: string; found: number; met: string[] } | null;
  /** Ids of the elements that were read, those that are no deployments among them, to notice what was deleted. */
  ids: string[];
  /** Where the next page of history begins. */
  cursor: string | null;
  /** The list's end is stored. */
  exhausted: boolean;
  coveredFrom: Instant | null;
  size: PageSize;
}

const EMPTY: CountedListState = {
  seen: null,
  total: 0,
  update: null,
  ids: [],
  cursor: null,
  exhausted: false,
  coveredFrom: null,
  size: startingPageSize(MOST_NODES),
};

/** What changed, then back to the lookback. Each step stores one page together with the cursor that follows it. */
export async function* syncCountedList<Raw>(scope: RepositoryScope, list: CountedList<Raw>): AsyncGenerator<void, void> {
  let state = (await readState<CountedListState>(scope, list.kind)) ?? EMPTY;
  for (;;) {
    const isNew = state.seen !== null && list.seen !== null && state.seen !== list.seen;
    if (state.update !== null || isNew) {
      state = await updatePage(scope, list, state);
    } else if (state.coveredFrom === null || state.coveredFrom > scope.lookbackStart) {
      if (state.exhausted) {
        state = { ...state, coveredFrom: scope.lookbackStart };
        await store(scope, list, [], state, true);
        return;
      }
      state = await historyPage(scope, list, state);
    } else {
      return;
    }
    yield;
  }
}

async function historyPage<Raw>(scope: RepositoryScope, list: CountedList<Raw>, state: CountedListState): Promise<CountedListState> {
  const { page, size, after } = await fetchPage(scope, list, state, state.cursor);
  const next = nextCursor(page.pageInfo, after);
  const elements = elementsOf(list, page);
  // What lies before the lookback is left for the day on which it grows: this page is then read again.
  const since = elements.filter(({ at }) => at >= scope.lookbackStart - list.lagMs);
  const wanted = factsOf(since);
  const leftOver = wanted.length < factsOf(elements).length;
  const pageFrom = holdsAllSince(list, page);
  const pageTo = newestOf(list, page);
  const reached = next === null || pageFrom < scope.lookbackStart;
  const following: CountedListState = {
    ...state,
    size,
    seen: state.seen ?? list.seen,
    total: state.seen === null ? page.totalCount : state.total,
    cursor: leftOver ? after : (next ?? after),
    exhausted: next === null && !leftOver,
    coveredFrom: Math.min(state.coveredFrom ?? Infinity, reached ? scope.lookbackStart : pageFrom + SECOND),
    ids: [...new Set([...state.ids, ...since.map(({ id }) => id)])],
  };
  await store(scope, list, wanted, following, reached);
  scope.progress({
    phase: 'history',
    back: { kind: list.kind, reached: reached ? scope.lookbackStart : pageFrom, pages: reached ? 0 : pagesLeft(1, pageTo, pageFrom, scope.lookbackStart) },
  });
  return following;
}

async function updatePage<Raw>(scope: RepositoryScope, list: CountedList<Raw>, state: CountedListState): Promise<CountedListState> {
  const { update } = state;
  const { page, size, after } = await fetchPage(scope, list, state, update?.cursor ?? null);
  const next = nextCursor(page.pageInfo, after);
  const elements = elementsOf(list, page);
  const coveredFrom = state.coveredFrom ?? 0;
  const since = elements.filter(({ at }) => at >= coveredFrom - list.lagMs);
  const known = new Set(state.ids);
  // From the top once more: what was found before the cursor was refused is stored, but not counted.
  const found = (after === null ? 0 : (update?.found ?? 0)) + since.filter(({ id }) => !known.has(id)).length;
  const met = [...(after === null ? [] : (update?.met ?? [])), ...elements.map(({ id }) => id)];
  const total = update?.total ?? page.totalCount;
  // Fewer than stored: some were deleted, and only the whole list tells which.
  const shrunk = total < state.total + found;
  const whole = next === null || (!shrunk && holdsAllSince(list, page) < coveredFrom);
  const finished = whole || (!shrunk && found >= total - state.total);
  const seen = update?.seen ?? list.seen ?? '';
  const ids = [...new Set([...state.ids, ...since.map(({ id }) => id)])];
  const removed = finished && whole && shrunk ? ids.filter((id) => !met.includes(id)) : [];
  const withdrawn = await storedOf(scope, elements.filter(({ fact }) => fact === null));
  const following: CountedListState = finished
    ? { ...state, size, seen, total, update: null, ids: ids.filter((id) => !removed.includes(id)) }
    : { ...state, size, update: { seen, total, cursor: next ?? '', found, met }, ids };
  await store(scope, list, factsOf(since), following, null, [...removed, ...withdrawn]);
  scope.progress({ phase: 'updating' });
  return following;
}

interface Element {
  id: string;
  /** Null for what is no deployment, such as a draft. */
  fact: DeploymentRecord | null;
  /** When it was deployed; of others the moment that the list is sorted by. */
  at: Instant;
}

function elementsOf<Raw>(list: CountedList<Raw>, page: ListPage<Raw>): Element[] {
  return (page.nodes ?? [])
    .filter((raw) => raw !== null)
    .map((raw) => {
      const fact = list.map(raw);
      return { id: list.idOf(raw), fact, at: fact?.finishedAt ?? list.sortedBy(raw) ?? -Infinity };
    });
}

function factsOf(elements: readonly Element[]): DeploymentRecord[] {
  return elements.flatMap(({ fact }) => fact ?? []);
}

/** Those that were deployments when they were read last: releases that were made drafts again. */
async function storedOf({ context }: RepositoryScope, elements: readonly Element[]): Promise<string[]> {
  const stored: string[] = [];
  for (const { id } of elements) {
    if ((await context.store.read('deployments', id)) !== null) {
      stored.push(id);
    }
  }
  return stored;
}

/** All that was deployed later than this stands on the page or above it. */
function holdsAllSince<Raw>(list: CountedList<Raw>, page: ListPage<Raw>): Instant {
  const moments = (page.nodes ?? []).flatMap((raw) => (raw === null ? [] : (list.sortedBy(raw) ?? [])));
  return moments.length > 0 ? Math.min(...moments) + list.lagMs : Infinity;
}

function newestOf<Raw>(list: CountedList<Raw>, page: ListPage<Raw>): Instant {
  return Math.max(...(page.nodes ?? []).flatMap((raw) => (raw === null ? [] : (list.sortedBy(raw) ?? []))));
}

async function fetchPage<Raw>(
  scope: RepositoryScope,
  list: CountedList<Raw>,
  state: CountedListState,
  after: string | null
): Promise<{ page: ListPage<Raw>; size: PageSize; after: string | null }> {
  const { context, signal } = scope;
  const ask = (cursor: string | null) => pageOfFittingSize(context, signal, state.size, MOST_NODES, (first) => list.ask(first, cursor));
  try {
    return { ...(await ask(after)), after };
  } catch (error) {
    if (error instanceof CursorRefusedError && after !== null) {
      return { ...(await ask(null)), after: null };
    }
    throw error;
  }
}

async function store<Raw>(
  scope: RepositoryScope,
  list: CountedList<Raw>,
  deployments: DeploymentRecord[],
  state: CountedListState,
  reached: boolean | null,
  removed: readonly string[] = []
): Promise<void> {
  const coverage: Coverage[] = reached === null ? [] : [{ kind: list.kind, scope: scope.snapshot.repository.id, from: state.coveredFrom, complete: reached }];
  const facts: FactBatch = { deployments, coverage, removed: removed.map((id) => ({ kind: 'deployments', id })) };
  await scope.context.store.write(facts, { ...stateOf(scope, list.kind, state), ...(await withDeployed(scope, deployments)) });
}
