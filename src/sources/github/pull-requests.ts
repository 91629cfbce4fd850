import type { PullRequest, Reference, Review } from '../../engine/model';
import { referencesOf } from '../references';
import { actorOf, type GraphqlActor } from './actors';
import type { GitHubClient } from './client';
import { gitDate } from './git-date';
import { syncNewestFirst, type ListPage } from './newest-first';
import { MOST_NODES, nextCursor, wholeList, type PageInfo } from './paging';
import { takeFirstPage, type RepositoryScope } from './scope';

/** GitHub's lists may lag behind: this much below the watermark is read again. */
const OVERLAP_MS = 10 * 60_000;
const START_SIZE = 25;
/** Four nested lists a pull request: 37 of them still cost one point; with the fifth (files) it is 29. */
const MOST_WITHOUT_FILES = 37;
const MOST_WITH_FILES = 29;
const REVIEWS = 50;
const LABELS = 20;
const MOMENTS = 20;

interface Nested<T> {
  totalCount: number;
  pageInfo: PageInfo;
  nodes: Array<T | null> | null;
}

export interface RawPullRequest {
  id: string;
  number: number;
  title: string;
  body: string;
  url: string;
  author: GraphqlActor | null;
  baseRefName: string;
  headRefName: string;
  createdAt: string;
  mergedAt: string | null;
  updatedAt: string;
  mergeCommit: { oid: string } | null;
  labels: Nested<{ name: string }> | null;
  commits: Nested<RawCommit>;
  reviews: Nested<RawReview> | null;
  timelineItems: Nested<RawMoment>;
  files?: Nested<{ path: string }> | null;
}

interface RawCommit {
  commit: { oid: string; authoredDate: string; messageHeadline: string };
}

interface RawReview {
  author: GraphqlActor | null;
  state: string;
  submittedAt: string | null;
}

interface RawMoment {
  __typename: string;
  createdAt: string;
}

const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';
const COMMIT_FIELDS = 'commit { oid authoredDate messageHeadline }';
const REVIEW_FIELDS = 'author { __typename login } state submittedAt';
const MOMENT_FIELDS = '__typename ... on ReadyForReviewEvent { createdAt } ... on ConvertToDraftEvent { createdAt }';
const MOMENT_TYPES = 'itemTypes: [READY_FOR_REVIEW_EVENT, CONVERT_TO_DRAFT_EVENT]';

/** Of a merged pull request; needs `$commits` (page size of its commits and files) and `$files`. */
export const PULL_REQUEST_FIELDS = `id number title body url baseRefName headRefName createdAt mergedAt updatedAt
  author { __typename login }
  mergeCommit { oid }
  labels(first: ${LABELS}) { totalCount ${PAGE_INFO} nodes { name } }
  commits(first: $commits) { totalCount ${PAGE_INFO} nodes { ${COMMIT_FIELDS} } }
  reviews(first: ${REVIEWS}) { totalCount ${PAGE_INFO} nodes { ${REVIEW_FIELDS} } }
  timelineItems(first: ${MOMENTS}, ${MOMENT_TYPES}) { totalCount ${PAGE_INFO} nodes { ${MOMENT_FIELDS} } }
  files(first: $commits) @include(if: $files) { totalCount ${PAGE_INFO} nodes { path } }`;

export const PULL_REQUESTS_QUERY = `
query PullRequests($id: ID!, $first: Int!, $after: String, $commits: Int!, $files: Boolean!) {
  node(id: $id) {
    ... on Repository {
      pullRequests(states: MERGED, first: $first, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
        totalCount
        ${PAGE_INFO}
        nodes { ${PULL_REQUEST_FIELDS} }
      }
    }
  }
}`;

/** The rest of one nested list. */
function restQuery(connection: string, fields: string): string {
  return `
query Rest($id: ID!, $after: String) {
  node(id: $id) {
    ... on PullRequest {
      list: ${connection} { ${PAGE_INFO} nodes { ${fields} } }
    }
  }
}`;
}

export const REST_QUERIES = {
  labels: restQuery(`labels(first: ${MOST_NODES}, after: $after)`, 'name'),
  commits: restQuery(`commits(first: ${MOST_NODES}, after: $after)`, COMMIT_FIELDS),
  reviews: restQuery(`reviews(first: ${MOST_NODES}, after: $after)`, REVIEW_FIELDS),
  timelineItems: restQuery(`timelineItems(first: ${MOST_NODES}, after: $after, ${MOMENT_TYPES})`, MOMENT_FIELDS),
  files: restQuery(`files(first: ${MOST_NODES}, after: $after)`, 'path'),
} as const;

/** Merged pull requests, last updated first. */
export function syncPullRequests(scope: RepositoryScope): AsyncGenerator<void, void> {
  const { client, plan, snapshot } = scope;
  const { id } = snapshot.repository;
  return syncNewestFirst<RawPullRequest>(scope, {
    kind: 'pull-requests',
    variant: plan.files ? 'with files' : '',
    firstSize: START_SIZE,
    mostSize: plan.files ? MOST_WITH_FILES : MOST_WITHOUT_FILES,
    newestAtGitHub: snapshot.pullRequests.newest,
    overlapMs: OVERLAP_MS,
    total: snapshot.pullRequests.total,
    ask: async (first, after) => {
      const fetched = after === null ? takeFirstPage(scope, 'pullRequests') : null;
      if (fetched !== null) {
        return fetched;
      }
      const answer = await client.graphql<{ node: { pullRequests: ListPage<RawPullRequest> } }>(PULL_REQUESTS_QUERY, {
        id,
        first,
        after,
        // A single pull request that is too heavy is asked for in smaller parts.
        commits: first > 1 ? MOST_NODES : 25,
        files: plan.files,
      });
      return answer.node.pullRequests;
    },
    momentOf: (raw) => Date.parse(raw.updatedAt),
    isNew: (raw, since) => raw.mergedAt !== null && Date.parse(raw.mergedAt) > since,
    map: async (raws) => {
      const pullRequests: PullRequest[] = [];
      for (const raw of raws) {
        if (raw.mergedAt !== null) {
          pullRequests.push(mapPullRequest(id, await complete(client, raw)));
        }
      }
      return { facts: { pullRequests }, leftOver: false };
    },
  });
}

/** Follows every nested list that did not fit. */
async function complete(client: GitHubClient, raw: RawPullRequest): Promise<RawPullRequest> {
  const whole = async <T>(list: Nested<T> | null | undefined, query: string): Promise<Nested<T> | null> => {
    if (!list) {
      return null;
    }
    const first = (list.nodes ?? []).filter((node) => node !== null);
    const after = nextCursor(list.pageInfo, null);
    if (after === null) {
      return { ...list, nodes: first };
    }
    const rest = await wholeList<T>(after, async (cursor) => {
      const answer = await client.graphql<{ node: { list: { nodes: Array<T | null>; pageInfo: PageInfo } } }>(query, { id: raw.id, after: cursor });
      return answer.node.list;
    });
    return { ...list, nodes: [...first, ...rest] };
  };
  const nothing = { totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] };
  return {
    ...raw,
    labels: await whole(raw.labels, REST_QUERIES.labels),
    commits: (await whole(raw.commits, REST_QUERIES.commits)) ?? nothing,
    reviews: await whole(raw.reviews, REST_QUERIES.reviews),
    timelineItems: (await whole(raw.timelineItems, REST_QUERIES.timelineItems)) ?? nothing,
    files: raw.files === undefined ? undefined : await whole(raw.files, REST_QUERIES.files),
  };
}

const REVIEW_STATES: Record<string, Review['state'] | undefined> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
  DISMISSED: 'dismissed',
};

/** A merged pull request whose lists are whole. */
export function mapPullRequest(repository: string, raw: RawPullRequest): PullRequest {
  const commits = (raw.commits.nodes ?? []).filter((node) => node !== null);
  return {
    id: `${repository}#${raw.number}`,
    repository,
    number: raw.number,
    title: raw.title,
    url: raw.url,
    author: actorOf(raw.author),
    labels: (raw.labels?.nodes ?? []).flatMap((label) => (label ? [label.name] : [])),
    baseBranch: raw.baseRefName,
    headBranch: raw.headRefName,
    createdAt: Date.parse(raw.createdAt),
    mergedAt: Date.parse(raw.mergedAt ?? raw.updatedAt),
    updatedAt: Date.parse(raw.updatedAt),
    mergeSha: raw.mergeCommit?.oid ?? null,
    draftEvents: (raw.timelineItems.nodes ?? [])
      .flatMap((moment) => (moment ? [{ to: moment.__typename === 'ReadyForReviewEvent' ? ('ready' as const) : ('draft' as const), at: Date.parse(moment.createdAt) }] : []))
      .sort((a, b) => a.at - b.at),
    reviews: (raw.reviews?.nodes ?? [])
      .flatMap((review): Review[] => {
        const state = review ? REVIEW_STATES[review.state] : undefined;
        // A review that is still being written has no moment and nobody has seen it.
        return review && state && review.submittedAt !== null ? [{ author: actorOf(review.author), state, at: Date.parse(review.submittedAt) }] : [];
      })
      .sort((a, b) => a.at - b.at),
    commits: commits.map(({ commit }) => ({ sha: commit.oid, authoredAt: gitDate(commit.authoredDate), isMerge: isMergeHeadline(commit.messageHeadline) })),
    commitsComplete: commits.length >= raw.commits.totalCount,
    references: referencesOfPullRequest(raw, commits),
    files: raw.files ? (raw.files.nodes ?? []).flatMap((file) => (file ? [file.path] : [])) : null,
  };
}

/**
 * Asking for the parents of every commit of every pull request would cost 25 points a page, so the headline that git and
 * GitHub write into a merge has to do.
 */
function isMergeHeadline(headline: string): boolean {
  return /^Merge (?:branch|branches|pull request|remote-tracking branch|tag|commit)\b/.test(headline);
}

/** Title, body and branch, and OpsItems that its commits' headlines name. */
function referencesOfPullRequest(raw: RawPullRequest, commits: readonly RawCommit[]): Reference[] {
  const references = referencesOf({ title: raw.title, body: raw.body, branch: raw.headRefName });
  const known = new Set(references.map((reference) => reference.target));
  for (const { commit } of commits) {
    for (const reference of referencesOf({ branch: commit.messageHeadline.slice(0, 500) })) {
      if (reference.target.startsWith('oi-') && !known.has(reference.target)) {
        known.add(reference.target);
        references.push(reference);
      }
    }
  }
  return references;
}
