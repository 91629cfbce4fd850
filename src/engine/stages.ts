import { eachSlice } from './buckets';
import { type ChangeMoments, momentsOfChange } from './linking/changes';
import { Float64Column } from './columns';
import type { Facts } from './facts/facts';
import type { DeliverySet } from './groups';
import { isCounted } from './lead-time';
import { stageBoundaries, STAGES } from './moments';
import { type Evaluation, type Points, pointsOf } from './points';
import { statisticBounds, statisticOf } from './statistics';

/** Milliseconds that a delivered change spent in each stage; their sum is its lead time. */
export function stagesOf({ firstCommitAt, openedAt, firstReviewAt, approvedAt, mergedAt }: ChangeMoments, deployedAt: number, out: Float64Array): void {
  const boundaries = new Float64Array(STAGES.length + 1);
  stageBoundaries(firstCommitAt, openedAt, firstReviewAt, approvedAt, mergedAt, deployedAt, boundaries);
  for (let stage = 0; stage < STAGES.length; stage += 1) {
    out[stage] = boundaries[stage + 1] - boundaries[stage];
  }
}

/** The statistic of each stage in seconds, in the order of STAGES. Means add up to the mean lead time. */
export function stageTimes(sets: readonly DeliverySet[], evaluation: Evaluation, facts: Facts): Points[] {
  const { windows, query } = evaluation;
  const samples = STAGES.map(() => windows.starts.map(() => new Float64Column()));
  const spent = new Float64Array(STAGES.length);
  for (const { times, rowStart, rowFlags, change } of sets) {
    eachSlice(times, windows, (window, low, high) => {
      for (let index = low; index < high; index += 1) {
        for (let row = rowStart[index]; row < rowStart[index + 1]; row += 1) {
          if (isCounted(rowFlags[row], query.includeBaseline)) {
            stagesOf(momentsOfChange(change[row], facts), times[index], spent);
            for (let stage = 0; stage < STAGES.length; stage += 1) {
              samples[stage][window].push(spent[stage]);
            }
          }
        }
      }
    });
  }
  return samples.map((ofStage) => {
    const values = ofStage.map((column) => column.values.subarray(0, column.length));
    return pointsOf(evaluation, (window) => statisticOf(values[window], query.statistic), (window) => statisticBounds(values[window], query.statistic), 1 / 1000);
  });
}
