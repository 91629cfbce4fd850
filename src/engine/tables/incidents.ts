import type { Answer } from '../answer';
import { incidentsOf, unionOfIncidents } from '../groups';
import { type Incident, restoreTime } from '../linking/incidents';
import type { LinkedTeam } from '../linking/linked-team';
import { noticesOf, type Question } from '../series';
import { deploymentId } from '../linking/service';
import { type ColumnOf, seconds, tableOf } from './columns';

interface IncidentRow {
  linked: LinkedTeam;
  incident: Incident;
}

/** Rows behind failure rate and time to restore: by opening; by resolution where the query names time to restore. */
export function incidentsTable(question: Question): Extract<Answer, { kind: 'table' }> {
  const { query, range, teams, facts } = question;
  const all = teams.flatMap((linked) => incidentsOf(query, linked, facts).map((incident): IncidentRow => ({ linked, incident })));
  const at = (incident: Incident): number => (query.metric === 'time-to-restore' ? (incident.resolvedAt ?? Infinity) : incident.openedAt);
  const rows = query.groupBy === 'none' ? unionOfIncidents(all, ({ incident }) => incident) : all;
  const distinct = rows.filter(({ incident }) => at(incident) >= range.from && at(incident) < range.to);
  distinct.sort((a, b) => a.incident.openedAt - b.incident.openedAt || (a.incident.id < b.incident.id ? -1 : 1));
  const windows = { stamps: [range.from], starts: [range.from], ends: [range.to], fullEnds: [range.to], rolling: false };
  return tableOf('incidents', columnsOf(question), distinct, noticesOf(question, [], windows));
}

function columnsOf({ facts }: Question): Array<ColumnOf<IncidentRow>> {
  return [
    { name: 'source', type: 'string', cell: ({ incident }) => incident.source },
    { name: 'id', type: 'string', cell: ({ incident }) => incident.id },
    { name: 'title', type: 'string', linkColumn: 'url', cell: ({ incident }) => incident.title },
    { name: 'service', type: 'string', cell: ({ incident }) => incident.serviceName },
    { name: 'openedAt', type: 'time', cell: ({ incident }) => incident.openedAt },
    { name: 'resolvedAt', type: 'time', cell: ({ incident }) => incident.resolvedAt },
    { name: 'resolvedBy', type: 'string', cell: ({ incident }) => incident.resolvedBy },
    { name: 'deploymentId', type: 'string', cell: ({ linked, incident }) => (incident.deployment < 0 ? null : deploymentId(linked.services[incident.service], incident.deployment, facts)) },
    { name: 'linkReason', type: 'string', cell: ({ incident }) => incident.linkReason },
    { name: 'url', type: 'string', cell: ({ incident }) => incident.url },
    { name: 'team', type: 'string', cell: ({ linked }) => linked.team.settings.name },
    { name: 'severity', type: 'string', cell: ({ incident }) => incident.severity },
    { name: 'restoreTime', type: 'number', unit: 's', cell: ({ incident }) => seconds(restoreTime(incident)) },
  ];
}
