import type { DeploymentRecord } from '../../engine/model';
import { referencesOf } from '../references';
import { syncCountedList } from './counted-list';
import type { ListPage } from './newest-first';
import { takeFirstPage, type RepositoryScope } from './scope';

export const RELEASE_FIELDS = 'id tagName name isDraft isPrerelease createdAt publishedAt url tagCommit { oid }';

export const RELEASES_QUERY = `
query Releases($id: ID!, $first: Int!, $after: String) {
  node(id: $id) {
    ... on Repository {
      releases(first: $first, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { ${RELEASE_FIELDS} }
      }
    }
  }
}`;

export interface RawRelease {
  id: string;
  tagName: string;
  name: string | null;
  isDraft: boolean;
  isPrerelease: boolean;
  createdAt: string;
  publishedAt: string | null;
  url: string;
  tagCommit: { oid: string } | null;
}

function idOf({ id }: RawRelease): string {
  return `releases:${id}`;
}

/** A published release as a deployment; null for drafts. GitHub knows no start: it is published at once. */
export function mapRelease(repository: { id: string; name: string }, raw: RawRelease): DeploymentRecord | null {
  if (raw.isDraft || raw.publishedAt === null) {
    return null;
  }
  const publishedAt = Date.parse(raw.publishedAt);
  return {
    id: idOf(raw),
    origin: 'releases',
    outcome: 'succeeded',
    declared: null,
    startedAt: publishedAt,
    finishedAt: publishedAt,
    revisions: [{ repository: repository.id, repositoryName: repository.name, sha: raw.tagCommit?.oid ?? null }],
    ref: raw.tagName,
    environment: null,
    pipeline: null,
    pipelineTitle: null,
    account: null,
    region: null,
    service: null,
    prerelease: raw.isPrerelease,
    stages: [],
    title: raw.name?.trim() || raw.tagName,
    url: raw.url,
    references: referencesOf({ title: raw.name }),
  };
}

/**
 * Published releases. GitHub lists them by `createdAt`, never later than their publication, so a page whose oldest is from X
 * holds all that were published since X, apart from drafts published later: the count tells of those.
 */
export function syncReleases(scope: RepositoryScope): AsyncGenerator<void, void> {
  const { client, snapshot } = scope;
  return syncCountedList<RawRelease>(scope, {
    kind: 'releases',
    seen: snapshot.releases,
    lagMs: 0,
    ask: async (first, after) => {
      const fetched = after === null ? takeFirstPage(scope, 'releases') : null;
      if (fetched !== null) {
        return fetched;
      }
      const answer = await client.graphql<{ node: { releases: ListPage<RawRelease> } }>(RELEASES_QUERY, { id: snapshot.repository.id, first, after });
      return answer.node.releases;
    },
    sortedBy: (raw) => Date.parse(raw.createdAt),
    idOf,
    map: (raw) => mapRelease(snapshot.repository, raw),
  });
}
