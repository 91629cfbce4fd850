import { closeBenches, GitHubBench, NOW } from '../../../tests/support/github';
import type { RepositoryBuilder } from '../../../tests/doubles/github/scenario';

/** What one list's missing permission means for the others of the repository. */

afterEach(closeBenches);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse(NOW);
const ALL = { metadata: 'read', contents: 'read', pull_requests: 'read', deployments: 'read', issues: 'read' } as const;
type Permission = keyof typeof ALL;

let tokens = 0;

/** From now on with a token that lacks these. */
function lacking(bench: GitHubBench, ...missing: Permission[]): void {
  tokens += 1;
  const token = `github_pat_${tokens}`;
  bench.double.tokens.add({ token, kind: 'fine-grained', permissions: Object.fromEntries(Object.entries(ALL).filter(([name]) => !missing.includes(name as Permission))) });
  bench.secrets = { githubToken: token };
}

async function start(): Promise<{ bench: GitHubBench; api: RepositoryBuilder }> {
  const bench = new GitHubBench({
    settings: {
      sync: { every: '5m', lookback: '180d' },
      teams: [{ name: 'Acme', repositories: ['acme/*'], deployments: [{ from: 'releases', plainTags: true }, { from: 'github-deployments' }], incidents: [{ from: 'github-issues' }] }],
    },
  });
  const owner = bench.scenario.organisation('acme');
  const api = owner.repository('api');
  api.commit({ at: now - 30 * DAY, message: 'Start' });
  owner.repository('web').commit({ at: now - 30 * DAY, message: 'Start' });
  happens(api, now - 3 * DAY);
  return { bench: await bench.start(), api };
}

/** One of each. */
function happens(api: RepositoryBuilder, at: number): void {
  api.pullRequest({ title: 'Change', openedAt: at - HOUR, mergedAt: at });
  api.release({ tag: `v${at}`, publishedAt: at });
  api.tag(`t${at}`, api.head(), at, true);
  api.deployment({ at, statuses: [{ state: 'SUCCESS', at }] });
  api.issue({ title: 'Incident', openedAt: at });
}

async function counts(bench: GitHubBench): Promise<Record<string, number>> {
  const { pullRequests, deployments, incidents } = await bench.facts();
  const of = (origin: string): number => deployments.filter((deployment) => deployment.origin === origin).length;
  return { pulls: pullRequests.length, releases: of('releases'), tags: of('tags'), deployments: of('github-deployments'), issues: incidents.length };
}

const whole = (times: number): Record<string, number> => ({ pulls: times, releases: times, tags: 2 * times, deployments: times, issues: times });

test.each<[Permission[], object]>([
  [['issues'], { issues: 0 }],
  [['deployments'], { deployments: 0 }],
  [['issues', 'deployments'], { issues: 0, deployments: 0 }],
])('without %j the others keep up, pass after pass', async (missing, without) => {
  const { bench, api } = await start();
  lacking(bench, ...missing);
  for (const times of [1, 2, 3]) {
    await bench.sync();
    expect(await counts(bench)).toEqual({ ...whole(times), ...without });
    expect(bench.latest()['acme/api']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_SCOPE_MISSING', message: expect.stringMatching(/\((issues|deployments)\)$/) } });
    bench.clock.advance(HOUR);
    happens(api, bench.clock.now());
  }
});

test('a permission that is taken away later is told, and what was missed comes when it is given back', async () => {
  const { bench, api } = await start();
  lacking(bench);
  await bench.sync();
  expect(bench.latest()['acme/api']).toMatchObject({ phase: 'done' });
  lacking(bench, 'issues');
  bench.clock.advance(HOUR);
  happens(api, bench.clock.now());
  bench.double.journal.clear();
  await bench.sync();
  expect(await counts(bench)).toEqual({ ...whole(2), issues: 1 });
  expect(bench.latest()['acme/api']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_SCOPE_MISSING' } });
  // The repository in which nothing happened is not up to date either.
  expect(bench.latest()['acme/web']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_SCOPE_MISSING' } });
  // Only the first look for what is new: no list is tried in vain.
  expect(bench.double.journal.list().filter(({ errors }) => errors.length > 0)).toHaveLength(1);
  lacking(bench);
  bench.clock.advance(HOUR);
  happens(api, bench.clock.now());
  await bench.sync();
  expect(await counts(bench)).toEqual(whole(3));
  expect(bench.latest()['acme/api']).toMatchObject({ phase: 'done', error: null });
});
