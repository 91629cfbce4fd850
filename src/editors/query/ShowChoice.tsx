import type { ComboboxOption } from '@grafana/ui';
import { useMemo } from 'react';
import { isVariable, type FilledPanelQuery, type PanelQuery, type Variable } from '../../panelQuery';
import { METRIC_LABELS, QUERY_TYPE_LABELS } from '../../queryText';
import { METRICS, type Metric, type QueryType } from '../../shared/queryOptions';
import { Choice } from '../controls/Choice';
import { queryTypesFor } from './applicable';

const METRIC_DESCRIPTIONS: Record<Metric, string> = {
  'deployment-frequency': 'How often the teams deliver to production',
  'lead-time': 'From first commit to production',
  'change-failure-rate': 'Deployments that caused trouble, in percent',
  'time-to-restore': 'From the start of trouble to its end',
  'rework-rate': 'Deployments that only repair, in percent',
};

const TYPE_DESCRIPTIONS: Record<Exclude<QueryType, 'metric'>, string> = {
  stages: 'Where the lead time goes, stage by stage',
  levels: 'Elite, high, medium or low for each metric',
  changes: 'A row for each pull request',
  deployments: 'A row for each deployment',
  incidents: 'A row for each incident',
  'data-quality': 'What could not be joined, and why',
  sync: 'How far the data is',
  cloudwatch: 'Metrics that another DORA stack published',
};

const METRIC_PREFIX = 'metric:';

interface ShowChoiceProps {
  query: FilledPanelQuery;
  app: string | undefined;
  variables: Variable[];
  onChange: (patch: Partial<PanelQuery>) => void;
}

/** Metric and query type in one choice: a metric is what most people come for. */
export function ShowChoice({ query, app, variables, onChange }: ShowChoiceProps) {
  const options = useMemo((): ComboboxOption[] => {
    const metrics = METRICS.map((metric) => ({
      value: METRIC_PREFIX + metric,
      label: METRIC_LABELS[metric],
      description: METRIC_DESCRIPTIONS[metric],
      group: 'Metrics',
    }));
    const types = queryTypesFor(app)
      .filter((type) => type !== 'metric')
      .map((type) => ({ value: type, label: QUERY_TYPE_LABELS[type], description: TYPE_DESCRIPTIONS[type], group: 'Details and lists' }));
    const named = [...variables, ...(isVariable(query.metric) ? [query.metric] : [])].map((name) => ({
      value: METRIC_PREFIX + name,
      label: name,
      description: 'The metric that this variable names',
      group: 'Variables',
    }));
    return [...metrics, ...types, ...new Map(named.map((option) => [option.value, option])).values()];
  }, [app, query.metric, variables]);

  return (
    <Choice<string>
      label="Show"
      testId="dora-show"
      value={query.queryType === 'metric' ? METRIC_PREFIX + query.metric : query.queryType}
      options={options}
      width={32}
      onChange={(value) =>
        onChange(
          value.startsWith(METRIC_PREFIX)
            ? { queryType: 'metric', metric: value.slice(METRIC_PREFIX.length) as Metric | Variable }
            : { queryType: value as QueryType | Variable }
        )
      }
    />
  );
}
