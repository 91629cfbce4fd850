import type { Instant } from '../../engine/model';
import { matchesGlob } from '../../shared/glob';
import { DoraError } from '../../shared/errors';
import type { SourceContext } from '../source';
import type { GitHubClient } from './client';
import { MOST_NODES, nextCursor, pageOfFittingSize, type PageInfo } from './paging';
import { startingPageSize, type PageSize } from './page-size';
import type { Selection } from './plan';

/** How often owners' repositories are listed anew, for those that were added. */
const LISTING_MS = 15 * 60_000;
/** Of a listing that did not come whole: the next pass lists again. */
const NEVER = 0;
export const DIRECTORY_KEY = 'github/repositories';

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

/** Reads what is known of the selection's repositories, listing owners when that is due. */
export async function knownRepositories(
  context: SourceContext,
  client: GitHubClient,
  signal: AbortSignal,
  selection: Selection
): Promise<{ directory: DirectoryState; failures: LookupFailure[] }> {
  const stored = (await context.store.readState(DIRECTORY_KEY)) as DirectoryState | undefined;
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
      ask:
        context.settings.github.auth === 'app'
          ? async (size, after) => ({ page: await installationPage(client, after), size })
          : (size, after) =>
              pageOfFittingSize(context, signal, size, MOST_NODES, async (first) => {
                const answer = await client.graphql<{ viewer: { repositories: Listing } }>(LIST_VIEWER_QUERY, { first, after });
                return answer.viewer.repositories;
              }),
    });
  }
  const known = new Map<string, KnownRepository>();
  let listedAt = context.now();
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
      if (!(error instanceof DoraError) || stopsPass(error) || error.code === 'GITHUB_UNREACHABLE' || error.code === 'GITHUB_ANSWER_UNEXPECTED') {
        throw error;
      }
      failures.push({ scope: listing.scope, error });
      // Those met before stay until the owner can be listed again.
      before.forEach((repository, id) => {
        if (isWanted(repository.name, listing.patterns)) {
          known.set(id, repository);
        }
      });
      if (isOutage(error)) {
        if (known.size === 0 && selection.literals.length === 0) {
          throw error;
        }
        listedAt = NEVER;
      }
    }
  }
  // What is named outright is looked up by its name and stays known by the names it had.
  const literal = new Set(selection.literals.map((name) => name.toLowerCase()));
  for (const [id, repository] of before) {
    if (!known.has(id) && [repository.name, ...repository.formerNames].some((name) => literal.has(name.toLowerCase()))) {
      known.set(id, repository);
    }
  }
  const directory: DirectoryState = { selection: key, listedAt, known: [...known.values()] };
  await context.store.write({}, { [DIRECTORY_KEY]: toJson(directory) });
  return { directory, failures };
}

/** What a GitHub App is installed for: it has no repositories of its own that GraphQL could list. The cursor is a page's number. */
async function installationPage(client: GitHubClient, after: string | null): Promise<Listing> {
  const page = Number(after ?? 1);
  const answer = await client.rest<{ total_count: number; repositories: Array<{ node_id: string; full_name: string }> }>('GET /installation/repositories', { per_page: MOST_NODES, page });
  const { repositories = [], total_count: total = 0 } = answer?.data ?? {};
  return {
    pageInfo: { hasNextPage: repositories.length > 0 && page * MOST_NODES < total, endCursor: String(page + 1) },
    nodes: repositories.map(({ node_id: id, full_name: nameWithOwner }) => ({ id, nameWithOwner })),
  };
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
export function renamed(known: KnownRepository | undefined, id: string, name: string, asked: string | null = null): KnownRepository {
  const names = [known?.name, asked, ...(known?.formerNames ?? [])].filter((former) => former !== undefined && former !== null && former.toLowerCase() !== name.toLowerCase());
  const formerNames: string[] = [];
  for (const former of names) {
    if (former && !formerNames.some((other) => other.toLowerCase() === former.toLowerCase())) {
      formerNames.push(former);
    }
  }
  return { id, name, formerNames };
}

export function toJson(directory: DirectoryState): { selection: string; listedAt: number; known: Array<{ id: string; name: string; formerNames: string[] }> } {
  return { ...directory, known: directory.known.map((repository) => ({ ...repository })) };
}
