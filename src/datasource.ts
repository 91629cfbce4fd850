import {
  CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type DataSourceJsonData,
  type ScopedVars,
} from '@grafana/data';
import { DataSourceWithBackend, getTemplateSrv, StreamingFrameAction } from '@grafana/runtime';
import { defer, map, ReplaySubject, share, type Observable } from 'rxjs';
import { annotationSupport } from './annotations';
import { followSync, followTable } from './followSync';
import { expand, interpolate } from './interpolation';
import type { PanelQuery } from './panelQuery';
import { isAlerting } from './place';
import { describeQuery } from './queryText';
import { withoutNothing } from './emptyAnswers';
import { withRowLinks } from './rowLinks';
import { matchesGlobs } from './shared/glob';
import { DEFAULT_QUERY } from './shared/queryOptions';
import type { EnvironmentsAnswer, PipelinesAnswer, RepositoriesAnswer, ServicesAnswer, SyncStatusAnswer, TeamsAnswer } from './shared/resources';
import type { DoraJsonData } from './shared/settings';
import { isLive, watchSync } from './syncFeed';
import { DoraVariableSupport } from './variables';

/** Editors say themselves what went wrong, where it went wrong. */
const QUIET = { showErrorAlert: false };

/** Where somebody looks on. Elsewhere (rules, reports, expressions) one answer is wanted, and its end waited for. */
const WATCHED = new Set<string>([CoreApp.Dashboard, CoreApp.PanelEditor, CoreApp.PanelViewer, CoreApp.Explore]);

/** More rows than any table of the synchronisation has. */
const ALL_ROWS = 1_000_000;

export type DoraOptions = DataSourceJsonData & DoraJsonData;

/** What Grafana asks of the data source in the browser; every answer comes from the backend. */
export class DoraDataSource extends DataSourceWithBackend<PanelQuery, DoraOptions> {
  override annotations = annotationSupport;

  /** Each message of the channel is the whole table. */
  override streamOptionsProvider = () => ({ action: StreamingFrameAction.Replace, maxLength: ALL_ROWS, maxDelta: Infinity });

  private readonly options: DoraOptions;

  /** One for all panels of the page, while any of them listens. */
  private readonly syncChanges = defer(() => watchSync(this.uid, () => this.getSync())).pipe(share({ connector: () => new ReplaySubject(1) }));

  constructor(instanceSettings: DataSourceInstanceSettings<DoraOptions>) {
    super(instanceSettings);
    this.options = instanceSettings.jsonData;
    this.variables = new DoraVariableSupport(this);
  }

  override getDefaultQuery(app: CoreApp): Partial<PanelQuery> {
    const query: Partial<PanelQuery> = { queryType: DEFAULT_QUERY.queryType, metric: DEFAULT_QUERY.metric, teams: [], interval: DEFAULT_QUERY.interval };
    // A rule compares one number a series, and its own time range is often minutes.
    return isAlerting(app) ? { ...query, format: 'number', window: 'rolling', rollingDays: DEFAULT_QUERY.rollingDays } : query;
  }

  override filterQuery(query: PanelQuery): boolean {
    return !query.hide;
  }

  /** Shows anew what a synchronisation under way has changed; see `followSync`. */
  override query(request: DataQueryRequest<PanelQuery>): Observable<DataQueryResponse> {
    if (!isWatched(request)) {
      return super.query(request);
    }
    const shown = (response: DataQueryResponse): DataQueryResponse => withoutNothing(response, request.panelPluginId);
    if (request.targets.every(isSyncTable)) {
      return isLive() && request.targets.every(isWhole)
        ? super.query({ ...request, targets: request.targets.map((target) => ({ ...target, live: true })) }).pipe(map(shown))
        : followTable(() => super.query(request), this.syncChanges, request.requestId).pipe(map(shown));
    }
    const origin = { uid: this.uid, type: this.type, timezone: this.options.timezone ?? 'UTC' };
    const ask = () => super.query(request).pipe(map((response) => withRowLinks(response, request, origin, (target) => this.applyTemplateVariables(target, request.scopedVars))), map(shown));
    return followSync(ask, this.syncChanges, request.requestId);
  }

  override getQueryDisplayText(query: PanelQuery): string {
    return describeQuery(query);
  }

  override applyTemplateVariables(query: PanelQuery, scopedVars: ScopedVars): PanelQuery {
    return interpolate(getTemplateSrv(), query, scopedVars);
  }

  override interpolateVariablesInQueries(queries: PanelQuery[], scopedVars: ScopedVars): PanelQuery[] {
    return queries.map((query) => ({ ...this.applyTemplateVariables(query, scopedVars), datasource: this.getRef() }));
  }

  /** Every value that a text with variables stands for. */
  expand(text: string, scopedVars: ScopedVars): string[] {
    return expand(getTemplateSrv(), text, scopedVars);
  }

  /** Names of the dashboard's variables as a query writes them: `$team`. Empty where there is no dashboard. */
  variableNames(): string[] {
    return getTemplateSrv()
      .getVariables()
      .map(({ name }) => `$${name}`);
  }

  getTeams(): Promise<TeamsAnswer> {
    return this.getResource<TeamsAnswer>('teams', undefined, QUIET);
  }

  getServices(): Promise<ServicesAnswer> {
    return this.getResource<ServicesAnswer>('services', undefined, QUIET);
  }

  /** Repositories that contain `text`; without it those whose facts are known. */
  getRepositories(text = ''): Promise<RepositoriesAnswer> {
    return this.getResource<RepositoriesAnswer>('repositories', text ? { q: text } : undefined, QUIET);
  }

  getEnvironments(): Promise<EnvironmentsAnswer> {
    return this.getResource<EnvironmentsAnswer>('environments', undefined, QUIET);
  }

  getPipelines(text = ''): Promise<PipelinesAnswer> {
    return this.getResource<PipelinesAnswer>('pipelines', text ? { q: text } : undefined, QUIET);
  }

  getSync(): Promise<SyncStatusAnswer> {
    return this.getResource<SyncStatusAnswer>('sync', undefined, QUIET);
  }

  /** Teams whose settings name this repository. */
  teamsOf(repository: string): string[] {
    return (this.options.teams ?? [])
      .filter((team) =>
        matchesGlobs(
          (team.repositories ?? []).map((selection) => (typeof selection === 'string' ? selection : selection.match)),
          repository
        )
      )
      .map((team) => team.name);
  }
}

function isSyncTable({ queryType, format }: PanelQuery): boolean {
  return queryType === 'sync' && format !== 'number';
}

/** The channel of the synchronisation brings every row. */
function isWhole({ rows }: PanelQuery): boolean {
  return rows === undefined || rows === DEFAULT_QUERY.rows;
}

/** A panel that mixes data sources waits for the end of each answer, and annotations are asked for with every refresh. */
function isWatched({ app, requestId, targets }: DataQueryRequest<PanelQuery>): boolean {
  return WATCHED.has(app) && !requestId.startsWith('mixed-') && targets.every(({ annotate }) => annotate === undefined);
}
