import { z } from 'zod';
import { DoraError } from './errors';
import { isTimeZone } from './timezone';
import { fieldPath } from './validation';

export const QUERY_TYPES = ['metric', 'stages', 'levels', 'changes', 'deployments', 'incidents', 'data-quality', 'sync', 'cloudwatch'] as const;
export const METRICS = ['deployment-frequency', 'lead-time', 'change-failure-rate', 'time-to-restore', 'rework-rate'] as const;
export const INTERVALS = ['day', 'week', 'month', 'quarter', 'auto', 'range'] as const;
export const WINDOWS = ['calendar', 'rolling'] as const;
export const STATISTICS = ['mean', 'median', 'p75', 'p90', 'p95'] as const;
export const MEASURES = ['count', 'per-day', 'days'] as const;
export const GROUPINGS = ['team', 'service', 'repository', 'none'] as const;
export const COMPARISONS = ['none', 'previous'] as const;
export const FORMATS = ['timeseries', 'number', 'table'] as const;
export const FAILURE_BASES = ['linked', 'incidents'] as const;
export const LEVEL_YEARS = [2021, 2022, 2023, 2024, 2025] as const;

export type QueryType = (typeof QUERY_TYPES)[number];
export type Metric = (typeof METRICS)[number];
export type Interval = (typeof INTERVALS)[number];
export type WindowKind = (typeof WINDOWS)[number];
export type Statistic = (typeof STATISTICS)[number];
export type Measure = (typeof MEASURES)[number];
export type GroupBy = (typeof GROUPINGS)[number];
export type Comparison = (typeof COMPARISONS)[number];
export type Format = (typeof FORMATS)[number];
export type FailureBasis = (typeof FAILURE_BASES)[number];

const names = z.array(z.string().min(1).max(500)).max(1_000);

/** The fields of a query as a panel or an alert rule stores them; every field is optional, unknown ones are ignored. */
const storedQuery = z.object({
  queryType: z.enum(QUERY_TYPES).optional(),
  metric: z.enum(METRICS).optional(),
  /** Names or globs of teams; empty or absent means all. */
  teams: names.optional(),
  services: names.optional(),
  repositories: names.optional(),
  interval: z.enum(INTERVALS).optional(),
  window: z.enum(WINDOWS).optional(),
  rollingDays: z.int().min(1).max(366).optional(),
  statistic: z.enum(STATISTICS).optional(),
  measure: z.enum(MEASURES).optional(),
  groupBy: z.enum(GROUPINGS).optional(),
  compare: z.enum(COMPARISONS).optional(),
  format: z.enum(FORMATS).optional(),
  completeBucketsOnly: z.boolean().optional(),
  includeRollbacks: z.boolean().optional(),
  includeRetries: z.boolean().optional(),
  includeBaseline: z.boolean().optional(),
  basis: z.enum(FAILURE_BASES).optional(),
  levelsYear: z.literal(LEVEL_YEARS).optional(),
  confidence: z.boolean().optional(),
  /** IANA name; the data source's time zone when absent. */
  timezone: z.string().refine(isTimeZone, 'is not an IANA time zone such as Europe/Berlin').optional(),
});

export type StoredDoraQuery = z.infer<typeof storedQuery>;

/** A query with its defaults filled in. Times and durations of its answers: see METRICS in docs/metrics.md. */
export interface DoraQuery extends Required<Omit<StoredDoraQuery, 'timezone'>> {
  /** IANA name, or null for the data source's. */
  timezone: string | null;
}

export const DEFAULT_QUERY = {
  queryType: 'metric',
  metric: 'deployment-frequency',
  teams: [],
  services: [],
  repositories: [],
  interval: 'week',
  window: 'calendar',
  rollingDays: 28,
  statistic: 'mean',
  groupBy: 'team',
  compare: 'none',
  format: 'timeseries',
  completeBucketsOnly: false,
  includeRollbacks: false,
  includeRetries: false,
  includeBaseline: false,
  basis: 'linked',
  levelsYear: 2023,
  confidence: false,
  timezone: null,
} as const satisfies Omit<DoraQuery, 'measure'>;

/** A number is read as a rate, a time series as counts. */
export function defaultMeasure(format: Format): Measure {
  return format === 'number' ? 'per-day' : 'count';
}

/**
 * The query that a panel, an alert rule or a resource call sent, with defaults.
 * @throws DoraError QUERY_INVALID naming the first wrong field.
 */
export function parseQuery(json: unknown): DoraQuery {
  // Grafana and hand-written rules leave nulls for fields that were cleared.
  const withoutNulls =
    typeof json === 'object' && json !== null && !Array.isArray(json)
      ? Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null))
      : json;
  const parsed = storedQuery.safeParse(withoutNulls);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = fieldPath(issue.path);
    throw new DoraError('QUERY_INVALID', field ? `${field}: ${issue.message}` : 'The query is not a JSON object.', { field: field || 'query' });
  }
  const stored = parsed.data;
  const format = stored.format ?? DEFAULT_QUERY.format;
  return {
    ...DEFAULT_QUERY,
    teams: [],
    services: [],
    repositories: [],
    measure: defaultMeasure(format),
    ...Object.fromEntries(Object.entries(stored).filter(([, value]) => value !== undefined)),
  };
}
