import { eachSlice, type Windows } from './buckets';
import type { Incident } from './incidents';
import { type Evaluation, type Points, pointsOf } from './points';
import { statisticBounds, statisticOf } from './statistics';

/** Time to restore of one incident in ms, never negative; null while it is open. */
export function restoreTime({ openedAt, resolvedAt }: Incident): number | null {
  return resolvedAt === null ? null : Math.max(0, resolvedAt - openedAt);
}

/** Times to restore in ms of the incidents resolved in each window. */
export function restoreTimes(incidents: readonly Incident[], windows: Pick<Windows, 'starts' | 'ends'>): Float64Array[] {
  const resolved = incidents.filter((incident) => incident.resolvedAt !== null).sort((a, b) => a.resolvedAt! - b.resolvedAt!);
  const times = Float64Array.from(resolved, ({ resolvedAt }) => resolvedAt!);
  const samples = windows.starts.map(() => new Float64Array(0));
  eachSlice(times, windows, (window, low, high) => {
    samples[window] = Float64Array.from(resolved.slice(low, high), (incident) => restoreTime(incident)!);
  });
  return samples;
}

/** METRICS: time to restore in seconds, by resolution; a window without a resolved incident is a gap, not 0. */
export function timeToRestore(incidents: () => readonly Incident[], evaluation: Evaluation): Points {
  const { windows, query } = evaluation;
  const samples = restoreTimes(incidents(), windows);
  return pointsOf(
    evaluation,
    (window) => statisticOf(samples[window], query.statistic),
    (window) => statisticBounds(samples[window], query.statistic),
    1 / 1000
  );
}
