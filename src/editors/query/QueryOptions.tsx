import { t } from '@grafana/i18n';
import { QueryOptionGroup } from '@grafana/plugin-ui';
import { useMemo } from 'react';
import { isVariable, type FilledPanelQuery } from '../../panelQuery';
import { basisLabels } from '../../queryText';
import { DEFAULT_QUERY, LEVEL_YEARS } from '../../shared/queryOptions';
import { AS_TEXT } from '../../texts';
import { Choice } from '../controls/Choice';
import { timeZoneNames } from '../controls/timeZones';
import type { OptionalField } from './applicable';
import { QueryChoice, type QueryFieldProps } from './QueryChoice';
import { ScopeInput } from './ScopeInput';
import { Toggle } from './Toggle';
import type { Scope } from './useScope';

interface QueryOptionsProps extends QueryFieldProps {
  fields: ReadonlySet<OptionalField>;
  scope: Scope;
}

type ToggleField = 'completeBucketsOnly' | 'includeRollbacks' | 'includeRetries' | 'includeBaseline' | 'confidence';

function toggles(): Array<{ field: ToggleField; label: string; tooltip: string }> {
  return [
    {
      field: 'completeBucketsOnly',
      label: t('query.complete-only.label', 'Complete only'),
      tooltip: t('query.complete-only.tooltip', 'Leaves out the period that is still running, and those whose failures may still show.'),
    },
    {
      field: 'includeRollbacks',
      label: t('query.rollbacks.label', 'Rollbacks'),
      tooltip: t('query.rollbacks.tooltip', 'Counts deployments that bring back an earlier state, too.'),
    },
    {
      field: 'includeRetries',
      label: t('query.retries.label', 'Retries'),
      tooltip: t('query.retries.tooltip', 'Counts deployments of what is already in production, too.'),
    },
    {
      field: 'includeBaseline',
      label: t('query.baseline.label', 'First deployment'),
      tooltip: t('query.baseline.tooltip', 'Counts the changes of a service’s first known deployment, which may be years old.'),
    },
    {
      field: 'confidence',
      label: t('query.confidence.label', 'Confidence'),
      tooltip: t('query.confidence.tooltip', 'Adds the bounds between which the value lies with 95 % confidence.'),
    },
  ];
}

const DATA_SOURCE_ZONE = '';

/** What few queries need, folded away; what differs from the default is named on the closed group. */
export function QueryOptions({ fields, scope, ...choice }: QueryOptionsProps) {
  const { query, variables, onChange } = choice;
  const zones = useMemo(
    () => [{ value: DATA_SOURCE_ZONE, label: t('query.timezone.default', 'As the data source') }, ...timeZoneNames().map((name) => ({ value: name, label: name }))],
    []
  );
  const years = useMemo(() => LEVEL_YEARS.map((year) => ({ value: String(year), label: String(year) })), []);

  return (
    <QueryOptionGroup title={t('query.options', 'Options')} collapsedInfo={differences(query, fields)}>
      {fields.has('services') && <ScopeInput field="services" value={query.services} scope={scope} onChange={onChange} />}
      {fields.has('repositories') && <ScopeInput field="repositories" value={query.repositories} scope={scope} onChange={onChange} />}
      {fields.has('basis') && <QueryChoice field="basis" {...choice} />}
      {fields.has('levelsYear') && (
        <Choice<string>
          label={t('query.levels-year.label', 'Levels of')}
          testId="dora-levels-year"
          value={String(query.levelsYear)}
          options={years}
          variables={variables}
          width={16}
          tooltip={t('query.levels-year.tooltip', 'The year of the DORA report whose levels colour the values.')}
          onChange={(year) => onChange({ levelsYear: isVariable(year) ? year : LEVEL_YEARS.find((known) => String(known) === year) })}
        />
      )}
      {fields.has('timezone') && (
        <Choice<string>
          label={t('query.timezone.label', 'Time zone')}
          testId="dora-timezone"
          value={query.timezone ?? DATA_SOURCE_ZONE}
          options={zones}
          variables={variables}
          custom
          tooltip={t('query.timezone.tooltip', 'Where days, weeks and months begin.')}
          onChange={(zone) => onChange({ timezone: zone === DATA_SOURCE_ZONE ? undefined : zone })}
        />
      )}
      {toggles().map(
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
    words.push(t('query.differs.services', 'Services: {{names}}', { names: query.services.join(', '), ...AS_TEXT }));
  }
  if (fields.has('repositories') && query.repositories.length > 0) {
    words.push(t('query.differs.repositories', 'Repositories: {{names}}', { names: query.repositories.join(', '), ...AS_TEXT }));
  }
  if (fields.has('basis') && query.basis !== DEFAULT_QUERY.basis) {
    const basis = isVariable(query.basis) ? query.basis : basisLabels()[query.basis];
    words.push(t('query.differs.basis', 'Failures by: {{basis}}', { basis, ...AS_TEXT }));
  }
  if (fields.has('levelsYear')) {
    words.push(t('query.differs.levels-year', 'Levels of {{year}}', { year: query.levelsYear, ...AS_TEXT }));
  }
  if (fields.has('timezone')) {
    words.push(
      query.timezone === null
        ? t('query.differs.timezone-default', 'Time zone: as the data source')
        : t('query.differs.timezone', 'Time zone: {{zone}}', { zone: query.timezone, ...AS_TEXT })
    );
  }
  for (const { field, label } of toggles()) {
    if (fields.has(field) && query[field]) {
      words.push(label);
    }
  }
  return words;
}
