import { createHash } from 'node:crypto';
import { instant, type Instant } from '../shared/clock';
import { randomFrom } from '../shared/random';
import { LoadedRepositories, type Commit, type PullRequest, type RepositoryContent, type World } from './world';

export interface ScaleOptions {
  organisation?: string;
  repositories: number;
  /** Merged ones, over all repositories. */
  pullRequests: number;
  /** How far they go back. Default 730. */
  days?: number;
  seed?: number;
  now?: string | number;
  /** Every so many-th merge is released. Default 20. */
  releaseEvery?: number;
  /** Generated repositories kept in memory at once, others are made again when asked for. Default: all (200,000 pull requests take 0.6 GB). */
  keep?: number;
}

const DAY = 86_400_000;

/**
 * A big organisation (`globex/service-000` …): every repository is made from its seed when somebody asks for it and may
 * be dropped and made again, always the same. Pull requests spread evenly over the days, a tenth of the repositories
 * holds half of them, each has one to five commits and up to two reviews, every twentieth merge is released.
 */
export function addScaleOrganisation(world: World, options: ScaleOptions): void {
  const organisation = options.organisation ?? 'globex';
  const now = instant(options.now ?? Date.now());
  const days = options.days ?? 730;
  const seed = options.seed ?? 1;
  const kept = new LoadedRepositories(options.keep ?? Infinity);
  world.account(organisation, { kind: 'Organization', name: organisation });
  const people = Array.from({ length: 200 }, (_, index) => world.account(`engineer-${index}`, { name: `Engineer ${index}` }).login);
  const busy = Math.max(1, Math.floor(options.repositories / 10));
  const calm = options.repositories - busy;
  for (let index = 0; index < options.repositories; index += 1) {
    const isBusy = index < busy;
    const share = calm === 0 ? options.pullRequests : options.pullRequests / 2;
    const [group, at] = isBusy ? [busy, index] : [calm, index - busy];
    const count = Math.floor((share * (at + 1)) / group) - Math.floor((share * at) / group);
    const repository = world.addRepository(
      { owner: organisation, name: `service-${String(index).padStart(3, '0')}`, createdAt: now - (days + 30) * DAY },
      (content) => fill(content, { seed: seed * 100_003 + index, count, from: now - days * DAY, to: now, people, releaseEvery: options.releaseEvery ?? 20 }),
      kept
    );
// The last merge lies at least a tenth of the distance between two merges back: the last push is never before it.
    repository.touch(now - Math.floor((randomFrom(seed * 7 + index)() * 0.05 * days * DAY) / Math.max(1, count)), true);
  }
}

function fill(content: RepositoryContent, plan: { seed: number; count: number; from: Instant; to: Instant; people: string[]; releaseEvery: number }): void {
  const random = randomFrom(plan.seed);
  const pick = (): string => plan.people[Math.floor(random() * plan.people.length)];
  let serial = 0;
  const sha = (): string => createHash('sha1').update(`${plan.seed}:${(serial += 1)}`).digest('hex');
  const add = (parents: string[], at: Instant, author: string, message: string): Commit => {
    const commit: Commit = { sha: sha(), parents, authoredAt: at, committedAt: at, author, authorName: author, authorEmail: `${author}@users.noreply.github.com`, message, files: [], additions: 12, deletions: 4 };
    content.commits.set(commit.sha, commit);
    return commit;
  };
  const whole = (at: number): Instant => Math.floor(at / 1000) * 1000;
  let head = add([], whole(plan.from - DAY), 'engineer-0', 'Start').sha;
  const step = (plan.to - plan.from) / Math.max(1, plan.count);
  for (let index = 0; index < plan.count; index += 1) {
    const mergedAt = whole(plan.from + step * (index + random() * 0.9));
    const author = pick();
    const number = index + 1;
    const commits = 1 + Math.floor(random() * random() * 5);
    const started = whole(mergedAt - (1 + random() * 70) * 3_600_000);
    const own: string[] = [];
    let parent = head;
    for (let commit = 0; commit < commits; commit += 1) {
      parent = add([parent], whole(started + ((mergedAt - started) * commit) / (commits + 1)), author, `Improve request handling, part ${commit + 1}`).sha;
      own.push(parent);
    }
    const openedAt = whole(started + (mergedAt - started) * 0.3);
    const reviewAt = whole(started + (mergedAt - started) * 0.7);
    const merge = random() < 0.5 ? add([head, parent], mergedAt, author, `Merge pull request #${number} from globex/topic-${number}`) : add([head], mergedAt, author, `Improve request handling (#${number})`);
    const pull: PullRequest = {
      number, databaseId: content.nextId(), title: 'Improve request handling', body: '', author, state: 'MERGED', isDraft: false, createdAt: openedAt, updatedAt: mergedAt, closedAt: mergedAt,
      mergedAt, mergedBy: author, baseBranch: 'main', headBranch: `topic-${number}`, fromFork: false, baseSha: head, headSha: parent, mergeSha: merge.sha, commits: own, labels: [],
      reviews: random() < 0.8 ? [{ id: content.nextId(), author: pick(), state: 'APPROVED', at: reviewAt, body: '', comments: [] }] : [],
      comments: [], timeline: [], files: [], additions: 12 * commits, deletions: 4 * commits, changedFiles: 2,
    };
    content.pulls.set(number, pull);
    head = merge.sha;
    if (number % plan.releaseEvery === 0) {
      const tag = `v1.${number / plan.releaseEvery}.0`;
      content.tags.set(tag, { name: tag, sha: head, annotation: null });
      content.releases.push({ databaseId: content.nextId(), tag, target: 'main', name: tag, description: '', author, isDraft: false, isPrerelease: false, createdAt: mergedAt, publishedAt: whole(mergedAt + 600_000) });
    }
  }
  content.branches.set('main', head);
  content.changed();
}
