import type { DataFrame, DataQueryResponse } from '@grafana/data';
import { concat, concatMap, defer, EMPTY, filter, map, takeWhile, tap, throttleTime, type Observable } from 'rxjs';
import type { SyncState } from './shared/resources';
import { syncStateOf } from './syncFeed';

/** While facts arrive, an answer is shown anew at most this often: a first synchronisation may take an hour. */
const PACE_MS = 15_000;

/** A table of the synchronisation itself is shown anew at most this often: it is cheap, and looked at to see it move. */
const TABLE_PACE_MS = 5_000;

/**
 * An answer and, where a synchronisation was under way when it was given, the answers that follow: at most one each
 * quarter of a minute while facts arrive, and the last one when the synchronisation ends. Completes then; at once where
 * none was under way. An answer is asked for anew only when facts were stored since the last one.
 *
 * @param ask Asks the data source; completes with the answer.
 * @param changes The state of the synchronisation, now and at each change.
 * @param key Names all these answers as one and the same to Grafana, so that each takes the place of the one before.
 */
export function followSync(ask: () => Observable<DataQueryResponse>, changes: Observable<SyncState>, key: string, now: () => number = Date.now): Observable<DataQueryResponse> {
  return defer(() => {
    let shown: SyncState | null = null;
    let askedAt = 0;
    const answer = (): Observable<DataQueryResponse> =>
      defer(() => {
        askedAt = now();
        return ask();
      }).pipe(
        tap((response) => {
          shown = stateOf(response) ?? shown;
        }),
        map((response) => ({ ...response, key }))
      );
    const news = defer(() =>
      shown === null
        ? EMPTY
        : changes.pipe(
            takeWhile(({ running }) => running, true),
            filter(({ running, revision }) => revision !== shown?.revision && (!running || now() - askedAt >= PACE_MS)),
            tap((state) => {
              // Known as shown also when the answer to come says nothing of it, as one after the end does.
              shown = state;
            }),
            concatMap(answer)
          )
    );
    return concat(answer(), news);
  });
}

/**
 * The table of the synchronisation, and its next answer at each change of it: a synchronisation that has not begun yet is news, too.
 * Never completes by itself. Parameters as for `followSync`.
 */
export function followTable(ask: () => Observable<DataQueryResponse>, changes: Observable<SyncState>, key: string): Observable<DataQueryResponse> {
  return defer(() => {
    let shown: SyncState | null = null;
    const answer = (): Observable<DataQueryResponse> =>
      defer(ask).pipe(
        tap((response) => {
          shown = stateOf(response) ?? shown;
        }),
        map((response) => ({ ...response, key }))
      );
    const news = changes.pipe(
      filter((state) => {
        const isNews = shown === null ? state.running : state.running !== shown.running || state.revision !== shown.revision;
        shown = state;
        return isNews;
      }),
      throttleTime(TABLE_PACE_MS, undefined, { leading: true, trailing: true }),
      concatMap(answer)
    );
    return concat(answer(), news);
  });
}

function stateOf({ data }: DataQueryResponse): SyncState | null {
  for (const frame of data as DataFrame[]) {
    const state = syncStateOf(frame.meta);
    if (state) {
      return state;
    }
  }
  return null;
}
