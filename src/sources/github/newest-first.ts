import type { Coverage, FactBatch, Instant } from '../../engine/model';
import type { JsonValue } from '../../store/store';
import { CursorRefusedError } from './client';
import { nextCursor, pageOfFittingSize, type PageInfo } from './paging';
import { startingPageSize, type PageSize } from './page-size';
import { readState, stateOf, type RepositoryScope, type ScopeProgress } from './scope';
import { pagesLeft } from './time-to-go';
import { believable, trusted } from './watermark';

/** Moments have whole seconds: others of the same second may stand on the next page. */
const SECOND = 1_000;

export interface ListPage<Raw> {
  totalCount: number;
  pageInfo: PageInfo;
  nodes: Array<Raw | null> | null;
}

/** What a page's elements become. */
export interface Mapped {
  facts: FactBatch;
  state?: Record<string, JsonValue>;
  /** Some lie before the lookback and were left out: the page is read again on the day on which it grows. */
  leftOver: boolean;
}

/** A list of a repository that GitHub gives sorted by a moment, the newest first. */
export interface NewestFirst<Raw> {
  kind: Coverage['kind'];
  /** Facts of another variant (a filter, more fields) have to be asked for again. */
  variant: string;
  firstSize: number;
  mostSize: number;
  /** Newest moment that "anything new?" told; null: the list is empty. */
  newestAtGitHub: Instant | null;
  /** Read again below the newest that is stored: lists may lag behind. */
  overlapMs: number;
  ask(first: number, after: string | null): Promise<ListPage<Raw>>;
  /** The moment that the list is sorted by. Nothing in it happened later to a fact than this. */
  momentOf(raw: Raw): Instant;
  /** @param coveredFrom everything from here on is stored and stays so, even where the lookback begins later; null: nothing is */
  map(raws: readonly Raw[], coveredFrom: Instant | null): Promise<Mapped>;
  /** True for those that were not there at an earlier reading, for counting. */
  isNew(raw: Raw, since: Instant): boolean;
  total: number | null;
}

/** What is kept between passes. */
export interface NewestFirstState {
  variant: string;
  /** Everything from here down to `oldest` is stored; null before the first page. */
  newest: Instant | null;
  /** The walk back into history. */
  oldest: Instant | null;
  cursor: string | null;
  /** The list's end is stored. */
  exhausted: boolean;
  /** A walk from the top down to `until`, not finished yet. */
  update: { newest: Instant; until: Instant; cursor: string } | null;
  size: PageSize;
  fetched: number;
  coveredFrom: Instant | null;
}

/** What to do next, by what is stored, what GitHub says is there, and how far back is wanted. Pure. */
export function nextStep(state: NewestFirstState, newestAtGitHub: Instant | null, lookbackStart: Instant): 'update' | 'history' | 'done' {
  if (state.newest !== null && (state.update !== null || (newestAtGitHub !== null && newestAtGitHub > state.newest))) {
    return 'update';
  }
  return state.exhausted || (state.oldest !== null && state.oldest < lookbackStart) ? 'done' : 'history';
}

/**
 * What is new at the top, then back to the lookback. Each step stores one page together with the cursor that follows it, so
 * a stopped pass goes on there.
 */
export async function* syncNewestFirst<Raw>(scope: RepositoryScope, list: NewestFirst<Raw>): AsyncGenerator<void, void> {
  const stored = await readState<NewestFirstState>(scope, list.kind);
  let state: NewestFirstState =
    stored?.variant === list.variant
      ? stored
      : { variant: list.variant, newest: null, oldest: null, cursor: null, exhausted: false, update: null, size: startingPageSize(list.firstSize), fetched: 0, coveredFrom: null };
  if (state.newest !== null) {
    state = { ...state, newest: trusted(state.newest, scope.context.now()) };
  }
  // Once from the top in a pass: what GitHub said was the newest may be gone when its page is read, or dated into the future.
  let beganAtTop = false;
  let lookedAtTop = false;
  for (;;) {
    const step = nextStep(state, lookedAtTop ? null : list.newestAtGitHub, scope.lookbackStart);
    if (step === 'done') {
      if (state.coveredFrom !== null && state.coveredFrom > scope.lookbackStart) {
        // The lookback grew, but no further than what is stored.
        state = { ...state, coveredFrom: scope.lookbackStart };
        await store(scope, list, { facts: {}, leftOver: false }, state, true);
      }
      return;
    }
    beganAtTop ||= state.newest === null || (step === 'update' && state.update === null);
    state = step === 'update' ? await updatePage(scope, list, state) : await historyPage(scope, list, state);
    lookedAtTop = beganAtTop && state.update === null;
    scope.progress(progressOf(list, state, step, scope.lookbackStart));
    yield;
  }
}

/**
 * How many there are down to the lookback: what is stored, and as many for the rest as its pace promises; never more than
 * there are at all. Pure.
 */
export function expectedTotal({ newest, oldest, exhausted, fetched }: Pick<NewestFirstState, 'newest' | 'oldest' | 'exhausted' | 'fetched'>, all: number, lookbackStart: Instant): number {
  if (exhausted || (oldest !== null && oldest < lookbackStart)) {
    return fetched;
  }
  if (newest === null || oldest === null) {
    return all;
  }
  return Math.max(fetched, Math.min(all, Math.ceil((fetched * (newest - lookbackStart)) / Math.max(1, newest - oldest))));
}

function progressOf<Raw>(list: NewestFirst<Raw>, state: NewestFirstState, step: 'update' | 'history', lookbackStart: Instant): ScopeProgress {
  const { newest, oldest, fetched, size } = state;
  const total = list.total === null ? null : expectedTotal(state, list.total, lookbackStart);
  const through = nextStep(state, null, lookbackStart) === 'done' || newest === null || oldest === null;
  const left = total !== null ? Math.ceil((total - fetched) / size.size) : newest === null || oldest === null ? 0 : pagesLeft(fetched / size.size, newest, oldest, lookbackStart);
  return {
    phase: step === 'update' ? 'updating' : 'history',
    ...(total === null ? {} : { fetched, total }),
    back: { kind: list.kind, reached: through ? lookbackStart : oldest, pages: through ? 0 : Math.max(1, left) },
  };
}

async function historyPage<Raw>(scope: RepositoryScope, list: NewestFirst<Raw>, state: NewestFirstState): Promise<NewestFirstState> {
  const { page, size, after } = await fetchPage(scope, list, state, state.cursor);
  const raws = (page.nodes ?? []).filter((raw) => raw !== null);
  const moments = raws.map((raw) => list.momentOf(raw));
  const next = nextCursor(page.pageInfo, after);
  const mapped = await list.map(raws, state.coveredFrom);
  const pagesOldest = moments.length > 0 ? Math.min(...moments) : null;
  const reached = next === null || (pagesOldest !== null && pagesOldest < scope.lookbackStart);
  // What was left out lies just before the lookback: from there on everything is stored.
  const oldest = mapped.leftOver ? scope.lookbackStart - 1 : (pagesOldest ?? state.oldest);
  const from = reached || oldest === null ? scope.lookbackStart : oldest + SECOND;
  const following: NewestFirstState = {
    ...state,
    size,
    // Nothing at all: whatever comes later is new.
    newest: state.newest ?? (moments.length > 0 ? believable(Math.max(...moments), scope.context.now()) : 0),
    oldest,
    cursor: mapped.leftOver ? after : (next ?? after),
    exhausted: next === null && !mapped.leftOver,
    fetched: (after === null ? 0 : state.fetched) + raws.length,
    coveredFrom: Math.min(state.coveredFrom ?? Infinity, from),
  };
  await store(scope, list, mapped, following, reached);
  return following;
}

async function updatePage<Raw>(scope: RepositoryScope, list: NewestFirst<Raw>, state: NewestFirstState): Promise<NewestFirstState> {
  const { page, size, after } = await fetchPage(scope, list, state, state.update?.cursor ?? null);
  const raws = (page.nodes ?? []).filter((raw) => raw !== null);
  const moments = raws.map((raw) => list.momentOf(raw));
  const goingOn = after === null ? null : state.update;
  const newest = goingOn?.newest ?? believable(Math.max(state.newest ?? 0, ...moments), scope.context.now());
  const until = goingOn?.until ?? (state.newest ?? 0) - list.overlapMs;
  const next = nextCursor(page.pageInfo, after);
  const finished = next === null || (moments.length > 0 && Math.min(...moments) < until);
  // Older ones are stored as they are.
  const mapped = await list.map(raws.filter((raw) => list.momentOf(raw) >= until), state.coveredFrom);
  const following: NewestFirstState = {
    ...state,
    size,
    newest: finished ? newest : state.newest,
    update: finished ? null : { newest, until, cursor: next },
    fetched: state.fetched + raws.filter((raw) => list.isNew(raw, state.newest ?? 0)).length,
  };
  await store(scope, list, mapped, following, null);
  return following;
}

/** One page from the cursor, or from the top when GitHub refuses it; `after` is the cursor that it was asked with in the end. */
async function fetchPage<Raw>(
  scope: RepositoryScope,
  list: NewestFirst<Raw>,
  state: NewestFirstState,
  after: string | null
): Promise<{ page: ListPage<Raw>; size: PageSize; after: string | null }> {
  const { context, signal, snapshot } = scope;
  const ask = (cursor: string | null) => pageOfFittingSize(context, signal, state.size, list.mostSize, (first) => list.ask(first, cursor));
  try {
    return { ...(await ask(after)), after };
  } catch (error) {
    if (error instanceof CursorRefusedError && after !== null) {
      context.log.warn('GitHub refuses the cursor; the pass begins again from the newest', { repository: snapshot.repository.name, kind: list.kind });
      return { ...(await ask(null)), after: null };
    }
    throw error;
  }
}

async function store<Raw>(scope: RepositoryScope, list: NewestFirst<Raw>, mapped: Mapped, state: NewestFirstState, reached: boolean | null): Promise<void> {
  const coverage: Coverage[] = reached === null ? [] : [{ kind: list.kind, scope: scope.snapshot.repository.id, from: state.coveredFrom, complete: reached }];
  await scope.context.store.write({ ...mapped.facts, coverage }, { ...stateOf(scope, list.kind, state), ...mapped.state });
}
