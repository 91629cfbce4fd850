import type { DoraQuery } from './query';

/** What a query can ask for, and what it asks for when it says nothing. Apart from `query.ts` so that the browser part does not load the validator. */
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
export const LEVEL_YEARS = [2021, 2023, 2024] as const;

export const ROW_CHOICES = ['all', 'delivered', 'waiting', 'failed', 'open', 'unlinked', 'found', 'behind'] as const;

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
export type RowChoice = (typeof ROW_CHOICES)[number];

/** Which rows of its table a query can be limited to, beside `all`. */
export const ROWS_OF: Partial<Record<QueryType, readonly RowChoice[]>> = {
  changes: ['delivered', 'waiting'],
  deployments: ['failed'],
  incidents: ['open', 'unlinked'],
  'data-quality': ['found'],
  sync: ['behind'],
};

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
  rows: 'all',
  timezone: null,
} as const satisfies Omit<DoraQuery, 'measure'>;

/** A number is read as a rate, a time series as counts. */
export function defaultMeasure(format: Format): Measure {
  return format === 'number' ? 'per-day' : 'count';
}
