import { shareBounds, sharesOf } from './change-failure-rate';
import type { DeploymentSet } from './groups';
import { OUTCOME } from './linking/linked-team';
import { type Evaluation, type Points, pointsOf } from './points';

/** METRICS: rework rate in percent: deployments that deliver only fixes, of all that the failure rate counts. */
export function reworkRate(sets: readonly DeploymentSet[], evaluation: Evaluation): Points {
  const shares = sharesOf(sets, evaluation.windows, OUTCOME.rework);
  return pointsOf(evaluation, (window) => (shares[window].all === 0 ? null : shares[window].part / shares[window].all), (window) => shareBounds(shares[window]), 100);
}
