import { EditorRow, EditorRows } from '@grafana/plugin-ui';
import { useCallback, useMemo } from 'react';
import { ANNOTATION_KINDS, isVariable, type AnnotationKind } from '../panelQuery';
import { Choice } from './controls/Choice';
import { useAnswer } from './controls/useAnswer';
import { NoTeamsHint } from './query/NoTeamsHint';
import { ScopeInput } from './query/ScopeInput';
import type { DoraQueryEditorProps } from './QueryEditor';

const KIND_LABELS: Record<AnnotationKind, string> = {
  deployments: 'Deployments',
  'failed-deployments': 'Failed deployments',
  incidents: 'Incidents, from opening to resolution',
};

const KIND_OPTIONS = ANNOTATION_KINDS.map((kind) => ({ value: kind, label: KIND_LABELS[kind] }));

/** Which events an annotation query marks, and whose. */
export default function AnnotationQueryEditor({ query, datasource, onChange, onRunQuery }: DoraQueryEditorProps) {
  const loadTeams = useCallback(() => datasource.getTeams(), [datasource]);
  const teams = useAnswer(loadTeams);
  const variables = useMemo(() => datasource.variableNames().filter(isVariable), [datasource]);
  const teamNames = useMemo(() => [...variables, ...(teams.state === 'ready' ? teams.value : [])], [teams, variables]);
  const serviceNames = useMemo(
    () => async () => [...variables, ...new Set((await datasource.getServices()).map(({ service }) => service))],
    [datasource, variables]
  );
  const repositoryNames = useMemo(
    () => async (text: string) => [...variables, ...(await datasource.getRepositories(text))],
    [datasource, variables]
  );

  const change = (patch: Partial<DoraQueryEditorProps['query']>): void => {
    onChange({ ...query, ...patch });
    onRunQuery();
  };

  return (
    <EditorRows>
      {teams.state === 'ready' && teams.value.length === 0 && <NoTeamsHint uid={datasource.uid} />}
      <EditorRow>
        <Choice<AnnotationKind>
          label="Mark"
          testId="dora-annotate"
          value={query.annotate ?? 'deployments'}
          options={KIND_OPTIONS}
          width={36}
          onChange={(annotate) => change({ annotate })}
        />
        <ScopeInput
          label="Team"
          testId="dora-teams"
          value={query.teams ?? []}
          names={teamNames}
          placeholder="All teams"
          tooltip="Names or patterns such as Pay*; a leading ! leaves out. Empty means all."
          onChange={(chosen) => change({ teams: chosen })}
        />
        <ScopeInput
          label="Services"
          testId="dora-services"
          value={query.services ?? []}
          names={serviceNames}
          placeholder="All services"
          tooltip="Names or patterns such as api-*; a leading ! leaves out."
          onChange={(services) => change({ services })}
        />
        <ScopeInput
          label="Repositories"
          testId="dora-repositories"
          value={query.repositories ?? []}
          names={repositoryNames}
          placeholder="All repositories"
          tooltip="Names or patterns such as acme/payments-*; a leading ! leaves out."
          onChange={(repositories) => change({ repositories })}
        />
      </EditorRow>
    </EditorRows>
  );
}
