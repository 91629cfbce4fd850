import type { QueryEditorProps } from '@grafana/data';
import { EditorRow, EditorRows } from '@grafana/plugin-ui';
import { useCallback, useMemo } from 'react';
import type { DoraDataSource, DoraOptions } from '../datasource';
import { isVariable, type PanelQuery } from '../panelQuery';
import { VARIABLE_TYPES, type VariableQuery, type VariableType } from '../variables';
import { Choice } from './controls/Choice';
import { useAnswer } from './controls/useAnswer';
import { NoTeamsHint } from './query/NoTeamsHint';
import { ScopeInput } from './query/ScopeInput';

type Props = QueryEditorProps<DoraDataSource, PanelQuery, DoraOptions, VariableQuery>;

const TYPE_LABELS: Record<VariableType, string> = {
  teams: 'Teams',
  services: 'Services',
  repositories: 'Repositories',
  environments: 'Environments',
};

const TYPE_OPTIONS = VARIABLE_TYPES.map((value) => ({ value, label: TYPE_LABELS[value] }));

/** What a dashboard variable offers to choose from. */
export default function VariableQueryEditor({ query, datasource, onChange, onRunQuery }: Props) {
  const loadTeams = useCallback(() => datasource.getTeams(), [datasource]);
  const teams = useAnswer(loadTeams);
  const variables = useMemo(() => datasource.variableNames().filter(isVariable), [datasource]);
  const teamNames = useMemo(() => [...variables, ...(teams.state === 'ready' ? teams.value : [])], [teams, variables]);

  const change = (patch: Partial<VariableQuery>): void => {
    onChange({ ...query, ...patch });
    onRunQuery();
  };

  const type = query.type ?? 'teams';
  return (
    <EditorRows>
      {teams.state === 'ready' && teams.value.length === 0 && <NoTeamsHint uid={datasource.uid} />}
      <EditorRow>
        <Choice<VariableType>
          label="List"
          testId="dora-variable-type"
          value={type}
          options={TYPE_OPTIONS}
          onChange={(value) => change({ type: value })}
        />
        {type !== 'environments' && (
          <ScopeInput
            label="Team"
            testId="dora-variable-teams"
            value={query.teams ?? []}
            names={teamNames}
            placeholder="All teams"
            tooltip="Lists only what belongs to these teams. Names, patterns such as Pay*, or another variable."
            onChange={(chosen) => change({ teams: chosen })}
          />
        )}
      </EditorRow>
    </EditorRows>
  );
}
