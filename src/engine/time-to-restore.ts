import { eachSlice, type Windows } from './buckets';
import type { ResolvedSet } from './groups';
import { type Evaluation, type Points, pointsOf } from './points';
import { statisticBounds, statisticOf } from './statistics';

/** Times to restore in ms of the incidents resolved in each window. */
export function restoreTimes({ times, restore }: ResolvedSet, windows: Pick<Windows, 'starts' | 'ends'>): Float64Array[] {
  const samples = windows.starts.map(() => new Float64Array(0));
  eachSlice(times, windows, (window, low, high) => {
    samples[window] = restore.slice(low, high);
  });
  return samples;
}

/** METRICS: time to restore in seconds, by resolution; a window without a resolved incident is a gap, not 0. */
export function timeToRestore(resolved: ResolvedSet, evaluation: Evaluation): Points {
  const { windows, query } = evaluation;
  const samples = restoreTimes(resolved, windows);
  return pointsOf(
    evaluation,
    (window) => statisticOf(samples[window], query.statistic),
    (window) => statisticBounds(samples[window], query.statistic),
    1 / 1000
  );
}
