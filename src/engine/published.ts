import { DAY_MS } from '../shared/duration';
import { DoraError } from '../shared/errors';
import type { DoraQuery } from '../shared/query';
import type { Answer, Notice, NumberValue, Series, Unit } from './answer';
import { type Calendar, cutWindows } from './buckets';
import type { TimeRange } from './engine';
import type { Instant } from './model';

/** One hour of a metric that somebody else published: the sum of its values, and how many they are. */
export interface PublishedHour {
  /** Start of the hour, UTC. */
  at: Instant;
  sum: number;
  count: number;
}

export interface PublishedData {
  /** The metric itself; failure rate: the failed items. Ascending. */
  hours: readonly PublishedHour[];
  /** Deployments, which a failure rate is divided by. Ascending. */
  deployments: readonly PublishedHour[];
  /** Nothing is known before; null while nothing was read. */
  from: Instant | null;
}

const UNITS: Record<DoraQuery['metric'], Unit> = { 'deployment-frequency': 'short', 'lead-time': 's', 'change-failure-rate': 'percent', 'time-to-restore': 's', 'rework-rate': 'percent' };

/**
 * Numbers that another DORA stack published, in the query's buckets. Hours are the finest that is kept, so a bucket takes
 * the hours that start in it. They have no team, no percentiles and no links.
 * @throws DoraError QUERY_INVALID for what published numbers cannot tell
 */
export function publishedAnswer(query: DoraQuery, { hours, deployments, from }: PublishedData, range: TimeRange, now: Instant, calendar: Calendar): Answer {
  if (query.metric === 'rework-rate') {
    throw new DoraError('QUERY_INVALID', 'metric: no published metric tells the rework rate.', { field: 'metric' });
  }
  const windows = cutWindows(query, range, now, calendar);
  const values = windows.starts.map((start, index) => {
    const end = windows.ends[index];
    return from === null || start < from ? null : valueOf(query, within(hours, start, end), within(deployments, start, end), end - start);
  });
  const notices: Notice[] = [];
  if (query.statistic !== 'mean' && query.metric !== 'deployment-frequency' && query.metric !== 'change-failure-rate') {
    notices.push({ severity: 'info', text: `Published numbers have means only, so this is the mean, not ${query.statistic}.` });
  }
  if (from === null) {
    notices.push({ severity: 'warning', text: 'CloudWatch has not been read yet.' });
  } else if (hours.length === 0) {
    notices.push({ severity: 'warning', text: 'CloudWatch has no values of this metric.' });
  }
  const name = query.metricName ?? query.metric;
  const common = { name, labels: {}, unit: UNITS[query.metric], thresholds: [] };
  if (query.format === 'number') {
    const numbers: NumberValue[] = [{ ...common, value: values.at(-1) ?? null }];
    return { kind: 'numbers', numbers, notices };
  }
  const complete = windows.stamps.map((_, index) => index).filter((index) => !query.completeBucketsOnly || windows.fullEnds[index] <= Math.min(range.to, now));
  const running = windows.fullEnds.findIndex((end, index) => end > now && windows.starts[index] <= now);
  const series: Series = {
    ...common,
    times: complete.map((index) => windows.stamps[index]),
    values: complete.map((index) => values[index]),
    immature: [],
    running: running >= 0 && complete.includes(running) ? windows.stamps[running] : null,
  };
  if (query.format === 'table') {
    return {
      kind: 'table',
      name: 'cloudwatch',
      columns: [
        { name: 'time', type: 'time', values: series.times },
        { name: 'value', type: 'number', unit: series.unit, values: series.values },
      ],
      notices,
    };
  }
  return { kind: 'timeseries', series: [series], notices };
}

interface Pooled {
  sum: number;
  count: number;
}

function valueOf({ metric, measure }: DoraQuery, own: Pooled, deployed: Pooled, elapsedMs: number): number | null {
  switch (metric) {
    case 'deployment-frequency':
      if (measure === 'days') {
        throw new DoraError('QUERY_INVALID', 'measure: published deployments are counted, their days are not known.', { field: 'measure' });
      }
      return measure === 'per-day' ? (elapsedMs > 0 ? own.sum / (elapsedMs / DAY_MS) : null) : own.sum;
    case 'change-failure-rate':
      return deployed.sum > 0 ? (100 * own.sum) / deployed.sum : null;
    default:
      return own.count > 0 ? own.sum / own.count : null;
  }
}

function within(hours: readonly PublishedHour[], start: Instant, end: Instant): Pooled {
  const pooled = { sum: 0, count: 0 };
  for (const { at, sum, count } of hours) {
    if (at >= start && at < end) {
      pooled.sum += sum;
      pooled.count += count;
    }
  }
  return pooled;
}
