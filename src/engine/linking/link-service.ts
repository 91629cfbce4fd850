import type { IncidentSourceSettings } from '../../shared/settings';
import { type ChangeIndex, type Exclusion, isHotfix } from './changes';
import type { Containment } from './containment';
import { Deliveries, measureLeadTimes } from './deliveries';
import { type Attempt, attemptsOf } from './deployments';
import type { Facts } from '../facts/facts';
import { FORWARD, ProductionHistory } from './production-history';
import { DEPLOYMENT, indexOfStarts, NO_CHANGE, RETRY, ROLLBACK, type ServiceLink, STANDARD, tableOfRows } from './service';
import type { NodeMarks } from '../shas';
import { COSTLY_STEP, STEP } from '../steps';
import { isProductionBranch, type ServicePlan, type Team } from './team';

/** What linking a service needs besides its team. */
export interface LinkContext {
  facts: Facts;
  changes: ChangeIndex;
  containment: Containment;
  /** Scratch marks over changes, and over commits. */
  delivered: NodeMarks;
  marks: NodeMarks;
  /** The service whose walk `containment` holds. */
  walked: ServiceLink | null;
}

/** What an attempt says of itself, into the link's columns. */
function writeAttempt(link: ServiceLink, index: number, attempt: Attempt, previous: number, exclusion: Exclusion, facts: Facts): void {
  const { record, revisions, change } = attempt;
  let repository = -1;
  for (let at = 0; at < revisions.length && repository < 0; at += 1) {
    ({ repository } = revisions[at]);
  }
  link.record[index] = record;
  link.startedAt[index] = attempt.startedAt;
  link.finishedAt[index] = attempt.finishedAt;
  link.node[index] = revisions.length > 0 ? revisions[0].node : -1;
  link.repository[index] = repository >= 0 || link.repositories.length !== 1 ? repository : link.repositories[0];
  link.succeeded[index] = attempt.succeeded ? 1 : 0;
  link.before[index] = previous;
  if (record >= 0 && attempt.id !== facts.records.idOf(record)) {
    link.oddIds.set(index, attempt.id);
  }
  if (attempt.aliases.length > 0) {
    link.aliases.set(index, [...attempt.aliases]);
  }
  if (change !== null) {
    link.ownChange[index] = change;
    if (exclusion.excludes(change)) {
      link.flags[index] |= DEPLOYMENT.excluded;
    }
  }
}

/** Links one service anew; yields now and then. */
export function* linkService(plan: ServicePlan, team: Team, exclusion: Exclusion, context: LinkContext): Generator<void, ServiceLink> {
  const { facts, changes, containment } = context;
  const { settings } = team;
  const directOf = (repository: number): number[] => {
    const entry = settings.directPushes ? team.repositories.get(repository) : undefined;
    return entry ? changes.directPushes(entry) : [];
  };
  const prepare = function* (repository: number): Generator<void, void> {
    yield* changes.prepare(repository, context.marks);
    const entry = settings.directPushes ? team.repositories.get(repository) : undefined;
    if (entry) {
      yield* changes.prepareDirectPushes(entry);
    }
  };
  for (const repository of plan.mergedFrom) {
    yield* prepare(repository);
  }
  const attempts = yield* attemptsOf(plan, team, facts, (repository) => changes.pulls(repository), directOf);

  const found = new Set(plan.repositories);
  const names = new Set<number>();
  for (let at = 0; at < attempts.length; at += 1) {
    const { record, revisions } = attempts[at];
    for (let source = 0; record >= 0 && source < revisions.length; source += 1) {
      if (revisions[source].repository >= 0) {
        found.add(revisions[source].repository);
      }
    }
    if (record >= 0) {
      facts.records.addRepositoryNames(record, names);
    }
    if (at % STEP === STEP - 1) {
      yield;
    }
  }
  const repositories = [...found];
  // Facts come in any order.
  repositories.sort((a, b) => (facts.repositories.all[a].id < facts.repositories.all[b].id ? -1 : 1));
  for (const repository of repositories) {
    yield* prepare(repository);
  }
  const direct = new Set<number>();
  for (const repository of repositories) {
    for (const node of directOf(repository)) {
      direct.add(node);
    }
  }

  const count = attempts.length;
  const link: ServiceLink = {
    name: plan.name,
    plan,
    at: facts.revision,
    repositories,
    namedRepositories: new Map(Array.from(names, (name) => [name, facts.records.repositoryNamed(name)])),
    count,
    record: new Int32Array(count),
    ownChange: new Int32Array(count).fill(NO_CHANGE),
    startedAt: new Float64Array(count),
    finishedAt: new Float64Array(count),
    node: new Int32Array(count),
    repository: new Int32Array(count),
    kind: new Uint8Array(count),
    kindReason: new Uint8Array(count),
    succeeded: new Uint8Array(count),
    flags: new Uint8Array(count),
    countsFor: new Int32Array(count).fill(-1),
    before: new Int32Array(count),
    oddIds: new Map(),
    aliases: new Map(),
    rowStart: new Int32Array(count + 1),
    change: new Int32Array(0),
    rowDeployment: new Int32Array(0),
    lead: new Float64Array(0),
    rowFlags: new Uint8Array(0),
    counted: new Int32Array(count),
    leadSum: new Float64Array(count),
    reverts: [],
    hotfixes: [],
    rowTable: new Int32Array(0),
    startIndex: { starts: new Float64Array(0), deployments: new Int32Array(0) },
    opsItems: null,
    trouble: null,
  };

  const deliveries = new Deliveries(plan, exclusion, context, repositories, direct);
  context.walked = null;
  containment.start(count);
  const history = new ProductionHistory(attempts, containment);
  // How far the pull requests of a repository and branch were looked through for deployments without a known commit.
  const lookedThrough = new Map<string, number>();
  const deliverByTime = function* (deployment: number, only: number): Generator<void, void> {
    const attempt = attempts[deployment];
    const ref = attempt.record < 0 ? null : facts.names.textOrNull(facts.records.ref.values[attempt.record]);
    for (const index of only >= 0 ? [only] : repositories) {
      const repository = team.repositories.get(index) ?? { branches: [facts.repositories.all[index].fact?.defaultBranch ?? 'main'] };
      const isProduction = (branch: string): boolean => isProductionBranch(repository, branch);
      const branch = ref !== null && isProduction(ref) ? ref : null;
      const key = `${index}|${branch ?? ''}`;
      const pulls = changes.pulls(index);
      let at = lookedThrough.get(key) ?? 0;
      for (; at < pulls.length && facts.pulls.mergedAt.values[pulls[at]] < attempt.startedAt; at += 1) {
        const base = facts.names.text(facts.pulls.baseBranch.values[pulls[at]]);
        if ((branch === null ? isProduction(base) : base === branch) && deliveries.belongs(pulls[at])) {
          deliveries.deliver(pulls[at], deployment, true);
        }
        if (at % STEP === STEP - 1) {
          yield;
        }
      }
      lookedThrough.set(key, at);
    }
  };

  let previous = -1;
  let baseline = -1;
  for (let index = 0; index < count; index += 1) {
    const attempt = attempts[index];
    writeAttempt(link, index, attempt, previous, exclusion, facts);
    link.rowStart[index] = deliveries.count;
    const { kind, reason } = history.isForward(index, previous) ? FORWARD : yield* history.kindOf(index, previous);
    link.kind[index] = kind;
    link.kindReason[index] = reason;
    if (!attempt.succeeded) {
      link.countsFor[index] = kind === STANDARD ? index : -1;
      continue;
    }
    link.countsFor[index] = kind === STANDARD ? index : kind === RETRY ? history.standardOf(index) : -1;
    if (kind !== ROLLBACK) {
      const contains = attempt.record >= 0 || attempt.aliases.length > 0;
      if (contains && baseline < 0) {
        baseline = index;
        link.flags[index] |= DEPLOYMENT.baseline;
      }
      if (attempt.change !== null) {
        deliveries.deliver(attempt.change, index, false);
      }
      if (contains) {
        const revisions = attempt.revisions.length > 0 ? attempt.revisions : [{ repository: -1, node: -1 }];
        for (const { repository, node } of revisions) {
          if (!containment.isKnown(node)) {
            if (kind !== RETRY) {
              yield* deliverByTime(index, repository);
            }
            continue;
          }
          for (let done = containment.take(node, index); !done; done = containment.takeMore()) {
            yield;
          }
          for (let from = 0; from < containment.freshCount; from += STEP) {
            if (from > 0) {
              yield;
            }
            deliveries.deliverContained(containment.fresh, from, Math.min(from + STEP, containment.freshCount), index);
          }
        }
      }
    }
    history.remember(index, kind);
    previous = index;
    if (index % 500 === 499) {
      yield;
    }
  }
  context.walked = link;
  link.rowStart[count] = deliveries.count;
  deliveries.writeInto(link, baseline);
  link.rowTable = yield* tableOfRows(link.change);
  link.startIndex = yield* indexOfStarts(link);
  for (let from = 0; from < deliveries.count; from += STEP) {
    if (from > 0) {
      yield;
    }
    measureLeadTimes(link, from, Math.min(from + STEP, deliveries.count), facts);
  }

  const patterns = settings.incidents.flatMap((source) => (source.from === 'reverts' ? (source.patterns ?? []) : []));
  if (team.uses.reverts) {
    for (const repository of repositories) {
      for (const revert of yield* changes.reverts(repository, patterns, directOf(repository))) {
        link.reverts.push(revert);
      }
    }
  }
  for (const [source, hotfixes] of settings.incidents.entries()) {
    if (hotfixes.from === 'hotfixes') {
      yield* findHotfixes(link, source, hotfixes, facts);
    }
  }
  return link;
}

function* findHotfixes(link: ServiceLink, source: number, settings: Extract<IncidentSourceSettings, { from: 'hotfixes' }>, facts: Facts): Generator<void, void> {
  const known = new Set(link.hotfixes.map(({ row }) => row));
  for (let row = 0; row < link.change.length; row += 1) {
    const change = link.change[row];
    if (change >= 0 && !known.has(row) && isHotfix(settings, change, facts)) {
      link.hotfixes.push({ row, source });
    }
    if (row % COSTLY_STEP === COSTLY_STEP - 1) {
      yield;
    }
  }
}
