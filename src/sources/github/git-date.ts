import type { Instant } from '../../engine/model';

/**
 * A date that git keeps as somebody's clock had it. One that no calendar has (milliseconds in the place of seconds make the
 * year 54,000) is 0, which is ignored and counted like every author's date from before git.
 */
export function gitDate(text: string): Instant {
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : at;
}
