import type { Facts } from '../facts/facts';
import type { Change } from './changes';
import { lowerBound } from '../columns';
import type { Trouble } from './derived-incidents';
import { directPushId, mergedPullId } from './deployments';
import type { ServicePlan } from './team';
import { sortInSteps, STEP } from '../steps';

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
  /** Repositories that records give by name only: the name's number → what it meant, −1 for none. */
  namedRepositories: Map<number, number>;

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
  /** Change → row: open addressing, −1 where free. */
  rowTable: Int32Array;
  /** Succeeded deployments by start. */
  startIndex: { starts: Float64Array; deployments: Int32Array };
  /** OpsItem id → deployments that name it themselves or by what they deliver, made when first needed. */
  opsItems: Map<string, number[]> | null;
  /** Made when first needed. */
  trouble: Trouble | null;
}

export const NO_CHANGE = 0x7fffffff;

function slotOf(change: Change, table: Int32Array): number {
  let hash = Math.imul(change, 0x9e3779b1);
  hash ^= hash >>> 15;
  return hash & (table.length - 1);
}

/** Row that delivers a change in this service, or −1. */
export function rowOfChange({ rowTable, change: changes }: Pick<ServiceLink, 'rowTable' | 'change'>, change: Change): number {
  for (let slot = slotOf(change, rowTable); ; slot = (slot + 1) & (rowTable.length - 1)) {
    const row = rowTable[slot];
    if (row < 0 || changes[row] === change) {
      return row;
    }
  }
}

/** Table for `rowOfChange`; each change has one row. */
export function* tableOfRows(changes: Int32Array): Generator<void, Int32Array> {
  const table = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(4, changes.length * 1.5)))).fill(-1);
  for (let row = 0; row < changes.length; row += 1) {
    let slot = slotOf(changes[row], table);
    while (table[slot] >= 0) {
      slot = (slot + 1) & (table.length - 1);
    }
    table[slot] = row;
    if (row % STEP === STEP - 1) {
      yield;
    }
  }
  return table;
}

/** Latest started of the succeeded deployments that started before an instant; −1 for none. */
export function latestStartedBefore({ startIndex: { starts, deployments } }: ServiceLink, at: number): number {
  const position = lowerBound(starts, at);
  return position === 0 ? -1 : deployments[position - 1];
}

/** Index for `latestStartedBefore`. */
export function* indexOfStarts({ count, succeeded, startedAt }: Pick<ServiceLink, 'count' | 'succeeded' | 'startedAt'>): Generator<void, ServiceLink['startIndex']> {
  const order = new Int32Array(count);
  let length = 0;
  for (let index = 0; index < count; index += 1) {
    if (succeeded[index] === 1) {
      order[length] = index;
      length += 1;
    }
  }
  const deployments = order.slice(0, length);
  yield* sortInSteps(deployments, (a, b) => startedAt[a] - startedAt[b] || a - b);
  return { deployments, starts: Float64Array.from(deployments, (index) => startedAt[index]) };
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
