import { t } from '@grafana/i18n';
import type { ComboboxOption } from '@grafana/ui';
import { isVariable, type FilledPanelQuery } from '../../panelQuery';
import {
  basisLabels,
  comparisonLabels,
  formatLabels,
  groupByLabels,
  intervalLabels,
  measureLabels,
  metricLabels,
  rowLabels,
  statisticLabels,
  windowLabels,
} from '../../queryText';
import { COMPARISONS, FAILURE_BASES, GROUPINGS, MEASURES, METRICS, ROWS_OF, STATISTICS, WINDOWS, type RowChoice } from '../../shared/queryOptions';
import { formatsFor, intervalsFor } from './applicable';

/** Fields of a query that are one of a few values. */
export type ChoiceField = 'metric' | 'interval' | 'statistic' | 'measure' | 'groupBy' | 'window' | 'compare' | 'format' | 'basis' | 'rows';

/** How such a field is shown. */
export interface FieldChoice {
  label: string;
  tooltip?: string;
  options: Array<ComboboxOption<string>>;
  /** In units of the theme's spacing. */
  width: number;
  testId: string;
}

function labelled<Value extends string>(values: readonly Value[], labels: Record<Value, string>): FieldChoice['options'] {
  return values.map((value) => ({ value, label: labels[value] }));
}

function rowsOf({ queryType }: FilledPanelQuery): RowChoice[] {
  return ['all', ...(isVariable(queryType) ? [] : (ROWS_OF[queryType] ?? []))];
}

/** How a field is shown, for this query in this place of Grafana. */
export function choiceOf(field: ChoiceField, query: FilledPanelQuery, app: string | undefined): FieldChoice {
  switch (field) {
    case 'metric':
      return { label: t('query.metric.label', 'Metric'), options: labelled(METRICS, metricLabels()), width: 25, testId: 'dora-metric' };
    case 'interval':
      return {
        label: t('query.interval.label', 'Interval'),
        tooltip:
          query.window === 'rolling'
            ? t('query.interval.tooltip-rolling', 'How often a rolling window ends.')
            : t(
                'query.interval.tooltip',
                'Length of one point. Automatic follows the time range: days up to a month, weeks up to half a year, months up to three years, then quarters.'
              ),
        options: labelled(intervalsFor(app), intervalLabels()),
        width: 20,
        testId: 'dora-interval',
      };
    case 'statistic':
      return {
        label: t('query.statistic.label', 'Statistic'),
        tooltip: t('query.statistic.tooltip', 'How many durations become one value. A median is not moved by a few extremes.'),
        options: labelled(STATISTICS, statisticLabels()),
        width: 20,
        testId: 'dora-statistic',
      };
    case 'measure':
      return {
        label: t('query.measure.label', 'Measure'),
        tooltip: t('query.measure.tooltip', 'Deployments in each period, deployments per day, or days that had one.'),
        options: labelled(MEASURES, measureLabels()),
        width: 24,
        testId: 'dora-measure',
      };
    case 'groupBy':
      return {
        label: t('query.group-by.label', 'Group by'),
        tooltip: t('query.group-by.tooltip', 'A series each; all together pools the facts and counts each once.'),
        options: labelled(GROUPINGS, groupByLabels()),
        width: 22,
        testId: 'dora-group-by',
      };
    case 'window':
      return {
        label: t('query.window.label', 'Window'),
        tooltip: t('query.window.tooltip', 'Calendar: each period by itself. Rolling: each point looks back over the same number of days.'),
        options: labelled(WINDOWS, windowLabels()),
        width: 16,
        testId: 'dora-window',
      };
    case 'compare':
      return {
        label: t('query.compare.label', 'Compare with'),
        tooltip: t('query.compare.tooltip', 'Adds the same length of time just before.'),
        options: labelled(COMPARISONS, comparisonLabels()),
        width: 20,
        testId: 'dora-compare',
      };
    case 'format':
      return {
        label: t('query.format.label', 'Format'),
        tooltip: t('query.format.tooltip', 'Time series for graphs, one number each for stats and alert rules, a table for lists.'),
        options: labelled(formatsFor(app, query), formatLabels()),
        width: 18,
        testId: 'dora-format',
      };
    case 'rows':
      return {
        label: t('query.rows.label', 'Rows'),
        tooltip: t('query.rows.tooltip', 'Only these rows. Where there is none, a panel says what its option "No value" says.'),
        options: labelled(rowsOf(query), rowLabels()),
        width: 26,
        testId: 'dora-rows',
      };
    case 'basis':
      return {
        label: t('query.basis.label', 'Failures by'),
        tooltip: t(
          'query.basis.tooltip',
          'Linked incidents: deployments that caused one, never above 100 %. Number of incidents: incidents opened for each deployment.'
        ),
        options: labelled(FAILURE_BASES, basisLabels()),
        width: 25,
        testId: 'dora-basis',
      };
  }
}
