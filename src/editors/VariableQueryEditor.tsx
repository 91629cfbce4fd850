import type { QueryEditorProps } from '@grafana/data';
import { t } from '@grafana/i18n';
import { EditorRow, EditorRows } from '@grafana/plugin-ui';
import type { DoraDataSource, DoraOptions } from '../datasource';
import type { PanelQuery } from '../panelQuery';
import { VARIABLE_TYPES, type VariableQuery, type VariableType } from '../variables';
import { Choice } from './controls/Choice';
import { ScopeInput } from './query/ScopeInput';
import { TeamsState } from './query/TeamsState';
import { useScope } from './query/useScope';

type Props = QueryEditorProps<DoraDataSource, PanelQuery, DoraOptions, VariableQuery>;

function typeLabels(): Record<VariableType, string> {
  return {
    teams: t('variable.teams', 'Teams'),
    services: t('variable.services', 'Services'),
    repositories: t('variable.repositories', 'Repositories'),
    environments: t('variable.environments', 'Environments'),
  };
}

/** What a dashboard variable offers to choose from. */
export default function VariableQueryEditor({ query, datasource, onChange, onRunQuery }: Props) {
  const scope = useScope(datasource);
  const labels = typeLabels();

  const change = (patch: Partial<VariableQuery>): void => {
    onChange({ ...query, ...patch });
    onRunQuery();
  };

  const type = query.type ?? 'teams';
  return (
    <EditorRows>
      <EditorRow>
        <Choice<VariableType>
          label={t('variable.label', 'List')}
          testId="dora-variable-type"
          value={type}
          options={VARIABLE_TYPES.map((value) => ({ value, label: labels[value] }))}
          onChange={(value) => change({ type: value })}
        />
        {type !== 'environments' && (
          <ScopeInput
            field="teams"
            testId="dora-variable-teams"
            value={query.teams}
            scope={scope}
            tooltip={t('variable.teams-tooltip', 'Lists only what belongs to these teams. Names, patterns such as Pay*, or another variable.')}
            onChange={change}
          />
        )}
      </EditorRow>
      <TeamsState teams={scope.teams} uid={datasource.uid} />
    </EditorRows>
  );
}
