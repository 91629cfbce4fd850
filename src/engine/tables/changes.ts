import type { Answer } from '../answer';
import { type ChangeIndex, changeId, momentsOfChange } from '../changes';
import { partsOf } from '../groups';
import { isCounted } from '../lead-time';
import type { LinkedTeam } from '../linked-team';
import { STAGES } from '../moments';
import { noticesOf, type Question } from '../series';
import { DELIVERY, deploymentId, rowOfChange, type ServiceLink } from '../service';
import { stagesOf } from '../stages';
import { isProductionBranch } from '../team';
import { type ColumnOf, instant, seconds, tableOf } from './columns';

/** One change of a team as a service delivered it, or not yet. */
interface ChangeRow {
  linked: LinkedTeam;
  link: ServiceLink | null;
  change: number;
  /** Row of the link's deliveries; −1 when not delivered. */
  row: number;
  /** Stages in ms, null when not delivered. */
  stages: Float64Array | null;
  state: string;
  counted: boolean;
}

export const CHANGE_STATES = {
  delivered: 'delivered',
  baseline: 'in the baseline: deployed before counting began',
  carrier: 'only carries changes of other pull requests',
  excluded: 'excluded by the team',
  waiting: 'waiting for a deployment',
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

/** Changes of a team that none of its services delivered, by repository. `services`: where to look. */
export function undelivered(linked: LinkedTeam, question: Pick<Question, 'facts'>, changes: ChangeIndex): Array<{ change: number; state: string }> {
  const { facts } = question;
  const found: Array<{ change: number; state: string }> = [];
  for (const repository of linked.team.repositories.values()) {
    const links = linked.services.filter((link) => link.repositories.includes(repository.index));
    const delivered = new Set<number>();
    for (const link of links) {
      link.change.forEach((change) => delivered.add(change));
    }
    for (const change of changes.pulls(repository.index)) {
      if (delivered.has(change)) {
        continue;
      }
      const base = facts.names.text(facts.pulls.baseBranch.values[change]);
      const state = changes.isCarrier(change) ? CHANGE_STATES.carrier : isProductionBranch(repository, base) ? CHANGE_STATES.waiting : CHANGE_STATES.elsewhere;
      found.push({ change, state });
    }
    for (const node of linked.team.settings.directPushes ? changes.directPushes(repository) : []) {
      if (!delivered.has(~node)) {
        found.push({ change: ~node, state: CHANGE_STATES.waiting });
      }
    }
  }
  return found;
}

/** Rows behind lead time and stages: delivered changes by deployment, the others by merge. */
export function changesTable(question: Question, changes: ChangeIndex): Extract<Answer, { kind: 'table' }> {
  const { query, range, teams, facts } = question;
  const rows: ChangeRow[] = [];
  const parts = partsOf(query, teams, facts);
  const spent = new Float64Array(STAGES.length);
  for (const { linked, service, repositories } of parts) {
    const link = linked.services[service];
    for (let row = 0; row < link.change.length; row += 1) {
      const deployedAt = link.finishedAt[link.rowDeployment[row]];
      const change = link.change[row];
      if (deployedAt < range.from || deployedAt >= range.to || (repositories !== null && change >= 0 && !repositories.has(facts.pulls.repository.values[change]))) {
        continue;
      }
      stagesOf(momentsOfChange(change, facts), deployedAt, spent);
      rows.push({ linked, link, change, row, stages: spent.slice(), state: deliveredState(link.rowFlags[row]), counted: isCounted(link.rowFlags[row], query.includeBaseline) });
    }
  }
  for (const linked of teams) {
    const chosen = new Set(parts.filter((part) => part.linked === linked).flatMap((part) => (part.repositories === null ? linked.services[part.service].repositories : [...part.repositories])));
    const all = query.services.length === 0 && query.repositories.length === 0;
    for (const { change, state } of undelivered(linked, question, changes)) {
      const { mergedAt } = momentsOfChange(change, facts);
      const repository = change >= 0 ? facts.pulls.repository.values[change] : -1;
      if (mergedAt >= range.from && mergedAt < range.to && (all || chosen.has(repository))) {
        rows.push({ linked, link: null, change, row: -1, stages: null, state, counted: false });
      }
    }
  }
  const distinct = query.groupBy === 'none' ? keepEarliest(rows, question) : rows;
  distinct.sort((a, b) => sortKey(a, question) - sortKey(b, question) || (changeId(a.change, facts) < changeId(b.change, facts) ? -1 : 1));
  return tableOf('changes', columnsOf(question), distinct, noticesOf(question, [], { stamps: [], starts: [range.from], ends: [range.to], fullEnds: [range.to], rolling: false }));
}

function deployedAtOf({ link, row }: ChangeRow): number | null {
  return link === null ? null : link.finishedAt[link.rowDeployment[row]];
}

function sortKey(row: ChangeRow, { facts }: Question): number {
  return deployedAtOf(row) ?? momentsOfChange(row.change, facts).mergedAt;
}

/** As the metrics do without a grouping: a change once, where it counts and was delivered first. */
function keepEarliest(rows: readonly ChangeRow[], question: Question): ChangeRow[] {
  const best = new Map<number, ChangeRow>();
  // The earliest delivery may lie outside the range: then the change is not of this range.
  const { range } = question;
  for (const row of rows) {
    let earlier = false;
    for (const linked of question.teams) {
      for (const link of linked.services) {
        const other = rowOfChange(link, row.change);
        if (other >= 0 && link.finishedAt[link.rowDeployment[other]] < range.from && isCounted(link.rowFlags[other], true) === isCounted(row.link === null ? 0 : row.link.rowFlags[row.row], true)) {
          earlier = true;
        }
      }
    }
    const known = best.get(row.change);
    const rank = (candidate: ChangeRow): number => (candidate.link === null ? 2 : candidate.counted ? 0 : 1);
    if (!earlier && (known === undefined || rank(row) < rank(known) || (rank(row) === rank(known) && sortKey(row, question) < sortKey(known, question)))) {
      best.set(row.change, row);
    }
  }
  return [...best.values()];
}

function columnsOf({ facts, now }: Question): Array<ColumnOf<ChangeRow>> {
  const pulls = facts.pulls;
  const moment = (name: 'firstCommitAt' | 'openedAt' | 'firstReviewAt' | 'approvedAt' | 'mergedAt'): ColumnOf<ChangeRow> => ({
    name,
    type: 'time',
    cell: ({ change }) => instant(momentsOfChange(change, facts)[name]),
  });
  return [
    { name: 'repository', type: 'string', cell: ({ change, link, row }) => facts.repositoryName(change >= 0 ? pulls.repository.values[change] : link === null ? -1 : link.repository[link.rowDeployment[row]]) },
    { name: 'number', type: 'number', cell: ({ change }) => (change < 0 ? null : pulls.number.values[change]) },
    { name: 'title', type: 'string', linkColumn: 'url', cell: ({ change }) => (change < 0 ? facts.texts.getOrNull(facts.headline.values[~change]) : facts.texts.get(pulls.title.values[change])) },
    { name: 'author', type: 'string', cell: ({ change }) => facts.actor(change < 0 ? facts.commitAuthor.values[~change] : pulls.author.values[change])?.login ?? null },
    moment('firstCommitAt'),
    moment('openedAt'),
    moment('firstReviewAt'),
    moment('approvedAt'),
    moment('mergedAt'),
    { name: 'deployedAt', type: 'time', cell: deployedAtOf },
    { name: 'leadTime', type: 'number', unit: 's', cell: ({ link, row }) => (link === null ? null : link.lead[row] / 1000) },
    { name: 'deploymentId', type: 'string', cell: ({ link, row }) => (link === null ? null : deploymentId(link, link.rowDeployment[row], facts)) },
    { name: 'url', type: 'string', cell: ({ change }) => (change < 0 ? null : facts.pullUrl(change)) },
    { name: 'team', type: 'string', cell: ({ linked }) => linked.team.settings.name },
    { name: 'service', type: 'string', cell: ({ link }) => link?.name ?? null },
    ...STAGES.map((stage, index): ColumnOf<ChangeRow> => ({ name: stage, type: 'number', unit: 's', cell: ({ stages }) => (stages === null ? null : seconds(stages[index])) })),
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
