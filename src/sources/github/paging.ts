import { DoraError } from '../../shared/errors';
import type { SourceContext } from '../source';
import { TooHeavyError } from './client';
import { afterHeavyPage, afterWholePage, type PageSize } from './page-size';

export interface PageInfo {
  hasNextPage: boolean;
  endCursor: string | null;
}

/** GitHub's connections give 100 at most. */
export const MOST_NODES = 100;
const HEAVY_TRIES = 4;
const HEAVY_PAUSE_MS = 2_000;
/** More pages than any list within GitHub's limits has: 2 million elements. */
const MOST_PAGES = 20_000;

/**
 * Asks for a page, and for half as much each time that it is too heavy.
 * @throws TooHeavyError when even the smallest one is, several times.
 */
export async function pageOfFittingSize<T>(
  context: Pick<SourceContext, 'sleep'>,
  signal: AbortSignal,
  size: PageSize,
  most: number,
  ask: (first: number) => Promise<T>
): Promise<{ page: T; size: PageSize }> {
  let current: PageSize = { ...size, size: Math.min(size.size, most) };
  for (let smallest = 0; ; ) {
    try {
      return { page: await ask(current.size), size: afterWholePage(current, most) };
    } catch (error) {
      if (!(error instanceof TooHeavyError)) {
        throw error;
      }
      const smaller = afterHeavyPage(current);
      if (smaller === null) {
        smallest += 1;
        if (smallest >= HEAVY_TRIES) {
          throw error;
        }
      } else {
        current = smaller;
      }
      await context.sleep(HEAVY_PAUSE_MS, signal);
    }
  }
}

/** The cursor of the next page, or null after the last; a list that does not move on is an error, not an endless loop. */
export function nextCursor(info: PageInfo, previous: string | null): string | null {
  if (!info.hasNextPage) {
    return null;
  }
  if (info.endCursor === null || info.endCursor === previous) {
    throw new DoraError('GITHUB_ANSWER_UNEXPECTED', 'GitHub announces a next page but gives no way to it.');
  }
  return info.endCursor;
}

/** All nodes of a short list, page by page. */
export async function wholeList<T>(from: string | null, ask: (after: string | null) => Promise<{ nodes: Array<T | null>; pageInfo: PageInfo }>): Promise<T[]> {
  const all: T[] = [];
  let after = from;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { nodes, pageInfo } = await ask(after);
    all.push(...nodes.filter((node) => node !== null));
    after = nextCursor(pageInfo, after);
    if (after === null) {
      return all;
    }
  }
  throw new DoraError('GITHUB_ANSWER_UNEXPECTED', 'GitHub\'s list never ends.');
}
