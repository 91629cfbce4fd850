import fc from 'fast-check';
import type { Commit, DeploymentRecord, FactBatch, IncidentRecord, PullRequest } from '../../src/engine/model';
import type { DoraJsonData } from '../../src/shared/settings';
import { commit, DAY_MS, deployment, HOUR_MS, incident, person, pull, repository, sha } from './facts';

/** Random organisations begin here and last eight weeks. */
export const BEGIN = Date.UTC(2026, 1, 23);
export const WEEKS = 8;
export const END = BEGIN + WEEKS * 7 * DAY_MS;

/** A small generator of numbers, so that one seed makes one organisation. */
export class Dice {
  constructor(private seed: number) {}

  next(): number {
    this.seed = (this.seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.seed ^ (this.seed >>> 15), 1 | this.seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
}

export interface RandomOrganisation {
  settings: DoraJsonData;
  batch: Required<Pick<FactBatch, 'repositories' | 'pullRequests' | 'commits' | 'deployments' | 'incidents'>>;
}

const NAMES = ['acme/a', 'acme/b', 'acme/c'];

/** An organisation of few facts with every trouble that can be told apart: gaps in the graph, rollbacks, reverts, equal times. */
export function organisationOf(seed: number): RandomOrganisation {
  const dice = new Dice(seed);
  const names = NAMES.slice(0, 1 + dice.below(3));
  const pullRequests: PullRequest[] = [];
  const commits: Commit[] = [];
  const deployments: DeploymentRecord[] = [];
  const incidents: IncidentRecord[] = [];
  // Times fall on few instants, so that equal ones happen.
  const instant = (): number => BEGIN + dice.below(WEEKS * 7 * 8) * 3 * HOUR_MS;
  for (const name of names) {
    const id = `R:${name}`;
    const heads: Record<string, string | null> = { main: null, develop: null };
    const known: string[] = [];
    const times = Array.from({ length: 2 + dice.below(14) }, instant).sort((a, b) => a - b);
    times.forEach((mergedAt, index) => {
      const number = index + 1;
      const base = dice.chance(0.8) ? 'main' : 'develop';
      const merge = `${name}#${number}`;
      const own = `${name}#${number} own`;
      const parent = heads[base];
      const squash = dice.chance(0.4);
      const authoredAt = dice.chance(0.1) ? mergedAt + HOUR_MS : mergedAt - dice.below(20) * 6 * HOUR_MS;
      const carries = base === 'main' && dice.chance(0.15) && heads.develop !== null && index > 0 ? pullRequests[pullRequests.length - 1].commits.filter(({ isMerge }) => !isMerge) : [];
      if (!squash && carries.length === 0) {
        commits.push(commit(name, own, parent === null ? [] : [parent], authoredAt));
      }
      const parents = [parent, squash ? null : carries.length > 0 ? heads.develop : own].filter((one): one is string => one !== null);
      if (!dice.chance(0.05)) {
        commits.push(commit(name, merge, [...new Set(parents)], mergedAt));
        known.push(merge);
        heads[base] = merge;
      }
      if (dice.chance(0.1)) {
        heads.develop = heads.main;
      }
      const references: PullRequest['references'] = [];
      if (index > 0 && dice.chance(0.25)) {
        references.push({ relation: 'reverts', target: `#${1 + dice.below(number)}` });
      }
      if (dice.chance(0.15)) {
        references.push({ relation: dice.pick(['fixes', 'mentions'] as const), target: `#${dice.chance(0.5) ? 100 + dice.below(3) : 1 + dice.below(number)}` });
      }
      pullRequests.push(
        pull(name, number, {
          createdAt: mergedAt - dice.below(10) * 6 * HOUR_MS,
          mergedAt,
          baseBranch: base,
          headBranch: dice.chance(0.15) ? `hotfix/${number}` : `branch-${number}`,
          labels: [...(dice.chance(0.1) ? ['hotfix'] : []), ...(dice.chance(0.1) ? ['chore'] : [])],
          author: dice.chance(0.1) ? { login: 'robot[bot]', isBot: true } : dice.chance(0.1) ? null : person(dice.pick(['ann', 'bob'])),
          mergeSha: dice.chance(0.03) ? null : sha(merge),
          reviews: dice.chance(0.5) ? [{ author: person('cyn'), state: dice.pick(['approved', 'commented', 'changes-requested', 'dismissed'] as const), at: mergedAt - dice.below(30) * HOUR_MS }] : [],
          draftEvents: dice.chance(0.2) ? [{ to: dice.pick(['ready', 'draft'] as const), at: mergedAt - dice.below(20) * HOUR_MS }] : [],
          commits: carries.length > 0 ? carries : [{ sha: sha(own), authoredAt, isMerge: false }],
          references,
        })
      );
    });
    // Release branches beside the others.
    for (let side = 0; side < dice.below(3) && known.length > 0; side += 1) {
      const branch = `${name} side ${side}`;
      commits.push(commit(name, branch, [dice.pick(known)], instant()));
      known.push(branch);
    }
    let at = 0;
    const times2 = Array.from({ length: dice.below(14) }, instant).sort((a, b) => a - b);
    times2.forEach((finishedAt, index) => {
      at = dice.chance(0.7) ? Math.min(known.length - 1, at + dice.below(3)) : dice.below(known.length);
      const revision = dice.chance(0.08) ? null : dice.chance(0.08) ? sha(`unknown ${dice.below(2)}`) : known.length === 0 ? null : sha(known[Math.max(0, at)]);
      const origin = dice.pick(['releases', 'events', 'workflow-runs'] as const);
      deployments.push(
        deployment(`${origin}:${name}:${index}`, {
          origin,
          startedAt: finishedAt - dice.below(3) * HOUR_MS,
          finishedAt,
          outcome: dice.chance(0.2) ? 'failed' : 'succeeded',
          declared: dice.chance(0.08) ? 'rollback' : dice.chance(0.05) ? 'retry' : null,
          revisions: [{ repository: id, repositoryName: name, sha: revision }],
          ref: dice.pick(['main', 'v1', null]),
          service: origin === 'events' ? dice.pick(['api', null]) : null,
        })
      );
    });
    for (let number = 100; number < 100 + dice.below(3); number += 1) {
      const openedAt = instant();
      incidents.push(
        incident(`issue:${name}:${number}`, {
          origin: 'github-issues',
          repository: id,
          number,
          labels: dice.chance(0.8) ? ['incident'] : ['question'],
          openedAt,
          resolvedAt: dice.chance(0.7) ? openedAt + dice.below(20) * HOUR_MS : null,
          resolvedBy: 'closed',
        })
      );
    }
  }
  const named = deployments.map(({ id }) => id);
  for (let index = 0; index < dice.below(6); index += 1) {
    const openedAt = instant() + HOUR_MS;
    incidents.push(
      incident(`pushed:${index}`, {
        openedAt,
        service: dice.pick([null, 'api', 'web', names[0]]),
        deploymentId: dice.chance(0.3) ? dice.pick([...named, 'nobody knows']) : null,
        resolvedAt: dice.chance(0.7) ? openedAt + (dice.below(30) - 2) * HOUR_MS : null,
        resolvedBy: 'given',
      })
    );
  }
  const deploymentSources = dice.pick([['merged-pull-requests'], ['releases'], ['events'], ['workflow-runs'], ['releases', 'events']] as const);
  const incidentSources = (['reverts', 'events', 'github-issues', 'failed-deployments', 'hotfixes'] as const).filter(() => dice.chance(0.6));
  const teams = [
    { name: 'One', repositories: names.slice(0, 1) },
    { name: 'All', repositories: names },
  ].map((team) => ({
    ...team,
    deployments: deploymentSources.map((from) => ({ from })),
    incidents: incidentSources.map((from) => ({ from })),
    exclude: dice.chance(0.3) ? { labels: ['chore'] } : {},
    incidentWindow: dice.pick(['1d', '7d']),
  }));
  return { settings: { teams }, batch: { repositories: names.map((name) => repository(name)), pullRequests, commits, deployments, incidents } };
}

export const seeds = fc.integer({ min: 1, max: 0x7fffffff });

/** How many random cases a property is tried on. */
export function runs(short: number, long: number): { numRuns: number } {
  return { numRuns: process.env.DORA_LONG === '1' ? long : short };
}
