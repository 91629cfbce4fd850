import type { DoraJsonData } from '../../src/shared/settings';
import { closeBenches } from '../support/github';
import { Story } from '../support/story';

/**
 * One story, deployed by each source that GitHub has and troubled in each way that GitHub tells of; every number was
 * worked out by hand from the hours below.
 */
type TeamSpec = NonNullable<DoraJsonData['teams']>[number];
type Deployments = NonNullable<TeamSpec['deployments']>;
type Incidents = NonNullable<TeamSpec['incidents']>;

jest.setTimeout(60_000);
afterEach(closeBenches);

interface Way {
  deployments: Deployments;
  /** Brings a SHA to production. `at` is the end. */
  deploy(story: Story, sha: string, at: number, name: string): void;
  /** A deployment of a SHA that fails at `at`; absent where there is no such thing. */
  fail?(story: Story, sha: string, at: number): void;
}

const WAYS: Record<string, Way> = {
  'workflow runs': {
    deployments: [{ from: 'workflow-runs', workflows: ['deploy.yml'], branches: ['main'] }],
    deploy: (story, sha, at) => story.run(sha, at - 0.5, at),
    fail: (story, sha, at) => story.run(sha, at - 0.5, at, { conclusion: 'failure' }),
  },
  'a job of workflow runs, by display name': {
    deployments: [{ from: 'workflow-runs', workflows: ['Deploy*'], job: 'production' }],
    deploy: (story, sha, at) => {
      const jobs = [{ name: 'build', startedAt: story.at(at - 0.5), finishedAt: story.at(at - 0.4) }, { name: 'production', startedAt: story.at(at - 0.4), finishedAt: story.at(at) }, { name: 'smoke', startedAt: story.at(at), finishedAt: story.at(at + 0.5) }];
      story.api.workflowRun({ workflow: 'ship.yml', workflowName: 'Deploy it', sha, at: story.at(at - 0.5), attempts: [{ finishedAt: story.at(at + 0.5), jobs }] });
    },
    fail: (story, sha, at) => {
      const jobs = [{ name: 'production', startedAt: story.at(at - 0.4), finishedAt: story.at(at), conclusion: 'failure' as const }];
      story.api.workflowRun({ workflow: 'ship.yml', workflowName: 'Deploy it', sha, at: story.at(at - 0.5), attempts: [{ finishedAt: story.at(at), conclusion: 'failure', jobs }] });
      // It never came to the job: no attempt at production.
      story.api.workflowRun({ workflow: 'ship.yml', workflowName: 'Deploy it', sha, at: story.at(at - 0.2), attempts: [{ finishedAt: story.at(at - 0.1), conclusion: 'failure', jobs: [{ name: 'build', startedAt: story.at(at - 0.2), finishedAt: story.at(at - 0.1), conclusion: 'failure' }] }] });
    },
  },
  'GitHub deployments': {
    deployments: [{ from: 'github-deployments', environments: ['prod*'] }],
    deploy: (story, sha, at) => {
      story.deployment(sha, at - 0.5, at);
      story.deployment(sha, at - 0.9, at - 0.8, 'SUCCESS', 'staging');
    },
    fail: (story, sha, at) => story.deployment(sha, at - 0.5, at, 'ERROR'),
  },
  releases: {
    deployments: [{ from: 'releases', tags: 'v*' }],
    deploy: (story, sha, at, name) => {
      story.api.release({ tag: `v${name}`, sha, publishedAt: story.at(at) });
      story.api.release({ tag: `v${name}-rc`, sha, publishedAt: story.at(at - 0.1), prerelease: true });
      story.api.release({ tag: `docs-${name}`, sha, publishedAt: story.at(at - 0.1) });
    },
  },
  'plain tags': {
    deployments: [{ from: 'releases', tags: ['v*', '!*-rc'], plainTags: true }],
    deploy: (story, sha, at, name) => {
      // Two of three have no release; a pre-release is none, and its tag is no plain one.
      if (Number(name) % 3 === 0) {
        story.api.release({ tag: `v${name}`, sha, publishedAt: story.at(at) });
      } else {
        story.api.tag(`v${name}`, sha, story.at(at), true);
      }
      story.api.release({ tag: `v${name}beta`, sha, publishedAt: story.at(at - 0.1), prerelease: true });
      story.api.tag(`v${name}-rc`, sha, story.at(at - 0.2), true);
    },
  },
};

/** The hours of the story: when work began, when it was merged, when it was in production. */
function tellTo(story: Story, way: Way): void {
  const base = story.change('base', 0, 1);
  way.deploy(story, base.sha, 2, '0');                                        // baseline
  const one = story.change('one', 4, 8);
  way.deploy(story, one.sha, 10, '1');                                        // 6 h
  const two = story.change('two', 20, 26);
  way.deploy(story, two.sha, 30, '2');                                        // 10 h
  const back = story.revert('back', two, 32, 33);
  way.deploy(story, back.sha, 34, '3');                                       // 2 h
  way.fail?.(story, story.change('half', 38, 39).sha, 40);                    // delivered with the hotfix: 38 → 52 is 14 h
  const hotfix = story.change('hotfix', 50, 51, { branch: 'hotfix/pay', labels: ['Hotfix'] });
  way.deploy(story, hotfix.sha, 52, '4');                                     // 2 h
  const last = story.change('last', 60, 70);
  way.deploy(story, last.sha, 72, '5');                                       // 12 h

  const incidents = story.bench.scenario.organisation('acme').repository('incidents');
  incidents.commit({ at: story.at(-10), message: 'Start' });
  incidents.issue({ title: 'INC: payments are down', labels: ['incident', 'sev1'], openedAt: story.at(11), closedAt: story.at(13) });
  incidents.issue({
    title: 'INC: wrong totals', labels: ['incident'], openedAt: story.at(73), closedAt: story.at(75),
    comments: [{ by: 'ada', at: story.at(74), body: `Root cause: acme/api#${two.number}` }],
  });
  incidents.issue({ title: 'INC: only looked slow', labels: ['question'], openedAt: story.at(14), closedAt: story.at(15) });
  incidents.issue({ title: 'Postmortem of March', labels: ['incident'], openedAt: story.at(16), closedAt: story.at(17) });
}

/** `half` counts where a failed attempt brings it nowhere: it is in the next deployment. */
const KINDS: Record<string, { incidents: Incidents; failed: number; restores: number[] }> = {
  // The first deployment of `two` at 30 → that of its revert at 34.
  reverts: { incidents: [{ from: 'reverts' }], failed: 1, restores: [4] },
  // The deployment before at 34 → the hotfix's own at 52.
  'hotfixes by branch': { incidents: [{ from: 'hotfixes', branches: ['hotfix/*'], labels: [] }], failed: 1, restores: [18] },
  'hotfixes by label': { incidents: [{ from: 'hotfixes', branches: [], labels: ['hotfix'] }], failed: 1, restores: [18] },
  // 11 → 13 after the deployment at 10; 73 → 75 names `two`.
  'issues of a central repository': { incidents: [{ from: 'github-issues', repositories: ['acme/incidents'], labels: ['incident'], title: '^INC', severityLabel: 'sev*' }], failed: 2, restores: [2, 2] },
  // `two` is named by its revert and by an issue: one failure, two restores.
  'all together': {
    incidents: [{ from: 'reverts' }, { from: 'hotfixes', branches: ['hotfix/*'] }, { from: 'github-issues', repositories: ['acme/incidents'], labels: ['incident'], title: '^INC' }],
    failed: 3, restores: [4, 18, 2, 2],
  },
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(Object.entries(WAYS))('deployments from %s', (_name, way) => {
  test.each(Object.entries(KINDS))('incidents from %s', async (_kind, { incidents, failed, restores }) => {
    const story = new Story({ deployments: way.deployments, incidents });
    tellTo(story, way);
    await story.tell();
    expect(story.count()).toBe(6);
    // (6 + 10 + 2 + 2 + 12) / 5; with `half` 14 more by six.
    expect(story.lead()).toBeCloseTo(way.fail ? mean([6, 10, 2, 14, 2, 12]) : mean([6, 10, 2, 2, 12]), 5);
    expect(story.failures()).toBeCloseTo((100 * failed) / 6, 6);
    expect(story.restore()).toBeCloseTo(mean(restores), 5);
  });

  test('failed deployments', async () => {
    const story = new Story({ deployments: way.deployments, incidents: [{ from: 'failed-deployments' }] });
    tellTo(story, way);
    await story.tell();
    expect(story.count()).toBe(6);
    if (way.fail) {
      // Six that succeeded and one that failed at 40; the next one that succeeded ended at 52.
      expect(story.failures()).toBeCloseTo(100 / 7, 6);
      expect(story.restore()).toBe(12);
      expect(story.deployments().filter(({ status }) => status === 'failed')).toEqual([{ of: 'half', finished: 40, kind: 'standard', status: 'failed', changes: 0, failed: true }]);
    } else {
      expect(story.failures()).toBe(0);
      expect(story.restore()).toBeNull();
    }
  });
});

describe('deployments from merged pull requests', () => {
  const way: Way = { deployments: [{ from: 'merged-pull-requests' }], deploy: () => undefined };

  test.each<[string, Incidents, number, number[]]>([
    // Merges at 1, 8, 26, 33, 51 and 70: each is a deployment of its own change.
    ['reverts', [{ from: 'reverts' }], 1, [33 - 26]],
    ['hotfixes', [{ from: 'hotfixes', branches: ['hotfix/*'] }], 1, [51 - 33]],
    ['issues', KINDS['issues of a central repository'].incidents, 2, [2, 2]],
    ['failed deployments: there are none', [{ from: 'failed-deployments' }], 0, []],
    ['all together', [...KINDS['all together'].incidents, { from: 'failed-deployments' }], 3, [7, 18, 2, 2]],
  ])('%s', async (_name, incidents, failed, restores) => {
    const story = new Story({ deployments: way.deployments, incidents });
    tellTo(story, way);
    await story.tell();
    expect(story.count()).toBe(6);
    // (1 + 4 + 6 + 1 + 1 + 10) / 6: from the first commit to the merge, and there is no baseline.
    expect(story.lead()).toBeCloseTo(23 / 6, 5);
    expect(story.failures()).toBeCloseTo((100 * failed) / 6, 6);
    expect(story.restore()).toEqual(restores.length === 0 ? null : expect.closeTo(mean(restores), 5));
  });
});

describe('several sources for one team', () => {
  test('a release and the run that follows it are one; a GitHub deployment, which has an environment, is a retry', async () => {
    const story = new Story({ deployments: [{ from: 'releases' }, { from: 'github-deployments' }, { from: 'workflow-runs', workflows: ['deploy.yml'] }], incidents: [{ from: 'reverts' }] });
    const base = story.change('base', 0, 1);
    story.deployment(base.sha, 1.5, 2);
    const one = story.change('one', 4, 8);
    story.api.release({ tag: 'v1', sha: one.sha, publishedAt: story.at(10) });
    story.run(one.sha, 10.1, 10.2);
    story.deployment(one.sha, 10.3, 10.5);
    story.run(one.sha, 11, 11.5);
    const two = story.change('two', 12, 14);
    story.run(two.sha, 15, 16);
    await story.tell();
    expect(story.count()).toBe(3);
    expect(story.count({ includeRetries: true })).toBe(5);
    // Of what is one, the latest finish: 4 → 10.2. Another run of the same commit an hour later is not the same.
    expect(story.deployments().map(({ of, finished, kind, changes }) => [of, finished, kind, changes])).toEqual([
      ['base', 2, 'standard', 1], ['one', 10.2, 'standard', 1], ['one', 10.5, 'retry', 0], ['one', 11.5, 'retry', 0], ['two', 16, 'standard', 1],
    ]);
    expect(story.leads()).toEqual({ 'Change one': 6.2, 'Change two': 4 });
  });

  test('settings of one repository differ from the team\'s', async () => {
    const story = new Story({
      repositories: ['acme/api', { match: 'acme/legacy', branches: ['master'], deployments: [{ from: 'merged-pull-requests' }] }],
      deployments: [{ from: 'releases' }], incidents: [{ from: 'reverts' }],
    });
    const legacy = story.bench.scenario.organisation('acme').repository('legacy', { defaultBranch: 'develop', createdAt: story.at(-300) });
    legacy.commit({ at: story.at(-240), message: 'Start', branch: 'develop' });
    legacy.commit({ at: story.at(-240), message: 'Start', branch: 'master' });
    story.change('L1', 1, 3, { in: legacy, base: 'master' });
    story.change('L2', 2, 9, { in: legacy, base: 'develop' });
    story.api.release({ tag: 'v1', sha: story.change('one', 0, 1).sha, publishedAt: story.at(2) });
    story.api.release({ tag: 'v2', sha: story.change('two', 4, 6).sha, publishedAt: story.at(10) });
    await story.tell();
    // Two releases and the merge to master; develop is no production branch.
    expect(story.count()).toBe(3);
    expect(story.leads()).toEqual({ 'Change two': 6, 'Change L1': 2 });
  });

  test('services of a monorepo by tags and by paths', async () => {
    const services = [{ name: 'web', repository: 'acme/api', paths: ['web/**'], tags: 'web@*' }, { name: 'core', repository: 'acme/api', paths: ['core/**'], tags: ['core@*'] }];
    const told = async (deployments: Deployments): Promise<Story> => {
      const story = new Story({ repositories: [], services, deployments, incidents: [{ from: 'reverts' }] });
      const first = story.change('first', 0, 1, { files: ['web/a.ts', 'core/a.ts'] });
      const web = story.change('W', 4, 8, { files: ['web/b.ts'] });
      const core = story.change('C', 5, 9, { files: ['core/b.ts'] });
      for (const [tag, sha, at] of [['web@1', first.sha, 2], ['core@1', first.sha, 2], ['web@2', web.sha, 10], ['core@2', core.sha, 12], ['web@3', core.sha, 20]] as const) {
        story.api.release({ tag, sha, publishedAt: story.at(at) });
      }
      return story.tell();
    };
    const byTag = await told([{ from: 'releases' }]);
    expect([byTag.count({ services: ['web'] }), byTag.count({ services: ['core'] })]).toEqual([3, 2]);
    // web: W 4 → 10; C is core's alone by its path: 5 → 12.
    expect(byTag.rows('changes').filter(({ counted, leadTime }) => counted === true && leadTime !== null).map(({ service, title, leadTime }) => [service, title, Number(leadTime) / 3_600])).toEqual(
      expect.arrayContaining([['web', 'Change W', 6], ['core', 'Change C', 7]])
    );
    const byPath = await told([{ from: 'merged-pull-requests' }]);
    // The first belongs to both.
    expect([byPath.count({ services: ['web'] }), byPath.count({ services: ['core'] })]).toEqual([2, 2]);
  });
});
