import { DoraError } from '../../shared/errors';
import type { HealthPart, SourceContext } from '../source';
import type { GitHubClient } from './client';
import { isOfTeam, planFor, selectionOf, type RepositoryPlan } from './plan';
import type { GraphqlError } from './policy';
import { knownRepositories, stopsPass } from './repositories';
import type { Snapshot } from './scope';
import { takeSnapshots } from './snapshots';
import { codedError } from './unexpected';

/** Repositories whose permissions are tried, one a team. */
const MOST_PROBES = 10;

/** What the synchronisation will ask for, at its smallest. */
export const PROBE_QUERY = `
query Probe($id: ID!, $pullRequests: Boolean!, $commits: Boolean!, $releases: Boolean!, $deployments: Boolean!, $issues: Boolean!) {
  node(id: $id) {
    ... on Repository {
      pullRequests(states: MERGED, first: 1) @include(if: $pullRequests) { nodes { number } }
      defaultBranchRef @include(if: $commits) { target { ... on Commit { history(first: 1) { nodes { oid } } } } }
      releases(first: 1) @include(if: $releases) { nodes { id } }
      deployments(first: 1) @include(if: $deployments) { nodes { id } }
      issues(first: 1) @include(if: $issues) { nodes { number } }
    }
  }
}`;

/** GitHub's names of the permissions behind the probe's fields. */
const PERMISSIONS: Record<string, string> = {
  pullRequests: 'Pull requests: read',
  defaultBranchRef: 'Contents: read',
  releases: 'Contents: read',
  deployments: 'Deployments: read',
  issues: 'Issues: read',
  runs: 'Actions: read',
};

/** "Save & test": the token, its limits, each team's repositories, and the permissions that the settings need. */
export async function checkGitHub(context: SourceContext, signal: AbortSignal, makeClient: () => GitHubClient): Promise<HealthPart[]> {
  const parts: HealthPart[] = [];
  try {
    const client = makeClient();
    parts.push(...(await checkToken(client)));
    const selection = selectionOf(context.settings);
    for (const pattern of selection.malformed) {
      parts.push({ name: `Repositories ${pattern}`, status: 'error', message: `${pattern} is not of the form owner/name.`, code: 'GITHUB_NO_REPOSITORY_MATCHES' });
    }
    const { directory, failures: unlisted } = await knownRepositories(context, client, signal, selection);
    const { snapshots, failures } = await takeSnapshots(context, client, signal, selection, directory, (names) => planFor(context.settings, names));
    for (const { scope, error } of [...unlisted, ...failures]) {
      parts.push({ name: `Repository ${scope}`, status: 'error', message: error.message, code: error.code });
    }
    parts.push(...checkTeams(context, snapshots));
    parts.push(...(await checkPermissions(context, client, snapshots)));
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = codedError(error, context.log);
    parts.push({ name: 'GitHub', status: 'error', message, code });
  }
  return parts;
}

async function checkToken(client: GitHubClient): Promise<HealthPart[]> {
  const name = 'GitHub token';
  let headers: Record<string, string | number | undefined> = {};
  const limits: HealthPart[] = [];
  try {
    const answer = await client.rest<{ resources?: { graphql?: Budget; core?: Budget } }>('GET /rate_limit', {});
    headers = answer?.headers ?? {};
    const graphql = answer?.data.resources?.graphql;
    if (graphql) {
      limits.push({
        name: 'GitHub rate limit',
        status: graphql.remaining > graphql.limit * 0.1 ? 'ok' : 'warning',
        message: `${graphql.remaining} of ${graphql.limit} points left until ${new Date(graphql.reset * 1000).toISOString()}`,
        code: graphql.remaining > graphql.limit * 0.1 ? null : 'GITHUB_RATE_LIMITED',
      });
    }
  } catch (error) {
    // Enterprise servers without limits answer "not found" here.
    if (!(error instanceof DoraError) || error.code !== 'GITHUB_REPOSITORY_GONE') {
      throw error;
    }
    limits.push({ name: 'GitHub rate limit', status: 'ok', message: 'This GitHub sets no limit.', code: null });
  }
  const answer = await client.graphql<{ viewer: { login: string } }>('query Viewer { viewer { login } }', {});
  const scopes = headers['x-oauth-scopes'];
  if (scopes === undefined) {
    return [{ name, status: 'ok', message: `Valid, signed in as ${answer.viewer.login}`, code: null }, ...limits];
  }
  const list = String(scopes).split(',').map((scope) => scope.trim()).filter(Boolean);
  const sees = list.includes('repo');
  return [
    {
      name,
      status: sees ? 'ok' : 'warning',
      message: `Valid, signed in as ${answer.viewer.login}, scopes: ${list.join(', ') || 'none'}${sees ? '' : '; without the scope repo it sees public repositories only'}`,
      code: sees ? null : 'GITHUB_SCOPE_MISSING',
    },
    ...limits,
  ];
}

interface Budget {
  limit: number;
  remaining: number;
  reset: number;
}

function checkTeams(context: SourceContext, snapshots: readonly Snapshot[]): HealthPart[] {
  return context.settings.teams
    .filter((team) => team.repositories.length > 0)
    .map((team) => {
      const count = snapshots.filter(({ repository }) => isOfTeam(team, [repository.name, ...repository.formerNames])).length;
      return count > 0
        ? { name: `Team ${team.name}: repositories`, status: 'ok', message: `${count} ${count === 1 ? 'repository' : 'repositories'}`, code: null }
        : { name: `Team ${team.name}: repositories`, status: 'error', message: 'No repository that the token can see matches.', code: 'GITHUB_NO_REPOSITORY_MATCHES' };
    });
}

/** Tries the first repository of each team, for each kind of fact that is wanted of it. */
async function checkPermissions(context: SourceContext, client: GitHubClient, snapshots: readonly Snapshot[]): Promise<HealthPart[]> {
  const missing = new Map<string, { repositories: string[]; message: string }>();
  const tried = new Set<string>();
  const note = (field: string, repository: string, message: string): void => {
    const permission = PERMISSIONS[field] ?? field;
    const entry = missing.get(permission) ?? { repositories: [], message };
    entry.repositories = [...new Set([...entry.repositories, repository])];
    missing.set(permission, entry);
  };
  for (const team of context.settings.teams) {
    for (const probe of representatives(context, snapshots, team.name)) {
      const { snapshot, plan } = probe;
      if (tried.has(snapshot.repository.id) || tried.size >= MOST_PROBES) {
        continue;
      }
      tried.add(snapshot.repository.id);
      const include: Record<string, boolean> = {
        pullRequests: plan.pullRequests,
        commits: plan.commits !== null,
        releases: plan.releases,
        deployments: plan.deployments.length > 0,
        issues: plan.issues,
      };
      // One list that is refused may hide the next: without it the others are tried again.
      for (let refused = true; refused; ) {
        const { errors } = await client.graphqlInPart(PROBE_QUERY, { id: snapshot.repository.id, ...include });
        errors.forEach((error) => note(fieldOf(error), snapshot.repository.name, error.message));
        refused = false;
        for (const field of errors.map((error) => (fieldOf(error) === 'defaultBranchRef' ? 'commits' : fieldOf(error)))) {
          refused = refused || include[field] === true;
          include[field] = false;
        }
      }
      if (plan.runs.length > 0) {
        const [owner, repo] = snapshot.repository.name.split('/');
        await client.rest('GET /repos/{owner}/{repo}/actions/runs', { owner, repo, per_page: 1 }).catch((error: unknown) => {
          if (!(error instanceof DoraError) || stopsPass(error)) {
            throw error;
          }
          note('runs', snapshot.repository.name, error.message);
        });
      }
    }
  }
  if (tried.size === 0) {
    return [];
  }
  if (missing.size === 0) {
    return [{ name: 'GitHub permissions', status: 'ok', message: 'All that the settings need', code: null }];
  }
  return [...missing].map(([permission, { repositories, message }]) => ({
    name: 'GitHub permissions',
    status: 'error' as const,
    message: `The token lacks ${permission} for ${repositories.join(', ')} (${message})`,
    code: 'GITHUB_SCOPE_MISSING' as const,
  }));
}

/** One repository of a team for its changes, and one that only holds its incidents. */
function representatives(context: SourceContext, snapshots: readonly Snapshot[], team: string): Array<{ snapshot: Snapshot; plan: RepositoryPlan }> {
  const planned = snapshots.flatMap((snapshot) => {
    const plan = planFor(context.settings, [snapshot.repository.name, ...snapshot.repository.formerNames]);
    return plan?.teams.includes(team) ? [{ snapshot, plan }] : [];
  });
  return [planned.find(({ plan }) => plan.pullRequests), planned.find(({ plan }) => !plan.pullRequests)].filter((one) => one !== undefined);
}

function fieldOf(error: GraphqlError): string {
  return String(error.path?.[1] ?? 'this repository');
}
