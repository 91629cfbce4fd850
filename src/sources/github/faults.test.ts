import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { acme, closeBenches, GitHubBench, lasting, WHOLE } from '../../../tests/support/github';
import type { Fault } from '../../../tests/doubles/github/faults';
import { GitHubSource } from './github-source';
import { DEFAULT_TOKEN } from '../../../tests/doubles/github/access';

jest.setTimeout(120_000);
afterEach(closeBenches);

async function bench(faults: Fault[] = [], pulls = 90): Promise<GitHubBench> {
  const made = new GitHubBench({ settings: WHOLE, double: { faults } });
  acme(made, pulls);
  return made.start();
}

async function undisturbed(pulls = 90): Promise<unknown> {
  const made = await bench([], pulls);
  await made.sync();
  const facts = await made.facts();
  await made.close();
  return lasting(facts);
}

const pause = (made: GitHubBench): number => made.waits.reduce((sum, ms) => sum + ms, 0);

test('a wrong token stops the pass with its code, and is in no word that is said', async () => {
  const made = await bench();
  made.secrets = { githubToken: 'ghp_secretsecretsecretsecretsecretsecret' };
  await expect(made.sync()).rejects.toMatchObject({ code: 'GITHUB_TOKEN_INVALID' });
  expect(made.double.journal.summary().calls).toBe(1);
  expect(made.said).not.toContain('ghp_secret');
  made.secrets = {};
  await expect(made.sync()).rejects.toMatchObject({ code: 'GITHUB_TOKEN_MISSING' });
});

test('a token that is revoked in the middle of a pass: the next token goes on at the cursor', async () => {
  const made = await bench([{ when: { connection: 'pullRequests', after: 'some', nth: 2 }, then: { status: 401, body: { message: 'Bad credentials' } } }]);
  await expect(made.sync()).rejects.toMatchObject({ code: 'GITHUB_TOKEN_INVALID' });
  made.double.tokens.revoke(DEFAULT_TOKEN);
  made.double.tokens.add({ token: 'ghp_replacement' });
  made.secrets = { githubToken: 'ghp_replacement' };
  await made.sync();
  expect(lasting(await made.facts())).toEqual(await undisturbed());
  expect(made.double.journal.summary().repeatedPages).toEqual([]);
});

test('a repository that is gone is named with its code; the others go on', async () => {
  const made = await bench();
  made.settings = { ...WHOLE, teams: [{ name: 'Acme', repositories: ['acme/api', 'acme/never', 'acme/web', 'nobody/*', 'nonsense'] }] };
  await made.sync();
  const latest = made.latest();
  expect(latest['acme/never']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_REPOSITORY_GONE' } });
  expect(latest['nobody/*']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_NO_REPOSITORY_MATCHES' } });
  expect(latest.nonsense).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_NO_REPOSITORY_MATCHES' } });
  expect(latest['acme/api']).toMatchObject({ phase: 'done', error: null });
  expect(latest['acme/web']).toMatchObject({ phase: 'done', error: null });
});

test('a permission that is missing for one list leaves the others whole', async () => {
  const made = await bench([
    { when: { operation: 'Releases', repository: 'acme/api' }, then: { errors: [{ type: 'FORBIDDEN', message: 'Resource not accessible by personal access token', path: ['node', 'releases'] }], patch: [{ path: 'node.releases', value: null }] } },
  ]);
  await made.sync();
  expect(made.latest()['acme/api']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_SCOPE_MISSING', message: expect.stringContaining('not accessible') } });
  expect(made.latest()['acme/web']).toMatchObject({ phase: 'done' });
  const facts = await made.facts();
  const whole = (await undisturbed()) as typeof facts;
  expect(facts.pullRequests).toEqual(whole.pullRequests);
  expect(facts.commits).toEqual(whole.commits);
});

test('pages that are too heavy are halved, and grow back later', async () => {
  const made = await bench([{ when: { connection: 'pullRequests', pageAbove: 12, times: 3 }, then: { status: 502 } }]);
  await made.sync();
  const sizes = made.double.journal.list().flatMap((entry) => entry.variables?.first ?? []);
  expect(sizes).toEqual(expect.arrayContaining([25, 12]));
  expect(lasting(await made.facts())).toEqual(await undisturbed());
});

test.each([
  ['502', '502' as const],
  ['504', '504' as const],
  ['resource limits beside data', 'resource-limits' as const],
])('a page size that is always too heavy (%s) still comes to its end', async (_name, heavyAnswer) => {
  const made = new GitHubBench({ settings: WHOLE, double: { heavyAnswer, faults: [{ when: { connection: 'pullRequests', pageAbove: 1 }, then: { maxPage: 5 } }] } });
  acme(made);
  await made.start();
  await made.sync();
  expect(lasting(await made.facts())).toEqual(await undisturbed());
});

test.each<[string, Fault, number, number]>([
  ['secondary limit as 403', { when: { nth: [3, 7] }, then: { secondaryLimit: { status: 403, retryAfter: 30 } } }, 60_000, 65_000],
  ['secondary limit as 429', { when: { nth: 3 }, then: { secondaryLimit: { status: 429, retryAfter: 45 } } }, 45_000, 50_000],
  ['secondary limit without a word of how long', { when: { nth: 3 }, then: { secondaryLimit: { status: 403, retryAfter: null } } }, 60_000, 65_000],
  ['primary limit', { when: { nth: 4 }, then: { primaryLimit: { resetInSeconds: 1_200, type: 'RATE_LIMITED' } } }, 1_200_000, 1_210_000],
  ['primary limit by its other name', { when: { nth: 4 }, then: { primaryLimit: { resetInSeconds: 1_200, type: 'RATE_LIMIT' } } }, 1_200_000, 1_210_000],
  ['GitHub down for a moment', { when: { nth: [2, 3] }, then: { status: 500 } }, 3_000, 3_000],
  ['connection cut', { when: { nth: [2, 6] }, then: { cut: 'before-headers' } }, 1_000, 4_000],
  ['answer cut', { when: { nth: [2, 6] }, then: { cut: 'mid-body' } }, 1_000, 4_000],
  ['data beside an error', { when: { connection: 'pullRequests', nth: 2 }, then: { errors: [{ message: 'boom', path: ['node', 'pullRequests', 'nodes', 3] }], patch: [{ path: 'node.pullRequests.nodes.3', value: null }] } }, 1_000, 1_000],
])('%s: waits as long as it must, and ends with the same facts', async (_name, fault, least, most) => {
  const made = await bench([fault]);
  await made.sync();
  expect(made.double.faults.list()[0].struck).toBeGreaterThan(0);
  expect(pause(made)).toBeGreaterThanOrEqual(least);
  expect(pause(made)).toBeLessThanOrEqual(most);
  expect(lasting(await made.facts())).toEqual(await undisturbed());
  expect(Object.values(made.latest()).map(({ phase }) => phase)).toEqual(['done', 'done', 'done']);
  if (least >= 30_000) {
    expect(made.reports.some((report) => report.phase === 'paused' && report.resumesAt !== null)).toBe(true);
  }
});

test('a reserve of a tenth is never touched', async () => {
  const made = new GitHubBench({ settings: WHOLE, double: { limits: { hourly: 20 } } });
  acme(made, 150);
  await made.start();
  await made.sync();
  expect(Math.min(...made.limits.map((limit) => limit.remaining!))).toBe(2);
  expect(made.waits.every((ms) => ms > 3_000_000)).toBe(true);
  expect(Object.values(made.latest()).map(({ phase }) => phase)).toEqual(['done', 'done', 'done']);
  expect(made.double.journal.summary().repeatedPages).toEqual([]);
});

test('limits switched off, as on an Enterprise Server', async () => {
  const made = new GitHubBench({ settings: WHOLE, double: { limits: { enabled: false } } });
  acme(made);
  await made.start();
  made.settings = { ...WHOLE, github: { apiUrl: `${made.double.url}/api/v3` } };
  await made.sync();
  expect(made.limits).toEqual([]);
  expect(lasting(await made.facts())).toEqual(await undisturbed());
});

test('an Enterprise Server with limits of its own: its reserve is kept, too', async () => {
  const made = new GitHubBench({ settings: WHOLE, double: { limits: { hourly: 20 }, enterpriseVersion: '3.14.0', rateLimitType: 'RATE_LIMIT' } });
  acme(made, 200);
  await made.start();
  made.settings = { ...WHOLE, github: { apiUrl: `${made.double.url}/api/v3/` } };
  await made.sync();
  expect(Math.min(...made.limits.map((limit) => limit.remaining!))).toBe(2);
  expect(made.waits.some((ms) => ms > 3_000_000)).toBe(true);
  expect(Object.values(made.latest()).map(({ phase }) => phase)).toEqual(['done', 'done', 'done']);
  // Its links lead to itself.
  expect(JSON.parse(JSON.stringify(lasting(await made.facts())).replaceAll(made.double.url, 'https://github.com'))).toEqual(await undisturbed(200));
});

test('one repository answers nothing but 500: it fails with its code, the others are whole', async () => {
  const made = await bench([{ when: { repository: 'acme/api', operation: 'PullRequests' }, then: { status: 500 } }]);
  await made.sync();
  expect(made.latest()['acme/api']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_UNAVAILABLE' } });
  expect(made.latest()['acme/web']).toMatchObject({ phase: 'done' });
  made.double.faults.set([]);
  await made.sync();
  expect(lasting(await made.facts())).toEqual(await undisturbed());
});

test('GitHub answers 500 for ten minutes: passes fail, then one goes on where they were', async () => {
  const made = await bench();
  const from = made.clock.now();
  made.double.faults.set([{ when: { from: from, until: from + 600_000 }, then: { status: 500 } }]);
  let passes = 0;
  for (; passes < 50; passes += 1) {
    const failed = await made.sync().then(() => false, () => true);
    if (!failed) {
      break;
    }
    made.clock.advance(60_000);
  }
  expect(passes).toBeGreaterThan(3);
  expect(lasting(await made.facts())).toEqual(await undisturbed());
  expect(made.double.journal.summary().repeatedPages).toEqual([]);
});

test('an answer that is no GitHub, and no answer', async () => {
  const made = await bench();
  const proxy = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<html>Sign in to the proxy</html>'));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  made.settings = { ...WHOLE, github: { apiUrl: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` } };
  await expect(made.sync()).rejects.toMatchObject({ code: 'GITHUB_ANSWER_UNEXPECTED', message: expect.stringContaining('not that of a GitHub API') });
  proxy.close();
  made.settings = { ...WHOLE, github: { apiUrl: `${made.double.url}/elsewhere` } };
  await expect(made.sync()).rejects.toMatchObject({ code: 'GITHUB_ANSWER_UNEXPECTED', message: expect.stringContaining('no GitHub API') });
  made.settings = { ...WHOLE, github: { apiUrl: 'http://127.0.0.1:1' } };
  await expect(made.sync()).rejects.toMatchObject({ code: 'GITHUB_UNREACHABLE' });
});

test('a page that GitHub never answers is asked for in a smaller size', async () => {
  const made = await bench([{ when: { connection: 'pullRequests', pageAbove: 12 }, then: { latencyMs: 3_000 } }]);
  made.source = new GitHubSource({ timeoutMs: 300 });
  await made.sync();
  expect(made.double.journal.list().flatMap((entry) => entry.variables?.first ?? [])).toContain(12);
  expect(lasting(await made.facts())).toEqual(await undisturbed());
});

test('a list that never ends is an error, not a loop', async () => {
  const made = await bench([{ when: { connection: 'pullRequests', repository: 'acme/api', pageAbove: 1 }, then: { neverEnding: true } }]);
  await made.sync();
  expect(made.latest()['acme/api']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_ANSWER_UNEXPECTED' } });
  expect(made.latest()['acme/web']).toMatchObject({ phase: 'done' });
});

test('a clock that jumps by days changes no wait', async () => {
  const made = await bench([{ when: { nth: 4 }, then: { primaryLimit: { resetInSeconds: 600 } } }]);
  const context = made.context();
  let skew = -3 * 86_400_000;
  await made.source.sync({ ...context, now: () => made.clock.now() + (skew += 1_000) }, new AbortController().signal);
  expect(Math.max(...made.waits)).toBeLessThanOrEqual(62 * 60_000);
  expect(made.latest()['acme/api']).toMatchObject({ phase: 'done' });
});

test('abort ends the pass at once', async () => {
  const made = await bench([{ when: { nth: 3 }, then: { latencyMs: 5_000 } }]);
  const stopping = new AbortController();
  const started = Date.now();
  setTimeout(() => stopping.abort(), 300);
  await expect(made.sync(stopping.signal)).rejects.toThrow();
  expect(Date.now() - started).toBeLessThan(2_000);
});
