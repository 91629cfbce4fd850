import { CustomVariableSupport, type DataQueryRequest, type DataQueryResponse, type MetricFindValue } from '@grafana/data';
import type { DataQuery } from '@grafana/schema';
import { from, type Observable } from 'rxjs';
import type { DoraDataSource, DoraOptions } from './datasource';
import { lazyEditor } from './editors/lazyEditor';
import type { PanelQuery } from './panelQuery';
import { matchesGlobs } from './shared/glob';

export const VARIABLE_TYPES = ['teams', 'services', 'repositories', 'environments'] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** What a dashboard variable lists. */
export interface VariableQuery extends DataQuery {
  type: VariableType;
  /** Names or globs of the teams whose services or repositories are listed; empty or absent means all. */
  teams?: string[];
}

/** Query variables: teams, services, repositories and environments. */
export class DoraVariableSupport extends CustomVariableSupport<DoraDataSource, VariableQuery, PanelQuery, DoraOptions> {
  editor = lazyEditor(() => import('./editors/VariableQueryEditor'), 60);

  constructor(private readonly datasource: DoraDataSource) {
    super();
  }

  override getDefaultQuery(): Partial<PanelQuery> & Partial<VariableQuery> {
    return { type: 'teams' };
  }

  query(request: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> {
    const [query] = request.targets;
    return from(this.list(query, request).then((names) => ({ data: names.map((text): MetricFindValue => ({ text, value: text })) })));
  }

  private async list(query: VariableQuery, request: DataQueryRequest<VariableQuery>): Promise<string[]> {
    const teams = (query.teams ?? []).flatMap((team) => this.datasource.expand(team, request.scopedVars));
    const ofTeams = (team: string): boolean => teams.length === 0 || matchesGlobs(teams, team);
    switch (query.type) {
      case 'services': {
        const services = await this.datasource.getServices();
        return sorted(services.filter(({ team }) => ofTeams(team)).map(({ service }) => service));
      }
      case 'repositories': {
        const repositories = await this.datasource.getRepositories();
        return teams.length === 0 ? repositories : repositories.filter((name) => this.datasource.teamsOf(name).some(ofTeams));
      }
      case 'environments':
        return this.datasource.getEnvironments();
      case 'teams':
      default: {
        const names = await this.datasource.getTeams();
        return names.filter(ofTeams);
      }
    }
  }
}

function sorted(names: string[]): string[] {
  return [...new Set(names)].sort((a, b) => a.localeCompare(b));
}
