import { closeSync, openSync, readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../doubles/github/faults';
import { randomFrom } from '../doubles/shared/random';
import type { SyncAnswer } from '../../src/shared/resources';
import { everything, sorted } from '../../src/store/contract';
import { SqliteStore } from '../../src/store/sqlite/store';
import { GitHubDoubleProcess } from './double';
import { type DataSourceUnderTest, PluginProcess } from './plugin';
import { noticesOf, rowsOf, scopesOf, syncAgain, syncEnds, syncUntil, temporaryFolder } from './setup';

/** Long runs kill more often. */
const LONG = process.env.DORA_LONG === '1';
const KILLS = LONG ? 20 : 6;

/** GitHub knows whole seconds. */
const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const RANGE = { from: NOW - 90 * 86_400_000, to: NOW };
const REPOSITORIES = ['scale/repository-000', 'scale/repository-001', 'scale/repository-002'];

let github: GitHubDoubleProcess;
let plugin: PluginProcess | null = null;
let names: string[];

async function start(environment: Record<string, string> = {}): Promise<PluginProcess> {
  plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: 'memory', ...environment } });
  return plugin;
}

/** Each test is a data source of its own, so that nothing of the one before is known. */
let made = 0;
function dataSource(changes: Partial<DataSourceUnderTest> & { repositories?: string[] } = {}): DataSourceUnderTest {
  made += 1;
  return {
    uid: `fault-${made}`,
    secrets: { githubToken: github.token },
    jsonData: {
      github: { apiUrl: github.url },
      sync: { every: '1h', lookback: '3000d' },
      teams: (changes.repositories ?? names).map((name) => ({ name, repositories: [name] })),
    },
    ...changes,
  };
}

beforeAll(async () => {
  github = await GitHubDoubleProcess.start({ scale: { repositories: REPOSITORIES.length, pullRequests: 450 } });
  names = (await github.world()).map(({ repository }) => repository).sort();
  expect(names).toHaveLength(3);
}, 60_000);

afterEach(async () => {
  await plugin?.kill();
  plugin = null;
  await github.clearFaults();
  await github.clearJournal();
});

afterAll(() => github.stop());

describe('GitHub in trouble, through the executable', () => {
  const codesBy = (answer: SyncAnswer): Record<string, string | null> => Object.fromEntries(scopesOf(answer).map(({ scope, phase, error }) => [scope, error?.code ?? phase]));

  async function afterFaults(faults: Fault[], source: DataSourceUnderTest): Promise<{ running: PluginProcess; answer: SyncAnswer }> {
    await github.addFaults(...faults);
    const running = await start();
    return { running, answer: await syncEnds(running, source) };
  }

  it('a wrong token: coded in health, notice and sync resource, and never shown', async () => {
    const running = await start();
    const source = dataSource({ secrets: { githubToken: 'ghp_wrong00000000000000000000000000000000' } });
    const answer = await syncEnds(running, source);
    expect(Object.values(codesBy(answer))).toContain('GITHUB_TOKEN_INVALID');
    const health = await running.health(source);
    expect(health.ok).toBe(false);
    expect(health.message).toContain('GITHUB_TOKEN_INVALID');
    const query = await running.query(source, {}, RANGE);
    expect(query.status).toBe(200);
    expect(noticesOf(query.frames)).toContain('GITHUB_TOKEN_INVALID');
    const table = await running.query(source, { queryType: 'sync' }, RANGE);
    expect(table.frames[0].fields.find(({ name }) => name === 'errorCode')?.values).toContain('GITHUB_TOKEN_INVALID');
    expect(JSON.stringify([answer, health, query, running.logs])).not.toContain('ghp_wrong');
  });

  it('no token at all: says so and asks nobody', async () => {
    const running = await start();
    const source = dataSource({ secrets: {} });
    expect(Object.values(codesBy(await syncEnds(running, source)))).toContain('GITHUB_TOKEN_MISSING');
    expect((await running.health(source)).message).toContain('GITHUB_TOKEN_MISSING');
  });

  it('a token without the scope for private repositories: says which', async () => {
    await github.setToken({ token: 'ghp_noscope0000000000000000000000000000', kind: 'classic', login: 'octocat', scopes: [] });
    const running = await start();
    const source = dataSource({ secrets: { githubToken: 'ghp_noscope0000000000000000000000000000' } });
    const answer = await syncEnds(running, source);
    for (const code of Object.values(codesBy(answer))) {
      expect(code).toMatch(/^GITHUB_(SCOPE_MISSING|REPOSITORY_GONE)$/);
    }
    const { ok, message } = await running.health(source);
    expect(ok).toBe(false);
    expect(message).toContain('GITHUB_SCOPE_MISSING');
  });

  it('a repository that is gone: named, and the others go on', async () => {
    const running = await start();
    const source = dataSource({ repositories: [names[0], 'scale/no-such', names[1]] });
    const codes = codesBy(await syncEnds(running, source));
    expect(codes).toMatchObject({ [names[0]]: 'done', [names[1]]: 'done', 'scale/no-such': 'GITHUB_REPOSITORY_GONE' });
    expect((await running.health(source)).message).toContain('GITHUB_REPOSITORY_GONE');
    expect(noticesOf((await running.query(source, {}, RANGE)).frames)).toContain('scale/no-such');
    expect((await running.query(source, { teams: [names[0]] }, RANGE)).frames).toHaveLength(1);
  });

  it.each<[string, Fault[]]>([
    ['502 on heavy pages', [{ when: { connection: 'pullRequests', pageAbove: 10 }, then: { status: 502, body: 'Bad gateway' } }]],
    ['504 now and then', [{ when: { kind: 'graphql', nth: [2, 5, 9] }, then: { status: 504, body: '' } }]],
    ['a secondary limit', [{ when: { kind: 'graphql', nth: 4 }, then: { secondaryLimit: { status: 403, retryAfter: 1 } } }]],
    ['a primary limit with its reset', [{ when: { kind: 'graphql', nth: 4 }, then: { primaryLimit: { resetInSeconds: 2 } } }]],
    ['data beside errors', [{ when: { connection: 'pullRequests', nth: 2 }, then: { errors: [{ type: 'INTERNAL', message: 'Something went wrong' }], patch: [{ path: '**.pullRequests.nodes.3', value: null }] } }]],
    ['connections cut', [{ when: { kind: 'graphql', nth: [3, 6] }, then: { cut: 'mid-body' } }, { when: { kind: 'graphql', nth: 8 }, then: { cut: 'before-headers' } }]],
  ])('%s: the store ends as after an undisturbed pass', async (_, faults) => {
    const undisturbed = await contents(dataSource(), []);
    const disturbed = await contents(dataSource(), faults);
    expect(disturbed).toEqual(undisturbed);
  }, 90_000);

  it('a deleted author and more than 100 commits: nothing is left out', async () => {
    const day = 86_400_000;
    const openedAt = NOW - 20 * day;
    await github.add([
      {
        login: 'odd',
        repositories: [
          {
            name: 'shop',
            steps: [
              { commit: { at: NOW - 60 * day, message: 'Start' } },
              {
                pullRequest: {
                  number: 7,
                  author: null,
                  openedAt,
                  // The earliest is far down the list, on the second page of commits.
                  commits: Array.from({ length: 130 }, (_, index) => ({ at: openedAt + index * 60_000, authoredAt: index === 120 ? NOW - 40 * day : openedAt + index * 60_000 })),
                  reviews: [{ by: null, state: 'approved', at: openedAt + day }],
                  mergedAt: NOW - 10 * day,
                },
              },
            ],
          },
        ],
      },
    ]);
    const running = await start();
    const source = dataSource({ repositories: ['odd/shop'] });
    expect(codesBy(await syncEnds(running, source))).toEqual({ 'odd/shop': 'done' });
    const { frames } = await running.query(source, { queryType: 'changes' }, RANGE);
    expect(rowsOf(frames[0])).toMatchObject([{ number: 7, author: null, firstCommitAt: NOW - 40 * day, approvedAt: openedAt + day, leadTime: 30 * 86_400 }]);
  });

  it('one repository that always fails does not stop the others', async () => {
    const source = dataSource();
    const { answer } = await afterFaults([{ when: { repository: names[1], operation: 'PullRequests' }, then: { status: 500, body: 'no' } }], source);
    const codes = codesBy(answer);
    expect([codes[names[0]], codes[names[2]]]).toEqual(['done', 'done']);
    expect(codes[names[1]]).toMatch(/^GITHUB_/);
    await github.clearFaults();
    expect(codesBy(await syncAgain(plugin as PluginProcess, source))).toMatchObject({ [names[1]]: 'done' });
  }, 120_000);

  it('asks little when nothing is new, and nothing after a restart', async () => {
    const folder = temporaryFolder();
    const source = dataSource({ repositories: [names[0]] });
    let running = await start({ GF_PLUGIN_DORA_STORE: folder.path });
    await syncEnds(running, source);
    await github.clearJournal();
    await syncAgain(running, source);
    const unchanged = (await github.journal()).summary;
    expect(unchanged.calls).toBeGreaterThan(0);
    expect(unchanged.calls).toBeLessThanOrEqual(2);
    const before = await running.query(source, { metric: 'lead-time' }, RANGE);
    await running.shutdown();
    await github.clearJournal();

    running = await start({ GF_PLUGIN_DORA_STORE: folder.path });
    const after = await running.query(source, { metric: 'lead-time' }, RANGE);
    expect(after).toEqual(before);
    expect(after.frames[0].fields[1].values.some((value) => value !== null)).toBe(true);
    expect((await github.journal()).summary.calls).toBe(0);
    folder.remove();
  }, 60_000);

  it('sets a damaged store aside, says so, and fetches the history again by itself', async () => {
    const folder = temporaryFolder();
    const source = dataSource();
    let running = await start({ GF_PLUGIN_DORA_STORE: folder.path });
    await syncEnds(running, source);
    const whole = (await running.query(source, { format: 'number', measure: 'count', metric: 'deployment-frequency' }, RANGE)).frames;
    await running.shutdown();
    const file = join(folder.path, readdirSync(folder.path).find((name) => name.endsWith('.sqlite')) ?? '');
    const handle = openSync(file, 'r+');
    writeSync(handle, Buffer.alloc(200_000, 0x5a), 0, 200_000, 60_000);
    closeSync(handle);

    running = await start({ GF_PLUGIN_DORA_STORE: folder.path });
    await running.query(source, {}, RANGE);
    expect((await running.health(source)).message).toContain('STORE_CORRUPT');
    for (let wait = 0; ; wait += 1) {
      const { frames } = await running.query(source, { format: 'number', measure: 'count', metric: 'deployment-frequency' }, RANGE);
      if (JSON.stringify(frames.map(({ fields }) => fields[0].values)) === JSON.stringify(whole.map(({ fields }) => fields[0].values)) || wait > 300) {
        expect(frames.map(({ fields }) => fields[0].values)).toEqual(whole.map(({ fields }) => fields[0].values));
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(readdirSync(folder.path).some((name) => name.includes('.corrupt-'))).toBe(true);
    folder.remove();
  }, 60_000);

  it('answers with what there is while the first synchronisation runs, and says how far it is', async () => {
    await github.setLatency(150);
    const running = await start();
    const source = dataSource();
    const begin = performance.now();
    const { status, frames } = await running.query(source, {}, RANGE);
    expect(performance.now() - begin).toBeLessThan(5_000);
    expect(status).toBe(200);
    expect(noticesOf(frames)).toMatch(/first synchronisation/i);
    await github.setLatency(0);
    await syncEnds(running, source);
    expect(noticesOf((await running.query(source, {}, RANGE)).frames)).not.toMatch(/first synchronisation/i);
  }, 60_000);

  it('tells how far it is, what is left of the limit and when it will be through', async () => {
    await github.setLatency(60);
    const running = await start();
    const source = dataSource();
    const answer = await syncUntil(running, source, (known) => scopesOf(known).some(({ phase, finishesAt }) => phase === 'history' && typeof finishesAt === 'number'));
    const [limit] = answer.sources[0].rateLimits;
    expect(limit).toMatchObject({ name: 'GitHub GraphQL', limit: 5_000 });
    expect(limit.remaining).toBeLessThan(5_000);
    const busy = scopesOf(answer).find(({ finishesAt }) => typeof finishesAt === 'number')!;
    expect(busy.fetched).toBeLessThan(busy.total!);
    expect(busy.finishesAt! - Date.now()).toBeLessThan(10 * 60_000);
    const { frames } = await running.query(source, { queryType: 'sync' }, RANGE);
    const rows = rowsOf(frames[0]);
    expect(rows.map(({ scope }) => scope)).toEqual(names);
    expect(rows.every(({ rateLimitRemaining }) => typeof rateLimitRemaining === 'number')).toBe(true);
    expect(rows.some(({ finishesAt }) => finishesAt !== null)).toBe(true);
    expect(noticesOf((await running.query(source, {}, RANGE)).frames)).toMatch(/to go/);
    await github.setLatency(0);
    const ended = scopesOf(await syncEnds(running, source));
    expect(ended.map(({ fetched, total, finishesAt }) => [fetched === total, fetched > 0, finishesAt ?? null])).toEqual(names.map(() => [true, true, null]));
  }, 60_000);

  it('two data sources that share a token ask one after the other', async () => {
    await github.setLatency(15);
    const running = await start();
    const sources = [dataSource(), dataSource({ repositories: [names[1], names[0]] })];
    const answers = await Promise.all(sources.map((source) => syncEnds(running, source)));
    await github.setLatency(0);
    expect(answers.flatMap((answer) => Object.values(codesBy(answer)))).toEqual(['done', 'done', 'done', 'done', 'done']);
    expect((await github.journal()).summary.maxConcurrent).toBe(1);
  }, 60_000);

  it('begins the pass anew when the settings change on the way', async () => {
    await github.setLatency(100);
    const running = await start();
    const source = dataSource({ repositories: [names[0]] });
    await syncUntil(running, source, ({ sources }) => sources.some(({ running: busy }) => busy));
    const changed = { ...source, version: 2, jsonData: { ...dataSource({ repositories: [names[2]] }).jsonData } };
    await github.setLatency(0);
    const ended = await syncUntil(running, changed, (answer) => codesBy(answer)[names[2]] === 'done');
    expect(Object.keys(codesBy(ended))).toEqual([names[2]]);
    expect((await running.resource(changed, 'GET', 'teams')).body).toEqual([names[2]]);
  }, 60_000);
});

describe('kill -9', () => {
  it(`at ${KILLS} random moments: the final store is that of an undisturbed synchronisation, and no finished page is asked for again`, async () => {
    const undisturbed = await contents(dataSource(), []);
    await github.clearJournal();
    await github.setLatency(15);
    const folder = temporaryFolder();
    const source = dataSource();
    const random = randomFrom(42);
    const pages: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const running = await start({ GF_PLUGIN_DORA_STORE: folder.path });
      await running.resource(source, 'GET', 'sync');
      await new Promise((resolve) => setTimeout(resolve, 20 + random() * (LONG ? 150 : 350)));
      await running.kill('SIGKILL');
      pages.push((await github.journal()).summary.calls);
    }
    // Otherwise the kills would have struck before anything began, or after all was done.
    expect(new Set(pages).size).toBeGreaterThan(KILLS / 3);
    await github.setLatency(0);
    const running = await start({ GF_PLUGIN_DORA_STORE: folder.path });
    await syncEnds(running, source);
    await running.shutdown();
    expect(await stored(folder.path, source)).toEqual(undisturbed);
    // A page that was on its way when the process was killed was never finished; there is at most one at each kill.
    const { repeatedPages } = (await github.journal()).summary;
    expect(repeatedPages.length).toBeLessThanOrEqual(KILLS);
    folder.remove();
  }, 180_000);
});

/** What the store holds after one pass under these faults, in an order of its own. */
async function contents(source: DataSourceUnderTest, faults: Fault[]): Promise<Record<string, string[]>> {
  const folder = temporaryFolder();
  await github.addFaults(...faults);
  const running = await start({ GF_PLUGIN_DORA_STORE: folder.path });
  let answer = await syncEnds(running, source, 60_000);
  for (let again = 0; again < 3 && scopesOf(answer).some(({ phase }) => phase === 'failed'); again += 1) {
    answer = await syncAgain(running, source);
  }
  expect(scopesOf(answer).map(({ phase, error }) => [phase, error])).toEqual(names.map(() => ['done', null]));
  await running.shutdown();
  await github.clearFaults();
  const facts = await stored(folder.path, source);
  folder.remove();
  return facts;
}

async function stored(folder: string, { orgId = 1, uid = 'dora' }: DataSourceUnderTest): Promise<Record<string, string[]>> {
  const store = new SqliteStore(folder);
  // Coverage begins at the lookback, which the clock moves.
  const { coverage, ...facts } = await everything(store.dataSource(`${orgId}/${uid}`));
  await store.close();
  expect(coverage?.every(({ complete }) => complete)).toBe(true);
  expect(facts.pullRequests?.length).toBeGreaterThan(400);
  return sorted(facts);
}
