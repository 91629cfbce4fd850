import type { DoraQuery } from '../shared/query';
import type { Calendar, Windows } from './buckets';
import { type Bounds, UNBOUNDED } from './statistics';

/** One value a window, and the 95 % interval around each where it was asked for. */
export interface Points {
  values: Array<number | null>;
  lower: Array<number | null> | null;
  upper: Array<number | null> | null;
}

/** What every metric is told besides its facts. */
export interface Evaluation {
  windows: Windows;
  query: DoraQuery;
  calendar: Calendar;
}

/** Values for each window, with intervals only where the query wants them; `scale` takes both to the series' unit. */
export function pointsOf(
  { windows, query }: Evaluation,
  valueOf: (window: number) => number | null,
  boundsOf: (window: number) => Bounds,
  scale = 1
): Points {
  const scaled = (value: number | null): number | null => (value === null ? null : value * scale);
  const values = windows.stamps.map((_, window) => scaled(valueOf(window)));
  if (!query.confidence) {
    return { values, lower: null, upper: null };
  }
  const bounds = windows.stamps.map((_, window) => (values[window] === null ? UNBOUNDED : boundsOf(window)));
  return { values, lower: bounds.map(({ lower }) => scaled(lower)), upper: bounds.map(({ upper }) => scaled(upper)) };
}
