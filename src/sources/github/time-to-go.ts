import type { Instant } from '../../engine/model';
import { HOUR_MS } from '../../shared/duration';
import { reserveOf, type Budget } from './policy';

/** A guess beyond this is none. */
const MOST_PAGES = 100_000;

/** Pages of a list between `reached` and the lookback, if they are as dense as those from `from` down to it were. Pure. */
export function pagesLeft(pages: number, from: Instant, reached: Instant, lookbackStart: Instant): number {
  if (reached <= lookbackStart) {
    return 0;
  }
  return Math.min(MOST_PAGES, Math.ceil((pages * (reached - lookbackStart)) / Math.max(1, from - reached)));
}

/**
 * Calls until one of several scopes is through, when each gets a page in turn. `others` are the pages that the others still
 * need; null: nobody knows, so as many as the rest on average. Null when nothing is known of the scope itself.
 */
export function callsUntilThrough(own: number | null, others: ReadonlyArray<number | null>): number | null {
  if (own === null) {
    return null;
  }
  const known = [own, ...others.filter((pages) => pages !== null)];
  const average = known.reduce((sum, pages) => sum + pages, 0) / known.length;
  return Math.ceil(others.reduce<number>((sum, pages) => sum + Math.min(own, pages ?? average), own));
}

/** Milliseconds that so many calls take: as long as such calls took so far, and the pauses until the budget is filled again. */
export function timeToGo(calls: number, msPerCall: number, budget: Budget | null, now: Instant): number {
  const working = calls * msPerCall;
  if (budget === null) {
    return working;
  }
  const reserve = reserveOf(budget);
  const left = now >= budget.resetsAt ? budget.limit - reserve : Math.max(0, budget.remaining - reserve);
  if (calls <= left) {
    return working;
  }
  const anHour = Math.max(1, budget.limit - reserve);
  const later = calls - left;
  const hours = Math.ceil(later / anHour) - 1;
  const untilReset = now >= budget.resetsAt ? HOUR_MS : budget.resetsAt - now;
  // Where calls are slower than the budget fills, nobody ever waits for it.
  return Math.max(working, untilReset + hours * HOUR_MS + (later - hours * anHour) * msPerCall);
}
