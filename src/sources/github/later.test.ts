import { closeBenches, GitHubBench, NOW } from '../../../tests/support/github';
import type { DoraJsonData } from '../../shared/settings';

/** What changes at GitHub after it was read, without coming to the top of any list. */

afterEach(closeBenches);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse(NOW);

type Team = NonNullable<DoraJsonData['teams']>[number];

function settings(team: Partial<Team>): DoraJsonData {
  return { sync: { every: '5m', lookback: '180d' }, teams: [{ name: 'Acme', repositories: ['acme/api'], ...team }] };
}

describe('workflow runs', () => {
  test.each([3, 8, 16, 29])('a run of %i days ago that is run again is found within three days, at few calls', async (days) => {
    const bench = new GitHubBench({ settings: settings({ deployments: [{ from: 'workflow-runs' }] }) });
    const api = bench.scenario.organisation('acme').repository('api');
    const sha = api.commit({ at: now - 170 * DAY, message: 'Start' }).sha;
    const started = now - days * DAY;
    const { databaseId } = api.workflowRun({ workflow: 'deploy.yml', sha, at: started, attempts: [{ startedAt: started, finishedAt: started + 60_000 }] });
    // Newer ones fill the first page.
    for (let index = 0; index < 120; index += 1) {
      const at = now - 2 * DAY + index * 60_000;
      api.workflowRun({ workflow: 'test.yml', sha, at, attempts: [{ startedAt: at, finishedAt: at + 60_000 }] });
    }
    await bench.start();
    await bench.sync();
    const repository = bench.world.findRepository('acme', 'api')!;
    const again = bench.clock.now() + HOUR;
    repository.content.runs.get(databaseId)!.attempts.push({ attempt: 2, status: 'completed', conclusion: 'success', startedAt: again, updatedAt: again + 60_000, actor: 'octocat' });
    repository.changeable.changed();
    bench.double.journal.clear();
    const found = async (): Promise<boolean> => (await bench.facts()).deployments.some(({ id }) => id === `workflow-runs:${databaseId}:2`);
    for (let passes = 0; passes < 12; passes += 1) {
      bench.clock.advance(6 * HOUR);
      await bench.sync();
    }
    expect(await found()).toBe(true);
    // Twelve looks for news, twelve free ones at the newest runs, and two pages each time for what is older.
    const { graphql, rest } = bench.double.journal.summary();
    expect(graphql.calls).toBe(12);
    expect(rest.calls).toBeLessThanOrEqual(12 * 4);
  });
});

describe('runs that wait for an approval', () => {
  test('behind many newer ones they are asked for the more seldom the longer they wait, and found when they end', async () => {
    const bench = new GitHubBench({ settings: settings({ deployments: [{ from: 'workflow-runs' }] }) });
    const api = bench.scenario.organisation('acme').repository('api');
    const sha = api.commit({ at: now - 170 * DAY, message: 'Start' }).sha;
    const waiting = Array.from({ length: 8 }, (_, index) => api.workflowRun({ workflow: 'deploy.yml', sha, at: now - (2 + index) * DAY, attempts: [{ startedAt: now - (2 + index) * DAY }] }));
    for (let index = 0; index < 120; index += 1) {
      const at = now - DAY + index * 60_000;
      api.workflowRun({ workflow: 'test.yml', sha, at, attempts: [{ startedAt: at, finishedAt: at + 60_000 }] });
    }
    await bench.start();
    await bench.sync();
    bench.double.journal.clear();
    // Four hours of passes.
    for (let pass = 0; pass < 48; pass += 1) {
      bench.clock.advance(5 * 60_000);
      await bench.sync();
    }
    const asked = bench.double.journal.list().filter(({ path }) => /runs\/\d+$/.test(path));
    expect(asked.length).toBeLessThanOrEqual(8 * 3);
    expect(bench.double.journal.summary().rest.calls - asked.length).toBeLessThanOrEqual(48);

    const ended = bench.clock.now() + 60_000;
    const repository = bench.world.findRepository('acme', 'api')!;
    Object.assign(repository.content.runs.get(waiting[0].databaseId)!.attempts[0], { status: 'completed', conclusion: 'success', updatedAt: ended });
    repository.changeable.changed();
    for (let pass = 0; pass < 36; pass += 1) {
      bench.clock.advance(5 * 60_000);
      await bench.sync();
    }
    expect((await bench.facts()).deployments.find(({ id }) => id === `workflow-runs:${waiting[0].databaseId}:1`)).toMatchObject({ finishedAt: ended });
  });
});

describe('GitHub deployments', () => {
  test('one that failed and is done again under the same id: both attempts are there, though it was read in between', async () => {
    const bench = new GitHubBench({ settings: settings({ deployments: [{ from: 'github-deployments' }] }) });
    const api = bench.scenario.organisation('acme').repository('api');
    const sha = api.commit({ at: now - 30 * DAY, message: 'Start' }).sha;
    api.deployment({ sha, at: now - 3 * DAY, statuses: [{ state: 'SUCCESS', at: now - 3 * DAY + HOUR }] });
    const deployment = api.deployment({ sha, at: now - 2 * HOUR, statuses: [{ state: 'FAILURE', at: now - HOUR }] });
    await bench.start();
    await bench.sync();
    const shown = async (): Promise<unknown> => (await bench.facts()).deployments.map(({ outcome, finishedAt }) => [finishedAt, outcome]).sort();
    expect(await shown()).toEqual([[now - 3 * DAY + HOUR, 'succeeded'], [now - HOUR, 'failed']]);
    bench.double.journal.clear();
    bench.clock.advance(HOUR);
    await bench.sync();
    expect(bench.double.journal.summary().calls).toBe(1);

    api.deploymentStatus(deployment, 'IN_PROGRESS', now + HOUR + 60_000);
    api.deploymentStatus(deployment, 'SUCCESS', now + HOUR + 120_000);
    bench.clock.advance(HOUR);
    bench.double.journal.clear();
    await bench.sync();
    expect(await shown()).toEqual([[now - 3 * DAY + HOUR, 'succeeded'], [now - HOUR, 'failed'], [now + HOUR + 120_000, 'succeeded']]);
    expect(bench.double.journal.summary().calls).toBe(2);
    bench.double.journal.clear();
    bench.clock.advance(HOUR);
    await bench.sync();
    expect(bench.double.journal.summary().calls).toBe(1);
  });

  test('one that waits for an approval costs nothing while it waits, and is there when it ends after weeks', async () => {
    const bench = new GitHubBench({ settings: settings({ deployments: [{ from: 'github-deployments' }] }) });
    const api = bench.scenario.organisation('acme').repository('api');
    const sha = api.commit({ at: now - 30 * DAY, message: 'Start' }).sha;
    const waiting = api.deployment({ sha, at: now - HOUR, statuses: [{ state: 'WAITING', at: now - HOUR }] });
    await bench.start();
    await bench.sync();
    bench.double.journal.clear();
    for (let day = 0; day < 20; day += 1) {
      bench.clock.advance(DAY);
      await bench.sync();
    }
    expect(bench.double.journal.summary().calls).toBe(20);
    api.deploymentStatus(waiting, 'IN_PROGRESS', bench.clock.now() + 60_000);
    api.deploymentStatus(waiting, 'SUCCESS', bench.clock.now() + 120_000);
    bench.clock.advance(HOUR);
    await bench.sync();
    expect((await bench.facts()).deployments).toMatchObject([{ outcome: 'succeeded', startedAt: bench.clock.now() - HOUR + 60_000 }]);
  });

  test('those that became inactive because another followed are not read again', async () => {
    const bench = new GitHubBench({ settings: settings({ deployments: [{ from: 'github-deployments' }] }) });
    const api = bench.scenario.organisation('acme').repository('api');
    const sha = api.commit({ at: now - 30 * DAY, message: 'Start' }).sha;
    const first = api.deployment({ sha, at: now - 2 * DAY, statuses: [{ state: 'SUCCESS', at: now - 2 * DAY + HOUR }] });
    await bench.start();
    await bench.sync();
    bench.clock.advance(HOUR);
    api.deployment({ sha, at: now, statuses: [{ state: 'SUCCESS', at: now + 60_000 }] });
    api.deploymentStatus(first, 'INACTIVE', now + 60_000);
    bench.double.journal.clear();
    await bench.sync();
    expect(bench.double.journal.list().map(({ operation }) => operation)).toEqual(['Snapshots', 'Deployments']);
  });
});

describe('releases', () => {
  test('an older draft is published, and an older prerelease becomes a release', async () => {
    const bench = new GitHubBench({ settings: settings({ deployments: [{ from: 'releases' }] }) });
    const api = bench.scenario.organisation('acme').repository('api');
    const shas = Array.from({ length: 6 }, (_, index) => api.commit({ at: now - (20 - index) * DAY, message: `Commit ${index}` }).sha);
    const draft = api.release({ tag: 'v0', sha: shas[0], publishedAt: now - 19 * DAY, draft: true });
    const candidate = api.release({ tag: 'v1', sha: shas[1], publishedAt: now - 18 * DAY, prerelease: true });
    [2, 3, 4].forEach((index) => api.release({ tag: `v${index}`, sha: shas[index], publishedAt: now - (19 - index) * DAY }));
    await bench.start();
    await bench.sync();
    const shown = async (): Promise<unknown> => (await bench.facts()).deployments.map(({ ref, prerelease }) => [ref, prerelease]).sort();
    expect(await shown()).toEqual([['v1', true], ['v2', false], ['v3', false], ['v4', false]]);
    bench.clock.advance(HOUR);
    const { changeable } = bench.world.findRepository('acme', 'api')!;
    Object.assign(draft, { isDraft: false, publishedAt: now });
    candidate.isPrerelease = false;
    changeable.changed();
    bench.double.journal.clear();
    await bench.sync();
    expect(await shown()).toEqual([['v0', false], ['v1', false], ['v2', false], ['v3', false], ['v4', false]]);
    expect(bench.double.journal.summary().calls).toBe(2);
    bench.double.journal.clear();
    await bench.sync();
    expect(bench.double.journal.summary().calls).toBe(1);
  });

  test('one is made a draft again, and one is deleted while a draft is made: neither is a deployment any more', async () => {
    const bench = new GitHubBench({ settings: settings({ deployments: [{ from: 'releases' }] }) });
    const api = bench.scenario.organisation('acme').repository('api');
    const releases = [5, 4, 3, 2].map((days) => api.release({ tag: `v${days}`, sha: api.commit({ at: now - days * DAY, message: `Commit ${days}` }).sha, publishedAt: now - days * DAY + HOUR }));
    await bench.start();
    await bench.sync();
    const shown = async (): Promise<unknown> => (await bench.facts()).deployments.map(({ ref }) => ref).sort();
    expect(await shown()).toEqual(['v2', 'v3', 'v4', 'v5']);
    const { changeable } = bench.world.findRepository('acme', 'api')!;
    Object.assign(releases[1], { isDraft: true, publishedAt: null });
    changeable.changed();
    bench.clock.advance(HOUR);
    await bench.sync();
    expect(await shown()).toEqual(['v2', 'v3', 'v5']);
    changeable.releases.splice(changeable.releases.indexOf(releases[0]), 1);
    api.release({ tag: 'v1', publishedAt: now - DAY, createdAt: now - DAY, draft: true });
    bench.clock.advance(HOUR);
    await bench.sync();
    expect(await shown()).toEqual(['v2', 'v3']);
    bench.double.journal.clear();
    bench.clock.advance(5 * 60_000);
    await bench.sync();
    expect(bench.double.journal.summary().calls).toBe(1);
  });
});
