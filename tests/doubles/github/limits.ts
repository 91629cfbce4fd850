import type { Instant } from '../shared/clock';
import type { Identity } from './access';

export type Resource = 'core' | 'graphql' | 'search';

export interface Bucket {
  limit: number;
  used: number;
  remaining: number;
  resetAt: Instant;
}

const HOUR = 3_600_000;
const MINUTE = 60_000;

export interface LimitOptions {
  /** False as on an Enterprise Server without limits: no headers, no `rateLimit`. */
  enabled?: boolean;
  /** Points an hour and token. */
  hourly?: number;
  /** Secondary limit: points a minute and token (a GraphQL query or a GET is one). GitHub's are 2,000 and 900; off unless given, for tests run much faster than their clock. */
  perMinute?: { graphql?: number; core?: number };
  /** Secondary limit: requests at one time and token. */
  concurrent?: number;
  /** How long a secondary limit asks to wait, seconds; null: it only says so in words. */
  retryAfter?: number | null;
}

/** Primary and secondary limits, each per token. */
export class Limits {
  private readonly buckets = new Map<string, { limit: number; used: number; resetAt: Instant }>();
  private readonly minutes = new Map<string, { start: Instant; points: number }>();

  constructor(readonly options: LimitOptions) {}

  get enabled(): boolean {
    return this.options.enabled !== false;
  }

  bucket(identity: Pick<Identity, 'token' | 'limit'>, resource: Resource, now: Instant): Bucket {
    const key = `${identity.token ?? ''} ${resource}`;
    let bucket = this.buckets.get(key);
    if (!bucket || bucket.resetAt <= now) {
      bucket = { limit: resource === 'search' ? 30 : identity.limit, used: 0, resetAt: now - (now % 1000) + (resource === 'search' ? MINUTE : HOUR) };
      this.buckets.set(key, bucket);
    }
    return { limit: bucket.limit, used: bucket.used, remaining: Math.max(0, bucket.limit - bucket.used), resetAt: bucket.resetAt };
  }

  charge(identity: Identity, resource: Resource, points: number, now: Instant): Bucket {
    this.bucket(identity, resource, now);
    const bucket = this.buckets.get(`${identity.token ?? ''} ${resource}`);
    if (bucket) {
      bucket.used += points;
    }
    return this.bucket(identity, resource, now);
  }

  /** Leaves so many points until the reset, `inSeconds` from now when given. */
  leave(identity: Pick<Identity, 'token' | 'limit'>, resource: Resource, remaining: number, now: Instant, inSeconds?: number): void {
    const current = this.bucket(identity, resource, now);
    this.buckets.set(`${identity.token ?? ''} ${resource}`, {
      limit: current.limit, used: Math.max(0, current.limit - remaining), resetAt: inSeconds === undefined ? current.resetAt : now + inSeconds * 1000,
    });
  }

  /** True when this request is one too many at once or within the minute. */
  enters(identity: Identity, resource: Resource, now: Instant, concurrent: number): boolean {
    const key = `${identity.token ?? ''} ${resource}`;
    const perMinute = resource === 'search' ? undefined : this.options.perMinute?.[resource];
    if (perMinute !== undefined) {
      const minute = this.minutes.get(key);
      if (!minute || now - minute.start >= MINUTE) {
        this.minutes.set(key, { start: now, points: 1 });
      } else {
        minute.points += 1;
        if (minute.points > perMinute) {
          return false;
        }
      }
    }
    return concurrent <= (this.options.concurrent ?? 100);
  }
}
