import { t } from '@grafana/i18n';
import { isVariable, withDefaults, type PanelQuery } from './panelQuery';
import { DEFAULT_QUERY } from './shared/queryOptions';
import type { Comparison, FailureBasis, Format, GroupBy, Interval, Measure, Metric, QueryType, RowChoice, Statistic, WindowKind } from './shared/queryOptions';
import { AS_TEXT } from './texts';

/** Choices in the words that people read; values stay the stored ones. Functions, for the language is known only when something is shown. */
export function metricLabels(): Record<Metric, string> {
  return {
    'deployment-frequency': t('metric.deployment-frequency', 'Deployment frequency'),
    'lead-time': t('metric.lead-time', 'Lead time for changes'),
    'change-failure-rate': t('metric.change-failure-rate', 'Change failure rate'),
    'time-to-restore': t('metric.time-to-restore', 'Time to restore'),
    'rework-rate': t('metric.rework-rate', 'Rework rate'),
  };
}

export function queryTypeLabels(): Record<QueryType, string> {
  return {
    metric: t('query-type.metric', 'Metric'),
    stages: t('query-type.stages', 'Lead time stages'),
    levels: t('query-type.levels', 'Performance levels'),
    changes: t('query-type.changes', 'Changes'),
    deployments: t('query-type.deployments', 'Deployments'),
    incidents: t('query-type.incidents', 'Incidents'),
    'data-quality': t('query-type.data-quality', 'Data quality'),
    sync: t('query-type.sync', 'Synchronisation'),
    cloudwatch: t('query-type.cloudwatch', 'CloudWatch'),
  };
}

export function intervalLabels(): Record<Interval, string> {
  return {
    day: t('interval.day', 'Day'),
    week: t('interval.week', 'Week'),
    month: t('interval.month', 'Month'),
    quarter: t('interval.quarter', 'Quarter'),
    auto: t('interval.auto', 'Automatic'),
    range: t('interval.range', 'Whole time range'),
  };
}

export function statisticLabels(): Record<Statistic, string> {
  return {
    mean: t('statistic.mean', 'Mean'),
    median: t('statistic.median', 'Median'),
    p75: t('statistic.p75', '75th percentile'),
    p90: t('statistic.p90', '90th percentile'),
    p95: t('statistic.p95', '95th percentile'),
  };
}

export function measureLabels(): Record<Measure, string> {
  return {
    count: t('measure.count', 'Count'),
    'per-day': t('measure.per-day', 'Per day'),
    days: t('measure.days', 'Days with a deployment'),
  };
}

export function groupByLabels(): Record<GroupBy, string> {
  return {
    team: t('group-by.team', 'Team'),
    service: t('group-by.service', 'Service'),
    repository: t('group-by.repository', 'Repository'),
    none: t('group-by.none', 'Nothing, all together'),
  };
}

export function formatLabels(): Record<Format, string> {
  return {
    timeseries: t('format.timeseries', 'Time series'),
    number: t('format.number', 'Number'),
    table: t('format.table', 'Table'),
  };
}

export function basisLabels(): Record<FailureBasis, string> {
  return {
    linked: t('basis.linked', 'Linked incidents'),
    incidents: t('basis.incidents', 'Number of incidents'),
  };
}

export function rowLabels(): Record<RowChoice, string> {
  return {
    all: t('rows.all', 'All'),
    delivered: t('rows.delivered', 'In production'),
    waiting: t('rows.waiting', 'Waiting for a deployment'),
    failed: t('rows.failed', 'That made trouble'),
    open: t('rows.open', 'Still open'),
    unlinked: t('rows.unlinked', 'Without a deployment'),
    found: t('rows.found', 'With findings'),
    behind: t('rows.behind', 'Behind or failing'),
  };
}

export function windowLabels(): Record<WindowKind, string> {
  return {
    calendar: t('window.calendar', 'Calendar'),
    rolling: t('window.rolling', 'Rolling'),
  };
}

export function comparisonLabels(): Record<Comparison, string> {
  return {
    none: t('compare.none', 'Nothing'),
    previous: t('compare.previous', 'Previous period'),
  };
}

function label<Value extends string>(labels: Record<Value, string>, value: Value | `$${string}`): string {
  return isVariable(value) ? value : (labels[value] ?? String(value));
}

function statisticWords(): Record<Statistic, string> {
  return {
    mean: t('summary.statistic.mean', 'mean'),
    median: t('summary.statistic.median', 'median'),
    p75: t('summary.statistic.p75', '75th percentile'),
    p90: t('summary.statistic.p90', '90th percentile'),
    p95: t('summary.statistic.p95', '95th percentile'),
  };
}

function measureWords(): Record<Measure, string> {
  return {
    count: t('summary.measure.count', 'count'),
    'per-day': t('summary.measure.per-day', 'per day'),
    days: t('summary.measure.days', 'days with a deployment'),
  };
}

function calendarWords(): Record<Interval, string> {
  return {
    day: t('summary.calendar.day', 'by day'),
    week: t('summary.calendar.week', 'by week'),
    month: t('summary.calendar.month', 'by month'),
    quarter: t('summary.calendar.quarter', 'by quarter'),
    auto: t('summary.calendar.auto', 'by day to quarter, as the time range needs'),
    range: t('summary.calendar.range', 'over the whole time range'),
  };
}

function rollingWords(days: number | string): Record<Interval, string> {
  const values = { days, ...AS_TEXT };
  return {
    day: t('summary.rolling.day', 'over {{days}} rolling days each day', values),
    week: t('summary.rolling.week', 'over {{days}} rolling days each week', values),
    month: t('summary.rolling.month', 'over {{days}} rolling days each month', values),
    quarter: t('summary.rolling.quarter', 'over {{days}} rolling days each quarter', values),
    auto: t('summary.rolling.auto', 'over {{days}} rolling days', values),
    range: t('summary.rolling.range', 'over {{days}} rolling days at the end of the time range', values),
  };
}

function groupedWords(): Record<Exclude<GroupBy, 'team'>, string> {
  return {
    service: t('summary.grouped.service', 'per service'),
    repository: t('summary.grouped.repository', 'per repository'),
    none: t('summary.grouped.none', 'together'),
  };
}

/** One line that says what a query shows, such as "Lead time for changes · median · Payments by week". */
export function describeQuery(query: Partial<PanelQuery>): string {
  const filled = withDefaults(query);
  const teams = filled.teams.length > 0 ? filled.teams.join(', ') : t('summary.all-teams', 'all teams');
  const scope = [
    filled.services.length > 0 && t('summary.services', 'services {{names}}', { names: filled.services.join(', '), ...AS_TEXT }),
    filled.repositories.length > 0 && t('summary.repositories', 'repositories {{names}}', { names: filled.repositories.join(', '), ...AS_TEXT }),
  ];
  const type = filled.queryType;
  const typeLabel = label(queryTypeLabels(), type);
  const rows = filled.rows !== DEFAULT_QUERY.rows && label(rowLabels(), filled.rows);
  if (type === 'sync') {
    return joined([typeLabel, filled.format === 'number' ? t('summary.sync-number', 'how many are behind or fail') : rows]);
  }
  if (type === 'changes' || type === 'deployments' || type === 'incidents' || type === 'data-quality') {
    return joined([typeLabel, rows, teams, ...scope]);
  }
  const isMetric = type === 'metric' || type === 'cloudwatch' || isVariable(type);
  const parts = [isMetric ? label(metricLabels(), filled.metric) : typeLabel];
  if (isVariable(type) || type === 'cloudwatch') {
    parts.unshift(typeLabel);
  }
  const statistic = label(statisticWords(), filled.statistic);
  if (type === 'cloudwatch') {
    const published = [filled.namespace, filled.metricName].filter((name) => name !== undefined).join(' ');
    return joined([...parts, published, `${statistic} ${when(filled)}`]);
  }
  if (type === 'metric' && filled.metric === 'deployment-frequency') {
    parts.push(label(measureWords(), filled.measure));
  } else if (type === 'stages' || type === 'levels' || filled.metric === 'lead-time' || filled.metric === 'time-to-restore') {
    parts.push(statistic);
  }
  const { groupBy, compare } = filled;
  const grouped = isVariable(groupBy) ? t('summary.grouped.variable', 'per {{name}}', { name: groupBy, ...AS_TEXT }) : groupBy === 'team' ? '' : groupedWords()[groupBy];
  parts.push([teams, grouped, when(filled)].filter(Boolean).join(' '));
  return joined([
    ...parts,
    ...scope,
    isVariable(compare) && t('summary.compare.variable', 'compared: {{name}}', { name: compare, ...AS_TEXT }),
    compare === 'previous' && t('summary.compare.previous', 'against the previous period'),
    filled.includeRollbacks && t('summary.with-rollbacks', 'with rollbacks'),
    filled.includeRetries && t('summary.with-retries', 'with retries'),
    filled.includeBaseline && t('summary.with-baseline', 'with the first deployment'),
    filled.completeBucketsOnly && filled.format !== 'number' && t('summary.complete-only', 'complete only'),
  ]);
}

function joined(parts: ReadonlyArray<string | false>): string {
  return parts.filter(Boolean).join(' · ');
}

function when({ window, format, interval, rollingDays }: ReturnType<typeof withDefaults>): string {
  const values = { days: rollingDays, ...AS_TEXT };
  if (format === 'number') {
    return window === 'rolling' ? t('summary.last-days', 'over the last {{days}} days', values) : calendarWords().range;
  }
  if (isVariable(interval)) {
    return window === 'rolling'
      ? t('summary.rolling.variable', 'over {{days}} rolling days, each {{interval}}', { interval, ...values })
      : t('summary.calendar.variable', 'by {{interval}}', { interval, ...AS_TEXT });
  }
  return window === 'rolling' ? rollingWords(rollingDays)[interval] : calendarWords()[interval];
}
