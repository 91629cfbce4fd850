import { Float64Column, Int32Column, type TextPool, Uint8Column } from '../columns';
import type { Commit, Reference } from '../model';
import type { ShaTable } from '../shas';
import type { Actors } from './actors';
import { columnsOf, type FactPart, mapList } from './part';
import type { Repositories } from './repositories';

/** Cells that are made at once: making room in nine columns for each single commit costs more than the commit. */
const ROOM = 4_096;

/** The commit graph by node (see `ShaTable`). Absent instants are NaN, absent numbers −1. */
export class Commits implements FactPart {
  /** 1 for a commit of the stored graph, 0 for one that is only named. */
  readonly known = new Uint8Column();
  readonly parent1 = new Int32Column(-1);
  readonly parent2 = new Int32Column(-1);
  /** Third and further parents of octopus merges. */
  readonly moreParents = new Map<number, number[]>();
  readonly authoredAt = new Float64Column(NaN);
  readonly committedAt = new Float64Column(NaN);
  readonly author = new Int32Column(-1);
  readonly headline = new Int32Column(-1);
  /** First pull request merged by that commit; more follow in `pulls.nextAtNode`. */
  readonly pullAt = new Int32Column(-1);
  /** Only what reverts, closes or names an OpsItem: squash merges make every commit mention something. */
  readonly references = new Map<number, Reference[]>();
  /** OpsItem id in lower case → commits that name it. */
  readonly opsItems = new Map<string, Set<number>>();
  private readonly all = { known: this.known, parent1: this.parent1, parent2: this.parent2, authoredAt: this.authoredAt, committedAt: this.committedAt, author: this.author, headline: this.headline, pullAt: this.pullAt };

  constructor(
    private readonly shas: ShaTable,
    private readonly texts: TextPool,
    private readonly actors: Actors,
    private readonly repositories: Repositories
  ) {}

  /** Makes every node of the SHA table usable. */
  ensureNodes(): void {
    const nodes = this.shas.length;
    if (this.pullAt.length < nodes) {
      for (const column of Object.values(this.all)) {
        column.resize(nodes + ROOM);
      }
    }
  }

  put(commit: Commit): void {
    const { parents, references } = commit;
    const node = this.shas.node(commit.sha);
    const first = parents.length > 0 ? this.shas.node(parents[0]) : -1;
    const second = parents.length > 1 ? this.shas.node(parents[1]) : -1;
    if (parents.length > 2) {
      this.moreParents.set(node, parents.slice(2).map((parent) => this.shas.node(parent)));
    }
    this.ensureNodes();
    this.known.values[node] = 1;
    this.parent1.values[node] = first;
    this.parent2.values[node] = second;
    this.authoredAt.values[node] = commit.authoredAt;
    this.committedAt.values[node] = commit.committedAt;
    this.author.values[node] = this.actors.id(commit.author);
    // A merge is never shown as a change of its own, so its headline need not be kept.
    if (this.headline.values[node] < 0 && parents.length < 2) {
      this.headline.values[node] = this.texts.add(commit.headline);
    }
    const kept = references.length === 0 ? references : references.filter(({ relation, target }) => relation === 'reverts' || relation === 'fixes' || target.startsWith('oi-'));
    if (kept.length > 0) {
      this.references.set(node, kept);
      this.noteOpsItems(node, kept);
    } else {
      this.references.delete(node);
    }
    this.repositories.touch(this.repositories.index(commit.repository));
  }

  private noteOpsItems(node: number, references: readonly Reference[]): void {
    for (const { target } of references) {
      if (target.startsWith('oi-')) {
        const nodes = this.opsItems.get(target.toLowerCase()) ?? new Set();
        this.opsItems.set(target.toLowerCase(), nodes.add(node));
      }
    }
  }

  /** Every parent that was named, known or not. */
  parentsOf(node: number): number[] {
    const parents: number[] = [];
    const first = this.parent1.values[node];
    if (first >= 0) {
      parents.push(first);
    }
    const second = this.parent2.values[node];
    if (second >= 0) {
      parents.push(second, ...(this.moreParents.get(node) ?? []));
    }
    return parents;
  }

  readonly columns = columnsOf(this.all, () => this.shas.length);
  readonly lists = {
    moreParents: mapList(this.moreParents),
    references: mapList(this.references, (node, references) => this.noteOpsItems(node, references)),
  };
}
