/** Milliseconds since the epoch, UTC. */
export type Instant = number;

/** Accepts an ISO 8601 time or milliseconds; throws for anything else. */
export function instant(value: string | number): Instant {
  const at = typeof value === 'number' ? value : Date.parse(value);
  if (!Number.isFinite(at)) {
    throw new Error(`not a time: ${String(value)}`);
  }
  return at;
}

/** GitHub's own spelling: whole seconds, `Z`. */
export function timestamp(at: Instant): string {
  return new Date(at).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** What time it is at the double. It runs with the machine's clock (shifted) or stands still until it is told. */
export class Clock {
  private frozenAt: Instant | null;
  private shift = 0;

  constructor(now: string | number | null = null, running = now === null) {
    this.frozenAt = null;
    if (now !== null) {
      this.set(now, running);
    }
  }

  now(): Instant {
    return this.frozenAt ?? Date.now() + this.shift;
  }

  set(now: string | number, running = this.frozenAt === null): void {
    const at = instant(now);
    this.frozenAt = running ? null : at;
    this.shift = running ? at - Date.now() : 0;
  }

  advance(ms: number): void {
    if (this.frozenAt === null) {
      this.shift += ms;
    } else {
      this.frozenAt += ms;
    }
  }
}
