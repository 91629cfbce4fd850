import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { instant } from '../shared/clock';
import { RepositoryBuilder, Scenario, type PullRequestInput } from './scenario';
import type { World } from './world';

/** The histories that can be loaded, as `owner/name`; the files are `<owner>__<name>.<kind>.ndjson`. */
export const HISTORIES = ['fastify/fastify', 'grafana/plugin-tools', 'middlewarehq/middleware'] as const;

interface ChangeRow {
  number: number;
  mergeSha: string;
  mergedAt: string;
  firstCommitAt: string;
  author: string;
  reverts: number | string | null;
  kind: 'merge' | 'squash';
  commits: number;
  files: number;
  additions: number;
  deletions: number;
}
interface ReleaseRow {
  tag: string;
  sha: string;
  commitAt: string;
  annotated: boolean;
  onDefault: boolean;
}
interface CommitRow {
  sha: string;
  parents: string[];
  authoredAt: string;
  committedAt: string;
}

function rows<T>(file: string): T[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

export interface HistoryOptions {
  /** Tags that are not on the default branch become releases too; otherwise they are tags only. */
  releaseEveryTag?: boolean;
}

/** Adds those of the histories whose files are in `folder`; answers their names. */
export function loadHistories(world: World, folder: string, options: HistoryOptions = {}): string[] {
  const loaded: string[] = [];
  for (const fullName of HISTORIES) {
    if (existsSync(join(folder, `${fullName.replace('/', '__')}.changes.ndjson`))) {
      loadHistory(world, folder, fullName, options);
      loaded.push(fullName);
    }
  }
  return loaded;
}

function loadHistory(world: World, folder: string, fullName: string, options: HistoryOptions): void {
  const file = (kind: string): string => join(folder, `${fullName.replace('/', '__')}.${kind}.ndjson`);
  const changes = rows<ChangeRow>(file('changes'));
  const commits = rows<CommitRow>(file('commits'));
  const releases = rows<ReleaseRow>(file('releases'));
  const [owner, name] = fullName.split('/') as [string, string];

  new Scenario(world).organisation(owner);
  const repository = world.addRepository({ owner, name, createdAt: instant(commits[0].authoredAt), isPrivate: false });
  const content = repository.changeable;
  const authorOf = new Map(changes.map((change) => [change.mergeSha, change.author]));
  for (const row of commits) {
    const author = authorOf.get(row.sha) ?? null;
    if (author !== null) {
      world.account(author);
    }
    content.commits.set(row.sha, {
      sha: row.sha,
      parents: row.parents,
      authoredAt: instant(row.authoredAt),
      committedAt: instant(row.committedAt),
      author,
      authorName: author ?? 'A contributor',
      authorEmail: author ? `${author}@users.noreply.github.com` : 'contributor@example.com',
      message: `Change ${row.sha.slice(0, 7)}`,
      files: [],
      additions: 0,
      deletions: 0,
    });
  }
  content.branches.set('main', commits.at(-1)!.sha);
  const build = new RepositoryBuilder(world, repository, content);

  // GitHub's numbers are unique; the few that git tells twice get a fresh one, far above all others.
  let fresh = Math.max(...changes.map((change) => change.number)) + 10_001;
  const taken = new Set<number>();
  const numbered = changes.map((change) => {
    let number = change.number;
    if (taken.has(number)) {
      number = fresh;
      fresh += 1;
    }
    taken.add(number);
    return { ...change, number };
  });
  const byNumber = new Map(numbered.map((change) => [change.number, change]));

  const ancestors = new AncestorsOf(commits);
  for (const change of numbered) {
    const mergeCommit = content.commits.get(change.mergeSha)!;
    const own = change.kind === 'merge' ? ancestors.onlyInSecondParent(change.mergeSha) : [];
    const trail = revertTrail(change, fullName, byNumber);
    const mergedAt = instant(change.mergedAt);
    const firstCommitAt = instant(change.firstCommitAt);
    const input: PullRequestInput = {
      number: change.number,
      author: change.author,
      // Opened some time between the first commit and the merge: half way, which changes no metric of this data.
      openedAt: firstCommitAt + Math.floor((mergedAt - firstCommitAt) / 2000) * 1000,
      mergedAt,
      mergedBy: change.author,
      mergeSha: change.mergeSha,
      additions: change.additions,
      deletions: change.deletions,
      changedFiles: change.files,
      ...trail,
    };
    const pull = build.pullRequest(
      own.length > 0
        ? { ...input, commitShas: own }
        : {
            ...input,
            from: mergeCommit.parents[0] ?? change.mergeSha,
            commits: [{ at: mergedAt, authoredAt: firstCommitAt, author: change.author, message: trail.title }],
          }
    );
    mergeCommit.message =
      change.kind === 'merge'
        ? `Merge pull request #${change.number} from ${owner}/${pull.headBranch}\n\n${pull.title}`
        : `${pull.title} (#${change.number})${pull.body ? `\n\n${pull.body}` : ''}`;
  }
  for (const row of releases) {
    build.tag(row.tag, row.sha, row.commitAt, row.annotated);
    if (row.onDefault || options.releaseEveryTag) {
      build.release({ tag: row.tag, sha: row.sha, branch: 'main', publishedAt: row.commitAt });
    }
  }
  content.changed();
}

/** What GitHub's revert button or `git revert` leaves; titles themselves are not in the data. */
function revertTrail(change: ChangeRow, fullName: string, byNumber: Map<number, ChangeRow>): { title: string; body: string; branch: string } {
  const plain = (number: number): string => `Change ${number}`;
  if (change.reverts === null) {
    return { title: plain(change.number), body: '', branch: `change-${change.number}` };
  }
  if (typeof change.reverts === 'string') {
    return { title: `Revert "Change ${change.reverts.slice(0, 7)}"`, body: `This reverts commit ${change.reverts}.`, branch: `undo-${change.number}` };
  }
  const reverted = byNumber.get(change.reverts);
  const trail = reverted ? revertTrail(reverted, fullName, byNumber) : { title: plain(change.reverts), branch: `change-${change.reverts}` };
  return { title: `Revert "${trail.title}"`, body: `Reverts ${fullName}#${change.reverts}`, branch: `revert-${change.reverts}-${trail.branch}` };
}

/** Own commits of merges: reachable from the second parent and not from the first. */
class AncestorsOf {
  private readonly index = new Map<string, number>();
  private readonly parents: number[][];

  constructor(private readonly commits: CommitRow[]) {
    commits.forEach((commit, at) => this.index.set(commit.sha, at));
    this.parents = commits.map((commit) => commit.parents.flatMap((parent) => this.index.get(parent) ?? []));
  }

  /** Oldest first. Walks both sides downwards from the newest commit, so it ends where the sides meet. */
  onlyInSecondParent(mergeSha: string): string[] {
    const [first, second] = this.parents[this.index.get(mergeSha)!] ?? [];
    if (first === undefined || second === undefined) {
      return [];
    }
    const FIRST = 1;
    const SECOND = 2;
    const marks = new Map<number, number>([[first, FIRST]]);
    marks.set(second, (marks.get(second) ?? 0) | SECOND);
    let onlySecond = second === first ? 0 : 1;
    const own: number[] = [];
    // Parents come before children in the file, so going down the positions meets every child before its parents.
    for (let at = Math.max(first, second); at >= 0 && onlySecond > 0; at -= 1) {
      const mark = marks.get(at);
      if (mark === undefined) {
        continue;
      }
      marks.delete(at);
      if (mark === SECOND) {
        onlySecond -= 1;
        own.push(at);
      }
      for (const parent of this.parents[at]) {
        const before = marks.get(parent) ?? 0;
        const after = before | mark;
        marks.set(parent, after);
        onlySecond += Number(after === SECOND) - Number(before === SECOND);
      }
    }
    return own.reverse().map((at) => this.commits[at].sha);
  }
}
