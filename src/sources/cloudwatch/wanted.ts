import type { Instant } from '../../engine/model';
import { DAY_MS } from '../../shared/duration';
import { DoraError } from '../../shared/errors';
import type { PublishedMetric } from '../../shared/published';
import type { DataSourceStore, JsonValue } from '../../store/store';

const PREFIX = 'cloudwatch/wanted/';
/** A metric that no query has named for so long is no longer read. */
const FORGOTTEN_MS = 30 * DAY_MS;
/** Each costs money with every pass. */
export const MOST_WANTED = 250;
/** That a metric is still asked for is noted this often. */
const NOTED_MS = DAY_MS;

/** A metric that queries ask for: queries never touch the network, so the next pass reads it. */
interface Wanted extends PublishedMetric {
  askedAt: Instant;
}

const keyOf = ({ namespace, name }: PublishedMetric): string => `${PREFIX}${JSON.stringify([namespace, name])}`;

/**
 * Notes that a query asks for these metrics.
 * @param may whether whoever asks may have a metric read that was not read before
 * @returns `added` when one of them is new, so that a pass is worth while now; `refused` when one may not be added
 * @throws DoraError QUERY_INVALID for a new one beyond the most that are read
 */
export async function noteWanted(store: DataSourceStore, metrics: readonly PublishedMetric[], now: Instant, may: (metric: PublishedMetric) => boolean): Promise<{ added: boolean; refused: boolean }> {
  let added = false;
  let refused = false;
  for (const metric of metrics) {
    const known = (await store.readState(keyOf(metric))) as unknown as Wanted | undefined;
    if (!known && !may(metric)) {
      refused = true;
    } else if (!known || now - known.askedAt > NOTED_MS) {
      if (!known && (await store.readStates(PREFIX)).size >= MOST_WANTED) {
        throw new DoraError('QUERY_INVALID', `metricName: ${MOST_WANTED} metrics of CloudWatch are read already; one that nobody asks for is forgotten after 30 days.`, { field: 'metricName' });
      }
      added ||= !known;
      await store.write({}, { [keyOf(metric)]: { ...metric, askedAt: now } satisfies Wanted as unknown as JsonValue });
    }
  }
  return { added, refused };
}

/** What to read now; what was forgotten goes. */
export async function wantedMetrics(store: DataSourceStore, now: Instant): Promise<PublishedMetric[]> {
  const wanted: PublishedMetric[] = [];
  const forgotten: Record<string, null> = {};
  for (const [key, value] of await store.readStates(PREFIX)) {
    const { namespace, name, askedAt } = value as unknown as Wanted;
    if (now - askedAt > FORGOTTEN_MS) {
      forgotten[key] = null;
    } else {
      wanted.push({ namespace, name });
    }
  }
  if (Object.keys(forgotten).length > 0) {
    await store.write({}, forgotten);
  }
  return wanted;
}
