import { createHmac } from 'node:crypto';
import type { Source } from '../../sources/source';
import { SqliteStore } from '../../store/sqlite/store';
import { createApp, type App } from '../app';
import { JsonLog } from '../protocol/logs';

const SECRET = 'planted-webhook-secret';

describe('pushed events over resources', () => {
  let app: App;
  let store: SqliteStore;
  let passes: number;
  const logs: string[] = [];
  const gitHub: Source = {
    name: 'github',
    isUsed: () => true,
    sync: async () => {
      passes += 1;
    },
    check: async () => [],
    search: async () => [],
  };

  async function post(path: string, body: string | Uint8Array, role: string, headers: Record<string, string> = {}): Promise<{ status: number; code?: string; field?: string }> {
    const answer = await app.handlers.callResource(
      {
        pluginContext: {
          orgId: 1,
          pluginId: 'dora-metrics-datasource',
          user: { login: 'x', name: '', email: '', role },
          dataSourceInstanceSettings: { id: 1, name: 'DORA', url: '', jsonData: Buffer.from('{}'), decryptedSecureJsonData: { webhookSecret: SECRET }, lastUpdatedMS: 1, uid: 'a' },
          grafanaConfig: {},
          pluginVersion: '',
          userAgent: '',
        },
        path,
        url: path,
        method: 'POST',
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { values: [value] }])),
        body: typeof body === 'string' ? Buffer.from(body) : body,
      },
      new AbortController().signal
    );
    return { status: answer.code, ...(JSON.parse(Buffer.from(answer.body).toString('utf8')) as { code?: string; field?: string }) };
  }

  const sign = (body: string, secret = SECRET): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const deployment = JSON.stringify({ id: 'd1', service: 'shop', status: 'succeeded', finishedAt: '2026-03-02T10:00:00Z' });
  const webhook = JSON.stringify({ action: 'closed', repository: { full_name: 'acme/shop' } });
  const counts = () => store.dataSource('1/a').counts();
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

  beforeEach(async () => {
    logs.length = 0;
    passes = 0;
    store = new SqliteStore(null);
    app = createApp({
      store,
      sources: [gitHub],
      createEngine: () => ({
        configure: () => undefined,
        apply: () => undefined,
        *link() {
          // Nothing to link.
        },
        answer: () => ({ kind: 'timeseries', series: [], notices: [] }),
        catalogue: () => ({ teams: [], services: [], repositories: [], environments: [] }),
      }),
      log: new JsonLog('debug', (line) => logs.push(line)),
      now: Date.now,
    });
  });

  afterEach(() => app.stop());

  it.each(['Editor', 'Admin'])('takes an event of an %s', async (role) => {
    expect(await post('events/deployment', deployment, role)).toEqual({ status: 200, accepted: true });
    expect((await counts()).deployments).toBe(1);
  });

  it.each(['Viewer', '', 'editor'])('refuses an event of role "%s" and leaves no trace', async (role) => {
    for (const path of ['events/deployment', 'events/incident', 'events/aws']) {
      expect(await post(path, deployment, role)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    }
    expect(await store.dataSource('1/a').readStates('events/')).toEqual(new Map());
    expect((await counts()).deployments).toBe(0);
  });

  it('takes a signed event of anybody, and refuses a wrong signature even of an Admin', async () => {
    expect(await post('events/deployment', deployment, 'Viewer', { 'X-Hub-Signature-256': sign(deployment, 'wrong') })).toMatchObject({ status: 401, code: 'SIGNATURE_INVALID' });
    expect(await post('events/deployment', deployment, 'Admin', { 'X-Hub-Signature-256': sign(deployment, 'wrong') })).toMatchObject({ status: 401 });
    expect(await post('events/github', webhook, 'Viewer', { 'X-GitHub-Event': 'pull_request' })).toMatchObject({ status: 401, code: 'SIGNATURE_INVALID' });
    expect((await counts()).deployments).toBe(0);
    expect(await post('events/deployment', deployment, 'Viewer', { 'X-Hub-Signature-256': sign(deployment) })).toMatchObject({ status: 200 });
    expect((await counts()).deployments).toBe(1);
    expect(logs.join('\n')).not.toContain(SECRET);
  });

  it('looks at GitHub again after a webhook that tells of something new', async () => {
    await post('events/github', JSON.stringify({ zen: 'Anything added dilutes everything else.' }), 'Viewer', { 'X-GitHub-Event': 'ping', 'X-Hub-Signature-256': sign('{"zen":"Anything added dilutes everything else."}') });
    await settle();
    expect(passes).toBe(1);
    expect(await post('events/github', webhook, 'Viewer', { 'X-GitHub-Event': 'pull_request', 'X-Hub-Signature-256': sign(webhook) })).toMatchObject({ status: 200 });
    await settle();
    expect(passes).toBe(2);
  });

  it('names what is wrong with a body', async () => {
    expect(await post('events/deployment', '{', 'Editor')).toMatchObject({ status: 400, code: 'BODY_INVALID', field: 'body' });
    expect(await post('events/incident', JSON.stringify({ id: 'i', openedAt: 'soon' }), 'Editor')).toMatchObject({ status: 400, field: 'openedAt' });
    expect(await post('events/aws', JSON.stringify({ source: 'aws.codepipeline' }), 'Editor')).toMatchObject({ status: 400, field: 'detail-type' });
    expect(await post('events/deployment', new Uint8Array(9 * 1_048_576), 'Editor')).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });

  it('takes halves of characters for unknown ones', async () => {
    const trouble = JSON.stringify({ id: 'p\udd78', title: 'Half \udd78', url: 'https://ci.example.com/\udd78', openedAt: '2026-03-02T10:00:00Z' });
    expect(trouble).toContain('\\udd78');
    expect(await post('events/incident', trouble, 'Editor')).toMatchObject({ status: 200 });
    const state = { source: 'aws.codepipeline', 'detail-type': 'CodePipeline Pipeline Execution State Change', account: '1', region: 'us-east-1', time: '2026-03-02T10:00:00Z' };
    // AWS has no such names.
    for (const wrong of [{ detail: { pipeline: 'p\udd78', 'execution-id': 'e1', state: 'SUCCEEDED' } }, { region: 'evil.example.org/', detail: { pipeline: 'p', 'execution-id': 'e1', state: 'SUCCEEDED' } }]) {
      expect(await post('events/aws', JSON.stringify({ ...state, ...wrong }), 'Editor')).toMatchObject({ status: 400, code: 'BODY_INVALID' });
    }
  });
});
