import {
  CoreApp,
  type DataFrame,
  type DataQuery,
  type DataQueryRequest,
  type DataSourceApi,
  LoadingState,
  type PanelData,
  type ScopedVars,
  type TimeRange,
  toDataFrame,
  dateTime,
  rangeUtil,
} from '@grafana/data';
import { type Observable, catchError, from, map, of, startWith } from 'rxjs';

let requests = 0;

export interface Question {
  queries: DataQuery[];
  range: TimeRange;
  timezone: string;
  scopedVars?: ScopedVars;
  maxDataPoints?: number;
  app?: CoreApp;
  panelId?: number;
  /** Type of the panel that asks. */
  panelPluginId?: string;
  /** The board that asks. */
  dashboardUID?: string;
}

/** Asks a data source as a panel does, and answers with what a panel gets: first loading, then data, notices and errors. */
export function ask(source: DataSourceApi, question: Question): Observable<PanelData> {
  const { range, timezone, queries } = question;
  const maxDataPoints = question.maxDataPoints ?? 1_000;
  const { interval, intervalMs } = rangeUtil.calculateInterval(range, maxDataPoints);
  requests += 1;
  const request: DataQueryRequest = {
    requestId: `Q${requests}`,
    app: question.app ?? CoreApp.Dashboard,
    range,
    timezone,
    targets: queries.filter((query) => !query.hide && (source.filterQuery?.(query) ?? true)),
    interval,
    intervalMs,
    maxDataPoints,
    scopedVars: { __interval: { text: interval, value: interval }, __interval_ms: { text: String(intervalMs), value: intervalMs }, ...question.scopedVars },
    panelId: question.panelId,
    panelPluginId: question.panelPluginId,
    dashboardUID: question.dashboardUID,
    startTime: Date.now(),
  };
  const loading: PanelData = { state: LoadingState.Loading, series: [], timeRange: range, request };
  if (request.targets.length === 0) {
    return of({ ...loading, state: LoadingState.Done });
  }
  return from(source.query(request)).pipe(
    map((response): PanelData => {
      const errors = response.errors ?? (response.error ? [response.error] : []);
      return {
        state: errors.length > 0 ? LoadingState.Error : (response.state ?? LoadingState.Done),
        series: response.data.map((frame: DataFrame) => toDataFrame(frame)),
        errors,
        error: errors[0],
        timeRange: range,
        request,
      };
    }),
    catchError((error: { message?: string; data?: { message?: string } }) =>
      of({ ...loading, state: LoadingState.Error, errors: [{ message: error.data?.message ?? error.message ?? 'The query failed' }] })
    ),
    startWith(loading)
  );
}

/** A time range of now from what a user chose: `now-90d` stays relative, so that the next look starts later. */
export function rangeOf(raw: { from: string; to: string }, timezone: string): TimeRange {
  return rangeUtil.convertRawToRange({ from: fixed(raw.from), to: fixed(raw.to) }, timezone);
}

function fixed(text: string): string {
  return /^\d+$/.test(text) ? dateTime(Number(text)).toISOString() : text;
}
