import type { RepositoryBuilder } from '../../../tests/doubles/github/scenario';
import { addScaleOrganisation } from '../../../tests/doubles/github/scale';
import { closeBenches, GitHubBench, NOW } from '../../../tests/support/github';
import type { DoraJsonData } from '../../shared/settings';

/** What the synchronisation may cost, with every source switched on. */

afterEach(closeBenches);

const long = process.env.DORA_LONG === '1';
const REPOSITORIES = long ? 500 : 60;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse(NOW);

const EVERYTHING: DoraJsonData = {
  sync: { every: '5m', lookback: '180d' },
  teams: [
    {
      name: 'Acme',
      repositories: ['acme/*'],
      branches: ['main', 'release/*'],
      deployments: [{ from: 'releases', plainTags: true }, { from: 'github-deployments' }, { from: 'workflow-runs', workflows: ['deploy.yml'], job: 'production' }],
      incidents: [{ from: 'github-issues' }, { from: 'reverts' }],
    },
  ],
};

/** A repository in daily use: some of it goes on, or waits for somebody. */
function busy(repository: RepositoryBuilder): void {
  const start = now - 20 * DAY;
  repository.commit({ at: start, message: 'Start' });
  for (const day of [1, 2, 3]) {
    const mergedAt = start + day * DAY;
    repository.pullRequest({ title: `Change ${day}`, openedAt: mergedAt - HOUR, mergedAt });
    const jobs = [{ name: 'production', startedAt: mergedAt, finishedAt: mergedAt + HOUR }];
    repository.workflowRun({ workflow: 'deploy.yml', at: mergedAt, attempts: [{ startedAt: mergedAt, finishedAt: mergedAt + HOUR, jobs }] });
    repository.deployment({ at: mergedAt, statuses: [{ state: 'SUCCESS', at: mergedAt + HOUR }] });
    repository.issue({ title: `Incident ${day}`, labels: ['incident'], openedAt: mergedAt });
  }
  repository.release({ tag: 'v1', publishedAt: start + 2 * DAY });
  repository.tag('v2', repository.head(), start + 4 * DAY, true);
  repository.branch('release/1', repository.head(), start + 4 * DAY);
  repository.deployment({ at: now - DAY, statuses: [{ state: 'WAITING', at: now - DAY }] });
  repository.workflowRun({ workflow: 'deploy.yml', at: now - DAY, attempts: [{ startedAt: now - DAY }] });
}

test(`an unchanged pass over ${REPOSITORIES} repositories: few calls for all of them, and a free one for the runs of each`, async () => {
  const bench = new GitHubBench({ settings: EVERYTHING });
  const owner = bench.scenario.organisation('acme');
  const repositories = Array.from({ length: REPOSITORIES }, (_, index) => owner.repository(`service-${index}`));
  repositories.forEach(busy);
  await bench.start();
  await bench.sync();
  expect(await bench.store.counts()).toMatchObject({ repositories: REPOSITORIES, pullRequests: 3 * REPOSITORIES, deployments: (3 + 3 + 2 + 1) * REPOSITORIES });
  expect(bench.double.journal.summary().repeatedPages).toEqual([]);

  // The second pass learns what the first found on its way; from then on nothing is new.
  bench.clock.advance(5 * 60_000);
  await bench.sync();
  const revision = await bench.store.revision();
  // Owners are listed anew every quarter of an hour: the first of these passes does so.
  for (const minutes of [15, 5]) {
    bench.clock.advance(minutes * 60_000);
    bench.double.journal.clear();
    await bench.sync();
    const { graphql, rest } = bench.double.journal.summary();
    expect(graphql.calls).toBeLessThanOrEqual(REPOSITORIES / 20);
    expect(graphql.points).toBeLessThanOrEqual(REPOSITORIES / 10);
    expect(rest).toEqual({ calls: REPOSITORIES, points: 0, notModified: REPOSITORIES });
  }
  expect(await bench.store.revision()).toBe(revision);

  // A pull request is merged: its page, its commits, and the branches that the push may have moved.
  bench.clock.advance(5 * 60_000);
  repositories[7].pullRequest({ title: 'New', openedAt: bench.clock.now() - HOUR, mergedAt: bench.clock.now() - 60_000 });
  bench.double.journal.clear();
  await bench.sync();
  const changed = bench.double.journal.summary();
  expect(changed.graphql.calls).toBeLessThanOrEqual(Math.ceil(REPOSITORIES / 40) + 3);
  expect(changed.rest).toEqual({ calls: REPOSITORIES, points: 0, notModified: REPOSITORIES });
  expect(await bench.store.counts()).toMatchObject({ pullRequests: 3 * REPOSITORIES + 1 });
}, long ? 600_000 : 60_000);

test.each([1_000, 4_000])('%i pull requests of one repository: at most 30 calls and 30 points for each thousand, no page twice', async (pullRequests) => {
  const bench = new GitHubBench({ settings: { sync: { every: '5m', lookback: '800d' }, teams: [{ name: 'Globex', repositories: ['globex/service-000'] }] } });
  addScaleOrganisation(bench.world, { repositories: 1, pullRequests, now: NOW });
  await bench.start();
  await bench.sync();
  expect((await bench.store.counts()).pullRequests).toBe(pullRequests);
  const { calls, points, repeatedPages } = bench.double.journal.summary();
  expect(repeatedPages).toEqual([]);
  // Besides: one look for what is there. Pages begin smaller than the steady ones, which two pages make up for.
  expect(calls).toBeLessThanOrEqual((30 * pullRequests) / 1_000 + 1);
  expect(points).toBeLessThanOrEqual((30 * pullRequests) / 1_000 + 1);
}, 60_000);

test('previews of every branch cost a page for a hundred of them: their commits are not looked for until somebody wants them', async () => {
  const team = { name: 'Acme', repositories: ['acme/api'], deployments: [{ from: 'github-deployments' as const }] };
  const bench = new GitHubBench({ settings: { sync: { lookback: '180d' }, teams: [team] } });
  const api = bench.scenario.organisation('acme').repository('api');
  api.commit({ at: now - 30 * DAY, message: 'Start' });
  for (let index = 0; index < 80; index += 1) {
    const at = now - 20 * DAY + index * HOUR;
    const { headSha } = api.pullRequest({ title: `Change ${index}`, openedAt: at, mergedAt: at + HOUR / 2, merge: 'squash' });
    api.deployment({ sha: headSha, environment: `Preview ${index}`, at: at + 60_000, statuses: [{ state: 'SUCCESS', at: at + 120_000 }] });
  }
  const released = api.branch('release/1', api.head(), now - DAY).commit({ branch: 'release/1', at: now - DAY, message: 'Fix' }).sha;
  api.deployment({ sha: released, environment: 'Production', at: now - DAY / 2, statuses: [{ state: 'SUCCESS', at: now - DAY / 2 }] });
  await bench.start();
  await bench.sync();
  const histories = (): number => bench.double.journal.list().filter(({ operation }) => operation === 'History').length;
  // The branch, and the one commit that was released from elsewhere.
  expect(histories()).toBe(2);
  expect(bench.double.journal.summary().calls).toBeLessThanOrEqual(1 + 3 + 2 + 2);
  expect(await bench.store.counts()).toMatchObject({ deployments: 81 });
  expect((await bench.store.knownCommits((await bench.facts()).repositories[0].id, [released])).size).toBe(1);

  bench.settings = { ...bench.settings, teams: [{ ...team, deployments: [{ from: 'github-deployments', environments: ['Prod*', 'Preview 7*'] }] }] };
  bench.double.journal.clear();
  await bench.sync();
  expect(histories()).toBe(11);
  expect(await bench.store.counts()).toMatchObject({ deployments: 81 });
}, 60_000);

test('runs that never came to the job that deploys: their commits are not looked for', async () => {
  const bench = new GitHubBench({ settings: { sync: { lookback: '180d' }, teams: [{ name: 'Acme', repositories: ['acme/api'], deployments: [{ from: 'workflow-runs', workflows: ['deploy.yml'], job: 'production' }] }] } });
  const api = bench.scenario.organisation('acme').repository('api');
  api.commit({ at: now - 30 * DAY, message: 'Start' });
  const runs = (sha: string, branch: string, at: number, conclusion: 'success' | 'skipped'): void => {
    const jobs = [{ name: 'build', startedAt: at, finishedAt: at + 60_000 }, { name: 'production', startedAt: at + 60_000, finishedAt: at + 120_000, conclusion }];
    api.workflowRun({ workflow: 'deploy.yml', branch, sha, at, attempts: [{ startedAt: at, finishedAt: at + 120_000, jobs }] });
  };
  for (let index = 0; index < 30; index += 1) {
    const at = now - 20 * DAY + index * HOUR;
    const { headSha, headBranch } = api.pullRequest({ title: `Change ${index}`, openedAt: at, mergedAt: at + HOUR / 2, merge: 'squash' });
    runs(headSha, headBranch, at + 60_000, 'skipped');
  }
  const released = api.branch('release/1', api.head(), now - DAY).commit({ branch: 'release/1', at: now - DAY, message: 'Fix' }).sha;
  runs(released, 'release/1', now - DAY / 2, 'success');
  await bench.start();
  await bench.sync();
  expect(bench.double.journal.list().filter(({ operation }) => operation === 'History')).toHaveLength(2);
  expect((await bench.store.knownCommits((await bench.facts()).repositories[0].id, [released])).size).toBe(1);
}, 60_000);
