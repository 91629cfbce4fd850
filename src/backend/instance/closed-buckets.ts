import type { DoraEngine } from '../../engine/engine';
import type { Instant } from '../../engine/model';
import { METRICS, parseQuery } from '../../shared/query';
import type { ClosedBucket } from '../../sources/source';

/**
 * Our own numbers of each whole day, per team and per repository of a team. Failure rate and restore come when the
 * incident window has passed.
 * @param until when all sources had last told everything: no day after it is closed
 */
export function closedBuckets(engine: DoraEngine, from: Instant, until: Instant): ClosedBucket[] {
  if (until <= from) {
    return [];
  }
  return METRICS.flatMap((metric) =>
    (['team', 'repository'] as const).flatMap((groupBy) => {
      const query = parseQuery({ metric, groupBy, interval: 'day', statistic: 'mean', measure: 'count', completeBucketsOnly: true });
      const answer = engine.answer(query, { from, to: until }, until);
      if (answer.kind !== 'timeseries') {
        return [];
      }
      return answer.series.flatMap(({ labels, times, values }) =>
        times.flatMap((at, index): ClosedBucket[] => {
          const value = values[index];
          return value === null || labels.team === undefined ? [] : [{ metric, team: labels.team, repository: labels.repository ?? null, at, value }];
        })
      );
    })
  );
}
