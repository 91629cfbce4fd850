import { AwsError, given, instantOfInput, pageOf, type Answered, type Call } from '../call';
import type { Metric } from '../world';

const DAY_MS = 86_400_000;
/** PutMetricData takes no point outside of this. */
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 2 * 3_600_000;
const MOST_METRICS = 1_000;
const MOST_QUERIES = 500;
const MOST_POINTS = 100_800;
const METRICS_A_PAGE = 500;

interface Dimension {
  Name: string;
  Value?: string;
}

interface Datum {
  MetricName: string;
  Dimensions?: Dimension[];
  Timestamp?: unknown;
  Value?: number;
  Values?: number[];
  Counts?: number[];
  StatisticValues?: { SampleCount: number; Sum: number; Minimum: number; Maximum: number };
  Unit?: string;
}

interface DataQuery {
  Id: string;
  Label?: string;
  Expression?: string;
  MetricStat?: { Metric: { Namespace: string; MetricName: string; Dimensions?: Dimension[] }; Period: number; Stat: string; Unit?: string };
  ReturnData?: boolean;
}

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

export const cloudWatch: Record<string, (call: Call) => Answered> = {
  PutMetricData(call) {
    const { Namespace: namespace, MetricData: data = [] } = call.input as { Namespace?: string; MetricData?: Datum[] };
    if (!namespace || namespace.startsWith('AWS/')) {
      throw invalid('The parameter Namespace must be given and not begin with AWS/.');
    }
    if (data.length === 0 || data.length > MOST_METRICS) {
      throw invalid(`The collection MetricData must have between 1 and ${MOST_METRICS} members, it has ${data.length}.`);
    }
    // All or nothing, as AWS does.
    const points = data.map((datum, index) => {
      const at = datum.Timestamp === undefined ? call.now : instantOfInput(datum.Timestamp);
      const member = `MetricData.member.${index + 1}`;
      if (at === null || at < call.now - OLDEST_MS || at > call.now + NEWEST_MS) {
        throw invalid(`The parameter ${member}.Timestamp must specify a time no more than two weeks in the past and no more than two hours in the future.`);
      }
      return { datum, dimensions: dimensionsOf(datum.Dimensions), point: { at, ...statisticsOf(datum, member) } };
    });
    for (const { datum, dimensions, point } of points) {
      call.region.addPoint(namespace, datum.MetricName, dimensions, datum.Unit ?? 'None', point);
    }
    return { output: {}, items: points.length };
  },

  ListMetrics(call) {
    const { Namespace: namespace, MetricName: name, Dimensions: filters = [] } = call.input as { Namespace?: string; MetricName?: string; Dimensions?: Dimension[] };
    const fits = (metric: Metric): boolean =>
      (namespace === undefined || metric.namespace === namespace) &&
      (name === undefined || metric.name === name) &&
      filters.every(({ Name, Value }) => metric.dimensions[Name] !== undefined && (Value === undefined || metric.dimensions[Name] === Value));
    const { page, token } = pageOf(call, {
      operation: 'ListMetrics', tokenName: 'NextToken', refusal: 'InvalidParameterValue', size: METRICS_A_PAGE,
      // What had no point for two weeks is not listed.
      items: [...call.region.metrics.values()].filter((metric) => fits(metric) && metric.points.some(({ at }) => at > call.now - OLDEST_MS)),
      key: (metric) => JSON.stringify([metric.namespace, metric.name, metric.dimensions]),
    });
    const metrics = page.map((metric) => ({
      Namespace: metric.namespace, MetricName: metric.name, Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
    }));
    return { output: given({ Metrics: metrics, NextToken: token }), items: metrics.length };
  },

  GetMetricData(call) {
    const { MetricDataQueries: queries = [], ScanBy: scanBy } = call.input as { MetricDataQueries?: DataQuery[]; ScanBy?: string };
    const start = instantOfInput(call.input.StartTime);
    const end = instantOfInput(call.input.EndTime);
    if (start === null || end === null || start >= end) {
      throw new AwsError('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
    }
    if (queries.length === 0 || queries.length > MOST_QUERIES) {
      throw new AwsError('ValidationError', `The collection MetricDataQueries must not have more than ${MOST_QUERIES} members.`);
    }
    const most = Number(call.input.MaxDatapoints ?? MOST_POINTS);
    const wanted = queries.flatMap((query) => {
      if (query.Expression !== undefined || !query.MetricStat) {
        throw new AwsError('ValidationError', 'The double does no metric math.');
      }
      const { Metric: named, Period: period, Stat: stat } = query.MetricStat;
      if (!/^[a-z][A-Za-z0-9_]*$/.test(query.Id) || period % 60 !== 0) {
        throw new AwsError('ValidationError', `The value ${query.Id} or its period is not valid.`);
      }
      const metric = call.region.metric(named.Namespace, named.MetricName, dimensionsOf(named.Dimensions));
      const points = metric ? aggregated(metric, start, end, period * 1_000, stat) : [];
      const ordered = scanBy === 'TimestampAscending' ? points : points.reverse();
      return (ordered.length > 0 ? ordered : [null]).map((point, index) => ({ query, point, index }));
    });
    const { page, token } = pageOf(call, {
      operation: 'GetMetricData', tokenName: 'NextToken', refusal: 'InvalidNextToken', size: Math.min(most, MOST_POINTS), items: wanted,
      key: ({ query, index }) => `${String(queries.indexOf(query)).padStart(4, '0')} ${String(index).padStart(7, '0')}`,
    });
    const results = new Map<DataQuery, Record<string, unknown> & { Timestamps: Date[]; Values: number[] }>();
    for (const { query, point } of page) {
      const result = results.get(query) ?? { Id: query.Id, Label: query.Label ?? query.MetricStat!.Metric.MetricName, Timestamps: [], Values: [], StatusCode: 'Complete' };
      if (point) {
        result.Timestamps.push(new Date(point.at));
        result.Values.push(point.value);
      }
      results.set(query, result);
    }
    return { output: given({ MetricDataResults: [...results.values()], Messages: [], NextToken: token }), items: page.length };
  },
};

function dimensionsOf(dimensions: Dimension[] = []): Record<string, string> {
  return Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value ?? '']));
}

function statisticsOf(datum: Datum, member: string): { sum: number; count: number; min: number; max: number } {
  if (datum.StatisticValues) {
    const { SampleCount, Sum, Minimum, Maximum } = datum.StatisticValues;
    return { sum: Sum, count: SampleCount, min: Minimum, max: Maximum };
  }
  const values = datum.Values ?? (datum.Value === undefined ? [] : [datum.Value]);
  if (values.length === 0 || values.some((value) => !Number.isFinite(value) || Math.abs(value) > 2 ** 360)) {
    throw invalid(`The parameter ${member}.Value must be a finite number.`);
  }
  const counts = datum.Counts ?? values.map(() => 1);
  return {
    sum: values.reduce((sum, value, index) => sum + value * counts[index], 0),
    count: counts.reduce((sum, count) => sum + count, 0),
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

/** Periods begin at multiples of their length since the epoch; empty ones are left out. */
function aggregated(metric: Metric, start: number, end: number, period: number, stat: string): Array<{ at: number; value: number }> {
  const periods = new Map<number, { sum: number; count: number; min: number; max: number }>();
  for (const point of metric.points) {
    const at = Math.floor(point.at / period) * period;
    if (at >= Math.floor(start / period) * period && at < end) {
      const sum = periods.get(at) ?? { sum: 0, count: 0, min: Infinity, max: -Infinity };
      periods.set(at, { sum: sum.sum + point.sum, count: sum.count + point.count, min: Math.min(sum.min, point.min), max: Math.max(sum.max, point.max) });
    }
  }
  return [...periods]
    .sort(([a], [b]) => a - b)
    .map(([at, { sum, count, min, max }]) => ({ at, value: stat === 'Sum' ? sum : stat === 'SampleCount' ? count : stat === 'Minimum' ? min : stat === 'Maximum' ? max : sum / count }));
}
