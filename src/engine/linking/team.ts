import { matchesGlob, matchesGlobs } from '../../shared/glob';
import type { DeploymentSourceSettings, IncidentSourceSettings, ServiceSettings, TeamSettings } from '../../shared/settings';
import type { Facts } from '../facts/facts';
import type { RecordGroup } from '../facts/records';
import type { Coverage, Instant } from '../model';

/** A repository that a team works in. */
export interface TeamRepository {
  index: number;
  /** Globs of its production branches. */
  branches: string[];
  sources: DeploymentSourceSettings[];
  /** False for one that only an entry of `services` names: what belongs to no entry is not the team's. */
  whole: boolean;
  /** Entries of `services` that name this repository. */
  entries: ServiceSettings[];
}

/** Records of one group that a deployment source of the team selects, before ref, stage and environment are looked at. */
export interface SelectedGroup {
  group: RecordGroup;
  source: DeploymentSourceSettings;
}

/** What is to be linked as one service. */
export interface ServicePlan {
  name: string;
  entry: ServiceSettings | null;
  groups: SelectedGroup[];
  /** Repositories whose merged pull requests are deployments of this service. */
  mergedFrom: number[];
  /** Repositories that are known without looking at records. */
  repositories: number[];
  /** Left out when it has no deployment: it only collects what fits no other service. */
  optional: boolean;
}

/** A team with its settings looked up among the facts. */
export interface Team {
  settings: TeamSettings;
  repositories: Map<number, TeamRepository>;
  services: ServicePlan[];
  /** Latest start over all it uses; −∞ when nothing limits it, +∞ while a part has not begun. */
  coverage: Instant;
  /** What is covered last: names for a notice. */
  laggards: string[];
  uses: { failedDeployments: boolean; reverts: boolean };
}

export function asList(value: string | string[] | undefined): string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

/** METRICS, settled details: which entries of a repository's `services` a run, release or deployment belongs to; [] for the repository itself. */
export function entriesForRef(entries: readonly ServiceSettings[], ref: string | null): ServiceSettings[] {
  const tagged = ref === null ? [] : entries.filter((entry) => entry.tags !== undefined && matchesGlobs(asList(entry.tags)!, ref));
  if (tagged.length > 0) {
    return tagged;
  }
  const plain = entries.filter((entry) => entry.tags === undefined && entry.pipelines === undefined);
  if (plain.length > 0) {
    return plain;
  }
  // One entry that names both a repository and pipelines joins them into one service.
  return entries.length === 1 && entries[0].tags === undefined ? [entries[0]] : [];
}

/** Entries that a change belongs to by its paths; all when the paths are not known; [] for the repository itself. */
export function entriesForFiles(entries: readonly ServiceSettings[], files: readonly string[] | null): ServiceSettings[] {
  return entries.filter((entry) => touches(entry, files));
}

/** True when a change of these paths is one of the entry's. */
export function touches(entry: ServiceSettings | null, files: readonly string[] | null): boolean {
  const paths = entry?.paths;
  return paths === undefined || files === null || files.some((file) => matchesGlobs(paths, file, 'path'));
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function findRepositories(settings: TeamSettings, facts: Facts): Map<number, TeamRepository> {
  const found = new Map<number, TeamRepository>();
  const excluded = settings.repositories.map((selection) => (typeof selection === 'string' ? selection : selection.match)).filter((glob) => glob.startsWith('!'));
  const chosen = settings.repositories.filter((selection) => !(typeof selection === 'string' ? selection : selection.match).startsWith('!'));
  for (const { index, fact } of facts.repositories.all) {
    if (fact === null) {
      continue;
    }
    const entries = settings.services.filter((entry) => entry.repository !== undefined && facts.repositories.named(entry.repository) === index);
    const matches = (glob: string): boolean => matchesGlob(glob.toLowerCase(), fact.name.toLowerCase());
    const selections = excluded.some((glob) => matches(glob.slice(1)))
      ? []
      : chosen.filter((selection) => {
          const glob = typeof selection === 'string' ? selection : selection.match;
          // A name the repository had before still finds it; a pattern does not.
          return matches(glob) || (!glob.includes('*') && fact.formerNames.some((former) => sameName(former, glob)));
        });
    if (selections.length === 0 && entries.length === 0) {
      continue;
    }
    let override: { branches?: string[]; deployments?: DeploymentSourceSettings[] } = {};
    for (const selection of selections) {
      if (typeof selection !== 'string') {
        override = { branches: override.branches ?? selection.branches, deployments: override.deployments ?? selection.deployments };
      }
    }
    found.set(index, {
      index,
      branches: override.branches ?? settings.branches ?? (fact.defaultBranch === null ? ['main', 'master'] : [fact.defaultBranch]),
      sources: override.deployments ?? settings.deployments,
      whole: selections.length > 0,
      entries,
    });
  }
  // By name: what is listed must not depend on the order that facts came in.
  const nameOf = (repository: TeamRepository): string => facts.repositories.nameOf(repository.index)!;
  return new Map([...found].sort(([, a], [, b]) => (nameOf(a) < nameOf(b) ? -1 : 1)));
}

/** True when records of this kind are read by that source: plain tags belong to the releases. */
function reads(source: DeploymentSourceSettings, kind: Coverage['kind']): boolean {
  return source.from === kind || (kind === 'tags' && source.from === 'releases' && source.plainTags === true);
}

/** True when a deployment source of a repository selects a group of that repository's records. */
function selectsRepositoryGroup(source: DeploymentSourceSettings, group: RecordGroup): boolean {
  if (!reads(source, group.origin)) {
    return false;
  }
  if (source.from === 'workflow-runs' && source.workflows !== undefined) {
    const names = [group.pipeline, group.pipelineTitle, group.pipeline?.split('/').pop() ?? null];
    return names.some((name) => name !== null && matchesGlobs(source.workflows!, name));
  }
  return true;
}

class Plans {
  readonly byName = new Map<string, ServicePlan>();

  plan(name: string, entry: ServiceSettings | null, optional: boolean): ServicePlan {
    let plan = this.byName.get(name);
    if (!plan) {
      plan = { name, entry, groups: [], mergedFrom: [], repositories: [], optional };
      this.byName.set(name, plan);
    }
    plan.optional = plan.optional && optional;
    return plan;
  }
}

function addRepository(plan: ServicePlan, repository: number): void {
  if (repository >= 0 && !plan.repositories.includes(repository)) {
    plan.repositories.push(repository);
  }
}

function planServices(settings: TeamSettings, repositories: Map<number, TeamRepository>, facts: Facts): ServicePlan[] {
  const plans = new Plans();
  for (const entry of settings.services) {
    const plan = plans.plan(entry.name, entry, false);
    if (entry.repository !== undefined) {
      addRepository(plan, facts.repositories.named(entry.repository));
    }
  }
  const elsewhere = (sources: readonly DeploymentSourceSettings[]): boolean => sources.some((source) => source.from === 'codepipeline' || source.from === 'events');
  for (const repository of repositories.values()) {
    const here = repository.sources.some((source) => source.from !== 'codepipeline' && source.from !== 'events');
    if (repository.whole && (here || elsewhere(repository.sources))) {
      const own = plans.plan(facts.repositories.nameOf(repository.index)!, null, !here || repository.entries.length > 0 || elsewhere(repository.sources));
      addRepository(own, repository.index);
    }
    if (repository.sources.some((source) => source.from === 'merged-pull-requests')) {
      for (const plan of plansOf(repository, plans, facts)) {
        if (!plan.mergedFrom.includes(repository.index)) {
          plan.mergedFrom.push(repository.index);
        }
        plan.optional = plan.optional && repository.entries.length > 0;
      }
    }
  }
  const select = (plan: ServicePlan, group: RecordGroup, source: DeploymentSourceSettings): void => {
    if (!plan.groups.some((selected) => selected.group === group && selected.source === source)) {
      plan.groups.push({ group, source });
    }
  };
  for (const group of facts.records.groups) {
    if (group.live === 0) {
      continue;
    }
    const index = facts.records.repositoryOf(group);
    const repository = repositories.get(index);
    if (group.origin === 'codepipeline') {
      for (const source of settings.deployments) {
        if (
          source.from === 'codepipeline' &&
          (source.account === undefined || source.account === group.account) &&
          (source.pipelines === undefined || matchesGlobs(source.pipelines, group.pipeline ?? ''))
        ) {
          const entries = settings.services.filter((entry) => entry.pipelines !== undefined && matchesGlobs(entry.pipelines, group.pipeline ?? ''));
          const targets = entries.length > 0 ? entries.map((entry) => plans.plan(entry.name, entry, false)) : [plans.plan(group.pipeline ?? 'pipeline', null, false)];
          targets.forEach((plan) => select(plan, group, source));
        }
      }
    } else if (group.origin === 'events') {
      for (const source of repository?.sources ?? settings.deployments) {
        if (source.from !== 'events') {
          continue;
        }
        const named = group.service !== null && source.services !== undefined && matchesGlobs(source.services, group.service);
        // Without a choice of services: everything but what belongs to somebody else's repository.
        const implied = source.services === undefined && (index < 0 || repository !== undefined);
        if (!named && !implied) {
          continue;
        }
        if (group.service !== null) {
          const entry = settings.services.find((candidate) => candidate.name === group.service) ?? null;
          const plan = plans.plan(group.service, entry, false);
          addRepository(plan, index);
          select(plan, group, source);
        } else if (repository) {
          plansOf(repository, plans, facts).forEach((plan) => select(plan, group, source));
        }
      }
    } else if (repository) {
      for (const source of repository.sources) {
        if (selectsRepositoryGroup(source, group)) {
          plansOf(repository, plans, facts).forEach((plan) => select(plan, group, source));
        }
      }
    }
  }
  return [...plans.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Services that something of a repository may belong to: its entries and, where the team has it whole, itself. */
function plansOf(repository: TeamRepository, plans: Plans, facts: Facts): ServicePlan[] {
  const found = repository.entries.map((entry) => plans.plan(entry.name, entry, false));
  if (repository.whole) {
    found.push(plans.plan(facts.repositories.nameOf(repository.index)!, null, true));
  }
  found.forEach((plan) => addRepository(plan, repository.index));
  return found;
}

/** True when an incident source looks at that repository's issues. */
export function looksAtRepository(source: Extract<IncidentSourceSettings, { from: 'github-issues' }>, repository: number, team: Team, facts: Facts): boolean {
  if (source.repositories === undefined) {
    return team.repositories.has(repository);
  }
  const name = facts.repositories.nameOf(repository);
  return name !== null && matchesGlobs(source.repositories.map((glob) => glob.toLowerCase()), name.toLowerCase());
}

function usesCoverage(team: Team, entry: Coverage, facts: Facts): boolean {
  const { kind, scope } = entry;
  const sources = team.settings.deployments;
  if (kind === 'github-issues') {
    const repository = facts.repositories.withId(scope);
    return team.settings.incidents.some((source) => source.from === 'github-issues' && looksAtRepository(source, repository, team, facts));
  }
  if (kind === 'opsitems' || kind === 'codepipeline') {
    const [account, , ...pipeline] = scope.split(':');
    if (kind === 'opsitems') {
      return team.settings.incidents.some((source) => source.from === 'opsitems' && (source.account === undefined || source.account === account));
    }
    return sources.some(
      (source) =>
        source.from === 'codepipeline' &&
        (source.account === undefined || source.account === account) &&
        (pipeline.length === 0 || source.pipelines === undefined || matchesGlobs(source.pipelines, pipeline.join(':')))
    );
  }
  if (kind === 'events') {
    return sources.some((source) => source.from === 'events') || team.settings.incidents.some((source) => source.from === 'events');
  }
  const repository = team.repositories.get(facts.repositories.withId(scope));
  if (!repository) {
    return false;
  }
  if (kind === 'pull-requests') {
    return true;
  }
  if (kind === 'commits') {
    // Merged pull requests as deployments need no graph.
    return team.settings.directPushes || repository.sources.some((source) => source.from !== 'merged-pull-requests');
  }
  return repository.sources.some((source) => reads(source, kind));
}

/** Looks a team's settings up among the facts. */
export function resolveTeam(settings: TeamSettings, facts: Facts): Team {
  const repositories = findRepositories(settings, facts);
  return {
    settings,
    repositories,
    services: planServices(settings, repositories, facts),
    coverage: -Infinity,
    laggards: [],
    uses: {
      failedDeployments: settings.incidents.some((source) => source.from === 'failed-deployments'),
      reverts: settings.incidents.some((source) => source.from === 'reverts'),
    },
  };
}

/** Sets a team's coverage anew; it moves with every page of a first sync. */
export function updateCoverage(team: Team, facts: Facts): void {
  team.coverage = -Infinity;
  let latest: Array<{ from: Instant; name: string }> = [];
  for (const entry of facts.coverage.values()) {
    if (!usesCoverage(team, entry, facts)) {
      continue;
    }
    const from = entry.from ?? Infinity;
    const repository = facts.repositories.withId(entry.scope);
    const name = `${entry.kind} of ${facts.repositories.nameOf(repository) ?? entry.scope}`;
    if (from > team.coverage) {
      latest = [];
      team.coverage = from;
    }
    if (from === team.coverage) {
      latest.push({ from, name });
    }
  }
  team.laggards = latest.map(({ name }) => name).sort();
}

/** True when a branch is one of the repository's production branches. */
export function isProductionBranch(repository: Pick<TeamRepository, 'branches'>, branch: string): boolean {
  return matchesGlobs(repository.branches, branch);
}
