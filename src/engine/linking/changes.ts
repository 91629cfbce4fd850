import { matchesGlobs } from '../../shared/glob';
import type { IncidentSourceSettings, TeamSettings } from '../../shared/settings';
import { Int32Column, lowerBound } from '../columns';
import type { Facts } from '../facts/facts';
import { PULL } from '../facts/pulls';
import type { Actor } from '../model';
import { findReverts, type RevertEdge } from './reverts';
import { NodeMarks } from '../shas';
import { atOnce, sortInSteps, STEP } from '../steps';
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
  /** Commits that pull requests list as their own, ascending, and the first of these pull requests; made when first asked for. */
  owners: { nodes: Int32Array; pulls: Int32Array } | null;
}

/**
 * What of a repository's changes does not depend on a team's links, kept until the repository changes. What `prepare…`
 * makes in steps is made at once where it is asked for without.
 */
export class ChangeIndex {
  private readonly entries: Array<RepositoryChanges | undefined> = [];
  /** Of what is made at once. */
  private readonly marks = new NodeMarks();

  constructor(private readonly facts: Facts) {}

  private known(repository: number): RepositoryChanges | undefined {
    const known = this.entries[repository];
    return known && known.at >= this.facts.repositories.all[repository].changedAt ? known : undefined;
  }

  private entry(repository: number): RepositoryChanges {
    return this.known(repository) ?? atOnce(this.prepare(repository, this.marks));
  }

  /** @param marks scratch that nobody else uses until this is done */
  *prepare(repository: number, marks: NodeMarks): Generator<void, RepositoryChanges> {
    const known = this.known(repository);
    if (known) {
      return known;
    }
    const at = this.facts.revision;
    const pulls = yield* this.sorted(repository);
    const carriers = yield* this.findCarriers(pulls, marks);
    const made: RepositoryChanges = { at, pulls, carriers, reverts: new Map(), directPushes: new Map(), owners: null };
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

  private *sorted(repository: number): Generator<void, Int32Array> {
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
      if (at % STEP === STEP - 1) {
        yield;
      }
    }
    const alive = kept.subarray(0, count);
    const mergedAt = pulls.mergedAt.values;
    const number = pulls.number.values;
    yield* sortInSteps(alive, (a, b) => mergedAt[a] - mergedAt[b] || number[a] - number[b] || (pulls.idOf(a) < pulls.idOf(b) ? -1 : 1));
    return alive;
  }

  /** METRICS, containment: "one whose own commits (merge commits aside) all belong to pull requests merged earlier". */
  private *findCarriers(pulls: Int32Array, seen: NodeMarks): Generator<void, Set<number>> {
    const { facts } = this;
    const carriers = new Set<number>();
    seen.start(facts.shas.length);
    const own = facts.pulls.ownCommits.values;
    const { commitsFrom, commitsLength } = facts.pulls;
    let work = 0;
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
      work += 1 + to - from;
      if (work > STEP) {
        work = 0;
        yield;
      }
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
    return this.entry(repository.index).directPushes.get(repository.branches.join('\0')) ?? atOnce(this.prepareDirectPushes(repository));
  }

  *prepareDirectPushes(repository: TeamRepository): Generator<void, number[]> {
    const entry = this.entry(repository.index);
    const key = repository.branches.join('\0');
    const known = entry.directPushes.get(key);
    if (known) {
      return known;
    }
    const { facts } = this;
    const owned = new NodeMarks();
    owned.start(facts.shas.length);
    let work = 0;
    for (const pull of entry.pulls) {
      const from = facts.pulls.commitsFrom.values[pull];
      const to = from + facts.pulls.commitsLength.values[pull];
      for (let at = from; at < to; at += 1) {
        owned.add(facts.pulls.ownCommits.values[at] >> 1);
      }
      this.markMerged(pull, owned);
      work += 1 + to - from;
      if (work > STEP) {
        work = 0;
        yield;
      }
    }
    const found: number[] = [];
    const seen = new NodeMarks();
    seen.start(facts.shas.length);
    const heads = Object.entries(facts.repositories.all[repository.index].fact?.branchHeads ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [branch, sha] of heads) {
      if (!isProductionBranch(repository, branch)) {
        continue;
      }
      for (let node = facts.shas.find(sha); node >= 0 && facts.commits.known.values[node] === 1 && !seen.has(node); node = facts.commits.parent1.values[node]) {
        seen.add(node);
        if (facts.commits.parent2.values[node] < 0 && !owned.has(node)) {
          found.push(node);
        }
        work += 1;
        if (work > STEP) {
          work = 0;
          yield;
        }
      }
    }
    entry.directPushes.set(key, found);
    return found;
  }

  /** Reverts among a repository's changes, by GitHub's trail and the patterns of a team. */
  *reverts(repository: number, patterns: readonly string[], directPushes: readonly number[]): Generator<void, RevertEdge[]> {
    const entry = this.entry(repository);
    const key = JSON.stringify([patterns, directPushes.length]);
    let found = entry.reverts.get(key);
    if (!found) {
      found = yield* findReverts(repository, entry.pulls, patterns, directPushes, this.facts, this);
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
    const { nodes, pulls } = this.entry(repository).owners ?? atOnce(this.prepareOwners(repository));
    const at = lowerBound(nodes, node);
    return at < nodes.length && nodes[at] === node ? pulls[at] : -1;
  }

  *prepareOwners(repository: number): Generator<void, { nodes: Int32Array; pulls: Int32Array }> {
    const entry = this.entry(repository);
    if (entry.owners !== null) {
      return entry.owners;
    }
    const { pulls } = this.facts;
    const own = pulls.ownCommits.values;
    const listed = new Int32Column();
    const listedBy = new Int32Column();
    for (const pull of entry.pulls) {
      const from = pulls.commitsFrom.values[pull];
      for (let at = from; at < from + pulls.commitsLength.values[pull]; at += 1) {
        if ((own[at] & 1) === 0) {
          listed.push(own[at] >> 1);
          listedBy.push(pull);
          if (listed.length % STEP === 0) {
            yield;
          }
        }
      }
    }
    const order = Int32Array.from({ length: listed.length }, (_, index) => index);
    // Stable: of several pull requests the one that was merged first comes first, which a search by lower bound finds.
    yield* sortInSteps(order, (a, b) => listed.values[a] - listed.values[b]);
    const owners = { nodes: new Int32Array(order.length), pulls: new Int32Array(order.length) };
    for (let at = 0; at < order.length; at += 1) {
      owners.nodes[at] = listed.values[order[at]];
      owners.pulls[at] = listedBy.values[order[at]];
    }
    entry.owners = owners;
    return owners;
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

