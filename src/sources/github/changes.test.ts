import { acme, closeBenches, GitHubBench, lasting, NOW, RELEASES, WHOLE } from '../../../tests/support/github';
import type { Step } from '../../../tests/doubles/github/steps';

jest.setTimeout(120_000);
afterEach(closeBenches);

const DAY = 86_400_000;
const HOUR = 3_600_000;
const now = Date.parse(NOW);

async function apply(bench: GitHubBench, repository: string, steps: Step[]): Promise<void> {
  const answer = await fetch(`${bench.double.url}/_control/facts`, { method: 'POST', body: JSON.stringify({ repository, steps }) });
  expect(await answer.json()).toHaveProperty('results');
}

async function synced(settings = WHOLE): Promise<GitHubBench> {
  const bench = new GitHubBench({ settings });
  acme(bench);
  await bench.start();
  await bench.sync();
  bench.clock.advance(HOUR);
  bench.double.journal.clear();
  return bench;
}

/** What a store of its own gets from the same GitHub. */
async function afresh(bench: GitHubBench): Promise<ReturnType<typeof lasting>> {
  const store = bench.newStore();
  await bench.sync(undefined, store);
  return lasting(await bench.facts(store));
}

test('a pull request with everything', async () => {
  const bench = new GitHubBench({ settings: WHOLE });
  const api = bench.scenario.organisation('acme').repository('api');
  api.commit({ at: now - 90 * DAY, message: 'Start' });
  const pull = api.pullRequest({
    title: 'Revert "feat: login (#12)"', body: 'Reverts acme/api#12\n\nroot cause: #9', author: null, branch: 'revert-12-login', openedAt: now - 50 * HOUR,
    commits: [
      ...Array.from({ length: 130 }, (_, index) => ({ at: now - 60 * HOUR + index * 60_000, authoredAt: now - 70 * HOUR - index * 60_000, message: index === 129 ? 'fix(oi-0123456789ab): y' : `step ${index}` })),
      { at: now - 30 * HOUR, message: "Merge branch 'main' into x" },
    ],
    drafts: [{ to: 'ready', at: now - 45 * HOUR }],
    reviews: [
      ...Array.from({ length: 60 }, (_, index) => ({ by: index === 0 ? null : 'reviewer', state: 'commented' as const, at: now - 44 * HOUR + index * 1_000 })),
      { by: 'dependabot[bot]', state: 'approved', at: now - 40 * HOUR },
    ],
    labels: Array.from({ length: 25 }, (_, index) => `label-${index}`),
    mergedAt: now - 20 * HOUR, merge: 'squash',
  });
  await bench.start();
  await bench.sync();
  const { pullRequests: [fact], repositories: [repository] } = await bench.facts();
  expect(fact).toMatchObject({
    id: `${repository.id}#${pull.number}`, number: pull.number, title: pull.title, author: null, baseBranch: 'main', headBranch: 'revert-12-login', mergeSha: pull.mergeSha,
    createdAt: now - 50 * HOUR, mergedAt: now - 20 * HOUR, draftEvents: [{ to: 'ready', at: now - 45 * HOUR }], commitsComplete: true, files: null,
    references: [
      { relation: 'reverts', target: '#12' }, { relation: 'reverts', target: 'acme/api#12' }, { relation: 'root-cause', target: '#9' }, { relation: 'mentions', target: 'oi-0123456789ab' },
    ],
  });
  expect(fact.commits).toHaveLength(131);
  expect(new Set(fact.commits.map(({ sha }) => sha)).size).toBe(131);
  expect(Math.min(...fact.commits.map(({ authoredAt }) => authoredAt))).toBe(now - 70 * HOUR - 129 * 60_000);
  expect(fact.commits.filter(({ isMerge }) => isMerge)).toHaveLength(1);
  expect(fact.reviews).toHaveLength(61);
  expect(fact.reviews[0]).toEqual({ author: null, state: 'commented', at: now - 44 * HOUR });
  expect(fact.reviews.at(-1)).toEqual({ author: { login: 'dependabot[bot]', isBot: true }, state: 'approved', at: now - 40 * HOUR });
  expect(fact.labels).toHaveLength(25);
});

test('one new pull request costs at most three calls more', async () => {
  const bench = await synced();
  await apply(bench, 'acme/api', [{ pullRequest: { title: 'New', openedAt: bench.clock.now() - 2 * HOUR, mergedAt: bench.clock.now() - 60_000 } }]);
  await bench.sync();
  expect(bench.double.journal.summary().calls).toBeLessThanOrEqual(1 + 1 + 3);
  expect((await bench.facts()).pullRequests.some(({ title }) => title === 'New')).toBe(true);
  expect(lasting(await bench.facts())).toEqual(await afresh(bench));
});

test('a late review, label or title is taken over', async () => {
  const bench = await synced();
  await apply(bench, 'acme/api', [{ edit: { number: 3, title: 'Better', labels: ['hotfix'] } }, { review: { number: 5, by: 'late' } }]);
  await bench.sync();
  const { pullRequests } = await bench.facts();
  expect(pullRequests.find(({ number, url }) => number === 3 && url.includes('/api/'))).toMatchObject({ title: 'Better', labels: ['hotfix'] });
  expect(pullRequests.find(({ number, url }) => number === 5 && url.includes('/api/'))!.reviews.at(-1)!.author!.login).toBe('late');
});

test('a release that is deleted, or made a draft again, is no deployment any more', async () => {
  const bench = await synced();
  const content = bench.world.findRepository('acme', 'api')!.changeable;
  const [deleted, again] = [content.releases[2], content.releases.at(-1)!];
  content.releases.splice(2, 1);
  again.isDraft = true;
  again.publishedAt = null;
  content.changed();
  const before = (await bench.facts()).deployments;
  await bench.sync();
  const after = (await bench.facts()).deployments;
  expect(before.filter(({ id }) => !after.some((other) => other.id === id)).map(({ ref }) => ref).sort()).toEqual([deleted.tag, again.tag].sort());
  expect(after).toHaveLength(before.length - 2);
});

test('a renamed repository keeps its facts and is found by its old name', async () => {
  const bench = new GitHubBench({ settings: { ...WHOLE, teams: [{ name: 'Acme', repositories: ['acme/api'], deployments: [{ from: 'releases' }] }] } });
  acme(bench);
  await bench.start();
  await bench.sync();
  const before = await bench.facts();
  bench.clock.advance(HOUR);
  bench.double.journal.clear();
  await apply(bench, 'acme/api', [{ rename: { to: 'acme/payments' } }, { pullRequest: { title: 'After', openedAt: bench.clock.now() - HOUR, mergedAt: bench.clock.now() - 60_000 } }]);
  await bench.sync();
  const after = await bench.facts();
  expect(after.repositories).toHaveLength(1);
  expect(after.repositories[0]).toMatchObject({ id: before.repositories[0].id, name: 'acme/payments', formerNames: ['acme/api'] });
  expect(after.pullRequests).toHaveLength(before.pullRequests.length + 1);
  expect(bench.double.journal.summary().calls).toBeLessThanOrEqual(4);
});

test('rewritten history: the new commits come, the old ones stay, nothing is walked twice', async () => {
  const bench = await synced();
  const before = await bench.facts();
  await apply(bench, 'acme/api', [{ rewrite: { depth: 5 } }]);
  await bench.sync();
  const after = await bench.facts();
  const head = bench.world.findRepository('acme', 'api')!.content.branches.get('main')!;
  expect(after.repositories.find(({ name }) => name === 'acme/api')!.branchHeads).toEqual({ main: head });
  const shas = new Set(after.commits.map(({ sha }) => sha));
  before.commits.forEach(({ sha }) => expect(shas).toContain(sha));
  for (let sha: string | undefined = head, steps = 0; sha !== undefined && steps < 20; steps += 1) {
    expect(shas).toContain(sha);
    sha = after.commits.find((commit) => commit.sha === sha)?.parents[0];
  }
  expect(bench.double.journal.summary().calls).toBeLessThanOrEqual(4);
});

test('the default branch is renamed', async () => {
  const bench = await synced();
  await apply(bench, 'acme/api', [{ renameBranch: { from: 'main', to: 'trunk' } }]);
  await bench.sync();
  const api = (await bench.facts()).repositories.find(({ name }) => name === 'acme/api')!;
  expect(api.defaultBranch).toBe('trunk');
  expect(Object.keys(api.branchHeads)).toEqual(['trunk']);
});

test('production branches by glob, and a deployed SHA off every branch', async () => {
  const bench = new GitHubBench({ settings: { ...WHOLE, teams: [{ name: 'Acme', repositories: ['acme/api'], branches: ['main', 'release/*'], deployments: [{ from: 'releases' }] }] } });
  const api = bench.scenario.organisation('acme').repository('api');
  const first = api.commit({ at: now - 90 * DAY, message: 'Start' }).sha;
  const onRelease = api.commit({ at: now - 80 * DAY, message: 'Fix', branch: 'release/1', parents: [first] }).sha;
  api.commit({ at: now - 80 * DAY, message: 'Feature', branch: 'feature', parents: [first] });
  const aside = api.commit({ at: now - 70 * DAY, message: 'Aside', branch: 'gone', parents: [onRelease] }).sha;
  api.release({ tag: 'v1', sha: aside, publishedAt: now - 60 * DAY });
  api.deleteBranch('gone');
  const head = api.commit({ at: now - 50 * DAY, message: 'Go on' }).sha;
  await bench.start();
  await bench.sync();
  const facts = await bench.facts();
  expect(facts.repositories[0].branchHeads).toEqual({ main: head, 'release/1': onRelease });
  expect(facts.commits.map(({ sha }) => sha).sort()).toEqual([first, onRelease, aside, head].sort());
  bench.double.journal.clear();
  bench.clock.advance(HOUR);
  await bench.sync();
  expect(bench.double.journal.summary().calls).toBe(1);
});

test('more new commits than a page, and a merged branch that began long ago', async () => {
  const bench = new GitHubBench({ settings: { ...WHOLE, teams: [{ name: 'Acme', repositories: ['acme/api'], deployments: [{ from: 'releases' }] }] } });
  const api = bench.scenario.organisation('acme').repository('api');
  const old = api.commit({ at: now - 190 * DAY, message: 'Start' }).sha;
  for (let index = 0; index < 320; index += 1) {
    api.commit({ at: now - 180 * DAY + index * HOUR, message: `Old ${index}` });
  }
  await bench.start();
  await bench.sync();
  const stale = [1, 2, 3].reduce((parent, index) => api.commit({ at: now - 185 * DAY + index * HOUR, message: `Stale ${index}`, branch: 'stale', parents: [parent] }).sha, old);
  for (let index = 0; index < 250; index += 1) {
    api.commit({ at: now - 20 * DAY + index * HOUR, message: `New ${index}` });
  }
  api.commit({ at: now - HOUR, message: 'Merge stale', parents: [api.head(), stale] });
  bench.double.journal.clear();
  await bench.sync();
  expect((await bench.store.counts()).commits).toBe(1 + 320 + 3 + 250 + 1);
  // Three pages of news, one that brings nothing, and a jump to the old branch instead of all that lies between.
  expect(bench.double.journal.list().filter((entry) => entry.operation === 'History').length).toBeLessThanOrEqual(5);
  expect(await afresh(bench)).toEqual(lasting(await bench.facts()));
});

test('two data sources with the same token never ask at the same time', async () => {
  const bench = new GitHubBench({ settings: WHOLE, double: { latencyMs: 5 } });
  acme(bench);
  await bench.start();
  const other = bench.newStore();
  await Promise.all([bench.sync(), bench.sync(undefined, other)]);
  expect(bench.double.journal.summary().maxConcurrent).toBe(1);
  expect(lasting(await bench.facts())).toEqual(lasting(await bench.facts(other)));
});

test('a SHA that a pipeline deployed is followed, by the repository\'s id or name', async () => {
  const bench = new GitHubBench({ settings: { ...WHOLE, teams: [{ name: 'Acme', repositories: ['acme/api'], deployments: [{ from: 'codepipeline' }] }] } });
  const api = bench.scenario.organisation('acme').repository('api');
  const first = api.commit({ at: now - 90 * DAY, message: 'Start' }).sha;
  const aside = api.commit({ at: now - 70 * DAY, message: 'Aside', branch: 'gone', parents: [first] }).sha;
  api.deleteBranch('gone');
  api.commit({ at: now - 60 * DAY, message: 'Go on' });
  await bench.start();
  await bench.sync();
  expect((await bench.store.counts()).commits).toBe(2);
  await bench.store.write({
    deployments: [aside, 'f'.repeat(40)].map((sha, index) => ({
      id: `codepipeline:${index}`, origin: 'codepipeline', outcome: 'succeeded', declared: null, startedAt: now - DAY, finishedAt: now - DAY,
      revisions: [{ repository: null, repositoryName: 'Acme/API', sha }], ref: null, environment: null, pipeline: 'api', pipelineTitle: null, account: 'a', region: 'r',
      service: null, prerelease: false, stages: [], title: 'x', url: null, references: [],
    })),
  });
  await bench.sync();
  expect((await bench.facts()).commits.map(({ sha }) => sha)).toContain(aside);
  bench.double.journal.clear();
  // The SHA that GitHub does not know is not asked for again and again.
  await bench.sync();
  expect(bench.double.journal.summary().calls).toBe(1);
});

test('a branch that points at stored commits costs no walk', async () => {
  const settings = { ...WHOLE, teams: [{ name: 'Acme', repositories: ['acme/api'], branches: ['main', 'release/*'], deployments: [{ from: 'releases' as const }] }] };
  const bench = new GitHubBench({ settings });
  const api = bench.scenario.organisation('acme').repository('api');
  const shas = [90, 80, 70].map((days) => api.commit({ at: now - days * DAY, message: `At ${days}` }).sha);
  shas.forEach((sha, index) => api.branch(`release/${index}`, sha, now - 60 * DAY));
  await bench.start();
  await bench.sync();
  expect((await bench.facts()).repositories[0].branchHeads).toEqual({ main: shas[2], 'release/0': shas[0], 'release/1': shas[1], 'release/2': shas[2] });
  expect(bench.double.journal.list().filter((entry) => entry.operation === 'History')).toHaveLength(1);
});

test('the lookback grows: only what is missing is fetched', async () => {
  const bench = new GitHubBench({ settings: { ...RELEASES, sync: { every: '5m', lookback: '60d' } } });
  acme(bench, 200);
  await bench.start();
  await bench.sync();
  const short = await bench.facts();
  expect(short.coverage.every(({ from, complete }) => complete && from === now - 60 * DAY)).toBe(true);
  expect(short.deployments.every(({ finishedAt }) => finishedAt >= now - 60 * DAY)).toBe(true);
  bench.settings = WHOLE;
  await bench.sync();
  const repeated = bench.double.journal.summary().repeatedPages.filter((page) => !page.includes('releases'));
  expect(repeated).toEqual([]);
  expect(lasting(await bench.facts())).toEqual(await afresh(bench));
  expect((await bench.facts()).coverage.every(({ from }) => from === now - 400 * DAY)).toBe(true);
});

test('coverage moves back page by page, and is unknown before the first', async () => {
  const bench = new GitHubBench({ settings: RELEASES });
  acme(bench, 200);
  await bench.start();
  const seen: number[] = [];
  const context = bench.context();
  await bench.source.sync(
    {
      ...context,
      report: (progress) => {
        context.report(progress);
        if (progress.scope === 'acme/api') {
          seen.push(progress.fetched);
        }
      },
    },
    new AbortController().signal
  );
  expect(seen.filter((fetched, index) => index > 0 && fetched < seen[index - 1])).toEqual([]);
  // 200 in 200 days, of which 180 are wanted; the page that reaches further is stored whole.
  const { fetched, total, finishesAt } = bench.latest()['acme/api'];
  expect(fetched).toBe((await bench.facts()).pullRequests.filter(({ url }) => url.includes('/api/')).length);
  expect(total).toBe(fetched);
  expect(fetched).toBeLessThan(200);
  expect(finishesAt).toBeNull();
  expect(bench.reports.filter(({ scope, phase }) => scope === 'acme/api' && phase === 'history').map((report) => report.total!).every((expected) => expected > 150 && expected <= 200)).toBe(true);
  bench.reports.length = 0;
  await bench.sync();
  expect(bench.latest()['acme/api']).toMatchObject({ phase: 'done', fetched, total });
  expect(bench.limits.at(-1)).toMatchObject({ name: 'GitHub GraphQL', limit: 5_000 });
});

test('files come when a team asks by path, for what is stored already too', async () => {
  const bench = new GitHubBench({ settings: { ...WHOLE, teams: [{ name: 'Acme', repositories: ['acme/mono'] }] } });
  const mono = bench.scenario.organisation('acme').repository('mono');
  mono.commit({ at: now - 90 * DAY, message: 'Start' });
  mono.pullRequest({ openedAt: now - 50 * DAY, mergedAt: now - 49 * DAY, files: Array.from({ length: 150 }, (_, index) => `api/file-${index}.ts`) });
  await bench.start();
  await bench.sync();
  expect((await bench.facts()).pullRequests[0].files).toBeNull();
  bench.settings = { ...WHOLE, teams: [{ name: 'Acme', repositories: ['acme/mono'], services: [{ name: 'api', repository: 'acme/mono', paths: ['api/**'] }] }] };
  await bench.sync();
  expect((await bench.facts()).pullRequests[0].files).toHaveLength(150);
});

test('merged pull requests as deployments need no commit graph', async () => {
  const bench = new GitHubBench({ settings: { ...WHOLE, teams: [{ name: 'Acme', repositories: ['acme/*'] }] } });
  acme(bench);
  await bench.start();
  await bench.sync();
  expect(await bench.store.counts()).toMatchObject({ commits: 0, deployments: 0, pullRequests: 120 });
});

test('repositories that somebody looks at come first', async () => {
  const bench = new GitHubBench({
    settings: { ...WHOLE, teams: [{ name: 'Api', repositories: ['acme/api'] }, { name: 'Web', repositories: ['acme/web'] }] },
    wanted: ['Web'],
  });
  acme(bench);
  await bench.start();
  await bench.sync();
  const order = bench.double.journal.list().flatMap(({ operation, pages }) => (operation === 'FirstPages' || operation === 'PullRequests' ? pages.map(({ of }) => of) : []));
  expect(order[0]).toBe('acme/web');
  expect(order.indexOf('acme/api')).toBeGreaterThan(1);
  // Once only: the next pass has no first pages to fetch.
  bench.double.journal.clear();
  await bench.sync();
  expect(bench.double.journal.list().map(({ operation }) => operation)).toEqual(['Snapshots']);
});
