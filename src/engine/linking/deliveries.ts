import { type Change, type ChangeIndex, type Exclusion, firstCommitOfChange } from './changes';
import { Int32Column, Uint8Column } from '../columns';
import type { Facts } from '../facts/facts';
import { PULL } from '../facts/pulls';
import { DELIVERY, type ServiceLink } from './service';
import type { NodeMarks } from '../shas';
import { type ServicePlan, touches } from './team';

/** What a service's deliveries need of those who look for them. */
interface Surroundings {
  facts: Facts;
  changes: ChangeIndex;
  /** Scratch: which changes are delivered. */
  delivered: NodeMarks;
}

/**
 * Which deployment of a service delivered which change: each change once, with the first deployment that brings it. Rows
 * are in order of deployment. Its methods run to their end and never yield: a service has as many deliveries as changes,
 * and a generator for each costs more than the delivery itself.
 */
export class Deliveries {
  private readonly change = new Int32Column();
  private readonly deployment = new Int32Column();
  private readonly flags = new Uint8Column();
  /** By repository: the changes that only carry what others brought; undefined for repositories of other services. */
  private readonly carriers: Array<ReadonlySet<number> | undefined> = [];

  constructor(
    private readonly plan: ServicePlan,
    private readonly exclusion: Exclusion,
    private readonly surroundings: Surroundings,
    repositories: readonly number[],
    private readonly directPushes: ReadonlySet<number>
  ) {
    const { facts, changes, delivered } = surroundings;
    for (const repository of repositories) {
      this.carriers[repository] = changes.carriers(repository);
    }
    // Direct pushes are marked behind the pull requests.
    delivered.start(facts.pulls.count + facts.shas.length);
  }

  get count(): number {
    return this.change.length;
  }

  /** True for a pull request of the service's repositories and, in a monorepo, of its paths. */
  belongs(pull: number): boolean {
    const { pulls } = this.surroundings.facts;
    const { entry } = this.plan;
    return this.carriers[pulls.repository.values[pull]] !== undefined && (entry === null || entry.paths === undefined || touches(entry, pulls.filesOf(pull)));
  }

  /** @param contained false for the deployment that is this change's own merge, which delivers it whatever it carries */
  deliver(change: Change, deployment: number, contained: boolean): void {
    const { facts, delivered } = this.surroundings;
    const { pulls } = facts;
    const mark = change < 0 ? pulls.count + ~change : change;
    if (delivered.has(mark)) {
      return;
    }
    delivered.add(mark);
    let flags = this.exclusion.excludes(change) ? DELIVERY.excluded : 0;
    if (change >= 0) {
      if (contained && this.carriers[pulls.repository.values[change]]?.has(change) === true) {
        flags |= DELIVERY.carrier;
      }
      if ((pulls.flags.values[change] & PULL.hasReferences) !== 0) {
        flags |= DELIVERY.hasReferences;
      }
    }
    this.change.push(change);
    this.deployment.push(deployment);
    this.flags.push(flags);
  }

  /** Delivers what came with commits that a deployment is the first to contain: `nodes[from]` to `nodes[to − 1]`. */
  deliverContained(nodes: Int32Array, from: number, to: number, deployment: number): void {
    const { commits, pulls } = this.surroundings.facts;
    const first = commits.pullAt.values;
    const next = pulls.nextAtNode.values;
    for (let at = from; at < to; at += 1) {
      const node = nodes[at];
      for (let pull = first[node]; pull >= 0; pull = next[pull]) {
        if (this.belongs(pull)) {
          this.deliver(pull, deployment, true);
        }
      }
      if (this.directPushes.size > 0 && this.directPushes.has(node)) {
        this.deliver(~node, deployment, true);
      }
    }
  }

  /**
   * Puts the rows into a link, whose `rowStart` is filled, all but their lead times.
   * @param baseline the deployment whose deliveries give no lead time; −1 for none
   */
  writeInto(link: ServiceLink, baseline: number): void {
    const { count } = this;
    link.change = this.change.values.slice(0, count);
    link.rowDeployment = this.deployment.values.slice(0, count);
    link.rowFlags = this.flags.values.slice(0, count);
    link.lead = new Float64Array(count);
    for (let row = link.rowStart[baseline]; baseline >= 0 && row < link.rowStart[baseline + 1]; row += 1) {
      link.rowFlags[row] |= DELIVERY.baseline;
    }
  }
}

/** METRICS, lead time of rows `from` to `to` − 1: from first commit to the end of the deployment; and their sums a deployment. */
export function measureLeadTimes(link: ServiceLink, from: number, to: number, facts: Facts): void {
  const { change, rowDeployment, rowFlags, lead, finishedAt, counted, leadSum } = link;
  for (let row = from; row < to; row += 1) {
    const deployment = rowDeployment[row];
    lead[row] = Math.max(0, finishedAt[deployment] - firstCommitOfChange(change[row], facts));
    if ((rowFlags[row] & (DELIVERY.carrier | DELIVERY.excluded)) === 0) {
      counted[deployment] += 1;
      leadSum[deployment] += lead[row];
    }
  }
}
