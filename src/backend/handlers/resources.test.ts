import type { FactBatch } from '../../engine/model';
import type { HealthPart, Source, SourceContext } from '../../sources/source';
import { SqliteStore } from '../../store/sqlite/store';
import { createApp, type App } from '../app';
import { JsonLog } from '../protocol/logs';
import type { CallResourceRequest, PluginContext } from '../protocol/messages';
import { HEALTH_STATUS } from '../protocol/messages';

/** A source that ends its passes at once and answers as the test says. */
class QuietSource implements Source {
  readonly name = 'github';
  passes = 0;
  checks = 0;
  parts: HealthPart[] | Error = [{ name: 'GitHub token', status: 'ok', message: 'valid', code: null }];
  searched: string[] = [];
  facts: FactBatch = {};

  isUsed(): boolean {
    return true;
  }

  async sync(context: SourceContext): Promise<void> {
    this.passes += 1;
    await context.store.write(this.facts);
    context.reportRateLimit({ name: 'graphql', limit: 5_000, remaining: 4_000 - this.passes, resetsAt: 1 });
    context.report({ scope: 'acme/a', phase: 'failed', fetched: 1, total: 2, lastSuccessAt: null, resumesAt: null, error: { code: 'GITHUB_REPOSITORY_GONE', message: 'acme/a is gone.' } });
  }

  async check(): Promise<HealthPart[]> {
    this.checks += 1;
    if (this.parts instanceof Error) {
      throw this.parts;
    }
    return this.parts;
  }

  async search(_context: SourceContext, what: string, text: string, limit: number): Promise<string[]> {
    this.searched.push(`${what} ${text} ${limit}`);
    return ['acme/zeta', 'acme/api'];
  }
}

describe('resources, health and metrics', () => {
  let app: App;
  let source: QuietSource;
  const logs: string[] = [];

  function context(role: string, secrets: Record<string, string> = {}, teams: unknown[] = [{ name: 'B' }, { name: 'A' }]): PluginContext {
    return {
      orgId: 1,
      pluginId: 'dora-metrics-datasource',
      user: { login: 'x', name: '', email: '', role },
      dataSourceInstanceSettings: { id: 1, name: 'DORA', url: '', jsonData: Buffer.from(JSON.stringify({ teams })), decryptedSecureJsonData: secrets, lastUpdatedMS: 1, uid: 'a' },
      grafanaConfig: {},
      pluginVersion: '',
      userAgent: '',
    };
  }

  async function call(method: string, url: string, role = 'Viewer'): Promise<{ status: number; body: unknown }> {
    const request: CallResourceRequest = { pluginContext: context(role), path: url.split('?')[0], url, method, headers: {}, body: new Uint8Array() };
    const { code, body, headers } = await app.handlers.callResource(request, new AbortController().signal);
    expect(headers['Content-Type'].values).toEqual(['application/json']);
    return { status: code, body: JSON.parse(Buffer.from(body).toString('utf8')) as unknown };
  }

  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50));

  beforeEach(() => {
    logs.length = 0;
    source = new QuietSource();
    app = createApp({
      store: new SqliteStore(null),
      sources: [source],
      createEngine: () => ({
        configure: () => undefined,
        apply: () => undefined,
        *link() {
          // Nothing to link.
        },
        answer: () => ({ kind: 'timeseries', series: [], notices: [] }),
        catalogue: () => ({ teams: ['A', 'B'], services: [{ team: 'A', service: 'api' }], repositories: ['acme/api', 'acme/shop'], environments: ['production'] }),
      }),
      log: new JsonLog('debug', (line) => logs.push(line)),
      now: () => 1_700_000_000_000,
    });
  });

  afterEach(() => app.stop());

  it('lists what editors offer', async () => {
    expect(await call('GET', 'teams')).toEqual({ status: 200, body: ['A', 'B'] });
    expect(await call('GET', '/services/')).toEqual({ status: 200, body: [{ team: 'A', service: 'api' }] });
    expect(await call('GET', 'environments')).toEqual({ status: 200, body: ['production'] });
    expect(await call('GET', 'repositories')).toEqual({ status: 200, body: ['acme/api', 'acme/shop'] });
    expect(source.searched).toEqual([]);
  });

  it('looks for repositories at the provider for who may edit, after the known ones, without repeats and within the limit', async () => {
    expect(await call('GET', 'repositories?q=API&limit=5', 'Viewer')).toEqual({ status: 200, body: ['acme/api'] });
    expect(source.searched).toEqual([]);
    expect(await call('GET', 'repositories?q=API&limit=5', 'Editor')).toEqual({ status: 200, body: ['acme/api', 'acme/zeta'] });
    expect(source.searched).toEqual(['repositories API 5']);
    expect(await call('GET', 'repositories?q=acme&limit=2', 'Editor')).toEqual({ status: 200, body: ['acme/api', 'acme/shop'] });
    expect(source.searched).toHaveLength(1);
    expect(await call('GET', 'repositories?limit=many')).toMatchObject({ status: 400, body: { code: 'QUERY_INVALID', field: 'limit' } });
  });

  it('lets everybody see the synchronisation and only editors start one', async () => {
    await call('GET', 'teams');
    await settle();
    expect(await call('GET', 'sync')).toMatchObject({ status: 200, body: { running: false, revision: 0, sources: [{ source: 'github', running: false, scopes: [{ scope: 'acme/a', error: { code: 'GITHUB_REPOSITORY_GONE' } }], rateLimits: [{ remaining: 3_999 }] }] } });
    for (const role of ['Viewer', '', 'None']) {
      expect(await call('POST', 'sync', role)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }
    expect(source.passes).toBe(1);
    for (const role of ['Editor', 'Admin']) {
      expect(await call('POST', 'sync', role)).toMatchObject({ status: 200 });
      await settle();
    }
    expect(source.passes).toBe(3);
  });

  it.each([
    ['GET', 'nothing', 404, 'NOT_FOUND'],
    ['GET', '', 404, 'NOT_FOUND'],
    ['GET', '__proto__', 404, 'NOT_FOUND'],
    ['POST', 'events/nothing', 404, 'NOT_FOUND'],
    ['DELETE', 'sync', 405, 'METHOD_NOT_ALLOWED'],
    ['constructor', 'sync', 405, 'METHOD_NOT_ALLOWED'],
  ])('refuses %s %s with %i', async (method, path, status, code) => {
    expect(await call(method, path, 'Admin')).toMatchObject({ status, body: { code, remedy: expect.any(String) } });
  });

  it('says part by part what works and what does not', async () => {
    const check = async (role = 'Admin'): Promise<{ status: number; message: string; parts: HealthPart[] }> => {
      const { status, message, jsonDetails } = await app.handlers.checkHealth({ pluginContext: context(role), headers: {} }, new AbortController().signal);
      return { status, message, parts: (JSON.parse(Buffer.from(jsonDetails).toString('utf8')) as { parts: HealthPart[] }).parts };
    };
    await check();
    await settle();
    const good = await check();
    expect(good.status).toBe(HEALTH_STATUS.ok);
    expect(good.parts.map(({ name, status }) => [name, status])).toEqual([
      ['Settings', 'ok'],
      ['GitHub token', 'ok'],
      ['Store', 'ok'],
      ['Synchronisation of acme/a', 'warning'],
    ]);
    // Whoever may only look does not make calls, and hears of the latest pass.
    const { checks } = source;
    for (const role of ['Viewer', '']) {
      const looked = await check(role);
      expect(looked.status).toBe(HEALTH_STATUS.error);
      expect(looked.parts.map(({ name, status }) => [name, status])).toEqual([
        ['Settings', 'ok'],
        ['Providers', 'ok'],
        ['Store', 'ok'],
        ['Synchronisation of acme/a', 'error'],
      ]);
    }
    expect(source.checks).toBe(checks);
    source.parts = [{ name: 'GitHub token', status: 'error', message: 'GitHub refused the token.', code: 'GITHUB_TOKEN_INVALID' }];
    const bad = await check();
    expect(bad.status).toBe(HEALTH_STATUS.error);
    expect(bad.message).toContain('GitHub refused the token [GITHUB_TOKEN_INVALID]');
    source.parts = new TypeError('defect with details');
    expect((await check()).parts).toContainEqual({ name: 'github', status: 'error', message: expect.not.stringContaining('details'), code: 'INTERNAL' });
  });

  it('names what is wrong in the settings', async () => {
    const { status, message } = await app.handlers.checkHealth({ pluginContext: context('Admin', {}, [{ name: 'A', incidentWindow: 'soon' }]), headers: {} }, new AbortController().signal);
    expect(status).toBe(HEALTH_STATUS.error);
    expect(message).toContain('teams[0].incidentWindow');
  });

  it('counts for Prometheus', async () => {
    source.facts = { coverage: [{ kind: 'commits', scope: 'R', from: null, complete: false }] };
    await app.handlers.queryData({ pluginContext: context('Viewer'), headers: {}, queries: [{ refId: 'A', maxDataPoints: 0, intervalMS: 0, timeRange: { fromEpochMS: 0, toEpochMS: 1 }, json: Buffer.from('{}'), queryType: '' }] }, new AbortController().signal);
    await settle();
    await call('POST', 'sync', 'Admin');
    await settle();
    const text = Buffer.from((await app.handlers.collectMetrics({ pluginContext: null })).metrics.prometheus).toString('utf8');
    expect(text).toContain('dora_queries_total{type="metric",status="200"} 1');
    expect(text).toContain('dora_sync_passes_total{source="github",outcome="failed"} 2');
    expect(text).toContain('dora_sync_errors_total{source="github",code="GITHUB_REPOSITORY_GONE"} 1');
    expect(text).toContain('dora_sync_rate_limit_remaining{source="github",limit="graphql"} 3998');
    expect(text).toContain('dora_sync_points_total{source="github",limit="graphql"} 1');
    expect(text).toContain('dora_facts{org="1",datasource="a",kind="coverage"} 1');
    expect(text).toMatch(/dora_memory_bytes\{kind="resident"\} [1-9]/);
  });

  it('never logs a secret', async () => {
    source.parts = new Error('refused ghp_verysecret');
    await app.handlers.checkHealth({ pluginContext: context('Admin', { githubToken: 'ghp_verysecret' }), headers: {} }, new AbortController().signal);
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.join('')).not.toContain('ghp_verysecret');
  });
});
