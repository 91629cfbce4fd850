import { createEngine } from '../../src/engine/index';
import { createApp, type App } from '../../src/backend/app';
import type { PluginContext } from '../../src/backend/protocol/messages';
import { JsonLog } from '../../src/backend/protocol/logs';
import { SqliteStore } from '../../src/store/sqlite/store';
import { ERRORS } from '../../src/shared/errors';
import { COMPARISONS, FORMATS, GROUPINGS, INTERVALS, LEVEL_YEARS, MEASURES, METRICS, QUERY_TYPES, STATISTICS, WINDOWS } from '../../src/shared/queryOptions';
import { decodeFrame } from '../conformance/frames';
import { BEGIN, Dice, END, organisationOf } from '../engine/organisation';
import { anything, mutated, scratched } from './mutate';

const RUNS = Number(process.env.DORA_FUZZ_RUNS ?? (process.env.DORA_LONG === '1' ? 110_000 : 600));
/** Processor time of one call: a busy machine makes others wait, too. */
const LONGEST_MS = 5_000;
const SEED = Number(process.env.DORA_FUZZ_SEED ?? 20_260_302);

const OPTIONS: Record<string, readonly unknown[]> = {
  queryType: QUERY_TYPES, metric: METRICS, interval: INTERVALS, window: WINDOWS, statistic: STATISTICS, measure: MEASURES, groupBy: GROUPINGS, compare: COMPARISONS, format: FORMATS, levelsYear: LEVEL_YEARS,
  confidence: [true, false], completeBucketsOnly: [true, false], includeBaseline: [true, false], includeRetries: [true, false], basis: ['linked', 'incidents'], rollingDays: [1, 28, 366],
  teams: [[], ['*'], ['A'], ['!A'], ['Nobody']], services: [[], ['*'], ['acme/a']], repositories: [[], ['acme/*']], timezone: ['UTC', 'Europe/Berlin', 'Pacific/Kiritimati'],
};
const EVENTS: Array<[string, object]> = [
  ['events/deployment', { id: 'd1', service: 'shop', sha: '4f2c1d9e', status: 'succeeded', startedAt: '2026-03-02T10:00:00Z', finishedAt: '2026-03-02T10:06:30Z', environment: 'production', repository: 'acme/a', url: 'https://ci.example.com/1' }],
  ['events/incident', { id: 'i1', service: 'shop', title: 'Checkout fails', openedAt: '2026-03-02T10:20:00Z', resolvedAt: 1_772_450_400_000, severity: 1, deploymentId: 'd1', sha: '4f2c1d9e' }],
  ['events/aws', { source: 'aws.codepipeline', 'detail-type': 'CodePipeline Pipeline Execution State Change', account: '123456789012', region: 'us-east-1', time: '2026-03-02T10:00:00Z', detail: { pipeline: 'p', 'execution-id': 'e1', state: 'SUCCEEDED', 'start-time': '2026-03-02T09:00:00Z' } }],
  ['events/aws', { source: 'aws.ssm', 'detail-type': 'OpsItem Update', account: '123456789012', region: 'us-east-1', time: '2026-03-02T10:00:00Z', detail: { 'ops-item-id': 'oi-0123456789ab', status: 'Resolved', title: 't', severity: '1', 'created-time': '2026-03-02T09:00:00Z', 'operational-data': { k: { value: 'v' } } } }],
  ['events/github', { action: 'closed', repository: { full_name: 'acme/a', node_id: 'R_a', id: 1 }, pull_request: { number: 1, merged: true } }],
];
const WEBHOOKS = ['pull_request', 'push', 'deployment_status', 'workflow_run', 'release', 'issues', 'ping', 'unknown'];
const PATHS = ['teams', 'services', 'repositories', 'pipelines', 'environments', 'sync', '', '/', '..', '__proto__', 'events', 'events/unknown', 'sync/', '%00', 'constructor'];

describe('calls of any kind', () => {
  let app: App;
  const logs: string[] = [];

  beforeAll(async () => {
    const store = new SqliteStore(null);
    const organisation = organisationOf(7);
    await store.dataSource('1/fuzz').write(organisation.batch);
    app = createApp({ store, sources: [], createEngine, log: new JsonLog('error', (line) => logs.push(line)), now: () => END });
  });
  afterAll(() => app.stop());

  const contextOf = (jsonData: Uint8Array, uid: string, version: number, role: string): PluginContext => ({
    orgId: 1,
    pluginId: 'dora-metrics-datasource',
    user: { login: 'x', name: '', email: '', role },
    dataSourceInstanceSettings: { id: 1, name: 'DORA', url: '', jsonData, decryptedSecureJsonData: { webhookSecret: 'planted-in-the-fuzz' }, lastUpdatedMS: version, uid },
    grafanaConfig: {},
    pluginVersion: '',
    userAgent: '',
  });

  /** A code that a user may meet, and never the one for defects. */
  function expectCoded(code: string, text: string, status: number, shown: string): void {
    if (!(code in ERRORS) || status < 400 || status >= 500) {
      throw new Error(`${status} ${text}: ${shown.slice(0, 2_000)}\n${logs.slice(-1).join('')}`);
    }
  }

  async function ask(jsonData: Uint8Array, uid: string, version: number, json: Uint8Array, range: { fromEpochMS: number; toEpochMS: number } | null, shown: string): Promise<void> {
    const { responses } = await app.handlers.queryData(
      { pluginContext: contextOf(jsonData, uid, version, 'Viewer'), headers: {}, queries: [{ refId: 'A', maxDataPoints: 100, intervalMS: 1_000, timeRange: range, json, queryType: '' }] },
      new AbortController().signal
    );
    const { status, error, frames } = responses.A;
    if (status === 200) {
      frames.forEach((frame) => decodeFrame(frame));
    } else {
      expectCoded(/\[([A-Z0-9_]+)\]$/.exec(error)?.[1] ?? 'none', error, status, shown);
    }
  }

  it(`are answered or refused with a code, ${RUNS} times`, async () => {
    const dice = new Dice(SEED);
    const bytes = (value: unknown): Uint8Array => {
      const text = JSON.stringify(value) ?? '';
      return dice.chance(0.03) ? Buffer.from(Array.from({ length: dice.below(40) }, () => dice.below(256))) : Buffer.from(dice.chance(0.03) ? scratched(text, dice) : text);
    };
    const good = organisationOf(7).settings;
    const goodBytes = Buffer.from(JSON.stringify(good));
    const counts: Record<string, number> = { query: 0, settings: 0, event: 0, resource: 0 };
    let worst = 0;
    let shown = '';
    for (let run = 0; run < RUNS; run += 1) {
      const begin = process.cpuUsage();
      const kind = dice.pick(['query', 'query', 'query', 'settings', 'event', 'resource']);
      counts[kind] += 1;
      if (kind === 'query' || kind === 'settings') {
        const valid = Object.fromEntries(Object.entries(OPTIONS).flatMap(([name, values]) => (dice.chance(0.4) ? [[name, dice.pick(values)]] : [])));
        const model = kind === 'settings' ? valid : dice.chance(0.1) ? anything(dice) : dice.chance(0.5) ? valid : mutated(valid, dice, 0.15);
        const json = kind === 'settings' ? Buffer.from(JSON.stringify(model)) : bytes(model);
        const range = dice.chance(0.02) ? null : dice.chance(0.1) ? { fromEpochMS: Number(dice.pick([0, -1e15, 8.64e15, NaN, 1e20, END])), toEpochMS: Number(dice.pick([0, 1e15, -8.64e15, Infinity, BEGIN])) } : { fromEpochMS: BEGIN, toEpochMS: END };
        const jsonData = kind === 'settings' ? bytes(dice.chance(0.1) ? anything(dice) : mutated(good, dice, 0.05)) : goodBytes;
        shown = `${Buffer.from(jsonData).toString('utf8').slice(0, 1_500)} ${Buffer.from(json).toString('utf8').slice(0, 1_500)} ${JSON.stringify(range)}`;
        // Mutated settings go to one data source of few facts, so that its engine is configured anew each time.
        await ask(jsonData, kind === 'settings' ? 'mutated' : 'fuzz', run + 1, json, range, shown);
      } else {
        const [path, event] = dice.pick(EVENTS);
        const isEvent = kind === 'event';
        const body = isEvent ? bytes(dice.chance(0.05) ? anything(dice) : mutated(event, dice, 0.1)) : bytes(anything(dice));
        const url = isEvent ? path : `${dice.pick(PATHS)}${dice.chance(0.3) ? `?q=${String(dice.pick(['a', '%', '%E0%A4%A', '*']))}&limit=${String(dice.pick(['5', '-1', 'x', '1e9', '']))}` : ''}`;
        shown = `${url} ${Buffer.from(body).toString('utf8')}`;
        const headers: Record<string, { values: string[] }> = path === 'events/github' ? { 'X-GitHub-Event': { values: [dice.pick(WEBHOOKS)] } } : {};
        const { code, body: answer } = await app.handlers.callResource(
          { pluginContext: contextOf(goodBytes, `events-${run % 500}`, 1, dice.chance(0.9) ? 'Editor' : 'Viewer'), path: url.split('?')[0], url, method: isEvent ? 'POST' : dice.pick(['GET', 'POST', 'DELETE', 'get', '', '__proto__']), headers, body },
          new AbortController().signal
        );
        const text = Buffer.from(answer).toString('utf8');
        const { code: name } = (JSON.parse(text) ?? {}) as { code?: string };
        if (code !== 200) {
          expectCoded(name ?? 'none', text, code, shown);
        }
      }
      const { user, system } = process.cpuUsage(begin);
      const ms = (user + system) / 1_000;
      worst = Math.max(worst, ms);
      if (ms > LONGEST_MS) {
        throw new Error(`Run ${run} (${kind}) of seed ${SEED} took ${Math.round(ms)} ms: ${shown.slice(0, 3_000)}`);
      }
    }
    expect(logs).toEqual([]);
    console.info(`${JSON.stringify(counts)}, the slowest in ${Math.round(worst)} ms`);
  }, 3_600_000);
});
