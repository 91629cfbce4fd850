import type { DataQuery } from '@grafana/schema';
import { DEFAULT_QUERY, defaultMeasure } from './shared/queryOptions';
import type { DoraQuery, StoredDoraQuery } from './shared/query';

/** A dashboard variable in place of a value, such as `$interval` or `${metric}`. */
export type Variable = `$${string}`;

type OrVariable<Value> = Value extends string | number ? Value | Variable : Value;

export const ANNOTATION_KINDS = ['deployments', 'failed-deployments', 'incidents'] as const;
export type AnnotationKind = (typeof ANNOTATION_KINDS)[number];

/** The query as a dashboard keeps it: like a stored query, with variables wherever a value may stand. */
export type PanelQuery = DataQuery & { [Field in keyof StoredDoraQuery]: OrVariable<StoredDoraQuery[Field]> } & {
  /** Annotations only: which rows of the answer become events. Not known to the backend. */
  annotate?: AnnotationKind;
};

/** A panel query with every default visible; variables stay as they are. */
export type FilledPanelQuery = { [Field in keyof DoraQuery]: OrVariable<DoraQuery[Field]> };

export function isVariable(value: unknown): value is Variable {
  return typeof value === 'string' && value.startsWith('$');
}

/** What the backend will take the query for: the same defaults as `parseQuery`. */
export function withDefaults(query: Partial<PanelQuery>): FilledPanelQuery {
  const format = query.format ?? DEFAULT_QUERY.format;
  return {
    queryType: query.queryType ?? DEFAULT_QUERY.queryType,
    metric: query.metric ?? DEFAULT_QUERY.metric,
    teams: query.teams ?? [],
    services: query.services ?? [],
    repositories: query.repositories ?? [],
    interval: query.interval ?? DEFAULT_QUERY.interval,
    window: query.window ?? DEFAULT_QUERY.window,
    rollingDays: query.rollingDays ?? DEFAULT_QUERY.rollingDays,
    statistic: query.statistic ?? DEFAULT_QUERY.statistic,
    measure: query.measure ?? defaultMeasure(isVariable(format) ? DEFAULT_QUERY.format : format),
    groupBy: query.groupBy ?? DEFAULT_QUERY.groupBy,
    compare: query.compare ?? DEFAULT_QUERY.compare,
    format,
    completeBucketsOnly: query.completeBucketsOnly ?? DEFAULT_QUERY.completeBucketsOnly,
    includeRollbacks: query.includeRollbacks ?? DEFAULT_QUERY.includeRollbacks,
    includeRetries: query.includeRetries ?? DEFAULT_QUERY.includeRetries,
    includeBaseline: query.includeBaseline ?? DEFAULT_QUERY.includeBaseline,
    basis: query.basis ?? DEFAULT_QUERY.basis,
    levelsYear: query.levelsYear ?? DEFAULT_QUERY.levelsYear,
    confidence: query.confidence ?? DEFAULT_QUERY.confidence,
    rows: query.rows ?? DEFAULT_QUERY.rows,
    timezone: query.timezone ?? DEFAULT_QUERY.timezone,
    namespace: query.namespace,
    metricName: query.metricName,
  };
}
