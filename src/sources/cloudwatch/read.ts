import { type CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Instant } from '../../engine/model';
import { DAY_MS, HOUR_MS } from '../../shared/duration';
import type { PublishedMetric } from '../../shared/published';
import type { DataSourceStore, JsonValue } from '../../store/store';
import type { AccountRegion } from '../aws/accounts';
import { callAws } from '../aws/clients';

/** CloudWatch keeps hours for 455 days. */
const MEMORY_MS = 455 * DAY_MS;
/** Values that came late, or for an earlier time. */
const LATE_MS = 48 * HOUR_MS;
/** AWS's own limit of a call is 500 queries; each metric is two. */
const METRICS_A_CALL = 250;
const PREFIX = 'cloudwatch/series/';

/** One metric of one account's region: its hours that have values. */
export interface StoredSeries {
  /** Known from here … */
  from: Instant;
  /** … to here. */
  until: Instant;
  /** Start, sum and number of values, ascending. */
  hours: Array<[Instant, number, number]>;
}

const keyOf = (place: AccountRegion, { namespace, name }: PublishedMetric): string => `${PREFIX}${JSON.stringify([namespace, name])}/${place.scope}`;

/** All that is known of a metric, one entry a place. */
export async function storedSeries(store: DataSourceStore, { namespace, name }: PublishedMetric): Promise<StoredSeries[]> {
  return [...(await store.readStates(`${PREFIX}${JSON.stringify([namespace, name])}/`)).values()] as unknown as StoredSeries[];
}

/** Reads the metrics of a place on from where they are known; a call tells up to 250 of them. */
export async function readMetrics(client: CloudWatchClient, store: DataSourceStore, place: AccountRegion, metrics: readonly PublishedMetric[], now: Instant, signal: AbortSignal): Promise<number> {
  let points = 0;
  const known = new Map<PublishedMetric, StoredSeries | undefined>();
  for (const metric of metrics) {
    known.set(metric, (await store.readState(keyOf(place, metric))) as unknown as StoredSeries | undefined);
  }
  // New ones need their whole history; the others do not pay for it.
  const news = metrics.filter((metric) => !known.get(metric));
  const others = metrics.filter((metric) => known.get(metric));
  for (const group of [...chunks(news), ...chunks(others)]) {
    const end = Math.ceil((now + 1) / HOUR_MS) * HOUR_MS;
    const from = Math.floor(Math.min(...group.map((metric) => Math.min(now, known.get(metric)?.until ?? now - MEMORY_MS + LATE_MS))) / HOUR_MS) * HOUR_MS - LATE_MS;
    const found = await readHours(client, place, group, from, end, signal);
    const state: Record<string, JsonValue> = {};
    for (const [index, metric] of group.entries()) {
      const before = known.get(metric);
      const hours = [...(before?.hours ?? []).filter(([at]) => at < from && at >= now - MEMORY_MS), ...found[index]];
      points += found[index].length;
      state[keyOf(place, metric)] = { from: before?.from ?? from, until: now, hours } satisfies StoredSeries;
    }
    await store.write({}, state);
  }
  return points;
}

async function readHours(client: CloudWatchClient, place: AccountRegion, metrics: readonly PublishedMetric[], from: Instant, to: Instant, signal: AbortSignal): Promise<Array<StoredSeries['hours']>> {
  const queries = metrics.flatMap(({ namespace, name }, index) =>
    (['Sum', 'SampleCount'] as const).map((Stat): MetricDataQuery => ({ Id: `${Stat === 'Sum' ? 's' : 'n'}${index}`, MetricStat: { Metric: { Namespace: namespace, MetricName: name }, Period: 3_600, Stat } }))
  );
  const values = new Map<string, Map<Instant, number>>();
  let token: string | undefined;
  do {
    const answer = await callAws(place, 'cloudwatch:GetMetricData', signal, () =>
      client.send(new GetMetricDataCommand({ MetricDataQueries: queries, StartTime: new Date(from), EndTime: new Date(to), ScanBy: 'TimestampAscending', NextToken: token }), { abortSignal: signal })
    );
    for (const { Id = '', Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
      const series = values.get(Id) ?? new Map<Instant, number>();
      Timestamps.forEach((at, index) => series.set(at.getTime(), Values[index]));
      values.set(Id, series);
    }
    token = answer.NextToken;
  } while (token);
  return metrics.map((_, index) => {
    const counts = values.get(`n${index}`);
    return [...(values.get(`s${index}`) ?? [])].sort(([a], [b]) => a - b).map(([at, sum]): [Instant, number, number] => [at, sum, counts?.get(at) ?? 0]);
  });
}

function chunks(metrics: readonly PublishedMetric[]): PublishedMetric[][] {
  return Array.from({ length: Math.ceil(metrics.length / METRICS_A_CALL) }, (_, index) => metrics.slice(index * METRICS_A_CALL, (index + 1) * METRICS_A_CALL));
}
