import { matchesGlob, matchesGlobs } from '../../shared/glob';
import { parseDuration } from '../../shared/duration';
import { isProduction } from '../../shared/environments';
import type { Facts } from '../facts/facts';
import type { RecordGroup } from '../facts/records';
import type { DeploymentStage, Instant } from '../model';
import { COSTLY_STEP, sortInSteps } from '../steps';
import { asList, entriesForFiles, entriesForRef, isProductionBranch, type SelectedGroup, type ServicePlan, type Team } from './team';

/** One attempt to bring something into production of one service, before it is linked. */
export interface Attempt {
  /** Index of the record; −1 for a merged pull request or a direct push. */
  record: number;
  /** Distinguishes failed attempts of one record's stage: its position in the record's stages; −1 for the record as a whole. */
  stage: number;
  /** The change of a merged pull request (its index) or a direct push (the complement of its node), else null. */
  change: number | null;
  succeeded: boolean;
  startedAt: Instant;
  finishedAt: Instant;
  revisions: Array<{ repository: number; node: number }>;
  declaredRollback: boolean;
  id: string;
  /** Equal for attempts of the same revisions. */
  key: number | string;
  /** Further records that are the same deployment. */
  aliases: readonly number[];
}

const NO_ALIASES: readonly number[] = [];

const SAME_DEPLOYMENT_MS = parseDuration('15m')!;

/** Ids of deployments that no tool reports. */
export function mergedPullId(facts: Facts, pull: number): string {
  return `merged-pull-requests:${facts.pulls.idOf(pull)}`;
}

export function directPushId(facts: Facts, node: number): string {
  return `merged-pull-requests:${facts.shas.sha(node)}`;
}

/** METRICS: "order of deployments". Ids break ties, so that the order facts came in does not matter. */
export function inOrder(a: Attempt, b: Attempt): number {
  return a.finishedAt - b.finishedAt || a.startedAt - b.startedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** True when a source of the team selects the record by what can differ within a group. */
function selectsRecord({ source, group }: SelectedGroup, record: number, facts: Facts): boolean {
  const ref = facts.names.textOrNull(facts.records.ref.values[record]);
  const environment = facts.names.textOrNull(facts.records.environment.values[record]);
  switch (source.from) {
    case 'releases': {
      const tags = asList(source.tags);
      return (tags === undefined || (ref !== null && matchesGlobs(tags, ref))) && (source.prereleases === true || facts.records.prerelease.values[record] === 0);
    }
    case 'workflow-runs':
      return source.branches === undefined || (ref !== null && matchesGlobs(source.branches, ref));
    case 'github-deployments':
      return environment !== null && isProduction(environment, source.environments);
    case 'events':
      // Other environments may be pushed too; only production counts.
      return group.origin === 'events' && (environment === null || isProduction(environment));
    default:
      return true;
  }
}

/** True when the record belongs to this service and not to another entry of its repository. */
function belongs(plan: ServicePlan, selected: SelectedGroup, record: number, team: Team, facts: Facts): boolean {
  const { group } = selected;
  if (group.origin === 'codepipeline' || group.service !== null) {
    return true;
  }
  const repository = team.repositories.get(facts.records.repositoryOf(group));
  if (!repository || repository.entries.length === 0) {
    return plan.entry === null;
  }
  const entries = entriesForRef(repository.entries, facts.names.textOrNull(facts.records.ref.values[record]));
  return plan.entry === null ? entries.length === 0 : entries.some((entry) => entry.name === plan.name);
}

/** Attempts at the production stage or job that settings name: each failed one, and the one that succeeded. */
function attemptsOfRecord({ source }: SelectedGroup, record: number, facts: Facts): Attempt[] {
  const columns = facts.records;
  const revisions = facts.records.revisionsOf(record);
  const whole: Attempt = {
    record,
    stage: -1,
    change: null,
    succeeded: columns.succeeded.values[record] === 1,
    startedAt: columns.startedAt.values[record],
    finishedAt: columns.finishedAt.values[record],
    revisions,
    declaredRollback: columns.declaredRollback.values[record] === 1,
    id: facts.records.idOf(record),
    key: revisionKey(revisions),
    aliases: NO_ALIASES,
  };
  const stages = facts.records.stages.get(record);
  const wanted = source.from === 'codepipeline' ? source.stage : source.from === 'workflow-runs' ? source.job : undefined;
  if (stages === undefined || (wanted === undefined && source.from !== 'codepipeline')) {
    return [whole];
  }
  const at = (stage: DeploymentStage, index: number): Attempt => ({
    ...whole,
    stage: index,
    succeeded: stage.outcome === 'succeeded',
    startedAt: stage.startedAt ?? whole.startedAt,
    finishedAt: stage.finishedAt ?? whole.finishedAt,
    id: `${whole.id}/${stage.name}/${stage.attempt}`,
  });
  const chosen = stages
    .map((stage, index) => ({ stage, index }))
    .filter(({ stage }) => stage.outcome !== null && (wanted === undefined || stage.name === wanted || matchesGlob(wanted, stage.name)));
  const failures = chosen.filter(({ stage }) => stage.outcome === 'failed').map(({ stage, index }) => at(stage, index));
  if (wanted === undefined) {
    // The whole execution: what failed in it and was retried, then what it came to.
    if (whole.succeeded || failures.length === 0) {
      return [...failures, whole];
    }
    failures[failures.length - 1].id = whole.id;
    return failures;
  }
  const successes = chosen.filter(({ stage }) => stage.outcome === 'succeeded');
  if (successes.length > 0) {
    // The job may run for several regions: production has it all when the last one is through.
    const attempt = at(successes[0].stage, successes[0].index);
    attempt.id = whole.id;
    for (const { stage } of successes) {
      attempt.startedAt = Math.min(attempt.startedAt, stage.startedAt ?? attempt.startedAt);
      attempt.finishedAt = Math.max(attempt.finishedAt, stage.finishedAt ?? attempt.finishedAt);
    }
    return [...failures, attempt];
  }
  if (failures.length > 0) {
    failures[failures.length - 1].id = whole.id;
  }
  return failures;
}

/** Merges what two sources tell of one deployment: same revisions, environment and status, at most 15 minutes apart. @param attempts in order */
function* mergeSameDeployments(attempts: Attempt[], originOf: (attempt: Attempt) => string, environmentOf: (attempt: Attempt) => string): Generator<void, Attempt[]> {
  const [first] = attempts;
  if (first === undefined || attempts.every((attempt) => originOf(attempt) === originOf(first))) {
    return attempts;
  }
  const kept: Attempt[] = [];
  const open = new Map<string, Array<{ attempt: Attempt; origins: Set<string> }>>();
  for (let at = 0; at < attempts.length; at += 1) {
    const attempt = attempts[at];
    if (at % COSTLY_STEP === COSTLY_STEP - 1) {
      yield;
    }
    const known = attempt.revisions.length > 0 && attempt.revisions.every(({ node }) => node >= 0);
    const key = `${attempt.key}|${environmentOf(attempt)}|${attempt.succeeded}`;
    const candidates = open.get(key) ?? [];
    const origin = originOf(attempt);
    const same = known
      ? candidates.find((candidate) => !candidate.origins.has(origin) && attempt.startedAt - candidate.attempt.finishedAt <= SAME_DEPLOYMENT_MS)
      : undefined;
    if (same) {
      same.origins.add(origin);
      same.attempt.startedAt = Math.min(same.attempt.startedAt, attempt.startedAt);
      same.attempt.finishedAt = Math.max(same.attempt.finishedAt, attempt.finishedAt);
      same.attempt.declaredRollback = same.attempt.declaredRollback || attempt.declaredRollback;
      // A merged pull request stands for itself; the record that joins it brings its own id.
      same.attempt.aliases = [...same.attempt.aliases, ...(attempt.record >= 0 ? [attempt.record] : []), ...attempt.aliases];
      same.attempt.change = same.attempt.change ?? attempt.change;
    } else {
      const own = { ...attempt };
      kept.push(own);
      candidates.push({ attempt: own, origins: new Set([origin]) });
      open.set(key, candidates);
    }
  }
  return kept;
}

function revisionKey(revisions: Attempt['revisions']): number | string {
  return revisions.length === 1 ? revisions[0].node : revisions.map(({ repository, node }) => `${repository}:${node}`).sort().join(' ');
}

/** Tags that a release stands for, by `tagKey`; null where plain tags are no deployments anyway. */
function releasedTags(plan: ServicePlan, facts: Facts): Set<string> | null {
  const released = new Set<string>();
  if (!plan.groups.some(({ group }) => group.origin === 'tags')) {
    return null;
  }
  for (const { group } of plan.groups) {
    for (let at = 0; group.origin === 'releases' && at < group.records.length; at += 1) {
      const record = group.records.values[at];
      if (facts.records.group.values[record] === group.index) {
        released.add(tagKey(group, record, facts));
      }
    }
  }
  return released;
}

function tagKey({ repository }: RecordGroup, record: number, facts: Facts): string {
  return `${repository}#${facts.records.ref.values[record]}`;
}

/** All attempts of a service in order, deduplicated. `directPushes`: nodes that count as merges of their own. */
export function* attemptsOf(
  plan: ServicePlan,
  team: Team,
  facts: Facts,
  pullsOf: (repository: number) => Int32Array,
  directPushes: (repository: number) => number[]
): Generator<void, Attempt[]> {
  const attempts: Attempt[] = [];
  const taken = new Set<number>();
  const released = releasedTags(plan, facts);
  const isReleased = (group: RecordGroup, record: number): boolean => group.origin === 'tags' && released !== null && released.has(tagKey(group, record, facts));
  for (const selected of plan.groups) {
    const { records } = selected.group;
    for (let at = 0; at < records.length; at += 1) {
      const record = records.values[at];
      // Two entries of `deployments` may select the same record.
      if (facts.records.group.values[record] === selected.group.index && !taken.has(record) && !isReleased(selected.group, record) && selectsRecord(selected, record, facts) && belongs(plan, selected, record, team, facts)) {
        const found = attemptsOfRecord(selected, record, facts);
        if (found.length > 0) {
          taken.add(record);
          attempts.push(...found);
        }
      }
      if (at % COSTLY_STEP === COSTLY_STEP - 1) {
        yield;
      }
    }
  }
  for (const index of plan.mergedFrom) {
    const repository = team.repositories.get(index)!;
    const branches = new Map<number, boolean>();
    const pulls = pullsOf(index);
    for (let at = 0; at < pulls.length; at += 1) {
      const pull = pulls[at];
      const base = facts.pulls.baseBranch.values[pull];
      let production = branches.get(base);
      if (production === undefined) {
        production = isProductionBranch(repository, facts.names.text(base));
        branches.set(base, production);
      }
      if (!production) {
        continue;
      }
      if (repository.entries.length > 0) {
        const entries = entriesForFiles(repository.entries, facts.pulls.filesOf(pull));
        if (plan.entry === null ? entries.length > 0 : !entries.includes(plan.entry)) {
          continue;
        }
      }
      attempts.push(mergeAttempt(pull, facts.pulls.mergedAt.values[pull], index, facts.pulls.mergeNode.values[pull], mergedPullId(facts, pull)));
      if (at % COSTLY_STEP === COSTLY_STEP - 1) {
        yield;
      }
    }
    if (plan.entry === null || plan.entry.paths === undefined) {
      for (const node of directPushes(index)) {
        attempts.push(mergeAttempt(~node, facts.commits.committedAt.values[node], index, node, directPushId(facts, node)));
      }
    }
  }
  const merged = yield* mergeSameDeployments(
    yield* sorted(attempts),
    ({ record }) => (record < 0 ? 'merged-pull-requests' : facts.records.originOf(record)),
    ({ record }) => (record < 0 ? '' : (facts.names.textOrNull(facts.records.environment.values[record]) ?? ''))
  );
  // What was merged may have moved.
  return yield* sorted(merged);
}

function* sorted(attempts: Attempt[]): Generator<void, Attempt[]> {
  if (attempts.every((attempt, index) => index === 0 || inOrder(attempts[index - 1], attempt) <= 0)) {
    return attempts;
  }
  const order = Int32Array.from({ length: attempts.length }, (_, index) => index);
  yield* sortInSteps(order, (a, b) => inOrder(attempts[a], attempts[b]));
  return Array.from(order, (index) => attempts[index]);
}

function mergeAttempt(change: number, at: Instant, repository: number, node: number, id: string): Attempt {
  return { record: -1, stage: -1, change, succeeded: true, startedAt: at, finishedAt: at, revisions: [{ repository, node }], declaredRollback: false, id, key: node, aliases: NO_ALIASES };
}
