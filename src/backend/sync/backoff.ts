/** The first pause after a failed pass; each further failure in a row doubles it. */
const FIRST_PAUSE_MS = 10_000;

/** Milliseconds from the end of a pass to the next one. */
export function pauseAfterPass(every: number, failuresInARow: number): number {
  return failuresInARow === 0 ? every : Math.min(every, FIRST_PAUSE_MS * 2 ** Math.min(failuresInARow - 1, 20));
}
