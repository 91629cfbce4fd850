import { matchesGlob, matchesGlobs } from '../../shared/glob';
import type { RepositorySelection, ServiceSettings, Settings, TeamSettings } from '../../shared/settings';

/** What the teams together want of one repository. */
export interface RepositoryPlan {
  /** Names of the teams that use it. */
  teams: string[];
  /** False for a repository that only holds incidents. */
  pullRequests: boolean;
  /** Changed paths, where a team has services by path. */
  files: boolean;
  /** The commit graph of production branches and deployed SHAs; null when nothing is joined by it. */
  commits: { defaultBranch: boolean; branches: string[][] } | null;
  releases: boolean;
  /** Tags, for those that have no release. */
  tags: boolean;
  /** Which workflow runs, one entry for each source that wants any; empty for none. */
  runs: RunSelection[];
  /** Environments whose GitHub deployments are wanted, one entry for each source that wants any; empty for none. */
  deployments: EnvironmentSelection[];
  issues: boolean;
}

/** Globs of workflows (file or display name) and branches or tags; absent for all. */
export interface RunSelection {
  workflows?: string[];
  branches?: string[];
  /** Name or glob of the job that deploys: the runs' jobs are needed. Absent: the whole run does. */
  job?: string;
}

/** Globs of environments; absent for those that are production by their names. */
export interface EnvironmentSelection {
  environments?: string[];
}

/** Where to look for repositories: names that are written out, and owners whose repositories have to be listed. */
export interface Selection {
  /** `owner/name` as the settings spell it. */
  literals: string[];
  /** Owner → the patterns under it. */
  owners: Map<string, string[]>;
  /** Patterns with a glob in the owner's part: matched over all that the credential sees. */
  anywhere: string[];
  /** Patterns that are no `owner/name`. */
  malformed: string[];
}

const isGlob = (text: string): boolean => text.includes('*');

export function selectionOf(settings: Settings): Selection {
  const selection: Selection = { literals: [], owners: new Map(), anywhere: [], malformed: [] };
  const patterns = new Set(settings.teams.flatMap((team) => [...patternsOf(team), ...incidentPatternsOf(team)]).filter((pattern) => !pattern.startsWith('!')));
  for (const pattern of patterns) {
    const parts = pattern.split('/');
    const [owner, name] = parts;
    if (parts.length !== 2 || !owner || !name) {
      selection.malformed.push(pattern);
    } else if (isGlob(owner)) {
      selection.anywhere.push(pattern);
    } else if (isGlob(name)) {
      selection.owners.set(owner.toLowerCase(), [...(selection.owners.get(owner.toLowerCase()) ?? []), pattern]);
    } else {
      selection.literals.push(pattern);
    }
  }
  return selection;
}

/** True when the settings name any repository: without one there is nothing to ask GitHub. */
export function usesGitHub(settings: Settings): boolean {
  return settings.teams.some((team) => patternsOf(team).length > 0 || incidentPatternsOf(team).length > 0);
}

/** Repositories that a team lists or names in its services; `names` is a repository's name and those it had before. */
export function isOfTeam(team: TeamSettings, names: readonly string[]): boolean {
  return selectionsOf(team, names).length > 0 || servicesIn(team, names).length > 0;
}

/** What to sync of a repository with these present and former names; null when no team wants it. */
export function planFor(settings: Settings, names: readonly string[]): RepositoryPlan | null {
  const plan: RepositoryPlan = { teams: [], pullRequests: false, files: false, commits: null, releases: false, tags: false, runs: [], deployments: [], issues: false };
  for (const team of settings.teams) {
    const own = isOfTeam(team, names);
    const issues = team.incidents.some(
      (source) => source.from === 'github-issues' && (source.repositories === undefined ? own : matchesAny(source.repositories, names))
    );
    if (!own && !issues) {
      continue;
    }
    plan.teams.push(team.name);
    plan.issues ||= issues;
    if (!own) {
      continue;
    }
    plan.pullRequests = true;
    plan.files ||= team.services.some((service) => (service.paths?.length ?? 0) > 0 && (!service.repository || isNamed(service.repository, names)));
    const differing = selectionsOf(team, names).filter((selection) => typeof selection === 'object');
    const deployments = differing.find((selection) => selection.deployments !== undefined)?.deployments ?? team.deployments;
    const branches = differing.find((selection) => selection.branches !== undefined)?.branches ?? team.branches;
    if (team.directPushes || deployments.some((source) => source.from !== 'merged-pull-requests')) {
      plan.commits ??= { defaultBranch: false, branches: [] };
      if (branches === null || branches.length === 0) {
        plan.commits.defaultBranch = true;
      } else {
        plan.commits.branches.push(branches);
      }
    }
    for (const source of deployments) {
      plan.releases ||= source.from === 'releases';
      plan.tags ||= source.from === 'releases' && source.plainTags === true;
      if (source.from === 'github-deployments') {
        add(plan.deployments, source.environments ? { environments: source.environments } : {});
      }
      if (source.from === 'workflow-runs') {
        add(plan.runs, {
          ...(source.workflows ? { workflows: source.workflows } : {}),
          ...(source.branches ? { branches: source.branches } : {}),
          ...(source.job === undefined ? {} : { job: source.job }),
        });
      }
    }
  }
  return plan.teams.length > 0 ? plan : null;
}

/** Once: what two teams want alike is one wish. */
function add<Wish>(wishes: Wish[], wish: Wish): void {
  if (!wishes.some((other) => JSON.stringify(other) === JSON.stringify(wish))) {
    wishes.push(wish);
  }
}

/** Production branches among these; the default branch counts where a team names none. */
export function productionBranches(plan: RepositoryPlan, branches: readonly string[], defaultBranch: string | null): string[] {
  const { commits } = plan;
  if (commits === null) {
    return [];
  }
  return branches.filter((branch) => (commits.defaultBranch && branch === defaultBranch) || commits.branches.some((globs) => matchesGlobs(globs, branch)));
}

/** True when the production branches cannot be told without listing the repository's branches. */
export function needsBranchList(plan: RepositoryPlan): boolean {
  return plan.commits !== null && plan.commits.branches.some((globs) => globs.some((glob) => isGlob(glob)) || globs.every((glob) => glob.startsWith('!')));
}

/** Branches that are named without a glob. */
export function namedBranches(plan: RepositoryPlan): string[] {
  return [...new Set(plan.commits?.branches.flat().filter((glob) => !isGlob(glob) && !glob.startsWith('!')) ?? [])];
}

function patternsOf(team: TeamSettings): string[] {
  return [...team.repositories.map(patternOf), ...team.services.flatMap((service) => (service.repository ? [service.repository] : []))];
}

function patternOf(selection: RepositorySelection): string {
  return typeof selection === 'string' ? selection : selection.match;
}

function incidentPatternsOf(team: TeamSettings): string[] {
  return team.incidents.flatMap((source) => (source.from === 'github-issues' ? (source.repositories ?? []) : []));
}

/** Entries of a team's `repositories` that choose this one. */
function selectionsOf(team: TeamSettings, names: readonly string[]): RepositorySelection[] {
  const excluded = team.repositories.some((selection) => {
    const pattern = patternOf(selection);
    return pattern.startsWith('!') && matches(pattern.slice(1), names[0]);
  });
  return excluded ? [] : team.repositories.filter((selection) => !patternOf(selection).startsWith('!') && matchesAny([patternOf(selection)], names));
}

function servicesIn(team: TeamSettings, names: readonly string[]): ServiceSettings[] {
  return team.services.filter((service) => service.repository !== undefined && isNamed(service.repository, names));
}

function isNamed(name: string, names: readonly string[]): boolean {
  return names.some((other) => other.toLowerCase() === name.toLowerCase());
}

/** A name written out finds a repository by its former names too, a pattern only by its present one. */
function matchesAny(patterns: readonly string[], names: readonly string[]): boolean {
  const excluded = patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1), names[0]));
  return !excluded && patterns.some((pattern) => !pattern.startsWith('!') && (isGlob(pattern) ? matches(pattern, names[0]) : isNamed(pattern, names)));
}

/** GitHub's names are the same in any case. */
function matches(glob: string, name: string): boolean {
  return matchesGlob(glob.toLowerCase(), name.toLowerCase());
}
