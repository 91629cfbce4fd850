import type { IncidentRecord, Reference } from '../../engine/model';
import { referencesOf } from '../references';
import { syncNewestFirst, type ListPage } from './newest-first';
import { MOST_NODES, nextCursor, wholeList, type PageInfo } from './paging';
import type { RepositoryScope } from './scope';

const OVERLAP_MS = 10 * 60_000;
/** As many as an issue can have. */
const LABELS = 100;
const COMMENTS = 30;
/** Two nested lists an issue: 70 of them still cost one point. */
const MOST_ISSUES = 70;

export const ISSUES_QUERY = `
query Issues($id: ID!, $first: Int!, $after: String) {
  node(id: $id) {
    ... on Repository {
      issues(first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes {
          id number title body url state stateReason createdAt closedAt updatedAt
          labels(first: ${LABELS}) { nodes { name } }
          comments(first: ${COMMENTS}) { pageInfo { hasNextPage endCursor } nodes { body } }
        }
      }
    }
  }
}`;

export const COMMENTS_QUERY = `
query Comments($id: ID!, $after: String) {
  node(id: $id) {
    ... on Issue {
      comments(first: ${MOST_NODES}, after: $after) { pageInfo { hasNextPage endCursor } nodes { body } }
    }
  }
}`;

export interface RawIssue {
  id: string;
  number: number;
  title: string;
  body: string;
  url: string;
  state: string;
  stateReason: string | null;
  createdAt: string;
  closedAt: string | null;
  updatedAt: string;
  labels: { nodes: Array<{ name: string } | null> | null } | null;
  comments: { pageInfo: PageInfo; nodes: Array<{ body: string } | null> | null };
}

/** Issues, last updated first; which of them are incidents a team's settings say later. */
export function syncIssues(scope: RepositoryScope): AsyncGenerator<void, void> {
  const { client, snapshot } = scope;
  const { id } = snapshot.repository;
  return syncNewestFirst<RawIssue>(scope, {
    kind: 'github-issues',
    variant: '',
    firstSize: 50,
    mostSize: MOST_ISSUES,
    newestAtGitHub: snapshot.issues,
    overlapMs: OVERLAP_MS,
    total: null,
    ask: async (first, after) => {
      const answer = await client.graphql<{ node: { issues: ListPage<RawIssue> } }>(ISSUES_QUERY, { id, first, after });
      return answer.node.issues;
    },
    momentOf: (raw) => Date.parse(raw.updatedAt),
    isNew: (raw, since) => Date.parse(raw.createdAt) > since,
    map: async (raws) => {
      const incidents: IncidentRecord[] = [];
      for (const raw of raws) {
        incidents.push(mapIssue(id, raw, await restOfComments(scope, raw)));
      }
      return { facts: { incidents }, leftOver: false };
    },
  });
}

async function restOfComments(scope: RepositoryScope, raw: RawIssue): Promise<string[]> {
  const after = nextCursor(raw.comments.pageInfo, null);
  if (after === null) {
    return [];
  }
  const rest = await wholeList<{ body: string }>(after, async (cursor) => {
    const answer = await scope.client.graphql<{ node: { comments: { pageInfo: PageInfo; nodes: Array<{ body: string } | null> } } }>(COMMENTS_QUERY, { id: raw.id, after: cursor });
    return answer.node.comments;
  });
  return rest.map((comment) => comment.body);
}

/** An issue as an incident: it lasts from its creation until it is closed. */
export function mapIssue(repository: string, raw: RawIssue, moreComments: readonly string[] = []): IncidentRecord {
  const comments = [...(raw.comments.nodes ?? []).flatMap((comment) => (comment ? [comment.body] : [])), ...moreComments];
  return {
    id: `github-issues:${raw.id}`,
    origin: 'github-issues',
    title: raw.title,
    url: raw.url,
    openedAt: Date.parse(raw.createdAt),
    updatedAt: Date.parse(raw.updatedAt),
    resolvedAt: raw.closedAt === null || raw.state !== 'CLOSED' ? null : Date.parse(raw.closedAt),
    resolvedBy: raw.closedAt === null || raw.state !== 'CLOSED' ? null : 'closed',
    severity: null,
    category: null,
    status: (raw.stateReason ?? raw.state).toLowerCase(),
    type: null,
    reportedBy: null,
    repository,
    number: raw.number,
    labels: (raw.labels?.nodes ?? []).flatMap((label) => (label ? [label.name] : [])),
    account: null,
    region: null,
    service: null,
    deploymentId: null,
    pipelines: [],
    references: referencesOfIssue(raw, comments),
    operationalData: {},
  };
}

/** What title and body name; of comments only root causes, for people talk about much else there. */
function referencesOfIssue(raw: RawIssue, comments: readonly string[]): Reference[] {
  const references = referencesOf({ title: raw.title, body: raw.body });
  for (const comment of comments) {
    for (const reference of referencesOf({ body: comment })) {
      if (reference.relation === 'root-cause' && !references.some((other) => other.relation === 'root-cause' && other.target === reference.target)) {
        references.unshift(reference);
      }
    }
  }
  return references;
}
