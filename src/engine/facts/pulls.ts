import { Float64Column, Int32Column, Interner, type TextPool, Uint8Column } from '../columns';
import type { PullRequest, Reference } from '../model';
import { momentsOf } from '../moments';
import type { ShaTable } from '../shas';
import { STEP } from '../steps';
import type { Actors } from './actors';
import type { Commits } from './commits';
import { columnsOf, type FactPart, mapList, textList } from './part';
import type { Repositories } from './repositories';

/** Bits of `Pulls.flags`. */
export const PULL = { alive: 1, commitsComplete: 2, namesRevert: 4, hasReferences: 8 } as const;

const RELATIONS = ['reverts', 'root-cause', 'fixes', 'mentions'] as const;

/** Cells that are made at once. */
const ROOM = 1_024;

/** Merged pull requests, numbered in the order they came; no answer may depend on these numbers. Absent instants are NaN. */
export class Pulls implements FactPart {
  readonly repository = new Int32Column();
  readonly number = new Int32Column();
  readonly title = new Int32Column(-1);
  readonly headBranch = new Int32Column(-1);
  /** −1 where it is the repository's address, `/pull/` and the number. */
  private readonly url = new Int32Column(-1);
  readonly author = new Int32Column(-1);
  readonly labels = new Int32Column(-1);
  readonly baseBranch = new Int32Column(-1);
  readonly mergeNode = new Int32Column(-1);
  readonly nextAtNode = new Int32Column(-1);
  readonly firstCommitAt = new Float64Column(NaN);
  readonly openedAt = new Float64Column(NaN);
  readonly firstReviewAt = new Float64Column(NaN);
  readonly approvedAt = new Float64Column(NaN);
  readonly mergedAt = new Float64Column(NaN);
  readonly ignoredClocks = new Int32Column();
  /** Into `ownCommits`. */
  readonly commitsFrom = new Int32Column();
  readonly commitsLength = new Int32Column();
  /** Into `referencePool`; −1 for none. */
  private readonly references = new Int32Column(-1);
  /** Changed paths joined by NUL; −1 when unknown. */
  private readonly files = new Int32Column(-1);
  readonly flags = new Uint8Column();
  private readonly all = {
    repository: this.repository,
    number: this.number,
    title: this.title,
    headBranch: this.headBranch,
    url: this.url,
    author: this.author,
    labels: this.labels,
    baseBranch: this.baseBranch,
    mergeNode: this.mergeNode,
    nextAtNode: this.nextAtNode,
    firstCommitAt: this.firstCommitAt,
    openedAt: this.openedAt,
    firstReviewAt: this.firstReviewAt,
    approvedAt: this.approvedAt,
    mergedAt: this.mergedAt,
    ignoredClocks: this.ignoredClocks,
    commitsFrom: this.commitsFrom,
    commitsLength: this.commitsLength,
    references: this.references,
    files: this.files,
    flags: this.flags,
  };
  private readonly allColumns = Object.values(this.all);
  count = 0;
  /** Node × 2, plus 1 for a merge commit. */
  readonly ownCommits = new Int32Column();
  /** Length, then pairs of relation and name. */
  private readonly referencePool = new Int32Column();
  readonly labelSets = new Interner();
  /** (repository, number) → pull request; open addressing. */
  private table = new Int32Array(1024).fill(-1);
  private tableUsed = 0;
  /** Ids that are not `<repository>#<number>`. */
  private readonly oddByPull = new Map<number, string>();
  private readonly oddById = new Map<string, number>();

  constructor(
    private readonly shas: ShaTable,
    private readonly texts: TextPool,
    private readonly names: Interner,
    private readonly actors: Actors,
    private readonly repositories: Repositories,
    private readonly commits: Commits
  ) {}

  private slot(repository: number, number: number): number {
    const mask = this.table.length - 1;
    let hash = Math.imul(Math.imul(repository + 1, 0x9e3779b1) ^ number, 0x85ebca6b) >>> 0;
    hash ^= hash >>> 15;
    let slot = hash & mask;
    for (;;) {
      const pull = this.table[slot];
      if (pull < 0 || (this.repository.values[pull] === repository && this.number.values[pull] === number)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Enters a pull request under its number. Of two with one number, texts that name the number mean the first that came. */
  private enter(pull: number): void {
    const slot = this.slot(this.repository.values[pull], this.number.values[pull]);
    if (this.table[slot] >= 0) {
      return;
    }
    this.table[slot] = pull;
    this.tableUsed += 1;
    if (this.tableUsed * 3 > this.table.length * 2) {
      const old = this.table;
      this.table = new Int32Array(old.length * 2).fill(-1);
      for (const known of old) {
        if (known >= 0) {
          this.table[this.slot(this.repository.values[known], this.number.values[known])] = known;
        }
      }
    }
  }

  /** Index of the pull request, or −1 when it is unknown or was removed. */
  numbered(repository: number, number: number): number {
    const pull = this.table[this.slot(repository, number)];
    return pull >= 0 && this.isAlive(pull) ? pull : -1;
  }

  isAlive(pull: number): boolean {
    return (this.flags.values[pull] & PULL.alive) !== 0;
  }

  /** Index of the pull request with that id, or −1. */
  withId(id: string): number {
    const pull = this.find(id);
    return pull >= 0 && this.isAlive(pull) ? pull : -1;
  }

  private find(id: string): number {
    const odd = this.oddById.get(id);
    if (odd !== undefined) {
      return odd;
    }
    const at = id.lastIndexOf('#');
    const repository = this.repositories.withId(id.slice(0, at));
    const number = Number(id.slice(at + 1));
    return repository < 0 || !Number.isInteger(number) ? -1 : this.table[this.slot(repository, number)];
  }

  private make(fact: PullRequest, repository: number): number {
    const pull = this.count;
    this.count += 1;
    if (this.repository.length < this.count) {
      for (const column of this.allColumns) {
        column.resize(this.count + ROOM);
      }
    }
    this.repository.values[pull] = repository;
    this.number.values[pull] = fact.number;
    this.repositories.all[repository].pulls.push(pull);
    if (fact.id !== `${fact.repository}#${fact.number}`) {
      this.oddById.set(fact.id, pull);
      this.oddByPull.set(pull, fact.id);
    }
    this.enter(pull);
    return pull;
  }

  put(fact: PullRequest): void {
    const repository = this.repositories.index(fact.repository);
    const isUsual = this.oddById.size === 0 && fact.id === `${fact.repository}#${fact.number}`;
    let pull = isUsual ? this.table[this.slot(repository, fact.number)] : this.find(fact.id);
    const isNew = pull < 0;
    if (isNew) {
      pull = this.make(fact, repository);
    }
    this.texts.put(this.title, pull, fact.title);
    this.texts.put(this.headBranch, pull, fact.headBranch);
    const url = this.repositories.all[repository].fact?.url;
    if (url !== undefined && fact.url === `${url}/pull/${fact.number}`) {
      this.url.values[pull] = -1;
    } else {
      this.texts.put(this.url, pull, fact.url);
    }
    this.author.values[pull] = this.actors.id(fact.author);
    this.labels.values[pull] = this.labelSets.id(fact.labels.join('\0'));
    this.baseBranch.values[pull] = this.names.id(fact.baseBranch);
    const moments = momentsOf(fact);
    this.firstCommitAt.values[pull] = moments.firstCommitAt;
    this.openedAt.values[pull] = moments.openedAt;
    this.firstReviewAt.values[pull] = moments.firstReviewAt ?? NaN;
    this.approvedAt.values[pull] = moments.approvedAt ?? NaN;
    this.mergedAt.values[pull] = moments.mergedAt;
    this.ignoredClocks.values[pull] = moments.ignoredClocks;
    this.putCommits(pull, fact, isNew);

    let flags = PULL.alive | (fact.commitsComplete ? PULL.commitsComplete : 0);
    if (fact.references.length > 0) {
      flags |= PULL.hasReferences;
      this.references.values[pull] = this.putReferences(fact.references);
    }
    if (fact.references.some((reference) => reference.relation === 'reverts') || /^\s*revert\b/i.test(fact.title)) {
      flags |= PULL.namesRevert;
    }
    this.flags.values[pull] = flags;
    if (fact.files === null) {
      this.files.values[pull] = -1;
    } else {
      this.texts.put(this.files, pull, fact.files.join('\0'));
    }
    this.repositories.touch(repository);
  }

  private putCommits(pull: number, fact: PullRequest, isNew: boolean): void {
    const { length } = fact.commits;
    let from = this.commitsFrom.values[pull];
    if (isNew || this.commitsLength.values[pull] < length) {
      from = this.ownCommits.length;
      this.ownCommits.resize(from + length);
      this.commitsFrom.values[pull] = from;
    }
    this.commitsLength.values[pull] = length;
    for (let at = 0; at < length; at += 1) {
      this.ownCommits.values[from + at] = this.shas.node(fact.commits[at].sha) * 2 + (fact.commits[at].isMerge ? 1 : 0);
    }
    const mergeNode = fact.mergeSha === null ? -1 : this.shas.node(fact.mergeSha);
    const { commits } = this;
    commits.ensureNodes();
    for (let at = 0; at < length; at += 1) {
      // The graph's own date wins; a rebased original is in no graph.
      const node = this.ownCommits.values[from + at] >> 1;
      if (commits.known.values[node] === 0) {
        commits.authoredAt.values[node] = fact.commits[at].authoredAt;
      }
    }
    this.unlinkNode(pull);
    this.mergeNode.values[pull] = mergeNode;
    if (mergeNode >= 0) {
      this.nextAtNode.values[pull] = commits.pullAt.values[mergeNode];
      commits.pullAt.values[mergeNode] = pull;
    }
  }

  private putReferences(references: readonly Reference[]): number {
    const at = this.referencePool.push(references.length);
    for (const { relation, target } of references) {
      this.referencePool.push(RELATIONS.indexOf(relation));
      this.referencePool.push(this.names.id(target));
    }
    return at;
  }

  private unlinkNode(pull: number): void {
    const node = this.mergeNode.values[pull];
    if (node < 0) {
      return;
    }
    const next = this.nextAtNode.values;
    const first = this.commits.pullAt.values;
    if (first[node] === pull) {
      first[node] = next[pull];
    } else {
      for (let other = first[node]; other >= 0; other = next[other]) {
        if (next[other] === pull) {
          next[other] = next[pull];
          break;
        }
      }
    }
    next[pull] = -1;
    this.mergeNode.values[pull] = -1;
  }

  remove(id: string): void {
    const pull = this.find(id);
    if (pull >= 0) {
      this.unlinkNode(pull);
      this.flags.values[pull] &= ~PULL.alive;
      this.repositories.touch(this.repository.values[pull]);
    }
  }

  idOf(pull: number): string {
    return this.oddByPull.get(pull) ?? `${this.repositories.all[this.repository.values[pull]].id}#${this.number.values[pull]}`;
  }

  urlOf(pull: number): string | null {
    const address = this.url.values[pull];
    if (address >= 0) {
      return this.texts.get(address);
    }
    const url = this.repositories.all[this.repository.values[pull]].fact?.url;
    return url === undefined ? null : `${url}/pull/${this.number.values[pull]}`;
  }

  labelsOf(pull: number): string[] {
    const joined = this.labelSets.text(this.labels.values[pull]);
    return joined === '' ? [] : joined.split('\0');
  }

  /** Changed paths; null when they are not known. */
  filesOf(pull: number): string[] | null {
    const joined = this.texts.getOrNull(this.files.values[pull]);
    return joined === null ? null : joined === '' ? [] : joined.split('\0');
  }

  referencesOf(pull: number): Reference[] {
    if ((this.flags.values[pull] & PULL.hasReferences) === 0) {
      return [];
    }
    const at = this.references.values[pull];
    const length = this.referencePool.values[at];
    return Array.from({ length }, (_, index) => ({
      relation: RELATIONS[this.referencePool.values[at + 1 + index * 2]],
      target: this.names.text(this.referencePool.values[at + 2 + index * 2]),
    }));
  }

  readonly columns = {
    ...columnsOf(this.all, () => this.count),
    ownCommits: { column: this.ownCommits, length: (): number => this.ownCommits.length },
    referencePool: { column: this.referencePool, length: (): number => this.referencePool.length },
  };
  readonly lists = {
    labelSets: textList(() => this.labelSets.all(), (text) => this.labelSets.id(text)),
    oddIds: mapList(this.oddByPull, (pull, id) => this.oddById.set(id, pull)),
  };

  *rebuild(): Generator<void, void> {
    this.count = this.repository.length;
    const room = 2 ** Math.ceil(Math.log2(Math.max(1024, this.count * 1.5)));
    this.table = new Int32Array(room).fill(-1);
    this.tableUsed = 0;
    for (let pull = 0; pull < this.count; pull += 1) {
      this.enter(pull);
      this.repositories.all[this.repository.values[pull]].pulls.push(pull);
      if (pull % STEP === STEP - 1) {
        yield;
      }
    }
  }
}
