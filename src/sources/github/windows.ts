import type { Instant } from '../../engine/model';
import { DAY_MS } from '../../shared/duration';

/** GitHub counts all that a search finds, but gives the first 1,000 only. */
export const MOST_RESULTS = 1_000;
/** Some room, for runs may be added while a window is read. */
const COMFORTABLE = 900;
const SECOND = 1_000;
/** Most of what is run again is this young: read again each time. */
const YOUNG_MS = 7 * DAY_MS;
/** What is older is read again in turn, so much each time. */
const SLICE_MS = 3 * DAY_MS;
/** Up to 34 days: a run can be run again for 30, and the turn comes once in nine times. */
const SLICES = 9;

/** A span of time to be read page by page, newest first; both ends belong to it, as GitHub's search has whole seconds. */
export interface Window {
  from: Instant;
  to: Instant;
  /** Next page, from 1. */
  page: number;
  /** Reading it pushes the start of what is covered back. */
  extends: boolean;
}

/**
 * Parts of a window that holds `total` results, newest first, so that each can be read whole; null when it can be as it is,
 * or is a single second, of which GitHub gives no more.
 */
export function split(window: Window, total: number): Window[] | null {
  const seconds = Math.floor((window.to - window.from) / SECOND) + 1;
  if (total <= MOST_RESULTS || seconds < 2) {
    return null;
  }
  const parts = Math.min(seconds, Math.max(2, Math.ceil(total / COMFORTABLE)));
  const windows: Window[] = [];
  for (let index = parts - 1; index >= 0; index -= 1) {
    const from = window.from + Math.floor((seconds * index) / parts) * SECOND;
    const to = window.from + Math.floor((seconds * (index + 1)) / parts) * SECOND - SECOND;
    windows.push({ from, to: index === parts - 1 ? window.to : to, page: 1, extends: window.extends });
  }
  return windows;
}

/** What to read again, for the `count`th time, of all between the two moments: the last week, and a slice of the weeks before. Pure. */
export function sweep(count: number, now: Instant, { from, to }: Pick<Window, 'from' | 'to'>): Window[] {
  const older = now - YOUNG_MS - (count % SLICES) * SLICE_MS;
  return [
    { from: now - YOUNG_MS, to: now },
    { from: older - SLICE_MS, to: older },
  ].flatMap((part): Window[] => {
    const [start, end] = [Math.max(part.from, from), Math.min(part.to, to)];
    return start < end ? [{ from: start, to: end, page: 1, extends: false }] : [];
  });
}
