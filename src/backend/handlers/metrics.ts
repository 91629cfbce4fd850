import { Counter, Gauge, Histogram, Registry as Metrics } from 'prom-client';
import type { ErrorCode } from '../../shared/errors';
import type { RateLimit, Source, SyncProgress } from '../../sources/source';
import type { Registry } from '../instance/registry';
import type { CollectMetricsResponse } from '../protocol/messages';
import type { SyncEvents } from '../sync/scheduler';
import { LoopWatch } from './loop-delay';
import type { QueryObserver } from './query';
import type { ResourceObserver } from './router';

/** Counting rows of a large store takes a while, and their number is no news every few seconds. */
const COUNTS_FRESH_MS = 60_000;

/** The plugin's own Prometheus metrics, which Grafana serves under /api/plugins/<id>/metrics. */
export class PluginMetrics implements QueryObserver, ResourceObserver, SyncEvents {
  private readonly metrics = new Metrics();
  private readonly queries = new Counter({
    name: 'dora_queries_total',
    help: 'Queries answered, by type and HTTP status.',
    labelNames: ['type', 'status'],
    registers: [this.metrics],
  });
  private readonly durations = new Histogram({
    name: 'dora_query_duration_seconds',
    help: 'Time to answer a query.',
    labelNames: ['type'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.metrics],
  });
  private readonly resources = new Counter({
    name: 'dora_resource_calls_total',
    help: 'Resource calls answered, pushed events among them, by path, method and HTTP status.',
    labelNames: ['path', 'method', 'status'],
    registers: [this.metrics],
  });
  private readonly failures = new Counter({
    name: 'dora_errors_total',
    help: 'Queries and resource calls that were answered with an error, by its code.',
    labelNames: ['during', 'code'],
    registers: [this.metrics],
  });
  private readonly passes = new Counter({
    name: 'dora_sync_passes_total',
    help: 'Synchronisation passes, by source and outcome.',
    labelNames: ['source', 'outcome'],
    registers: [this.metrics],
  });
  private readonly passDurations = new Histogram({
    name: 'dora_sync_pass_duration_seconds',
    help: 'Time that a synchronisation pass took.',
    labelNames: ['source'],
    buckets: [0.1, 0.5, 1, 5, 15, 60, 300, 1_800, 7_200],
    registers: [this.metrics],
  });
  private readonly errors = new Counter({
    name: 'dora_sync_errors_total',
    help: 'Failures that a source reported, by code.',
    labelNames: ['source', 'code'],
    registers: [this.metrics],
  });
  private readonly calls = new Counter({
    name: 'dora_sync_calls_total',
    help: 'Answers of a provider that told a rate limit.',
    labelNames: ['source', 'limit'],
    registers: [this.metrics],
  });
  private readonly points = new Counter({
    name: 'dora_sync_points_total',
    help: 'What was used of a provider\'s rate limit while this process watched.',
    labelNames: ['source', 'limit'],
    registers: [this.metrics],
  });
  private readonly remaining = new Gauge({
    name: 'dora_sync_rate_limit_remaining',
    help: 'What a provider\'s rate limit leaves.',
    labelNames: ['source', 'limit'],
    registers: [this.metrics],
  });
  private readonly lag = new Gauge({
    name: 'dora_sync_lag_seconds',
    help: 'Time since the end of the latest wholly successful pass.',
    labelNames: ['org', 'datasource', 'source'],
    registers: [this.metrics],
  });
  private readonly facts = new Gauge({
    name: 'dora_facts',
    help: 'Facts in the store, by kind.',
    labelNames: ['org', 'datasource', 'kind'],
    registers: [this.metrics],
  });
  private readonly loopDelay = new Gauge({
    name: 'dora_event_loop_delay_seconds',
    help: 'How long the thread that answers queries was held at a time, since the scrape before.',
    labelNames: ['statistic'],
    registers: [this.metrics],
  });
  private readonly loop = new LoopWatch();
  private readonly memory = new Gauge({
    name: 'dora_memory_bytes',
    help: 'Memory of the plugin process.',
    labelNames: ['kind'],
    registers: [this.metrics],
  });
  private readonly limits = new Map<string, RateLimit>();
  private readonly lastErrors = new Map<string, string>();
  private countedAt = -Infinity;

  answered(type: string, status: number, seconds: number, code: ErrorCode | null): void {
    this.queries.inc({ type, status });
    this.durations.observe({ type }, seconds);
    this.failed('query', code);
  }

  resourceAnswered(path: string, method: string, status: number, code: ErrorCode | null): void {
    this.resources.inc({ path, method, status });
    this.failed('resource', code);
  }

  private failed(during: 'query' | 'resource', code: ErrorCode | null): void {
    if (code !== null) {
      this.failures.inc({ during, code });
    }
  }

  progress(source: Source['name'], { scope, error }: SyncProgress): void {
    // A source repeats its report while the failure lasts; it counts once.
    const key = `${source} ${scope}`;
    const seen = error ? `${error.code} ${error.message}` : '';
    if (error && this.lastErrors.get(key) !== seen) {
      this.errors.inc({ source, code: error.code });
    }
    this.lastErrors.set(key, seen);
  }

  rateLimit(source: Source['name'], limit: RateLimit): void {
    const labels = { source, limit: limit.name };
    const key = `${source} ${limit.name}`;
    const before = this.limits.get(key);
    this.limits.set(key, limit);
    this.calls.inc(labels);
    if (limit.remaining === null) {
      return;
    }
    this.remaining.set(labels, limit.remaining);
    if (before && before.remaining !== null && before.resetsAt === limit.resetsAt && before.remaining > limit.remaining) {
      this.points.inc(labels, before.remaining - limit.remaining);
    }
  }

  passEnded(source: Source['name'], milliseconds: number, failed: boolean): void {
    this.passes.inc({ source, outcome: failed ? 'failed' : 'succeeded' });
    this.passDurations.observe({ source }, milliseconds / 1_000);
  }

  async collect(registry: Registry, now: number): Promise<CollectMetricsResponse> {
    const { rss, heapUsed } = process.memoryUsage();
    for (const [statistic, seconds] of Object.entries(this.loop.sinceLast() ?? {})) {
      this.loopDelay.set({ statistic }, seconds);
    }
    this.memory.set({ kind: 'resident' }, rss);
    this.memory.set({ kind: 'heap' }, heapUsed);
    const countNow = now - this.countedAt > COUNTS_FRESH_MS;
    if (countNow) {
      this.countedAt = now;
    }
    for (const instance of registry.all()) {
      const [org, datasource] = instance.key.split('/');
      for (const { source, lastSuccessAt } of instance.scheduler.statuses()) {
        if (lastSuccessAt !== null) {
          this.lag.set({ org, datasource, source }, (now - lastSuccessAt) / 1_000);
        }
      }
      if (countNow) {
        for (const [kind, count] of Object.entries(await instance.counts())) {
          this.facts.set({ org, datasource, kind }, count);
        }
      }
    }
    return { metrics: { prometheus: new TextEncoder().encode(await this.metrics.metrics()) } };
  }
}
