import { type CloudWatchClient, GetMetricDataCommand, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { Instant } from '../../engine/model';
import { DAY_MS, HOUR_MS } from '../../shared/duration';
import { DoraError } from '../../shared/errors';
import type { Metric } from '../../shared/queryOptions';
import type { DataSourceStore, JsonValue } from '../../store/store';
import type { AccountRegion } from '../aws/accounts';
import { callAws } from '../aws/clients';
import type { ClosedBucket } from '../source';

/** AWS takes nothing older than two weeks, by its own clock; an hour is left for the way there. */
const OLDEST_MS = 14 * DAY_MS - HOUR_MS;
/** AWS's own limit of a call. */
const METRICS_A_CALL = 1_000;
/** CloudWatch shows what it took after a while. */
const SHOWN_AFTER_MS = 10 * 60_000;

export const PUBLISHED_NAMES: Readonly<Record<Metric, { name: string; unit: 'Count' | 'Seconds' | 'Percent' }>> = {
  'deployment-frequency': { name: 'DeploymentFrequency', unit: 'Count' },
  'lead-time': { name: 'LeadTimeForChange', unit: 'Seconds' },
  'change-failure-rate': { name: 'ChangeFailureRate', unit: 'Percent' },
  'time-to-restore': { name: 'TimeToRestore', unit: 'Seconds' },
  'rework-rate': { name: 'ReworkRate', unit: 'Percent' },
};

/** A value that is to be published, as it is kept. */
interface Value {
  /** Metric, team and repository, as JSON. */
  series: string;
  at: Instant;
  value: number;
}

/** A call whose answer never came: whether AWS took it must be found out before anything else is sent. */
interface Sent {
  at: Instant;
  values: Value[];
}

/** Start of the latest bucket of each series that AWS took. */
type Published = Record<string, Instant>;

/**
 * Puts each closed bucket into CloudWatch once. What is about to be sent is noted before, and what was taken after, so a
 * stop in between sends nothing twice: it is looked up first. AWS takes a call whole or not at all.
 */
export async function publishBuckets(
  client: CloudWatchClient,
  store: DataSourceStore,
  place: AccountRegion,
  namespace: string,
  buckets: readonly ClosedBucket[],
  now: Instant,
  signal: AbortSignal
): Promise<number> {
  const publishedKey = `cloudwatch/published/${namespace}`;
  const sentKey = `cloudwatch/sent/${namespace}`;
  let published = ((await store.readState(publishedKey)) as Published | undefined) ?? {};
  const confirm = async (values: readonly Value[]): Promise<void> => {
    published = { ...published };
    for (const { series, at } of values) {
      published[series] = Math.max(at, published[series] ?? at);
    }
    await store.write({}, { [publishedKey]: published, [sentKey]: null });
  };
  const open = (await store.readState(sentKey)) as unknown as Sent | undefined;
  if (open) {
    if (Math.abs(now - open.at) < SHOWN_AFTER_MS) {
      return 0;
    }
    if (await wasTaken(client, place, namespace, open.values[0], signal)) {
      await confirm(open.values);
    } else {
      await store.write({}, { [sentKey]: null });
    }
  }
  const values = buckets
    .map(({ metric, team, repository, at, value }): Value => ({ series: JSON.stringify([metric, team, repository]), at, value }))
    .filter(({ series, at }) => at >= now - OLDEST_MS && at > (published[series] ?? -Infinity))
    // A series' buckets in the order of time: the latest stands for those before.
    .sort((a, b) => a.at - b.at);
  let done = 0;
  for (let index = 0; index < values.length; index += METRICS_A_CALL) {
    const batch = values.slice(index, index + METRICS_A_CALL);
    await store.write({}, { [sentKey]: { at: now, values: batch } satisfies Sent as unknown as JsonValue });
    try {
      await callAws(place, 'cloudwatch:PutMetricData', signal, () =>
        client.send(new PutMetricDataCommand({ Namespace: namespace, MetricData: batch.map(datumOf) }), { abortSignal: signal })
      );
    } catch (error) {
      if (isRefusal(error)) {
        await store.write({}, { [sentKey]: null });
      }
      throw error;
    }
    await confirm(batch);
    done += batch.length;
  }
  return done;
}

/** True when AWS answered that it did not take the call; false when nobody knows. */
function isRefusal(error: unknown): boolean {
  return error instanceof DoraError && error.code.startsWith('AWS_') && !['AWS_UNREACHABLE', 'AWS_UNAVAILABLE', 'AWS_ANSWER_UNEXPECTED'].includes(error.code);
}

function seriesOf({ series }: Value): { name: string; unit: 'Count' | 'Seconds' | 'Percent'; dimensions: Array<{ Name: string; Value: string }> } {
  const [metric, team, repository] = JSON.parse(series) as [Metric, string, string | null];
  return { ...PUBLISHED_NAMES[metric], dimensions: [{ Name: 'Team', Value: team }, ...(repository === null ? [] : [{ Name: 'Repository', Value: repository }])] };
}

function datumOf(value: Value): MetricDatum {
  const { name, unit, dimensions } = seriesOf(value);
  return { MetricName: name, Dimensions: dimensions, Timestamp: new Date(value.at), Value: value.value, Unit: unit };
}

async function wasTaken(client: CloudWatchClient, place: AccountRegion, namespace: string, value: Value, signal: AbortSignal): Promise<boolean> {
  const { name, dimensions } = seriesOf(value);
  const start = Math.floor(value.at / 60_000) * 60_000;
  const answer = await callAws(place, 'cloudwatch:GetMetricData', signal, () =>
    client.send(
      new GetMetricDataCommand({
        StartTime: new Date(start),
        EndTime: new Date(start + 60_000),
        MetricDataQueries: [{ Id: 'taken', MetricStat: { Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensions }, Period: 60, Stat: 'SampleCount' } }],
      }),
      { abortSignal: signal }
    )
  );
  return (answer.MetricDataResults?.[0]?.Values?.[0] ?? 0) > 0;
}
