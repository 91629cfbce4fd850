import { QueryOptionGroup } from '@grafana/plugin-ui';
import { useMemo } from 'react';
import type { DoraDataSource } from '../../datasource';
import { isVariable, type FilledPanelQuery, type PanelQuery, type Variable } from '../../panelQuery';
import { BASIS_LABELS } from '../../queryText';
import { DEFAULT_QUERY, FAILURE_BASES, LEVEL_YEARS, type FailureBasis } from '../../shared/queryOptions';
import { Choice } from '../controls/Choice';
import { timeZoneNames } from '../controls/timeZones';
import type { OptionalField } from './applicable';
import { ScopeInput } from './ScopeInput';
import { Toggle } from './Toggle';

interface QueryOptionsProps {
  query: FilledPanelQuery;
  datasource: DoraDataSource;
  fields: ReadonlySet<OptionalField>;
  variables: Variable[];
  onChange: (patch: Partial<PanelQuery>) => void;
}

const TOGGLES = [
  { field: 'completeBucketsOnly', label: 'Complete only', tooltip: 'Leaves out the period that is still running, and those whose failures may still show.' },
  { field: 'includeRollbacks', label: 'Rollbacks', tooltip: 'Counts deployments that bring back an earlier state, too.' },
  { field: 'includeRetries', label: 'Retries', tooltip: 'Counts deployments of what is already in production, too.' },
  { field: 'includeBaseline', label: 'First deployment', tooltip: 'Counts the changes of a service’s first known deployment, which may be years old.' },
  { field: 'confidence', label: 'Confidence', tooltip: 'Adds the bounds between which the rate lies with 95 % confidence.' },
] as const;

const BASIS_OPTIONS = FAILURE_BASES.map((basis) => ({ value: basis, label: BASIS_LABELS[basis] }));

const DATA_SOURCE_ZONE = '';

/** What few queries need, folded away; what differs from the default is named on the closed group. */
export function QueryOptions({ query, datasource, fields, variables, onChange }: QueryOptionsProps) {
  const serviceNames = useMemo(
    () => async () => [...variables, ...new Set((await datasource.getServices()).map(({ service }) => service))],
    [datasource, variables]
  );
  const repositoryNames = useMemo(
    () => async (text: string) => [...variables, ...(await datasource.getRepositories(text))],
    [datasource, variables]
  );
  const zones = useMemo(
    () => [
      { value: DATA_SOURCE_ZONE, label: 'As the data source' },
      ...timeZoneNames().map((name) => ({ value: name, label: name })),
    ],
    []
  );
  const years = useMemo(() => LEVEL_YEARS.map((year) => ({ value: String(year), label: String(year) })), []);

  if (fields.size === 0) {
    return null;
  }
  return (
    <QueryOptionGroup title="Options" collapsedInfo={differences(query, fields)}>
      {fields.has('services') && (
        <ScopeInput
          label="Services"
          testId="dora-services"
          value={query.services}
          names={serviceNames}
          placeholder="All services"
          tooltip="Names or patterns such as api-*; a leading ! leaves out."
          onChange={(services) => onChange({ services })}
        />
      )}
      {fields.has('repositories') && (
        <ScopeInput
          label="Repositories"
          testId="dora-repositories"
          value={query.repositories}
          names={repositoryNames}
          placeholder="All repositories"
          tooltip="Names or patterns such as acme/payments-*; a leading ! leaves out."
          onChange={(repositories) => onChange({ repositories })}
        />
      )}
      {fields.has('basis') && (
        <Choice<FailureBasis | Variable>
          label="Failures by"
          testId="dora-basis"
          value={query.basis}
          options={BASIS_OPTIONS}
          variables={variables}
          tooltip="Linked incidents: deployments that caused one, never above 100 %. Number of incidents: incidents opened for each deployment."
          onChange={(basis) => onChange({ basis })}
        />
      )}
      {fields.has('levelsYear') && (
        <Choice<string>
          label="Levels of"
          testId="dora-levels-year"
          value={String(query.levelsYear)}
          options={years}
          variables={variables}
          width={16}
          tooltip="The year of the DORA report whose levels colour the values."
          onChange={(year) => onChange({ levelsYear: isVariable(year) ? year : LEVEL_YEARS.find((known) => String(known) === year) })}
        />
      )}
      {fields.has('timezone') && (
        <Choice<string>
          label="Time zone"
          testId="dora-timezone"
          value={query.timezone ?? DATA_SOURCE_ZONE}
          options={zones}
          variables={variables}
          custom
          tooltip="Where days, weeks and months begin."
          onChange={(zone) => onChange({ timezone: zone === DATA_SOURCE_ZONE ? undefined : zone })}
        />
      )}
      {TOGGLES.map(
        ({ field, label, tooltip }) =>
          fields.has(field) && (
            <Toggle key={field} label={label} tooltip={tooltip} testId={`dora-${field}`} value={query[field]} onChange={(value) => onChange({ [field]: value })} />
          )
      )}
    </QueryOptionGroup>
  );
}

function differences(query: FilledPanelQuery, fields: ReadonlySet<OptionalField>): string[] {
  const words: string[] = [];
  if (fields.has('services') && query.services.length > 0) {
    words.push(`Services: ${query.services.join(', ')}`);
  }
  if (fields.has('repositories') && query.repositories.length > 0) {
    words.push(`Repositories: ${query.repositories.join(', ')}`);
  }
  if (fields.has('basis') && query.basis !== DEFAULT_QUERY.basis) {
    words.push(`Failures by: ${isVariable(query.basis) ? query.basis : BASIS_LABELS[query.basis].toLowerCase()}`);
  }
  if (fields.has('levelsYear')) {
    words.push(`Levels of ${query.levelsYear}`);
  }
  if (fields.has('timezone')) {
    words.push(`Time zone: ${query.timezone ?? 'as the data source'}`);
  }
  for (const { field, label } of TOGGLES) {
    if (fields.has(field) && query[field]) {
      words.push(label);
    }
  }
  return words;
}
