import type { IncidentSourceSettings } from '../shared/settings';
import type { Exclusion} from './changes';
import { type Change, type ChangeIndex, firstCommitOfChange, isHotfix } from './changes';
import { lowerBound } from './columns';
import type { Containment } from './containment';
import { type Attempt, attemptsOf, directPushId, mergedPullId } from './deployments';
import type { Facts } from './facts/facts';
import { PULL } from './facts/pulls';
import type { NodeMarks } from './shas';
import { isProductionBranch, type ServicePlan, type Team, touches } from './team';

export const KINDS = ['standard', 'rollback', 'retry'] as const;
export type Kind = (typeof KINDS)[number];
export const STANDARD = 0;
export const ROLLBACK = 1;
export const RETRY = 2;

/** Why a deployment has its kind, by number. */
export const KIND_REASONS = [
  '',
  'same revision as the deployment before it',
  'declared a rollback by its tool',
  'went back to an ancestor of the deployment before it',
  'went back to an earlier production revision',
] as const;

/** Bits of `ServiceLink.flags`. */
export const DEPLOYMENT = {
  /** First succeeded deployment that is not a merged pull request: what it contains gives no lead time. */
  baseline: 1,
  /** The deployment of an excluded merged pull request: in no rate. */
  excluded: 2,
} as const;

/** Bits of `ServiceLink.rowFlags`. */
export const DELIVERY = {
  /** Only carries what others brought: listed, not counted. */
  carrier: 1,
  excluded: 2,
  /** Came with the baseline. */
  baseline: 4,
  /** A pull request that names something: an incident perhaps. */
  hasReferences: 8,
} as const;

/** One revert seen from a service, by rows of its deliveries; −1 when that change is not delivered (yet). */
export interface ServiceRevert {
  revert: Change;
  target: Change;
  takesBack: boolean;
}

/** The deployments of one service of a team, in order, and what each delivered. */
export interface ServiceLink {
  name: string;
  plan: ServicePlan;
  /** Revision of the facts it was linked at. */
  at: number;
  repositories: number[];

  count: number;
  record: Int32Array;
  /** Own change of a merged pull request or direct push; NO_CHANGE for others. */
  ownChange: Int32Array;
  startedAt: Float64Array;
  finishedAt: Float64Array;
  /** First revision's commit, −1 when unknown, and its repository. */
  node: Int32Array;
  repository: Int32Array;
  kind: Uint8Array;
  kindReason: Uint8Array;
  succeeded: Uint8Array;
  flags: Uint8Array;
  /** The standard deployment that a link to this one counts for; −1 for none. */
  countsFor: Int32Array;
  /** The succeeded deployment that was in production before; −1 for the first. */
  before: Int32Array;
  /** Ids that are not the record's or the change's own. */
  oddIds: Map<number, string>;
  aliases: Map<number, number[]>;

  /** Deployment i delivers rows rowStart[i] … rowStart[i + 1] − 1. */
  rowStart: Int32Array;
  change: Int32Array;
  rowDeployment: Int32Array;
  /** Milliseconds from first commit to finish. */
  lead: Float64Array;
  rowFlags: Uint8Array;
  /** Changes that count for lead time, and the sum of their lead times, a deployment. */
  counted: Int32Array;
  leadSum: Float64Array;

  reverts: ServiceRevert[];
  /** Rows of hotfixes and the source that made them one. */
  hotfixes: Array<{ row: number; source: number }>;
  /** Changes by number with their row, built when first asked for. */
  rowIndex: { changes: Int32Array; rows: Int32Array } | null;
  /** Succeeded deployments by start, built when first asked for. */
  startIndex: { starts: Float64Array; deployments: Int32Array } | null;
  /** OpsItem id → deployments that name it themselves or by what they deliver, built when first asked for. */
  opsItems: Map<string, number[]> | null;
}

export const NO_CHANGE = 0x7fffffff;

/** What linking a service needs besides its team. */
export interface LinkContext {
  facts: Facts;
  changes: ChangeIndex;
  containment: Containment;
  /** Scratch marks over changes. */
  delivered: NodeMarks;
  /** The service whose walk `containment` holds. */
  walked: ServiceLink | null;
}

/** Row that delivers a change in this service, or −1. */
export function rowOfChange(link: ServiceLink, change: Change): number {
  if (link.rowIndex === null) {
    // Change and row packed into one number each: sorting those needs no comparison function.
    const { change } = link;
    const packed = new Float64Array(change.length);
    for (let row = 0; row < change.length; row += 1) {
      packed[row] = change[row] * change.length + row;
    }
    packed.sort();
    const rows = new Int32Array(change.length);
    const changes = new Int32Array(change.length);
    for (let at = 0; at < packed.length; at += 1) {
      changes[at] = Math.floor(packed[at] / change.length);
      rows[at] = packed[at] - changes[at] * change.length;
    }
    link.rowIndex = { rows, changes };
  }
  const { changes, rows } = link.rowIndex;
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (changes[middle] < change) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < changes.length && changes[low] === change ? rows[low] : -1;
}

/** Latest started of the succeeded deployments that started before an instant; −1 for none. */
export function latestStartedBefore(link: ServiceLink, at: number): number {
  if (link.startIndex === null) {
    const { startedAt } = link;
    const deployments: number[] = [];
    let inOrder = true;
    for (let index = 0; index < link.count; index += 1) {
      if (link.succeeded[index] === 1) {
        inOrder &&= deployments.length === 0 || startedAt[deployments[deployments.length - 1]] <= startedAt[index];
        deployments.push(index);
      }
    }
    if (!inOrder) {
      deployments.sort((a, b) => startedAt[a] - startedAt[b] || a - b);
    }
    link.startIndex = { deployments: Int32Array.from(deployments), starts: Float64Array.from(deployments, (index) => startedAt[index]) };
  }
  const { starts, deployments } = link.startIndex;
  const position = lowerBound(starts, at);
  return position === 0 ? -1 : deployments[position - 1];
}

/** The deployment that first contained a commit, by walking the service's graph; −1 for none. */
export function firstContaining(link: ServiceLink, node: number, context: LinkContext): number {
  const { containment, facts } = context;
  if (context.walked !== link) {
    containment.start(link.count);
    for (let index = 0; index < link.count; index += 1) {
      if (link.succeeded[index] === 1 && link.kind[index] !== ROLLBACK && link.record[index] >= 0) {
        for (const revision of facts.records.revisionsOf(link.record[index])) {
          if (revision.node >= 0) {
            for (const step of containment.take(revision.node, index)) {
              void step;
            }
          }
        }
      }
    }
    context.walked = link;
  }
  return containment.owner(node);
}

/** Id of a deployment: its record's, or made of the merged pull request it is. */
export function deploymentId(link: ServiceLink, deployment: number, facts: Facts): string {
  const odd = link.oddIds.get(deployment);
  if (odd !== undefined) {
    return odd;
  }
  if (link.record[deployment] >= 0) {
    return facts.records.idOf(link.record[deployment]);
  }
  const change = link.ownChange[deployment];
  return change < 0 ? directPushId(facts, ~change) : mergedPullId(facts, change);
}

/** Keeps which revisions were in production, to tell a rollback. */
class ProductionHistory {
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
  kindOf(index: number, previous: number): { kind: number; reason: number } {
    const attempt = this.attempts[index];
    const named = attempt.revisions.length > 0 && attempt.revisions.every(({ node }) => node >= 0);
    if (attempt.change !== null) {
      return { kind: STANDARD, reason: 0 };
    }
    if (previous >= 0 && named && attempt.key === this.attempts[previous].key) {
      return { kind: RETRY, reason: 1 };
    }
    if (attempt.declaredRollback) {
      return { kind: ROLLBACK, reason: 2 };
    }
    if (previous < 0 || !named) {
      return { kind: STANDARD, reason: 0 };
    }
    if (this.goesBack(attempt, this.attempts[previous])) {
      return { kind: ROLLBACK, reason: 3 };
    }
    const earlier = this.byKey.get(attempt.key);
    if (earlier !== undefined) {
      // Without a graph the order of first production stands for descent: what came later descends from what came before.
      const descends =
        this.isKnown(index) && this.isKnown(previous)
          ? this.goesBack(this.attempts[previous], attempt)
          : earlier.first > (this.byKey.get(this.attempts[previous].key)?.first ?? -1);
      if (!descends) {
        return { kind: ROLLBACK, reason: 4 };
      }
    }
    return { kind: STANDARD, reason: 0 };
  }

  /** True when some revision of `attempt` is a proper ancestor of the same repository's in `than`, and none is elsewhere. */
  private goesBack(attempt: Attempt, than: Attempt): boolean {
    let back = false;
    for (const { repository, node } of attempt.revisions) {
      const other = than.revisions.length === 1 && attempt.revisions.length === 1 ? than.revisions[0] : than.revisions.find((revision) => revision.repository === repository);
      if (other === undefined || other.node === node) {
        continue;
      }
      if (!this.containment.isProperAncestor(node, other.node)) {
        return false;
      }
      back = true;
    }
    return back;
  }
}

class Rows {
  change: number[] = [];
  deployment: number[] = [];
  flags: number[] = [];
}

/** Links one service anew; yields now and then. */
export function* linkService(plan: ServicePlan, team: Team, exclusion: Exclusion, context: LinkContext): Generator<void, ServiceLink> {
  const { facts, changes, containment, delivered } = context;
  const { settings } = team;
  const directOf = (repository: number): number[] => {
    const entry = settings.directPushes ? team.repositories.get(repository) : undefined;
    return entry ? changes.directPushes(entry) : [];
  };
  const attempts = attemptsOf(plan, team, facts, (repository) => changes.pulls(repository), directOf);
  yield;

  const repositories = [...plan.repositories];
  for (const { record, revisions } of attempts) {
    if (record >= 0) {
      for (const { repository } of revisions) {
        if (repository >= 0 && !repositories.includes(repository)) {
          repositories.push(repository);
        }
      }
    }
  }
  const belongsHere = (change: number): boolean => {
    const repository = facts.pulls.repository.values[change];
    return repositories.includes(repository) && (plan.entry === null || plan.entry.paths === undefined || touches(plan.entry, facts.pulls.filesOf(change)));
  };
  const direct = new Set<number>();
  for (const repository of repositories) {
    for (const node of directOf(repository)) {
      direct.add(node);
    }
  }

  const count = attempts.length;
  const link: ServiceLink = {
    name: plan.name,
    plan,
    at: facts.revision,
    repositories,
    count,
    record: new Int32Array(count),
    ownChange: new Int32Array(count).fill(NO_CHANGE),
    startedAt: new Float64Array(count),
    finishedAt: new Float64Array(count),
    node: new Int32Array(count),
    repository: new Int32Array(count),
    kind: new Uint8Array(count),
    kindReason: new Uint8Array(count),
    succeeded: new Uint8Array(count),
    flags: new Uint8Array(count),
    countsFor: new Int32Array(count).fill(-1),
    before: new Int32Array(count),
    oddIds: new Map(),
    aliases: new Map(),
    rowStart: new Int32Array(count + 1),
    change: new Int32Array(0),
    rowDeployment: new Int32Array(0),
    lead: new Float64Array(0),
    rowFlags: new Uint8Array(0),
    counted: new Int32Array(count),
    leadSum: new Float64Array(count),
    reverts: [],
    hotfixes: [],
    rowIndex: null,
    startIndex: null,
    opsItems: null,
  };

  const rows = new Rows();
  // Direct pushes are marked behind the pull requests.
  delivered.start(facts.pulls.count + facts.shas.length);
  const markOf = (change: Change): number => (change < 0 ? facts.pulls.count + ~change : change);
  const deliver = (change: Change, deployment: number, contained: boolean): void => {
    if (delivered.has(markOf(change))) {
      return;
    }
    delivered.add(markOf(change));
    let flags = exclusion.excludes(change) ? DELIVERY.excluded : 0;
    if (change >= 0) {
      if (contained && changes.carriers(facts.pulls.repository.values[change]).has(change)) {
        flags |= DELIVERY.carrier;
      }
      if ((facts.pulls.flags.values[change] & PULL.hasReferences) !== 0) {
        flags |= DELIVERY.hasReferences;
      }
    }
    if ((link.flags[deployment] & DEPLOYMENT.baseline) !== 0) {
      flags |= DELIVERY.baseline;
    }
    rows.change.push(change);
    rows.deployment.push(deployment);
    rows.flags.push(flags);
  };

  context.walked = null;
  containment.start(count);
  const history = new ProductionHistory(attempts, containment);
  // How far the pull requests of a repository and branch were looked through for deployments without a known commit.
  const lookedThrough = new Map<string, number>();
  const deliverByTime = (deployment: number, only: number): void => {
    const attempt = attempts[deployment];
    const ref = attempt.record < 0 ? null : facts.names.textOrNull(facts.records.ref.values[attempt.record]);
    for (const index of only >= 0 ? [only] : repositories) {
      const repository = team.repositories.get(index) ?? { branches: [facts.repositories.all[index].fact?.defaultBranch ?? 'main'] };
      const isProduction = (branch: string): boolean => isProductionBranch(repository, branch);
      const branch = ref !== null && isProduction(ref) ? ref : null;
      const key = `${index}|${branch ?? ''}`;
      const pulls = changes.pulls(index);
      let at = lookedThrough.get(key) ?? 0;
      for (; at < pulls.length && facts.pulls.mergedAt.values[pulls[at]] < attempt.startedAt; at += 1) {
        const base = facts.names.text(facts.pulls.baseBranch.values[pulls[at]]);
        if ((branch === null ? isProduction(base) : base === branch) && belongsHere(pulls[at])) {
          deliver(pulls[at], deployment, true);
        }
      }
      lookedThrough.set(key, at);
    }
  };

  let previous = -1;
  let hasBaseline = false;
  for (let index = 0; index < count; index += 1) {
    const attempt = attempts[index];
    link.record[index] = attempt.record;
    link.startedAt[index] = attempt.startedAt;
    link.finishedAt[index] = attempt.finishedAt;
    link.node[index] = attempt.revisions[0]?.node ?? -1;
    link.repository[index] = attempt.revisions.find(({ repository }) => repository >= 0)?.repository ?? (repositories.length === 1 ? repositories[0] : -1);
    link.succeeded[index] = attempt.succeeded ? 1 : 0;
    link.before[index] = previous;
    link.rowStart[index] = rows.change.length;
    if (attempt.record >= 0 && attempt.id !== facts.records.idOf(attempt.record)) {
      link.oddIds.set(index, attempt.id);
    }
    if (attempt.aliases.length > 0) {
      link.aliases.set(index, [...attempt.aliases]);
    }
    const { kind, reason } = history.kindOf(index, previous);
    link.kind[index] = kind;
    link.kindReason[index] = reason;
    if (attempt.change !== null) {
      link.ownChange[index] = attempt.change;
      if (exclusion.excludes(attempt.change)) {
        link.flags[index] |= DEPLOYMENT.excluded;
      }
    }
    if (!attempt.succeeded) {
      link.countsFor[index] = kind === STANDARD ? index : -1;
      continue;
    }
    link.countsFor[index] = kind === STANDARD ? index : kind === RETRY ? history.standardOf(index) : -1;
    if (kind !== ROLLBACK) {
      const contains = attempt.record >= 0 || attempt.aliases.length > 0;
      if (contains && !hasBaseline) {
        hasBaseline = true;
        link.flags[index] |= DEPLOYMENT.baseline;
      }
      if (attempt.change !== null) {
        deliver(attempt.change, index, false);
      }
      if (contains) {
        const revisions = attempt.revisions.length > 0 ? attempt.revisions : [{ repository: -1, node: -1 }];
        for (const { repository, node } of revisions) {
          if (!containment.isKnown(node)) {
            if (kind !== RETRY) {
              deliverByTime(index, repository);
            }
            continue;
          }
          yield* containment.take(node, index);
          for (let at = 0; at < containment.freshCount; at += 1) {
            const fresh = containment.fresh[at];
            for (let pull = facts.commits.pullAt.values[fresh]; pull >= 0; pull = facts.pulls.nextAtNode.values[pull]) {
              if (belongsHere(pull)) {
                deliver(pull, index, true);
              }
            }
            if (direct.size > 0 && direct.has(fresh)) {
              deliver(~fresh, index, true);
            }
          }
        }
      }
    }
    history.remember(index, kind);
    previous = index;
    if (index % 500 === 499) {
      yield;
    }
  }
  context.walked = link;
  link.rowStart[count] = rows.change.length;
  link.change = Int32Array.from(rows.change);
  link.rowDeployment = Int32Array.from(rows.deployment);
  link.rowFlags = Uint8Array.from(rows.flags);
  link.lead = new Float64Array(link.change.length);
  for (let row = 0; row < link.change.length; row += 1) {
    const deployment = link.rowDeployment[row];
    link.lead[row] = Math.max(0, link.finishedAt[deployment] - firstCommitOfChange(link.change[row], facts));
    if ((link.rowFlags[row] & (DELIVERY.carrier | DELIVERY.excluded)) === 0) {
      link.counted[deployment] += 1;
      link.leadSum[deployment] += link.lead[row];
    }
  }
  yield;

  const patterns = settings.incidents.flatMap((source) => (source.from === 'reverts' ? (source.patterns ?? []) : []));
  if (team.uses.reverts) {
    for (const repository of repositories) {
      link.reverts.push(...changes.reverts(repository, patterns, directOf(repository)));
    }
  }
  for (const [source, hotfixes] of settings.incidents.entries()) {
    if (hotfixes.from === 'hotfixes') {
      findHotfixes(link, source, hotfixes, facts);
    }
  }
  return link;
}

function findHotfixes(link: ServiceLink, source: number, settings: Extract<IncidentSourceSettings, { from: 'hotfixes' }>, facts: Facts): void {
  for (let row = 0; row < link.change.length; row += 1) {
    const change = link.change[row];
    if (change >= 0 && !link.hotfixes.some((known) => known.row === row) && isHotfix(settings, change, facts)) {
      link.hotfixes.push({ row, source });
    }
  }
}
