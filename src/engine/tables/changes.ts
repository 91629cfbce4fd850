import type { Answer } from '../answer';
import { type ChangeIndex, changeId, momentsOfChange } from '../linking/changes';
import type { Facts } from '../facts/facts';
import { isBetterDelivery, partsOf, repositoryOfChange } from '../groups';
import { isCounted } from '../lead-time';
import type { LinkedTeam } from '../linking/linked-team';
import { STAGES } from '../moments';
import { noticesOf, type Question } from '../series';
import { DELIVERY, deploymentId, rowOfChange, type ServiceLink } from '../linking/service';
import { stagesOf } from '../stages';
import { isProductionBranch } from '../linking/team';
import { type ColumnOf, instant, seconds, tableOf } from './columns';

/** One change of a team as a service delivered it, or not yet. */
interface ChangeRow {
  linked: LinkedTeam;
  link: ServiceLink | null;
  change: number;
  /** Row of the link's deliveries; −1 when not delivered. */
  row: number;
  state: string;
  counted: boolean;
}

export const CHANGE_STATES = {
  delivered: 'delivered',
  baseline: 'in the baseline: deployed before counting began',
  carrier: 'only carries changes of other pull requests',
  excluded: 'excluded by the team',
  waiting: 'waiting for a deployment',
  early: 'merged before the known history',
  elsewhere: 'merged into a branch that is not production',
} as const;

/** State of a delivery. */
function deliveredState(flags: number): string {
  if ((flags & DELIVERY.excluded) !== 0) {
    return CHANGE_STATES.excluded;
  }
  if ((flags & DELIVERY.carrier) !== 0) {
    return CHANGE_STATES.carrier;
  }
  return (flags & DELIVERY.baseline) !== 0 ? CHANGE_STATES.baseline : CHANGE_STATES.delivered;
}

/** Changes of a team that none of its services delivered, of those whose merge time is wanted. */
export function undelivered(linked: LinkedTeam, facts: Facts, changes: ChangeIndex, isWanted: (mergedAt: number) => boolean): Array<{ change: number; state: string }> {
  const found: Array<{ change: number; state: string }> = [];
  // What came before the team's coverage may well have been deployed then, too.
  const waitingSince = (mergedAt: number): string => (mergedAt < linked.team.coverage ? CHANGE_STATES.early : CHANGE_STATES.waiting);
  for (const repository of linked.team.repositories.values()) {
    const links = linked.services.filter((link) => link.repositories.includes(repository.index));
    const isDelivered = (change: number): boolean => links.some((link) => rowOfChange(link, change) >= 0);
    for (const change of changes.pulls(repository.index)) {
      if (!isWanted(facts.pulls.mergedAt.values[change]) || isDelivered(change)) {
        continue;
      }
      const base = facts.names.text(facts.pulls.baseBranch.values[change]);
      const onProduction = isProductionBranch(repository, base) ? waitingSince(facts.pulls.mergedAt.values[change]) : CHANGE_STATES.elsewhere;
      const state = changes.isCarrier(change) ? CHANGE_STATES.carrier : onProduction;
      found.push({ change, state });
    }
    for (const node of linked.team.settings.directPushes ? changes.directPushes(repository) : []) {
      if (isWanted(facts.commits.committedAt.values[node]) && !isDelivered(~node)) {
        found.push({ change: ~node, state: waitingSince(facts.commits.committedAt.values[node]) });
      }
    }
  }
  return found;
}

/** Rows behind lead time and stages: delivered changes by deployment, the others by merge. */
export function changesTable(question: Question, changes: ChangeIndex): Extract<Answer, { kind: 'table' }> {
  const { query, range, teams, facts } = question;
  let rows: ChangeRow[] = [];
  const parts = partsOf(query, teams, facts);
  const isWithin = (time: number): boolean => time >= range.from && time < range.to;
  // What stands for a change in the union is only known among all of its deliveries.
  const isUnion = query.groupBy === 'none';
  for (const { linked, service, repositories } of parts) {
    const link = linked.services[service];
    for (let row = 0; row < link.change.length; row += 1) {
      const change = link.change[row];
      if ((isUnion || isWithin(link.finishedAt[link.rowDeployment[row]])) && (repositories === null || repositories.has(repositoryOfChange(link, row, facts)))) {
        rows.push({ linked, link, change, row, state: deliveredState(link.rowFlags[row]), counted: isCounted(link.rowFlags[row], query.includeBaseline) });
      }
    }
  }
  const isWhole = query.services.length === 0 && query.repositories.length === 0;
  for (const linked of teams) {
    const chosen = new Set(parts.filter((part) => part.linked === linked).flatMap((part) => (part.repositories === null ? linked.services[part.service].repositories : [...part.repositories])));
    for (const { change, state } of undelivered(linked, facts, changes, isWithin)) {
      if (isWhole || chosen.has(change >= 0 ? facts.pulls.repository.values[change] : -1)) {
        rows.push({ linked, link: null, change, row: -1, state, counted: false });
      }
    }
  }
  if (isUnion) {
    rows = unite(rows);
  }
  const within = rows.filter((row) => isWithin(sortKey(row, question)));
  within.sort((a, b) => sortKey(a, question) - sortKey(b, question) || (changeId(a.change, facts) < changeId(b.change, facts) ? -1 : 1));
  return tableOf('changes', columnsOf(question), within, noticesOf(question, [], { stamps: [], starts: [range.from], ends: [range.to], fullEnds: [range.to], rolling: false }));
}

function deployedAtOf({ link, row }: ChangeRow): number | null {
  return link === null ? null : link.finishedAt[link.rowDeployment[row]];
}

/** When a change falls into a range: when it was deployed, else when it was merged. */
function sortKey(row: ChangeRow, { facts }: Question): number {
  return deployedAtOf(row) ?? momentsOfChange(row.change, facts).mergedAt;
}

/** As the metrics do without a grouping: a change once, by the delivery that counts. */
function unite(rows: readonly ChangeRow[]): ChangeRow[] {
  const byChange = new Map<number, ChangeRow>();
  for (const row of rows) {
    const known = byChange.get(row.change);
    if (known === undefined || (row.link !== null && (known.link === null || isBetterDelivery(row.link, row.row, known.link, known.row)))) {
      byChange.set(row.change, row);
    }
  }
  return [...byChange.values()];
}

/** Milliseconds in each stage; null for what is not delivered. */
function stagesOfRow(row: ChangeRow, facts: Question['facts']): Float64Array | null {
  const deployedAt = deployedAtOf(row);
  if (deployedAt === null) {
    return null;
  }
  const spent = new Float64Array(STAGES.length);
  stagesOf(momentsOfChange(row.change, facts), deployedAt, spent);
  return spent;
}

function columnsOf({ facts, now }: Question): Array<ColumnOf<ChangeRow>> {
  const { pulls } = facts;
  const computed = new Map<ChangeRow, Float64Array | null>();
  const stages = (row: ChangeRow): Float64Array | null => {
    let spent = computed.get(row);
    if (spent === undefined) {
      spent = stagesOfRow(row, facts);
      computed.set(row, spent);
    }
    return spent;
  };
  const moment = (name: 'firstCommitAt' | 'openedAt' | 'firstReviewAt' | 'approvedAt' | 'mergedAt'): ColumnOf<ChangeRow> => ({
    name,
    type: 'time',
    cell: ({ change }) => instant(momentsOfChange(change, facts)[name]),
  });
  return [
    { name: 'repository', type: 'string', cell: ({ change, link, row }) => facts.repositories.nameOf(change >= 0 ? pulls.repository.values[change] : link === null ? -1 : link.repository[link.rowDeployment[row]]) },
    { name: 'number', type: 'number', cell: ({ change }) => (change < 0 ? null : pulls.number.values[change]) },
    { name: 'title', type: 'string', linkColumn: 'url', cell: ({ change }) => (change < 0 ? facts.texts.getOrNull(facts.commits.headline.values[~change]) : facts.texts.get(pulls.title.values[change])) },
    { name: 'author', type: 'string', cell: ({ change }) => facts.actors.get(change < 0 ? facts.commits.author.values[~change] : pulls.author.values[change])?.login ?? null },
    moment('firstCommitAt'),
    moment('openedAt'),
    moment('firstReviewAt'),
    moment('approvedAt'),
    moment('mergedAt'),
    { name: 'deployedAt', type: 'time', cell: deployedAtOf },
    { name: 'leadTime', type: 'number', unit: 's', cell: ({ link, row }) => (link === null ? null : link.lead[row] / 1000) },
    { name: 'deploymentId', type: 'string', cell: ({ link, row }) => (link === null ? null : deploymentId(link, link.rowDeployment[row], facts)) },
    { name: 'url', type: 'string', cell: ({ change }) => (change < 0 ? null : facts.pulls.urlOf(change)) },
    { name: 'team', type: 'string', cell: ({ linked }) => linked.team.settings.name },
    { name: 'service', type: 'string', cell: ({ link }) => link?.name ?? null },
    ...STAGES.map((stage, index): ColumnOf<ChangeRow> => ({ name: stage, type: 'number', unit: 's', cell: (row) => seconds(stages(row)?.[index] ?? null) })),
    { name: 'state', type: 'string', cell: ({ state }) => state },
    { name: 'counted', type: 'boolean', description: 'Counts for lead time', cell: ({ counted }) => counted },
    {
      name: 'waiting',
      type: 'number',
      unit: 's',
      description: 'How long it has been merged and not deployed',
      cell: ({ change, state }) => (state === CHANGE_STATES.waiting ? seconds(Math.max(0, now - momentsOfChange(change, facts).mergedAt)) : null),
    },
    { name: 'sha', type: 'string', cell: ({ change }) => (change < 0 ? facts.shas.sha(~change) : pulls.mergeNode.values[change] < 0 ? null : facts.shas.sha(pulls.mergeNode.values[change])) },
  ];
}
