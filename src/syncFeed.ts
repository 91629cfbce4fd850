import { isLiveChannelMessageEvent, isLiveChannelStatusEvent, parseLiveChannelAddress, type DataFrameJSON, type LiveChannelEvent } from '@grafana/data';
import { getGrafanaLiveSrv, type GrafanaLiveSrv } from '@grafana/runtime';
import {
  catchError,
  concatMap,
  defer,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  merge,
  mergeMap,
  of,
  switchMap,
  throttleTime,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { SYNC_CHANNEL, type SyncState } from './shared/resources';

/** How often the state is asked for where Grafana Live cannot tell of it. */
const POLL_MS = 5_000;

/** How often it is asked for although Grafana Live would tell: times such as "a minute ago" go on. */
const LOOK_MS = 15_000;

/** At most one question in this time, however much there is to tell. */
const PACE_MS = 1_000;

/** What a frame says of the synchronisation; null where none was under way. */
export function syncStateOf(meta: { custom?: Record<string, unknown> } | undefined): SyncState | null {
  const sync = meta?.custom?.sync as Partial<SyncState> | undefined;
  return typeof sync?.running === 'boolean' && typeof sync.revision === 'number' ? { running: sync.running, revision: sync.revision } : null;
}

// A page without Grafana Live has no service, whatever the type says.
function live(): GrafanaLiveSrv | undefined {
  return getGrafanaLiveSrv();
}

/** Whether this page is connected to Grafana Live, now and from now on. */
function liveConnection(): Observable<boolean> {
  return live()?.getConnectionState().pipe(distinctUntilChanged()) ?? of(false);
}

/** True when a channel that is subscribed to now will speak. */
export function isLive(): boolean {
  let connected = false;
  liveConnection()
    .subscribe((state) => {
      connected = state;
    })
    .unsubscribe();
  return connected;
}

/**
 * The state of a data source's synchronisation now, and each change of it: from Grafana Live while the page is connected to
 * it, else by asking again and again. Never ends by itself and never fails: what cannot be asked is asked again.
 */
export function watchSync(uid: string, ask: () => Promise<SyncState>): Observable<SyncState> {
  return liveConnection().pipe(switchMap((connected) => (connected ? channel(uid).pipe(catchError(() => polling(ask))) : polling(ask))));
}

/** Asks now and whenever there is news of the synchronisation; a question that fails is left out, and asked again. */
export function askOnNews<Answer>(uid: string, ask: () => Promise<Answer>): Observable<Answer> {
  const asked = (): Observable<Answer> => defer(ask).pipe(catchError(() => EMPTY));
  const pace = throttleTime<unknown>(PACE_MS, undefined, { leading: true, trailing: true });
  return liveConnection().pipe(
    switchMap((connected) =>
      connected ? merge(timer(0, LOOK_MS), channel(uid).pipe(catchError(() => timer(0, POLL_MS)))).pipe(pace, concatMap(asked)) : polling(ask)
    )
  );
}

function channel(uid: string): Observable<SyncState> {
  const service = live();
  const address = parseLiveChannelAddress(`ds/${uid}/${SYNC_CHANNEL}`);
  if (!service || !address) {
    return throwError(() => new Error('Grafana Live has no such channel'));
  }
  return service.getStream<DataFrameJSON>(address).pipe(mergeMap(stateOfEvent));
}

function stateOfEvent(event: LiveChannelEvent<DataFrameJSON>): Observable<SyncState> {
  if (isLiveChannelStatusEvent(event) && event.error !== undefined) {
    return throwError(() => new Error(String(event.error)));
  }
  const message = isLiveChannelMessageEvent(event) || isLiveChannelStatusEvent(event) ? (event.message as DataFrameJSON | undefined) : undefined;
  const state = syncStateOf(message?.schema?.meta);
  return state ? of(state) : EMPTY;
}

function polling<Answer>(ask: () => Promise<Answer>): Observable<Answer> {
  return timer(0, POLL_MS).pipe(exhaustMap(() => defer(ask).pipe(catchError(() => EMPTY))));
}
