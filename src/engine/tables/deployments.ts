import type { Answer } from '../answer';
import { DeploymentUnion, partsOf, uniteOutcomes } from '../groups';
import { type LinkedTeam, OUTCOME } from '../linking/linked-team';
import { noticesOf, type Question } from '../series';
import { DEPLOYMENT, deploymentId, KIND_REASONS, KINDS, NO_CHANGE, type ServiceLink } from '../linking/service';
import { type ColumnOf, tableOf } from './columns';

/** One deployment of one service of a team. */
interface DeploymentRow {
  linked: LinkedTeam;
  service: number;
  link: ServiceLink;
  index: number;
  /** Bits of OUTCOME. */
  outcome: number;
}

/** Why a deployment is what it is: failed, not counted, or of its kind. */
function reasonOf({ linked, service, link, index }: DeploymentRow): string | null {
  const reasons: string[] = [];
  if (KIND_REASONS[link.kindReason[index]] !== '') {
    reasons.push(KIND_REASONS[link.kindReason[index]]);
  }
  if ((link.flags[index] & DEPLOYMENT.baseline) !== 0) {
    reasons.push('baseline: the first deployment seen');
  }
  if ((link.flags[index] & DEPLOYMENT.excluded) !== 0) {
    reasons.push('excluded by the team');
  }
  if (link.succeeded[index] === 0) {
    reasons.push('the attempt failed');
  }
  if (linked.incidents.failed[service][index] === 1) {
    const named = linked.incidents.incidents
      .filter((incident) => incident.service === service && incident.deployment >= 0 && link.countsFor[incident.deployment] === index)
      .map((incident) => `${incident.title || incident.id} (${incident.linkReason})`);
    reasons.push(...named);
  }
  if (linked.incidents.rework[service][index] === 1) {
    reasons.push('delivered only fixes');
  }
  return reasons.length === 0 ? null : reasons.join('; ');
}

/** Rows behind deployment frequency, failure rate and rework rate, by finish. */
export function deploymentsTable(question: Question): Extract<Answer, { kind: 'table' }> {
  const { query, range, teams, facts } = question;
  let rows: DeploymentRow[] = [];
  for (const { linked, service, repositories } of partsOf(query, teams, facts)) {
    const link = linked.services[service];
    for (let index = 0; index < link.count; index += 1) {
      // In a union the earliest finish counts, which may lie before the range.
      const isWanted = query.groupBy === 'none' || (link.finishedAt[index] >= range.from && link.finishedAt[index] < range.to);
      if (isWanted && (repositories === null || repositories.has(link.repository[index]))) {
        rows.push({ linked, service, link, index, outcome: linked.outcomes[service][index] });
      }
    }
  }
  if (query.groupBy === 'none') {
    rows = unite(rows, question);
  }
  rows = rows.filter(({ link, index }) => link.finishedAt[index] >= range.from && link.finishedAt[index] < range.to);
  rows.sort((a, b) => a.link.finishedAt[a.index] - b.link.finishedAt[b.index] || (deploymentId(a.link, a.index, facts) < deploymentId(b.link, b.index, facts) ? -1 : 1));
  return tableOf('deployments', columnsOf(question), rows, noticesOf(question, [], { stamps: [], starts: [range.from], ends: [range.to], fullEnds: [range.to], rolling: false }));
}

/** As the metrics do without a grouping: each deployment once, as what any team calls it. */
function unite(rows: readonly DeploymentRow[], { facts }: Question): DeploymentRow[] {
  const union = new DeploymentUnion<DeploymentRow>(facts, (known, row) => ({
    ...(row.link.finishedAt[row.index] < known.link.finishedAt[known.index] ? row : known),
    outcome: uniteOutcomes(row.outcome, known.outcome),
  }));
  for (const row of rows) {
    union.add(row.link, row.index, row);
  }
  return union.entries();
}

function columnsOf({ facts }: Question): Array<ColumnOf<DeploymentRow>> {
  const record = <T>({ link, index }: DeploymentRow, read: (record: number) => T): T | null => (link.record[index] < 0 ? null : read(link.record[index]));
  return [
    { name: 'service', type: 'string', cell: ({ link }) => link.name },
    { name: 'sha', type: 'string', cell: ({ link, index }) => (link.node[index] < 0 ? null : facts.shas.sha(link.node[index])) },
    { name: 'kind', type: 'string', cell: ({ link, index }) => KINDS[link.kind[index]] },
    { name: 'status', type: 'string', cell: ({ link, index }) => (link.succeeded[index] === 1 ? 'succeeded' : 'failed') },
    { name: 'startedAt', type: 'time', cell: ({ link, index }) => link.startedAt[index] },
    { name: 'finishedAt', type: 'time', cell: ({ link, index }) => link.finishedAt[index] },
    { name: 'changes', type: 'number', description: 'Changes that it brought into production first', cell: ({ link, index }) => link.counted[index] },
    { name: 'failed', type: 'boolean', cell: (row) => (row.outcome & OUTCOME.failed) !== 0 || row.link.succeeded[row.index] === 0 },
    { name: 'reason', type: 'string', cell: reasonOf },
    { name: 'id', type: 'string', linkColumn: 'url', cell: ({ link, index }) => deploymentId(link, index, facts) },
    {
      name: 'url',
      type: 'string',
      cell: (row) => (row.link.ownChange[row.index] !== NO_CHANGE && row.link.ownChange[row.index] >= 0 ? facts.pulls.urlOf(row.link.ownChange[row.index]) : record(row, (index) => facts.texts.getOrNull(facts.records.url.values[index]))),
    },
    { name: 'team', type: 'string', cell: ({ linked }) => linked.team.settings.name },
    { name: 'repository', type: 'string', cell: ({ link, index }) => facts.repositories.nameOf(link.repository[index]) },
    { name: 'environment', type: 'string', cell: (row) => record(row, (index) => facts.names.textOrNull(facts.records.environment.values[index])) },
    { name: 'ref', type: 'string', cell: (row) => record(row, (index) => facts.names.textOrNull(facts.records.ref.values[index])) },
    { name: 'source', type: 'string', cell: (row) => record(row, (index) => facts.records.originOf(index)) ?? 'merged-pull-requests' },
    { name: 'counted', type: 'boolean', description: 'Counts for deployment frequency', cell: (row) => (row.outcome & OUTCOME.standard) !== 0 },
    { name: 'inRate', type: 'boolean', description: 'One of all that the failure rate and rework rate count', cell: (row) => (row.outcome & (OUTCOME.standard | OUTCOME.attempt)) !== 0 },
    { name: 'rework', type: 'boolean', cell: (row) => (row.outcome & OUTCOME.rework) !== 0 },
    { name: 'baseline', type: 'boolean', cell: ({ link, index }) => (link.flags[index] & DEPLOYMENT.baseline) !== 0 },
  ];
}
