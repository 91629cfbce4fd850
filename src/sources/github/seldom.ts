import type { Instant } from '../../engine/model';

/** What has no end yet is asked for again when it is older by this part of its age. */
const PART_OF_AGE = 20;

/** True when something that was made then and asked for then is due again: the older, the more seldom. A clock set back is no reason to wait. Pure. */
export function isDueAgain(madeAt: Instant, askedAt: Instant, now: Instant): boolean {
  return now < askedAt || now - askedAt >= (askedAt - madeAt) / PART_OF_AGE;
}
