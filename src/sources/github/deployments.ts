import type { DeploymentRecord, Instant } from '../../engine/model';
import { DAY_MS } from '../../shared/duration';
import { isProduction } from '../../shared/environments';
import { referencesOf } from '../references';
import { withDeployed } from './deployed';
import { toReadAgain, UNWATCHED, type Watch } from './deployment-watch';
import { syncNewestFirst, type ListPage, type Mapped, type NewestFirstState } from './newest-first';
import { MOST_NODES, nextCursor, wholeList, type PageInfo } from './paging';
import { readState, stateOf, type RepositoryScope } from './scope';

const OVERLAP_MS = 10 * 60_000;
const STATUSES = 30;
/** A deployment waits for an approval 30 days at most: one without an end after so long will have none. */
const PATIENCE_MS = 31 * DAY_MS;
const KIND = 'github-deployments';
const OPEN_KIND = 'github-deployments-open';
const WATCH_KIND = 'github-deployments-watch';

const STATUS_FIELDS = 'state createdAt logUrl environmentUrl';
const DEPLOYMENT_FIELDS = `id commitOid environment task description createdAt ref { name }
  statuses(first: ${STATUSES}) { pageInfo { hasNextPage endCursor } nodes { ${STATUS_FIELDS} } }`;

export const DEPLOYMENTS_QUERY = `
query Deployments($id: ID!, $first: Int!, $after: String) {
  node(id: $id) {
    ... on Repository {
      deployments(first: $first, after: $after, orderBy: { field: CREATED_AT, direction: DESC }) {
        totalCount
        pageInfo { hasNextPage endCursor }
        nodes { ${DEPLOYMENT_FIELDS} }
      }
    }
  }
}`;

export const OPEN_DEPLOYMENTS_QUERY = `
query OpenDeployments($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Deployment { ${DEPLOYMENT_FIELDS} } }
}`;

export const STATUSES_QUERY = `
query Statuses($id: ID!, $after: String) {
  node(id: $id) {
    ... on Deployment {
      statuses(first: ${MOST_NODES}, after: $after) { pageInfo { hasNextPage endCursor } nodes { ${STATUS_FIELDS} } }
    }
  }
}`;

interface RawStatus {
  state: string;
  createdAt: string;
  logUrl: string | null;
  environmentUrl: string | null;
}

export interface RawDeployment {
  id: string;
  commitOid: string;
  environment: string | null;
  task: string | null;
  description: string | null;
  createdAt: string;
  ref: { name: string } | null;
  statuses: { pageInfo: PageInfo; nodes: Array<RawStatus | null> | null } | null;
}

/** Deployments without an end: id → when they were made. */
type Open = Record<string, Instant>;

/** GitHub deployments, newest first, and again those that went on after they were read. */
export async function* syncDeployments(scope: RepositoryScope): AsyncGenerator<void, void> {
  const { client, context, snapshot } = scope;
  const map = async (raws: readonly RawDeployment[], coveredFrom: Instant | null): Promise<Mapped> => {
    const whole: RawDeployment[] = [];
    for (const raw of raws) {
      whole.push(await complete(scope, raw));
    }
    const all = whole.flatMap((raw) => mapDeployment(snapshot.repository, raw));
    const wantedFrom = Math.min(scope.lookbackStart, coveredFrom ?? Infinity);
    const deployments = all.filter((deployment) => deployment.finishedAt >= wantedFrom);
    return {
      facts: { deployments },
      state: { ...stateOf(scope, OPEN_KIND, await openAfter(scope, whole)), ...(await withDeployed(scope, deployments.filter((deployment) => isWanted(scope, deployment)))) },
      leftOver: deployments.length < all.length,
    };
  };
  const { coveredFrom, newest } = (await readState<Pick<NewestFirstState, 'coveredFrom' | 'newest'>>(scope, KIND)) ?? { coveredFrom: null, newest: null };
  const watch = (await readState<Watch>(scope, WATCH_KIND)) ?? UNWATCHED;
  const open = (await readState<Open>(scope, OPEN_KIND)) ?? {};
  const again = toReadAgain(snapshot.deployments, open, newest, await succeededOf(scope), watch, context.now());
  for (let at = 0; at < again.length; at += MOST_NODES) {
    const ids = again.slice(at, at + MOST_NODES);
    const { data, errors } = await client.graphqlInPart<{ nodes: Array<RawDeployment | null> }>(OPEN_DEPLOYMENTS_QUERY, { ids });
    const found = (data?.nodes ?? []).filter((raw) => raw !== null);
    const { facts, state } = await map(found, coveredFrom);
    // What was deleted has no end either.
    const left = errors.length === 0 || data !== null ? without(await openAfter(scope, found), ids.filter((id) => !found.some((raw) => raw.id === id))) : null;
    await context.store.write(facts, { ...state, ...(left ? stateOf(scope, OPEN_KIND, left) : {}) });
    yield;
  }
  yield* syncNewestFirst<RawDeployment>(scope, {
    kind: KIND,
    // Others' commits become wanted with the environment.
    variant: JSON.stringify(scope.plan.deployments),
    firstSize: 50,
    mostSize: MOST_NODES,
    newestAtGitHub: snapshot.deployments[0]?.createdAt ?? null,
    overlapMs: OVERLAP_MS,
    total: null,
    ask: async (first, after) => {
      const answer = await client.graphql<{ node: { deployments: ListPage<RawDeployment> } }>(DEPLOYMENTS_QUERY, { id: snapshot.repository.id, first, after });
      return answer.node.deployments;
    },
    momentOf: (raw) => Date.parse(raw.createdAt),
    isNew: (raw, since) => Date.parse(raw.createdAt) > since,
    map,
  });
  const watched: Watch = { seen: Object.fromEntries(snapshot.deployments.map(({ id, at }) => [id, at])), askedAt: again.length > 0 ? context.now() : watch.askedAt };
  if (JSON.stringify(watched) !== JSON.stringify(watch)) {
    await context.store.write({}, stateOf(scope, WATCH_KIND, watched));
  }
}

/** Only wanted ones' commits are looked for: previews are deployed from a thousand branches. */
function isWanted({ plan }: RepositoryScope, { environment }: DeploymentRecord): boolean {
  return environment !== null && plan.deployments.some(({ environments }) => isProduction(environment, environments));
}

/** Those of the newest deployments that are known to have succeeded at once. */
async function succeededOf({ context, snapshot }: RepositoryScope): Promise<Set<string>> {
  const succeeded = new Set<string>();
  for (const { id, inactive } of snapshot.deployments) {
    if (inactive && (await context.store.read('deployments', firstId(id)))?.outcome === 'succeeded') {
      succeeded.add(id);
    }
  }
  return succeeded;
}

/** Of the record of a deployment's first attempt. */
function firstId(id: string): string {
  return `github-deployments:${id}`;
}

async function complete(scope: RepositoryScope, raw: RawDeployment): Promise<RawDeployment> {
  const after = raw.statuses ? nextCursor(raw.statuses.pageInfo, null) : null;
  if (raw.statuses === null || after === null) {
    return raw;
  }
  const rest = await wholeList<RawStatus>(after, async (cursor) => {
    const answer = await scope.client.graphql<{ node: { statuses: { pageInfo: PageInfo; nodes: Array<RawStatus | null> } } }>(STATUSES_QUERY, { id: raw.id, after: cursor });
    return answer.node.statuses;
  });
  return { ...raw, statuses: { ...raw.statuses, nodes: [...(raw.statuses.nodes ?? []), ...rest] } };
}

/** Those without an end, after these were read. */
async function openAfter(scope: RepositoryScope, raws: readonly RawDeployment[]): Promise<Open> {
  const open = new Map(Object.entries((await readState<Open>(scope, OPEN_KIND)) ?? {}));
  for (const raw of raws) {
    const at = Date.parse(raw.createdAt);
    if (attemptsOf(raw).some((attempt) => attempt.outcome !== null) || scope.context.now() - at > PATIENCE_MS || hasState(raw, 'INACTIVE')) {
      open.delete(raw.id);
    } else {
      open.set(raw.id, at);
    }
  }
  return Object.fromEntries(open);
}

function without(open: Open, ids: readonly string[]): Open {
  return Object.fromEntries(Object.entries(open).filter(([id]) => !ids.includes(id)));
}

function hasState(raw: RawDeployment, state: string): boolean {
  return (raw.statuses?.nodes ?? []).some((status) => status?.state === state);
}

interface AttemptOfDeployment {
  startedAt: Instant;
  finishedAt: Instant | null;
  outcome: DeploymentRecord['outcome'] | null;
  url: string | null;
}

/**
 * The attempts that a deployment's statuses tell: it starts when it is in progress (before that it waits), and ends with
 * success, failure or error; a different end later is another attempt. That it became inactive says only that another followed.
 */
function attemptsOf(raw: RawDeployment): AttemptOfDeployment[] {
  const statuses = (raw.statuses?.nodes ?? []).flatMap((status) => (status ? [{ ...status, at: Date.parse(status.createdAt) }] : [])).sort((a, b) => a.at - b.at);
  const attempts: AttemptOfDeployment[] = [];
  let current: AttemptOfDeployment = { startedAt: Date.parse(raw.createdAt), finishedAt: null, outcome: null, url: null };
  let inProgress = false;
  for (const status of statuses) {
    const outcome = status.state === 'SUCCESS' ? 'succeeded' : status.state === 'FAILURE' || status.state === 'ERROR' ? 'failed' : null;
    if (status.state === 'IN_PROGRESS' && !inProgress) {
      current.startedAt = status.at;
      inProgress = true;
    } else if (outcome !== null) {
      const last = attempts.at(-1);
      if (!inProgress && last?.outcome === outcome) {
        // Said twice.
        continue;
      }
      attempts.push({ ...current, finishedAt: status.at, outcome, url: status.logUrl || status.environmentUrl || null });
      current = { startedAt: status.at, finishedAt: null, outcome: null, url: null };
      inProgress = false;
    }
  }
  return attempts.length > 0 ? attempts : [current];
}

/** Finished attempts of one GitHub deployment, oldest first. */
export function mapDeployment(repository: { id: string; name: string; url: string }, raw: RawDeployment): DeploymentRecord[] {
  return attemptsOf(raw).flatMap(({ startedAt, finishedAt, outcome, url }, index): DeploymentRecord[] => {
    if (finishedAt === null || outcome === null) {
      return [];
    }
    return [
      {
        id: index === 0 ? firstId(raw.id) : `${firstId(raw.id)}:${index + 1}`,
        origin: 'github-deployments',
        outcome,
        declared: /rollback/i.test(raw.task ?? '') ? 'rollback' : null,
        startedAt,
        finishedAt,
        revisions: [{ repository: repository.id, repositoryName: repository.name, sha: raw.commitOid }],
        ref: raw.ref?.name ?? null,
        environment: raw.environment,
        pipeline: null,
        pipelineTitle: null,
        account: null,
        region: null,
        service: null,
        prerelease: false,
        stages: [],
        title: raw.description?.trim() || `Deployment to ${raw.environment ?? 'an environment'}`,
        url: url ?? `${repository.url}/deployments`,
        references: referencesOf({ title: raw.description, branch: raw.ref?.name }),
      },
    ];
  });
}
