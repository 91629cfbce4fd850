import { addScaleOrganisation } from '../../../tests/doubles/github/scale';
import { closeBenches, GitHubBench, NOW } from '../../../tests/support/github';
import type { DoraJsonData } from '../../shared/settings';

afterEach(closeBenches);

const long = process.env.DORA_LONG === '1';
const DAY = 86_400_000;
/** Machines that do other work besides are slow. */
const PATIENCE = long ? 1_800_000 : 120_000;
const MERGED: DoraJsonData = { sync: { every: '5m', lookback: '800d' }, teams: [{ name: 'Globex', repositories: ['globex/*'] }] };

async function bench(repositories: number, pullRequests: number, settings: DoraJsonData = MERGED, hourly = 5_000): Promise<GitHubBench> {
  const made = new GitHubBench({ settings, double: { limits: { hourly } } });
  addScaleOrganisation(made.world, { repositories, pullRequests, now: NOW, keep: long ? 60 : 1_000 });
  return made.start();
}

test('500 repositories: an unchanged pass costs at most 25 calls, a new pull request at most 3 more', async () => {
  const made = await bench(500, 1_500);
  await made.sync();
  expect(await made.store.counts()).toMatchObject({ repositories: 500, pullRequests: 1_500 });
  made.double.journal.clear();
  made.clock.advance(20 * 60_000);
  const before = await made.store.revision();
  await made.sync();
  const unchanged = made.double.journal.summary();
  expect(unchanged.graphql.calls).toBeLessThanOrEqual(25);
  expect(unchanged.graphql.points).toBeLessThanOrEqual(25);
  expect(await made.store.revision()).toBe(before);
  made.double.journal.clear();
  made.clock.advance(20 * 60_000);
  const at = made.clock.now();
  await fetch(`${made.double.url}/_control/facts`, {
    method: 'POST',
    body: JSON.stringify({ repository: 'globex/service-400', steps: [{ pullRequest: { title: 'New', openedAt: at - 3_600_000, mergedAt: at - 60_000 } }] }),
  });
  await made.sync();
  expect(made.double.journal.summary().graphql.calls).toBeLessThanOrEqual(unchanged.graphql.calls + 3);
  expect((await made.store.counts()).pullRequests).toBe(1_501);
}, PATIENCE);

test('a large history comes whole over several hours of points, newest first, the reserve kept', async () => {
  const [repositories, pulls, hourly] = long ? [500, 200_000, 5_000] : [20, 4_000, 60];
  const made = await bench(repositories, pulls, MERGED, hourly);
  await made.sync();
  expect((await made.store.counts()).pullRequests).toBe(pulls);
  const { graphql, repeatedPages } = made.double.journal.summary();
  // Repositories are listed anew now and then: some may have been added. Nothing else is asked for again.
  expect(repeatedPages.filter((page) => !page.startsWith('globex repositories'))).toEqual([]);
  expect(graphql.calls).toBeLessThanOrEqual((pulls / 1_000) * 30 + repositories);
  const pages = made.double.journal.list().filter((entry) => entry.operation === 'PullRequests').length;
  // The last page of each repository is not full.
  expect(pages).toBeLessThanOrEqual((pulls / 1_000) * 30 + repositories);
  expect(graphql.points).toBeLessThanOrEqual(graphql.calls * 1.1);
  expect(Math.min(...made.limits.map((limit) => limit.remaining!))).toBeGreaterThanOrEqual(Math.floor(hourly * 0.1) - 1);
  expect(made.waits.filter((ms) => ms > 60_000).length).toBeGreaterThanOrEqual(Math.floor(graphql.points / hourly) - 1);
}, PATIENCE);

test('the last 14 days of a team of 15 repositories are there within 20 calls', async () => {
  const made = await bench(60, 6_000, { ...MERGED, teams: [{ name: 'Rest', repositories: ['globex/*'] }, { name: 'Looked at', repositories: Array.from({ length: 15 }, (_, index) => `globex/service-0${10 + index}`) }] });
  made.wanted = ['Looked at'];
  const stopping = new AbortController();
  const context = made.context();
  let covered = 0;
  await made.source
    .sync(
      {
        ...context,
        report: (progress) => {
          context.report(progress);
          if (progress.phase === 'history' && made.double.journal.list().length >= 20) {
            stopping.abort();
          }
        },
      },
      stopping.signal
    )
    .catch(() => undefined);
  const facts = await made.facts();
  const names = new Map(facts.repositories.map(({ id, name }) => [id, name]));
  for (const { scope, from, kind } of facts.coverage) {
    if (kind === 'pull-requests' && /service-0(1\d|2[0-4])$/.test(names.get(scope) ?? '')) {
      covered += from !== null && from <= Date.parse(NOW) - 14 * DAY ? 1 : 0;
    }
  }
  expect(covered).toBe(15);
}, PATIENCE);
