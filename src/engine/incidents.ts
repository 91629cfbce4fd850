import { parseDuration } from '../shared/duration';
import { matchesGlobs } from '../shared/glob';
import type { IncidentSourceSettings } from '../shared/settings';
import { hasLabel } from './changes';
import { linkFailures, linkHotfixes, linkReverts } from './derived-incidents';
import type { Facts } from './facts/facts';
import { deploymentsNamingOpsItems, type Found, NamedDeployments, namesOf, OPS_ITEM } from './incident-names';
import type { LinkContext } from './link-service';
import type { IncidentRecord, Instant } from './model';
import { reworkOf } from './rework';
import { DELIVERY, deploymentId, latestStartedBefore, type ServiceLink } from './service';
import { COSTLY_STEP, sortInSteps, STEP } from './steps';
import { looksAtRepository, type Team } from './team';

/** Where an incident of a team comes from. */
export type IncidentSource = IncidentSourceSettings['from'];

/** A production trouble of a team, linked. */
export interface Incident {
  /** The same for every team and service that sees the same trouble. */
  id: string;
  source: IncidentSource;
  title: string;
  url: string | null;
  severity: string | null;
  /** Index in the team's services; −1 when none can be told. */
  service: number;
  /** As it is shown: the service's name, or what the incident named. */
  serviceName: string | null;
  repository: number;
  openedAt: Instant;
  /** Null while open. */
  resolvedAt: Instant | null;
  resolvedBy: string | null;
  /** Linked deployment of `service`; −1 when unlinked. */
  deployment: number;
  /** The rule that linked it, or why it is not linked. */
  linkReason: string;
}

/** Time to restore of one incident in ms, never negative; null while it is open. */
export function restoreTime({ openedAt, resolvedAt }: Incident): number | null {
  return resolvedAt === null ? null : Math.max(0, resolvedAt - openedAt);
}

/** A team's incidents and what they say of its deployments. */
export interface TeamIncidents {
  /** By opening. */
  incidents: Incident[];
  /** For each service, 1 for each deployment that failed. */
  failed: Uint8Array[];
  /** For each service, 1 for each deployment that delivered only fixes. */
  rework: Uint8Array[];
  /** Reverts whose change never reached production as a fault. */
  revertedBeforeRelease: Array<{ service: number; revert: number; target: number }>;
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

function severityOf(source: IncidentSourceSettings, record: IncidentRecord): string | null {
  if (record.severity === null && source.from === 'github-issues' && source.severityLabel !== undefined) {
    const { severityLabel } = source;
    return record.labels.find((label) => hasLabel([label], [severityLabel])) ?? null;
  }
  return record.severity;
}

/** First succeeded deployment after an instant that names an OpsItem itself or by what it delivers. */
function fixDeployment(id: string, after: Instant, services: readonly number[], links: readonly ServiceLink[]): Found | null {
  let best: Found | null = null;
  for (const service of services) {
    const link = links[service];
    for (const deployment of link.opsItems?.get(id) ?? []) {
      const finished = link.finishedAt[deployment];
      if (link.succeeded[deployment] === 1 && finished > after && (best === null || finished < links[best.service].finishedAt[best.deployment])) {
        best = { service, deployment };
      }
    }
  }
  return best;
}

const hour = (ms: number): string => `${Math.round(ms / 3_600_000)} h`;

/** METRICS, change failure rate and time to restore: all incidents of a team, each linked with its reason. */
export function* linkIncidents(team: Team, links: readonly ServiceLink[], context: LinkContext): Generator<void, TeamIncidents> {
  const { facts } = context;
  const { settings } = team;
  const window = parseDuration(settings.incidentWindow)!;
  const all = links.map((_, index) => index);
  const byName = new Map(links.map((link, index) => [link.name, index]));
  const incidents: Incident[] = [];
  const failed = links.map((link) => new Uint8Array(link.count));
  const fixes = links.map((link) => new Uint8Array(link.change.length));
  const revertedBeforeRelease: TeamIncidents['revertedBeforeRelease'] = [];

  const fail = (service: number, deployment: number): void => {
    const counted = links[service].countsFor[deployment];
    if (counted >= 0) {
      failed[service][counted] = 1;
    }
  };

  // What pull requests may name: `owner/repo#12` in lower case, and OpsItem ids.
  const namedRecords = new Map<string, IncidentRecord>();

  const chosen: Array<{ record: IncidentRecord; source: IncidentSourceSettings }> = [];
  let looked = 0;
  for (const record of recordsOf(team, facts, byName)) {
    const source = settings.incidents.find((candidate) => selects(candidate, record, team, facts, byName));
    if (source !== undefined) {
      chosen.push({ record, source });
    }
    looked += 1;
    if (looked % COSTLY_STEP === 0) {
      yield;
    }
  }
  const named = yield* NamedDeployments.lookUp(chosen.map(({ record }) => record), links, context);
  if (chosen.some(({ record }) => record.origin === 'opsitems')) {
    for (const link of links) {
      link.opsItems ??= yield* deploymentsNamingOpsItems(link, context);
    }
  }

  for (let at = 0; at < chosen.length; at += 1) {
    const { record, source } = chosen[at];
    if (at % COSTLY_STEP === COSTLY_STEP - 1) {
      yield;
    }
    const repository = record.repository === null ? -1 : facts.repositories.withId(record.repository);
    const ofRepository = record.origin === 'github-issues' && team.repositories.has(repository) ? all.filter((index) => links[index].repositories.includes(repository)) : [];
    const defaultName = source.service ?? null;
    let service: number;
    let serviceName: string | null;
    if (record.service !== null) {
      serviceName = record.service;
      service = byName.get(record.service) ?? -1;
    } else if (ofRepository.length === 1) {
      service = ofRepository[0];
      serviceName = links[service].name;
    } else if (defaultName !== null) {
      serviceName = defaultName;
      service = byName.get(defaultName) ?? -1;
    } else {
      service = links.length === 1 ? 0 : -1;
      serviceName = service < 0 ? null : links[service].name;
    }
    // An incident that names its service itself is never another one's.
    const searched = record.service === null ? (service >= 0 ? [service, ...all.filter((index) => index !== service)] : all) : service >= 0 ? [service] : [];

    let deployment = -1;
    let linkReason: string;
    const given = namesOf(record);
    if (given.texts.length > 0 || given.pipelines.length > 0) {
      const pipelines = `pipeline ${given.pipelines.join(', ')}`;
      const labels = [...given.texts.map(({ label }) => label), ...(given.pipelines.length > 0 ? [pipelines] : [])];
      linkReason = `unlinked: names ${labels.join(', ')}, which is no deployment of ${record.service ?? 'the team'}`;
      let found: Found | null = null;
      for (const { text, label } of given.texts) {
        found ??= named.byText(text, repository, record.openedAt, searched);
        if (found) {
          linkReason = `names ${label}`;
          break;
        }
      }
      if (!found) {
        found = named.byPipelines(given.pipelines, record.openedAt, searched);
        linkReason = found ? `names ${pipelines}` : linkReason;
      }
      if (found) {
        ({ service, deployment } = found);
        serviceName = links[service].name;
      }
    } else if (service < 0) {
      linkReason = serviceName === null ? 'unlinked: no service can be told' : `unlinked: ${serviceName} is no service of the team`;
    } else {
      deployment = latestStartedBefore(links[service], record.openedAt);
      if (deployment < 0) {
        linkReason = 'unlinked: no deployment of the service started before';
      } else {
        const age = Math.max(0, record.openedAt - links[service].finishedAt[deployment]);
        if (age > window) {
          deployment = -1;
          linkReason = `unlinked: the latest deployment was ${hour(age)} before, the window is ${settings.incidentWindow}`;
        } else {
          linkReason = age === 0 && record.openedAt < links[service].finishedAt[deployment] ? 'opened during this rollout' : `latest deployment, ${hour(age)} before`;
        }
      }
    }
    let { resolvedAt } = record;
    let resolvedBy: string | null = record.resolvedBy;
    if (record.origin === 'opsitems') {
      const id = OPS_ITEM.exec(record.id)?.[0].toLowerCase();
      if (id !== undefined) {
        namedRecords.set(id, record);
        if (record.resolvedBy !== 'operational-data') {
          const fix = fixDeployment(id, record.openedAt, service >= 0 ? [service] : all, links);
          if (fix) {
            resolvedAt = links[fix.service].finishedAt[fix.deployment];
            resolvedBy = `fix deployment ${deploymentId(links[fix.service], fix.deployment, facts)}`;
          }
        }
      }
    } else if (record.origin === 'github-issues' && record.number !== null) {
      namedRecords.set(`${repository}#${record.number}`, record);
    }
    incidents.push({
      id: record.id,
      source: record.origin,
      title: record.title,
      url: record.url,
      severity: severityOf(source, record),
      service,
      serviceName,
      repository: team.repositories.has(repository) ? repository : deployment >= 0 ? links[service].repository[deployment] : service >= 0 && links[service].repositories.length === 1 ? links[service].repositories[0] : -1,
      openedAt: record.openedAt,
      resolvedAt,
      resolvedBy: resolvedAt === null ? null : resolvedBy,
      deployment,
      linkReason,
    });
    if (deployment >= 0) {
      fail(service, deployment);
    }
  }

  const recordNamedBy = (pull: number, closing: boolean): IncidentRecord | undefined => {
    if (namedRecords.size === 0) {
      return undefined;
    }
    const own = facts.pulls.repository.values[pull];
    for (const { relation, target } of facts.pulls.referencesOf(pull)) {
      const number = /^(.+\/.+)?#(\d+)$/.exec(target);
      if (number) {
        const repository = number[1] === undefined ? own : facts.repositories.named(number[1]);
        const record = relation === 'fixes' || !closing ? namedRecords.get(`${repository}#${number[2]}`) : undefined;
        if (record) {
          return record;
        }
      } else if (OPS_ITEM.test(target)) {
        const record = namedRecords.get(target.toLowerCase());
        if (record) {
          return record;
        }
      }
    }
    return undefined;
  };

  for (const [service, link] of links.entries()) {
    const derived = (incident: Omit<Incident, 'service' | 'serviceName' | 'severity' | 'repository'>): void => {
      const repository = incident.deployment >= 0 ? link.repository[incident.deployment] : -1;
      incidents.push({ ...incident, service, serviceName: link.name, severity: null, repository });
      if (incident.deployment >= 0) {
        fail(service, incident.deployment);
      }
    };
    const ofIncident = team.uses.reverts ? yield* linkReverts(link, service, facts, derived, fixes[service], revertedBeforeRelease) : new Map<number, boolean>();
    if (team.uses.failedDeployments) {
      yield* linkFailures(link, facts, derived, (deployment) => fail(service, deployment), failed[service]);
    }
    yield* linkHotfixes(link, facts, derived, fixes[service], ofIncident, (pull) => recordNamedBy(pull, false) !== undefined);
    if (namedRecords.size > 0) {
      for (let row = 0; row < link.change.length; row += 1) {
        if ((link.rowFlags[row] & DELIVERY.hasReferences) !== 0) {
          const record = recordNamedBy(link.change[row], true);
          if (record && link.finishedAt[link.rowDeployment[row]] > record.openedAt) {
            fixes[service][row] = 1;
          }
        }
        if (row % STEP === STEP - 1) {
          yield;
        }
      }
    }
    yield;
  }
  const order = Int32Array.from({ length: incidents.length }, (_, index) => index);
  yield* sortInSteps(order, (a, b) => {
    const [one, other] = [incidents[a], incidents[b]];
    return one.openedAt - other.openedAt || (one.id < other.id ? -1 : one.id > other.id ? 1 : one.service - other.service);
  });
  const rework: Uint8Array[] = [];
  for (const [service, link] of links.entries()) {
    rework.push(yield* reworkOf(link, fixes[service]));
  }
  return { incidents: Array.from(order, (index) => incidents[index]), failed, rework, revertedBeforeRelease };
}
