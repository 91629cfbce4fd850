import { Int32Column } from '../columns';
import type { Repository, RepositoryId } from '../model';
import type { FactPart } from './part';
import type { FactRevisions } from './revisions';

/** One repository: its fact, once known, and the indexes of what belongs to it. */
export interface RepositoryFacts {
  index: number;
  id: RepositoryId;
  /** Null until the repository itself was reported. */
  fact: Repository | null;
  /** Every pull request that was ever reported, removed ones too. */
  pulls: Int32Column;
  /** Revision of the facts at which something of the repository last changed. */
  changedAt: number;
}

/** Repositories, numbered in the order they came. */
export class Repositories implements FactPart {
  readonly all: RepositoryFacts[] = [];
  private readonly byId = new Map<RepositoryId, number>();
  private byName = new Map<string, number>();
  private namesStale = true;

  constructor(private readonly revisions: FactRevisions) {}

  /** Number of a repository; a new one where it was never met. */
  index(id: RepositoryId): number {
    let index = this.byId.get(id);
    if (index === undefined) {
      index = this.all.length;
      this.all.push({ index, id, fact: null, pulls: new Int32Column(), changedAt: this.revisions.current });
      this.byId.set(id, index);
      this.revisions.outlineChanged();
    }
    return index;
  }

  /** −1 for one that was never met. */
  withId(id: RepositoryId): number {
    return this.byId.get(id) ?? -1;
  }

  touch(index: number): void {
    this.all[index].changedAt = this.revisions.current;
  }

  put(fact: Repository): void {
    const entry = this.all[this.index(fact.id)];
    const before = entry.fact;
    // Each pass of a sync tells of every repository again: nothing new must not cost a new link.
    if (before !== null && JSON.stringify(before) === JSON.stringify(fact)) {
      return;
    }
    if (before === null || before.name !== fact.name || before.defaultBranch !== fact.defaultBranch || before.formerNames.join() !== fact.formerNames.join()) {
      this.revisions.outlineChanged();
      this.namesStale = true;
    }
    entry.fact = fact;
    entry.changedAt = this.revisions.current;
  }

  remove(id: RepositoryId): void {
    const index = this.byId.get(id);
    if (index !== undefined) {
      this.all[index].fact = null;
      this.touch(index);
      this.revisions.outlineChanged();
      this.namesStale = true;
    }
  }

  /** Index of the repository that has this `owner/name` today, else of one that had it before; −1 for none. */
  named(name: string): number {
    if (this.namesStale) {
      this.byName = new Map();
      const sorted = this.all.filter((entry) => entry.fact !== null).sort((a, b) => (a.id < b.id ? -1 : 1));
      for (const entry of sorted) {
        this.byName.set(entry.fact!.name.toLowerCase(), entry.index);
      }
      for (const entry of sorted) {
        for (const former of entry.fact!.formerNames) {
          if (!this.byName.has(former.toLowerCase())) {
            this.byName.set(former.toLowerCase(), entry.index);
          }
        }
      }
      this.namesStale = false;
    }
    return this.byName.get(name.toLowerCase()) ?? -1;
  }

  /** `owner/name` today; null when the repository itself is not known. */
  nameOf(index: number): string | null {
    return index < 0 ? null : (this.all[index].fact?.name ?? null);
  }

  readonly columns = {};
  readonly lists = {
    all: {
      entries: (): Iterable<unknown> => this.all.map(({ id, fact }) => [id, fact]),
      add: (entry: unknown): void => {
        const [id, fact] = entry as [RepositoryId, Repository | null];
        this.index(id);
        if (fact !== null) {
          this.put(fact);
        }
      },
    },
  };
}
