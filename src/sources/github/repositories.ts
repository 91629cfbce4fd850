import type { Instant, Repository } from '../../engine/model';
import { matchesGlob } from '../../shared/glob';
import { DoraError } from '../../shared/errors';
import type { SourceContext } from '../source';
import { TooHeavyError, type GitHubClient } from './client';
import { MOST_NODES, nextCursor, pageOfFittingSize, type PageInfo } from './paging';
import { afterHeavyPage, startingPageSize, type PageSize } from './page-size';
import { classify } from './policy';
import type { RepositoryPlan, Selection } from './plan';
import type { Snapshot } from './scope';

/** How often owners' repositories are listed anew, for those that were added. */
const LISTING_MS = 15 * 60_000;
const STATE_KEY = 'github/repositories';
/** Repositories in one "anything new?". */
const MOST_ALIASES = 40;

/** A repository that was met by a pattern; kept by id, so that it stays when it is renamed. */
export interface KnownRepository {
  id: string;
  name: string;
  formerNames: string[];
}

export interface DirectoryState {
  /** The selection that `known` was listed for. */
  selection: string;
  listedAt: Instant;
  known: KnownRepository[];
}

/** Repositories that could not be looked up, by the name or pattern that the settings have. */
export interface LookupFailure {
  scope: string;
  error: DoraError;
}

export const LIST_OWNER_QUERY = `
query OwnersRepositories($login: String!, $first: Int!, $after: String) {
  repositoryOwner(login: $login) {
    repositories(first: $first, after: $after, ownerAffiliations: OWNER, orderBy: { field: PUSHED_AT, direction: DESC }) {
      pageInfo { hasNextPage endCursor }
      nodes { id nameWithOwner }
    }
  }
}`;

export const LIST_VIEWER_QUERY = `
query VisibleRepositories($first: Int!, $after: String) {
  viewer {
    repositories(first: $first, after: $after, affiliations: [OWNER, COLLABORATOR, ORGANIZATION_MEMBER], ownerAffiliations: [OWNER, COLLABORATOR, ORGANIZATION_MEMBER]) {
      pageInfo { hasNextPage endCursor }
      nodes { id nameWithOwner }
    }
  }
}`;

interface Listing {
  pageInfo: PageInfo;
  nodes: Array<{ id: string; nameWithOwner: string } | null>;
}

const SNAPSHOT_FRAGMENT = `
fragment Snapshot on Repository {
  id nameWithOwner url isArchived createdAt pushedAt
  defaultBranchRef { name target { oid } }
  pullRequests(states: MERGED, first: 1, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { updatedAt } }
  releases(first: 1, orderBy: { field: CREATED_AT, direction: DESC }) @include(if: $releases) { totalCount nodes { id updatedAt isDraft } }
  tags: refs(refPrefix: "refs/tags/", first: 1, orderBy: { field: TAG_COMMIT_DATE, direction: DESC }) @include(if: $tags) { totalCount nodes { name target { oid } } }
  deployments(first: 1, orderBy: { field: CREATED_AT, direction: DESC }) @include(if: $deployments) { nodes { createdAt } }
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
  releases?: { totalCount: number; nodes: Array<{ id: string; updatedAt: string; isDraft: boolean } | null> | null };
  tags?: { totalCount: number; nodes: Array<{ name: string; target: { oid: string } | null } | null> | null } | null;
  deployments?: { nodes: Array<{ createdAt: string } | null> | null };
  issues?: { nodes: Array<{ updatedAt: string } | null> | null };
}

function mapSnapshot(raw: RawSnapshot, formerNames: string[]): Snapshot {
  const newest = raw.pullRequests.nodes?.[0]?.updatedAt;
  const deployment = raw.deployments?.nodes?.[0]?.createdAt;
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
    deployments: deployment === undefined ? null : Date.parse(deployment),
    issues: issue === undefined ? null : Date.parse(issue),
  };
}

/** Reads what is known of the selection's repositories, listing owners when that is due. */
export async function knownRepositories(
  context: SourceContext,
  client: GitHubClient,
  signal: AbortSignal,
  selection: Selection
): Promise<{ directory: DirectoryState; failures: LookupFailure[] }> {
  const stored = (await context.store.readState(STATE_KEY)) as DirectoryState | undefined;
  const key = JSON.stringify([context.settings.github.apiUrl, selection.literals, [...selection.owners], selection.anywhere]);
  const age = stored === undefined ? Infinity : context.now() - stored.listedAt;
  const isFresh = stored?.selection === key && age >= 0 && age < LISTING_MS;
  if (stored !== undefined && (isFresh || (stored.selection === key && selection.owners.size === 0 && selection.anywhere.length === 0))) {
    return { directory: stored, failures: [] };
  }
  const before = new Map((stored?.known ?? []).map((repository) => [repository.id, repository]));
  const failures: LookupFailure[] = [];
  const listings: Array<{ patterns: string[]; scope: string; ask: (size: PageSize, after: string | null) => Promise<{ page: Listing | null; size: PageSize }> }> = [];
  for (const [login, patterns] of selection.owners) {
    listings.push({
      patterns,
      scope: patterns.join(', '),
      ask: (size, after) =>
        pageOfFittingSize(context, signal, size, MOST_NODES, async (first) => {
          const answer = await client.graphql<{ repositoryOwner: { repositories: Listing } | null }>(LIST_OWNER_QUERY, { login, first, after });
          return answer.repositoryOwner?.repositories ?? null;
        }),
    });
  }
  if (selection.anywhere.length > 0) {
    listings.push({
      patterns: selection.anywhere,
      scope: selection.anywhere.join(', '),
      ask: (size, after) =>
        pageOfFittingSize(context, signal, size, MOST_NODES, async (first) => {
          const answer = await client.graphql<{ viewer: { repositories: Listing } }>(LIST_VIEWER_QUERY, { first, after });
          return answer.viewer.repositories;
        }),
    });
  }
  const known = new Map<string, KnownRepository>();
  for (const listing of listings) {
    try {
      let matched = 0;
      let size = startingPageSize(MOST_NODES);
      let after: string | null = null;
      do {
        const asked: { page: Listing | null; size: PageSize } = await listing.ask(size, after);
        if (asked.page === null) {
          throw new DoraError('GITHUB_NO_REPOSITORY_MATCHES', `There is no organisation or user for ${listing.scope}, or the token cannot see it.`);
        }
        size = asked.size;
        for (const node of asked.page.nodes) {
          if (node !== null && isWanted(node.nameWithOwner, listing.patterns)) {
            known.set(node.id, renamed(before.get(node.id), node.id, node.nameWithOwner));
            matched += 1;
          }
        }
        after = nextCursor(asked.page.pageInfo, after);
      } while (after !== null);
      if (matched === 0) {
        throw new DoraError('GITHUB_NO_REPOSITORY_MATCHES', `No repository that the token can see matches ${listing.scope}.`);
      }
    } catch (error) {
      if (!(error instanceof DoraError) || stopsPass(error) || isOutage(error) || error.code === 'GITHUB_ANSWER_UNEXPECTED') {
        throw error;
      }
      failures.push({ scope: listing.scope, error });
      // Those met before stay until the owner can be listed again.
      before.forEach((repository, id) => {
        if (isWanted(repository.name, listing.patterns)) {
          known.set(id, repository);
        }
      });
    }
  }
  // What is named outright is looked up by its name and stays known by the names it had.
  const literal = new Set(selection.literals.map((name) => name.toLowerCase()));
  for (const [id, repository] of before) {
    if (!known.has(id) && [repository.name, ...repository.formerNames].some((name) => literal.has(name.toLowerCase()))) {
      known.set(id, repository);
    }
  }
  const directory: DirectoryState = { selection: key, listedAt: context.now(), known: [...known.values()] };
  await context.store.write({}, { [STATE_KEY]: toJson(directory) });
  return { directory, failures };
}

/** Asks GitHub for the snapshots of all repositories that the selection names or that are known. */
export async function takeSnapshots(
  context: SourceContext,
  client: GitHubClient,
  signal: AbortSignal,
  selection: Selection,
  directory: DirectoryState,
  planOf: (names: readonly string[]) => RepositoryPlan | null
): Promise<{ snapshots: Snapshot[]; failures: LookupFailure[] }> {
  const byName = new Map<string, KnownRepository>();
  for (const repository of directory.known) {
    for (const name of [...repository.formerNames, repository.name]) {
      byName.set(name.toLowerCase(), repository);
    }
  }
  interface Target {
    scope: string;
    address: { id: string } | { owner: string; name: string };
    known: KnownRepository | undefined;
    literal: string | null;
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
  const wanted = targets.map((target) => planOf([target.scope, ...(target.known?.formerNames ?? [])]));
  const flags = {
    releases: wanted.some((plan) => plan?.releases),
    tags: wanted.some((plan) => plan?.tags),
    deployments: wanted.some((plan) => plan?.deployments),
    issues: wanted.some((plan) => plan?.issues),
  };
  const snapshots = new Map<string, Snapshot>();
  const failures: LookupFailure[] = [];
  const gone = new Set<string>();
  const nothingElse = { releases: false, tags: false, deployments: false, issues: false };
  const forbidden: Target[] = [];
  const lookUp = async (asked: readonly Target[], include: typeof flags, partly: Target[] | null): Promise<void> => {
    let size = startingPageSize(MOST_ALIASES);
    for (let at = 0; at < asked.length; ) {
      const chunk = asked.slice(at, at + size.size);
      const { query, variables } = snapshotQuery(chunk.map((target) => target.address));
      let answer;
      try {
        answer = await client.graphqlInPart<Record<string, RawSnapshot | null>>(query, { ...variables, ...include });
      } catch (error) {
        const smaller = error instanceof TooHeavyError ? afterHeavyPage(size) : null;
        if (smaller === null) {
          throw error;
        }
        size = smaller;
        await context.sleep(1_000, signal);
        continue;
      }
      chunk.forEach((target, index) => {
        const raw = answer.data?.[`r${index}`] ?? null;
        if (raw !== null && typeof raw.id === 'string') {
          const known = target.known?.id === raw.id ? target.known : directory.known.find((repository) => repository.id === raw.id);
          const current = renamed(known, raw.id, raw.nameWithOwner, target.literal);
          snapshots.set(raw.id, mapSnapshot(raw, current.formerNames));
          return;
        }
        const own = answer.errors.filter((error) => error.path?.[0] === `r${index}`);
        if (partly !== null && own.some((error) => (error.path?.length ?? 0) > 1)) {
          partly.push(target);
          return;
        }
        const problem = classify(own) ?? { code: 'GITHUB_REPOSITORY_GONE' as const, message: 'GitHub knows no such repository.' };
        const code = problem.code === 'cursor' ? 'GITHUB_ANSWER_UNEXPECTED' : problem.code;
        failures.push({ scope: target.scope, error: new DoraError(code, problem.message) });
        if (target.literal === null && target.known && code === 'GITHUB_REPOSITORY_GONE') {
          gone.add(target.known.id);
        }
      });
      at += chunk.length;
    }
  };
  await lookUp(targets, flags, forbidden);
  // One list that the token may not see keeps the whole repository from being answered: the others go on without it.
  await lookUp(forbidden, nothingElse, null);
  const known = [...snapshots.values()].map(({ repository }) => ({ id: repository.id, name: repository.name, formerNames: repository.formerNames }));
  const unseen = directory.known.filter((repository) => !snapshots.has(repository.id) && !gone.has(repository.id));
  const next: DirectoryState = { ...directory, known: [...known, ...unseen].sort((a, b) => (a.id < b.id ? -1 : 1)) };
  const previous = { ...directory, known: [...directory.known].sort((a, b) => (a.id < b.id ? -1 : 1)) };
  if (JSON.stringify(next) !== JSON.stringify(previous)) {
    await context.store.write({}, { [STATE_KEY]: toJson(next) });
  }
  return { snapshots: [...snapshots.values()], failures };
}

/** Errors after which no other call can succeed either. */
export function stopsPass(error: DoraError): boolean {
  return ['GITHUB_TOKEN_INVALID', 'GITHUB_TOKEN_MISSING', 'GITHUB_RATE_LIMITED', 'STORE_UNAVAILABLE', 'SETTINGS_INVALID'].includes(error.code);
}

/** GitHub as a whole is in trouble, not this repository. */
export function isOutage(error: DoraError): boolean {
  return error.code === 'GITHUB_UNAVAILABLE' || error.code === 'GITHUB_UNREACHABLE';
}

function isWanted(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesGlob(pattern.toLowerCase(), name.toLowerCase()));
}

/** What is known of a repository after meeting it under a name; `asked` is how the settings call it. */
function renamed(known: KnownRepository | undefined, id: string, name: string, asked: string | null = null): KnownRepository {
  const names = [known?.name, asked, ...(known?.formerNames ?? [])].filter((former) => former !== undefined && former !== null && former.toLowerCase() !== name.toLowerCase());
  const formerNames: string[] = [];
  for (const former of names) {
    if (former && !formerNames.some((other) => other.toLowerCase() === former.toLowerCase())) {
      formerNames.push(former);
    }
  }
  return { id, name, formerNames };
}

function toJson(directory: DirectoryState): { selection: string; listedAt: number; known: Array<{ id: string; name: string; formerNames: string[] }> } {
  return { ...directory, known: directory.known.map((repository) => ({ ...repository })) };
}
