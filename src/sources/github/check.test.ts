import { generateKeyPairSync } from 'node:crypto';
import { acme, closeBenches, GitHubBench, lasting, NOW, RELEASES, WHOLE } from '../../../tests/support/github';

jest.setTimeout(120_000);
afterEach(closeBenches);

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();

async function bench(options: ConstructorParameters<typeof GitHubBench>[0] = {}): Promise<GitHubBench> {
  const made = new GitHubBench({ settings: RELEASES, ...options });
  acme(made, 10);
  return made.start();
}

test('all is well', async () => {
  const made = await bench();
  expect(await made.check()).toEqual([
    { name: 'GitHub token', status: 'ok', message: 'Valid, signed in as octocat, scopes: repo, read:org', code: null },
    { name: 'GitHub rate limit', status: 'ok', message: expect.stringMatching(/of 5000 points left until/), code: null },
    { name: 'Team Acme: repositories', status: 'ok', message: '3 repositories', code: null },
    { name: 'GitHub permissions', status: 'ok', message: 'All that the settings need', code: null },
  ]);
});

test('a token that is wrong or missing', async () => {
  const made = await bench({ secrets: { githubToken: 'ghp_wrongwrong' } });
  expect(await made.check()).toEqual([{ name: 'GitHub', status: 'error', message: expect.stringContaining('Bad credentials'), code: 'GITHUB_TOKEN_INVALID' }]);
  made.secrets = {};
  expect(await made.check()).toMatchObject([{ status: 'error', code: 'GITHUB_TOKEN_MISSING' }]);
  expect(made.said).not.toContain('wrongwrong');
});

test('a classic token without the scope repo sees no private repository, and says so', async () => {
  const made = await bench({ double: { tokens: [{ token: 'ghp_x', scopes: ['read:org'] }] }, secrets: { githubToken: 'ghp_x' } });
  const parts = await made.check();
  expect(parts[0]).toMatchObject({ status: 'warning', code: 'GITHUB_SCOPE_MISSING', message: expect.stringContaining('public repositories only') });
  expect(parts.find(({ name }) => name === 'Team Acme: repositories')).toMatchObject({ status: 'error', code: 'GITHUB_NO_REPOSITORY_MATCHES' });
});

test('teams without a repository, and repositories that are gone', async () => {
  const made = await bench({ settings: { teams: [{ name: 'Acme', repositories: ['acme/api'] }, { name: 'Lost', repositories: ['acme/lost-*', 'acme/nothing'] }] } });
  const parts = await made.check();
  expect(parts.filter(({ status }) => status !== 'ok').map(({ name, code }) => [name, code])).toEqual([
    ['Repository acme/lost-*', 'GITHUB_NO_REPOSITORY_MATCHES'],
    ['Repository acme/nothing', 'GITHUB_REPOSITORY_GONE'],
    ['Team Lost: repositories', 'GITHUB_NO_REPOSITORY_MATCHES'],
  ]);
});

test('a fine-grained token: the missing permission is named', async () => {
  const made = await bench({
    settings: { ...RELEASES, teams: [{ name: 'Acme', repositories: ['acme/*'], deployments: [{ from: 'github-deployments' }], incidents: [{ from: 'github-issues' }] }] },
    double: { tokens: [{ token: 'github_pat_x', kind: 'fine-grained', permissions: { contents: 'read', pull_requests: 'read' } }] },
    secrets: { githubToken: 'github_pat_x' },
  });
  const parts = await made.check();
  expect(parts.filter(({ name, status }) => name === 'GitHub permissions' && status === 'error').map(({ message }) => message.split(' for ')[0])).toEqual([
    'The token lacks Deployments: read',
    'The token lacks Issues: read',
  ]);
});

test('an Enterprise Server without limits', async () => {
  const made = await bench({ double: { limits: { enabled: false }, enterpriseVersion: '3.15.0' } });
  made.settings = { ...RELEASES, github: { apiUrl: `${made.double.url}/api/v3/` } };
  expect((await made.check()).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

test('during a pause of the synchronisation a check does not hang', async () => {
  const made = await bench({ double: { faults: [{ when: { nth: 3 }, then: { secondaryLimit: { retryAfter: 600 } } }] } });
  const context = made.context();
  const stopping = new AbortController();
  const paused = new Promise<void>((resolve) => {
    void made.source
      .sync({ ...context, sleep: (_ms, signal) => new Promise((_resolve, reject) => { resolve(); signal.addEventListener('abort', () => reject(signal.reason as Error)); }) }, stopping.signal)
      .catch(() => undefined);
  });
  await paused;
  expect(await made.check()).toMatchObject([{ status: 'error', code: 'GITHUB_RATE_LIMITED' }]);
  stopping.abort();
});

describe('GitHub App', () => {
  const APP_SPEC = { id: 77, installationId: 88, account: 'acme', publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
  const APP = { auth: 'app' as const, appId: '77', installationId: '88' };

  test('signs in, renews its token, and gets the same facts', async () => {
    const made = await bench({ settings: { ...WHOLE, github: APP }, secrets: { githubAppPrivateKey: pem.replace(/\n/g, '\\n') }, double: { apps: [APP_SPEC] } });
    await made.sync();
    const other = await bench({ settings: WHOLE });
    await other.sync();
    expect(lasting(await made.facts())).toEqual(lasting(await other.facts()));
    expect(made.double.journal.list().filter((entry) => entry.path.endsWith('/access_tokens') && entry.status === 201)).toHaveLength(1);
    expect(made.said).not.toContain('PRIVATE KEY');
    expect((await made.check()).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  test('finds the repositories of any owner that it is installed for, page by page', async () => {
    const made = new GitHubBench({ settings: { ...WHOLE, github: APP, teams: [{ name: 'Acme', repositories: ['*/service-*', '!*/service-1*'] }] }, secrets: { githubAppPrivateKey: pem }, double: { apps: [APP_SPEC] } });
    const owner = made.scenario.organisation('acme');
    for (let index = 0; index < 230; index += 1) {
      owner.repository(`service-${index}`).commit({ at: Date.parse(NOW) - 86_400_000, message: 'Start' });
    }
    await made.start();
    await made.sync();
    expect((await made.facts()).repositories).toHaveLength(230 - 1 - 10 - 100);
    expect(made.double.journal.list().filter(({ path }) => path.startsWith('/installation/repositories'))).toHaveLength(3);
  });

  test('a token that ran out in a long pause is renewed', async () => {
    const made = await bench({
      settings: { ...WHOLE, github: APP }, secrets: { githubAppPrivateKey: pem },
      double: { apps: [APP_SPEC], faults: [{ when: { kind: 'graphql', nth: [3, 5] }, then: { primaryLimit: { resetInSeconds: 3_590 } } }] },
    });
    await made.sync();
    expect(Object.values(made.latest()).map(({ phase }) => phase)).toEqual(['done', 'done', 'done']);
    expect(made.double.journal.list().filter((entry) => entry.path.endsWith('/access_tokens')).length).toBeGreaterThan(1);
  });

  test('what is missing is named', async () => {
    const made = await bench({ settings: { ...WHOLE, github: { auth: 'app' } }, secrets: { githubAppPrivateKey: pem } });
    await expect(made.sync()).rejects.toMatchObject({ code: 'SETTINGS_INVALID', field: 'github.appId' });
    made.secrets = {};
    await expect(made.sync()).rejects.toMatchObject({ code: 'GITHUB_TOKEN_MISSING', field: 'secureJsonData.githubAppPrivateKey' });
    made.settings = { ...WHOLE, github: APP };
    made.secrets = { githubAppPrivateKey: 'nonsense' };
    await expect(made.sync()).rejects.toMatchObject({ code: 'GITHUB_TOKEN_INVALID' });
  });
});

describe('search', () => {
  test('known repositories first, then what GitHub finds', async () => {
    const made = await bench();
    const search = (text: string, limit = 10): Promise<string[]> => made.source.search(made.context(), 'repositories', text, limit, new AbortController().signal);
    expect(await search('ap')).toContain('acme/api');
    await made.sync();
    made.double.journal.clear();
    expect(await search('acme/', 2)).toEqual(['acme/api', 'acme/old']);
    expect(made.double.journal.summary().calls).toBe(0);
    expect(await search('zzz')).toEqual([]);
    expect(await made.source.search(made.context(), 'pipelines', 'a', 5, new AbortController().signal)).toEqual([]);
  });
});
