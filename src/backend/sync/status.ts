import type { RateLimitStatus, SourceName, SourceSyncStatus, SyncScopeStatus } from '../../shared/resources';
import type { RateLimit, SyncProgress } from '../../sources/source';

/** What is known of one source's passes. */
export class SourceStatus {
  running = false;
  /** End of the latest pass in which every scope succeeded. */
  lastSuccessAt: number | null = null;
  private readonly scopes = new Map<string, SyncScopeStatus>();
  private readonly rateLimits = new Map<string, RateLimitStatus>();
  private reported = new Set<string>();

  constructor(readonly source: SourceName) {}

  /** What another process tells of its passes. */
  static told({ source, scopes, rateLimits, lastSuccessAt, running }: SourceSyncStatus): SourceStatus {
    const status = new SourceStatus(source);
    status.resume(scopes, lastSuccessAt);
    status.running = running;
    rateLimits.forEach((limit) => status.reportRateLimit(limit));
    return status;
  }

  /** Takes up what the process before this one knew. */
  resume(scopes: readonly SyncScopeStatus[], lastSuccessAt: number | null): void {
    this.lastSuccessAt = lastSuccessAt;
    for (const scope of scopes) {
      this.scopes.set(scope.scope, scope);
    }
  }

  beginPass(): void {
    this.running = true;
    this.reported = new Set();
  }

  /** @param whole True when the pass went through all scopes: those it did not name are gone. */
  endPass(whole: boolean, now: number): void {
    this.running = false;
    if (!whole) {
      return;
    }
    for (const scope of this.scopes.keys()) {
      if (!this.reported.has(scope)) {
        this.scopes.delete(scope);
      }
    }
    if (this.failures().length === 0) {
      this.lastSuccessAt = now;
    }
  }

  report(progress: SyncProgress): void {
    this.reported.add(progress.scope);
    this.scopes.set(progress.scope, { ...progress });
  }

  reportRateLimit(limit: RateLimit): void {
    this.rateLimits.set(limit.name, { ...limit });
  }

  failures(): SyncScopeStatus[] {
    return [...this.scopes.values()].filter(({ phase, error }) => phase === 'failed' || error !== null);
  }

  list(): SyncScopeStatus[] {
    return [...this.scopes.values()].sort((a, b) => (a.scope < b.scope ? -1 : 1));
  }

  answer(): SourceSyncStatus {
    return {
      source: this.source,
      scopes: this.list(),
      rateLimits: [...this.rateLimits.values()],
      lastSuccessAt: this.lastSuccessAt,
      running: this.running,
    };
  }
}
