import { DateTime } from 'luxon';
import { DAY_MS } from '../shared/duration';
import { DoraError } from '../shared/errors';
import type { DoraQuery, Interval } from '../shared/query';
import { lowerBound } from './columns';
import type { TimeRange } from './engine';
import type { Instant } from './model';

/** More buckets than this in one answer are refused: eleven years by day. */
export const MOST_BUCKETS = 4_000;

/** What a query's range is cut by. */
export interface Calendar {
  timezone: string;
  weekStart: 'monday' | 'sunday';
}

/** Half-open spans of time, ascending by start; one value of a series each. */
export interface Windows {
  /** What the points are stamped with: bucket starts; rolling: the start of the last local day. */
  stamps: Instant[];
  starts: Instant[];
  /** Never after the range's end or now. */
  ends: Instant[];
  /** Where each would end if neither the range nor now cut it short. */
  fullEnds: Instant[];
  rolling: boolean;
}

type Unit = 'day' | 'week' | 'month' | 'quarter';

/** @throws DoraError RANGE_INVALID naming `from` or `to` */
export function checkRange(range: TimeRange): void {
  for (const field of ['from', 'to'] as const) {
    // Beyond these no calendar of JavaScript reaches.
    if (!Number.isFinite(range[field]) || Math.abs(range[field]) > 8.64e15) {
      throw new DoraError('RANGE_INVALID', `${field}: is not an instant.`, { field });
    }
  }
  if (range.to <= range.from) {
    throw new DoraError('RANGE_INVALID', 'to: the time range ends before it starts (from ≥ to).', { field: 'to' });
  }
}

/** METRICS, buckets: `auto` by the range's length in whole days. */
export function resolveInterval(interval: Interval, range: TimeRange): Exclude<Interval, 'auto'> {
  if (interval !== 'auto') {
    return interval;
  }
  const days = Math.floor((range.to - range.from) / DAY_MS);
  if (days <= 31) {
    return 'day';
  }
  if (days <= 26 * 7) {
    return 'week';
  }
  // Three years with their leap day.
  return days <= 3 * 365 + 1 ? 'month' : 'quarter';
}

/** Where clocks go back over midnight a day has two, and begins at the first. */
function firstMidnight(start: DateTime): DateTime {
  const before = start.minus({ hours: 1 });
  return before.day === start.day ? before : start;
}

function startOf(time: DateTime, unit: Unit, weekStart: Calendar['weekStart']): DateTime {
  if (unit === 'week' && weekStart === 'sunday') {
    return firstMidnight(time.minus({ days: time.weekday % 7 }).startOf('day'));
  }
  return firstMidnight(time.startOf(unit));
}

function next(time: DateTime, unit: Unit, weekStart: Calendar['weekStart']): DateTime {
  const step = unit === 'day' ? { days: 1 } : unit === 'week' ? { days: 7 } : unit === 'month' ? { months: 1 } : { months: 3 };
  // Where midnight does not exist a day begins later: the step after it must not.
  let following = startOf(time.plus(step), unit, weekStart);
  if (following.toMillis() <= time.toMillis()) {
    // A zone that skipped a whole day (Samoa in 2011) lands on the day it left.
    following = startOf(time.plus(step).plus({ days: 1 }), unit, weekStart);
  }
  return following;
}

const SHORTEST: Record<Unit, number> = { day: DAY_MS, week: 7 * DAY_MS, month: 28 * DAY_MS, quarter: 90 * DAY_MS };

/** Boundaries b[0] ≤ from < b[1] < … , the last one ≥ `until`. */
function boundaries(from: Instant, until: Instant, unit: Unit, calendar: Calendar): Instant[] {
  if ((until - from) / SHORTEST[unit] > MOST_BUCKETS) {
    throw new DoraError('RANGE_TOO_LONG', `interval: the time range has more than ${MOST_BUCKETS} buckets of a ${unit}.`, { field: 'interval' });
  }
  let time = startOf(DateTime.fromMillis(from, { zone: calendar.timezone }), unit, calendar.weekStart);
  const found = [time.toMillis()];
  while (found[found.length - 1] < until) {
    time = next(time, unit, calendar.weekStart);
    found.push(time.toMillis());
  }
  return found;
}

const cache = new Map<string, Instant[]>();

/** As `boundaries`, remembered: fifty panels of a dashboard cut the same range. */
function cachedBoundaries(from: Instant, until: Instant, unit: Unit, calendar: Calendar): Instant[] {
  const key = `${unit}|${calendar.timezone}|${calendar.weekStart}|${from}|${until}`;
  let found = cache.get(key);
  if (!found) {
    found = boundaries(from, until, unit, calendar);
    if (cache.size >= 64) {
      cache.clear();
    }
    cache.set(key, found);
  }
  return found;
}

/** Start of the local day that an instant falls in. */
export function startOfDay(at: Instant, timezone: string): Instant {
  return firstMidnight(DateTime.fromMillis(at, { zone: timezone }).startOf('day')).toMillis();
}

function daysBefore(day: Instant, days: number, timezone: string): Instant {
  return firstMidnight(DateTime.fromMillis(day, { zone: timezone }).minus({ days }).startOf('day')).toMillis();
}

function nextDay(day: Instant, timezone: string): Instant {
  return next(DateTime.fromMillis(day, { zone: timezone }), 'day', 'monday').toMillis();
}

/** Starts of local days, so that b[i] ≤ day i < b[i + 1], covering at least [from, to). */
export function localDays(from: Instant, to: Instant, calendar: Calendar): Instant[] {
  return to <= from ? [] : cachedBoundaries(from, to, 'day', calendar);
}

type Cut = Pick<DoraQuery, 'interval' | 'window' | 'rollingDays' | 'format'>;

/**
 * The windows of a query's range (METRICS, buckets). Empty when the range begins at or after `now`.
 * @throws DoraError RANGE_INVALID, RANGE_TOO_LONG
 */
export function cutWindows(cut: Cut, range: TimeRange, now: Instant, calendar: Calendar): Windows {
  checkRange(range);
  const until = Math.min(range.to, now);
  const rolling = cut.window === 'rolling';
  const windows: Windows = { stamps: [], starts: [], ends: [], fullEnds: [], rolling };
  if (until <= range.from) {
    return windows;
  }
  const interval = cut.format === 'number' ? 'range' : resolveInterval(cut.interval, range);
  const bounds = interval === 'range' ? [range.from, range.to] : cachedBoundaries(range.from, until, interval, calendar);
  const roll = (end: Instant): void => {
    const day = startOfDay(end - 1, calendar.timezone);
    const fullEnd = nextDay(day, calendar.timezone);
    windows.stamps.push(day);
    windows.starts.push(daysBefore(day, cut.rollingDays - 1, calendar.timezone));
    windows.ends.push(Math.min(fullEnd, until));
    windows.fullEnds.push(fullEnd);
  };
  for (let index = 0; index + 1 < bounds.length; index += 1) {
    const start = bounds[index];
    const fullEnd = bounds[index + 1];
    const end = Math.min(fullEnd, until);
    if (end <= start) {
      break;
    }
    if (rolling) {
      roll(end);
    } else {
      windows.stamps.push(start);
      windows.starts.push(start);
      windows.ends.push(end);
      windows.fullEnds.push(fullEnd);
    }
  }
  return windows;
}

/**
 * The same length of time just before a range, to compare with.
 */
export function previousRange(range: TimeRange): TimeRange {
  return { from: range.from - (range.to - range.from), to: range.from };
}

/** Walks ascending times once for windows that ascend too; `visit` gets the slice [low, high) of each window. */
export function eachSlice(
  times: Float64Array,
  windows: Pick<Windows, 'starts' | 'ends'>,
  visit: (window: number, low: number, high: number) => void
): void {
  const count = windows.starts.length;
  if (count === 0 || times.length === 0) {
    return;
  }
  let low = lowerBound(times, windows.starts[0]);
  let high = low;
  for (let window = 0; window < count; window += 1) {
    const start = windows.starts[window];
    const end = windows.ends[window];
    while (low < times.length && times[low] < start) {
      low += 1;
    }
    if (high < low) {
      high = low;
    }
    while (high < times.length && times[high] < end) {
      high += 1;
    }
    if (high > low) {
      visit(window, low, high);
    }
  }
}
