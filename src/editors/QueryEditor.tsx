import type { QueryEditorProps } from '@grafana/data';
import { EditorRow, EditorRows } from '@grafana/plugin-ui';
import { Alert, Text } from '@grafana/ui';
import { useCallback, useMemo } from 'react';
import type { DoraDataSource, DoraOptions } from '../datasource';
import { isVariable, withDefaults, type PanelQuery, type Variable } from '../panelQuery';
import { isAlerting } from '../place';
import { PUBLISHED_METRICS } from '../shared/published';
import { describeQuery, FORMAT_LABELS, GROUP_BY_LABELS, INTERVAL_LABELS, MEASURE_LABELS, METRIC_LABELS, STATISTIC_LABELS } from '../queryText';
import {
  COMPARISONS,
  GROUPINGS,
  MEASURES,
  METRICS,
  STATISTICS,
  WINDOWS,
  type Comparison,
  type Format,
  type GroupBy,
  type Interval,
  type Measure,
  type Metric,
  type Statistic,
  type WindowKind,
} from '../shared/queryOptions';
import { Choice } from './controls/Choice';
import { useAnswer } from './controls/useAnswer';
import { applicableFields, formatsFor, intervalsFor } from './query/applicable';
import { NoTeamsHint } from './query/NoTeamsHint';
import { PublishedName } from './query/PublishedName';
import { QueryOptions } from './query/QueryOptions';
import { RollingDays } from './query/RollingDays';
import { ScopeInput } from './query/ScopeInput';
import { ShowChoice } from './query/ShowChoice';

export type DoraQueryEditorProps = QueryEditorProps<DoraDataSource, PanelQuery, DoraOptions>;

const WINDOW_LABELS: Record<WindowKind, string> = { calendar: 'Calendar', rolling: 'Rolling' };
const COMPARISON_LABELS: Record<Comparison, string> = { none: 'Nothing', previous: 'Previous period' };

function labelled<Value extends string>(values: readonly Value[], labels: Record<Value, string>): Array<{ value: Value; label: string }> {
  return values.map((value) => ({ value, label: labels[value] }));
}

const METRIC_OPTIONS = labelled(METRICS, METRIC_LABELS);
const STATISTIC_OPTIONS = labelled(STATISTICS, STATISTIC_LABELS);
const MEASURE_OPTIONS = labelled(MEASURES, MEASURE_LABELS);
const GROUP_BY_OPTIONS = labelled(GROUPINGS, GROUP_BY_LABELS);
const WINDOW_OPTIONS = labelled(WINDOWS, WINDOW_LABELS);
const COMPARISON_OPTIONS = labelled(COMPARISONS, COMPARISON_LABELS);

/** Builds a query out of choices; every completed choice runs it. */
export default function QueryEditor({ query: stored, datasource, app, onChange, onRunQuery }: DoraQueryEditorProps) {
  const query = withDefaults(stored);
  const fields = applicableFields(query, app);
  const loadTeams = useCallback(() => datasource.getTeams(), [datasource]);
  const teams = useAnswer(loadTeams);
  // Rules have no dashboard and so no variables.
  const variables = useMemo(() => (isAlerting(app) ? [] : datasource.variableNames().filter(isVariable)), [app, datasource]);
  const teamNames = useMemo(() => [...variables, ...(teams.state === 'ready' ? teams.value : [])], [teams, variables]);

  const intervals = useMemo(() => labelled(intervalsFor(app), INTERVAL_LABELS), [app]);
  const formats = useMemo(() => labelled(formatsFor(app), FORMAT_LABELS), [app]);

  const [usual] = isVariable(query.metric) ? [] : PUBLISHED_METRICS[query.metric];

  const change = (patch: Partial<PanelQuery>): void => {
    onChange({ ...stored, ...patch });
    onRunQuery();
  };

  return (
    <EditorRows>
      {teams.state === 'ready' && teams.value.length === 0 && <NoTeamsHint uid={datasource.uid} />}
      {teams.state === 'failed' && (
        <Alert severity="warning" title="The teams could not be listed">
          {teams.message}
        </Alert>
      )}
      <EditorRow>
        <ShowChoice query={query} app={app} variables={variables} onChange={change} />
        {query.queryType === 'cloudwatch' && (
          <Choice<Metric | Variable>
            label="Metric"
            testId="dora-metric"
            value={query.metric}
            options={METRIC_OPTIONS}
            variables={variables}
            onChange={(metric) => change({ metric })}
          />
        )}
        {fields.has('namespace') && (
          <PublishedName
            label="Namespace"
            testId="dora-namespace"
            tooltip="Where the other stack publishes. Empty: as the AWS sample does."
            value={query.namespace}
            usual={usual?.namespace ?? 'DORA'}
            onChange={(namespace) => change({ namespace })}
          />
        )}
        {fields.has('metricName') && (
          <PublishedName
            label="Metric name"
            testId="dora-metric-name"
            tooltip="The name of the metric, published without dimensions. Empty: as the AWS sample does."
            value={query.metricName}
            usual={usual?.name ?? 'Name of the metric'}
            onChange={(metricName) => change({ metricName })}
          />
        )}
        {fields.has('teams') && (
          <ScopeInput
            label="Team"
            testId="dora-teams"
            value={query.teams}
            names={teamNames}
            placeholder="All teams"
            tooltip="Names or patterns such as Pay*; a leading ! leaves out. Empty means all."
            onChange={(chosen) => change({ teams: chosen })}
          />
        )}
        {fields.has('interval') && (
          <Choice<Interval | Variable>
            label="Interval"
            testId="dora-interval"
            value={query.interval}
            options={intervals}
            variables={variables}
            width={20}
            tooltip={
              query.window === 'rolling'
                ? 'How often a rolling window ends.'
                : 'Length of one point. Automatic follows the time range: days up to a month, weeks up to half a year, months up to three years, then quarters.'
            }
            onChange={(interval) => change({ interval })}
          />
        )}
      </EditorRow>
      {(fields.has('format') || fields.has('groupBy') || fields.has('statistic')) && (
        <EditorRow>
          {fields.has('statistic') && (
            <Choice<Statistic | Variable>
              label="Statistic"
              testId="dora-statistic"
              value={query.statistic}
              options={STATISTIC_OPTIONS}
              variables={variables}
              width={20}
              tooltip="How many durations become one value. A median is not moved by a few extremes."
              onChange={(statistic) => change({ statistic })}
            />
          )}
          {fields.has('measure') && (
            <Choice<Measure | Variable>
              label="Measure"
              testId="dora-measure"
              value={query.measure}
              options={MEASURE_OPTIONS}
              variables={variables}
              width={24}
              tooltip="Deployments in each period, deployments per day, or days that had one."
              onChange={(measure) => change({ measure })}
            />
          )}
          {fields.has('groupBy') && (
            <Choice<GroupBy | Variable>
              label="Group by"
              testId="dora-group-by"
              value={query.groupBy}
              options={GROUP_BY_OPTIONS}
              variables={variables}
              width={22}
              tooltip="A series each; all together pools the facts and counts each once."
              onChange={(groupBy) => change({ groupBy })}
            />
          )}
          {fields.has('window') && (
            <Choice<WindowKind | Variable>
              label="Window"
              testId="dora-window"
              value={query.window}
              options={WINDOW_OPTIONS}
              variables={variables}
              width={16}
              tooltip="Calendar: each period by itself. Rolling: each point looks back over the same number of days."
              onChange={(window) => change({ window })}
            />
          )}
          {fields.has('rollingDays') && <RollingDays value={query.rollingDays} onChange={(rollingDays) => change({ rollingDays })} />}
          {fields.has('compare') && (
            <Choice<Comparison | Variable>
              label="Compare with"
              testId="dora-compare"
              value={query.compare}
              options={COMPARISON_OPTIONS}
              variables={variables}
              width={20}
              tooltip="Adds the same length of time just before."
              onChange={(compare) => change({ compare })}
            />
          )}
          {fields.has('format') && (
            <Choice<Format | Variable>
              label="Format"
              testId="dora-format"
              value={query.format}
              options={formats}
              variables={variables}
              width={18}
              tooltip="Time series for graphs, one number each for stats and alert rules, a table for lists."
              onChange={(format) => change({ format })}
            />
          )}
        </EditorRow>
      )}
      {fields.size > 0 && (
        <EditorRow>
          <QueryOptions query={query} datasource={datasource} fields={fields} variables={variables} onChange={change} />
        </EditorRow>
      )}
      <Text variant="bodySmall" color="secondary" element="p" data-testid="dora-summary">
        {describeQuery(stored)}
      </Text>
    </EditorRows>
  );
}
