import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Answer, Notice } from '../../engine/answer';
import type { TimeRange } from '../../engine/engine';
import { durationMs } from '../../shared/duration';
import { DoraError, type ErrorCode } from '../../shared/errors';
import { type DoraQuery, parseQuery } from '../../shared/query';
import { SYNC_CHANNEL } from '../../shared/resources';
import { type AnswerMeta, encodeAnswer } from '../frames/answer';
import type { DataSourceInstance } from '../instance/instance';
import type { Registry } from '../instance/registry';
import { describeProblem } from '../instance/settings';
import type { SafeLog } from '../protocol/logs';
import type { DataQuery, DataResponse, PluginContext, QueryDataRequest, QueryDataResponse } from '../protocol/messages';
import { concerning, syncNotices } from '../sync/notices';
import { syncNumbers } from '../sync/numbers';
import { syncTable } from '../sync/table';
import { answerCloudWatch } from './cloudwatch';
import { describeError, shownError } from './failure';
import { isEditor } from './resources';
import { chosenRows } from './rows';

/** What a frame's nanoseconds can hold, in milliseconds: years 1678 to 2262. Beyond it times would wrap around. */
const LATEST_INSTANT = 9_223_372_036_854 - 366 * 86_400_000;

export interface QueryObserver {
  /** @param code of the error; null for an answer. */
  answered(queryType: string, status: number, seconds: number, code: ErrorCode | null): void;
}

/** Answers each query of a request by itself: one that fails leaves its neighbours alone. Asks nothing but the store. */
export async function handleQueryData(
  request: QueryDataRequest,
  { registry, log, now, observer }: { registry: Registry; log: SafeLog; now: () => number; observer: QueryObserver },
): Promise<QueryDataResponse> {
  const responses: Record<string, DataResponse> = {};
  for (const query of request.queries) {
    const start = performance.now();
    let type = 'invalid';
    let code: ErrorCode | null = null;
    try {
      const parsed = readQuery(query);
      type = parsed.queryType;
      const range = readRange(query);
      const instance = registry.get(request.pluginContext);
      const answer = chosenRows(await answerQuery(instance, parsed, range, now, isEditor(request.pluginContext)), parsed);
      const frames = encodeAnswer(answer, query.refId, metaOf(instance, parsed, request.pluginContext));
      responses[query.refId] = { frames, error: '', jsonMeta: new Uint8Array(), status: 200, errorSource: '' };
    } catch (error) {
      const shown = shownError(error, log, 'a query');
      code = shown.code;
      responses[query.refId] = { frames: [], error: describeError(shown), jsonMeta: new Uint8Array(), status: shown.status, errorSource: shown.errorSource };
    }
    observer.answered(type, responses[query.refId].status, (performance.now() - start) / 1_000, code);
    // A dashboard's many queries must not keep a health check or an alert rule waiting.
    await nextTurn();
  }
  return { responses };
}

/** What lets the page show the answer anew when there is more: a channel where it asked for one, else whether a pass is under way. */
function metaOf(instance: DataSourceInstance, { queryType, live }: DoraQuery, context: PluginContext | null): AnswerMeta {
  const uid = context?.dataSourceInstanceSettings?.uid;
  if (queryType === 'sync' && live === true && uid !== undefined) {
    return { channel: `ds/${uid}/${SYNC_CHANNEL}` };
  }
  const sync = instance.syncState();
  return sync.running ? { sync } : {};
}

async function answerQuery(instance: DataSourceInstance, query: DoraQuery, range: TimeRange, now: () => number, mayChoose: boolean): Promise<Answer> {
  instance.want(query);
  if (query.queryType === 'sync') {
    const status = instance.scheduler.answer();
    return query.format === 'number' ? syncNumbers(status, durationMs(instance.settings.settings.sync.every), now()) : syncTable(status);
  }
  if (query.queryType === 'cloudwatch') {
    const answer = await answerCloudWatch(instance, query, range, now(), mayChoose);
    return { ...answer, notices: [...answer.notices, ...cloudWatchNotices(instance)] };
  }
  const whole = await instance.ready();
  try {
    const answer = instance.engine.answer(query, range, now());
    return { ...answer, notices: [...answer.notices, ...hostNotices(instance, query, whole, now())] };
  } catch (error) {
    const { problems } = instance.settings;
    if (error instanceof DoraError && error.code === 'TEAM_UNKNOWN' && problems.length > 0) {
      // The team may well be defined, but left out because of what is wrong in it.
      throw new DoraError('TEAM_UNKNOWN', `${error.message} ${describeProblem(problems[0])}.`, { field: error.field ?? undefined, cause: error });
    }
    throw error;
  }
}

/** Why numbers that others published may be missing. */
function cloudWatchNotices(instance: DataSourceInstance): Notice[] {
  const source = instance.scheduler.answer().sources.find((one) => one.source === 'cloudwatch');
  if (!source) {
    return [{ severity: 'warning', text: 'AWS is not set up in the data source settings, so nothing can be read of CloudWatch.' }];
  }
  return source.scopes.flatMap(({ scope, error }): Notice[] => (error === null ? [] : [{ severity: 'warning', text: `CloudWatch of ${scope}: ${error.code}: ${error.message}` }]));
}

function hostNotices(instance: DataSourceInstance, { teams }: DoraQuery, whole: boolean, now: number): Notice[] {
  const notices: Notice[] = [];
  if (!whole) {
    notices.push({ severity: 'warning', text: 'The stored history is still being loaded, so this is not all of it yet.' });
  }
  for (const problem of instance.settings.problems) {
    notices.push({ severity: 'warning', text: `${describeProblem(problem)}; this part is left out.` });
  }
  const progress = syncNotices(concerning(instance.scheduler.answer(), instance.settings.settings, teams), now);
  // Where the store lies concerns Save & test; that it was lost or cannot be
  // reached concerns whoever reads a panel.
  const lost = instance.warnings().filter(({ code }) => code === 'STORE_UNREACHABLE' || code === 'STORE_NEWER' || (code === 'STORE_CORRUPT' && progress.length > 0));
  for (const { code, message } of lost) {
    notices.push({ severity: 'warning', text: `${code}: ${message}` });
  }
  return [...notices, ...progress];
}

function readQuery(query: DataQuery): DoraQuery {
  let json: unknown;
  try {
    json = query.json.length === 0 ? {} : JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(query.json));
  } catch {
    throw new DoraError('QUERY_INVALID', 'query: is not JSON.', { field: 'query' });
  }
  return parseQuery(withQueryType(json, query.queryType));
}

/** Grafana sends the type beside the model too, and an empty one for a query that never chose. */
function withQueryType(json: unknown, besideModel: string): unknown {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return json;
  }
  const { queryType, ...rest } = json as { queryType?: unknown };
  const chosen = queryType === undefined || queryType === null || queryType === '' ? besideModel : queryType;
  return chosen === '' ? rest : { ...rest, queryType: chosen };
}

function readRange({ timeRange }: DataQuery): TimeRange {
  if (!timeRange) {
    throw new DoraError('RANGE_INVALID', 'timeRange: is missing.', { field: 'timeRange' });
  }
  const range = { from: timeRange.fromEpochMS, to: timeRange.toEpochMS };
  for (const [end, instant] of Object.entries(range)) {
    if (!Number.isFinite(instant) || Math.abs(instant) > LATEST_INSTANT) {
      throw new DoraError('RANGE_INVALID', `timeRange.${end}: is no moment that a calendar knows.`, { field: `timeRange.${end}` });
    }
  }
  if (range.to <= range.from) {
    throw new DoraError('RANGE_INVALID', 'timeRange.to: is not after timeRange.from.', { field: 'timeRange.to' });
  }
  return range;
}
