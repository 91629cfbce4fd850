import webhooks from '@octokit/webhooks-examples';
import fc from 'fast-check';
import * as told from '../../../tests/doubles/github/webhooks';
import { closeBenches, GitHubBench, NOW } from '../../../tests/support/github';
import type { RepositoryBuilder } from '../../../tests/doubles/github/scenario';
import type { Repository } from '../../../tests/doubles/github/world';
import { parseSettings, type DoraJsonData } from '../../shared/settings';
import { SqliteStore } from '../../store/sqlite/store';
import type { DataSourceStore } from '../../store/store';
import { detailOfWebhook, repositoryOfWebhook } from './github';
import { EventIntake } from './intake';

jest.setTimeout(120_000);
afterEach(closeBenches);

const long = process.env.DORA_LONG === '1';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const now = Date.parse(NOW);
const TEAM: NonNullable<DoraJsonData['teams']>[number] = {
  name: 'Shop',
  repositories: ['acme/shop'],
  deployments: [{ from: 'releases' }, { from: 'workflow-runs', workflows: ['deploy.yml'] }, { from: 'github-deployments' }],
  incidents: [{ from: 'github-issues' }],
};
const SETTINGS: DoraJsonData = { sync: { every: '5m', lookback: '180d' }, teams: [TEAM] };

describe('webhooks as GitHub documents them', () => {
  it('are all read', () => {
    const read: Record<string, number> = {};
    for (const { name, examples } of webhooks) {
      for (const example of examples) {
        repositoryOfWebhook(name, example);
        if (detailOfWebhook(name, example) !== null) {
          read[name] = (read[name] ?? 0) + 1;
        }
      }
    }
    expect(Object.keys(read).sort()).toEqual(['deployment_status', 'issues', 'pull_request', 'release', 'workflow_run']);
  });

  it('name the field that is wrong', () => {
    expect(() => detailOfWebhook('release', { action: 'published', release: { node_id: 'RE_1', tag_name: 7 } })).toThrow(/^release\.tag_name: /);
    expect(() => repositoryOfWebhook('release', { repository: { full_name: null } })).toThrow(/^repository\.full_name: /);
  });
});

/** A repository with a past, and webhooks of what happened in its last hour. */
class Story {
  readonly bench = new GitHubBench({ settings: SETTINGS });
  readonly shop: RepositoryBuilder = this.bench.scenario.organisation('acme').repository('shop', { createdAt: now - 200 * 24 * HOUR });
  readonly webhooks: told.Webhook[] = [];
  intake = new EventIntake(this.bench.store);

  constructor() {
    this.shop.commit({ at: now - 30 * 24 * HOUR, message: 'Start' });
    this.shop.release({ tag: 'v1', publishedAt: now - 20 * 24 * HOUR });
  }

  get repository(): Repository {
    return this.bench.world.findRepository('acme', 'shop')!;
  }

  /** A merge, its release, a run in two attempts, a deployment that failed and was done again, and an issue. */
  happen(): void {
    const { shop, repository } = this;
    const tell = (...hooks: told.Webhook[]): unknown => this.webhooks.push(...hooks);
    const at = (minute: number): number => now - HOUR + minute * MINUTE;
    const pull = shop.pullRequest({ title: 'Faster checkout', branch: 'faster', openedAt: at(-120), commits: [{ at: at(-180), message: 'Faster' }], mergedAt: at(0), merge: 'squash' });
    tell(told.pullRequestWebhook(repository, pull), told.pullRequestWebhook(repository, pull, 'labeled'));
    tell(told.releaseWebhook(repository, shop.release({ tag: 'v2', publishedAt: at(5) })));
    const run = shop.workflowRun({
      workflow: 'deploy.yml', workflowName: 'Deploy', title: 'Ship v2', at: at(6), sha: shop.head(),
      attempts: [{ startedAt: at(6), finishedAt: at(9), conclusion: 'failure' }, { startedAt: at(12), finishedAt: at(15) }],
    });
    tell(told.workflowRunWebhook(repository, run, 1), told.workflowRunWebhook(repository, run, 2));
    tell(told.workflowRunWebhook(repository, shop.workflowRun({ workflow: 'test.yml', at: at(7), attempts: [{ finishedAt: at(8) }] })));
    tell(told.workflowRunWebhook(repository, shop.workflowRun({ workflow: 'deploy.yml', event: 'pull_request', branch: 'x', at: at(7), attempts: [{ finishedAt: at(8) }] })));
    const deployment = shop.deployment({
      at: at(16), environment: 'production', sha: shop.head(),
      statuses: [{ state: 'IN_PROGRESS', at: at(17) }, { state: 'FAILURE', at: at(18) }, { state: 'IN_PROGRESS', at: at(20) }, { state: 'SUCCESS', at: at(22) }],
    });
    tell(...deployment.statuses.map((status) => told.deploymentStatusWebhook(repository, deployment, status)));
    const issue = shop.issue({ title: 'Checkout fails', body: `root cause: #${pull.number}`, openedAt: at(25), closedAt: at(40), labels: ['incident'], comments: [{ by: 'octocat', at: at(30), body: `Root cause: ${shop.head()}` }] });
    tell(told.issueWebhook(repository, { ...issue, state: 'OPEN', stateReason: null, closedAt: null, updatedAt: issue.createdAt }), told.issueWebhook(repository, issue));
  }

  async push(hooks: readonly told.Webhook[] = this.webhooks): Promise<void> {
    const { settings } = parseSettings(SETTINGS);
    for (const { event, body } of hooks) {
      // Through JSON, as over the wire.
      expect(await this.intake.github(event, JSON.parse(JSON.stringify(body)), settings)).toBe('github');
    }
  }

  facts(store: DataSourceStore = this.bench.store): ReturnType<GitHubBench['facts']> {
    return this.bench.facts(store);
  }

  /** Where another store begins: what the first synchronisation knew. */
  async storeWithRepository(): Promise<DataSourceStore> {
    const store = new SqliteStore(null).dataSource('1/b');
    const { repositories } = await this.facts();
    await store.write({ repositories });
    return store;
  }
}

async function story(): Promise<Story> {
  const one = new Story();
  await one.bench.start();
  await one.bench.sync();
  one.happen();
  return one;
}

describe('webhooks of a synchronised repository', () => {
  it('show at once, under the ids of the synchronisation', async () => {
    const one = await story();
    const before = await one.facts();
    expect([before.pullRequests.length, before.deployments.length, before.incidents.length]).toEqual([0, 1, 0]);
    await one.push();
    const shown = await one.facts();
    expect(shown.pullRequests).toMatchObject([{ title: 'Faster checkout', mergedAt: now - HOUR, mergeSha: one.shop.head(), headBranch: 'faster', commitsComplete: false }]);
    expect(shown.incidents).toMatchObject([{ title: 'Checkout fails', openedAt: now - 35 * MINUTE, resolvedAt: now - 20 * MINUTE, resolvedBy: 'closed', labels: ['incident'] }]);
    const fresh = (await one.facts()).deployments.filter(({ ref }) => ref !== 'v1');
    expect(fresh.map(({ origin, outcome, startedAt, finishedAt }) => [origin, outcome, (startedAt - now + HOUR) / MINUTE, (finishedAt - now + HOUR) / MINUTE]).sort()).toEqual([
      ['github-deployments', 'failed', 17, 18],
      ['github-deployments', 'succeeded', 20, 22],
      ['releases', 'succeeded', 5, 5],
      ['workflow-runs', 'failed', 6, 9],
      ['workflow-runs', 'succeeded', 12, 15],
    ]);
    one.bench.clock.advance(MINUTE);
    await one.bench.sync();
    const polled = await one.facts();
    const ids = (all: typeof polled): string[] => [...all.pullRequests, ...all.deployments, ...all.incidents].map(({ id }) => id);
    expect(ids(polled)).toEqual(ids(shown));
  });

  it('and a later poll are what the poll alone would be', async () => {
    const one = await story();
    await one.push();
    one.bench.clock.advance(MINUTE);
    await one.bench.sync();
    const both = await one.facts();
    const fresh = one.bench.newStore();
    await one.bench.sync(undefined, fresh);
    const alone = await one.facts(fresh);
    expect(both.pullRequests).toEqual(alone.pullRequests);
    expect(both.pullRequests[0].commits).toHaveLength(1);
    expect(both.deployments).toEqual(alone.deployments);
    expect(both.incidents).toEqual(alone.incidents);
    expect(both.incidents[0].references).toContainEqual({ relation: 'root-cause', target: one.shop.head() });
  });

  it('take nothing away that a poll knows, however late and often they come', async () => {
    const one = await story();
    one.bench.clock.advance(MINUTE);
    await one.bench.sync();
    const polled = await one.facts();
    await one.push([...one.webhooks].reverse());
    await one.push();
    expect(await one.facts()).toEqual(polled);
  });

  it('tell what changed after a poll: a label, an issue that is open again, another attempt', async () => {
    const one = await story();
    one.bench.clock.advance(MINUTE);
    await one.bench.sync();
    const { repository } = one;
    const [pull] = [...repository.content.pulls.values()];
    const [issue] = [...repository.content.issues.values()];
    const [deployment] = repository.content.deployments;
    const later = now + 30 * MINUTE;
    await one.push(one.webhooks);
    await one.push([
      told.pullRequestWebhook(repository, { ...pull, labels: ['hotfix'], updatedAt: later }, 'labeled'),
      told.issueWebhook(repository, { ...issue, state: 'OPEN', stateReason: 'REOPENED', closedAt: null, updatedAt: later }, 'reopened'),
      told.deploymentStatusWebhook(repository, deployment, { ...deployment.statuses[0], databaseId: 99, state: 'FAILURE', at: later }),
    ]);
    const facts = await one.facts();
    expect(facts.pullRequests).toMatchObject([{ labels: ['hotfix'], commits: [{}], commitsComplete: true }]);
    expect(facts.incidents).toMatchObject([{ resolvedAt: null, resolvedBy: null, status: 'reopened' }]);
    expect(facts.incidents[0].references).toContainEqual({ relation: 'root-cause', target: one.shop.head() });
    expect(facts.deployments.filter(({ origin }) => origin === 'github-deployments').map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded', 'failed']);
  });

  it('take away what was deleted, even when they come out of order', async () => {
    const one = await story();
    await one.push();
    const { repository } = one;
    const release = repository.content.releases.find(({ tag }) => tag === 'v2')!;
    const [issue] = [...repository.content.issues.values()];
    await one.push([told.releaseWebhook(repository, release, 'deleted'), told.issueWebhook(repository, issue, 'deleted'), told.releaseWebhook(repository, release), told.issueWebhook(repository, issue)]);
    const { deployments, incidents } = await one.facts();
    expect(deployments.filter(({ origin }) => origin === 'releases').map(({ ref }) => ref)).toEqual(['v1']);
    expect(incidents).toEqual([]);
  });
});

describe('webhooks that hold too little', () => {
  const withTeam = async (change: Partial<typeof TEAM>): Promise<{ one: Story; push: () => Promise<Array<string | null>> }> => {
    const one = await story();
    const { settings } = parseSettings({ ...SETTINGS, teams: [{ ...TEAM, ...change }] });
    const push = async (): Promise<Array<string | null>> => {
      const answers = [];
      for (const { event, body } of one.webhooks) {
        answers.push(await one.intake.github(event, body, settings));
      }
      return answers;
    };
    return { one, push };
  };

  it.each<[string, Partial<typeof TEAM>, string]>([
    ['pull requests whose paths decide the service', { services: [{ name: 'api', repository: 'acme/shop', paths: ['api/**'] }] }, 'pullRequests'],
    ['runs of which one job counts', { deployments: [{ from: 'workflow-runs', workflows: ['deploy.yml'], job: 'production' }] }, 'deployments'],
    ['deployments that nobody asked for', { deployments: [{ from: 'merged-pull-requests' }] }, 'deployments'],
    ['issues that nobody asked for', { incidents: [{ from: 'reverts' }] }, 'incidents'],
  ])('leave %s to the synchronisation, which they set off', async (_, change, kind) => {
    const { one, push } = await withTeam(change);
    const before = await one.facts();
    expect(new Set(await push())).toEqual(new Set(['github']));
    const after = await one.facts();
    expect(after[kind as 'incidents']).toEqual(before[kind as 'incidents']);
  });

  it('say nothing of a repository that no team has, and only where to look of an unknown one', async () => {
    const { one, push } = await withTeam({ repositories: ['acme/other'] });
    const before = await one.facts();
    expect(new Set(await push())).toEqual(new Set([null]));
    const { settings } = parseSettings(SETTINGS);
    const body = { ...one.webhooks[0].body, repository: { full_name: 'acme/new', node_id: 'R_new' } };
    expect(await one.intake.github('pull_request', body, settings)).toBe('github');
    expect(await one.intake.github('star', one.webhooks[0].body, settings)).toBeNull();
    expect(await one.intake.github('repository', one.webhooks[0].body, parseSettings({ teams: [] }).settings)).toBe('github');
    expect(await one.facts()).toEqual(before);
  });
});

it('webhooks in any order and with repeats give the facts of webhooks in order without', async () => {
  const one = await story();
  const { repository, shop } = one;
  for (let index = 0; index < (long ? 900 : 25); index += 1) {
    const at = now - 10 * 24 * HOUR + index * MINUTE;
    const pull = shop.pullRequest({ title: `Change ${index}`, branch: `b${index}`, openedAt: at - HOUR, commits: [at - HOUR], mergedAt: at, merge: 'squash' });
    const release = shop.release({ tag: `v1.${index}`, publishedAt: at + 1_000 });
    const run = shop.workflowRun({ workflow: 'deploy.yml', at, sha: shop.head(), attempts: [{ startedAt: at, finishedAt: at + 1_000, conclusion: 'failure' }, { startedAt: at + 2_000, finishedAt: at + 3_000 }] });
    const deployment = shop.deployment({ at, environment: 'production', sha: shop.head(), statuses: [{ state: 'IN_PROGRESS', at: at + 1_000 }, { state: index % 2 ? 'SUCCESS' : 'FAILURE', at: at + 2_000 }, { state: 'SUCCESS', at: at + 4_000 }] });
    const issue = shop.issue({ title: `Trouble ${index}`, openedAt: at, closedAt: at + HOUR });
    one.webhooks.push(
      told.pullRequestWebhook(repository, pull), told.pullRequestWebhook(repository, { ...pull, title: 'Renamed', updatedAt: pull.updatedAt + 1_000 }, 'edited'),
      told.releaseWebhook(repository, release), ...(index % 5 ? [] : [told.releaseWebhook(repository, release, 'deleted')]),
      told.workflowRunWebhook(repository, run, 1), told.workflowRunWebhook(repository, run, 2),
      ...deployment.statuses.map((status) => told.deploymentStatusWebhook(repository, deployment, status)),
      told.issueWebhook(repository, { ...issue, state: 'OPEN', closedAt: null, updatedAt: at }), told.issueWebhook(repository, issue),
      told.issueWebhook(repository, { ...issue, labels: ['a'] }, 'labeled'), told.issueWebhook(repository, { ...issue, labels: ['a', 'b'] }, 'labeled'),
    );
  }
  const apply = async (hooks: readonly told.Webhook[]): Promise<unknown> => {
    const store = await one.storeWithRepository();
    one.intake = new EventIntake(store);
    await one.push(hooks);
    return one.facts(store);
  };
  const expected = await apply(one.webhooks);
  expect((expected as { deployments: unknown[] }).deployments.length).toBeGreaterThan(100);
  const repeated = [...one.webhooks, ...one.webhooks.filter((_, index) => index % 3 === 0)];
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(repeated, { minLength: repeated.length }), async (hooks) => {
      expect(await apply(hooks)).toEqual(expected);
    }),
    { numRuns: long ? 2 : 6, seed: 11 }
  );
});
