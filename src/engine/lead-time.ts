import { eachSlice, type Windows } from './buckets';
import type { DeliverySet } from './groups';
import { type Evaluation, type Points, pointsOf } from './points';
import { DELIVERY } from './linking/service';
import { statisticBounds, statisticOf } from './statistics';

/** True when a delivery counts for lead time. */
export function isCounted(rowFlags: number, includeBaseline: boolean): boolean {
  return (rowFlags & (DELIVERY.carrier | DELIVERY.excluded)) === 0 && (includeBaseline || (rowFlags & DELIVERY.baseline) === 0);
}

/** Lead times in ms of the changes delivered in each window. */
export function leadTimes(sets: readonly DeliverySet[], windows: Pick<Windows, 'starts' | 'ends'>, includeBaseline: boolean): Float64Array[] {
  // Room for all, counted first: growing a column a window would cost more than the samples.
  const room = new Int32Array(windows.starts.length);
  for (const { times, rowStart } of sets) {
    eachSlice(times, windows, (window, low, high) => {
      room[window] += rowStart[high] - rowStart[low];
    });
  }
  const samples = Array.from(room, (length) => new Float64Array(length));
  const filled = new Int32Array(windows.starts.length);
  for (const { times, rowStart, lead, rowFlags } of sets) {
    eachSlice(times, windows, (window, low, high) => {
      const own = samples[window];
      let at = filled[window];
      for (let row = rowStart[low]; row < rowStart[high]; row += 1) {
        if (isCounted(rowFlags[row], includeBaseline)) {
          own[at] = lead[row];
          at += 1;
        }
      }
      filled[window] = at;
    });
  }
  return samples.map((own, window) => own.subarray(0, filled[window]));
}

/** METRICS: lead time for changes, in seconds: first commit to the finish of the deployment that delivered it. */
export function leadTime(sets: readonly DeliverySet[], evaluation: Evaluation): Points {
  const { windows, query } = evaluation;
  if (query.statistic === 'mean' && !query.confidence) {
    return meanLeadTime(sets, evaluation);
  }
  const samples = leadTimes(sets, windows, query.includeBaseline);
  return pointsOf(
    evaluation,
    (window) => statisticOf(samples[window], query.statistic),
    (window) => statisticBounds(samples[window], query.statistic),
    1 / 1000
  );
}

/** The mean needs no samples: numbers and sums were added up for each deployment when it was linked. */
function meanLeadTime(sets: readonly DeliverySet[], evaluation: Evaluation): Points {
  const { windows, query } = evaluation;
  const counts = new Float64Array(windows.starts.length);
  const totals = new Float64Array(windows.starts.length);
  for (const { times, rowStart, lead, rowFlags, sums } of sets) {
    eachSlice(times, windows, (window, low, high) => {
      if (sums === null) {
        for (let row = rowStart[low]; row < rowStart[high]; row += 1) {
          if (isCounted(rowFlags[row], query.includeBaseline)) {
            counts[window] += 1;
            totals[window] += lead[row];
          }
        }
        return;
      }
      for (let index = low; index < high; index += 1) {
        if (query.includeBaseline || !sums.isBaseline(index)) {
          counts[window] += sums.counted[index];
          totals[window] += sums.leadSum[index];
        }
      }
    });
  }
  return pointsOf(
    evaluation,
    (window) => (counts[window] === 0 ? null : totals[window] / counts[window]),
    () => ({ lower: null, upper: null }),
    1 / 1000
  );
}
