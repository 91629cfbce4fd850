import { matchesGlobs } from '../shared/glob';
import { parseDuration } from '../shared/duration';
import type { DoraQuery } from '../shared/query';
import { directPushId, mergedPullId } from './linking/deployments';
import type { Facts } from './facts/facts';
import { type Incident, restoreTime } from './linking/incidents';
import { type LinkedTeam, OUTCOME } from './linking/linked-team';
import type { Instant } from './model';
import { DELIVERY, deploymentId, NO_CHANGE, type ServiceLink } from './linking/service';

/** Deployments as metrics read them, by finish. */
export interface DeploymentSet {
  times: Float64Array;
  /** Bits of OUTCOME. */
  outcomes: Uint8Array;
}

/** Deliveries as metrics read them: entry i of `times` owns rows rowStart[i] … rowStart[i + 1] − 1. */
export interface DeliverySet {
  times: Float64Array;
  rowStart: Int32Array;
  lead: Float64Array;
  /** Bits of DELIVERY. */
  rowFlags: Uint8Array;
  change: Int32Array;
  /** What of the rows counts, added up a time: number, sum of lead times, and whether it is the baseline. */
  sums: { counted: Int32Array; leadSum: Float64Array; isBaseline: (index: number) => boolean } | null;
}

/** Resolved incidents as time to restore reads them, by resolution. */
export interface ResolvedSet {
  times: Float64Array;
  /** Milliseconds, never negative. */
  restore: Float64Array;
}

const resolvedSets = new WeakMap<readonly Incident[], ResolvedSet>();

/** Sorted once for each list of incidents: a team's own list lives as long as its links. */
function resolvedOf(incidents: readonly Incident[]): ResolvedSet {
  let set = resolvedSets.get(incidents);
  if (set === undefined) {
    const resolved = incidents.filter(({ resolvedAt }) => resolvedAt !== null).sort((a, b) => a.resolvedAt! - b.resolvedAt!);
    set = { times: Float64Array.from(resolved, ({ resolvedAt }) => resolvedAt!), restore: Float64Array.from(resolved, (incident) => restoreTime(incident)!) };
    resolvedSets.set(incidents, set);
  }
  return set;
}

/** What one series is computed from. */
export interface Group {
  labels: Record<string, string>;
  name: string;
  teams: LinkedTeam[];
  deployments: () => DeploymentSet[];
  deliveries: () => DeliverySet[];
  incidents: () => Incident[];
  /** Those of them that are resolved, by resolution. */
  resolved: () => ResolvedSet;
  /** Latest coverage of its teams. */
  coverage: Instant;
  /** Longest incident window of its teams, ms. */
  incidentWindow: number;
}

/** One service of a team as far as a query looks at it. */
export interface Part {
  linked: LinkedTeam;
  service: number;
  /** Null for all of the service. */
  repositories: ReadonlySet<number> | null;
}

export const UNKNOWN_LABEL = '(unknown)';

/** Repositories that a query limits itself to, or null for no limit. */
function chosenRepositories(query: DoraQuery, facts: Facts): Set<number> | null {
  if (query.repositories.length === 0) {
    return null;
  }
  const globs = query.repositories.map((glob) => glob.toLowerCase());
  return new Set(facts.repositories.all.filter(({ fact }) => fact !== null && matchesGlobs(globs, fact.name.toLowerCase())).map(({ index }) => index));
}

function isServiceChosen(query: DoraQuery, name: string | null): boolean {
  return query.services.length === 0 || (name !== null && matchesGlobs(query.services, name));
}

/** The services of the teams that a query looks at. */
export function partsOf(query: DoraQuery, teams: readonly LinkedTeam[], facts: Facts): Part[] {
  const repositories = chosenRepositories(query, facts);
  return teams.flatMap((linked) =>
    linked.services.flatMap((link, service) => {
      if (!isServiceChosen(query, link.name)) {
        return [];
      }
      if (repositories === null) {
        return [{ linked, service, repositories: null }];
      }
      const shared = link.repositories.filter((repository) => repositories.has(repository));
      if (shared.length === 0) {
        return [];
      }
      return [{ linked, service, repositories: shared.length === link.repositories.length && everyIsKnown(link) ? null : repositories }];
    })
  );
}

function everyIsKnown(link: ServiceLink): boolean {
  return link.repository.every((repository) => repository >= 0);
}

/** Incidents of a team that a query looks at. */
export function incidentsOf(query: DoraQuery, linked: LinkedTeam, facts: Facts): Incident[] {
  if (query.services.length === 0 && query.repositories.length === 0) {
    return linked.incidents.incidents;
  }
  const repositories = chosenRepositories(query, facts);
  return linked.incidents.incidents.filter(
    (incident) => isServiceChosen(query, incident.serviceName) && (repositories === null || repositories.has(incident.repository))
  );
}

function deploymentSet({ linked, service, repositories }: Part): DeploymentSet {
  const link = linked.services[service];
  if (repositories === null) {
    return { times: link.finishedAt, outcomes: linked.outcomes[service] };
  }
  const chosen = Array.from({ length: link.count }, (_, index) => index).filter((index) => repositories.has(link.repository[index]));
  return { times: Float64Array.from(chosen, (index) => link.finishedAt[index]), outcomes: Uint8Array.from(chosen, (index) => linked.outcomes[service][index]) };
}

function deliverySet({ linked, service, repositories }: Part, facts: Facts): DeliverySet {
  const link = linked.services[service];
  if (repositories === null) {
    return {
      times: link.finishedAt,
      rowStart: link.rowStart,
      lead: link.lead,
      rowFlags: link.rowFlags,
      change: link.change,
      sums: { counted: link.counted, leadSum: link.leadSum, isBaseline: (index) => (link.flags[index] & 1) !== 0 },
    };
  }
  const rows = Array.from(link.change, (_, row) => row).filter((row) => repositories.has(repositoryOfChange(link, row, facts)));
  return flatDeliveries(rows.map((row) => ({ link, row })));
}

/** Repository of the change of a delivery. */
export function repositoryOfChange(link: ServiceLink, row: number, facts: Facts): number {
  const change = link.change[row];
  return change >= 0 ? facts.pulls.repository.values[change] : link.repository[link.rowDeployment[row]];
}

function flatDeliveries(rows: ReadonlyArray<{ link: ServiceLink; row: number }>): DeliverySet {
  const sorted = [...rows].sort((a, b) => a.link.finishedAt[a.link.rowDeployment[a.row]] - b.link.finishedAt[b.link.rowDeployment[b.row]]);
  return {
    times: Float64Array.from(sorted, ({ link, row }) => link.finishedAt[link.rowDeployment[row]]),
    rowStart: Int32Array.from({ length: sorted.length + 1 }, (_, index) => index),
    lead: Float64Array.from(sorted, ({ link, row }) => link.lead[row]),
    rowFlags: Uint8Array.from(sorted, ({ link, row }) => link.rowFlags[row]),
    change: Int32Array.from(sorted, ({ link, row }) => link.change[row]),
    sums: null,
  };
}

/** What two teams make of one deployment: failed or rework if for any; standard for one and a retry for another is standard. */
export function uniteOutcomes(a: number, b: number): number {
  const both = a | b;
  return (both & (OUTCOME.standard | OUTCOME.attempt)) !== 0 ? both & ~(OUTCOME.rollback | OUTCOME.retry) : both;
}

/** True when no number comes twice; numbers below zero are counted from the other end. */
function areDistinct(lists: readonly Int32Array[], size: number): boolean {
  const seen = new Uint8Array(size);
  for (const list of lists) {
    for (const entry of list) {
      const at = entry < 0 ? size + entry : entry;
      if (seen[at] === 1) {
        return false;
      }
      seen[at] = 1;
    }
  }
  return true;
}

/**
 * Ids by which a union knows a deployment again: its own and, once it succeeded, those of what other sources of its team
 * tell of it, for another team may see only those. A record succeeds once; failed attempts have ids of their own.
 */
function idsOf(link: ServiceLink, index: number, facts: Facts): Array<string | number> {
  // A record's number serves as its id; attempts and merges have ids of their own.
  const own = link.record[index] >= 0 && !link.oddIds.has(index) ? link.record[index] : deploymentId(link, index, facts);
  if (link.succeeded[index] === 0) {
    return [own];
  }
  const change = link.ownChange[index];
  const joined = link.record[index] < 0 || change === NO_CHANGE ? [] : [change < 0 ? directPushId(facts, ~change) : mergedPullId(facts, change)];
  return [own, ...(link.aliases.get(index) ?? []), ...joined];
}

/** Puts together what any id of two deployments shares. */
export class DeploymentUnion<Entry> {
  private readonly byId = new Map<string | number, { ids: Array<string | number>; entry: Entry }>();

  constructor(
    private readonly facts: Facts,
    private readonly unite: (a: Entry, b: Entry) => Entry
  ) {}

  add(link: ServiceLink, index: number, entry: Entry): void {
    const ids = idsOf(link, index, this.facts);
    const united: { ids: Array<string | number>; entry: Entry } = { ids: [], entry };
    for (const known of new Set(ids.map((id) => this.byId.get(id)))) {
      if (known !== undefined) {
        united.entry = this.unite(known.entry, united.entry);
        united.ids.push(...known.ids);
      }
    }
    united.ids = [...new Set([...united.ids, ...ids])];
    united.ids.forEach((id) => this.byId.set(id, united));
  }

  entries(): Entry[] {
    return Array.from(new Set(this.byId.values()), ({ entry }) => entry);
  }
}

/** METRICS: "distinct union by fact id"; a deployment that any team calls failed or rework is. */
function unionOfDeployments(parts: readonly Part[], facts: Facts): DeploymentSet[] {
  const links = parts.map(({ linked, service }) => linked.services[service]);
  const records = links.flatMap((link) => [link.record, Int32Array.from([...link.aliases.values()].flat())]);
  if (links.every((link) => link.record.every((record) => record >= 0) && link.oddIds.size === 0) && areDistinct(records, facts.records.count)) {
    return parts.map(deploymentSet);
  }
  const union = new DeploymentUnion<{ time: number; outcome: number }>(facts, (a, b) => ({ time: Math.min(a.time, b.time), outcome: uniteOutcomes(a.outcome, b.outcome) }));
  for (const { linked, service, repositories } of parts) {
    const link = linked.services[service];
    const outcomes = linked.outcomes[service];
    for (let index = 0; index < link.count; index += 1) {
      if (repositories !== null && !repositories.has(link.repository[index])) {
        continue;
      }
      union.add(link, index, { time: link.finishedAt[index], outcome: outcomes[index] });
    }
  }
  const sorted = union.entries().sort((a, b) => a.time - b.time);
  return [
    {
      times: Float64Array.from(sorted, ({ time }) => time),
      outcomes: Uint8Array.from(sorted, ({ outcome }) => outcome),
    },
  ];
}

/**
 * Which of two deliveries of one change stands for it in a union: one that counts before one that does not, then the
 * earlier, then, at equal times, one that is no baseline, whatever the order of teams.
 */
export function isBetterDelivery(a: ServiceLink, rowA: number, b: ServiceLink, rowB: number): boolean {
  const rank = (link: ServiceLink, row: number): number => ((link.rowFlags[row] & (DELIVERY.carrier | DELIVERY.excluded)) === 0 ? 0 : 1);
  const time = (link: ServiceLink, row: number): number => link.finishedAt[link.rowDeployment[row]];
  return (
    rank(a, rowA) - rank(b, rowB) || time(a, rowA) - time(b, rowB) || (a.rowFlags[rowA] & DELIVERY.baseline) - (b.rowFlags[rowB] & DELIVERY.baseline)
  ) < 0;
}

/** METRICS: "a change keeps its earliest delivery"; one that counts anywhere counts. */
function unionOfDeliveries(parts: readonly Part[], facts: Facts): DeliverySet[] {
  if (areDistinct(parts.map(({ linked, service }) => linked.services[service].change), facts.pulls.count + facts.shas.length)) {
    return parts.map((part) => deliverySet(part, facts));
  }
  const best = new Map<number, { link: ServiceLink; row: number }>();
  for (const { linked, service, repositories } of parts) {
    const link = linked.services[service];
    for (let row = 0; row < link.change.length; row += 1) {
      if (repositories !== null && !repositories.has(repositoryOfChange(link, row, facts))) {
        continue;
      }
      const known = best.get(link.change[row]);
      if (known === undefined || isBetterDelivery(link, row, known.link, known.row)) {
        best.set(link.change[row], { link, row });
      }
    }
  }
  return [flatDeliveries([...best.values()])];
}

/** One trouble that two teams see is one; the earliest restore ends it. */
export function unionOfIncidents<Row>(rows: readonly Row[], incidentOf: (row: Row) => Incident): Row[] {
  const byId = new Map<string, Row>();
  for (const row of rows) {
    const incident = incidentOf(row);
    const other = byId.get(incident.id);
    const known = other === undefined ? null : incidentOf(other);
    const end = incident.resolvedAt ?? Infinity;
    if (known === null || end < (known.resolvedAt ?? Infinity) || (end === (known.resolvedAt ?? Infinity) && incident.openedAt < known.openedAt)) {
      byId.set(incident.id, row);
    }
  }
  return [...byId.values()];
}

/** Adds what follows from a group's incidents. */
function withResolved(group: Omit<Group, 'resolved'>): Group {
  return { ...group, resolved: () => resolvedOf(group.incidents()) };
}

function memo<T>(make: () => T): () => T {
  let made: { value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** Start of what is known of a team: of one that no service is known of, nothing is. */
export function coverageOf({ team, services }: LinkedTeam): Instant {
  return services.length === 0 ? Infinity : team.coverage;
}

/** Latest coverage of the teams of which something is known: one that nothing matches must not hide the others. */
function jointCoverage(members: readonly LinkedTeam[]): Instant {
  const known = members.filter(({ services }) => services.length > 0);
  return known.length === 0 ? Infinity : Math.max(...known.map(coverageOf));
}

/** What each series of an answer is computed from, by the query's grouping. A team without a service that the query chooses has none. */
export function groupsOf(query: DoraQuery, teams: readonly LinkedTeam[], facts: Facts): Group[] {
  const parts = partsOf(query, teams, facts);
  const isLimited = query.services.length > 0 || query.repositories.length > 0;
  const common = (members: readonly LinkedTeam[]): Pick<Group, 'teams' | 'coverage' | 'incidentWindow'> => ({
    teams: [...members],
    coverage: jointCoverage(members),
    incidentWindow: Math.max(...members.map(({ team }) => parseDuration(team.settings.incidentWindow)!)),
  });
  if (query.groupBy === 'none') {
    if (teams.length === 0 || (isLimited && parts.length === 0)) {
      return [];
    }
    return [
      withResolved({
        ...common(teams),
        labels: {},
        name: 'All',
        deployments: memo(() => unionOfDeployments(parts, facts)),
        deliveries: memo(() => unionOfDeliveries(parts, facts)),
        incidents: memo(() => unionOfIncidents(teams.flatMap((linked) => incidentsOf(query, linked, facts)), (incident) => incident)),
      }),
    ];
  }
  return teams.flatMap((linked): Group[] => {
    const own = parts.filter((part) => part.linked === linked);
    if (isLimited && own.length === 0) {
      return [];
    }
    const team = linked.team.settings.name;
    const shared = common([linked]);
    const incidents = memo(() => incidentsOf(query, linked, facts));
    if (query.groupBy === 'team') {
      return [
        withResolved({
          ...shared,
          labels: { team },
          name: team,
          deployments: memo(() => own.map(deploymentSet)),
          deliveries: memo(() => own.map((part) => deliverySet(part, facts))),
          incidents,
        }),
      ];
    }
    const group = (key: 'service' | 'repository', label: string, members: readonly Part[], isOwn: (incident: Incident) => boolean): Group => withResolved({
      ...shared,
      labels: { team, [key]: label },
      name: `${team} · ${label}`,
      deployments: memo(() => members.map(deploymentSet)),
      deliveries: memo(() => members.map((part) => deliverySet(part, facts))),
      incidents: memo(() => incidents().filter(isOwn)),
    });
    if (query.groupBy === 'service') {
      const groups = own.map((part) => group('service', linked.services[part.service].name, [part], (incident) => incident.service === part.service));
      // Incidents of no service still count in restore.
      return incidents().some((incident) => incident.service < 0) ? [...groups, group('service', UNKNOWN_LABEL, [], (incident) => incident.service < 0)] : groups;
    }
    const repositories = new Set(own.flatMap((part) => linked.services[part.service].repositories));
    const named = [...repositories]
      // A part that is taken whole may be of a service without this repository.
      .filter((repository) => own.some((part) => linked.services[part.service].repositories.includes(repository) && (part.repositories === null || part.repositories.has(repository))))
      .map((repository) => ({ repository, name: facts.repositories.nameOf(repository) ?? facts.repositories.all[repository].id }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const groups = named.map(({ repository, name }) =>
      group(
        'repository',
        name,
        own
          .filter((part) => linked.services[part.service].repositories.includes(repository))
          .map((part) => {
            const link = linked.services[part.service];
            const only = link.repositories.length === 1 && everyIsKnown(link);
            return { ...part, repositories: only ? part.repositories : new Set([repository]) };
          }),
        (incident) => incident.repository === repository
      )
    );
    const homeless = own.filter((part) => part.repositories === null && linked.services[part.service].repository.some((repository) => repository < 0));
    const isHomeless = (incident: Incident): boolean => !named.some(({ repository }) => repository === incident.repository);
    if (homeless.length > 0 || incidents().some(isHomeless)) {
      groups.push(group('repository', UNKNOWN_LABEL, homeless.map((part) => ({ ...part, repositories: new Set([-1]) })), isHomeless));
    }
    return groups;
  });
}
