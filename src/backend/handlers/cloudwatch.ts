import type { Answer } from '../../engine/answer';
import type { TimeRange } from '../../engine/engine';
import type { Instant } from '../../engine/model';
import { publishedAnswer, type PublishedHour } from '../../engine/published';
import { PUBLISHED_METRICS, type PublishedMetric, publishedMetricsOf } from '../../shared/published';
import type { DoraQuery } from '../../shared/query';
import { storedSeries } from '../../sources/cloudwatch/read';
import { noteWanted } from '../../sources/cloudwatch/wanted';
import type { SourceContext } from '../../sources/source';
import type { DataSourceStore } from '../../store/store';

/** What is needed of a data source: what is stored, and who reads on. */
interface Asked {
  sourceContext(): Pick<SourceContext, 'store' | 'settings'>;
  scheduler: { wake(source: string): void };
}

/**
 * Answers from what was read of CloudWatch before; a metric that was never asked for is read soon after. Reading costs
 * money and shows what the credentials may see, so which metrics are read besides those of the sample is for editors to say.
 * @param mayChoose whether whoever asks may edit
 */
export async function answerCloudWatch(instance: Asked, query: DoraQuery, range: TimeRange, now: Instant, mayChoose: boolean): Promise<Answer> {
  const { store, settings } = instance.sourceContext();
  const own = publishedMetricsOf(query);
  const deployments = query.metric === 'change-failure-rate' ? publishedMetricsOf({ metric: 'deployment-frequency' }) : [];
  const noted = await noteWanted(store, [...own, ...deployments], now, mayChoose ? () => true : isOfSample);
  if (noted.added) {
    instance.scheduler.wake('cloudwatch');
  }
  const hours = await firstKnown(store, own);
  const divisor = await firstKnown(store, deployments);
  const from = hours.from === null || divisor.from === null ? (deployments.length === 0 ? hours.from : null) : Math.max(hours.from, divisor.from);
  const answer = publishedAnswer(query, { hours: hours.hours, deployments: divisor.hours, from }, range, now, { timezone: query.timezone ?? settings.timezone, weekStart: settings.weekStart });
  return noted.refused ? { ...answer, notices: [...answer.notices, { severity: 'warning', text: 'This metric is read once somebody with the role Editor has asked for it.' }] } : answer;
}

function isOfSample({ namespace, name }: PublishedMetric): boolean {
  return Object.values(PUBLISHED_METRICS).some((metrics) => metrics.some((one) => one.namespace === namespace && one.name === name));
}

/** The first of these metrics that has values, over all accounts and regions. */
async function firstKnown(store: DataSourceStore, metrics: readonly PublishedMetric[]): Promise<{ hours: PublishedHour[]; from: Instant | null }> {
  let from: Instant | null = null;
  for (const metric of metrics) {
    const series = await storedSeries(store, metric);
    if (series.length > 0) {
      const since = Math.max(...series.map((one) => one.from));
      from = from === null ? since : Math.max(from, since);
    }
    const hours = new Map<Instant, PublishedHour>();
    for (const [at, sum, count] of series.flatMap((one) => one.hours)) {
      const known = hours.get(at);
      hours.set(at, { at, sum: sum + (known?.sum ?? 0), count: count + (known?.count ?? 0) });
    }
    if (hours.size > 0) {
      return { hours: [...hours.values()].sort((a, b) => a.at - b.at), from };
    }
  }
  return { hours: [], from };
}
