import type { Repository } from '../../engine/model';
import { DoraError } from '../../shared/errors';
import type { SourceContext } from '../source';
import type { GitHubClient } from './client';
import type { DeploymentWord } from './deployment-watch';
import type { RepositoryPlan, Selection } from './plan';
import { classify, type GraphqlError } from './policy';
import { DIRECTORY_KEY, renamed, toJson, type DirectoryState, type KnownRepository, type LookupFailure } from './repositories';
import type { Snapshot, SnapshotList } from './scope';

/** Repositories in one "anything new?". */
const MOST_ALIASES = 40;
/** GitHub is down when so many repositories in a row cannot be answered, each asked for by itself. */
const MOST_UNANSWERED = 3;

const SNAPSHOT_FRAGMENT = `
fragment Snapshot on Repository {
  id nameWithOwner url isArchived createdAt pushedAt
  defaultBranchRef { name target { oid } }
  pullRequests(states: MERGED, first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
  releases(first: 5, orderBy: { field: CREATED_AT, direction: DESC }) @include(if: $releases) { totalCount nodes { id updatedAt isDraft isPrerelease } }
  tags: refs(refPrefix: "refs/tags/", first: 1, orderBy: { field: TAG_COMMIT_DATE, direction: DESC }) @include(if: $tags) { totalCount nodes { name target { oid } } }
  deployments(first: 10, orderBy: { field: CREATED_AT, direction: DESC }) @include(if: $deployments) { nodes { id createdAt latestStatus { state createdAt } } }
  issues(first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) @include(if: $issues) { nodes { updatedAt } }
}`;

/** "Anything new?" for several repositories, by id or by name, an alias each. */
export function snapshotQuery(targets: ReadonlyArray<{ id: string } | { owner: string; name: string }>): { query: string; variables: Record<string, string> } {
  const variables: Record<string, string> = {};
  const declared: string[] = ['$releases: Boolean!', '$tags: Boolean!', '$deployments: Boolean!', '$issues: Boolean!'];
  const fields = targets.map((target, index) => {
    if ('id' in target) {
      variables[`i${index}`] = target.id;
      declared.push(`$i${index}: ID!`);
      return `r${index}: node(id: $i${index}) { ...Snapshot }`;
    }
    variables[`o${index}`] = target.owner;
    variables[`n${index}`] = target.name;
    declared.push(`$o${index}: String!`, `$n${index}: String!`);
    return `r${index}: repository(owner: $o${index}, name: $n${index}) { ...Snapshot }`;
  });
  return { query: `query Snapshots(${declared.join(', ')}) {\n${fields.join('\n')}\n}\n${SNAPSHOT_FRAGMENT}`, variables };
}

interface RawSnapshot {
  id: string;
  nameWithOwner: string;
  url: string;
  isArchived: boolean;
  createdAt: string;
  pushedAt: string | null;
  defaultBranchRef: { name: string; target: { oid: string } | null } | null;
  pullRequests: { totalCount: number; nodes: Array<{ updatedAt: string } | null> | null };
  releases?: { totalCount: number; nodes: Array<{ id: string; updatedAt: string; isDraft: boolean; isPrerelease: boolean } | null> | null };
  tags?: { totalCount: number; nodes: Array<{ name: string; target: { oid: string } | null } | null> | null } | null;
  deployments?: { nodes: Array<{ id: string; createdAt: string; latestStatus: { state: string; createdAt: string } | null } | null> | null };
  issues?: { nodes: Array<{ updatedAt: string } | null> | null };
}

function mapSnapshot(raw: RawSnapshot, formerNames: string[], refused: Snapshot['refused']): Snapshot {
  const newest = raw.pullRequests.nodes?.[0]?.updatedAt;
  const words = (raw.deployments?.nodes ?? []).flatMap((node): DeploymentWord[] =>
    node === null ? [] : [{ id: node.id, createdAt: Date.parse(node.createdAt), at: Date.parse(node.latestStatus?.createdAt ?? node.createdAt), inactive: node.latestStatus?.state === 'INACTIVE' }]
  );
  const issue = raw.issues?.nodes?.[0]?.updatedAt;
  const repository: Repository = {
    id: raw.id,
    name: raw.nameWithOwner,
    formerNames,
    url: raw.url,
    defaultBranch: raw.defaultBranchRef?.name ?? null,
    branchHeads: {},
    createdAt: Date.parse(raw.createdAt),
    archived: raw.isArchived,
  };
  return {
    repository,
    pushedAt: raw.pushedAt === null ? null : Date.parse(raw.pushedAt),
    defaultHead: raw.defaultBranchRef?.target?.oid ?? null,
    pullRequests: { total: raw.pullRequests.totalCount, newest: newest === undefined ? null : Date.parse(newest) },
    releases: raw.releases ? JSON.stringify(raw.releases) : null,
    tags: raw.tags ? JSON.stringify(raw.tags) : null,
    deployments: words,
    issues: issue === undefined ? null : Date.parse(issue),
    refused,
  };
}

/** What is asked of all repositories alike: a list that nobody wants costs, and may be forbidden. */
type Lists = Record<SnapshotList, boolean>;

/** A repository to be looked up. */
interface Target {
  /** As the settings or the directory call it. */
  scope: string;
  address: { id: string } | { owner: string; name: string };
  known: KnownRepository | undefined;
  /** Its name as the settings write it out; null where a pattern met it. */
  literal: string | null;
}

type PlanOf = (names: readonly string[]) => RepositoryPlan | null;

function targetsOf(selection: Selection, directory: DirectoryState, planOf: PlanOf): Target[] {
  const byName = new Map<string, KnownRepository>();
  for (const repository of directory.known) {
    for (const name of [...repository.formerNames, repository.name]) {
      byName.set(name.toLowerCase(), repository);
    }
  }
  const targets: Target[] = [];
  const taken = new Set<string>();
  for (const literal of selection.literals) {
    const [owner = '', name = ''] = literal.split('/');
    const known = byName.get(literal.toLowerCase());
    if (known) {
      taken.add(known.id);
    }
    targets.push({ scope: literal, address: { owner, name }, known, literal });
  }
  for (const known of directory.known) {
    if (!taken.has(known.id) && planOf([known.name, ...known.formerNames]) !== null) {
      targets.push({ scope: known.name, address: { id: known.id }, known, literal: null });
    }
  }
  return targets;
}

function listsOf(targets: readonly Target[], planOf: PlanOf): Lists {
  const plans = targets.map((target) => planOf([target.scope, ...(target.known?.formerNames ?? [])]));
  return {
    releases: plans.some((plan) => plan?.releases),
    tags: plans.some((plan) => plan?.tags),
    deployments: plans.some((plan) => (plan?.deployments.length ?? 0) > 0),
    issues: plans.some((plan) => plan?.issues),
  };
}

/** One round of "anything new?". */
class Lookup {
  readonly snapshots = new Map<string, Snapshot>();
  readonly failures: LookupFailure[] = [];
  /** Ids of known repositories that GitHub says are not there. */
  readonly gone = new Set<string>();
  /** Answered but for lists that the credential may not see: they are asked for once more without them. */
  private again: Array<{ target: Target; lists: Lists }> = [];
  private readonly refused = new Map<Target, Snapshot['refused']>();
  private unanswered = 0;

  constructor(
    private readonly context: SourceContext,
    private readonly client: GitHubClient,
    private readonly signal: AbortSignal,
    private readonly directory: DirectoryState
  ) {}

  async all(targets: readonly Target[], lists: Lists): Promise<void> {
    await this.chunks(targets, lists, targets.length);
    // One list that the token may not see keeps the whole repository from being answered, and may hide the next one.
    while (this.again.length > 0) {
      const groups = new Map<string, { lists: Lists; targets: Target[] }>();
      for (const { target, lists: allowed } of this.again) {
        const key = JSON.stringify(allowed);
        const group = groups.get(key) ?? { lists: allowed, targets: [] };
        group.targets.push(target);
        groups.set(key, group);
      }
      this.again = [];
      for (const group of groups.values()) {
        await this.chunks(group.targets, group.lists, targets.length);
      }
    }
  }

  private async chunks(targets: readonly Target[], lists: Lists, of: number): Promise<void> {
    for (let at = 0; at < targets.length; at += MOST_ALIASES) {
      await this.ask(targets.slice(at, at + MOST_ALIASES), lists, of);
    }
  }

  /** One repository that GitHub cannot answer must not take the others down: they are asked for in halves, down to it alone. */
  private async ask(targets: readonly Target[], lists: Lists, of: number): Promise<void> {
    const { query, variables } = snapshotQuery(targets.map((target) => target.address));
    try {
      const answer = await this.client.graphqlInPart<Record<string, RawSnapshot | null>>(query, { ...variables, ...lists });
      this.unanswered = 0;
      targets.forEach((target, index) => this.take(target, lists, answer.data?.[`r${index}`] ?? null, answer.errors.filter((error) => error.path?.[0] === `r${index}`)));
    } catch (error) {
      if (!(error instanceof DoraError) || error.code !== 'GITHUB_UNAVAILABLE') {
        throw error;
      }
      await this.context.sleep(1_000, this.signal);
      if (targets.length > 1) {
        const half = Math.ceil(targets.length / 2);
        await this.ask(targets.slice(0, half), lists, of);
        await this.ask(targets.slice(half), lists, of);
        return;
      }
      this.unanswered += 1;
      if (this.unanswered >= Math.min(MOST_UNANSWERED, of)) {
        throw error;
      }
      this.failures.push({ scope: targets[0].scope, error });
    }
  }

  private take(target: Target, lists: Lists, raw: RawSnapshot | null, errors: readonly GraphqlError[]): void {
    if (raw !== null && typeof raw.id === 'string') {
      const known = target.known?.id === raw.id ? target.known : this.directory.known.find((repository) => repository.id === raw.id);
      const current = renamed(known, raw.id, raw.nameWithOwner, target.literal);
      this.snapshots.set(raw.id, mapSnapshot(raw, current.formerNames, this.refused.get(target) ?? {}));
      return;
    }
    const allowed = { ...lists };
    const refused = { ...this.refused.get(target) };
    for (const error of errors) {
      const list = error.path?.[1] as SnapshotList | undefined;
      if (list !== undefined && allowed[list]) {
        allowed[list] = false;
        refused[list] = error.message;
      }
    }
    if (JSON.stringify(allowed) !== JSON.stringify(lists)) {
      this.refused.set(target, refused);
      this.again.push({ target, lists: allowed });
      return;
    }
    const problem = classify(errors) ?? { code: 'GITHUB_REPOSITORY_GONE' as const, message: 'GitHub knows no such repository.' };
    const code = problem.code === 'cursor' ? 'GITHUB_ANSWER_UNEXPECTED' : problem.code;
    this.failures.push({ scope: target.scope, error: new DoraError(code, problem.message) });
    if (target.literal === null && target.known && code === 'GITHUB_REPOSITORY_GONE') {
      this.gone.add(target.known.id);
    }
  }
}

/** Asks GitHub for the snapshots of all repositories that the selection names or that are known. */
export async function takeSnapshots(
  context: SourceContext,
  client: GitHubClient,
  signal: AbortSignal,
  selection: Selection,
  directory: DirectoryState,
  planOf: PlanOf
): Promise<{ snapshots: Snapshot[]; failures: LookupFailure[] }> {
  const targets = targetsOf(selection, directory, planOf);
  const lookup = new Lookup(context, client, signal, directory);
  await lookup.all(targets, listsOf(targets, planOf));
  const { snapshots, failures, gone } = lookup;
  const known = [...snapshots.values()].map(({ repository }) => ({ id: repository.id, name: repository.name, formerNames: repository.formerNames }));
  const unseen = directory.known.filter((repository) => !snapshots.has(repository.id) && !gone.has(repository.id));
  const next: DirectoryState = { ...directory, known: [...known, ...unseen].sort((a, b) => (a.id < b.id ? -1 : 1)) };
  const previous = { ...directory, known: [...directory.known].sort((a, b) => (a.id < b.id ? -1 : 1)) };
  if (JSON.stringify(next) !== JSON.stringify(previous)) {
    await context.store.write({}, { [DIRECTORY_KEY]: toJson(next) });
  }
  return { snapshots: [...snapshots.values()], failures };
}

/** Snapshots of some repositories only, before the whole round: what cannot be answered is left to that. */
export async function peekSnapshots(
  context: SourceContext,
  client: GitHubClient,
  signal: AbortSignal,
  selection: Selection,
  directory: DirectoryState,
  planOf: PlanOf
): Promise<Snapshot[]> {
  const targets = targetsOf(selection, directory, planOf);
  const lookup = new Lookup(context, client, signal, directory);
  await lookup.all(targets, listsOf(targets, planOf));
  return [...lookup.snapshots.values()];
}
