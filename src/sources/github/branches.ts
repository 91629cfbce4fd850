import type { Instant } from '../../engine/model';
import { MOST_NODES, nextCursor, pageOfFittingSize, type PageInfo } from './paging';
import { startingPageSize, type PageSize } from './page-size';
import { namedBranches, needsBranchList, productionBranches } from './plan';
import type { RepositoryScope } from './scope';

export const BRANCHES_QUERY = `
query Branches($id: ID!, $first: Int!, $after: String) {
  node(id: $id) {
    ... on Repository {
      refs(refPrefix: "refs/heads/", first: $first, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { name target { oid } }
      }
    }
  }
}`;

/** Heads of some branches by name, an alias each. */
export function namedBranchesQuery(count: number): string {
  const indices = Array.from({ length: count }, (_, index) => index);
  return `
query NamedBranches($id: ID!, ${indices.map((index) => `$b${index}: String!`).join(', ')}) {
  node(id: $id) {
    ... on Repository {
      ${indices.map((index) => `b${index}: ref(qualifiedName: $b${index}) { name target { oid } }`).join('\n      ')}
    }
  }
}`;
}

interface Refs {
  pageInfo: PageInfo;
  nodes: Array<RawRef | null>;
}

interface RawRef {
  name: string;
  target: { oid: string } | null;
}

/** What is known of the branches since they were last looked up. */
export interface KnownBranches {
  /** Branch → head whose past is stored back to the lookback. */
  heads: Record<string, string>;
  /** Push moment that the branches were last looked up at; null: never. */
  branchesAt: Instant | null;
  /** What the plan asked for then. */
  branchesOf: string;
}

/** Production branches with their heads, the default branch first; asks only when a push may have moved them. */
export async function productionHeads(scope: RepositoryScope, state: KnownBranches): Promise<{ heads: Array<[string, string]>; asked: boolean }> {
  const { plan, snapshot, client } = scope;
  const { repository, defaultHead, pushedAt } = snapshot;
  const wantsDefault = plan.commits?.defaultBranch === true && repository.defaultBranch !== null && defaultHead !== null;
  const named = namedBranches(plan).filter((branch) => branch !== repository.defaultBranch);
  const all = new Map<string, string>();
  if (repository.defaultBranch !== null && defaultHead !== null) {
    all.set(repository.defaultBranch, defaultHead);
  }
  let asked = false;
  if (needsBranchList(plan) || named.length > 0) {
    if (state.branchesAt !== null && state.branchesAt === pushedAt && state.branchesOf === JSON.stringify(plan.commits)) {
      Object.entries(state.heads).forEach(([branch, head]) => all.has(branch) || all.set(branch, head));
    } else {
      asked = true;
      const refs = needsBranchList(plan) ? await listBranches(scope) : await askBranches(client, repository.id, named);
      refs.forEach((ref) => ref.target && all.set(ref.name, ref.target.oid));
    }
  }
  const names = productionBranches(plan, [...all.keys()], repository.defaultBranch);
  const heads = names
    .filter((name) => wantsDefault || name !== repository.defaultBranch || plan.commits?.branches.length)
    .sort((a, b) => Number(b === repository.defaultBranch) - Number(a === repository.defaultBranch))
    .map((name): [string, string] => [name, all.get(name)!]);
  return { heads, asked };
}

async function listBranches(scope: RepositoryScope): Promise<RawRef[]> {
  const refs: RawRef[] = [];
  let after: string | null = null;
  let size = startingPageSize(MOST_NODES);
  do {
    const from: string | null = after;
    const asked: { page: Refs | null; size: PageSize } = await pageOfFittingSize(scope.context, scope.signal, size, MOST_NODES, async (first) => {
      const answer = await scope.client.graphql<{ node: { refs: Refs | null } }>(BRANCHES_QUERY, {
        id: scope.snapshot.repository.id,
        first,
        after: from,
      });
      return answer.node.refs;
    });
    size = asked.size;
    refs.push(...(asked.page?.nodes.flatMap((ref) => (ref ? [ref] : [])) ?? []));
    after = asked.page ? nextCursor(asked.page.pageInfo, from) : null;
  } while (after !== null);
  return refs;
}

async function askBranches(client: RepositoryScope['client'], id: string, names: readonly string[]): Promise<RawRef[]> {
  const answer = await client.graphql<{ node: Record<string, RawRef | null> }>(namedBranchesQuery(names.length), {
    id,
    ...Object.fromEntries(names.map((name, index) => [`b${index}`, `refs/heads/${name}`])),
  });
  return Object.values(answer.node).flatMap((ref) => (ref ? [ref] : []));
}
