import { parseDuration } from '../shared/duration';
import { matchesGlobs } from '../shared/glob';
import type { IncidentSourceSettings } from '../shared/settings';
import { hasLabel } from './changes';
import type { Facts } from './facts/facts';
import type { IncidentRecord, Instant } from './model';
import { DELIVERY, deploymentId, firstContaining, latestStartedBefore, type LinkContext, ROLLBACK, rowOfChange, STANDARD, type ServiceLink, DEPLOYMENT } from './service';
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

type Found = { service: number; deployment: number };

const OPS_ITEM = /oi-[0-9a-f]{12}/i;

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

/** Finds deployments by the names that texts and tools give. */
class Names {
  constructor(
    private readonly links: readonly ServiceLink[],
    private readonly context: LinkContext
  ) {}

  /** First deployment found among the given services by a change that it delivered. */
  byChange(change: number, services: readonly number[]): Found | null {
    for (const service of services) {
      const row = rowOfChange(this.links[service], change);
      if (row >= 0) {
        return { service, deployment: this.links[service].rowDeployment[row] };
      }
    }
    return null;
  }

  byPullNumber(text: string, ownRepository: number, services: readonly number[]): Found | null {
    const { facts } = this.context;
    const named = /^(.+\/.+)?#(\d+)$/.exec(text);
    if (!named) {
      return null;
    }
    const repository = named[1] === undefined ? ownRepository : facts.repositories.named(named[1]);
    const pull = repository < 0 ? -1 : facts.pulls.numbered(repository, Number(named[2]));
    return pull < 0 ? null : this.byChange(pull, services);
  }

  /** By a SHA or its first seven or more digits: the deployment of it, else the one that first contained it. */
  bySha(text: string, openedAt: Instant, services: readonly number[]): Found | null {
    const { facts } = this.context;
    const prefix = /^[0-9a-f]{7,39}$/i.test(text);
    const nodes = prefix ? facts.shas.withPrefix(text) : [facts.shas.find(text)].filter((node) => node >= 0);
    for (const service of services) {
      const link = this.links[service];
      for (const node of nodes) {
        let exact = -1;
        for (let index = 0; index < link.count; index += 1) {
          if (link.node[index] === node && link.succeeded[index] === 1 && (exact < 0 || link.startedAt[index] < openedAt)) {
            exact = index;
          }
        }
        if (exact >= 0) {
          return { service, deployment: exact };
        }
      }
    }
    for (const node of nodes) {
      for (let pull = facts.commits.pullAt.values[node]; pull >= 0; pull = facts.pulls.nextAtNode.values[pull]) {
        const found = this.byChange(pull, services);
        if (found) {
          return found;
        }
      }
      for (const service of services) {
        const deployment = facts.commits.known.values[node] === 1 ? firstContaining(this.links[service], node, this.context) : -1;
        if (deployment >= 0) {
          return { service, deployment };
        }
      }
      // A squashed branch's own commits are in no graph; their pull request is.
      for (const service of services) {
        for (const repository of this.links[service].repositories) {
          const owner = this.context.changes.ownerOfCommit(repository, node);
          const found = owner < 0 ? null : this.byChange(owner, [service]);
          if (found) {
            return found;
          }
        }
      }
    }
    return null;
  }

  byDeploymentId(id: string, services: readonly number[]): Found | null {
    const { facts } = this.context;
    const found: Found[] = [];
    const records = new Set(facts.records.named(id));
    for (const service of records.size > 0 ? services : []) {
      const link = this.links[service];
      let own = -1;
      for (let index = 0; index < link.count; index += 1) {
        if (records.has(link.record[index]) || link.aliases.get(index)?.some((alias) => records.has(alias))) {
          // Among attempts of one execution, the one that bears its id.
          own = own < 0 || !link.oddIds.has(index) ? index : own;
        }
      }
      if (own >= 0) {
        found.push({ service, deployment: own });
      }
    }
    // A short form that means several deployments means none; one deployment may be of several services.
    if (found.length > 0) {
      const [first] = found;
      const record = ({ service, deployment }: Found): number => this.links[service].record[deployment];
      return found.every((other) => record(other) === record(first)) ? first : null;
    }
    // Attempts of a stage and merged pull requests have ids that no tool gave.
    for (const service of services) {
      for (const [index, odd] of this.links[service].oddIds) {
        if (odd === id) {
          return { service, deployment: index };
        }
      }
    }
    const pull = id.startsWith('merged-pull-requests:') ? facts.pulls.withId(id.slice('merged-pull-requests:'.length)) : -1;
    return pull < 0 ? null : this.byChange(pull, services);
  }

  byPipeline(pipelines: readonly string[], openedAt: Instant, services: readonly number[]): Found | null {
    const { facts } = this.context;
    let best: Found | null = null;
    for (const service of services) {
      const link = this.links[service];
      for (let index = 0; index < link.count; index += 1) {
        const record = link.record[index];
        const pipeline = record < 0 ? null : facts.records.groups[facts.records.group.values[record]].pipeline;
        if (pipeline !== null && pipelines.includes(pipeline) && link.succeeded[index] === 1 && link.startedAt[index] < openedAt) {
          if (best === null || link.startedAt[index] >= this.links[best.service].startedAt[best.deployment]) {
            best = { service, deployment: index };
          }
        }
      }
    }
    return best;
  }
}

/** A name that an incident gives (rule 1), and what it means. */
interface Name {
  text: string;
  find: (services: readonly number[]) => Found | null;
}

function namesOf(record: IncidentRecord, names: Names, facts: Facts): Name[] {
  const found: Name[] = [];
  const ownRepository = record.repository === null ? -1 : facts.repositories.withId(record.repository);
  const anything = (text: string) => (services: readonly number[]): Found | null =>
    names.byDeploymentId(text, services) ?? names.byPullNumber(text, ownRepository, services) ?? names.bySha(text, record.openedAt, services);
  const operational = record.operationalData['dora/deployment'];
  // An OpsItem's deployment id is its operational data, which comes after a root cause.
  if (record.deploymentId !== null && record.deploymentId !== operational) {
    found.push({ text: `deployment ${record.deploymentId}`, find: anything(record.deploymentId) });
  }
  for (const { relation, target } of record.references) {
    if (relation === 'root-cause') {
      found.push({ text: `root cause ${target}`, find: anything(target) });
    }
  }
  if (operational !== undefined) {
    found.push({ text: `dora/deployment ${operational}`, find: anything(operational) });
  }
  if (record.pipelines.length > 0) {
    found.push({ text: `pipeline ${record.pipelines.join(', ')}`, find: (services) => names.byPipeline(record.pipelines, record.openedAt, services) });
  }
  return found;
}

const hour = (ms: number): string => `${Math.round(ms / 3_600_000)} h`;

function deploymentsNamingOpsItems(link: ServiceLink, context: LinkContext): Map<string, number[]> {
  const { facts } = context;
  const found = new Map<string, number[]>();
  const add = (text: string, deployment: number): void => {
    const id = text.toLowerCase();
    found.set(id, [...(found.get(id) ?? []), deployment]);
  };
  for (let index = 0; index < link.count; index += 1) {
    const record = link.record[index];
    if (record < 0) {
      continue;
    }
    const ref = OPS_ITEM.exec(facts.names.textOrNull(facts.records.ref.values[record]) ?? '');
    if (ref) {
      add(ref[0], index);
    }
    for (const { target } of facts.records.references.get(record) ?? []) {
      if (OPS_ITEM.test(target)) {
        add(target, index);
      }
    }
  }
  for (let row = 0; row < link.change.length; row += 1) {
    if ((link.rowFlags[row] & DELIVERY.hasReferences) !== 0) {
      for (const { target } of facts.pulls.referencesOf(link.change[row])) {
        if (OPS_ITEM.test(target)) {
          add(target, link.rowDeployment[row]);
        }
      }
    }
  }
  for (const [id, nodes] of facts.commits.opsItems) {
    for (const node of nodes) {
      const pull = link.repositories.map((repository) => context.changes.ownerOfCommit(repository, node)).find((owner) => owner >= 0) ?? -1;
      const row = pull >= 0 ? rowOfChange(link, pull) : rowOfChange(link, ~node);
      const deployment = row >= 0 ? link.rowDeployment[row] : firstContaining(link, node, context);
      if (deployment >= 0) {
        add(id, deployment);
      }
    }
  }
  return found;
}

/** First succeeded deployment after an instant that names an OpsItem itself or by what it delivers. */
function fixDeployment(id: string, after: Instant, services: readonly number[], links: readonly ServiceLink[], context: LinkContext): Found | null {
  let best: Found | null = null;
  for (const service of services) {
    const link = links[service];
    link.opsItems ??= deploymentsNamingOpsItems(link, context);
    for (const deployment of link.opsItems.get(id) ?? []) {
      const finished = link.finishedAt[deployment];
      if (link.succeeded[deployment] === 1 && finished > after && (best === null || finished < links[best.service].finishedAt[best.deployment])) {
        best = { service, deployment };
      }
    }
  }
  return best;
}

/** METRICS, change failure rate and time to restore: all incidents of a team, each linked with its reason. */
export function linkIncidents(team: Team, links: readonly ServiceLink[], context: LinkContext): TeamIncidents {
  const { facts } = context;
  const { settings } = team;
  const window = parseDuration(settings.incidentWindow)!;
  const all = links.map((_, index) => index);
  const byName = new Map(links.map((link, index) => [link.name, index]));
  const names = new Names(links, context);
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

  for (const record of recordsOf(team, facts, byName)) {
    const source = settings.incidents.find((candidate) => selects(candidate, record, team, facts, byName));
    if (source === undefined) {
      continue;
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
    const given = namesOf(record, names, facts);
    if (given.length > 0) {
      linkReason = `unlinked: names ${given.map(({ text }) => text).join(', ')}, which is no deployment of ${record.service ?? 'the team'}`;
      for (const name of given) {
        const found = name.find(searched);
        if (found) {
          service = found.service;
          serviceName = links[service].name;
          deployment = found.deployment;
          linkReason = `names ${name.text}`;
          break;
        }
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
          const fix = fixDeployment(id, record.openedAt, service >= 0 ? [service] : all, links, context);
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
    const ofIncident = team.uses.reverts ? linkReverts(link, service, facts, derived, fixes[service], revertedBeforeRelease) : new Set<number>();
    if (team.uses.failedDeployments) {
      linkFailures(link, facts, derived, (deployment) => fail(service, deployment), failed[service]);
    }
    linkHotfixes(link, facts, derived, fixes[service], ofIncident, (pull) => recordNamedBy(pull, false) !== undefined);
    if (namedRecords.size > 0) {
      for (let row = 0; row < link.change.length; row += 1) {
        if ((link.rowFlags[row] & DELIVERY.hasReferences) !== 0) {
          const record = recordNamedBy(link.change[row], true);
          if (record && link.finishedAt[link.rowDeployment[row]] > record.openedAt) {
            fixes[service][row] = 1;
          }
        }
      }
    }
  }
  incidents.sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.service - b.service));
  return { incidents, failed, rework: links.map((link, service) => reworkOf(link, fixes[service])), revertedBeforeRelease };
}

type Derive = (incident: Omit<Incident, 'service' | 'serviceName' | 'severity' | 'repository'>) => void;

function changeName(change: number, facts: Facts): string {
  return change < 0 ? facts.shas.sha(~change).slice(0, 10) : `#${facts.pulls.number.values[change]}`;
}

function changeTitle(change: number, facts: Facts): string {
  return change < 0 ? (facts.texts.getOrNull(facts.commits.headline.values[~change]) ?? '') : facts.texts.get(facts.pulls.title.values[change]);
}

/** Incidents of reverts; answers the changes that are part of one. */
function linkReverts(link: ServiceLink, service: number, facts: Facts, derived: Derive, fixes: Uint8Array, beforeRelease: TeamIncidents['revertedBeforeRelease']): Set<number> {
  const parts = new Set<number>();
  const byTarget = new Map<number, Array<{ revert: number; row: number }>>();
  for (const { revert, target, takesBack } of link.reverts) {
    if (takesBack) {
      byTarget.set(target, [...(byTarget.get(target) ?? []), { revert, row: rowOfChange(link, revert) }]);
    }
  }
  for (const [target, reverts] of byTarget) {
    const targetRow = rowOfChange(link, target);
    // Reverts are in order of merge, which decides between two of one deployment.
    const delivered = reverts.filter(({ row }) => row >= 0).sort((a, b) => link.rowDeployment[a.row] - link.rowDeployment[b.row]);
    const deployment = targetRow < 0 ? -1 : link.rowDeployment[targetRow];
    if (deployment < 0 || (delivered.length > 0 && link.rowDeployment[delivered[0].row] <= deployment)) {
      // Where neither side was delivered there is nothing to tell yet, or it is another service's.
      if (deployment >= 0 || delivered.length > 0) {
        beforeRelease.push({ service, revert: reverts[0].revert, target });
      }
      continue;
    }
    parts.add(target);
    for (const { revert, row } of reverts) {
      parts.add(revert);
      if (row >= 0) {
        fixes[row] = 1;
      }
    }
    const restoring = delivered[0];
    derived({
      id: `reverts:${target < 0 ? facts.shas.sha(~target) : facts.pulls.idOf(target)}`,
      source: 'reverts',
      title: `Revert of ${changeName(target, facts)}: ${changeTitle(target, facts)}`,
      url: reverts[0].revert < 0 ? null : facts.pulls.urlOf((restoring ?? reverts[0]).revert),
      openedAt: link.finishedAt[deployment],
      resolvedAt: restoring ? link.finishedAt[link.rowDeployment[restoring.row]] : null,
      resolvedBy: restoring ? `revert ${changeName(restoring.revert, facts)}` : null,
      deployment,
      linkReason: `delivered the reverted change ${changeName(target, facts)}`,
    });
  }
  return parts;
}

/** Incidents of failed attempts and rollbacks; failures in a row, and a rollback after them, are one. */
function linkFailures(link: ServiceLink, facts: Facts, derived: Derive, fail: (deployment: number) => void, failed: Uint8Array): void {
  let run: number[] = [];
  const urlOf = (deployment: number): string | null => (link.record[deployment] < 0 ? null : facts.texts.getOrNull(facts.records.url.values[link.record[deployment]]));
  const add = (replaced: number, end: number): void => {
    const first = replaced >= 0 ? replaced : run[0];
    const shown = run.length > 0 ? run[0] : end;
    const id = deploymentId(link, shown, facts);
    derived({
      id: `failed-deployments:${id}`,
      source: 'failed-deployments',
      title: run.length > 0 ? `Failed deployment ${id}${run.length > 1 ? ` and ${run.length - 1} more` : ''}` : `Rollback ${id}`,
      url: urlOf(shown),
      openedAt: link.finishedAt[first],
      resolvedAt: end < 0 ? null : link.finishedAt[end],
      resolvedBy: end < 0 ? null : `${link.kind[end] === ROLLBACK ? 'rollback' : 'deployment'} ${deploymentId(link, end, facts)}`,
      deployment: first,
      linkReason: replaced >= 0 ? 'replaced by a rollback' : 'failed itself',
    });
    run = [];
  };
  for (let index = 0; index < link.count; index += 1) {
    if (link.succeeded[index] === 0) {
      run.push(index);
      if (link.kind[index] === STANDARD) {
        failed[index] = 1;
      }
      continue;
    }
    const replaced = link.kind[index] === ROLLBACK ? link.before[index] : -1;
    if (replaced >= 0) {
      fail(replaced);
      add(replaced, index);
    } else if (run.length > 0) {
      add(-1, index);
    }
  }
  if (run.length > 0) {
    add(-1, -1);
  }
}

/** Incidents of hotfixes that are not known by another name already. */
function linkHotfixes(link: ServiceLink, facts: Facts, derived: Derive, fixes: Uint8Array, ofIncident: ReadonlySet<number>, namesRecord: (pull: number) => boolean): void {
  const isHotfix = new Set(link.hotfixes.map(({ row }) => link.change[row]));
  for (const { row } of link.hotfixes) {
    if ((link.rowFlags[row] & DELIVERY.carrier) !== 0) {
      continue;
    }
    fixes[row] = 1;
    const pull = link.change[row];
    const deployment = link.rowDeployment[row];
    let cause = link.before[deployment];
    let reason = 'deployment before the hotfix';
    if ((link.flags[deployment] & DEPLOYMENT.baseline) !== 0 || ofIncident.has(pull) || namesRecord(pull)) {
      continue;
    }
    const repository = facts.pulls.repository.values[pull];
    let known = false;
    let named = false;
    for (const { target } of facts.pulls.referencesOf(pull)) {
      const number = /^(.+\/.+)?#(\d+)$/.exec(target);
      if (!number || named) {
        continue;
      }
      const other = facts.pulls.numbered(number[1] === undefined ? repository : facts.repositories.named(number[1]), Number(number[2]));
      if (other < 0 || other === pull) {
        continue;
      }
      const otherRow = rowOfChange(link, other);
      if (ofIncident.has(other) || (isHotfix.has(other) && otherRow >= 0 && link.rowDeployment[otherRow] <= deployment)) {
        known = true;
      } else if (otherRow >= 0 && link.rowDeployment[otherRow] < deployment) {
        named = true;
        cause = link.rowDeployment[otherRow];
        reason = `delivered ${changeName(other, facts)}, which the hotfix names`;
      }
    }
    if (known || cause < 0) {
      continue;
    }
    derived({
      id: `hotfixes:${facts.pulls.idOf(pull)}`,
      source: 'hotfixes',
      title: changeTitle(pull, facts),
      url: facts.pulls.urlOf(pull),
      openedAt: link.finishedAt[cause],
      resolvedAt: link.finishedAt[deployment],
      resolvedBy: `hotfix ${changeName(pull, facts)}`,
      deployment: cause,
      linkReason: reason,
    });
  }
}

/** METRICS, rework rate: deployments that deliver something, and only fixes. */
function reworkOf(link: ServiceLink, fixes: Uint8Array): Uint8Array {
  const rework = new Uint8Array(link.count);
  for (let index = 0; index < link.count; index += 1) {
    if (link.kind[index] !== STANDARD || link.succeeded[index] === 0 || (link.flags[index] & DEPLOYMENT.baseline) !== 0) {
      continue;
    }
    let fixing = 0;
    let other = 0;
    for (let row = link.rowStart[index]; row < link.rowStart[index + 1]; row += 1) {
      if ((link.rowFlags[row] & DELIVERY.carrier) === 0) {
        if (fixes[row] === 1) {
          fixing += 1;
        } else {
          other += 1;
        }
      }
    }
    rework[index] = fixing > 0 && other === 0 ? 1 : 0;
  }
  return rework;
}
