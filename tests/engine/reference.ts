import type { Settings, TeamSettings } from '../../src/shared/settings';
import type { DeploymentRecord, FactBatch, IncidentRecord, Instant, PullRequest } from '../../src/engine/model';

/**
 * The definitions once more, as slowly and plainly as can be: sets of ancestors, nested loops, no index. It knows what
 * random organisations of `organisation.ts` hold (no `services`, no CodePipeline) and shares no code with the engine.
 */
export interface ReferenceDeployment {
  id: string;
  service: string;
  kind: 'standard' | 'rollback' | 'retry';
  succeeded: boolean;
  startedAt: Instant;
  finishedAt: Instant;
  sha: string | null;
  repository: string | null;
  ref: string | null;
  /** Own pull request, with merged pull requests as deployments. */
  own: PullRequest | null;
  excluded: boolean;
  baseline: boolean;
  delivered: PullRequest[];
  failed: boolean;
  rework: boolean;
}

export interface ReferenceIncident {
  id: string;
  service: string | null;
  openedAt: Instant;
  resolvedAt: Instant | null;
  deployment: ReferenceDeployment | null;
}

export interface ReferenceTeam {
  deployments: ReferenceDeployment[];
  incidents: ReferenceIncident[];
  /** Pull requests that only carry others. */
  carriers: Set<string>;
  excluded: Set<string>;
  beforeRelease: number;
  /** How many services are known. */
  services: number;
}

const DAY = 86_400_000;

export function firstCommitAt(pull: PullRequest): Instant {
  const dates = pull.commits.map(({ authoredAt }) => authoredAt).filter((date) => date <= pull.mergedAt && date >= Date.UTC(2005, 3, 7));
  return Math.min(pull.createdAt, ...dates);
}

export function leadTimeOf(pull: PullRequest, deployment: ReferenceDeployment): number {
  return Math.max(0, deployment.finishedAt - firstCommitAt(pull));
}

export function referenceTeam(team: TeamSettings, batch: FactBatch): ReferenceTeam {
  const repositories = (batch.repositories ?? []).filter(({ name }) => team.repositories.includes(name));
  const pulls = (batch.pullRequests ?? []).filter(({ repository }) => repositories.some(({ id }) => id === repository)).sort((a, b) => a.mergedAt - b.mergedAt || a.number - b.number);
  const commits = new Map((batch.commits ?? []).map((commit) => [commit.sha, commit]));

  const ancestors = (sha: string): Set<string> => {
    const seen = new Set<string>();
    const visit = (one: string): void => {
      if (!seen.has(one) && commits.has(one)) {
        seen.add(one);
        commits.get(one)!.parents.forEach(visit);
      }
    };
    visit(sha);
    return seen;
  };
  const isProperAncestor = (a: string, b: string): boolean => a !== b && commits.has(a) && ancestors(b).has(a);

  const excluded = new Set(
    pulls
      .filter(({ author, labels }) => (author !== null && author.login.endsWith('[bot]')) || labels.some((label) => (team.exclude.labels ?? []).includes(label)))
      .map(({ id }) => id)
  );

  // A commit belongs to the pull requests that list it or that it merged.
  const carriers = new Set<string>();
  pulls.forEach((pull, index) => {
    const own = pull.commits.filter(({ isMerge }) => !isMerge).map(({ sha }) => sha);
    const earlier = pulls.slice(0, index).filter(({ repository }) => repository === pull.repository);
    const isOwned = (sha: string): boolean => earlier.some((other) => other.mergeSha === sha || other.commits.some((commit) => !commit.isMerge && commit.sha === sha));
    if (pull.commits.length > 0 && own.every(isOwned)) {
      carriers.add(pull.id);
    }
  });

  // Attempts of each service.
  const services = new Map<string, ReferenceDeployment[]>();
  const add = (service: string, record: Pick<DeploymentRecord, 'id' | 'startedAt' | 'finishedAt' | 'ref'> & { succeeded: boolean; sha: string | null; repository: string | null; own: PullRequest | null; rollback: boolean }): void => {
    const list = services.get(service) ?? [];
    list.push({ ...record, service, kind: record.rollback ? 'rollback' : 'standard', excluded: record.own !== null && excluded.has(record.own.id), baseline: false, delivered: [], failed: false, rework: false });
    services.set(service, list);
  };
  const sources = team.deployments.map(({ from }) => from);
  for (const { id, name, defaultBranch } of repositories) {
    services.set(name, services.get(name) ?? []);
    if (sources.includes('merged-pull-requests')) {
      for (const pull of pulls) {
        if (pull.repository === id && pull.baseBranch === defaultBranch) {
          add(name, { id: `merged-pull-requests:${pull.id}`, startedAt: pull.mergedAt, finishedAt: pull.mergedAt, succeeded: true, sha: pull.mergeSha, repository: id, own: pull, rollback: false, ref: null });
        }
      }
    }
  }
  for (const record of batch.deployments ?? []) {
    const repository = record.revisions[0]?.repository ?? null;
    const home = repositories.find(({ id }) => id === repository);
    if (sources.some((source) => source === record.origin) && (home || repository === null)) {
      const service = record.origin === 'events' ? (record.service ?? home?.name) : home?.name;
      if (service !== undefined) {
        add(service, { id: record.id, startedAt: record.startedAt, finishedAt: record.finishedAt, succeeded: record.outcome === 'succeeded', sha: record.revisions[0]?.sha ?? null, repository, own: null, rollback: record.declared === 'rollback', ref: record.ref });
      }
    }
  }
  const merged = new Map<string, ReferenceDeployment>();
  const inOrder = (a: ReferenceDeployment, b: ReferenceDeployment): number => a.finishedAt - b.finishedAt || a.startedAt - b.startedAt || (a.id < b.id ? -1 : 1);
  const originOf = ({ id }: ReferenceDeployment): string => id.split(':')[0];
  for (const [name, list] of [...services]) {
    list.sort(inOrder);
    // What two sources tell of one deployment.
    const kept: Array<{ deployment: ReferenceDeployment; origins: string[] }> = [];
    for (const deployment of list) {
      const same = kept.find(
        (other) =>
          deployment.sha !== null &&
          other.deployment.sha === deployment.sha &&
          other.deployment.succeeded === deployment.succeeded &&
          !other.origins.includes(originOf(deployment)) &&
          deployment.startedAt - other.deployment.finishedAt <= 15 * 60_000
      );
      if (same) {
        same.origins.push(originOf(deployment));
        same.deployment.startedAt = Math.min(same.deployment.startedAt, deployment.startedAt);
        same.deployment.finishedAt = Math.max(same.deployment.finishedAt, deployment.finishedAt);
        if (deployment.kind === 'rollback') {
          same.deployment.kind = 'rollback';
        }
        merged.set(deployment.id, same.deployment);
      } else {
        kept.push({ deployment, origins: [originOf(deployment)] });
      }
    }
    list.splice(0, list.length, ...kept.map(({ deployment }) => deployment));
    list.sort(inOrder);
    // A service of its own repository without a deployment is still one where deployments come from repositories.
    if (list.length === 0 && sources.includes('events')) {
      services.delete(name);
    }
  }

  // Kinds and deliveries.
  for (const list of services.values()) {
    const repositoriesOfService = new Set(list.flatMap(({ repository }) => (repository === null ? [] : [repository])));
    const homeId = repositories.find(({ name }) => name === list[0]?.service)?.id;
    if (homeId !== undefined) {
      repositoriesOfService.add(homeId);
    }
    const delivered = new Set<string>();
    const contained = new Set<string>();
    let previous: ReferenceDeployment | null = null;
    const production: ReferenceDeployment[] = [];
    let hasBaseline = false;
    for (const deployment of list) {
      const { sha } = deployment;
      if (deployment.own === null && sha !== null && previous !== null && previous.sha === sha) {
        deployment.kind = 'retry';
      } else if (deployment.own === null && deployment.kind !== 'rollback' && sha !== null && previous !== null && previous.sha !== null) {
        const known = commits.has(sha) && commits.has(previous.sha);
        const earlier = production.findIndex((other) => other.sha === sha);
        const descends = known ? isProperAncestor(previous.sha, sha) : earlier > production.findIndex((other) => other.sha === previous!.sha);
        if (isProperAncestor(sha, previous.sha) || (earlier >= 0 && !descends)) {
          deployment.kind = 'rollback';
        }
      } else if (deployment.own === null && deployment.kind !== 'rollback' && sha !== null && previous !== null && production.some((other) => other.sha === sha)) {
        // The one before has no revision at all: what was in production before it was there before.
        deployment.kind = production.findIndex((other) => other.sha === sha) > production.findIndex((other) => other.sha === null) ? 'standard' : 'rollback';
      }
      if (!deployment.succeeded) {
        continue;
      }
      if (deployment.kind !== 'rollback') {
        if (deployment.own !== null) {
          deployment.delivered.push(deployment.own);
          delivered.add(deployment.own.id);
        } else {
          deployment.baseline = !hasBaseline;
          hasBaseline = true;
          const known = sha !== null && commits.has(sha);
          const reached = known ? ancestors(sha) : new Set<string>();
          for (const pull of pulls) {
            if (!repositoriesOfService.has(pull.repository) || delivered.has(pull.id)) {
              continue;
            }
            const isNew = known
              ? pull.mergeSha !== null && reached.has(pull.mergeSha) && !contained.has(pull.mergeSha)
              : deployment.kind !== 'retry' &&
                (deployment.repository === null || deployment.repository === pull.repository) &&
                pull.mergedAt < deployment.startedAt &&
                pull.baseBranch === repositories.find(({ id }) => id === pull.repository)!.defaultBranch;
            if (isNew) {
              deployment.delivered.push(pull);
              delivered.add(pull.id);
            }
          }
          reached.forEach((one) => contained.add(one));
        }
      }
      production.push(deployment);
      previous = deployment;
    }
  }

  const countsFor = (deployment: ReferenceDeployment): ReferenceDeployment | null => {
    if (deployment.kind === 'standard') {
      return deployment;
    }
    if (deployment.kind === 'rollback' || !deployment.succeeded) {
      return null;
    }
    const list = services.get(deployment.service)!;
    const before = list.slice(0, list.indexOf(deployment)).filter((other) => other.succeeded && other.kind === 'standard' && other.sha === deployment.sha);
    return before[before.length - 1] ?? null;
  };
  const deliveryOf = (pull: PullRequest, service: string): ReferenceDeployment | null => services.get(service)!.find((deployment) => deployment.delivered.includes(pull)) ?? null;

  const incidents: ReferenceIncident[] = [];
  const fixes = new Set<string>();
  const fixKey = (service: string, pull: PullRequest): string => `${service}|${pull.id}`;
  let beforeRelease = 0;
  const chosen = (from: string): boolean => team.incidents.some((source) => source.from === from);
  const numbered = (target: string, from: PullRequest): PullRequest | undefined => pulls.find((pull) => pull.repository === from.repository && `#${pull.number}` === target);

  // Records: pushed incidents and issues.
  const mine = (batch.incidents ?? []).filter((record) => {
    if (record.origin === 'events') {
      return chosen('events') && (record.service === null || services.has(record.service));
    }
    return record.origin === 'github-issues' && chosen('github-issues') && repositories.some(({ id }) => id === record.repository) && record.labels.includes('incident');
  });
  const window = Number(/^(\d+)d$/.exec(team.incidentWindow)![1]) * DAY;
  for (const record of mine) {
    incidents.push(linkRecord(record));
  }
  function linkRecord(record: IncidentRecord): ReferenceIncident {
    let service = record.service;
    if (service === null && record.origin === 'github-issues') {
      const name = repositories.find(({ id }) => id === record.repository)!.name;
      const holding = [...services].filter(([own, list]) => own === name || list.some(({ repository }) => repository === record.repository)).map(([own]) => own);
      service = holding.length === 1 ? holding[0] : null;
    }
    service ??= services.size === 1 ? [...services.keys()][0] : null;
    let deployment: ReferenceDeployment | null = null;
    const allowed = record.service !== null ? [record.service] : [...services.keys()].sort((a, b) => (a === service ? -1 : b === service ? 1 : a < b ? -1 : 1));
    if (record.deploymentId !== null) {
      const list = allowed.flatMap((name) => services.get(name)!);
      deployment = list.find((candidate) => candidate.id === record.deploymentId || (merged.has(record.deploymentId!) && merged.get(record.deploymentId!) === candidate)) ?? null;
    } else if (service !== null) {
      const started = services.get(service)!.filter((candidate) => candidate.succeeded && candidate.startedAt < record.openedAt);
      const latest = started.reduce<ReferenceDeployment | null>((best, candidate) => (best === null || candidate.startedAt >= best.startedAt ? candidate : best), null);
      deployment = latest !== null && record.openedAt - latest.finishedAt <= window ? latest : null;
    }
    return { id: record.id, service: deployment?.service ?? service, openedAt: record.openedAt, resolvedAt: record.resolvedAt, deployment };
  }
  const issueNamed = (pull: PullRequest, relations: string[]): IncidentRecord | undefined =>
    pull.references.filter(({ relation }) => relations.includes(relation)).map(({ target }) => mine.find((record) => record.repository === pull.repository && record.number !== null && `#${record.number}` === target)).find((record) => record !== undefined);

  for (const [service, list] of services) {
    // Reverts.
    const ofIncident = new Set<string>();
    const revertsOfIncident = new Set<string>();
    if (chosen('reverts')) {
      const targetOf = (pull: PullRequest): PullRequest | undefined => {
        const named = pull.references.find(({ relation }) => relation === 'reverts');
        const target = named === undefined ? undefined : numbered(named.target, pull);
        return target !== undefined && target !== pull && pulls.indexOf(target) < pulls.indexOf(pull) ? target : undefined;
      };
      const depth = (pull: PullRequest): number => {
        const target = targetOf(pull);
        return target === undefined ? 0 : depth(target) + 1;
      };
      for (const target of pulls) {
        const reverts = pulls.filter((pull) => targetOf(pull) === target && depth(target) % 2 === 0);
        if (reverts.length === 0) {
          continue;
        }
        const cause = deliveryOf(target, service);
        const restoring = reverts.flatMap((revert) => deliveryOf(revert, service) ?? []).sort((a, b) => list.indexOf(a) - list.indexOf(b))[0] ?? null;
        if (cause === null || (restoring !== null && list.indexOf(restoring) <= list.indexOf(cause))) {
          beforeRelease += cause !== null || restoring !== null ? 1 : 0;
          continue;
        }
        ofIncident.add(target.id);
        for (const revert of reverts) {
          ofIncident.add(revert.id);
          revertsOfIncident.add(revert.id);
          fixes.add(fixKey(service, revert));
        }
        incidents.push({ id: `reverts:${target.id}`, service, openedAt: cause.finishedAt, resolvedAt: restoring?.finishedAt ?? null, deployment: cause });
      }
    }
    // Failed attempts and rollbacks.
    if (chosen('failed-deployments')) {
      let run: ReferenceDeployment[] = [];
      let previous: ReferenceDeployment | null = null;
      for (const deployment of list) {
        if (!deployment.succeeded) {
          run.push(deployment);
          deployment.failed = deployment.kind === 'standard';
          continue;
        }
        const replaced = deployment.kind === 'rollback' ? previous : null;
        if (replaced !== null || run.length > 0) {
          incidents.push({ id: `failed-deployments:${(run[0] ?? deployment).id}`, service, openedAt: (replaced ?? run[0]).finishedAt, resolvedAt: deployment.finishedAt, deployment: replaced ?? run[0] });
        }
        run = [];
        previous = deployment;
      }
      if (run.length > 0) {
        incidents.push({ id: `failed-deployments:${run[0].id}`, service, openedAt: run[0].finishedAt, resolvedAt: null, deployment: run[0] });
      }
    }
    // Hotfixes.
    if (chosen('hotfixes')) {
      let previous: ReferenceDeployment | null = null;
      for (const deployment of list) {
        for (const pull of deployment.delivered) {
          const isHotfix = pull.headBranch.startsWith('hotfix/') || pull.labels.includes('hotfix');
          const carried = deployment.own === null && carriers.has(pull.id);
          if (!isHotfix || carried) {
            continue;
          }
          fixes.add(fixKey(service, pull));
          if (deployment.baseline || previous === null || revertsOfIncident.has(pull.id) || issueNamed(pull, ['fixes', 'mentions', 'reverts', 'root-cause'])) {
            continue;
          }
          let cause: ReferenceDeployment | null = null;
          let known = false;
          for (const { target } of pull.references) {
            const named = numbered(target, pull);
            const at = named === undefined || named === pull ? null : deliveryOf(named, service);
            if (named === undefined || named === pull || cause !== null) {
              continue;
            }
            const namedHotfix = named.headBranch.startsWith('hotfix/') || named.labels.includes('hotfix');
            if (ofIncident.has(named.id) || (namedHotfix && at !== null && list.indexOf(at) <= list.indexOf(deployment))) {
              known = true;
            } else if (at !== null && list.indexOf(at) < list.indexOf(deployment)) {
              cause = at;
            }
          }
          if (!known) {
            const linked: ReferenceDeployment = cause ?? previous;
            incidents.push({ id: `hotfixes:${pull.id}`, service, openedAt: linked.finishedAt, resolvedAt: deployment.finishedAt, deployment: linked });
          }
        }
        if (deployment.succeeded) {
          previous = deployment;
        }
      }
    }
    // Fixes of issues.
    for (const deployment of list) {
      for (const pull of deployment.delivered) {
        const issue = issueNamed(pull, ['fixes']);
        if (issue && deployment.finishedAt > issue.openedAt) {
          fixes.add(fixKey(service, pull));
        }
      }
    }
  }
  for (const { deployment } of incidents) {
    const counted = deployment === null ? null : countsFor(deployment);
    if (counted) {
      counted.failed = true;
    }
  }
  for (const deployment of [...services.values()].flat()) {
    const own = deployment.delivered.filter((pull) => deployment.own !== null || !carriers.has(pull.id));
    deployment.rework = deployment.kind === 'standard' && deployment.succeeded && !deployment.baseline && own.length > 0 && own.every((pull) => fixes.has(fixKey(deployment.service, pull)));
  }
  return { deployments: [...services.values()].flat(), incidents, carriers, excluded, beforeRelease, services: services.size };
}

/** Values of a team in one span of time, from the reference's own rows. */
export function referenceValues(team: TeamSettings, facts: ReferenceTeam, from: Instant, to: Instant) {
  const within = (time: Instant): boolean => time >= from && time < to;
  const countAttempts = team.incidents.some((source) => source.from === 'failed-deployments');
  const inRange = facts.deployments.filter(({ finishedAt, excluded }) => within(finishedAt) && !excluded);
  const standard = inRange.filter(({ kind, succeeded }) => kind === 'standard' && succeeded);
  const all = inRange.filter(({ kind, succeeded }) => kind === 'standard' && (succeeded || countAttempts));
  const leads = facts.deployments
    .filter(({ finishedAt, baseline }) => within(finishedAt) && !baseline)
    .flatMap((deployment) => deployment.delivered.filter((pull) => !facts.excluded.has(pull.id) && (deployment.own !== null || !facts.carriers.has(pull.id))).map((pull) => leadTimeOf(pull, deployment)));
  const restores = facts.incidents.flatMap(({ openedAt, resolvedAt }) => (resolvedAt !== null && within(resolvedAt) ? [Math.max(0, resolvedAt - openedAt)] : []));
  const average = (values: number[]): number | null => (values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length / 1000);
  const share = (part: number): number | null => (all.length === 0 ? null : (100 * part) / all.length);
  return {
    // Of a team without a known service nothing is known.
    'deployment-frequency': facts.services === 0 ? null : standard.length,
    'lead-time': average(leads),
    'change-failure-rate': share(all.filter(({ failed }) => failed).length),
    'time-to-restore': facts.services === 0 ? null : average(restores),
    'rework-rate': share(all.filter(({ rework }) => rework).length),
  };
}

export type { Settings };
