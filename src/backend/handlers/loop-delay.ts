import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How finely the loop is watched, in ms: a delay shorter than this is none. */
const RESOLUTION_MS = 20;

/** Seconds that work stood in the way of other work. */
export interface LoopDelay {
  longest: number;
  p99: number;
  mean: number;
}

/** How long the thread that answers queries was held at a time; it is watched from the first question on, so that nobody pays who does not ask. */
export class LoopWatch {
  private histogram: IntervalHistogram | null = null;

  /** Since the question before; null at the first one. */
  sinceLast(): LoopDelay | null {
    if (this.histogram === null) {
      this.histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.histogram.enable();
      return null;
    }
    const { max, mean } = this.histogram;
    const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9);
    const delay = { longest: seconds(max), p99: seconds(this.histogram.percentile(99)), mean: Number.isNaN(mean) ? 0 : seconds(mean) };
    this.histogram.reset();
    return delay;
  }
}
