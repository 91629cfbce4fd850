import type { GraphQLResolveInfo } from 'graphql';
import { spend, type QueryContext } from './context';
import { compareKeys, decodeCursor, encodeCursor, invalidCursor, type Key } from './cursor';

export interface PageArguments {
  first?: number | null;
  last?: number | null;
  after?: string | null;
  before?: string | null;
}

export interface Connection<V> {
  edges: Array<{ cursor: string; node: V }>;
  nodes: V[];
  totalCount: number;
  pageInfo: { startCursor: string | null; endCursor: string | null; hasNextPage: boolean; hasPreviousPage: boolean };
}

interface List<T, V> {
  /** In order. */
  elements: readonly T[];
  view: (element: T) => V;
  cursorAt(index: number): string;
  /** How many elements stand at or before the cursor. */
  positionAfter(cursor: string): number;
  /** How many elements stand before the cursor. */
  positionBefore(cursor: string): number;
}

/** A list sorted by a key: cursors name the key, so pages stay whole while elements come, go or move. */
export function keyset<T, V>(elements: readonly T[], keyOf: (element: T) => Key, directions: ReadonlyArray<1 | -1>, view: (element: T) => V): List<T, V> {
  const position = (cursor: string, inclusive: boolean): number => {
    const key = decodeCursor(cursor, elements.length > 0 ? keyOf(elements[0]) : null);
    let low = 0;
    let high = elements.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const order = compareKeys(keyOf(elements[middle]), key, directions);
      if (order < 0 || (inclusive && order === 0)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  return {
    elements,
    view,
    cursorAt: (index) => encodeCursor(keyOf(elements[index])),
    positionAfter: (cursor) => position(cursor, true),
    positionBefore: (cursor) => position(cursor, false),
  };
}

/** A short list inside one element, numbered as GitHub numbers them. */
export function numbered<T, V>(elements: readonly T[], view: (element: T) => V): List<T, V> {
  const number = (cursor: string): number => {
    const text = Buffer.from(cursor, 'base64').toString('utf8');
    if (!/^\d{1,9}$/.test(text) || Buffer.from(text).toString('base64') !== cursor) {
      throw invalidCursor(cursor);
    }
    return Number(text);
  };
  return {
    elements,
    view,
    cursorAt: (index) => Buffer.from(String(index + 1)).toString('base64'),
    positionAfter: number,
    positionBefore: (cursor) => number(cursor) - 1,
  };
}

/** Commit history: `<sha it started from> <index>`, GitHub's own form; it stays right after new commits. */
export function pinned<T, V>(elements: readonly T[], start: string, view: (element: T) => V): List<T, V> {
  const index = (cursor: string): number => {
    const found = /^([0-9a-f]{40}) (\d{1,9})$/.exec(cursor);
    if (!found || found[1] !== start) {
      throw invalidCursor(cursor);
    }
    return Number(found[2]);
  };
  return {
    elements,
    view,
    cursorAt: (at) => `${start} ${at}`,
    positionAfter: (cursor) => index(cursor) + 1,
    positionBefore: index,
  };
}

/** Cuts the page that the arguments ask for. */
export function connection<T, V>(list: List<T, V>, page: PageArguments, context: QueryContext): Connection<V> {
  let from = page.after ? Math.min(list.elements.length, list.positionAfter(page.after)) : 0;
  let to = page.before ? Math.max(from, list.positionBefore(page.before)) : list.elements.length;
  if (page.first != null) {
    to = Math.min(to, from + page.first);
  } else if (page.last != null) {
    from = Math.max(from, to - page.last);
  }
  spend(context, to - from);
  const nodes: V[] = [];
  for (let at = from; at < to; at += 1) {
    nodes.push(list.view(list.elements[at]));
  }
  return {
    get edges() {
      return nodes.map((node, offset) => ({ cursor: list.cursorAt(from + offset), node }));
    },
    nodes,
    totalCount: list.elements.length,
    pageInfo: {
      get startCursor() {
        return nodes.length > 0 ? list.cursorAt(from) : null;
      },
      get endCursor() {
        return nodes.length > 0 ? list.cursorAt(to - 1) : null;
      },
      hasNextPage: to < list.elements.length,
      hasPreviousPage: from > 0,
    },
  };
}

/** The same, and notes the page for the journal: for lists that a client walks through, not for nested ones. */
export function walkedConnection<T, V>(
  list: List<T, V>,
  page: PageArguments & Record<string, unknown>,
  context: QueryContext,
  info: GraphQLResolveInfo,
  of: string
): Connection<V> {
  const { first, last, after, before, ...rest } = page;
  const cut = connection(list, page, context);
  context.pages.push({
    of,
    connection: info.fieldName,
    arguments: JSON.stringify(rest),
    after: after ?? before ?? null,
    size: first ?? last ?? 0,
    returned: cut.nodes.length,
    hasNextPage: cut.pageInfo.hasNextPage,
  });
  return cut;
}
