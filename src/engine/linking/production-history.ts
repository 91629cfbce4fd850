import type { Containment } from './containment';
import type { Attempt } from './deployments';
import { RETRY, ROLLBACK, STANDARD } from './service';

/** Number of a deployment's kind, and of the reason for it. */
export interface KindOf {
  kind: number;
  reason: number;
}

export const FORWARD: KindOf = { kind: STANDARD, reason: 0 };

/** Keeps which revisions were in production, to tell a rollback. */
export class ProductionHistory {
  /** Revisions → order of first production, and the last standard deployment that brought them. */
  private readonly byKey = new Map<number | string, { first: number; standard: number }>();

  constructor(
    private readonly attempts: readonly Attempt[],
    private readonly containment: Containment
  ) {}

  remember(index: number, kind: number): void {
    const { key } = this.attempts[index];
    let entry = this.byKey.get(key);
    if (entry === undefined) {
      entry = { first: index, standard: -1 };
      this.byKey.set(key, entry);
    }
    if (kind === STANDARD) {
      entry.standard = index;
    }
  }

  /** The standard deployment that last brought the revisions of an attempt into production. */
  standardOf(index: number): number {
    return this.byKey.get(this.attempts[index].key)?.standard ?? -1;
  }

  private isKnown(index: number): boolean {
    return this.attempts[index].revisions.every(({ node }) => this.containment.isKnown(node));
  }

  /** Kind of an attempt after `previous`, the latest succeeded one (−1 for none), and the number of the reason. */
  *kindOf(index: number, previous: number): Generator<void, KindOf> {
    const attempt = this.attempts[index];
    const named = attempt.revisions.length > 0 && attempt.revisions.every(({ node }) => node >= 0);
    if (attempt.change !== null) {
      return FORWARD;
    }
    if (previous >= 0 && named && attempt.key === this.attempts[previous].key) {
      return { kind: RETRY, reason: 1 };
    }
    if (attempt.declaredRollback) {
      return { kind: ROLLBACK, reason: 2 };
    }
    if (previous < 0 || !named) {
      return FORWARD;
    }
    if (yield* this.goesBack(attempt, this.attempts[previous])) {
      return { kind: ROLLBACK, reason: 3 };
    }
    const earlier = this.byKey.get(attempt.key);
    if (earlier !== undefined) {
      // Without a graph the order of first production stands for descent: what came later descends from what came before.
      const descends =
        this.isKnown(index) && this.isKnown(previous)
          ? yield* this.goesBack(this.attempts[previous], attempt)
          : earlier.first > (this.byKey.get(this.attempts[previous].key)?.first ?? -1);
      if (!descends) {
        return { kind: ROLLBACK, reason: 4 };
      }
    }
    return FORWARD;
  }

  /** True for the usual case, which needs no search: a merge, or one new commit after an older one. */
  isForward(index: number, previous: number): boolean {
    const attempt = this.attempts[index];
    if (attempt.change !== null) {
      return true;
    }
    if (previous < 0 || attempt.declaredRollback || attempt.revisions.length !== 1 || this.byKey.has(attempt.key)) {
      return false;
    }
    const { revisions } = this.attempts[previous];
    return revisions.length === 1 && !this.containment.mayBeAncestor(attempt.revisions[0].node, revisions[0].node);
  }

  /** True when some revision of `attempt` is a proper ancestor of the same repository's in `than`, and none is elsewhere. */
  private *goesBack(attempt: Attempt, than: Attempt): Generator<void, boolean> {
    let back = false;
    for (const { repository, node } of attempt.revisions) {
      const other = than.revisions.length === 1 && attempt.revisions.length === 1 ? than.revisions[0] : than.revisions.find((revision) => revision.repository === repository);
      if (other === undefined || other.node === node) {
        continue;
      }
      if (!(yield* this.containment.isProperAncestor(node, other.node))) {
        return false;
      }
      back = true;
    }
    return back;
  }
}
