import { DoraError } from '../../shared/errors';

/** Events of one data source that are taken at once, and a second for as long as one likes. */
const AT_ONCE = 400;
const A_SECOND = 20;

/** A large body counts for as many events as it has such parts. */
const PART_BYTES = 65_536;

/** Too many events; `retryAfterSeconds` says when the next one will be taken. */
export class EventsLimitedError extends DoraError {
  constructor(readonly retryAfterSeconds: number) {
    super('EVENTS_LIMITED', `Events come too fast. The next one is taken in ${retryAfterSeconds} s.`);
    this.name = 'EventsLimitedError';
  }
}

/** How fast each data source takes events: a bucket that fills by itself and that each event takes from. */
export class EventLimit {
  private readonly buckets = new Map<string, { left: number; at: number }>();

  /** @param now Milliseconds, never going back. */
  constructor(private readonly now: () => number) {}

  /**
   * @param key of the data source
   * @throws EventsLimitedError
   */
  take(key: string, bodyBytes: number): void {
    const now = this.now();
    const bucket = this.buckets.get(key) ?? { left: AT_ONCE, at: now };
    const left = Math.min(AT_ONCE, bucket.left + ((now - bucket.at) / 1_000) * A_SECOND);
    const cost = 1 + Math.floor(bodyBytes / PART_BYTES);
    const taken = left >= cost;
    this.buckets.set(key, { left: taken ? left - cost : left, at: now });
    if (!taken) {
      throw new EventsLimitedError(Math.ceil((cost - left) / A_SECOND));
    }
  }
}
