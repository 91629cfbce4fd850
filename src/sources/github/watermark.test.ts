import type { RepositoryBuilder } from '../../../tests/doubles/github/scenario';
import { afterEachWrite, closeBenches, GitHubBench, NOW } from '../../../tests/support/github';
import type { DoraJsonData } from '../../shared/settings';
import { believable, trusted } from './watermark';

/** What tells of news is the newest moment of a list: one that GitHub's clock got wrong, or that went away, must not hide what comes. */

afterEach(closeBenches);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const SETTINGS: DoraJsonData = {
  sync: { every: '5m', lookback: '180d' },
  teams: [{ name: 'Acme', repositories: ['acme/api'], deployments: [{ from: 'github-deployments' }, { from: 'workflow-runs' }], incidents: [{ from: 'github-issues' }] }],
};

async function bench(): Promise<{ made: GitHubBench; api: RepositoryBuilder }> {
  const made = new GitHubBench({ settings: SETTINGS });
  const api = made.scenario.organisation('acme').repository('api');
  api.commit({ at: Date.parse(NOW) - 30 * DAY, message: 'Start' });
  happens(api, Date.parse(NOW) - 10 * DAY);
  return { made: await made.start(), api };
}

/** One of each, at a moment of GitHub's. */
function happens(api: RepositoryBuilder, at: number): void {
  const sha = api.head();
  api.pullRequest({ title: `Change at ${at}`, openedAt: at - HOUR, mergedAt: at });
  api.deployment({ sha, at, statuses: [{ state: 'SUCCESS', at }] });
  api.workflowRun({ workflow: 'deploy.yml', sha, at, attempts: [{ finishedAt: at + 1_000 }] });
  api.issue({ title: `Incident at ${at}`, openedAt: at, closedAt: at });
}

async function moments(made: GitHubBench): Promise<Record<string, number[]>> {
  const { pullRequests, deployments, incidents } = await made.facts();
  const sorted = (all: number[]): number[] => all.sort((a, b) => a - b);
  return {
    pulls: sorted(pullRequests.map(({ mergedAt }) => mergedAt)),
    deployments: sorted(deployments.filter(({ origin }) => origin === 'github-deployments').map(({ startedAt }) => startedAt)),
    runs: sorted(deployments.filter(({ origin }) => origin === 'workflow-runs').map(({ startedAt }) => startedAt)),
    incidents: sorted(incidents.map(({ openedAt }) => openedAt)),
  };
}

const each = (...at: number[]): Record<string, number[]> => ({ pulls: at, deployments: at, runs: at, incidents: at });

test('what GitHub dates into the future hides nothing that comes before then', async () => {
  const { made, api } = await bench();
  const now = Date.parse(NOW);
  happens(api, now + 100 * DAY);
  await made.sync();
  const first = made.double.journal.summary();
  expect(first.repeatedPages).toEqual([]);
  expect(await moments(made)).toEqual(each(now - 10 * DAY, now + 100 * DAY));
  for (const later of [1, 2]) {
    made.clock.advance(HOUR);
    happens(api, made.clock.now() - 60_000);
    await made.sync();
    expect(await moments(made)).toEqual(each(now - 10 * DAY, ...Array.from({ length: later }, (_, index) => now + (index + 1) * HOUR - 60_000), now + 100 * DAY));
  }
  // It costs a page of each such list, once a pass.
  made.double.journal.clear();
  made.clock.advance(HOUR);
  await made.sync();
  expect(made.double.journal.summary()).toMatchObject({ graphql: { calls: 4 }, rest: { calls: 1, notModified: 1 } });
});

test('GitHub\'s own clock was wrong and is set right: what comes meanwhile is not lost', async () => {
  const { made, api } = await bench();
  const now = Date.parse(NOW);
  made.clock.advance(90 * DAY);
  happens(api, made.clock.now() - 2 * HOUR);
  await made.sync();
  // The machine of the plugin takes its time from the same place; it was off for some hours while the clock was set.
  made.clock.set(now);
  made.clock.advance(5 * HOUR);
  happens(api, now + 4 * HOUR);
  await made.sync();
  expect(await moments(made)).toEqual(each(now - 10 * DAY, now + 4 * HOUR, now + 90 * DAY - 2 * HOUR));
  made.clock.advance(HOUR);
  happens(api, made.clock.now());
  await made.sync();
  expect(await moments(made)).toEqual(each(now - 10 * DAY, now + 4 * HOUR, now + 6 * HOUR, now + 90 * DAY - 2 * HOUR));
});

test('the newest that was seen goes before its page is read: the list is read once', async () => {
  const { made, api } = await bench();
  await made.sync();
  made.clock.advance(HOUR);
  const issue = api.issue({ title: 'A mistake', openedAt: made.clock.now() });
  made.double.journal.clear();
  const content = made.world.findRepository('acme', 'api')!.changeable;
  // The first write of a pass comes after "anything new?" and before any page.
  const store = afterEachWrite(made.store, () => {
    content.issues.delete(issue.number);
    content.changed();
  });
  await made.sync(undefined, store);
  expect(content.issues.has(issue.number)).toBe(false);
  expect(made.double.journal.list().filter(({ operation }) => operation === 'Issues')).toHaveLength(1);
});

test('a watermark is never later than GitHub\'s clock', () => {
  const now = Date.parse(NOW);
  // A few minutes are two clocks that differ.
  expect(believable(now + 5 * 60_000, now)).toBe(now + 5 * 60_000);
  expect(believable(now + DAY, now)).toBe(now);
  expect(trusted(now + 5 * 60_000, now)).toBe(now + 5 * 60_000);
  expect(trusted(now + 90 * DAY, now)).toBe(now - DAY);
});
