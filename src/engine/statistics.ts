import type { Statistic } from '../shared/query';

const QUANTILES: Record<Exclude<Statistic, 'mean'>, number> = { median: 0.5, p75: 0.75, p90: 0.9, p95: 0.95 };

/** z of a two-sided 95 % interval. */
const Z95 = 1.959963984540054;

/** Mean of whole milliseconds, or null of nothing. */
export function mean(values: ArrayLike<number>): number | null {
  if (values.length === 0) {
    return null;
  }
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) {
    sum += values[index];
  }
  return sum / values.length;
}

/** Quantile 0…1 by linear interpolation between order statistics (Hyndman and Fan's type 7); `sorted` ascends. */
export function quantile(sorted: ArrayLike<number>, q: number): number | null {
  if (sorted.length === 0) {
    return null;
  }
  const position = (sorted.length - 1) * q;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/** The statistic of unsorted values, which it may reorder. */
export function statisticOf(values: Float64Array, statistic: Statistic): number | null {
  return statistic === 'mean' ? mean(values) : quantile(values.sort(), QUANTILES[statistic]);
}

/** A 95 % interval around a value; null where it cannot be told. */
export interface Bounds {
  lower: number | null;
  upper: number | null;
}

export const UNBOUNDED: Bounds = { lower: null, upper: null };

/** Wilson's score interval of a share, as shares 0…1 (E. B. Wilson, 1927). */
export function wilson(successes: number, trials: number): Bounds {
  if (trials === 0) {
    return UNBOUNDED;
  }
  const share = successes / trials;
  const z2 = Z95 * Z95;
  const centre = share + z2 / (2 * trials);
  const spread = Z95 * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials * trials));
  const scale = 1 + z2 / trials;
  return { lower: Math.max(0, (centre - spread) / scale), upper: Math.min(1, (centre + spread) / scale) };
}

/**
 * Interval of a quantile between two of its own order statistics: ranks where the binomial distribution of "how many
 * samples lie below it" leaves 2.5 % on either side. Null on a side that the sample is too small to bound.
 */
export function quantileBounds(sorted: ArrayLike<number>, q: number): Bounds {
  const n = sorted.length;
  if (n === 0) {
    return UNBOUNDED;
  }
  let low: number;
  let high: number;
  if (n <= 200) {
    // Largest r with P(X < r) ≤ 2.5 %, smallest s with P(X ≥ s) ≤ 2.5 %, X ~ Binomial(n, q).
    let term = Math.pow(1 - q, n);
    let below = 0;
    low = 0;
    high = n + 1;
    for (let k = 0; k <= n; k += 1) {
      // Here `below` is P(X ≤ k − 1).
      if (below <= 0.025) {
        low = k;
      }
      if (1 - below <= 0.025 && high > n) {
        high = k;
      }
      below += term;
      term *= ((n - k) / (k + 1)) * (q / (1 - q));
    }
  } else {
    const spread = Z95 * Math.sqrt(n * q * (1 - q));
    low = Math.floor(n * q - spread);
    high = Math.ceil(n * q + spread) + 1;
  }
  return { lower: low >= 1 ? sorted[low - 1] : null, upper: high <= n ? sorted[high - 1] : null };
}

/** Interval of a mean by its own spread (normal approximation); null of fewer than two samples. */
export function meanBounds(values: ArrayLike<number>): Bounds {
  const n = values.length;
  const average = mean(values);
  if (average === null || n < 2) {
    return UNBOUNDED;
  }
  let squares = 0;
  for (let index = 0; index < n; index += 1) {
    squares += (values[index] - average) ** 2;
  }
  const spread = (Z95 * Math.sqrt(squares / (n - 1))) / Math.sqrt(n);
  return { lower: Math.max(0, average - spread), upper: average + spread };
}

/** Interval of the statistic; `values` may be reordered. */
export function statisticBounds(values: Float64Array, statistic: Statistic): Bounds {
  return statistic === 'mean' ? meanBounds(values) : quantileBounds(values.sort(), QUANTILES[statistic]);
}

/** Interval of the rate behind a count of independent events (Poisson, by Byar's approximation). */
export function poissonBounds(count: number): Bounds {
  const cube = (n: number, sign: number): number => n * (1 - 1 / (9 * n) + (sign * Z95) / (3 * Math.sqrt(n))) ** 3;
  return { lower: count === 0 ? 0 : Math.max(0, cube(count, -1)), upper: cube(count + 1, 1) };
}

/** True when two shares differ by more than chance would (two-proportion z test, 95 %). */
export function sharesDiffer(successes1: number, trials1: number, successes2: number, trials2: number): boolean {
  if (trials1 === 0 || trials2 === 0) {
    return false;
  }
  const pooled = (successes1 + successes2) / (trials1 + trials2);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / trials1 + 1 / trials2));
  return deviation > 0 && Math.abs(successes1 / trials1 - successes2 / trials2) / deviation > Z95;
}

/** True when two counts over the given lengths of time come from different rates (conditional binomial, 95 %). */
export function countsDiffer(count1: number, length1: number, count2: number, length2: number): boolean {
  const total = count1 + count2;
  if (total === 0 || length1 <= 0 || length2 <= 0) {
    return false;
  }
  const share = length1 / (length1 + length2);
  return Math.abs(count1 - total * share) / Math.sqrt(total * share * (1 - share)) > Z95;
}

/** True when two samples of durations are shifted against each other (Mann-Whitney U with ties, 95 %). */
export function samplesDiffer(first: Float64Array, second: Float64Array): boolean {
  const n = first.length;
  const m = second.length;
  if (n < 5 || m < 5) {
    return false;
  }
  const a = Float64Array.from(first).sort();
  const b = Float64Array.from(second).sort();
  let u = 0;
  let ties = 0;
  for (let i = 0, j = 0; i < n || j < m; ) {
    const value = j >= m || (i < n && a[i] <= b[j]) ? a[i] : b[j];
    let inA = 0;
    let inB = 0;
    while (i < n && a[i] === value) {
      i += 1;
      inA += 1;
    }
    // How many of b were below this value.
    u += inA * j;
    while (j < m && b[j] === value) {
      j += 1;
      inB += 1;
    }
    u += (inA * inB) / 2;
    const tied = inA + inB;
    ties += tied ** 3 - tied;
  }
  const total = n + m;
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  return deviation > 0 && Math.abs(u - (n * m) / 2) / deviation > Z95;
}
