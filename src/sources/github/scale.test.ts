import { addScaleOrganisation } from '../../../tests/doubles/github/scale';
import { closeBenches, GitHubBench, NOW } from '../../../tests/support/github';
import { createEngine } from '../../engine/index';
import { parseQuery } from '../../shared/query';
import type { DoraJsonData } from '../../shared/settings';
import type { DataSourceStore } from '../../store/store';

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

const FIFTEEN = Array.from({ length: 15 }, (_, index) => `globex/service-1${10 + index}`);
const RELEASED = { deployments: [{ from: 'releases' as const }] };

/** A page at three seconds each: what was answered within a minute. */
test.each<[string, object]>([
  ['by name', { repositories: FIFTEEN }],
  ['by patterns, which need the whole organisation listed', { repositories: ['globex/service-11*', 'globex/service-120', 'globex/service-121', 'globex/service-122', 'globex/service-123', 'globex/service-124'] }],
  ['by name, deployed by releases', { repositories: FIFTEEN, ...RELEASED }],
  ['by patterns, deployed by releases', { repositories: ['globex/service-11*', ...FIFTEEN.slice(10)], ...RELEASED }],
])('500 repositories: the last 14 days of a team of 15, %s, are on its panels within a minute at 3 s a page', async (_name, team) => {
  const made = await bench(500, long ? 200_000 : 50_000, { ...MERGED, teams: [{ name: 'Rest', repositories: ['globex/*'] }, { name: 'Looked at', ...team }] });
  made.wanted = ['Looked at'];
  const stopping = new AbortController();
  const context = made.context(stoppingAfterCalls(made, 20, stopping));
  await made.source.sync(context, stopping.signal).catch(() => undefined);
  expect(stopping.signal.aborted).toBe(true);
  expect(made.waits).toEqual([]);
  const engine = createEngine(context.settings);
  for await (const batch of made.store.load(0)) {
    engine.apply(batch);
  }
  const now = made.clock.now();
  const answer = engine.answer(parseQuery({ metric: 'deployment-frequency', teams: ['Looked at'], interval: 'day' }), { from: now - 13 * DAY, to: now }, now);
  const [series] = answer.kind === 'timeseries' ? answer.series : [];
  expect(series.values).toHaveLength(14);
  expect(series.values).not.toContain(null);
  expect(answer.notices.map(({ text }) => text).filter((text) => /missing/.test(text))).toEqual([]);
  // All that was merged in those days is there.
  const stored = (await made.facts()).pullRequests.filter(({ mergedAt }) => mergedAt >= now - 14 * DAY).length;
  const merged = FIFTEEN.flatMap((name) => [...made.world.findRepository(...(name.split('/') as [string, string]))!.content.pulls.values()]).filter(({ mergedAt }) => mergedAt! >= now - 14 * DAY).length;
  expect(stored).toBeGreaterThanOrEqual(merged);
  expect(merged).toBeGreaterThan(10);
}, PATIENCE);

/** A store that ends the pass before anything of a later answer is written. */
function stoppingAfterCalls(made: GitHubBench, calls: number, stopping: AbortController): DataSourceStore {
  return new Proxy(made.store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name !== 'write') {
        return typeof value === 'function' ? value.bind(target) : value;
      }
      return async (...written: Parameters<DataSourceStore['write']>) => {
        if (made.double.journal.list().length > calls) {
          stopping.abort();
          stopping.signal.throwIfAborted();
        }
        return target.write(...written);
      };
    },
  });
}
