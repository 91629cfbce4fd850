import { matchesGlobs } from '../../shared/glob';
import type { IncidentSourceSettings } from '../../shared/settings';
import { hasLabel } from './changes';
import type { Facts } from '../facts/facts';
import { type NamesOfIncident, namesOf } from './incident-names';
import type { IncidentRecord } from '../model';
import { COSTLY_STEP, sortInSteps } from '../steps';
import { looksAtRepository, type Team } from './team';

/** An incident record of a team, and the source of the team that selects it. */
export interface ChosenRecord {
  record: IncidentRecord;
  source: IncidentSourceSettings;
  names: NamesOfIncident;
}

/** True when an incident source of a team selects a record. */
function selects(source: IncidentSourceSettings, record: IncidentRecord, team: Team, facts: Facts, services: ReadonlyMap<string, number>): boolean {
  if (source.from !== record.origin) {
    return false;
  }
  switch (source.from) {
    case 'github-issues': {
      if (record.repository === null || !looksAtRepository(source, facts.repositories.withId(record.repository), team, facts)) {
        return false;
      }
      // In a repository that holds more than incidents, only what is called one.
      const labels = source.labels ?? (source.repositories === undefined && source.title === undefined ? ['incident'] : undefined);
      return (labels === undefined || hasLabel(record.labels, labels)) && (source.title === undefined || new RegExp(source.title).test(record.title));
    }
    case 'opsitems': {
      const filters = source.filters ?? {};
      const among = (allowed: string[] | undefined, value: string | null): boolean => allowed === undefined || (value !== null && matchesGlobs(allowed, value));
      return (
        (source.account === undefined || source.account === record.account) &&
        among(filters.source, record.reportedBy) &&
        among(filters.severity, record.severity) &&
        among(filters.category, record.category) &&
        among(filters.status, record.status) &&
        among(filters.type, record.type) &&
        (filters.title === undefined || record.title.toLowerCase().includes(filters.title.toLowerCase())) &&
        Object.entries(filters.operationalData ?? {}).every(([key, value]) => record.operationalData[key] === value)
      );
    }
    case 'events':
      return selectsEvents(source, record.service, services);
    default:
      return false;
  }
}

/** Records that may be of the team: those of groups that some source of it looks at. */
function* recordsOf(team: Team, facts: Facts, services: ReadonlyMap<string, number>): Generator<IncidentRecord, void> {
  const sources = team.settings.incidents;
  for (const group of facts.incidents.groups) {
    const wanted = sources.some((source) => {
      switch (source.from) {
        case 'github-issues':
          return group.origin === 'github-issues' && group.repository !== null && looksAtRepository(source, facts.repositories.withId(group.repository), team, facts);
        case 'opsitems':
          return group.origin === 'opsitems' && (source.account === undefined || source.account === group.account);
        case 'events':
          return group.origin === 'events' && selectsEvents(source, group.service, services);
        default:
          return false;
      }
    });
    if (wanted) {
      yield* group.records.values();
    }
  }
}

function selectsEvents(source: Extract<IncidentSourceSettings, { from: 'events' }>, service: string | null, services: ReadonlyMap<string, number>): boolean {
  if (service === null) {
    return source.services === undefined || source.service !== undefined;
  }
  return source.services === undefined ? services.has(service) : matchesGlobs(source.services, service);
}

/** Severity of a record, or the label that a source calls one; null for none. */
export function severityOf({ source, record }: ChosenRecord): string | null {
  if (record.severity === null && source.from === 'github-issues' && source.severityLabel !== undefined) {
    const { severityLabel } = source;
    return record.labels.find((label) => hasLabel([label], [severityLabel])) ?? null;
  }
  return record.severity;
}

/** The records that a team's sources select, by opening; kept until records, the team or the names of its services change. */
export class ChosenRecords {
  private chosen: ChosenRecord[] = [];
  private team: Team | null = null;
  private services = '';
  private at = -1;

  /** @param services names of the team's services → their positions */
  *choose(team: Team, services: ReadonlyMap<string, number>, facts: Facts): Generator<void, readonly ChosenRecord[]> {
    const names = [...services.keys()].join('\0');
    if (this.team === team && this.services === names && this.at >= facts.changes.incidentsChangedAt) {
      return this.chosen;
    }
    const at = facts.revision;
    const chosen: ChosenRecord[] = [];
    let looked = 0;
    for (const record of recordsOf(team, facts, services)) {
      const source = team.settings.incidents.find((candidate) => selects(candidate, record, team, facts, services));
      if (source !== undefined) {
        chosen.push({ record, source, names: namesOf(record) });
      }
      looked += 1;
      if (looked % COSTLY_STEP === 0) {
        yield;
      }
    }
    const order = Int32Array.from({ length: chosen.length }, (_, index) => index);
    yield* sortInSteps(order, (a, b) => chosen[a].record.openedAt - chosen[b].record.openedAt || (chosen[a].record.id < chosen[b].record.id ? -1 : 1));
    this.chosen = Array.from(order, (index) => chosen[index]);
    this.team = team;
    this.services = names;
    this.at = at;
    return this.chosen;
  }
}
