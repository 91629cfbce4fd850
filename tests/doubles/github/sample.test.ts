import { createHash } from 'node:crypto';
import { addSampleOrganisation } from './sample/sample';
import { addScaleOrganisation } from './scale';
import { World, type PullRequest, type Repository } from './world';
import { NOW } from './testing';

// Whole organisations take their time on a busy machine.
jest.setTimeout(60_000);

const DAY = 86_400_000;
const now = Date.parse(NOW);

function sample(seed = 1): World {
  const world = new World();
  addSampleOrganisation(world, { now, seed });
  return world;
}

const print = (world: World): string => {
  const hash = createHash('sha1');
  for (const { content } of world.repositories.values()) {
    hash.update(JSON.stringify([[...content.pulls.values()], [...content.commits.values()], content.releases, content.deployments, [...content.runs.values()], [...content.issues.values()]]));
  }
  return hash.digest('hex');
};

describe('sample organisation', () => {
  const world = sample();
  const of = (name: string): Repository => world.findRepository('acme', name)!;
  const merged = (repository: Repository): PullRequest[] => [...repository.content.pulls.values()].filter((pull) => pull.state === 'MERGED');
  const age = (pull: PullRequest): number => (now - pull.mergedAt!) / DAY;

  it('is the same for the same seed, and another for another', () => {
    expect(print(sample())).toBe(print(world));
    expect(print(sample(2))).not.toBe(print(world));
  });

  it('has commit graphs that fit its pull requests', () => {
    for (const repository of world.repositories.values()) {
      const { content } = repository;
      const onMain = new Set(content.history(content.branches.get(repository.defaultBranch!)!).map((commit) => commit.sha));
      for (const commit of content.commits.values()) {
        expect(commit.parents.every((parent) => content.commits.has(parent))).toBe(true);
      }
      for (const pull of content.pulls.values()) {
        expect([repository.name, pull.number, pull.commits.length > 0, pull.commits.every((sha) => content.commits.has(sha))]).toEqual([repository.name, pull.number, true, true]);
        expect(pull.updatedAt).toBeLessThanOrEqual(now);
        if (pull.state === 'MERGED') {
          expect(pull.createdAt).toBeLessThanOrEqual(pull.mergedAt!);
          expect(content.commits.get(pull.mergeSha!)!.committedAt).toBe(pull.mergedAt);
          expect(pull.baseBranch !== repository.defaultBranch || onMain.has(pull.mergeSha!)).toBe(true);
        }
      }
      for (const release of content.releases) {
        expect(content.commits.get(content.tags.get(release.tag)!.sha)!.committedAt).toBeLessThanOrEqual(release.publishedAt!);
      }
      const numbers = [...content.pulls.values()].sort((a, b) => a.number - b.number);
      expect(new Set(numbers.map((pull) => pull.number)).size).toBe(numbers.length);
    }
  });

  it('covers half a year, everything that GitHub can hold, and ends now', () => {
    const all = [...world.repositories.values()];
    expect(all.map((repository) => repository.name)).toEqual(['incidents', 'payments-api', 'payments-web', 'payments-ledger', 'checkout', 'search-api', 'search-indexer', 'platform-infra', 'mobile-app', 'docs', 'legacy', 'warehouse-api', 'warehouse-jobs']);
    const pulls = all.flatMap((repository) => [...repository.content.pulls.values()]);
    expect(pulls.length).toBeGreaterThan(1_500);
    expect(now - Math.max(...pulls.map((pull) => pull.updatedAt))).toBeLessThan(DAY * 3);
    expect(Math.min(...pulls.map((pull) => pull.createdAt))).toBeLessThan(now - 200 * DAY);
    const some = (found: (pull: PullRequest) => boolean): void => expect(pulls.some(found)).toBe(true);
    some((pull) => pull.title.startsWith('Revert "Revert "'));
    some((pull) => pull.headBranch.startsWith('hotfix/'));
    some((pull) => pull.author === 'renovate[bot]');
    some((pull) => pull.state === 'OPEN');
    some((pull) => pull.state === 'CLOSED');
    some((pull) => pull.timeline.some((event) => event.kind === 'ReadyForReviewEvent'));
    some((pull) => pull.timeline.some((event) => event.kind === 'HeadRefForcePushedEvent'));
    some((pull) => pull.baseBranch.startsWith('release/'));
    some((pull) => pull.title.startsWith('Merge release/'));
    const mobile = of('mobile-app').content;
    expect(mobile.releases.some((release) => release.isPrerelease)).toBe(true);
    const issues = [...of('incidents').content.issues.values()];
    expect(issues.length).toBeGreaterThan(20);
    expect(issues.some((issue) => /root cause: (acme\/[\w-]+#\d+|[0-9a-f]{40})/.test(`${issue.body} ${issue.comments.map((comment) => comment.body).join(' ')}`))).toBe(true);
    const runs = [...of('checkout').content.runs.values()];
    expect(runs.some((run) => run.attempts.length === 2)).toBe(true);
    expect(runs.some((run) => run.attempts.at(-1)?.conclusion === 'failure')).toBe(true);
  });

  it('tells a story: Checkout gets faster, Payments had one bad week, Search is slow', () => {
    const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
    const people = (repository: Repository, from: number, to: number): PullRequest[] => merged(repository).filter((pull) => !pull.author?.endsWith('[bot]') && age(pull) >= from && age(pull) < to);
    const hours = (repository: Repository, from: number, to: number): number =>
      median(people(repository, from, to).map((pull) => (pull.mergedAt! - Math.min(...pull.commits.map((sha) => repository.content.commits.get(sha)!.authoredAt))) / 3_600_000));
    expect(hours(of('checkout'), 120, 200)).toBeGreaterThan(2 * hours(of('checkout'), 0, 60));
    expect(people(of('checkout'), 0, 60).length).toBeGreaterThan(1.4 * people(of('checkout'), 120, 180).length);
    expect(hours(of('search-api'), 0, 200)).toBeGreaterThan(3 * hours(of('payments-api'), 0, 200));
    const mends = [...of('payments-api').content.pulls.values()].filter((pull) => /^(Revert "(?!Revert)|Hotfix)/.test(pull.title));
    const inBadWeek = mends.filter((pull) => (now - pull.createdAt) / DAY >= 29 && (now - pull.createdAt) / DAY < 39);
    expect(inBadWeek.length).toBeGreaterThanOrEqual(mends.length / 3);
  });
});

describe('big organisation', () => {
  it('is made when asked for, always the same, and little of it is kept', () => {
    const make = (): World => {
      const world = new World();
      addScaleOrganisation(world, { repositories: 500, pullRequests: 200_000, now, keep: 5 });
      return world;
    };
    const world = make();
    const all = [...world.repositories.values()];
    const first = JSON.stringify([...all[0].content.pulls.values()].slice(-3));
    let total = 0;
    for (const repository of all.slice(0, 12)) {
      total += repository.content.pulls.size;
    }
    expect(total).toBe(12 * 2_000);
    for (const repository of all.slice(0, 12)) {
      expect(Math.max(...[...repository.content.pulls.values()].map((pull) => pull.mergedAt ?? 0))).toBeLessThanOrEqual(repository.pushedAt ?? 0);
    }
    expect(all.at(-1)!.content.pulls.size).toBeGreaterThan(200);
    // Dropped meanwhile and made again.
    expect(JSON.stringify([...all[0].content.pulls.values()].slice(-3))).toBe(first);
    expect(JSON.stringify([...[...make().repositories.values()][0].content.pulls.values()].slice(-3))).toBe(first);
  });
});
