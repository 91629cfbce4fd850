import { createSign, generateKeyPairSync } from 'node:crypto';
import { DEFAULT_TOKEN } from './access';
import { Clock } from '../shared/clock';
import { prepareDouble } from './config';
import { ROUTES } from './rest/routes';
import { answerFault } from './rest/contract';
import { scenario } from './scenario';
import { get, NOW, post, simple, withDouble } from './testing';

// Reading GitHub's description takes its time on a busy machine.
jest.setTimeout(60_000);

const busy = (): ReturnType<typeof simple> =>
  simple(35, (repository) => {
    repository.pullRequest({ number: 50, author: null, openedAt: '2026-02-01T00:00:00Z', commits: [{ at: '2026-02-01T00:00:00Z', files: ['a.ts', 'b.ts'] }], reviews: [{ by: null, at: '2026-02-01T01:00:00Z' }] });
    repository.release({ tag: 'v1', publishedAt: '2026-01-02T00:00:00Z', annotated: true });
    repository.release({ tag: 'v2', publishedAt: '2026-01-03T00:00:00Z', draft: true });
    repository.deployment({ at: '2026-01-03T00:00:00Z', statuses: [{ state: 'SUCCESS', at: '2026-01-03T00:05:00Z' }] });
    repository.issue({ number: 60, title: 'Broken', openedAt: '2026-01-03T00:00:00Z', closedAt: '2026-01-04T00:00:00Z', labels: ['incident'], assignees: ['ann'], comments: [{ by: null, at: '2026-01-03T01:00:00Z', body: 'root cause: #5' }] });
    repository.workflowRun({
      workflow: 'deploy.yml', at: '2026-01-03T00:00:00Z',
      attempts: [
        { finishedAt: '2026-01-03T00:10:00Z', conclusion: 'failure', jobs: [{ name: 'production', startedAt: '2026-01-03T00:05:00Z', finishedAt: '2026-01-03T00:10:00Z', conclusion: 'failure' }] },
        { startedAt: '2026-01-03T01:00:00Z', finishedAt: '2026-01-03T01:10:00Z', jobs: [{ name: 'production', startedAt: '2026-01-03T01:05:00Z', finishedAt: '2026-01-03T01:10:00Z' }] },
      ],
    });
  });

describe('REST', () => {
  it("answers every path as GitHub's own description says", async () => {
    const all = busy();
    const content = all.world.findRepository('acme', 'api')!.content;
    const values: Record<string, string> = {
      owner: 'acme', repo: 'api', org: 'acme', username: 'octocat', ref: 'main', commit_sha: content.branches.get('main')!, basehead: 'v1...main', branch: 'main', pull_number: '50', tag: 'v1', issue_number: '60',
      run_id: String([...content.runs.keys()][0]), attempt_number: '1', workflow_id: 'deploy.yml', deployment_id: String(content.deployments[0].databaseId),
    };
    const tokens = [{ token: DEFAULT_TOKEN, scopes: ['repo'] }, { token: 'ghs_1', kind: 'installation' as const, login: 'dora[bot]' }];
    await withDouble({ world: all.world, tokens }, async (double) => {
      for (const route of ROUTES) {
        const path = route.template.replace(/\{(\w+)\}/g, (_, name: string) => values[name]);
        const token = path.startsWith('/installation') ? 'ghs_1' : DEFAULT_TOKEN;
        const reply = await get(double, `${path}${path.startsWith('/search') ? '?q=repo:acme/api' : ''}`, { authorization: `token ${token}` });
        expect([route.template, reply.status, reply.status === 200 ? '' : reply.body]).toEqual([route.template, 200, '']);
      }
      expect(double.journal.list().every((entry) => entry.operation !== null)).toBe(true);
    });
  });

  it('answers every list of the sample organisation', async () => {
    await withDouble(prepareDouble({ clock: { now: NOW }, sample: true }), async (double) => {
      for (const repository of ['checkout', 'mobile-app', 'incidents', 'payments-ledger']) {
        for (const list of ['pulls?state=all&', 'issues?state=all&', 'actions/runs?', 'deployments?', 'releases?', 'tags?', 'commits?', 'branches?']) {
          const path = `/repos/acme/${repository}/${list}per_page=100`;
          const reply = await get<unknown>(double, path);
          expect([path, reply.status, reply.status === 200 ? '' : reply.body]).toEqual([path, 200, '']);
        }
      }
    });
  });

  it('notices an answer that is not GitHub\'s', () => {
    expect(answerFault('GET', '/repos/{owner}/{repo}/releases', 200, [{ id: 'x' }])).toContain('must have required property');
    expect(answerFault('GET', '/repos/{owner}/{repo}/releases', 200, [])).toBeNull();
  });

  it('pages with links, at most 100 at once', async () => {
    await withDouble({ world: busy().world }, async (double) => {
      const first = await get<unknown[]>(double, '/repos/acme/api/pulls?state=closed&per_page=20');
      expect(first.body).toHaveLength(20);
      const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link')!)![1];
      const second = await get<unknown[]>(double, next.slice(double.url.length));
      expect(second.body).toHaveLength(15);
      expect(second.headers.get('link')).not.toContain('rel="next"');
      expect((await get<unknown[]>(double, '/repos/acme/api/commits?per_page=500')).body.length).toBeLessThanOrEqual(100);
    });
  });

  it('answers 304 free of charge until something changes', async () => {
    await withDouble({ world: busy().world }, async (double) => {
      const path = '/repos/acme/api/actions/runs?per_page=1';
      const first = await get(double, path);
      expect([first.status, first.headers.get('x-ratelimit-remaining')]).toEqual([200, '4999']);
      const again = await get(double, path, { 'if-none-match': first.headers.get('etag')! });
      expect([again.status, again.body, again.headers.get('x-ratelimit-remaining')]).toEqual([304, null, '4999']);
      await post(double, '/_control/facts', { repository: 'acme/api', steps: [{ workflowRun: { workflow: 'deploy.yml' } }] });
      expect((await get(double, path, { 'if-none-match': first.headers.get('etag')! })).status).toBe(200);
      expect(double.journal.summary()).toMatchObject({ calls: 3, points: 2, rest: { notModified: 1 } });
    });
  });

  it('lists runs in windows, counts all and answers 1,000', async () => {
    const all = simple(0, (repository) => {
      for (let index = 0; index < 1_100; index += 1) {
        const at = Date.parse('2026-02-01T00:00:00Z') + index * 60_000;
        repository.workflowRun({ workflow: index % 2 ? 'ci.yml' : 'deploy.yml', at, attempts: [{ finishedAt: at + 1000, conclusion: index % 10 ? 'success' : 'failure' }] });
      }
    });
    await withDouble({ world: all.world, validate: false }, async (double) => {
      const of = async (query: string): Promise<{ total_count: number; workflow_runs: Array<{ created_at: string }> }> => (await get<{ total_count: number; workflow_runs: Array<{ created_at: string }> }>(double, `/repos/acme/api/actions/runs?per_page=100&${query}`)).body;
      expect((await of('created=>=2026-02-01')).total_count).toBe(1_100);
      expect((await of('created=>=2026-02-01&page=10')).workflow_runs).toHaveLength(100);
      expect((await of('created=>=2026-02-01&page=11')).workflow_runs).toHaveLength(0);
      expect((await of('page=11')).workflow_runs).toHaveLength(100);
      expect((await of('created=2026-02-01T00:00:00Z..2026-02-01T01:00:00Z')).total_count).toBe(61);
      expect((await of('created=2026-02-01')).total_count).toBe(1_100);
      expect((await of('status=failure')).total_count).toBe(110);
      const runs = (await get<{ total_count: number }>(double, '/repos/acme/api/actions/workflows/deploy.yml/runs?branch=main')).body;
      expect(runs.total_count).toBe(550);
    });
  });

  it('tells attempts and their jobs apart', async () => {
    const all = busy();
    await withDouble({ world: all.world }, async (double) => {
      const run = (await get<{ workflow_runs: Array<Record<string, unknown>> }>(double, '/repos/acme/api/actions/runs')).body.workflow_runs[0];
      expect(run).toMatchObject({ run_attempt: 2, conclusion: 'success', path: '.github/workflows/deploy.yml', run_started_at: '2026-01-03T01:00:00Z', created_at: '2026-01-03T00:00:00Z' });
      const jobs = async (query: string): Promise<unknown> => (await get<{ jobs: Array<{ conclusion: string }> }>(double, `/repos/acme/api/actions/runs/${String(run.id)}/jobs${query}`)).body.jobs.map((job) => job.conclusion);
      expect(await jobs('')).toEqual(['success']);
      expect(await jobs('?filter=all')).toEqual(['failure', 'success']);
      expect((await get(double, `/repos/acme/api/actions/runs/${String(run.id)}/attempts/1`)).body).toMatchObject({ run_attempt: 1, conclusion: 'failure' });
    });
  });

  it('refuses as GitHub does', async () => {
    const all = busy();
    all.world.addRepository({ owner: 'acme', name: 'taken-down', createdAt: 0 }).state = 'blocked';
    all.world.addRepository({ owner: 'acme', name: 'sso', createdAt: 0 }).state = 'saml';
    all.world.addRepository({ owner: 'acme', name: 'deleted', createdAt: 0 }).state = 'gone';
    const tokens = [{ token: DEFAULT_TOKEN, scopes: ['repo'] }, { token: 'fine', kind: 'fine-grained' as const, permissions: { metadata: 'read' as const } }];
    await withDouble({ world: all.world, tokens }, async (double) => {
      const refusal = async (path: string, headers: Record<string, string> = {}): Promise<[number, unknown]> => {
        const reply = await get(double, path, headers);
        return [reply.status, reply.body.message];
      };
      expect(await refusal('/repos/acme/taken-down')).toEqual([451, 'Repository access blocked']);
      expect(await refusal('/repos/acme/sso')).toEqual([403, expect.stringContaining('SAML')]);
      expect(await refusal('/repos/acme/deleted')).toEqual([404, 'Not Found']);
      expect(await refusal('/no/such/path')).toEqual([404, 'Not Found']);
      expect(await refusal('/user', { authorization: 'token wrong' })).toEqual([401, 'Bad credentials']);
      expect(await refusal('/user', { authorization: '' })).toEqual([401, 'Requires authentication']);
      expect(await refusal('/repos/acme/api/releases', { authorization: 'token fine' })).toEqual([403, 'Resource not accessible by personal access token']);
      expect(await refusal('/repos/acme/api/pulls?state=nonsense')).toEqual([422, 'Validation Failed']);
      expect(await refusal('/repos/acme/api/actions/runs?per_page=ten')).toEqual([422, 'Validation Failed']);
      expect((await get(double, '/user')).headers.get('x-oauth-scopes')).toBe('repo');
      expect((await get(double, '/user', { authorization: 'token fine' })).headers.get('x-oauth-scopes')).toBeNull();
    });
  });

  it('serves public repositories to anybody, 60 times an hour', async () => {
    const all = scenario();
    all.organisation('acme').repository('open', { private: false }).commit({ at: 0 });
    await withDouble({ world: all.world }, async (double) => {
      const reply = await get(double, '/repos/acme/open', { authorization: '' });
      expect([reply.status, reply.headers.get('x-ratelimit-limit')]).toEqual([200, '60']);
    });
  });

  it('is an Enterprise Server too, with limits off', async () => {
    await withDouble({ world: busy().world, enterpriseVersion: '3.17.0', limits: { enabled: false } }, async (double) => {
      const meta = await get(double, '/api/v3/meta');
      expect(meta.body.installed_version).toBe('3.17.0');
      expect(meta.headers.get('x-github-enterprise-version')).toBe('3.17.0');
      expect(meta.headers.get('x-ratelimit-limit')).toBeNull();
      expect((await get(double, '/api/v3/rate_limit')).body).toMatchObject({ message: 'Rate limiting is not enabled.' });
      const reply = await post<{ data: unknown }>(double, '/api/graphql', { query: '{ rateLimit { cost } viewer { login } }' });
      expect(reply.body.data).toEqual({ rateLimit: null, viewer: { login: 'octocat' } });
      const link = (await get(double, '/api/v3/repos/acme/api/pulls?state=closed')).headers.get('link')!;
      expect(link).toContain('/api/v3/repos/acme/api/pulls');
    });
  });
});

describe('GitHub App', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwt = (claims: Record<string, unknown>): string => {
    const text = [{ alg: 'RS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`;
  };
  const now = Date.parse(NOW) / 1000;

  it('gives installation tokens for an hour, for its repositories only', async () => {
    const all = busy();
    all.world.addRepository({ owner: 'acme', name: 'other', createdAt: 0 });
    const apps = [{ id: 12, installationId: 34, account: 'acme', publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string, repositories: ['acme/api'] }];
    await withDouble({ world: all.world, apps }, async (double) => {
      const ask = (token: string): ReturnType<typeof post<Record<string, unknown>>> => post(double, '/app/installations/34/access_tokens', {}, { authorization: `bearer ${token}` });
      const good = await ask(jwt({ iss: 12, iat: now - 10, exp: now + 300 }));
      expect([good.status, good.body.expires_at, good.body.repository_selection]).toEqual([201, '2026-03-02T13:00:00Z', 'selected']);
      expect((await ask(jwt({ iss: 12, iat: now, exp: now - 1 }))).status).toBe(401);
      expect((await ask(jwt({ iss: 12, iat: now, exp: now + 3600 }))).status).toBe(401);
      expect((await ask(jwt({ iss: 99, iat: now, exp: now + 300 }))).status).toBe(401);
      expect((await ask(`${jwt({ iss: 12, iat: now, exp: now + 300 }).slice(0, -6)}AAAAAA`)).status).toBe(401);
      const own = { authorization: `bearer ${jwt({ iss: 12, iat: now, exp: now + 300 })}` };
      expect((await get(double, '/app', own)).body).toMatchObject({ id: 12, slug: 'dora' });
      expect((await get(double, '/app/installations/34', own)).body).toMatchObject({ id: 34, account: { login: 'acme' } });
      expect([(await get<unknown[]>(double, '/app/installations', own)).body.length, (await get(double, '/app/installations/35', own)).status, (await get(double, '/app')).status]).toEqual([1, 404, 401]);
      const authorization = `token ${String(good.body.token)}`;
      const listed = await get<{ total_count: number; repositories: Array<{ full_name: string }> }>(double, '/installation/repositories', { authorization });
      expect([listed.body.total_count, listed.body.repositories[0]?.full_name]).toEqual([1, 'acme/api']);
      expect((await get(double, '/repos/acme/other', { authorization })).status).toBe(404);
      double.clock.advance(3_600_000);
      expect((await get(double, '/installation/repositories', { authorization })).status).toBe(401);
    });
  });
});

it('reads a scenario: clock, organisations in JSON, tokens, faults', async () => {
  const options = prepareDouble({
    clock: { now: NOW },
    organisations: [
      {
        login: 'acme',
        repositories: [
          {
            name: 'api',
            steps: [
              { commit: { at: '2026-01-01T00:00:00Z' } },
              { pullRequest: { number: 1, openedAt: '2026-01-02T00:00:00Z' } },
              { merge: { number: 1, at: '2026-01-03T00:00:00Z', method: 'rebase' } },
              { revert: { of: 1, openedAt: '2026-01-04T00:00:00Z', mergedAt: '2026-01-04T01:00:00Z' } },
              { release: { tag: 'v1', publishedAt: '2026-01-05T00:00:00Z' } },
              { rewrite: { depth: 1 } },
              { renameBranch: { from: 'main', to: 'trunk' } },
              { rename: { to: 'service' } },
            ],
          },
        ],
      },
    ],
  });
  await withDouble({ ...options, clock: new Clock(NOW, false) }, async (double) => {
    const world = await get<unknown[]>(double, '/_control/world');
    expect(world.body).toMatchObject([{ repository: 'acme/service', formerNames: ['acme/api'], defaultBranch: 'trunk', merged: 2, releases: 1 }]);
    const pull = (await get<Record<string, unknown>>(double, '/repos/acme/service/pulls/2')).body;
    expect([pull.title, pull.body, (pull.head as { ref: string }).ref]).toEqual(['Revert "Change 1"', 'Reverts acme/api#1', 'revert-1-change-1']);
    expect((await post(double, '/_control/facts', { repository: 'acme/service', steps: [{ merge: { number: 77 } }] })).body).toEqual({ message: 'acme/service has no pull request 77' });
  });
});
