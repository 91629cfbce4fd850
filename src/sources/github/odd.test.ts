import { closeBenches, GitHubBench, NOW } from '../../../tests/support/github';
import { Story } from '../../../tests/support/story';
import { mapCommit } from './commits';
import { mapPullRequest, type RawPullRequest } from './pull-requests';
import { mapTag } from './tags';
import { mapRun, type RawRun } from './workflow-run';

/** What real repositories hold besides what everybody thinks of. Numbers are worked out by hand from the hours told. */

jest.setTimeout(60_000);
afterEach(closeBenches);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test('ghosts, lost merge commits, pull requests without commits, releases without a tag, empty and archived repositories', async () => {
  const story = new Story({ repositories: ['acme/*'], deployments: [{ from: 'releases' }], incidents: [{ from: 'reverts' }, { from: 'failed-deployments' }] });
  const owner = story.bench.scenario.organisation('acme');
  owner.repository('empty');
  owner.repository('archived', { archived: true }).commit({ at: story.at(-100), message: 'Start' });
  const { changeable } = story.bench.world.findRepository('acme', 'api')!;
  story.api.release({ tag: 'v1', sha: story.change('one', 0, 1).sha, publishedAt: story.at(2) });
  const title = 'Ünïcode 🚀 „Straße“ \u202ertl\u202c 漢字';
  story.change('ghost', 4, 8, { author: null, mergedBy: null, title, branch: 'täst/ß-🚀', reviews: [{ by: null, state: 'approved', at: story.at(6) }] });
  const lost = story.change('lost', 5, 9);
  changeable.pulls.get(lost.number)!.mergeSha = null;
  const bare = story.change('bare', 6, 10);
  changeable.pulls.get(bare.number)!.commits.length = 0;
  story.api.release({ tag: 'v2', sha: story.api.head(), publishedAt: story.at(12) });
  story.api.release({ tag: 'v3', sha: story.change('three', 11, 13).sha, publishedAt: story.at(14), name: null, author: null });
  changeable.tags.delete('v3');
  await story.tell();
  expect(Object.values(story.bench.latest()).map(({ scope, phase }) => [scope, phase]).sort()).toEqual([['acme/api', 'done'], ['acme/archived', 'done'], ['acme/empty', 'done']]);
  // v2 has what it reaches; v3 names no commit, so it has what was merged before it, and what no commit tells of: `lost`.
  expect(story.deployments().map(({ finished, changes }) => [finished, changes])).toEqual([[2, 1], [12, 2], [14, 2]]);
  expect(story.leads()).toEqual({ [title]: 12 - 4, 'Change bare': 12 - 6, 'Change lost': 14 - 5, 'Change three': 14 - 11 });
  expect(story.rows('changes').find((row) => row.title === title)).toMatchObject({ author: null, approvedAt: story.at(6), counted: true });
  expect(story.rows('data-quality').find(({ check }) => check === 'deployments without SHA')).toMatchObject({ count: 1, of: 3 });
});

test('pull requests of hundreds of commits, reviews and labels are whole', async () => {
  const story = new Story({ deployments: [{ from: 'merged-pull-requests' }] });
  const commits = Array.from({ length: 260 }, (_, index) => ({ at: story.at(20 + index * 0.1), authoredAt: index === 255 ? story.at(3) : story.at(20 + index * 0.1), message: `Commit ${index}` }));
  story.change('large', 50, 60, {
    commits,
    openedAt: story.at(50),
    labels: Array.from({ length: 45 }, (_, index) => `label-${index}`),
    reviews: Array.from({ length: 130 }, (_, index) => ({ by: index === 129 ? 'lead' : 'reviewer', state: index === 129 ? ('approved' as const) : ('commented' as const), at: story.at(51 + index * 0.01) })),
    drafts: Array.from({ length: 30 }, (_, index) => ({ to: index % 2 === 0 ? ('draft' as const) : ('ready' as const), at: story.at(52 + index * 0.1) })),
  });
  await story.tell();
  const [pull] = (await story.bench.facts()).pullRequests;
  expect([pull.commits.length, pull.commitsComplete, pull.reviews.length, pull.labels.length, pull.draftEvents.length]).toEqual([260, true, 130, 45, 30]);
  // From the 256th commit's author date on.
  expect(story.leads()).toEqual({ 'Change large': 60 - 3 });
  expect(story.rows('changes')[0]).toMatchObject({ approvedAt: story.at(51 + 1.29) });
});

test('runs without a branch, on tags that several services want, and that ended without a word', async () => {
  const story = new Story({
    repositories: ['acme/api'],
    services: [{ name: 'api', repository: 'acme/api', tags: 'api*' }, { name: 'gateway', repository: 'acme/api', tags: 'api-gateway@*' }, { name: 'rest', repository: 'acme/api' }],
    deployments: [{ from: 'workflow-runs', workflows: ['deploy.yml'] }],
  });
  const one = story.change('one', 0, 1);
  story.api.tag('api@1', one.sha, story.at(2)).tag('api-gateway@1', one.sha, story.at(2));
  story.run(one.sha, 2, 3, { branch: 'api@1' });
  story.run(one.sha, 4, 5, { branch: 'api-gateway@1' });
  const hour = (at: number): number => story.at(at);
  story.api.workflowRun({ workflow: 'deploy.yml', branch: null, sha: one.sha, at: hour(6), actor: null, attempts: [{ startedAt: hour(6), finishedAt: hour(7) }] });
  for (const conclusion of ['cancelled', 'skipped', 'neutral', 'action_required', 'stale'] as const) {
    story.api.workflowRun({ workflow: 'deploy.yml', sha: one.sha, at: hour(8), attempts: [{ startedAt: hour(8), finishedAt: hour(9), conclusion }] });
  }
  story.api.workflowRun({ workflow: 'deploy.yml', sha: 'f'.repeat(40), at: hour(10), attempts: [{ startedAt: hour(10), finishedAt: hour(11) }] });
  await story.tell();
  expect(story.rows('deployments').map(({ service, finishedAt }) => [service, (Number(finishedAt) - story.start) / HOUR]).sort()).toEqual([['api', 3], ['api', 5], ['gateway', 5], ['rest', 11], ['rest', 7]]);
});

test('deployments without a status, in no environment, and of commits that are gone', async () => {
  const story = new Story({ deployments: [{ from: 'github-deployments', environments: ['production'] }] });
  const one = story.change('one', 0, 1);
  story.api.deployment({ sha: one.sha, at: story.at(2) });
  story.deployment(one.sha, 3, 4);
  story.deployment(one.sha, 4, 5, 'SUCCESS', 'Production');
  story.api.deployment({ sha: one.sha, at: story.at(5), environment: '', statuses: [{ state: 'SUCCESS', at: story.at(6) }] });
  story.api.deployment({ sha: 'e'.repeat(40), ref: 'main', at: story.at(7), creator: null, description: null, statuses: [{ state: 'SUCCESS', at: story.at(8) }, { state: 'INACTIVE', at: story.at(9) }] });
  await story.tell();
  expect(story.bench.latest()['acme/api']).toMatchObject({ phase: 'done' });
  expect(story.deployments().map(({ finished }) => finished)).toContain(8);
  expect((await story.bench.facts()).deployments.map(({ environment, finishedAt }) => [environment, (finishedAt - story.start) / HOUR]).sort()).toEqual([['', 6], ['Production', 5], ['production', 4], ['production', 8]]);
});

test('tags of tags, of trees, and light and annotated ones of one commit', async () => {
  const bench = new GitHubBench({ settings: { sync: { lookback: '100d' }, teams: [{ name: 'Acme', repositories: ['acme/api'], deployments: [{ from: 'releases', plainTags: true }] }] } });
  const api = bench.scenario.organisation('acme').repository('api');
  const at = Date.parse(NOW) - 10 * DAY;
  const { sha } = api.commit({ at, message: 'Start' });
  api.tag('light', sha, at + HOUR).tag('annotated', sha, at + HOUR, true).tag('before-its-commit', sha, at - HOUR, true).tag('groß/🚀', sha, at);
  await bench.start();
  await bench.sync();
  expect((await bench.facts()).deployments.map(({ ref, finishedAt, url }) => [ref, finishedAt - at, url?.split('/tag/')[1]])).toEqual([
    ['annotated', HOUR, 'annotated'], ['before-its-commit', 0, 'before-its-commit'], ['groß/🚀', 0, encodeURIComponent('groß/🚀')], ['light', 0, 'light'],
  ]);
  const repository = { id: 'R', name: 'acme/api', url: 'https://github.com/acme/api' };
  expect(mapTag(repository, { name: 'tree', target: { __typename: 'Tree', oid: sha } })).toBeNull();
  expect(mapTag(repository, { name: 'nested', target: { __typename: 'Tag', oid: sha, target: { __typename: 'Tag', oid: sha } } })).toBeNull();
  expect(mapTag(repository, { name: 'nothing', target: null })).toBeNull();
});

describe('dates of a clock that no calendar knows', () => {
  const weird = '54321-10-10T10:10:10Z';

  test('a commit with one keeps nothing else from being read', () => {
    const raw = { oid: 'a'.repeat(40), message: 'Odd', authoredDate: weird, committedDate: weird, author: null, parents: { nodes: null } };
    expect(mapCommit('R', raw)).toMatchObject({ authoredAt: 0, committedAt: 0 });
  });

  test('a pull request counts from its other dates', () => {
    const list = { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: null };
    const raw: RawPullRequest = {
      id: 'PR', number: 1, title: 'Odd', body: '', url: 'https://github.com/acme/api/pull/1', author: null, baseRefName: 'main', headRefName: 'odd', createdAt: '2026-02-01T00:00:00Z', mergedAt: '2026-02-02T00:00:00Z',
      updatedAt: '2026-02-02T00:00:00Z', mergeCommit: null, labels: null, reviews: null, timelineItems: list,
      commits: { ...list, totalCount: 1, nodes: [{ commit: { oid: 'a'.repeat(40), authoredDate: weird, messageHeadline: 'Odd' } }] },
    };
    expect(mapPullRequest('R', raw)).toMatchObject({ commits: [{ authoredAt: 0 }], commitsComplete: true, reviews: [], labels: [] });
  });

  test('a tag has its commit\'s', () => {
    const repository = { id: 'R', name: 'acme/api', url: 'https://github.com/acme/api' };
    const commit = { __typename: 'Commit', oid: 'a'.repeat(40), committedDate: '2026-02-01T00:00:00Z' };
    expect(mapTag(repository, { name: 'v1', target: { __typename: 'Tag', oid: 'b'.repeat(40), message: null, tagger: { date: weird }, target: commit } })).toMatchObject({ finishedAt: Date.parse('2026-02-01T00:00:00Z') });
    expect(mapTag(repository, { name: 'v1', target: { ...commit, committedDate: weird } })).toMatchObject({ finishedAt: 0 });
  });
});

test('runs of an old Enterprise Server have no title of their own', () => {
  const raw: RawRun = {
    id: 1, name: null, path: '.github/workflows/deploy.yml', event: 'push', status: 'completed', conclusion: 'success', head_branch: null, head_sha: 'a'.repeat(40), html_url: 'https://github.acme.example/acme/api/actions/runs/1',
    created_at: '2026-02-01T00:00:00Z', updated_at: '2026-02-01T00:10:00Z',
  };
  expect(mapRun({ id: 'R', name: 'acme/api' }, raw, null)).toMatchObject({ title: 'deploy.yml', startedAt: Date.parse('2026-02-01T00:00:00Z'), finishedAt: Date.parse('2026-02-01T00:10:00Z') });
  expect(mapRun({ id: 'R', name: 'acme/api' }, { ...raw, name: 'Deploy' }, null)).toMatchObject({ title: 'Deploy' });
});
