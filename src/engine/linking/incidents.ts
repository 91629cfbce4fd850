import { parseDuration } from '../../shared/duration';
import type { IncidentSourceSettings } from '../../shared/settings';
import { hotfixIncidents, type Trouble, troubleOf } from './derived-incidents';
import { deploymentsNamingOpsItems, type Found, NamedDeployments, OPS_ITEM } from './incident-names';
import { type ChosenRecords, severityOf } from './incident-records';
import type { LinkContext } from './link-service';
import type { IncidentRecord, Instant } from '../model';
import { reworkOf } from './rework';
import { DELIVERY, deploymentId, latestStartedBefore, type ServiceLink } from './service';
import { COSTLY_STEP, sortInSteps, STEP } from '../steps';
import type { Team } from './team';

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

/** Marks the deployment that a failure of `deployment` counts for. */
function markFailed(link: ServiceLink, deployment: number, failed: Uint8Array): void {
  const counted = link.countsFor[deployment];
  if (counted >= 0) {
    failed[counted] = 1;
  }
}

/** METRICS, change failure rate and time to restore: all incidents of a team, each linked with its reason. */
export function* linkIncidents(team: Team, links: readonly ServiceLink[], records: ChosenRecords, context: LinkContext): Generator<void, TeamIncidents> {
  const { facts } = context;
  const { settings } = team;
  const window = parseDuration(settings.incidentWindow)!;
  const all = links.map((_, index) => index);
  const byName = new Map(links.map((link, index) => [link.name, index]));
  const incidents: Incident[] = [];
  const troubles: Trouble[] = [];
  for (const link of links) {
    troubles.push(yield* troubleOf(link, team, facts));
  }
  const failed = troubles.map((trouble) => trouble.failed.slice());

  // What pull requests may name: `owner/repo#12` in lower case, and OpsItem ids.
  const namedRecords = new Map<string, IncidentRecord>();

  const chosen = yield* records.choose(team, byName, facts);
  const named = yield* NamedDeployments.lookUp(chosen, links, context);
  if (chosen.some(({ record }) => record.origin === 'opsitems')) {
    for (const link of links) {
      link.opsItems ??= yield* deploymentsNamingOpsItems(link, context);
    }
  }

  for (let at = 0; at < chosen.length; at += 1) {
    const { record, source, names: given } = chosen[at];
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
      severity: severityOf(chosen[at]),
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
      markFailed(links[service], deployment, failed[service]);
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

  const rework: Uint8Array[] = [];
  for (const [service, link] of links.entries()) {
    const trouble = troubles[service];
    let { fixes } = trouble;
    const isFix = (row: number): void => {
      fixes = fixes === trouble.fixes ? fixes.slice() : fixes;
      fixes[row] = 1;
    };
    const derived = [...trouble.incidents, ...(yield* hotfixIncidents(link, facts, trouble, isFix, (pull) => recordNamedBy(pull, false) !== undefined))];
    for (const incident of derived) {
      incidents.push({ ...incident, service, serviceName: link.name, severity: null, repository: incident.deployment >= 0 ? link.repository[incident.deployment] : -1 });
      if (incident.deployment >= 0) {
        markFailed(link, incident.deployment, failed[service]);
      }
    }
    for (let row = 0; namedRecords.size > 0 && row < link.change.length; row += 1) {
      if ((link.rowFlags[row] & DELIVERY.hasReferences) !== 0) {
        const record = recordNamedBy(link.change[row], true);
        if (record && link.finishedAt[link.rowDeployment[row]] > record.openedAt) {
          isFix(row);
        }
      }
      if (row % STEP === STEP - 1) {
        yield;
      }
    }
    rework.push(fixes === trouble.fixes ? trouble.rework : yield* reworkOf(link, fixes));
    yield;
  }
  const openedAt = Float64Array.from(incidents, (incident) => incident.openedAt);
  const order = Int32Array.from(incidents, (_, index) => index);
  yield* sortInSteps(order, (a, b) => openedAt[a] - openedAt[b] || (incidents[a].id < incidents[b].id ? -1 : incidents[a].id > incidents[b].id ? 1 : incidents[a].service - incidents[b].service));
  const revertedBeforeRelease = troubles.flatMap((trouble, service) => trouble.revertedBeforeRelease.map(({ revert, target }) => ({ service, revert, target })));
  return { incidents: Array.from(order, (index) => incidents[index]), failed, rework, revertedBeforeRelease };
}
