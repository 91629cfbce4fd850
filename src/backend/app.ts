import type { DoraEngine } from '../engine/engine';
import type { Settings } from '../shared/settings';
import type { Source } from '../sources/source';
import type { Store } from '../store/store';
import { HOUR_MS } from '../shared/duration';
import { FactBudget } from './instance/budget';
import { Housekeeping } from './instance/housekeeping';
import type { HostOptions } from './instance/options';
import type { SnapshotFolder } from './instance/snapshots';
import { eventRoutes } from './handlers/events';
import { handleCheckHealth } from './handlers/health';
import { PluginMetrics } from './handlers/metrics';
import { handleQueryData } from './handlers/query';
import { resourceRoutes } from './handlers/resources';
import { route } from './handlers/router';
import { streamHandlers } from './handlers/stream';
import { Registry } from './instance/registry';
import type { JsonLog } from './protocol/logs';
import type { PluginHandlers } from './protocol/server';
import { observers } from './telemetry/observers';
import { NO_TRACES, type Traces } from './telemetry/traces';

export interface AppParts {
  store: Store;
  sources: readonly Source[];
  createEngine(settings: Settings): DoraEngine;
  /** Where what is in memory is written down for the next start; null for nowhere. */
  snapshots?: SnapshotFolder | null;
  log: JsonLog;
  /** Absent: none. */
  traces?: Traces;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Absent: the defaults, and memory for everything. */
  options?: HostOptions;
}

export interface App {
  handlers: PluginHandlers;
  stop(): Promise<void>;
}

/** The plugin without its process: what answers each call of the protocol. */
export function createApp({ store, sources, createEngine, snapshots, log, traces = NO_TRACES, now, options }: AppParts): App {
  const metrics = new PluginMetrics();
  const observer = observers(metrics, traces);
  const registry = new Registry(
    {
      store,
      sources,
      createEngine,
      snapshots,
      log,
      now,
      events: observer,
      ...(options ? { budget: new FactBudget(options.maxFacts), leaseMs: options.leaseMs, noteAskedEveryMs: Math.min(HOUR_MS, (options.forgetAfterMs ?? Infinity) / 10) } : {}),
    },
    (secrets) => log.protect(secrets),
  );
  const housekeeping = new Housekeeping(store, registry, options?.forgetAfterMs ?? null, async (key) => snapshots?.forget(key), log);
  const routes = { ...resourceRoutes(registry), ...eventRoutes(registry) };
  const streams = streamHandlers(registry, log);
  return {
    handlers: {
      queryData: (request) => handleQueryData(request, { registry, log, now, observer }),
      callResource: (request, signal) => route(routes, request, signal, log, observer),
      checkHealth: (request, signal) => handleCheckHealth(request, signal, { registry, storePlace: store.place, log }),
      collectMetrics: () => metrics.collect(registry, now()),
      subscribeStream: (request) => streams.subscribe(request),
      publishStream: (request) => Promise.resolve(streams.publish(request)),
      runStream: (request, send, signal) => streams.run(request, send, signal),
    },
    stop: async () => {
      housekeeping.stop();
      await registry.stop();
      await store.close();
    },
  };
}
