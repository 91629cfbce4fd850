import { t } from '@grafana/i18n';
import type { ComboboxOption } from '@grafana/ui';
import { useMemo } from 'react';
import { isVariable, type Variable } from '../../panelQuery';
import { metricLabels, queryTypeLabels } from '../../queryText';
import { METRICS, type Metric, type QueryType } from '../../shared/queryOptions';
import { isAlerting } from '../../place';
import { Choice } from '../controls/Choice';
import { queryTypesFor } from './applicable';
import type { QueryFieldProps } from './QueryChoice';

export function metricDescriptions(): Record<Metric, string> {
  return {
    'deployment-frequency': t('metric-description.deployment-frequency', 'How often the teams deliver to production'),
    'lead-time': t('metric-description.lead-time', 'From first commit to production'),
    'change-failure-rate': t('metric-description.change-failure-rate', 'Deployments that caused trouble, in percent'),
    'time-to-restore': t('metric-description.time-to-restore', 'From the start of trouble to its end'),
    'rework-rate': t('metric-description.rework-rate', 'Deployments that only repair, in percent'),
  };
}

export function typeDescriptions(): Record<Exclude<QueryType, 'metric'>, string> {
  return {
    stages: t('type-description.stages', 'Where the lead time goes, stage by stage'),
    levels: t('type-description.levels', 'Elite, high, medium or low for each metric'),
    changes: t('type-description.changes', 'A row for each pull request'),
    deployments: t('type-description.deployments', 'A row for each deployment'),
    incidents: t('type-description.incidents', 'A row for each incident'),
    'data-quality': t('type-description.data-quality', 'What could not be joined, and why'),
    sync: t('type-description.sync', 'How far the data is'),
    cloudwatch: t('type-description.cloudwatch', 'Metrics that another DORA stack published'),
  };
}

const METRIC_PREFIX = 'metric:';

/** Metric and query type in one choice: a metric is what most people come for. */
export function ShowChoice({ query, app, variables, onChange }: QueryFieldProps) {
  const options = useMemo((): ComboboxOption[] => {
    const metricLabel = metricLabels();
    const metricDescription = metricDescriptions();
    const typeLabel = queryTypeLabels();
    const typeDescription = typeDescriptions();
    const metrics = METRICS.map((metric) => ({
      value: METRIC_PREFIX + metric,
      label: metricLabel[metric],
      description: metricDescription[metric],
      group: t('query.show.metrics', 'Metrics'),
    }));
    const types = queryTypesFor(app)
      .filter((type) => type !== 'metric')
      .map((type) => ({ value: type, label: typeLabel[type], description: typeDescription[type], group: t('query.show.lists', 'Details and lists') }));
    const named = [...variables, ...(isVariable(query.metric) ? [query.metric] : [])].map((name) => ({
      value: METRIC_PREFIX + name,
      label: name,
      description: t('query.show.variable', 'The metric that this variable names'),
      group: t('editor.variables', 'Variables'),
    }));
    return [...metrics, ...types, ...new Map(named.map((option) => [option.value, option])).values()];
  }, [app, query.metric, variables]);

  return (
    <Choice<string>
      label={t('query.show.label', 'Show')}
      testId="dora-show"
      value={query.queryType === 'metric' ? METRIC_PREFIX + query.metric : query.queryType}
      options={options}
      width={32}
      onChange={(value) =>
        onChange(
          value.startsWith(METRIC_PREFIX)
            ? { queryType: 'metric', metric: value.slice(METRIC_PREFIX.length) as Metric | Variable, rows: undefined }
            : // Which rows there are depends on the list, and of the synchronisation a rule takes the number alone.
              { queryType: value as QueryType | Variable, rows: undefined, ...(value === 'sync' && isAlerting(app) ? { format: 'number' } : {}) }
        )
      }
    />
  );
}
