import type { Answer } from '../../engine/answer';
import type { DoraEngine } from '../../engine/engine';
import { DoraError } from '../../shared/errors';
import type { DoraJsonData } from '../../shared/settings';
import { SqliteStore } from '../../store/sqlite/store';
import { createApp, type App } from '../app';
import { JsonLog } from '../protocol/logs';
import type { DataQuery, PluginContext, QueryDataResponse } from '../protocol/messages';

const ANSWER: Answer = {
  kind: 'timeseries',
  series: [{ name: 'Payments', labels: { team: 'Payments' }, unit: 'short', times: [0], values: [1], immature: [], running: null, thresholds: [] }],
  notices: [],
};

describe('queries', () => {
  let app: App;
  const logs: string[] = [];
  let answer: DoraEngine['answer'];

  function context(jsonData: DoraJsonData | Record<string, unknown>): PluginContext {
    return {
      orgId: 1,
      pluginId: 'dora-metrics-datasource',
      user: null,
      dataSourceInstanceSettings: { id: 1, name: 'DORA', url: '', jsonData: Buffer.from(JSON.stringify(jsonData)), decryptedSecureJsonData: {}, lastUpdatedMS: 1, uid: 'a' },
      grafanaConfig: {},
      pluginVersion: '',
      userAgent: '',
    };
  }

  function query(refId: string, model: unknown, range: DataQuery['timeRange'] = { fromEpochMS: 0, toEpochMS: 1_000 }): DataQuery {
    return { refId, maxDataPoints: 0, intervalMS: 0, timeRange: range, json: typeof model === 'string' ? Buffer.from(model) : Buffer.from(JSON.stringify(model)), queryType: '' };
  }

  async function ask(queries: DataQuery[], jsonData: DoraJsonData | Record<string, unknown> = { teams: [{ name: 'Payments' }] }): Promise<QueryDataResponse['responses']> {
    return (await app.handlers.queryData({ pluginContext: context(jsonData), headers: {}, queries }, new AbortController().signal)).responses;
  }

  beforeEach(() => {
    logs.length = 0;
    answer = () => ANSWER;
    app = createApp({
      store: new SqliteStore(null),
      sources: [],
      createEngine: () => ({
        configure: () => undefined,
        apply: () => undefined,
        *link() {
          // Nothing to link.
        },
        answer: (...given) => answer(...given),
        catalogue: () => ({ teams: [], services: [], repositories: [], environments: [] }),
      }),
      log: new JsonLog('debug', (line) => logs.push(line)),
      now: () => 1_700_000_000_000,
    });
  });

  afterEach(() => app.stop());

  it.each([
    ['broken JSON', '{"metric":', 'QUERY_INVALID', 'query'],
    ['no JSON at all', '\u0000\u0001', 'QUERY_INVALID', 'query'],
    ['a list', [], 'QUERY_INVALID', 'JSON object'],
    ['a number', '7', 'QUERY_INVALID', 'JSON object'],
    ['an unknown metric', { metric: 'velocity' }, 'QUERY_INVALID', 'metric'],
    ['a wrong type', { rollingDays: '28' }, 'QUERY_INVALID', 'rollingDays'],
    ['a wrong element', { teams: ['a', 5] }, 'QUERY_INVALID', 'teams[1]'],
    ['an invalid zone', { timezone: 'Mars/Olympus' }, 'QUERY_INVALID', 'timezone'],
    ['an unknown query type', { queryType: 'magic' }, 'QUERY_INVALID', 'queryType'],
    ['a megabyte in one field', { teams: ['x'.repeat(1_000_000)] }, 'QUERY_INVALID', 'teams[0]'],
    ['a megabyte of elements', { teams: Array.from({ length: 200_000 }, () => 'abc') }, 'QUERY_INVALID', 'teams'],
  ])('refuses %s with 400 and the name of the field, and answers its neighbours', async (_, model, code, field) => {
    const responses = await ask([query('A', {}), query('B', model), query('C', { metric: 'lead-time' })]);
    expect(responses.B).toMatchObject({ status: 400, errorSource: 'downstream', frames: [] });
    expect(responses.B.error).toContain(field);
    expect(responses.B.error).toContain(`[${code}]`);
    expect(responses.A).toMatchObject({ status: 200, error: '' });
    expect(responses.C).toMatchObject({ status: 200, error: '' });
    expect(responses.A.frames).toHaveLength(1);
  });

  it.each([
    ['inverted', { fromEpochMS: 5, toEpochMS: 4 }, 'timeRange.to'],
    ['empty', { fromEpochMS: 5, toEpochMS: 5 }, 'timeRange.to'],
    ['beyond all calendars', { fromEpochMS: 0, toEpochMS: 9e15 }, 'timeRange.to'],
    ['beyond the nanoseconds of a frame', { fromEpochMS: 0, toEpochMS: 9.3e12 }, 'timeRange.to'],
    ['before them', { fromEpochMS: -9.3e12, toEpochMS: 0 }, 'timeRange.from'],
    ['missing', null, 'timeRange'],
  ])('refuses a range that is %s', async (_, range, field) => {
    const responses = await ask([query('A', {}, range), query('B', {})]);
    expect(responses.A).toMatchObject({ status: 400, error: expect.stringContaining(field) });
    expect(responses.A.error).toContain('[RANGE_INVALID]');
    expect(responses.B.status).toBe(200);
  });

  it('ignores unknown fields, cleared ones and a megabyte of something else', async () => {
    const responses = await ask([query('A', { metric: null, queryType: '', timezone: null, datasource: { uid: 'a' }, padding: 'x'.repeat(1_000_000) })]);
    expect(responses.A).toMatchObject({ status: 200, error: '' });
  });

  it('takes the query type from beside the model where the model has none', async () => {
    const seen: string[] = [];
    answer = ({ queryType }) => {
      seen.push(queryType);
      return ANSWER;
    };
    await ask([{ ...query('A', {}), queryType: 'changes' }, { ...query('B', { queryType: 'incidents' }), queryType: 'changes' }, query('C', '')]);
    expect(seen).toEqual(['changes', 'incidents', 'metric']);
  });

  it('tells a user what the engine refuses, and hides what nobody foresaw', async () => {
    answer = ({ metric }) => {
      throw metric === 'lead-time' ? new DoraError('TEAM_UNKNOWN', 'teams[0]: there is no team "X".', { field: 'teams[0]' }) : new TypeError('undefined is not a secret function');
    };
    const responses = await ask([query('A', { metric: 'lead-time' }), query('B', {})]);
    expect(responses.A).toMatchObject({ status: 400, errorSource: 'downstream', error: expect.stringContaining('teams[0]') });
    expect(responses.B).toMatchObject({ status: 500, errorSource: 'plugin', error: expect.not.stringContaining('secret') });
    expect(logs.join('')).toContain('undefined is not a secret function');
  });

  it('says what is wrong in the settings, beside an answer and beside an unknown team', async () => {
    const broken = { teams: [{ name: 'Payments' }, { name: 'Search', incidentWindow: 'soon' }] };
    const good = (await ask([query('A', {})], broken)).A;
    expect(Buffer.from(good.frames[0]).toString('latin1')).toContain('teams[1].incidentWindow');
    answer = () => {
      throw new DoraError('TEAM_UNKNOWN', 'teams[0]: there is no team "Search".');
    };
    expect((await ask([query('A', { teams: ['Search'] })], broken)).A.error).toContain('teams[1].incidentWindow');
  });

  it('names the channel of the synchronisation only to a page that can follow it', async () => {
    const metaOf = (frame: Uint8Array): string => Buffer.from(frame).toString('latin1');
    const { A, B, C } = await ask([query('A', { queryType: 'sync', live: true }), query('B', { queryType: 'sync' }), query('C', { live: true })]);
    expect(metaOf(A.frames[0])).toContain('"channel":"ds/a/sync"');
    expect(metaOf(B.frames[0])).not.toContain('"channel"');
    expect(metaOf(C.frames[0])).not.toContain('"channel"');
    // No source runs here, so nothing says that there may be more.
    expect(metaOf(C.frames[0])).not.toContain('"sync":');
  });

  it('answers a request that names no data source with a code', async () => {
    const { responses } = await app.handlers.queryData({ pluginContext: null, headers: {}, queries: [query('A', {})] }, new AbortController().signal);
    expect(responses.A).toMatchObject({ status: 400, error: expect.stringContaining('[SETTINGS_INVALID]') });
  });
});
