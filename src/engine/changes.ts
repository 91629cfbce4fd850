import { matchesGlobs } from '../shared/glob';
import type { IncidentSourceSettings, TeamSettings } from '../shared/settings';
import type { Facts } from './facts/facts';
import { PULL } from './facts/pulls';
import type { Actor } from './model';
import { findReverts, type RevertEdge } from './reverts';
import { NodeMarks } from './shas';
import { isProductionBranch, type TeamRepository } from './team';

/**
 * A change is a merged pull request, by its index, or a direct push, by the complement of its commit's node
 * (a negative number).
 */
export type Change = number;

interface RepositoryChanges {
  /** Revision of the facts it was computed at. */
  at: number;
  /** Pull requests by merge time. */
  pulls: Int32Array;
  /** Those of them that only carry what others brought. */
  carriers: Set<number>;
  reverts: Map<string, RevertEdge[]>;
  directPushes: Map<string, number[]>;
  /** Pull request that lists a commit as its own; built when first asked for. */
  ownerOfCommit: Map<number, number> | null;
}

/** What of a repository's changes does not depend on a team's links, kept until the repository changes. */
export class ChangeIndex {
  private readonly entries: Array<RepositoryChanges | undefined> = [];
  private readonly seen = new NodeMarks();

  constructor(private readonly facts: Facts) {}

  private entry(repository: number): RepositoryChanges {
    const known = this.entries[repository];
    if (known && known.at >= this.facts.repositories.all[repository].changedAt) {
      return known;
    }
    const pulls = this.sorted(repository);
    const made: RepositoryChanges = {
      at: this.facts.revision,
      pulls,
      carriers: this.findCarriers(pulls),
      reverts: new Map(),
      directPushes: new Map(),
      ownerOfCommit: null,
    };
    this.entries[repository] = made;
    return made;
  }

  /** Merged pull requests of a repository, in order of merge. */
  pulls(repository: number): Int32Array {
    return this.entry(repository).pulls;
  }

  isCarrier(change: Change): boolean {
    return change >= 0 && this.entry(this.facts.pulls.repository.values[change]).carriers.has(change);
  }

  carriers(repository: number): Set<number> {
    return this.entry(repository).carriers;
  }

  private sorted(repository: number): Int32Array {
    const { pulls } = this.facts;
    const all = this.facts.repositories.all[repository].pulls;
    const kept = new Int32Array(all.length);
    let count = 0;
    for (let at = 0; at < all.length; at += 1) {
      const pull = all.values[at];
      if ((pulls.flags.values[pull] & PULL.alive) !== 0) {
        kept[count] = pull;
        count += 1;
      }
    }
    const alive = kept.subarray(0, count);
    const mergedAt = pulls.mergedAt.values;
    const number = pulls.number.values;
    let inOrder = true;
    for (let at = 1; at < alive.length && inOrder; at += 1) {
      inOrder = mergedAt[alive[at - 1]] < mergedAt[alive[at]];
    }
    return inOrder ? alive : alive.sort((a, b) => mergedAt[a] - mergedAt[b] || number[a] - number[b] || (this.facts.pulls.idOf(a) < this.facts.pulls.idOf(b) ? -1 : 1));
  }

  /** METRICS, containment: "one whose own commits (merge commits aside) all belong to pull requests merged earlier". */
  private findCarriers(pulls: Int32Array): Set<number> {
    const { facts, seen } = this;
    const carriers = new Set<number>();
    seen.start(facts.shas.length);
    const own = facts.pulls.ownCommits.values;
    const { commitsFrom, commitsLength } = facts.pulls;
    for (const pull of pulls) {
      const from = commitsFrom.values[pull];
      const to = from + commitsLength.values[pull];
      let fresh = to === from;
      for (let at = from; at < to; at += 1) {
        if ((own[at] & 1) === 0 && !seen.has(own[at] >> 1)) {
          fresh = true;
          seen.add(own[at] >> 1);
        }
      }
      if (!fresh) {
        carriers.add(pull);
      }
      this.markMerged(pull, seen);
    }
    return carriers;
  }

  /** Marks what a merge put on its base branch: the merge or squash commit, or the rebased ones. */
  private markMerged(pull: number, marks: NodeMarks): void {
    const { facts } = this;
    const merge = facts.pulls.mergeNode.values[pull];
    if (merge < 0) {
      return;
    }
    marks.add(merge);
    const length = facts.pulls.commitsLength.values[pull];
    if (length < 2 || facts.commits.parent2.values[merge] >= 0) {
      return;
    }
    // A rebase keeps author dates and makes new commits; only the last of them is reported.
    const from = facts.pulls.commitsFrom.values[pull];
    const authored = facts.commits.authoredAt.values;
    const isOwn = (node: number): boolean => {
      for (let at = from; at < from + length; at += 1) {
        if (authored[facts.pulls.ownCommits.values[at] >> 1] === authored[node]) {
          return true;
        }
      }
      return false;
    };
    let node = merge;
    for (let left = length - 1; left > 0 && isOwn(node); left -= 1) {
      node = facts.commits.parent1.values[node];
      if (node < 0 || facts.commits.parent2.values[node] >= 0 || !isOwn(node)) {
        return;
      }
      marks.add(node);
    }
  }

  /** Commits of production branches that no pull request brought, found along first parents. */
  directPushes(repository: TeamRepository): number[] {
    const entry = this.entry(repository.index);
    const key = repository.branches.join('\0');
    const known = entry.directPushes.get(key);
    if (known) {
      return known;
    }
    const { facts } = this;
    const owned = new NodeMarks();
    owned.start(facts.shas.length);
    for (const pull of entry.pulls) {
      const from = facts.pulls.commitsFrom.values[pull];
      for (let at = from; at < from + facts.pulls.commitsLength.values[pull]; at += 1) {
        owned.add(facts.pulls.ownCommits.values[at] >> 1);
      }
      this.markMerged(pull, owned);
    }
    const found: number[] = [];
    this.seen.start(facts.shas.length);
    const heads = Object.entries(facts.repositories.all[repository.index].fact?.branchHeads ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [branch, sha] of heads) {
      if (!isProductionBranch(repository, branch)) {
        continue;
      }
      for (let node = facts.shas.find(sha); node >= 0 && facts.commits.known.values[node] === 1 && !this.seen.has(node); node = facts.commits.parent1.values[node]) {
        this.seen.add(node);
        if (facts.commits.parent2.values[node] < 0 && !owned.has(node)) {
          found.push(node);
        }
      }
    }
    entry.directPushes.set(key, found);
    return found;
  }

  /** Reverts among a repository's changes, by GitHub's trail and the patterns of a team. */
  reverts(repository: number, patterns: readonly string[], directPushes: readonly number[]): RevertEdge[] {
    const entry = this.entry(repository);
    const key = JSON.stringify([patterns, directPushes.length]);
    let found = entry.reverts.get(key);
    if (!found) {
      found = findReverts(repository, entry.pulls, patterns, directPushes, this.facts, (node) => this.ownerOfCommit(repository, node));
      entry.reverts.set(key, found);
    }
    return found;
  }

  /** The pull request that a commit came with: merged by it, or listing it as its own; −1 for none. */
  ownerOfCommit(repository: number, node: number): number {
    const { facts } = this;
    for (let pull = facts.commits.pullAt.values[node]; pull >= 0; pull = facts.pulls.nextAtNode.values[pull]) {
      if (facts.pulls.repository.values[pull] === repository) {
        return pull;
      }
    }
    const entry = this.entry(repository);
    if (entry.ownerOfCommit === null) {
      const owners = new Map<number, number>();
      for (const pull of entry.pulls) {
        const from = facts.pulls.commitsFrom.values[pull];
        for (let at = from; at < from + facts.pulls.commitsLength.values[pull]; at += 1) {
          const commit = facts.pulls.ownCommits.values[at];
          if ((commit & 1) === 0 && !owners.has(commit >> 1)) {
            owners.set(commit >> 1, pull);
          }
        }
      }
      entry.ownerOfCommit = owners;
    }
    return entry.ownerOfCommit.get(node) ?? -1;
  }
}

/** Which changes a team's `exclude` takes out of lead time. */
export class Exclusion {
  private readonly byAuthor = new Map<number, boolean>();
  private readonly byLabels = new Map<number, boolean>();
  private readonly titles: RegExp | null;
  private readonly numbers: Set<string>;

  constructor(
    private readonly settings: TeamSettings['exclude'],
    private readonly facts: Facts
  ) {
    this.titles = settings.titles === undefined ? null : new RegExp(settings.titles);
    this.numbers = new Set((settings.numbers ?? []).map((number) => number.toLowerCase()));
  }

  private excludesAuthor(id: number): boolean {
    let answer = this.byAuthor.get(id);
    if (answer === undefined) {
      const author: Actor | null = this.facts.actors.get(id);
      // GraphQL names an app without the suffix that its REST login has.
      answer = author !== null && (matchesGlobs(this.settings.authors, author.login) || (author.isBot && matchesGlobs(this.settings.authors, `${author.login}[bot]`)));
      this.byAuthor.set(id, answer);
    }
    return answer;
  }

  excludes(change: Change): boolean {
    const { facts, settings } = this;
    if (change < 0) {
      return this.excludesAuthor(facts.commits.author.values[~change]) || (this.titles?.test(facts.texts.getOrNull(facts.commits.headline.values[~change]) ?? '') ?? false);
    }
    const { pulls } = facts;
    if (this.excludesAuthor(pulls.author.values[change])) {
      return true;
    }
    if (settings.labels !== undefined) {
      const set = pulls.labels.values[change];
      let labelled = this.byLabels.get(set);
      if (labelled === undefined) {
        labelled = hasLabel(facts.pulls.labelsOf(change), settings.labels);
        this.byLabels.set(set, labelled);
      }
      if (labelled) {
        return true;
      }
    }
    if (this.titles !== null && this.titles.test(facts.texts.get(pulls.title.values[change]))) {
      return true;
    }
    if (this.numbers.size > 0) {
      const number = `#${pulls.number.values[change]}`;
      return this.numbers.has(number) || this.numbers.has(`${facts.repositories.nameOf(pulls.repository.values[change]) ?? ''}${number}`.toLowerCase());
    }
    return false;
  }
}

/** True when one of the labels matches one of the globs; capitals do not matter, as on GitHub. */
export function hasLabel(labels: readonly string[], globs: readonly string[]): boolean {
  const lower = globs.map((glob) => glob.toLowerCase());
  return labels.some((label) => matchesGlobs(lower, label.toLowerCase()));
}

/** True when a pull request is a hotfix by its branch or label. */
export function isHotfix(source: Extract<IncidentSourceSettings, { from: 'hotfixes' }>, pull: number, facts: Facts): boolean {
  const chosen = source.branches !== undefined || source.labels !== undefined;
  const branches = source.branches ?? (chosen ? [] : ['hotfix/*']);
  const labels = source.labels ?? (chosen ? [] : ['hotfix']);
  return (
    (branches.length > 0 && matchesGlobs(branches, facts.texts.get(facts.pulls.headBranch.values[pull]))) ||
    (labels.length > 0 && hasLabel(facts.pulls.labelsOf(pull), labels))
  );
}

/** Instants of a change, NaN where one never came. */
export interface ChangeMoments {
  firstCommitAt: number;
  openedAt: number;
  firstReviewAt: number;
  approvedAt: number;
  mergedAt: number;
}

export function momentsOfChange(change: Change, facts: Facts): ChangeMoments {
  if (change < 0) {
    // A push is its own opening and merge.
    const committed = facts.commits.committedAt.values[~change];
    return { firstCommitAt: Math.min(facts.commits.authoredAt.values[~change], committed), openedAt: committed, firstReviewAt: NaN, approvedAt: NaN, mergedAt: committed };
  }
  const { pulls } = facts;
  return {
    firstCommitAt: pulls.firstCommitAt.values[change],
    openedAt: pulls.openedAt.values[change],
    firstReviewAt: pulls.firstReviewAt.values[change],
    approvedAt: pulls.approvedAt.values[change],
    mergedAt: pulls.mergedAt.values[change],
  };
}

export function firstCommitOfChange(change: Change, facts: Facts): number {
  return change < 0 ? Math.min(facts.commits.authoredAt.values[~change], facts.commits.committedAt.values[~change]) : facts.pulls.firstCommitAt.values[change];
}

/** Id of a change: unique over all repositories. */
export function changeId(change: Change, facts: Facts): string {
  return change < 0 ? facts.shas.sha(~change) : facts.pulls.idOf(change);
}

export function namesRevert(pull: number, facts: Facts): boolean {
  return (facts.pulls.flags.values[pull] & PULL.namesRevert) !== 0;
}

