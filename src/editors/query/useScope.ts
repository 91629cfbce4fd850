import { useCallback, useMemo } from 'react';
import type { DoraDataSource } from '../../datasource';
import { isVariable, type Variable } from '../../panelQuery';
import { useAnswer, type Loaded } from '../controls/useAnswer';

/** What a query may be limited to. */
export type ScopeField = 'teams' | 'services' | 'repositories';

export type NameSource = readonly string[] | ((text: string) => Promise<string[]>);

export interface Scope {
  teams: Loaded<string[]>;
  /** The dashboard's variables, as a query writes them. */
  variables: Variable[];
  /** What can be chosen in each field; variables first. */
  names: Record<ScopeField, NameSource>;
}

/** What the editors of queries offer to choose from; `withVariables` is false where there is no dashboard. */
export function useScope(datasource: DoraDataSource, withVariables = true): Scope {
  const loadTeams = useCallback(() => datasource.getTeams(), [datasource]);
  const teams = useAnswer(loadTeams);
  const variables = useMemo(() => (withVariables ? datasource.variableNames().filter(isVariable) : []), [datasource, withVariables]);
  const teamNames = teams.state === 'ready' ? teams.value : undefined;
  const names = useMemo(
    () => ({
      teams: [...variables, ...(teamNames ?? [])],
      services: async () => [...variables, ...new Set((await datasource.getServices()).map(({ service }) => service))],
      repositories: async (text: string) => [...variables, ...(await datasource.getRepositories(text))],
    }),
    [datasource, teamNames, variables]
  );
  return { teams, variables, names };
}
