import type { Instant } from '../../engine/model';
import { DAY_MS } from '../../shared/duration';

/** Two clocks differ by so much without either being wrong; less than what every list is read again below its watermark. */
const TOLERANCE_MS = 10 * 60_000;

/**
 * Up to when a list is known, after its newest element was read. An Enterprise server whose clock was wrong, and imports,
 * date things into the future: what comes before then would be taken for old. Pure.
 */
export function believable(newest: Instant, now: Instant): Instant {
  return newest > now + TOLERANCE_MS ? now : newest;
}

/**
 * A stored watermark, before it is used. One that GitHub's clock has not reached comes from before that was set back: what
 * came since lies below it, so the last day is read again. Pure.
 */
export function trusted(newest: Instant, now: Instant): Instant {
  return newest > now + TOLERANCE_MS ? now - DAY_MS : newest;
}
