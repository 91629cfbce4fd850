import { useMemo } from 'react';
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
  const asked = useMemo(() => {
    const promise = datasource.getTeams();
    return { load: () => promise, names: () => promise.catch(() => datasource.getTeams()) };
  }, [datasource]);
  const teams = useAnswer(asked.load);
  const variables = useMemo(() => (withVariables ? datasource.variableNames().filter(isVariable) : []), [datasource, withVariables]);
  const names = useMemo(
    () => ({
      teams: async () => [...variables, ...(await asked.names())],
      services: async () => [...variables, ...new Set((await datasource.getServices()).map(({ service }) => service))],
      repositories: async (text: string) => [...variables, ...(await datasource.getRepositories(text))],
    }),
    [asked, datasource, variables]
  );
  return { teams, variables, names };
}
