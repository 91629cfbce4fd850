import type { PluginMetrics } from '../handlers/metrics';
import type { Traces } from './traces';

/** Tells metrics and traces of the same happenings. */
export function observers(metrics: PluginMetrics, traces: Traces): Pick<PluginMetrics, 'answered' | 'resourceAnswered' | 'progress' | 'rateLimit' | 'passEnded'> {
  return {
    answered: (type, status, seconds, code) => {
      metrics.answered(type, status, seconds, code);
      traces.ended(`query ${type}`, seconds * 1_000, status >= 400, { 'dora.query.type': type, 'dora.status': status, ...(code === null ? {} : { 'dora.error.code': code }) });
    },
    resourceAnswered: (path, method, status, code) => metrics.resourceAnswered(path, method, status, code),
    progress: (source, progress) => metrics.progress(source, progress),
    rateLimit: (source, limit) => metrics.rateLimit(source, limit),
    passEnded: (source, milliseconds, failed) => {
      metrics.passEnded(source, milliseconds, failed);
      traces.ended(`synchronise ${source}`, milliseconds, failed, { 'dora.source': source });
    },
  };
}
