import { randomBytes } from 'node:crypto';
import type { Instant } from '../shared/clock';

interface Issued {
  /** The request that it continues, without the token: AWS refuses a token with other parameters. */
  request: string;
  after: string[];
  expiresAt: Instant;
}

/** Page tokens that tell nobody anything, end after a while, and go with one request only. */
export class PageTokens {
  private readonly issued = new Map<string, Issued>();

  constructor(private lifetimeMs = 86_400_000) {}

  issue(request: string, after: string[], now: Instant): string {
    const token = randomBytes(48).toString('base64url');
    this.issued.set(token, { request, after, expiresAt: now + this.lifetimeMs });
    return token;
  }

  /** Where to go on; null for a token that is unknown, too old or of another request. */
  redeem(token: string, request: string, now: Instant): string[] | null {
    const found = this.issued.get(token);
    return found && found.request === request && now < found.expiresAt ? found.after : null;
  }

  setLifetime(ms: number): void {
    this.lifetimeMs = ms;
  }

  expireAll(): void {
    this.issued.clear();
  }
}
