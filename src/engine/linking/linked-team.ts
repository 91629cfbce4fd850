import type { Settings, TeamSettings } from '../../shared/settings';
import { ChangeIndex, Exclusion } from './changes';
import { Containment } from './containment';
import type { Facts } from '../facts/facts';
import { ChosenRecords } from './incident-records';
import { linkIncidents, type TeamIncidents } from './incidents';
import { type LinkContext, linkService } from './link-service';
import { DEPLOYMENT, RETRY, ROLLBACK, type ServiceLink } from './service';
import { NodeMarks } from '../shas';
import { resolveTeam, type ServicePlan, type Team, updateCoverage } from './team';

/** Bits of a deployment as the metrics read it. */
export const OUTCOME = {
  /** Succeeded, standard, not of an excluded change. */
  standard: 1,
  rollback: 2,
  retry: 4,
  /** A failed standard attempt of a team that counts failed deployments. */
  attempt: 8,
  /** A standard deployment or attempt that failed. */
  failed: 16,
  rework: 32,
} as const;

/** A team, linked: all that its metrics and tables are computed from. */
export interface LinkedTeam {
  team: Team;
  services: ServiceLink[];
  incidents: TeamIncidents;
  /** For each service, the bits of OUTCOME of each deployment. */
  outcomes: Uint8Array[];
}

interface TeamState {
  settings: TeamSettings;
  team: Team | null;
  exclusion: Exclusion | null;
  links: Map<string, ServiceLink>;
  records: ChosenRecords;
  linked: LinkedTeam | null;
  resolvedAt: number;
  linkedAt: number;
  coverageAt: number;
}

/** Same records, repositories and entry: then a link made for the one serves the other. */
function samePlan(a: ServicePlan, b: ServicePlan): boolean {
  return (
    a.entry === b.entry &&
    a.optional === b.optional &&
    a.repositories.length === b.repositories.length &&
    a.repositories.every((repository) => b.repositories.includes(repository)) &&
    a.mergedFrom.length === b.mergedFrom.length &&
    a.mergedFrom.every((repository) => b.mergedFrom.includes(repository)) &&
    a.groups.length === b.groups.length &&
    a.groups.every((selected) => b.groups.some((other) => other.group === selected.group && other.source === selected.source))
  );
}

function outcomesOf(link: ServiceLink, failed: Uint8Array, rework: Uint8Array, countAttempts: boolean): Uint8Array {
  const outcomes = new Uint8Array(link.count);
  for (let index = 0; index < link.count; index += 1) {
    if ((link.flags[index] & DEPLOYMENT.excluded) !== 0) {
      continue;
    }
    if (link.kind[index] === ROLLBACK) {
      outcomes[index] = link.succeeded[index] === 1 ? OUTCOME.rollback : 0;
    } else if (link.kind[index] === RETRY) {
      outcomes[index] = link.succeeded[index] === 1 ? OUTCOME.retry : 0;
    } else if (link.succeeded[index] === 1) {
      outcomes[index] = OUTCOME.standard | (failed[index] === 1 ? OUTCOME.failed : 0) | (rework[index] === 1 ? OUTCOME.rework : 0);
    } else if (countAttempts) {
      outcomes[index] = OUTCOME.attempt | OUTCOME.failed;
    }
  }
  return outcomes;
}

/** Keeps every team's links and makes anew only what the latest facts concern. */
export class Linker {
  private readonly changes: ChangeIndex;
  private readonly states: TeamState[] = [];
  /** Answers do not wait for the background; so they have scratch of their own. */
  private readonly foreground: LinkContext;
  private readonly background: LinkContext;

  constructor(private readonly facts: Facts) {
    this.changes = new ChangeIndex(facts);
    const context = (): LinkContext => ({ facts, changes: this.changes, containment: new Containment(facts), delivered: new NodeMarks(), marks: new NodeMarks(), walked: null });
    this.foreground = context();
    this.background = context();
  }

  configure(settings: Settings): void {
    const before = new Map(this.states.map((state) => [JSON.stringify(state.settings), state]));
    const states = settings.teams.map(
      (team): TeamState => before.get(JSON.stringify(team)) ?? { settings: team, team: null, exclusion: null, links: new Map(), records: new ChosenRecords(), linked: null, resolvedAt: -1, linkedAt: -1, coverageAt: -1 }
    );
    this.states.splice(0, this.states.length, ...states);
  }

  get changeIndex(): ChangeIndex {
    return this.changes;
  }

  get teamCount(): number {
    return this.states.length;
  }

  /** The team, linked up to the latest facts. */
  team(index: number): LinkedTeam {
    const state = this.states[index];
    for (const step of this.bringUp(state, this.foreground)) {
      void step;
    }
    return state.linked!;
  }

  /** Links every team in small steps. Facts and settings may change, and answers be asked for, in between. */
  *all(): Generator<void, void> {
    for (const state of [...this.states]) {
      yield* this.bringUp(state, this.background);
      yield;
    }
  }

  private resolve(state: TeamState): Team {
    if (state.team === null || state.resolvedAt < this.facts.changes.outlineChangedAt) {
      state.team = resolveTeam(state.settings, this.facts);
      state.exclusion ??= new Exclusion(state.settings.exclude, this.facts);
      state.resolvedAt = this.facts.revision;
      state.coverageAt = -1;
      state.linkedAt = -1;
    }
    if (state.coverageAt < this.facts.changes.coverageChangedAt) {
      updateCoverage(state.team, this.facts);
      state.coverageAt = this.facts.revision;
    }
    return state.team;
  }

  private isFresh(link: ServiceLink | undefined, plan: ServicePlan): link is ServiceLink {
    return (
      link !== undefined &&
      (link.plan === plan || samePlan(link.plan, plan)) &&
      link.repositories.every((repository) => this.facts.repositories.all[repository].changedAt <= link.at) &&
      plan.groups.every(({ group }) => group.changedAt <= link.at) &&
      // An execution may be known before the repository that it names.
      (link.namedRepositories.size === 0 || [...link.namedRepositories].every(([name, repository]) => this.facts.records.repositoryNamed(name) === repository))
    );
  }

  private *bringUp(state: TeamState, context: LinkContext): Generator<void, void> {
    const { facts } = this;
    for (;;) {
      const team = this.resolve(state);
      if (state.linked !== null && state.linkedAt === facts.revision) {
        return;
      }
      const stale = team.services.find((plan) => !this.isFresh(state.links.get(plan.name), plan));
      if (stale !== undefined) {
        const { revision } = facts;
        const work = linkService(stale, team, state.exclusion!, context);
        let step = work.next();
        while (!step.done) {
          yield;
          if (facts.revision !== revision || state.team !== team) {
            break;
          }
          step = work.next();
        }
        if (step.done) {
          state.links.set(stale.name, step.value);
        }
        // Whatever happened meanwhile is looked at again.
        continue;
      }
      const services = team.services.map((plan) => state.links.get(plan.name)!).filter((link) => !link.plan.optional || link.count > 0);
      const unchanged =
        state.linked !== null &&
        state.linked.team === team &&
        state.linkedAt >= facts.changes.incidentsChangedAt &&
        services.length === state.linked.services.length &&
        services.every((link, index) => link === state.linked!.services[index]);
      if (!unchanged) {
        for (const name of [...state.links.keys()]) {
          if (!team.services.some((plan) => plan.name === name)) {
            state.links.delete(name);
          }
        }
        const { revision } = facts;
        const work = linkIncidents(team, services, state.records, context);
        let step = work.next();
        while (!step.done) {
          yield;
          if (facts.revision !== revision || state.team !== team) {
            break;
          }
          step = work.next();
        }
        if (!step.done) {
          continue;
        }
        const incidents = step.value;
        state.linked = {
          team,
          services,
          incidents,
          outcomes: services.map((link, index) => outcomesOf(link, incidents.failed[index], incidents.rework[index], team.uses.failedDeployments)),
        };
      }
      state.linkedAt = facts.revision;
      return;
    }
  }
}
