import { COMMIT_FIELDS, type History } from './commits';
import type { GitHubClient } from './client';
import type { ListPage } from './newest-first';
import { PULL_REQUEST_FIELDS, type RawPullRequest } from './pull-requests';
import { RELEASE_FIELDS, type RawRelease } from './releases';
import type { RepositoryScope } from './scope';
import { TAG_FIELDS, type RawTag } from './tags';

/** Repositories in one query, each with the newest of everything: together as heavy as a usual page. */
export const REPOSITORIES_AT_ONCE = 3;
const PULL_REQUESTS = 10;
const COMMITS = 40;
const DEPLOYMENTS = 20;

/** What came of a repository before it was its turn. */
export interface FirstPages {
  pullRequests?: ListPage<RawPullRequest> | undefined;
  releases?: ListPage<RawRelease> | undefined;
  tags?: ListPage<RawTag> | undefined;
  history?: (History & { head: string }) | undefined;
}

const PAGE = 'totalCount pageInfo { hasNextPage endCursor }';

const FRAGMENT = `
fragment FirstPages on Repository {
  pullRequests(states: MERGED, first: ${PULL_REQUESTS}, orderBy: { field: UPDATED_AT, direction: DESC }) { ${PAGE} nodes { ${PULL_REQUEST_FIELDS} } }
  releases(first: ${DEPLOYMENTS}, orderBy: { field: CREATED_AT, direction: DESC }) @include(if: $releases) { ${PAGE} nodes { ${RELEASE_FIELDS} } }
  tags: refs(refPrefix: "refs/tags/", first: ${DEPLOYMENTS}, orderBy: { field: TAG_COMMIT_DATE, direction: DESC }) @include(if: $tags) { ${PAGE} nodes { ${TAG_FIELDS} } }
  defaultBranchRef @include(if: $graph) { target { oid ... on Commit { history(first: ${COMMITS}) { pageInfo { hasNextPage endCursor } nodes { ${COMMIT_FIELDS} } } } } }
}`;

/** The newest of several repositories in one query, by id, an alias each. */
export function firstPagesQuery(count: number): string {
  const indices = Array.from({ length: count }, (_, index) => index);
  return `
query FirstPages(${indices.map((index) => `$i${index}: ID!`).join(', ')}, $commits: Int!, $files: Boolean!, $releases: Boolean!, $tags: Boolean!, $graph: Boolean!) {
${indices.map((index) => `  r${index}: node(id: $i${index}) { ...FirstPages }`).join('\n')}
}
${FRAGMENT}`;
}

interface RawFirstPages {
  pullRequests: ListPage<RawPullRequest>;
  releases?: ListPage<RawRelease>;
  tags?: ListPage<RawTag> | null;
  defaultBranchRef?: { target: ({ oid: string; history?: History } & object) | null } | null;
}

/** Fetches the newest of everything that these repositories' plans want, for their steps to take. */
export async function fetchFirstPages(client: GitHubClient, scopes: readonly RepositoryScope[]): Promise<void> {
  const some = (wants: (scope: RepositoryScope) => boolean): boolean => scopes.some(wants);
  const { data, errors } = await client.graphqlInPart<Record<string, RawFirstPages | null>>(firstPagesQuery(scopes.length), {
    ...Object.fromEntries(scopes.map(({ snapshot }, index) => [`i${index}`, snapshot.repository.id])),
    commits: 100,
    files: some(({ plan }) => plan.files),
    releases: some(({ plan }) => plan.releases),
    tags: some(({ plan }) => plan.tags),
    graph: some(({ plan }) => plan.commits?.defaultBranch === true),
  });
  scopes.forEach((scope, index) => {
    const raw = data?.[`r${index}`];
    // What is missing or forbidden is asked for in its turn, and its error told then.
    if (!raw || errors.some((error) => error.path?.[0] === `r${index}`)) {
      return;
    }
    const { plan } = scope;
    const target = raw.defaultBranchRef?.target;
    scope.firstPages = {
      ...(plan.pullRequests ? { pullRequests: raw.pullRequests } : {}),
      ...(plan.releases && raw.releases ? { releases: raw.releases } : {}),
      ...(plan.tags && raw.tags ? { tags: raw.tags } : {}),
      ...(plan.commits?.defaultBranch && target?.history && target.oid === scope.snapshot.defaultHead ? { history: { ...target.history, head: target.oid } } : {}),
    };
  });
}
