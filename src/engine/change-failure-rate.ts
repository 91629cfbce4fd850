import { eachSlice, type Windows } from './buckets';
import type { DeploymentSet } from './groups';
import type { Incident } from './linking/incidents';
import { OUTCOME } from './linking/linked-team';
import { type Evaluation, type Points, pointsOf } from './points';
import { UNBOUNDED, wilson } from './statistics';

/** Numbers that a rate of deployments is made of. */
export interface Share {
  part: number;
  all: number;
}

/** Deployments with a bit of OUTCOME, of all that a rate counts (METRICS, §5 "All"), in each window. */
export function sharesOf(sets: readonly DeploymentSet[], windows: Pick<Windows, 'starts' | 'ends'>, bit: number): Share[] {
  const shares = windows.starts.map(() => ({ part: 0, all: 0 }));
  for (const { times, outcomes } of sets) {
    eachSlice(times, windows, (window, low, high) => {
      let part = 0;
      let all = 0;
      for (let index = low; index < high; index += 1) {
        if ((outcomes[index] & (OUTCOME.standard | OUTCOME.attempt)) !== 0) {
          all += 1;
          if ((outcomes[index] & bit) !== 0) {
            part += 1;
          }
        }
      }
      shares[window].part += part;
      shares[window].all += all;
    });
  }
  return shares;
}

export function shareBounds({ part, all }: Share): { lower: number | null; upper: number | null } {
  return wilson(part, all);
}

/** Incidents by opening: number in each window. */
function opened(incidents: readonly Incident[], windows: Pick<Windows, 'starts' | 'ends'>): number[] {
  const counts = windows.starts.map(() => 0);
  const times = Float64Array.from(incidents, ({ openedAt }) => openedAt).sort();
  eachSlice(times, windows, (window, low, high) => {
    counts[window] += high - low;
  });
  return counts;
}

function succeeded(sets: readonly DeploymentSet[], windows: Pick<Windows, 'starts' | 'ends'>): number[] {
  const counts = windows.starts.map(() => 0);
  for (const { times, outcomes } of sets) {
    eachSlice(times, windows, (window, low, high) => {
      for (let index = low; index < high; index += 1) {
        counts[window] += (outcomes[index] & OUTCOME.standard) !== 0 ? 1 : 0;
      }
    });
  }
  return counts;
}

/** METRICS: change failure rate in percent, null where nothing was deployed. */
export function changeFailureRate(sets: readonly DeploymentSet[], incidents: () => readonly Incident[], evaluation: Evaluation): Points {
  const { windows, query } = evaluation;
  if (query.basis === 'incidents') {
    // The AWS sample's ratio: it may pass 100 %.
    const troubles = opened(incidents(), windows);
    const deployments = succeeded(sets, windows);
    return pointsOf(evaluation, (window) => (deployments[window] === 0 ? null : troubles[window] / deployments[window]), () => UNBOUNDED, 100);
  }
  const shares = sharesOf(sets, windows, OUTCOME.failed);
  return pointsOf(evaluation, (window) => (shares[window].all === 0 ? null : shares[window].part / shares[window].all), (window) => shareBounds(shares[window]), 100);
}
