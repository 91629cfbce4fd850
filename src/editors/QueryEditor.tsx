import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorRow, EditorRows } from '@grafana/plugin-ui';
import type { DoraDataSource, DoraOptions } from '../datasource';
import { isVariable, withDefaults, type PanelQuery } from '../panelQuery';
import { isAlerting } from '../place';
import { PUBLISHED_METRICS } from '../shared/published';
import { applicableFields, hasOptions } from './query/applicable';
import { PublishedName } from './query/PublishedName';
import { QueryChoice } from './query/QueryChoice';
import { QueryOptions } from './query/QueryOptions';
import { RollingDays } from './query/RollingDays';
import { ScopeInput } from './query/ScopeInput';
import { ShowChoice } from './query/ShowChoice';
import { Summary } from './query/Summary';
import { TeamsState } from './query/TeamsState';
import { useScope } from './query/useScope';

export type DoraQueryEditorProps = QueryEditorProps<DoraDataSource, PanelQuery, DoraOptions>;

/** Builds a query out of choices; every completed choice runs it. */
export default function QueryEditor({ query: stored, datasource, app, onChange, onRunQuery }: DoraQueryEditorProps) {
  const query = withDefaults(stored);
  const fields = applicableFields(query, app);
  // Rules have no dashboard and so no variables.
  const scope = useScope(datasource, !isAlerting(app));
  const [usual] = isVariable(query.metric) ? [] : PUBLISHED_METRICS[query.metric];

  const take = (changed: PanelQuery): void => {
    onChange(changed);
    onRunQuery();
  };
  const change = (patch: Partial<PanelQuery>): void => take({ ...stored, ...patch });
  const choice = { query, app, variables: scope.variables, onChange: change };

  return (
    <EditorRows>
      <EditorRow>
        <ShowChoice {...choice} />
        {query.queryType === 'cloudwatch' && <QueryChoice field="metric" {...choice} />}
        {fields.has('namespace') && (
          <PublishedName
            label={t('query.namespace.label', 'Namespace')}
            testId="dora-namespace"
            tooltip={t('query.namespace.tooltip', 'Where the other stack publishes. Empty: as the AWS sample does.')}
            value={query.namespace}
            usual={usual?.namespace ?? 'DORA'}
            onChange={(namespace) => change({ namespace })}
          />
        )}
        {fields.has('metricName') && (
          <PublishedName
            label={t('query.metric-name.label', 'Metric name')}
            testId="dora-metric-name"
            tooltip={t('query.metric-name.tooltip', 'The name of the metric, published without dimensions. Empty: as the AWS sample does.')}
            value={query.metricName}
            usual={usual?.name ?? t('query.metric-name.placeholder', 'Name of the metric')}
            onChange={(metricName) => change({ metricName })}
          />
        )}
        {fields.has('teams') && <ScopeInput field="teams" value={query.teams} scope={scope} onChange={change} />}
        {fields.has('rows') && <QueryChoice field="rows" {...choice} />}
        {fields.has('interval') && <QueryChoice field="interval" {...choice} />}
      </EditorRow>
      {(fields.has('format') || fields.has('groupBy') || fields.has('statistic')) && (
        <EditorRow>
          {fields.has('statistic') && <QueryChoice field="statistic" {...choice} />}
          {fields.has('measure') && <QueryChoice field="measure" {...choice} />}
          {fields.has('groupBy') && <QueryChoice field="groupBy" {...choice} />}
          {fields.has('window') && <QueryChoice field="window" {...choice} />}
          {fields.has('rollingDays') && <RollingDays value={query.rollingDays} onChange={(rollingDays) => change({ rollingDays })} />}
          {fields.has('compare') && <QueryChoice field="compare" {...choice} />}
          {fields.has('format') && <QueryChoice field="format" {...choice} />}
        </EditorRow>
      )}
      {hasOptions(fields) && (
        <EditorRow>
          <QueryOptions {...choice} fields={fields} scope={scope} />
        </EditorRow>
      )}
      <Summary query={stored} app={app} onChoose={take} />
      {/* Last, so that nothing moves when it comes. */}
      <TeamsState teams={scope.teams} uid={datasource.uid} />
    </EditorRows>
  );
}
