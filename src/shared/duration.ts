const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

export const HOUR_MS = UNIT_MS.h;
export const DAY_MS = UNIT_MS.d;

/**
 * Milliseconds in a setting such as `5m`, `7d` or `26w`: a positive whole number and one of s, m, h, d, w.
 * Returns null for anything else. A day here is 24 hours: settings measure elapsed time, not calendar days.
 */
export function parseDuration(text: string): number | null {
  const match = /^([1-9]\d{0,6})(s|m|h|d|w)$/.exec(text.trim());
  if (!match) {
    return null;
  }
  return Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
}

/**
 * Milliseconds of a duration in settings, which were validated when they were read.
 * @throws Error for what `parseDuration` does not know: settings that nobody validated.
 */
export function durationMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) {
    throw new Error(`${text} is no duration.`);
  }
  return ms;
}
