import { apply, type Step } from '../../../tests/doubles/github/steps';
import type { Fault } from '../../../tests/doubles/github/faults';
import { addScaleOrganisation } from '../../../tests/doubles/github/scale';
import { acme, afterEachWrite, closeBenches, GitHubBench, lasting, NOW, WHOLE } from '../../../tests/support/github';
import { DEFAULT_TOKEN } from '../../../tests/doubles/github/access';
import type { SourceContext } from '../source';
import type { DoraJsonData } from '../../shared/settings';
import { GitHubSource } from './github-source';

/** What happens at GitHub, or to this machine, while a pass is under way: nothing is lost, nothing comes twice. */

jest.setTimeout(120_000);
afterEach(closeBenches);

const long = process.env.DORA_LONG === '1';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Everything that GitHub has, of repositories that are named: they are found wherever they go. */
const EVERYTHING: DoraJsonData = {
  ...WHOLE,
  teams: [
    {
      name: 'Acme',
      repositories: ['acme/api', 'acme/web', 'acme/old'],
      deployments: [{ from: 'releases', plainTags: true }, { from: 'workflow-runs', workflows: ['deploy.yml'], job: 'production' }, { from: 'github-deployments' }],
      incidents: [{ from: 'github-issues' }],
    },
  ],
};

/** `acme` with runs, deployments, tags and issues, too. */
function everything(bench: GitHubBench): void {
  const now = Date.parse(NOW);
  acme(bench);
  for (const name of ['api', 'web']) {
    const steps: Step[] = [];
    const count = long ? 130 : 55;
    for (let index = 0; index < count; index += 1) {
      // All of it before now: GitHub gives these moments itself.
      const at = now - 170 * DAY + Math.floor((index * 165) / count) * DAY;
      const jobs = [{ name: 'production', startedAt: at, finishedAt: at + 600_000 }];
      steps.push({ workflowRun: { workflow: 'deploy.yml', at, attempts: [{ startedAt: at, finishedAt: at + 600_000, jobs }] } });
      steps.push({ deployment: { at, statuses: [{ state: 'IN_PROGRESS', at: at + 1_000 }, { state: index % 9 === 0 ? 'FAILURE' : 'SUCCESS', at: at + 60_000 }] } });
      steps.push({ issue: { title: `Incident ${index}`, labels: ['incident'], openedAt: at, closedAt: at + HOUR } });
    }
    apply(bench.world, `acme/${name}`, steps, now);
    const content = bench.world.findRepository('acme', name)!.content;
    const shas = [...content.commits.keys()];
    apply(bench.world, `acme/${name}`, shas.slice(5, 125).map((sha, index): Step => ({ tag: { name: `t${index}`, sha, at: content.commits.get(sha)!.committedAt + HOUR, annotated: index % 2 === 0 } })), now);
  }
}

async function prepared(settings = EVERYTHING): Promise<GitHubBench> {
  const made = new GitHubBench({ settings });
  everything(made);
  return made.start();
}

type Facts = Awaited<ReturnType<GitHubBench['facts']>>;

/** Facts without what only one that was there can know: former names, and commits that are in no history any more. */
function present(facts: Facts): unknown {
  const { commits: _, repositories, ...others } = lasting(facts) as Facts;
  // The name of a branch that was there when the deployment was read.
  others.deployments = others.deployments.map((deployment) => (deployment.origin === 'github-deployments' ? { ...deployment, ref: null } : deployment));
  const text = JSON.stringify({ ...others, repositories: repositories.map(({ formerNames: __, ...repository }) => repository) });
  return JSON.parse(text.replaceAll(/(acme\/payments|globex\/api)(?=["/])/g, 'acme/api'));
}

async function afresh(made: GitHubBench): Promise<Facts> {
  const store = made.newStore();
  made.source = new GitHubSource();
  await made.sync(undefined, store);
  return made.facts(store);
}

/** A pass in which something happens after so many pages were stored. */
async function during(made: GitHubBench, writes: number, happens: () => void): Promise<void> {
  let left = writes;
  await made.sync(undefined, afterEachWrite(made.store, () => {
    left -= 1;
    if (left === 0) {
      made.clock.advance(60_000);
      happens();
    }
  }));
}

/** The same as in a store that saw the end only; commits that were rewritten may stay. */
async function expectWhole(made: GitHubBench): Promise<void> {
  const [seen, fresh] = [await made.facts(), await afresh(made)];
  expect(present(seen)).toEqual(present(fresh));
  const shas = new Set(seen.commits.map(({ sha }) => sha));
  expect(fresh.commits.filter(({ sha }) => !shas.has(sha))).toEqual([]);
  for (const kind of ['pullRequests', 'deployments', 'incidents', 'repositories'] as const) {
    expect(new Set(seen[kind].map(({ id }) => id)).size).toBe(seen[kind].length);
  }
  expect(seen.deployments.length).toBeGreaterThan(250);
}

const CHANGES: Record<string, (made: GitHubBench) => Step[]> = {
  'a repository is renamed': () => [{ rename: { to: 'payments' } }],
  'a repository is transferred': () => [{ rename: { to: 'globex/api' } }],
  'the default branch is renamed': () => [{ renameBranch: { from: 'main', to: 'trunk' } }],
  'the default branch is force-pushed': () => [{ rewrite: { depth: 40 } }],
  'all of history is rewritten': () => [{ rewrite: { depth: 10_000 } }],
  'pull requests change, those that were read and those that come': () => [{ edit: { number: 1, title: 'First' } }, { edit: { number: 45, labels: ['late'] } }, { edit: { number: 89, title: 'Last' } }, { review: { number: 60, by: 'late' } }],
  'pull requests are merged, released, deployed and tagged': (made) => {
    const at = made.clock.now();
    return [
      { pullRequest: { title: 'Meanwhile', openedAt: at - HOUR, mergedAt: at - 50_000 } },
      { release: { tag: 'v-meanwhile', publishedAt: at - 40_000 } },
      { workflowRun: { workflow: 'deploy.yml', at: at - 30_000, attempts: [{ startedAt: at - 30_000, finishedAt: at - 20_000, jobs: [{ name: 'production', startedAt: at - 30_000, finishedAt: at - 20_000 }] }] } },
      { deployment: { at: at - 30_000, statuses: [{ state: 'SUCCESS', at: at - 20_000 }] } },
      { issue: { title: 'Meanwhile', labels: ['incident'], openedAt: at - 10_000 } },
    ];
  },
};

describe.each(Object.entries(CHANGES))('%s in the middle of a pass', (_name, steps) => {
  test.each(long ? [1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25] : [3, 11])('after %i writes', async (writes) => {
    const made = await prepared();
    await during(made, writes, () => apply(made.world, 'acme/api', steps(made), made.clock.now()));
    made.clock.advance(6 * 60_000);
    await made.sync();
    await expectWhole(made);
    expect(Object.values(made.latest()).filter(({ phase }) => phase !== 'done').map(({ scope }) => scope).filter((scope) => scope !== 'acme/api')).toEqual([]);
  });
});

test('a token is revoked in the middle of a pass and replaced: no page twice', async () => {
  const made = await prepared();
  await expect(during(made, 9, () => made.double.tokens.revoke(DEFAULT_TOKEN))).rejects.toMatchObject({ code: 'GITHUB_TOKEN_INVALID' });
  made.double.tokens.add({ token: 'ghp_replacement' });
  made.secrets = { githubToken: 'ghp_replacement' };
  made.source = new GitHubSource();
  await made.sync();
  expect(made.double.journal.summary().repeatedPages).toEqual([]);
  await expectWhole(made);
});

describe('a clock that jumps', () => {
  /** Passes of a machine whose clock is so far off. */
  async function syncAt(made: GitHubBench, off: () => number): Promise<void> {
    const context: SourceContext = made.context();
    await made.source.sync({ ...context, now: () => made.clock.now() + off() }, new AbortController().signal);
  }

  test.each([['forward', 700 * DAY], ['back', -700 * DAY]])('%s between passes and to where it was: nothing is left out', async (_name, jump) => {
    const made = await prepared();
    await made.sync();
    for (const off of [jump, jump, 0]) {
      made.clock.advance(HOUR);
      apply(made.world, 'acme/api', CHANGES['pull requests are merged, released, deployed and tagged'](made).map((step): Step => ('release' in step ? { release: { ...step.release, tag: `v-${made.clock.now()}` } } : step)), made.clock.now());
      await syncAt(made, () => off);
    }
    await made.sync();
    await expectWhole(made);
    expect(made.waits).toEqual([]);
  });

  test.each([['forward', 400 * DAY], ['back', -400 * DAY]])('%s in the middle of the first pass', async (_name, jump) => {
    const made = await prepared();
    let asked = 0;
    await syncAt(made, () => ((asked += 1) > 60 ? jump : 0));
    await made.sync();
    expect(made.double.journal.summary().repeatedPages).toEqual([]);
    await expectWhole(made);
  });
});

describe('an answer that never comes', () => {
  test.each<[string, Fault['then']]>([['nothing at all', { latencyMs: 60_000 }], ['half of it', { cut: 'stall' }]])('%s, at any size: the repository fails with its code, the others are whole, and it goes on later', async (_name, then) => {
    const made = await prepared();
    made.source = new GitHubSource({ timeoutMs: 1_000 });
    made.double.faults.set([{ when: { connection: 'pullRequests', operation: 'PullRequests', repository: 'acme/api', after: 'some' }, then }]);
    await made.sync();
    expect(made.latest()['acme/api']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_UNAVAILABLE' } });
    expect(made.latest()['acme/web']).toMatchObject({ phase: 'done' });
    made.double.faults.set([]);
    made.source = new GitHubSource();
    await made.sync();
    expect(made.double.journal.summary().repeatedPages).toEqual([]);
    await expectWhole(made);
  });
});

test('REST answers that are cut, stall, or come from a proxy', async () => {
  const made = await prepared();
  made.source = new GitHubSource({ timeoutMs: 3_000 });
  const effects: Array<Fault['then']> = [{ cut: 'mid-body' }, { cut: 'stall' }, { cut: 'before-headers' }, { status: 200, body: '<html>' }, { status: 502 }];
  made.double.faults.set(effects.map((then, index): Fault => ({ when: { kind: 'rest', nth: [3 + index * 7, 50 + index * 9] }, then })));
  await made.sync();
  expect(made.double.faults.list().map(({ struck }) => struck)).toEqual([2, 2, 2, 2, 2]);
  expect(Object.values(made.latest()).map(({ phase }) => phase)).toEqual(['done', 'done', 'done']);
  made.double.faults.set([]);
  await expectWhole(made);
});

describe('a repository that GitHub cannot answer', () => {
  test.each([500, 502])('%i whenever it is in the query: it fails alone', async (status) => {
    const made = await prepared();
    await made.sync();
    made.clock.advance(HOUR);
    apply(made.world, 'acme/web', [{ pullRequest: { title: 'Meanwhile', openedAt: made.clock.now() - HOUR, mergedAt: made.clock.now() - 60_000 } }], made.clock.now());
    made.double.faults.set([{ when: { operation: 'Snapshots', repository: 'acme/api' }, then: { status } }]);
    made.reports.length = 0;
    await made.sync();
    expect(made.latest()['acme/api']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_UNAVAILABLE' } });
    expect(made.latest()['acme/web']).toMatchObject({ phase: 'done' });
    expect((await made.facts()).pullRequests.some(({ title }) => title === 'Meanwhile')).toBe(true);
    made.double.faults.set([]);
    await made.sync();
    expect(made.latest()['acme/api']).toMatchObject({ phase: 'done', error: null });
    await expectWhole(made);
  });

  test('an owner that cannot be listed: what is known of it goes on, and it is listed as soon as it can be', async () => {
    const made = await prepared({ ...EVERYTHING, teams: [{ ...EVERYTHING.teams![0], repositories: ['acme/*'] }] });
    await made.sync();
    made.clock.advance(HOUR);
    apply(made.world, 'acme/web', [{ pullRequest: { title: 'Meanwhile', openedAt: made.clock.now() - HOUR, mergedAt: made.clock.now() - 60_000 } }], made.clock.now());
    made.scenario.organisation('acme').repository('added').commit({ at: made.clock.now() - HOUR, message: 'Start' });
    made.double.faults.set([{ when: { operation: 'OwnersRepositories' }, then: { status: 500 } }]);
    await made.sync();
    expect(made.latest()['acme/*']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_UNAVAILABLE' } });
    expect((await made.facts()).pullRequests.some(({ title }) => title === 'Meanwhile')).toBe(true);
    made.double.faults.set([]);
    await made.sync();
    expect((await made.facts()).repositories.map(({ name }) => name)).toContain('acme/added');
  });
});

test(`GitHub in a storm: ${long ? 500 : 40} repositories under every fault at random end as without any`, async () => {
  const [repositories, pullRequests] = long ? [500, 40_000] : [40, 2_500];
  const settings: DoraJsonData = { sync: { every: '5m', lookback: '800d' }, teams: [{ name: 'Globex', repositories: ['globex/*'], deployments: [{ from: 'releases', plainTags: true }] }] };
  const build = async (): Promise<GitHubBench> => {
    const made = new GitHubBench({ settings });
    addScaleOrganisation(made.world, { repositories, pullRequests, now: NOW, keep: long ? 60 : 1_000 });
    return made.start();
  };
  const calm = await build();
  await calm.sync();
  const undisturbed = lasting(await calm.facts());
  await calm.close();

  const made = await build();
  const faults: Array<[number, Fault['then']]> = [
    [0.02, { status: 500 }], [0.02, { status: 502 }], [0.01, { status: 504, body: '' }], [0.01, { cut: 'before-headers' }], [0.01, { cut: 'mid-body' }],
    [0.01, { secondaryLimit: { status: 403, retryAfter: 5 } }], [0.005, { primaryLimit: { resetInSeconds: 60 } }], [0.02, { errors: [{ type: 'INTERNAL', message: 'Something broke' }] }],
    [0.01, { status: 200, body: '<html>' }],
  ];
  made.double.faults.set([
    ...faults.map(([probability, then], seed): Fault => ({ when: { probability, seed: seed + 1 }, then })),
    { when: { after: 'some', probability: 0.02, seed: 99 }, then: { cursorRefused: true } },
  ]);
  let passes = 0;
  for (let whole = false; !whole && passes < 60; passes += 1) {
    made.reports.length = 0;
    whole = await made.sync().then(() => Object.values(made.latest()).every(({ phase }) => phase === 'done'), () => false);
    made.source = new GitHubSource();
    made.clock.advance(60_000);
  }
  expect(made.double.faults.list().filter(({ struck }) => (struck ?? 0) > 0).length).toBeGreaterThanOrEqual(long ? 10 : 8);
  expect(passes).toBeLessThan(60);
  made.double.faults.set([]);
  await made.sync();
  expect(lasting(await made.facts())).toEqual(undisturbed);
}, long ? 1_800_000 : 120_000);
