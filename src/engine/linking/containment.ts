import { Int32Column } from '../columns';
import type { Facts } from '../facts/facts';
import { NodeMarks } from '../shas';
import { STEP } from '../steps';

function grown(full: Int32Array): Int32Array {
  const twice = new Int32Array(full.length * 2);
  twice.set(full);
  return twice;
}

/**
 * Which deployment of a service first contained which commit. One walk serves a service at a time: deployments are
 * taken in order, and each owns what it reaches and no earlier one did. What was reached is closed under ancestors,
 * so a walk stops wherever it meets it, and a service's whole history costs one pass over its graph.
 */
export class Containment {
  /** base + ordinal of the owner; anything below base is of another service's walk. */
  private readonly owners = new Int32Column(0);
  private base = 1;
  private size = 0;
  private stack: Int32Array = new Int32Array(1024);
  private depth = 0;
  private mark = 0;
  /** Nodes that the last `take` reached first. */
  fresh: Int32Array = new Int32Array(1024);
  freshCount = 0;
  private readonly seen = new NodeMarks();

  constructor(private readonly facts: Facts) {}

  /** Begins a service of that many deployments. */
  start(deployments: number): void {
    this.base += this.size;
    this.size = deployments + 1;
    if (this.base + this.size > 0x7ffffff0) {
      this.owners.values.fill(0);
      this.base = 1;
    }
    this.owners.resize(this.facts.shas.length);
  }

  /** Ordinal of the deployment that first contained a commit, or −1. */
  owner(node: number): number {
    const owner = this.owners.values[node] - this.base;
    return owner < 0 ? -1 : owner;
  }

  /** True when the commit is in the stored graph, not only named by somebody. */
  isKnown(node: number): boolean {
    return node >= 0 && this.facts.commits.known.values[node] === 1;
  }

  /**
   * Gives deployment `ordinal` all it contains and nobody had; they are in `fresh` then.
   * False while there is more to walk than a step should take: then `takeMore` goes on. Not a generator, because most
   * deployments bring a handful of commits and each would pay for one.
   */
  take(node: number, ordinal: number): boolean {
    this.freshCount = 0;
    this.depth = 0;
    if (this.facts.commits.known.values[node] === 0 || this.owners.values[node] >= this.base) {
      return true;
    }
    this.mark = this.base + ordinal;
    this.reach(node);
    return this.takeMore();
  }

  /** Goes on with `take` for another step; true when all is taken. */
  takeMore(): boolean {
    const { parent1, parent2, moreParents } = this.facts.commits;
    for (let budget = STEP; this.depth > 0 && budget > 0; budget -= 1) {
      this.depth -= 1;
      const current = this.stack[this.depth];
      if (this.freshCount === this.fresh.length) {
        this.fresh = grown(this.fresh);
      }
      this.fresh[this.freshCount++] = current;
      const first = parent1.values[current];
      if (first >= 0) {
        this.reach(first);
        const second = parent2.values[current];
        if (second >= 0) {
          this.reach(second);
          for (const further of moreParents.get(current) ?? []) {
            this.reach(further);
          }
        }
      }
    }
    return this.depth === 0;
  }

  private reach(node: number): void {
    const owners = this.owners.values;
    if (owners[node] < this.base && this.facts.commits.known.values[node] === 1) {
      owners[node] = this.mark;
      if (this.depth === this.stack.length) {
        this.stack = grown(this.stack);
      }
      this.stack[this.depth++] = node;
    }
  }

  /** False where no search is needed to tell that `isProperAncestor` is false. */
  mayBeAncestor(ancestor: number, descendant: number): boolean {
    // What is owned is closed under ancestors: the usual case, a new commit after an old one, needs no search.
    return ancestor !== descendant && this.isKnown(ancestor) && this.isKnown(descendant) && (this.owner(ancestor) >= 0 || this.owner(descendant) < 0);
  }

  /**
   * True when `ancestor` is reachable from `descendant` and is another commit. Owners bound the search: what an older
   * deployment owns cannot reach what a younger one owns.
   */
  *isProperAncestor(ancestor: number, descendant: number): Generator<void, boolean> {
    if (!this.mayBeAncestor(ancestor, descendant)) {
      return false;
    }
    const { facts } = this;
    const oldest = this.owner(ancestor);
    this.seen.start(facts.shas.length);
    const pending = [descendant];
    this.seen.add(descendant);
    for (let work = 1; pending.length > 0; work += 1) {
      if (work % STEP === 0) {
        yield;
      }
      for (const parent of facts.commits.parentsOf(pending.pop()!)) {
        if (parent === ancestor) {
          return true;
        }
        if (this.seen.has(parent) || !this.isKnown(parent)) {
          continue;
        }
        this.seen.add(parent);
        const owner = this.owner(parent);
        // Nobody owns the ancestor: then nothing that is owned reaches it.
        if (oldest < 0 ? owner >= 0 : owner >= 0 && owner < oldest) {
          continue;
        }
        pending.push(parent);
      }
    }
    return false;
  }
}
