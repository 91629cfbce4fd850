import { closeBenches } from '../support/github';
import { Story } from '../support/story';

/** What happens to releases and reverts in real teams; every number was worked out by hand from the hours told. */

jest.setTimeout(60_000);
afterEach(closeBenches);

const RUNS = [{ from: 'workflow-runs' as const, workflows: ['deploy.yml'] }];
const RELEASES = [{ from: 'releases' as const }];
const FAILED = [{ from: 'failed-deployments' as const }];
const REVERTS = [{ from: 'reverts' as const }];

const short = (story: Story): unknown[] => story.deployments().map(({ of, finished, kind, changes }) => [of, finished, kind, changes]);

describe('deployments', () => {
  test('a run on a tag', async () => {
    const story = new Story({ deployments: [{ ...RUNS[0], branches: ['v*'] }], incidents: FAILED });
    const one = story.change('one', 0, 10);
    story.api.tag('v1', one.sha, story.at(10.5));
    story.run(one.sha, 11, 12, { branch: 'v1' });
    const two = story.change('two', 20, 30);
    // The branch's own runs build only.
    story.run(one.sha, 10, 10.2);
    story.run(two.sha, 30, 30.2);
    story.api.tag('v2', two.sha, story.at(39), true);
    story.run(two.sha, 40, 41, { branch: 'v2' });
    await story.tell();
    expect(story.count()).toBe(2);
    expect(story.leads()).toEqual({ 'Change two': 41 - 20 });
    expect(story.failures()).toBe(0);
  });

  test('a re-run of an old SHA is a rollback, of the present one a retry', async () => {
    const story = new Story({ deployments: RUNS, incidents: FAILED });
    const one = story.change('one', 0, 10);
    const hour = (at: number): number => story.at(at);
    story.api.workflowRun({ workflow: 'deploy.yml', branch: 'main', sha: one.sha, at: hour(11), attempts: [{ startedAt: hour(11), finishedAt: hour(12) }, { startedAt: hour(50), finishedAt: hour(51) }] });
    const two = story.change('two', 20, 30);
    story.api.workflowRun({ workflow: 'deploy.yml', branch: 'main', sha: two.sha, at: hour(40), attempts: [{ startedAt: hour(40), finishedAt: hour(41) }, { startedAt: hour(43), finishedAt: hour(44) }] });
    await story.tell();
    expect(short(story)).toEqual([['one', 12, 'standard', 1], ['two', 41, 'standard', 1], ['two', 44, 'retry', 0], ['one', 51, 'rollback', 0]]);
    expect(story.count()).toBe(2);
    expect(story.count({ includeRollbacks: true, includeRetries: true })).toBe(4);
    expect(story.leads()).toEqual({ 'Change two': 21 });
    // The rollback replaced what the retry brought: `two` failed, one of two. It ended at 44, the rollback at 51.
    expect(story.failures()).toBe(50);
    expect(story.restore()).toBe(7);
  });

  test('a rollback to an older SHA, the redeployment after it, and what comes then', async () => {
    const story = new Story({ deployments: [{ from: 'github-deployments' }], incidents: FAILED });
    const shas = (['A', 'B', 'C'] as const).map((name, index) => {
      const { sha } = story.change(name, 10 * index, 10 * index + 4);
      story.deployment(sha, 10 * index + 5, 10 * index + 6);
      return sha;
    });
    story.deployment(shas[0], 29, 30);
    story.deployment(shas[2], 39, 40);
    const last = story.change('D', 31, 44);
    story.deployment(last.sha, 45, 46);
    await story.tell();
    expect(short(story)).toEqual([
      ['A', 6, 'standard', 1], ['B', 16, 'standard', 1], ['C', 26, 'standard', 1], ['A', 30, 'rollback', 0], ['C', 40, 'standard', 0], ['D', 46, 'standard', 1],
    ]);
    expect(story.count()).toBe(5);
    // 10 → 16, 20 → 26, 31 → 46; what came back brought nothing new.
    expect(story.leads()).toEqual({ 'Change B': 6, 'Change C': 6, 'Change D': 15 });
    expect(story.failures()).toBe(100 / 5);
    expect(story.restore()).toBe(30 - 26);
    expect(story.incidents()).toEqual(['failed-deployments: 26 → 30']);
  });

  test('a hotfix on a release branch, merged back', async () => {
    const story = new Story({ branches: ['main', 'release/*'], deployments: RUNS, incidents: [{ from: 'hotfixes', branches: ['hotfix/*'] }] });
    story.run(story.change('one', 0, 5).sha, 5.5, 6);
    const two = story.change('two', 10, 20);
    story.run(two.sha, 29, 30);
    story.api.branch('release/1', two.sha, story.at(31));
    const hotfix = story.change('hotfix', 50, 52, { branch: 'hotfix/pay', base: 'release/1', from: two.sha });
    story.run(hotfix.sha, 53, 54, { branch: 'release/1' });
    story.change('back', 55, 56, { title: 'Merge release/1', branch: 'release/1', commitShas: [...hotfix.commits, hotfix.sha] });
    const next = story.change('next', 40, 58);
    story.run(next.sha, 59, 60);
    await story.tell();
    expect(story.count()).toBe(4);
    // 10 → 30, 50 → 54, 40 → 60. The pull request back to main carries only what is delivered already.
    expect(story.leads()).toEqual({ 'Change two': 20, 'Change hotfix': 4, 'Change next': 20 });
    expect(story.rows('changes').find(({ title }) => title === 'Merge release/1')).toMatchObject({ counted: false });
    // From the deployment before it at 30 to its own at 54; that one failed, one of four.
    expect(story.incidents()).toEqual(['hotfixes: 30 → 54']);
    expect(story.restore()).toBe(24);
    expect(story.failures()).toBe(25);
    expect(story.number({ metric: 'rework-rate' })).toBe(25);
  });

  test('a release branch with cherry-picks: each pull request counts where it arrives', async () => {
    const story = new Story({ deployments: RELEASES, incidents: REVERTS });
    const one = story.change('one', 0, 5);
    story.api.release({ tag: 'v1.0', sha: one.sha, publishedAt: story.at(6) });
    story.api.branch('release/1', one.sha, story.at(7));
    story.change('unready', 10, 14);
    const fix = story.change('fix', 15, 20, { merge: 'squash' });
    // The copy keeps the author's date and lands by rebase, with another SHA.
    story.change('pick', 22, 24, { title: 'Change fix (picked)', base: 'release/1', from: one.sha, merge: 'rebase', commits: [{ at: story.at(22), authoredAt: story.at(15), message: 'fix' }] });
    story.api.release({ tag: 'v1.1', sha: story.api.head('release/1'), branch: 'release/1', publishedAt: story.at(26) });
    story.api.deleteBranch('release/1');
    story.api.release({ tag: 'v2.0', sha: fix.sha, publishedAt: story.at(50) });
    await story.tell();
    // v1.1 lies on no branch any more; its commits are followed from its SHA.
    expect(short(story)).toEqual([['one', 6, 'standard', 1], ['pick', 26, 'standard', 1], ['fix', 50, 'standard', 2]]);
    expect(story.leads()).toEqual({ 'Change fix (picked)': 26 - 15, 'Change unready': 50 - 10, 'Change fix': 50 - 15 });
    // v1.1 is no ancestor of v2.0, and v2.0 never was in production before: no rollback.
    expect(story.count()).toBe(3);
  });

  test('two workflows for one release: the first that ends delivers, the second is a retry', async () => {
    const story = new Story({ deployments: [{ from: 'workflow-runs', workflows: ['deploy-*.yml'] }], incidents: FAILED });
    const both = (sha: string, at: number): void => {
      story.run(sha, at, at + 1, { workflow: 'deploy-eu.yml' });
      story.run(sha, at, at + 1.5, { workflow: 'deploy-us.yml' });
    };
    both(story.change('one', 0, 2).sha, 3);
    both(story.change('two', 10, 12).sha, 20);
    // One region fails and is done again: the other one delivered already.
    const three = story.change('three', 30, 32);
    story.run(three.sha, 33, 34, { workflow: 'deploy-eu.yml', conclusion: 'failure' });
    story.run(three.sha, 33, 34.5, { workflow: 'deploy-us.yml' });
    story.run(three.sha, 36, 37, { workflow: 'deploy-eu.yml' });
    await story.tell();
    expect(story.count()).toBe(3);
    expect(story.count({ includeRetries: true })).toBe(6);
    expect(story.leads()).toEqual({ 'Change two': 11, 'Change three': 4.5 });
    // Three that succeeded and one that failed; it was over half an hour later.
    expect(story.failures()).toBe(25);
    expect(story.restore()).toBe(0.5);
  });

  test('attempts that failed are kept as failed', async () => {
    const story = new Story({ deployments: [{ ...RUNS[0], job: 'production' }], incidents: FAILED });
    story.run(story.change('one', 0, 2).sha, 3, 4, { job: 'production' });
    const two = story.change('two', 10, 12);
    const hour = (at: number): number => story.at(at);
    const job = (from: number, to: number, conclusion: 'success' | 'failure') => [{ name: 'production', startedAt: hour(from), finishedAt: hour(to), conclusion }];
    story.api.workflowRun({
      workflow: 'deploy.yml', branch: 'main', sha: two.sha, at: hour(13),
      attempts: [
        { startedAt: hour(13), finishedAt: hour(14), conclusion: 'failure', jobs: job(13, 14, 'failure') },
        { startedAt: hour(15), finishedAt: hour(16), conclusion: 'cancelled' },
        { startedAt: hour(17), finishedAt: hour(18), conclusion: 'failure', jobs: job(17, 18, 'failure') },
        { startedAt: hour(20), finishedAt: hour(21), jobs: job(20, 21, 'success') },
      ],
    });
    await story.tell();
    expect(story.deployments().map(({ of, finished, status }) => [of, finished, status])).toEqual([['one', 4, 'succeeded'], ['two', 14, 'failed'], ['two', 18, 'failed'], ['two', 21, 'succeeded']]);
    // Two failed attempts of four; in a row they are one incident: 14 → 21.
    expect(story.failures()).toBe(50);
    expect(story.restore()).toBe(7);
    expect(story.leads()).toEqual({ 'Change two': 11 });
  });

  test('plain tags: prereleases, drafts and tags that get their release later', async () => {
    const story = new Story({ deployments: [{ from: 'releases', tags: 'v*', plainTags: true }], incidents: REVERTS });
    story.api.tag('v1', story.change('one', 0, 2).sha, story.at(3));
    const two = story.change('two', 10, 12);
    story.api.tag('v2', two.sha, story.at(20), true);
    story.api.tag('nightly', two.sha, story.at(21));
    story.api.release({ tag: 'v2-rc', sha: two.sha, publishedAt: story.at(11), prerelease: true });
    await story.tell();
    // v1 is not annotated: its commit's date at 2. v2 at its tagger's.
    expect(short(story)).toEqual([['one', 2, 'standard', 1], ['two', 20, 'standard', 1]]);
    expect(story.leads()).toEqual({ 'Change two': 10 });
    // The release of a tag stands for it, with its own moment.
    story.api.release({ tag: 'v2', sha: two.sha, publishedAt: story.at(26) });
    await story.tell();
    expect(short(story)).toEqual([['one', 2, 'standard', 1], ['two', 26, 'standard', 1]]);
    expect(story.leads()).toEqual({ 'Change two': 16 });
  });

  test('direct pushes, where a team counts them', async () => {
    const story = new Story({ deployments: [{ from: 'merged-pull-requests' }], directPushes: true, incidents: REVERTS });
    story.change('one', 0, 2);
    story.api.commit({ at: story.at(10), authoredAt: story.at(7), message: 'Straight to main', author: 'ada' });
    story.api.commit({ at: story.at(12), message: 'By a bot', author: 'renovate[bot]' });
    await story.tell();
    // The push that made the repository, before the range, is not asked for. The bot's own deployment is excluded with it.
    expect(story.deployments().map(({ finished }) => finished)).toEqual([2, 10, 12]);
    expect(story.count()).toBe(2);
    expect(story.lead()).toBe((2 + 3) / 2);
  });
});

describe('reverts', () => {
  test('a revert of a revert brings it back; reverting that is a failure again', async () => {
    const story = new Story({ deployments: [{ from: 'merged-pull-requests' }], incidents: REVERTS });
    const one = story.change('one', 0, 10);
    const back = story.revert('back', one, 13, 14);
    const again = story.revert('again', back, 19, 20);
    story.revert('out', again, 29, 30);
    await story.tell();
    // 10 → 14 for what came first; 20 → 30 for what was brought back.
    expect(story.incidents()).toEqual(['reverts: 10 → 14', 'reverts: 20 → 30']);
    expect(story.count()).toBe(4);
    expect(story.failures()).toBe(50);
    expect(story.restore()).toBe(7);
  });

  test('a squash-merged revert, deployed by releases', async () => {
    const story = new Story({ deployments: RELEASES, incidents: REVERTS });
    story.api.release({ tag: 'v1', sha: story.change('one', 0, 1).sha, publishedAt: story.at(2) });
    const two = story.change('two', 4, 8, { merge: 'squash' });
    story.api.release({ tag: 'v2', sha: two.sha, publishedAt: story.at(20) });
    const back = story.revert('back', two, 22, 23, { merge: 'squash' });
    story.api.release({ tag: 'v3', sha: back.sha, publishedAt: story.at(30) });
    await story.tell();
    expect(story.incidents()).toEqual(['reverts: 20 → 30']);
    expect(story.failures()).toBeCloseTo(100 / 3, 6);
    expect(story.restore()).toBe(10);
    expect(story.number({ metric: 'rework-rate' })).toBeCloseTo(100 / 3, 6);
  });

  test('reverted before it was released: listed, no failure', async () => {
    const story = new Story({ deployments: RELEASES, incidents: REVERTS });
    story.api.release({ tag: 'v1', sha: story.change('one', 0, 1).sha, publishedAt: story.at(2) });
    const two = story.change('two', 4, 8);
    const back = story.revert('back', two, 9, 10);
    story.api.release({ tag: 'v2', sha: back.sha, publishedAt: story.at(20) });
    await story.tell();
    expect(story.incidents()).toEqual([]);
    expect(story.failures()).toBe(0);
    expect(story.restore()).toBeNull();
    expect(story.rows('data-quality').find(({ check }) => /reverted before/i.test(String(check)))).toMatchObject({ count: 1 });
  });

  test('two reverts of one change are one failure: the earliest restores; git\'s own trail on a push counts', async () => {
    const story = new Story({ deployments: [{ from: 'merged-pull-requests' }], directPushes: true, incidents: REVERTS });
    const one = story.change('one', 0, 10);
    story.api.commit({ at: story.at(15), message: `Revert "Change one"\n\nThis reverts commit ${one.sha}.`, author: 'ada' });
    story.revert('back', one, 16, 18);
    await story.tell();
    expect(story.incidents()).toEqual(['reverts: 10 → 15']);
    // Three deployments, one of which failed.
    expect(story.failures()).toBeCloseTo(100 / 3, 6);
    expect(story.restore()).toBe(5);
  });

  test('branches of a pattern of one\'s own', async () => {
    const story = new Story({ deployments: [{ from: 'merged-pull-requests' }], incidents: [{ from: 'reverts', patterns: ['^rollback-(\\d+)$'] }] });
    const one = story.change('one', 0, 10);
    story.change('undo', 12, 13, { title: 'Take it out', branch: `rollback-${one.number}` });
    await story.tell();
    expect(story.incidents()).toEqual(['reverts: 10 → 13']);
    expect(story.failures()).toBe(50);
  });

  test('a cherry-picked revert on a release branch restores where it is released', async () => {
    const story = new Story({ branches: ['main', 'release/*'], deployments: RELEASES, incidents: REVERTS });
    story.api.release({ tag: 'v1', sha: story.change('one', 0, 1).sha, publishedAt: story.at(2) });
    const two = story.change('two', 4, 8);
    story.api.release({ tag: 'v2', sha: two.sha, publishedAt: story.at(10) });
    story.api.branch('release/2', two.sha, story.at(10));
    story.change('more', 11, 12);
    const back = story.revert('back', two, 13, 14, { base: 'release/2', from: two.sha });
    story.api.release({ tag: 'v2.1', sha: back.sha, branch: 'release/2', publishedAt: story.at(16) });
    await story.tell();
    expect(story.incidents()).toEqual(['reverts: 10 → 16']);
    expect(story.failures()).toBeCloseTo(100 / 3, 6);
    expect(story.restore()).toBe(6);
  });
});

describe('issues', () => {
  test('root causes by SHA and number, severity, open ones, and what nobody can be blamed for', async () => {
    const story = new Story({ deployments: RELEASES, incidents: [{ from: 'github-issues', labels: ['outage'], severityLabel: 'sev*' }] });
    const shas = [['one', 0], ['two', 20], ['three', 40]].map(([name, at]) => {
      const { sha } = story.change(String(name), Number(at), Number(at) + 4);
      story.api.release({ tag: `v-${name}`, sha, publishedAt: story.at(Number(at) + 6) });
      return sha;
    });
    // Named by SHA in the body: the release of `one` at 6, long before the latest.
    story.api.issue({ title: 'Old trouble', body: `root cause: ${shas[0].slice(0, 10)}`, labels: ['outage', 'sev2'], openedAt: story.at(50), closedAt: story.at(53) });
    // Names nothing: the latest release that began before it, `two` at 26.
    story.api.issue({ title: 'Slow', labels: ['Outage'], openedAt: story.at(30), closedAt: story.at(31) });
    // Open: in the failure rate, not in the restore time.
    story.api.issue({ title: 'Still there', labels: ['outage'], openedAt: story.at(47) });
    // Ten days after the last release: beyond the window.
    story.api.issue({ title: 'Out of the blue', labels: ['outage'], openedAt: story.at(300), closedAt: story.at(302) });
    story.api.issue({ title: 'A question', labels: ['question'], openedAt: story.at(48), closedAt: story.at(49) });
    await story.tell();
    expect(story.rows('incidents').map(({ title, severity, deploymentId }) => [title, severity, deploymentId === null])).toEqual([
      ['Slow', null, false], ['Still there', null, false], ['Old trouble', 'sev2', false], ['Out of the blue', null, true],
    ]);
    // one, two and three failed of three; (1 + 3 + 2) / 3 hours, the one that is not linked among them.
    expect(story.failures()).toBe(100);
    expect(story.restore()).toBe(2);
  });
});
