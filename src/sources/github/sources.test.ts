import { closeBenches, GitHubBench, NOW } from '../../../tests/support/github';
import type { DoraJsonData } from '../../shared/settings';

jest.setTimeout(120_000);
afterEach(closeBenches);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = Date.parse(NOW);
const at = (daysAgo: number, hours = 0): number => now - daysAgo * DAY + hours * HOUR;

function settings(team: Partial<NonNullable<DoraJsonData['teams']>[number]>, lookback = '180d'): DoraJsonData {
  return { sync: { every: '5m', lookback }, teams: [{ name: 'Acme', repositories: ['acme/api'], ...team }] };
}

describe('workflow runs', () => {
  const RUNS = settings({ deployments: [{ from: 'workflow-runs', workflows: ['deploy.yml'], job: 'production' }] });

  test('attempts, jobs, and what is no deployment', async () => {
    const bench = new GitHubBench({ settings: RUNS });
    const api = bench.scenario.organisation('acme').repository('api');
    const sha = api.commit({ at: at(30), message: 'Start' }).sha;
    const run = api.workflowRun({
      workflow: 'deploy.yml', workflowName: 'Deploy', title: 'Ship it', at: at(10), sha,
      attempts: [
        { startedAt: at(10, 0.1), finishedAt: at(10, 0.5), conclusion: 'failure', jobs: [{ name: 'build', startedAt: at(10, 0.1), finishedAt: at(10, 0.2) }, { name: 'production', startedAt: at(10, 0.2), finishedAt: at(10, 0.4), conclusion: 'failure' }] },
        { startedAt: at(9), finishedAt: at(9, 0.5), jobs: [{ name: 'production', startedAt: at(9, 0.2), finishedAt: at(9, 0.4) }] },
      ],
    });
    api.workflowRun({ workflow: 'deploy.yml', at: at(8), attempts: [{ finishedAt: at(8, 1), conclusion: 'cancelled' }] });
    api.workflowRun({ workflow: 'deploy.yml', at: at(7), event: 'pull_request', branch: 'feature', sha, attempts: [{ finishedAt: at(7, 1) }] });
    api.workflowRun({ workflow: 'test.yml', at: at(6), attempts: [{ finishedAt: at(6, 1) }] });
    const running = api.workflowRun({ workflow: 'deploy.yml', at: at(0, -1), sha, attempts: [{ startedAt: at(0, -1) }] });
    await bench.start();
    await bench.sync();
    const { deployments, coverage } = await bench.facts();
    expect(deployments).toHaveLength(2);
    expect(deployments[0]).toEqual({
      id: `workflow-runs:${run.databaseId}:1`, origin: 'workflow-runs', outcome: 'failed', declared: null, startedAt: at(10, 0.1), finishedAt: at(10, 0.4),
      revisions: [{ repository: expect.any(String), repositoryName: 'acme/api', sha }], ref: 'main', environment: null, pipeline: 'deploy.yml', pipelineTitle: 'Deploy',
      account: null, region: null, service: null, prerelease: false,
      stages: [
        { name: 'build', attempt: 1, outcome: 'succeeded', startedAt: at(10, 0.1), finishedAt: at(10, 0.2) },
        { name: 'production', attempt: 1, outcome: 'failed', startedAt: at(10, 0.2), finishedAt: at(10, 0.4) },
      ],
      title: 'Ship it', url: expect.stringContaining(`/actions/runs/${run.databaseId}`), references: [],
    });
    expect(deployments[1]).toMatchObject({ id: `workflow-runs:${run.databaseId}:2`, outcome: 'succeeded', stages: [{ name: 'production', attempt: 2, outcome: 'succeeded' }] });
    expect(coverage.find(({ kind }) => kind === 'workflow-runs')).toMatchObject({ from: now - 180 * DAY, complete: true });

    // Unchanged: one look for news, one conditional call that is free.
    bench.double.journal.clear();
    bench.clock.advance(5 * 60_000);
    await bench.sync();
    expect(bench.double.journal.summary()).toMatchObject({ graphql: { calls: 1 }, rest: { calls: 1, points: 0, notModified: 1 } });

    // The one that ran ends, and the old one is run a third time.
    for (const [id, attempt, conclusion] of [[running.databaseId, 0, 'success'], [run.databaseId, 1, 'success']] as const) {
      const found = bench.world.findRepository('acme', 'api')!.content.runs.get(id)!;
      if (id === run.databaseId) {
        found.attempts.push({ attempt: 3, status: 'completed', conclusion: 'failure', startedAt: bench.clock.now() - 60_000, updatedAt: bench.clock.now() - 30_000, actor: 'octocat' });
      } else {
        Object.assign(found.attempts[attempt], { status: 'completed', conclusion, updatedAt: bench.clock.now() - 10_000 });
      }
    }
    bench.world.findRepository('acme', 'api')!.changeable.changed();
    await bench.sync();
    const later = (await bench.facts()).deployments;
    expect(later.map(({ id, outcome }) => [id, outcome])).toEqual([
      [`workflow-runs:${run.databaseId}:1`, 'failed'],
      [`workflow-runs:${run.databaseId}:2`, 'succeeded'],
      [`workflow-runs:${run.databaseId}:3`, 'failed'],
      [`workflow-runs:${running.databaseId}:1`, 'succeeded'],
    ].sort());
  });

  test('2,600 runs, of which GitHub gives 1,000 at a time, come whole and once', async () => {
    const bench = new GitHubBench({ settings: settings({ deployments: [{ from: 'workflow-runs' }] }) });
    const api = bench.scenario.organisation('acme').repository('api');
    const sha = api.commit({ at: at(170), message: 'Start' }).sha;
    const ids = Array.from({ length: 2_600 }, (_, index) => {
      const started = at(170) + index * 5_000_000;
      return `workflow-runs:${api.workflowRun({ workflow: 'deploy.yml', at: started, sha, attempts: [{ finishedAt: started + 60_000 }] }).databaseId}:1`;
    });
    await bench.start();
    await bench.sync();
    expect((await bench.facts()).deployments.map(({ id }) => id)).toEqual(ids.sort());
    const calls = bench.double.journal.list().filter((entry) => entry.kind === 'rest').map((entry) => entry.path);
    expect(new Set(calls).size).toBe(calls.length);
    expect(calls.length).toBeLessThan(35);
  });

  test('a permission that is missing is named', async () => {
    const bench = new GitHubBench({ settings: RUNS, double: { tokens: [{ token: 'github_pat_x', kind: 'fine-grained', permissions: { contents: 'read', pull_requests: 'read' } }] }, secrets: { githubToken: 'github_pat_x' } });
    bench.scenario.organisation('acme').repository('api').commit({ at: at(30), message: 'Start' });
    await bench.start();
    await bench.sync();
    expect(bench.latest()['acme/api']).toMatchObject({ phase: 'failed', error: { code: 'GITHUB_SCOPE_MISSING', message: expect.stringContaining('actions') } });
    expect((await bench.coverage('commits'))[0]).toMatchObject({ complete: true });
    const parts = await bench.check();
    expect(parts.find(({ name }) => name === 'GitHub permissions')).toMatchObject({ status: 'error', code: 'GITHUB_SCOPE_MISSING', message: expect.stringContaining('Actions: read for acme/api') });
  });
});

describe('plain tags', () => {
  const TAGS = settings({ deployments: [{ from: 'releases', tags: 'v*', plainTags: true }] }, '100d');

  test('annotated ones at the tagger\'s date, others at their commit\'s; those that come late, move and go', async () => {
    const bench = new GitHubBench({ settings: TAGS });
    const api = bench.scenario.organisation('acme').repository('api');
    const shas = Array.from({ length: 130 }, (_, index) => api.commit({ at: at(140 - index), message: `At ${140 - index}` }).sha);
    const on = (daysAgo: number): string => shas[140 - daysAgo];
    // One a day: more than a page of them, and those before the lookback are left out, apart from what the lag lets in.
    shas.forEach((sha, index) => api.tag(`n${140 - index}`, sha, at(140 - index)));
    api.tag('v1', on(120), at(90), true);
    api.tag('v2', on(50), at(50));
    api.tag('v3', on(40), at(39, 12), true);
    await bench.start();
    await bench.sync();
    const shown = async (prefix = 'v') => Object.fromEntries((await bench.facts()).deployments.filter(({ ref }) => ref!.startsWith(prefix)).map(({ ref, finishedAt, revisions }) => [ref, [finishedAt, revisions[0].sha]]));
    expect(await shown()).toEqual({ v1: [at(90), on(120)], v2: [at(50), on(50)], v3: [at(39, 12), on(40)] });
    expect(await bench.coverage('tags')).toMatchObject([{ from: now - 100 * DAY, complete: true }]);
    expect(Object.keys(await shown('n')).length).toBeGreaterThanOrEqual(100 - 10);
    expect(bench.double.journal.list().filter(({ operation }) => operation === 'Tags')).toHaveLength(2);
    expect((await bench.facts()).deployments.find(({ ref }) => ref === 'v3')).toMatchObject({ origin: 'tags', outcome: 'succeeded', title: 'v3', url: expect.stringMatching(/acme\/api\/releases\/tag\/v3$/) });

    bench.double.journal.clear();
    bench.clock.advance(10 * 60_000);
    await bench.sync();
    expect(bench.double.journal.summary().calls).toBe(1);

    // A tag made now on a commit of 90 days ago, one that is deleted, one that moves to the newest commit.
    const remove = (tag: string): void => {
      bench.world.findRepository('acme', 'api')!.changeable.tags.delete(tag);
      bench.world.findRepository('acme', 'api')!.changeable.changed();
    };
    api.tag('v4', on(90), bench.clock.now(), true);
    await bench.sync();
    expect(await shown()).toMatchObject({ v1: [at(90), on(120)], v4: [bench.clock.now(), on(90)] });
    remove('v2');
    await bench.sync();
    expect(Object.keys(await shown()).sort()).toEqual(['v1', 'v3', 'v4']);
    api.tag('v3', on(11), bench.clock.now(), true);
    const before = (await bench.facts()).deployments.length;
    await bench.sync();
    expect(await shown()).toMatchObject({ v3: [bench.clock.now(), on(11)] });
    expect((await bench.facts()).deployments).toHaveLength(before);
    remove('v4');
    await bench.sync();
    expect(Object.keys(await shown()).sort()).toEqual(['v1', 'v3']);
    bench.double.journal.clear();
    await bench.sync();
    expect(bench.double.journal.summary().calls).toBe(1);
  });

  test('a repository without any, and one without commits', async () => {
    const bench = new GitHubBench({ settings: { ...TAGS, teams: [{ name: 'Acme', repositories: ['acme/*'], deployments: [{ from: 'releases', plainTags: true }] }] } });
    const acme = bench.scenario.organisation('acme');
    acme.repository('api').commit({ at: at(30), message: 'Start' });
    acme.repository('empty');
    await bench.start();
    await bench.sync();
    expect((await bench.coverage('tags')).map(({ complete }) => complete)).toEqual([true, true]);
    expect(Object.values(bench.latest()).map(({ phase }) => phase)).toEqual(['done', 'done']);
  });
});

describe('GitHub deployments', () => {
  test('statuses become attempts; those without an end are read again', async () => {
    const bench = new GitHubBench({ settings: settings({ deployments: [{ from: 'github-deployments', environments: ['production'] }] }) });
    const api = bench.scenario.organisation('acme').repository('api');
    const sha = api.commit({ at: at(200), message: 'Start' }).sha;
    api.deployment({ at: at(190), sha, statuses: [{ state: 'SUCCESS', at: at(190, 1) }] });
    api.deployment({ at: at(20), sha, statuses: [{ state: 'QUEUED', at: at(20, 0.1) }, { state: 'IN_PROGRESS', at: at(20, 0.5) }, { state: 'SUCCESS', at: at(20, 1) }, { state: 'INACTIVE', at: at(10) }] });
    api.deployment({ at: at(10), sha, statuses: [{ state: 'FAILURE', at: at(10, 1) }, { state: 'IN_PROGRESS', at: at(10, 2) }, { state: 'SUCCESS', at: at(10, 3) }, { state: 'SUCCESS', at: at(10, 4) }] });
    api.deployment({ at: at(9), sha, environment: 'staging', statuses: [{ state: 'ERROR', at: at(9, 1) }] });
    api.deployment({ at: at(8), sha, statuses: [{ state: 'INACTIVE', at: at(8, 1) }] });
    const running = api.deployment({ at: at(0, -2), sha, statuses: [{ state: 'IN_PROGRESS', at: at(0, -1) }] });
    api.deployment({ at: at(0, -1), sha, statuses: [{ state: 'SUCCESS', at: at(0, -0.5) }] });
    await bench.start();
    await bench.sync();
    const shown = async () => (await bench.facts()).deployments.map(({ outcome, startedAt, finishedAt, environment }) => ({ outcome, startedAt, finishedAt, environment })).sort((a, b) => a.finishedAt - b.finishedAt);
    expect(await shown()).toEqual([
      { outcome: 'succeeded', startedAt: at(20, 0.5), finishedAt: at(20, 1), environment: 'production' },
      { outcome: 'failed', startedAt: at(10), finishedAt: at(10, 1), environment: 'production' },
      { outcome: 'succeeded', startedAt: at(10, 2), finishedAt: at(10, 3), environment: 'production' },
      { outcome: 'failed', startedAt: at(9), finishedAt: at(9, 1), environment: 'staging' },
      { outcome: 'succeeded', startedAt: at(0, -1), finishedAt: at(0, -0.5), environment: 'production' },
    ]);
    bench.double.journal.clear();
    bench.clock.advance(10 * 60_000);
    api.deploymentStatus(running, 'FAILURE', bench.clock.now() - 60_000);
    await bench.sync();
    expect((await shown()).at(-1)).toEqual({ outcome: 'failed', startedAt: at(0, -1), finishedAt: bench.clock.now() - 60_000, environment: 'production' });
    expect(bench.double.journal.summary().calls).toBe(2);
    bench.double.journal.clear();
    await bench.sync();
    expect(bench.double.journal.summary().calls).toBe(1);

    // A longer lookback brings the one that was left out, and reads no whole page again.
    bench.settings = settings({ deployments: [{ from: 'github-deployments', environments: ['production'] }] }, '400d');
    await bench.sync();
    expect((await shown())[0]).toMatchObject({ finishedAt: at(190, 1) });
  });
});

describe('issues', () => {
  test('of a central repository, with root causes from comments', async () => {
    const bench = new GitHubBench({ settings: settings({ incidents: [{ from: 'github-issues', repositories: ['acme/incidents'], labels: ['incident'] }] }) });
    const acme = bench.scenario.organisation('acme');
    acme.repository('api').commit({ at: at(30), message: 'Start' });
    const incidents = acme.repository('incidents');
    incidents.commit({ at: at(30), message: 'Start' });
    incidents.issue({
      title: 'Payments are down', body: 'See acme/api#3', openedAt: at(5), closedAt: at(5, 2), labels: ['incident', 'sev1'],
      comments: [...Array.from({ length: 35 }, (_, index) => ({ by: 'octocat', at: at(5, 0.1), body: `note ${index} #99` })), { by: null, at: at(5, 1), body: '**Root cause:** acme/api#12' }],
    });
    const open = incidents.issue({ title: 'Slow', openedAt: at(2), labels: ['incident'] });
    await bench.start();
    await bench.sync();
    const facts = await bench.facts();
    expect(facts.pullRequests).toEqual([]);
    expect(facts.incidents).toHaveLength(2);
    expect(facts.incidents.find(({ title }) => title === 'Payments are down')).toMatchObject({
      origin: 'github-issues', openedAt: at(5), resolvedAt: at(5, 2), resolvedBy: 'closed', status: 'completed', labels: ['incident', 'sev1'], number: 1,
      references: [{ relation: 'root-cause', target: 'acme/api#12' }, { relation: 'mentions', target: 'acme/api#3' }],
    });
    expect((await bench.coverage('github-issues')).map(({ complete }) => complete)).toEqual([true]);
    expect((await bench.coverage('pull-requests')).map(({ scope }) => scope)).toEqual([facts.repositories.find(({ name }) => name === 'acme/api')!.id]);

    bench.clock.advance(10 * 60_000);
    await fetch(`${bench.double.url}/_control/facts`, { method: 'POST', body: JSON.stringify({ repository: 'acme/incidents', steps: [{ closeIssue: { number: open.number } }] }) });
    bench.double.journal.clear();
    await bench.sync();
    expect((await bench.facts()).incidents.find(({ title }) => title === 'Slow')).toMatchObject({ resolvedAt: bench.clock.now() });
    expect(bench.double.journal.summary().calls).toBe(2);
  });
});
