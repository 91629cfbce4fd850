/** Items that are handled between two chances to let other work in: a few milliseconds of work at most. */
export const STEP = 10_000;

/** The same where each item makes objects or is about texts. */
export const COSTLY_STEP = 1_000;

/** Runs steps one after another, for a caller that cannot wait. */
export function atOnce<Result>(steps: Generator<void, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value;
    }
  }
}

/**
 * Sorts numbers in place, stably, by merging the runs that are there: what is in order already, or the other way round,
 * is looked at once.
 */
export function* sortInSteps(list: Int32Array, compare: (a: number, b: number) => number): Generator<void, void> {
  let work = 0;
  let starts: number[] = [];
  for (let at = 0; at < list.length; ) {
    starts.push(at);
    let end = at + 1;
    const falls = end < list.length && compare(list[at], list[end]) > 0;
    while (end < list.length && compare(list[end - 1], list[end]) > 0 === falls) {
      end += 1;
      work += 1;
      if (work % STEP === 0) {
        yield;
      }
    }
    if (falls) {
      list.subarray(at, end).reverse();
    }
    at = end;
  }
  let from = list;
  let to = starts.length > 1 ? new Int32Array(list.length) : list;
  while (starts.length > 1) {
    const merged: number[] = [];
    for (let run = 0; run < starts.length; run += 2) {
      merged.push(starts[run]);
      const middle = starts[run + 1] ?? list.length;
      const end = starts[run + 2] ?? list.length;
      let left = starts[run];
      let right = middle;
      for (let at = left; at < end; at += 1) {
        const takesLeft = left < middle && (right >= end || compare(from[left], from[right]) <= 0);
        to[at] = takesLeft ? from[left++] : from[right++];
        work += 1;
        if (work % STEP === 0) {
          yield;
        }
      }
    }
    starts = merged;
    [from, to] = [to, from];
  }
  if (from !== list) {
    list.set(from);
  }
}
