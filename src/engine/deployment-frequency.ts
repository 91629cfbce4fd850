import { DAY_MS } from '../shared/duration';
import type { DoraQuery } from '../shared/query';
import { type Calendar, eachSlice, localDays, type Windows } from './buckets';
import { lowerBound } from './columns';
import type { DeploymentSet } from './groups';
import { OUTCOME } from './linking/linked-team';
import { type Evaluation, type Points, pointsOf } from './points';
import { poissonBounds, UNBOUNDED } from './statistics';

/** Deployments that count for frequency: succeeded and standard; rollbacks and retries where the query adds them. */
function frequencyMask(query: DoraQuery): number {
  return OUTCOME.standard | (query.includeRollbacks ? OUTCOME.rollback : 0) | (query.includeRetries ? OUTCOME.retry : 0);
}

/** Deployments in each window. */
export function countDeployments(sets: readonly DeploymentSet[], windows: Pick<Windows, 'starts' | 'ends'>, query: DoraQuery): number[] {
  const mask = frequencyMask(query);
  const counts = windows.starts.map(() => 0);
  for (const { times, outcomes } of sets) {
    eachSlice(times, windows, (window, low, high) => {
      let count = 0;
      for (let index = low; index < high; index += 1) {
        if ((outcomes[index] & mask) !== 0) {
          count += 1;
        }
      }
      counts[window] += count;
    });
  }
  return counts;
}

/** Distinct local days with a deployment in each window. */
export function countDeploymentDays(sets: readonly DeploymentSet[], windows: Pick<Windows, 'starts' | 'ends'>, query: DoraQuery, calendar: Calendar): number[] {
  const mask = frequencyMask(query);
  const seen = windows.starts.map(() => new Set<number>());
  for (const { times, outcomes } of sets) {
    if (times.length === 0 || windows.starts.length === 0) {
      continue;
    }
    const from = Math.max(windows.starts[0], times[0]);
    const until = Math.min(windows.ends[windows.ends.length - 1], times[times.length - 1] + 1);
    const days = localDays(from, until, calendar);
    eachSlice(times, windows, (window, low, high) => {
      for (let index = low; index < high; index += 1) {
        if ((outcomes[index] & mask) !== 0) {
          // The last boundary that is not after the deployment.
          seen[window].add(days[lowerBound(days, times[index] + 1) - 1]);
        }
      }
    });
  }
  return seen.map((days) => days.size);
}

/** METRICS: deployment frequency. An empty window is 0. `per-day` divides by real elapsed time, never floored. */
export function deploymentFrequency(sets: readonly DeploymentSet[], evaluation: Evaluation): Points {
  const { windows, query, calendar } = evaluation;
  if (query.measure === 'days') {
    const days = countDeploymentDays(sets, windows, query, calendar);
    return pointsOf(evaluation, (window) => days[window], () => UNBOUNDED);
  }
  const counts = countDeployments(sets, windows, query);
  const divisor = (window: number): number => (query.measure === 'per-day' ? (windows.ends[window] - windows.starts[window]) / DAY_MS : 1);
  return pointsOf(
    evaluation,
    (window) => counts[window] / divisor(window),
    (window) => {
      const { lower, upper } = poissonBounds(counts[window]);
      return { lower: lower! / divisor(window), upper: upper! / divisor(window) };
    }
  );
}
