import { isVariable, withDefaults, type PanelQuery } from './panelQuery';
import type { FailureBasis, Format, GroupBy, Interval, Measure, Metric, QueryType, Statistic } from './shared/queryOptions';

/** Choices in the words that people read; values stay the stored ones. */
export const METRIC_LABELS: Record<Metric, string> = {
  'deployment-frequency': 'Deployment frequency',
  'lead-time': 'Lead time for changes',
  'change-failure-rate': 'Change failure rate',
  'time-to-restore': 'Time to restore',
  'rework-rate': 'Rework rate',
};

export const QUERY_TYPE_LABELS: Record<QueryType, string> = {
  metric: 'Metric',
  stages: 'Lead time stages',
  levels: 'Performance levels',
  changes: 'Changes',
  deployments: 'Deployments',
  incidents: 'Incidents',
  'data-quality': 'Data quality',
  sync: 'Synchronisation',
  cloudwatch: 'CloudWatch',
};

export const INTERVAL_LABELS: Record<Interval, string> = {
  day: 'Day',
  week: 'Week',
  month: 'Month',
  quarter: 'Quarter',
  auto: 'Automatic',
  range: 'Whole time range',
};

export const STATISTIC_LABELS: Record<Statistic, string> = {
  mean: 'Mean',
  median: 'Median',
  p75: '75th percentile',
  p90: '90th percentile',
  p95: '95th percentile',
};

export const MEASURE_LABELS: Record<Measure, string> = {
  count: 'Count',
  'per-day': 'Per day',
  days: 'Days with a deployment',
};

export const GROUP_BY_LABELS: Record<GroupBy, string> = {
  team: 'Team',
  service: 'Service',
  repository: 'Repository',
  none: 'Nothing, all together',
};

export const FORMAT_LABELS: Record<Format, string> = {
  timeseries: 'Time series',
  number: 'Number',
  table: 'Table',
};

export const BASIS_LABELS: Record<FailureBasis, string> = {
  linked: 'Linked incidents',
  incidents: 'Number of incidents',
};

function label<Value extends string>(labels: Record<Value, string>, value: Value | `$${string}`): string {
  return isVariable(value) ? value : (labels[value] ?? String(value));
}

const EACH: Record<Interval, string> = {
  day: 'by day',
  week: 'by week',
  month: 'by month',
  quarter: 'by quarter',
  auto: 'by day to quarter, as the time range needs',
  range: 'over the whole time range',
};

const EVERY: Record<Interval, string> = {
  day: ' each day',
  week: ' each week',
  month: ' each month',
  quarter: ' each quarter',
  auto: '',
  range: ' at the end of the time range',
};

const GROUPED: Record<GroupBy, string> = {
  team: '',
  service: ' per service',
  repository: ' per repository',
  none: ' together',
};

/** One line that says what a query shows, such as "Lead time for changes · median · Payments by week". */
export function describeQuery(query: Partial<PanelQuery>): string {
  const filled = withDefaults(query);
  const teams = filled.teams.length > 0 ? filled.teams.join(', ') : 'all teams';
  const scope = [
    filled.services.length > 0 && `services ${filled.services.join(', ')}`,
    filled.repositories.length > 0 && `repositories ${filled.repositories.join(', ')}`,
  ];
  const type = filled.queryType;
  if (type === 'sync') {
    return QUERY_TYPE_LABELS.sync;
  }
  if (type === 'changes' || type === 'deployments' || type === 'incidents' || type === 'data-quality') {
    return [QUERY_TYPE_LABELS[type], teams, ...scope].filter(Boolean).join(' · ');
  }
  const isMetric = type === 'metric' || type === 'cloudwatch' || isVariable(type);
  const parts = [isMetric ? label(METRIC_LABELS, filled.metric) : label(QUERY_TYPE_LABELS, type)];
  if (isVariable(type) || type === 'cloudwatch') {
    parts.unshift(label(QUERY_TYPE_LABELS, type));
  }
  if (type === 'cloudwatch') {
    const published = [filled.namespace, filled.metricName].filter((name) => name !== undefined).join(' ');
    return [...parts, ...(published === '' ? [] : [published]), `${label(STATISTIC_LABELS, filled.statistic).toLowerCase()} ${when(filled)}`].join(' · ');
  }
  if (type === 'metric' && filled.metric === 'deployment-frequency') {
    parts.push(label(MEASURE_LABELS, filled.measure).toLowerCase());
  } else if (type === 'stages' || type === 'levels' || filled.metric === 'lead-time' || filled.metric === 'time-to-restore') {
    parts.push(label(STATISTIC_LABELS, filled.statistic).toLowerCase());
  }
  const grouped = isVariable(filled.groupBy) ? ` per ${filled.groupBy}` : GROUPED[filled.groupBy];
  parts.push(`${teams}${grouped} ${when(filled)}`);
  const included = [
    filled.includeRollbacks && 'rollbacks',
    filled.includeRetries && 'retries',
    filled.includeBaseline && 'the first deployment',
  ].filter(Boolean);
  return [
    ...parts,
    ...scope,
    filled.compare !== 'none' && (isVariable(filled.compare) ? `compared: ${filled.compare}` : 'against the previous period'),
    included.length > 0 && `with ${included.join(' and ')}`,
    filled.completeBucketsOnly && filled.format !== 'number' && 'complete only',
  ]
    .filter(Boolean)
    .join(' · ');
}

function when(filled: ReturnType<typeof withDefaults>): string {
  const rolling = filled.window === 'rolling';
  if (filled.format === 'number') {
    return rolling ? `over the last ${filled.rollingDays} days` : 'over the whole time range';
  }
  if (isVariable(filled.interval)) {
    return rolling ? `over ${filled.rollingDays} rolling days, each ${filled.interval}` : `by ${filled.interval}`;
  }
  return rolling ? `over ${filled.rollingDays} rolling days${EVERY[filled.interval]}` : EACH[filled.interval];
}
