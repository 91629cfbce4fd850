import type { DeploymentRecord, Instant } from '../../engine/model';
import { DAY_MS } from '../../shared/duration';
import { referencesOfMessage, splitMessage } from '../references';
import { syncCountedList } from './counted-list';
import { gitDate } from './git-date';
import type { ListPage } from './newest-first';
import { takeFirstPage, type RepositoryScope } from './scope';

/** GitHub sorts tags by the commits that they name. Made so much later than its commit, a tag is still looked for in a first pass. */
const LAG_MS = 30 * DAY_MS;

export const TAG_FIELDS = `name
  target {
    __typename oid
    ... on Commit { committedDate }
    ... on Tag { message tagger { date } target { __typename oid ... on Commit { committedDate } } }
  }`;

export const TAGS_QUERY = `
query Tags($id: ID!, $first: Int!, $after: String) {
  node(id: $id) {
    ... on Repository {
      refs(refPrefix: "refs/tags/", first: $first, after: $after, orderBy: { field: TAG_COMMIT_DATE, direction: DESC }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { ${TAG_FIELDS} }
      }
    }
  }
}`;

interface RawObject {
  __typename: string;
  oid: string;
  committedDate?: string;
}

export interface RawTag {
  name: string;
  target: (RawObject & { message?: string | null; tagger?: { date: string | null } | null; target?: RawObject | null }) | null;
}

/** The commit that a tag names; null for tags of trees, files and other tags. */
function commitOf({ target }: RawTag): { sha: string; committedAt: Instant } | null {
  const named = target?.__typename === 'Tag' ? target.target : target;
  return named?.__typename === 'Commit' && named.committedDate !== undefined ? { sha: named.oid, committedAt: gitDate(named.committedDate) } : null;
}

function idOf(repository: { id: string }, { name }: RawTag): string {
  return `tags:${repository.id}:${name}`;
}

/**
 * A tag as a deployment: at the tagger's date where it is annotated, else at its commit's, for nobody keeps when a plain
 * tag was made. Null for what names no commit.
 */
export function mapTag(repository: { id: string; name: string; url: string }, raw: RawTag): DeploymentRecord | null {
  const commit = commitOf(raw);
  if (commit === null) {
    return null;
  }
  const taggedAt = gitDate(raw.target?.tagger?.date ?? '');
  // No tag is older than its commit: a tagger's clock that says so is wrong.
  const at = Math.max(taggedAt, commit.committedAt);
  const message = raw.target?.message ?? '';
  return {
    id: idOf(repository, raw),
    origin: 'tags',
    outcome: 'succeeded',
    declared: null,
    startedAt: at,
    finishedAt: at,
    revisions: [{ repository: repository.id, repositoryName: repository.name, sha: commit.sha }],
    ref: raw.name,
    environment: null,
    pipeline: null,
    pipelineTitle: null,
    account: null,
    region: null,
    service: null,
    prerelease: false,
    stages: [],
    title: splitMessage(message).headline || raw.name,
    url: `${repository.url}/releases/tag/${encodeURIComponent(raw.name)}`,
    references: referencesOfMessage(message),
  };
}

/** All tags, those of releases too: which of them are plain, the releases tell. */
export function syncTags(scope: RepositoryScope): AsyncGenerator<void, void> {
  const { client, snapshot } = scope;
  return syncCountedList<RawTag>(scope, {
    kind: 'tags',
    seen: snapshot.tags,
    lagMs: LAG_MS,
    ask: async (first, after) => {
      const fetched = after === null ? takeFirstPage(scope, 'tags') : null;
      if (fetched !== null) {
        return fetched;
      }
      const answer = await client.graphql<{ node: { refs: ListPage<RawTag> | null } }>(TAGS_QUERY, { id: snapshot.repository.id, first, after });
      // An empty repository has no list of refs.
      return answer.node.refs ?? { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] };
    },
    // Without a date nobody can tell where in the list it stands.
    sortedBy: (raw) => commitOf(raw)?.committedAt || null,
    idOf: (raw) => idOf(snapshot.repository, raw),
    map: (raw) => mapTag(snapshot.repository, raw),
  });
}
