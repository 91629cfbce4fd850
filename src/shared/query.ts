import { z } from 'zod';
import { DoraError } from './errors';
import { isTimeZone } from './timezone';
import { fieldPath } from './validation';
import {
  COMPARISONS,
  DEFAULT_QUERY,
  FAILURE_BASES,
  FORMATS,
  GROUPINGS,
  INTERVALS,
  LEVEL_YEARS,
  MEASURES,
  METRICS,
  QUERY_TYPES,
  ROW_CHOICES,
  ROWS_OF,
  STATISTICS,
  WINDOWS,
  defaultMeasure,
} from './queryOptions';

export * from './queryOptions';

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
  /** Only these rows of a table; which there are depends on `queryType`. */
  rows: z.enum(ROW_CHOICES).optional(),
  /** Where another stack publishes the metric, for `queryType: cloudwatch`; absent: as the AWS sample does. */
  namespace: z.string().trim().min(1).max(255).optional(),
  metricName: z.string().trim().min(1).max(255).optional(),
  /** IANA name; the data source's time zone when absent. */
  timezone: z.string().refine(isTimeZone, 'is not an IANA time zone such as Europe/Berlin').optional(),
  /** Set by the page where it can follow Grafana Live: the answer to `queryType: sync` then names its channel. */
  live: z.boolean().optional(),
});

/** Names of all fields of a stored query, to tell a misspelt or renamed field from a known one. */
export const QUERY_FIELDS: readonly string[] = Object.keys(storedQuery.shape);

export type StoredDoraQuery = z.infer<typeof storedQuery>;

/** Fields whose absence has a meaning of its own. */
type OptionalInAnswers = 'namespace' | 'metricName' | 'live';

/** A query with its defaults filled in. Times and durations of its answers: see METRICS in docs/metrics.md. */
export interface DoraQuery extends Required<Omit<StoredDoraQuery, 'timezone' | OptionalInAnswers>>, Pick<StoredDoraQuery, OptionalInAnswers> {
  /** IANA name, or null for the data source's. */
  timezone: string | null;
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
  const { rows = DEFAULT_QUERY.rows, queryType = DEFAULT_QUERY.queryType } = stored;
  const choices = ROWS_OF[queryType] ?? [];
  if (rows !== 'all' && !choices.includes(rows)) {
    throw new DoraError('QUERY_INVALID', `rows: ${queryType} has ${['all', ...choices].join(', ')}, not ${rows}`, { field: 'rows' });
  }
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
