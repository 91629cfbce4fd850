import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { GitHubDoubleProcess } from '../conformance/double';
import { type DataSourceUnderTest, PluginProcess } from '../conformance/plugin';
import { rowsOf, syncEnds, temporaryFolder } from '../conformance/setup';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const RANGE = { from: NOW - 60 * DAY_MS, to: NOW };
const EVERYTHING = ['changes', 'deployments', 'incidents', 'data-quality', 'sync', 'metric', 'stages', 'levels'];

function eventOf(id: string): string {
  return JSON.stringify({ id, service: `service-of-${id}`, status: 'succeeded', finishedAt: new Date(NOW - DAY_MS).toISOString(), repository: `owner-${id}/private-${id}`, sha: '4f2c1d9e4f2c1d9e4f2c1d9e4f2c1d9e4f2c1d9e' });
}

/** Teams take all that was pushed: whatever a data source shows beyond its own events is somebody else's. */
function source(mark: string, identity: { orgId: number; uid: string }): DataSourceUnderTest {
  return {
    ...identity,
    jsonData: { teams: [{ name: `team-${mark}`, deployments: [{ from: 'events' }], incidents: [{ from: 'events' }] }] },
    secrets: { githubToken: `planted-token-of-${mark}`, webhookSecret: `planted-webhook-of-${mark}` },
    role: 'Editor',
  };
}

describe('what one data source knows is told to nobody else', () => {
  const folder = temporaryFolder();
  const marks: Record<string, DataSourceUnderTest> = {
    one: source('one', { orgId: 1, uid: 'dora' }),
    two: source('two', { orgId: 1, uid: 'dora2' }),
    // The same uid in another organisation, and one that reads like the first pair's join.
    three: source('three', { orgId: 2, uid: 'dora' }),
    four: source('four', { orgId: 1, uid: '/dora' }),
    five: source('five', { orgId: 11, uid: 'DORA' }),
  };
  let plugin: PluginProcess;
  const start = (): Promise<PluginProcess> => PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: folder.path, GF_PLUGIN_DORA_LOG_LEVEL: 'debug' } });

  beforeAll(async () => {
    plugin = await start();
  });
  afterAll(async () => {
    await plugin.kill('SIGTERM');
    folder.remove();
  });

  async function everythingOf(under: DataSourceUnderTest): Promise<string> {
    const answers = await plugin.queryData(under, EVERYTHING.map((queryType) => ({ refId: queryType, model: { queryType, metric: 'deployment-frequency', format: 'timeseries', groupBy: queryType === 'metric' ? 'service' : 'team' }, ...RANGE })));
    const resources = await Promise.all(['teams', 'services', 'repositories', 'pipelines', 'environments', 'sync'].map((path) => plugin.resource(under, 'GET', path)));
    return JSON.stringify([answers, resources, await plugin.health(under)]);
  }

  it('over five data sources in three organisations, also after a restart', async () => {
    for (const [mark, under] of Object.entries(marks)) {
      expect(await plugin.resource(under, 'POST', 'events/deployment', eventOf(mark))).toMatchObject({ status: 200 });
      expect(await plugin.resource(under, 'POST', 'events/incident', JSON.stringify({ id: `incident-${mark}`, service: `service-of-${mark}`, title: `trouble-${mark}`, openedAt: new Date(NOW - DAY_MS).toISOString() }))).toMatchObject({ status: 200 });
    }
    for (const again of [false, true]) {
      if (again) {
        await plugin.kill('SIGTERM');
        plugin = await start();
      }
      for (const [mark, under] of Object.entries(marks)) {
        const shown = await everythingOf(under);
        expect(shown).toContain(`service-of-${mark}`);
        expect(shown).toContain(`trouble-${mark}`);
        for (const other of Object.keys(marks).filter((name) => name !== mark)) {
          expect([mark, other, shown.includes(`-${other}`)]).toEqual([mark, other, false]);
        }
      }
    }
  });

  it('also with the settings of the other: facts belong to organisation and uid', async () => {
    const stranger = { ...marks.one, orgId: 3, uid: 'stranger' };
    const { frames } = await plugin.query(stranger, { queryType: 'deployments' }, RANGE);
    expect(frames.flatMap(rowsOf)).toEqual([]);
  });

  it('in files that only their owner may read', () => {
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThanOrEqual(5);
    expect(files.filter((path) => (statSync(path).mode & 0o077) !== 0)).toEqual([]);
  });
});

describe('a provider that repeats what it was sent', () => {
  const TOKEN = 'planted+token/of=the echo';
  let server: Server;
  let url = '';
  const folder = temporaryFolder();
  let plugin: PluginProcess;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const words = `token ${request.headers.authorization ?? ''} and ${encodeURIComponent(TOKEN)} and ${Buffer.from(TOKEN).toString('base64')}`;
      response.writeHead(request.url === '/graphql' ? 401 : 422, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: words }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: folder.path, GF_PLUGIN_DORA_LOG_LEVEL: 'debug' } });
  });
  afterAll(async () => {
    await plugin.kill('SIGTERM');
    server.close();
    folder.remove();
  });

  it('is not repeated: not in Save & test, panels, resources, metrics, log or store', async () => {
    const under: DataSourceUnderTest = { jsonData: { github: { apiUrl: url }, teams: [{ name: 'A', repositories: ['acme/a'] }] }, secrets: { githubToken: TOKEN }, role: 'Admin' };
    const health = await plugin.health(under);
    const { sources } = await syncEnds(plugin, under, 90_000);
    const shown = JSON.stringify([
      health,
      sources,
      await plugin.queryData(under, [{ model: { queryType: 'sync' }, ...RANGE }, { model: {}, ...RANGE }]),
      await plugin.resource(under, 'GET', 'repositories?q=acme'),
      await plugin.metrics(),
      plugin.logs,
    ]);
    expect(shown).toContain('GITHUB_');
    expect(shown).toContain('***');
    for (const form of [TOKEN, encodeURIComponent(TOKEN), Buffer.from(TOKEN).toString('base64')]) {
      expect(shown).not.toContain(form);
    }
  });
});

describe('addresses in settings', () => {
  const folder = temporaryFolder();
  let plugin: PluginProcess;
  afterEach(() => plugin.kill('SIGTERM'));
  afterAll(() => folder.remove());

  async function healthOf(jsonData: object, environment: Record<string, string> = {}): Promise<string> {
    plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: 'memory', ...environment } });
    const { ok, message } = await plugin.health({ jsonData: { teams: [{ name: 'A', repositories: ['acme/a'] }], ...jsonData }, secrets: { githubToken: 'planted-token-of-targets', accessKey: 'planted-access', secretKey: 'planted-secret-key' }, role: 'Admin' });
    expect(ok).toBe(false);
    return message;
  }

  it('lead nowhere but where the administrator allows', async () => {
    expect(await healthOf({ github: { apiUrl: 'http://127.0.0.1:9' } }, { GF_PLUGIN_DORA_ALLOWED_HOSTS: 'api.github.com, *.example.org' })).toContain('dora_allowed_hosts');
  });

  it('never lead to where machines keep their credentials', async () => {
    expect(await healthOf({ github: { apiUrl: 'http://169.254.169.254/latest/meta-data' } })).toContain('[TARGET_FORBIDDEN]');
    await plugin.kill('SIGTERM');
    expect(await healthOf({ authType: 'keys', endpoint: 'http://[fd00:ec2::254]', teams: [{ name: 'A', deployments: [{ from: 'codepipeline' }] }] })).toContain('[TARGET_FORBIDDEN]');
  });

  it('are not replaced by others when they are wrong: the token of an enterprise is not for GitHub', async () => {
    const message = await healthOf({ github: { apiUrl: 'ghe.example.org/api/v3' } });
    expect(message).toContain('github.apiUrl');
    expect(message).toContain('[SETTINGS_INVALID]');
    const { sources } = (await plugin.resource({ jsonData: { github: { apiUrl: 'ghe.example.org/api/v3' }, teams: [{ name: 'A', repositories: ['acme/a'] }] }, secrets: { githubToken: 'planted-token-of-targets' } }, 'GET', 'sync')).body as { sources: Array<{ scopes: Array<{ error: { code: string } | null }> }> };
    expect(JSON.stringify(sources)).not.toContain('api.github.com');
  });

  it('are not followed to another host by a redirect', async () => {
    const github = await GitHubDoubleProcess.start({ scale: { repositories: 1, pullRequests: 1 } });
    const redirecting = createServer((request, response) => response.writeHead(307, { location: `${github.url}${request.url ?? ''}` }).end());
    await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve));
    try {
      expect(await healthOf({ github: { apiUrl: `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}` } })).toContain('not followed');
      expect((await github.journal()).requests).toEqual([]);
    } finally {
      redirecting.close();
      await github.stop();
    }
  });
});

describe('pushed events', () => {
  it('are limited for each data source by itself, and told when to come again', async () => {
    const plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: 'memory' } });
    const one = source('one', { orgId: 1, uid: 'a' });
    // Large ones count for many: six fit at once, and twelve take twenty seconds, however slow the machine is.
    const large = JSON.stringify({ ...(JSON.parse(eventOf('large')) as object), padding: 'x'.repeat(4 * 1_048_576) });
    const answers = await Promise.all(Array.from({ length: 12 }, () => plugin.resource(one, 'POST', 'events/deployment', large)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(6);
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'EVENTS_LIMITED' });
    expect(Number(refused?.headers['Retry-After'])).toBeGreaterThanOrEqual(1);
    expect(await plugin.resource(source('two', { orgId: 1, uid: 'b' }), 'POST', 'events/deployment', eventOf('x'))).toMatchObject({ status: 200 });
    expect(await plugin.metrics()).toContain('dora_errors_total{during="resource",code="EVENTS_LIMITED"}');
    await plugin.kill('SIGTERM');
  });
});
