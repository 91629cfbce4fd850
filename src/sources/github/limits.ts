import type { Instant } from '../../engine/model';
import { reserveWait, type Budget } from './policy';

/** GitHub counts REST calls and GraphQL points apart. */
export type Resource = 'core' | 'graphql';

/**
 * What is known of one credential's limits, shared by all who use it; and the lane in which its calls wait for each other,
 * for GitHub answers parallel queries of one token with secondary limits.
 */
export class CredentialLimits {
  private readonly budgets = new Map<Resource, Budget>();
  private blockedUntil: Instant = 0;
  private tail: Promise<unknown> = Promise.resolve();

  /** Runs one after the other, whatever became of the one before. */
  inLane<T>(work: () => Promise<T>): Promise<T> {
    const result = this.tail.then(work, work);
    this.tail = result.catch(() => undefined);
    return result;
  }

  note(resource: Resource, budget: Budget | null): void {
    if (budget !== null) {
      this.budgets.set(resource, budget);
    }
  }

  budget(resource: Resource): Budget | null {
    return this.budgets.get(resource) ?? null;
  }

  block(until: Instant): void {
    this.blockedUntil = Math.max(this.blockedUntil, until);
  }

  /** Milliseconds before a call may be made: a limit that GitHub declared, or the reserve. */
  wait(resource: Resource, now: Instant): { ms: number; reason: 'limit' | 'reserve' } {
    // An hour is GitHub's longest window: what lies further ahead is a clock that was set back.
    const blocked = Math.min(this.blockedUntil - now, 62 * 60_000);
    if (blocked > 0) {
      return { ms: blocked, reason: 'limit' };
    }
    return { ms: reserveWait(this.budget(resource), now), reason: 'reserve' };
  }

  /** After a wait: what was known is over, the next answer tells anew. */
  resume(resource: Resource): void {
    this.blockedUntil = 0;
    this.budgets.delete(resource);
  }
}
