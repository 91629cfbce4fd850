import { canSee, isPermitted, type Identity } from '../access';
import { instant } from '../../shared/clock';
import { findSubjects, inRange, MAX_RESULTS } from '../graphql/search';
import * as lists from '../graphql/lists';
import { blocked, notFound, notPermitted, signInFirst, singleSignOn, unprocessable, type Refusal } from '../refusals';
import type { Issue, PullRequest, Repository, World } from '../world';
import type { Resources } from './resources';

export interface RestContext {
  world: World;
  identity: Identity;
  resources: Resources;
  now: number;
  /** Null on github.com. */
  enterpriseVersion: string | null;
  limits: Record<'core' | 'graphql' | 'search', { limit: number; used: number; remaining: number; resetAt: number }> | null;
  method: string;
  /** Without the Enterprise prefix and query. */
  path: string;
  query: URLSearchParams;
  /** Full address without page, for links. */
  address: string;
}

export interface RestAnswer {
  status: number;
  body: unknown;
  headers: Record<string, string>;
}

type Parameters = Record<string, string>;
type Handler = (context: RestContext, parameters: Parameters) => RestAnswer | Refusal;

export interface Route {
  method: 'GET' | 'POST';
  /** As in GitHub's description. */
  template: string;
  pattern: RegExp;
  names: string[];
  handle: Handler;
}

const ok = (body: unknown, headers: Record<string, string> = {}): RestAnswer => ({ status: 200, body, headers });

/** Cuts a page of up to 100 and writes the `link` header. */
function paged<T>(context: RestContext, all: readonly T[], show: (element: T) => unknown, wrap: (items: unknown[]) => unknown = (items) => items, known = all.length): RestAnswer {
  const size = Math.min(100, Math.max(1, Number(context.query.get('per_page') ?? 30) || 30));
  const number = Math.max(1, Number(context.query.get('page') ?? 1) || 1);
  const last = Math.max(1, Math.ceil(known / size));
  const link = (page: number, rel: string): string => {
    const query = new URLSearchParams(context.query);
    query.set('page', String(page));
    return `<${context.address}?${query.toString()}>; rel="${rel}"`;
  };
  const links = [
    ...(number > 1 ? [link(Math.min(number - 1, last), 'prev')] : []),
    ...(number < last ? [link(number + 1, 'next'), link(last, 'last')] : []),
    ...(number > 1 ? [link(1, 'first')] : []),
  ];
  return ok(wrap(all.slice((number - 1) * size, Math.min(number * size, known)).map(show)), links.length > 0 ? { link: links.join(', ') } : {});
}

/** Finds the repository of the path and checks the permission; a former name is redirected. */
function inRepository(permission: string, handle: (context: RestContext, repository: Repository, parameters: Parameters) => RestAnswer | Refusal): Handler {
  return (context, parameters) => {
    const { owner = '', repo = '' } = parameters;
    const found = context.world.findRepository(owner, repo);
    if (!found || !canSee(context.identity, found)) {
      return notFound();
    }
    if (found.state === 'blocked') {
      return blocked();
    }
    if (found.state === 'saml') {
      return singleSignOn(found.owner);
    }
    if (found.fullName.toLowerCase() !== `${owner}/${repo}`.toLowerCase()) {
      const api = context.address.slice(0, context.address.length - context.path.length);
      const rest = context.path.split('/').slice(4).join('/');
      const query = context.query.toString();
      const url = `${api}/repositories/${found.databaseId}${rest ? `/${rest}` : ''}${query ? `?${query}` : ''}`;
      return { status: 301, body: { message: 'Moved Permanently', url, documentation_url: 'https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects' }, headers: { location: url } };
    }
    return isPermitted(context.identity, permission) ? handle(context, found, parameters) : notPermitted(context.identity, permission);
  };
}

function visibleRepositories(context: RestContext, repositories: Iterable<Repository>): Repository[] {
  const type = context.query.get('type') ?? context.query.get('visibility') ?? 'all';
  const visible = [...repositories].filter(
    (repository) =>
      canSee(context.identity, repository) && repository.state === 'present' &&
      (type === 'public' ? !repository.isPrivate : type === 'private' ? repository.isPrivate : type === 'forks' ? repository.isFork : type === 'sources' ? !repository.isFork : true)
  );
  const sort = context.query.get('sort') ?? 'full_name';
  const direction = (context.query.get('direction') ?? (sort === 'full_name' ? 'asc' : 'desc')) === 'asc' ? 1 : -1;
  const key = (repository: Repository): string | number =>
    sort === 'created' ? repository.createdAt : sort === 'updated' ? repository.updatedAt : sort === 'pushed' ? (repository.pushedAt ?? 0) : repository.fullName.toLowerCase();
  return visible.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a.databaseId - b.databaseId) * direction);
}

const time = (context: RestContext, name: string): number | null => {
  const value = context.query.get(name);
  return value === null ? null : instant(value);
};

function pullOr404(repository: Repository, parameters: Parameters, handle: (pull: PullRequest) => RestAnswer): RestAnswer | Refusal {
  const pull = repository.content.pulls.get(Number(parameters.pull_number));
  return pull ? handle(pull) : notFound();
}

function issueOr404(repository: Repository, parameters: Parameters, handle: (issue: Issue | PullRequest) => RestAnswer): RestAnswer | Refusal {
  const issue = repository.content.issues.get(Number(parameters.issue_number)) ?? repository.content.pulls.get(Number(parameters.issue_number));
  return issue ? handle(issue) : notFound();
}

function runs(context: RestContext, repository: Repository, workflow: number | null): RestAnswer {
  const { query } = context;
  const created = query.get('created');
  const status = query.get('status');
  const all = [...repository.content.runs.values()]
    .filter((run) => {
      const last = run.attempts.at(-1);
      return (
        (workflow === null || run.workflow === workflow) &&
        (created === null || inRange(created, run.createdAt)) &&
        (query.get('branch') === null || run.branch === query.get('branch')) &&
        (query.get('event') === null || run.event === query.get('event')) &&
        (query.get('actor') === null || run.actor === query.get('actor')) &&
        (query.get('head_sha') === null || run.sha === query.get('head_sha')) &&
        (status === null || last?.status === status || last?.conclusion === status)
      );
    })
    .sort((a, b) => b.createdAt - a.createdAt || b.databaseId - a.databaseId);
  // A search: GitHub counts all, but answers no more than the first 1,000.
  const filtered = ['actor', 'branch', 'check_suite_id', 'created', 'event', 'head_sha', 'status'].some((name) => query.has(name));
  return paged(context, all, (run) => context.resources.run(repository, run), (items) => ({ total_count: all.length, workflow_runs: items }), filtered ? Math.min(all.length, MAX_RESULTS) : all.length);
}

function reachable(repository: Repository, sha: string): Set<string> {
  return repository.content.remember(`reachable:${sha}`, () => new Set(repository.content.history(sha).map((commit) => commit.sha)));
}

const table: Array<[Route['method'], string, Handler]> = [
  ['GET', '/user', (context) => {
    const account = context.identity.login === null ? undefined : (context.world.findAccount(context.identity.login) ?? context.world.account(context.identity.login));
    return account ? (context.identity.kind === 'installation' ? notPermitted(context.identity, 'metadata') : ok(context.resources.viewer(account))) : signInFirst('rest');
  }],
  ['GET', '/rate_limit', ({ limits }) => {
    if (!limits) {
      return { status: 404, body: { message: 'Rate limiting is not enabled.', documentation_url: 'https://docs.github.com/rest/rate-limit/rate-limit', status: '404' } };
    }
    const shown = Object.fromEntries(Object.entries(limits).map(([name, { limit, used, remaining, resetAt }]) => [name, { limit, used, remaining, reset: Math.floor(resetAt / 1000) }]));
    return ok({ resources: shown, rate: shown.core });
  }],
  ['GET', '/meta', ({ enterpriseVersion }) => ok({ verifiable_password_authentication: enterpriseVersion !== null, ...(enterpriseVersion === null ? {} : { installed_version: enterpriseVersion }) })],
  ['GET', '/users/{username}', (context, { username = '' }) => {
    const account = context.world.findAccount(username);
    return account ? ok(context.resources.viewer(account)) : notFound();
  }],
  ['GET', '/orgs/{org}/repos', (context, { org = '' }) =>
    context.world.findAccount(org)?.kind === 'Organization' ? paged(context, visibleRepositories(context, context.world.repositoriesOf(org)), (repository) => context.resources.repository(repository)) : notFound()],
  ['GET', '/users/{username}/repos', (context, { username = '' }) =>
    context.world.findAccount(username) ? paged(context, visibleRepositories(context, context.world.repositoriesOf(username)), (repository) => context.resources.repository(repository)) : notFound()],
  ['GET', '/user/repos', (context) =>
    context.identity.token === null ? signInFirst('rest') : paged(context, visibleRepositories(context, context.world.repositories.values()), (repository) => context.resources.repository(repository))],
  ['GET', '/installation/repositories', (context) => {
    if (context.identity.kind !== 'installation') {
      return { status: 403, body: { message: 'You must authenticate with an installation access token in order to list repositories for an installation.', documentation_url: 'https://docs.github.com/rest', status: '403' } };
    }
    const all = [...context.world.repositories.values()].filter((repository) => canSee(context.identity, repository) && repository.state === 'present');
    return paged(context, all, (repository) => context.resources.repository(repository), (items) => ({ total_count: all.length, repository_selection: context.identity.repositories ? 'selected' : 'all', repositories: items }));
  }],
  ['GET', '/search/issues', (context) => {
    const found = findSubjects({ world: context.world, canSee: (repository) => canSee(context.identity, repository) }, context.query.get('q') ?? '');
    return paged(context, found, (entry) => ({ ...context.resources.issue(entry.repository, entry.fact), body: entry.fact.body, score: 1 }), (items) => ({ total_count: found.length, incomplete_results: false, search_type: 'lexical', items }), Math.min(found.length, MAX_RESULTS));
  }],
  ['GET', '/repos/{owner}/{repo}', inRepository('metadata', (context, repository) => ok(context.resources.fullRepository(repository)))],
  ['GET', '/repos/{owner}/{repo}/commits', inRepository('contents', (context, repository) => {
    const { content } = repository;
    const sha = content.resolve(context.query.get('sha') ?? repository.defaultBranch ?? '');
    if (sha === null) {
      return content.commits.size === 0 ? { status: 409, body: { message: 'Git Repository is empty.', documentation_url: 'https://docs.github.com/rest', status: '409' } } : notFound();
    }
    const [since, until, author, path] = [time(context, 'since'), time(context, 'until'), context.query.get('author'), context.query.get('path')];
    const found = content.history(sha).filter(
      (commit) =>
        (since === null || commit.committedAt >= since) && (until === null || commit.committedAt <= until) && (author === null || commit.author === author || commit.authorEmail === author) &&
        (path === null || commit.files.some((file) => file === path || file.startsWith(`${path}/`)))
    );
    return paged(context, found, (commit) => context.resources.commit(repository, commit));
  })],
  ['GET', '/repos/{owner}/{repo}/commits/{ref}', inRepository('contents', (context, repository, { ref = '' }) => {
    const sha = repository.content.resolve(ref === 'HEAD' ? (repository.defaultBranch ?? '') : ref);
    const commit = sha === null ? undefined : repository.content.commits.get(sha);
    return commit ? ok(context.resources.commitWithFiles(repository, commit)) : unprocessable(`No commit found for SHA: ${ref}`);
  })],
  ['GET', '/repos/{owner}/{repo}/commits/{commit_sha}/pulls', inRepository('pull_requests', (context, repository, { commit_sha = '' }) =>
    paged(context, repository.content.pullsOfCommit(commit_sha), (pull) => context.resources.pull(repository, pull)))],
  ['GET', '/repos/{owner}/{repo}/compare/{basehead}', inRepository('contents', (context, repository, { basehead = '' }) => {
    const [from, to] = basehead.split('...').map((name) => repository.content.resolve(name)) as [string | null, string | null];
    const base = from === null ? undefined : repository.content.commits.get(from);
    const head = to == null ? undefined : repository.content.commits.get(to);
    if (!base || !head) {
      return notFound();
    }
    const [inBase, inHead] = [reachable(repository, base.sha), reachable(repository, head.sha)];
    const ahead = repository.content.history(head.sha).filter((commit) => !inBase.has(commit.sha)).reverse();
    const behind = repository.content.history(base.sha).filter((commit) => !inHead.has(commit.sha)).length;
    const mergeBase = repository.content.history(head.sha).find((commit) => inBase.has(commit.sha)) ?? base;
    const page = `${context.resources.minimalRepository(repository).html_url as string}/compare/${basehead}`;
    return ok({
      url: context.address, html_url: page, permalink_url: page, diff_url: `${page}.diff`, patch_url: `${page}.patch`, base_commit: context.resources.commit(repository, base),
      merge_base_commit: context.resources.commit(repository, mergeBase),
      status: ahead.length > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical',
      ahead_by: ahead.length, behind_by: behind, total_commits: ahead.length, commits: ahead.slice(0, 250).map((commit) => context.resources.commit(repository, commit)), files: [],
    });
  })],
  ['GET', '/repos/{owner}/{repo}/branches', inRepository('contents', (context, repository) =>
    paged(context, [...repository.content.branches].sort(([a], [b]) => (a < b ? -1 : 1)), ([name, sha]) => context.resources.branch(repository, name, sha)))],
  ['GET', '/repos/{owner}/{repo}/branches/{branch}', inRepository('contents', (context, repository, { branch = '' }) => {
    const commit = repository.content.commits.get(repository.content.branches.get(branch) ?? '');
    return commit ? ok(context.resources.fullBranch(repository, branch, commit)) : { ...notFound(), body: { message: 'Branch not found', documentation_url: 'https://docs.github.com/rest', status: '404' } };
  })],
  ['GET', '/repos/{owner}/{repo}/pulls', inRepository('pull_requests', (context, repository) => {
    const { query } = context;
    const state = query.get('state') ?? 'open';
    const sort = query.get('sort') ?? 'created';
    const found = lists.pulls(repository, {
      states: state === 'all' ? null : state === 'open' ? ['OPEN'] : ['CLOSED', 'MERGED'], baseRefName: query.get('base'), headRefName: query.get('head')?.split(':').pop() ?? null,
      orderBy: { field: sort === 'updated' ? 'UPDATED_AT' : sort === 'created' ? 'CREATED_AT' : 'COMMENTS', direction: (query.get('direction') ?? (sort === 'created' ? 'desc' : 'asc')) === 'asc' ? 'ASC' : 'DESC' },
    });
    return paged(context, found.elements, (pull) => context.resources.pull(repository, pull));
  })],
  ['GET', '/repos/{owner}/{repo}/pulls/{pull_number}', inRepository('pull_requests', (context, repository, parameters) =>
    pullOr404(repository, parameters, (pull) => ok(context.resources.fullPull(repository, pull))))],
  ['GET', '/repos/{owner}/{repo}/pulls/{pull_number}/commits', inRepository('pull_requests', (context, repository, parameters) =>
    // 250 at most, as GitHub says.
    pullOr404(repository, parameters, (pull) => paged(context, pull.commits.slice(0, 250), (sha) => context.resources.commit(repository, repository.content.commits.get(sha)!))))],
  ['GET', '/repos/{owner}/{repo}/pulls/{pull_number}/files', inRepository('pull_requests', (context, repository, parameters) =>
    pullOr404(repository, parameters, (pull) => paged(context, pull.files, (file) => context.resources.file(repository, pull.headSha, file))))],
  ['GET', '/repos/{owner}/{repo}/pulls/{pull_number}/reviews', inRepository('pull_requests', (context, repository, parameters) =>
    pullOr404(repository, parameters, (pull) => paged(context, pull.reviews, (review) => context.resources.review(repository, pull, review))))],
  ['GET', '/repos/{owner}/{repo}/releases', inRepository('contents', (context, repository) =>
    paged(context, lists.releases(repository, { field: 'CREATED_AT', direction: 'DESC' }).elements, (release) => context.resources.release(repository, release)))],
  ['GET', '/repos/{owner}/{repo}/releases/tags/{tag}', inRepository('contents', (context, repository, { tag = '' }) => {
    const release = repository.content.releases.find((one) => one.tag === tag && !one.isDraft);
    return release ? ok(context.resources.release(repository, release)) : notFound();
  })],
  ['GET', '/repos/{owner}/{repo}/releases/latest', inRepository('contents', (context, repository) => {
    const release = lists.releases(repository, { field: 'CREATED_AT', direction: 'DESC' }).elements.find((one) => !one.isDraft && !one.isPrerelease);
    return release ? ok(context.resources.release(repository, release)) : notFound();
  })],
  ['GET', '/repos/{owner}/{repo}/tags', inRepository('contents', (context, repository) =>
    paged(context, [...repository.content.tags.values()].sort((a, b) => (a.name < b.name ? 1 : -1)), (tag) => context.resources.tag(repository, tag)))],
  ['GET', '/repos/{owner}/{repo}/actions/workflows', inRepository('actions', (context, repository) => {
    const all = [...repository.content.workflows.values()];
    return paged(context, all, (workflow) => context.resources.workflow(repository, workflow), (items) => ({ total_count: all.length, workflows: items }));
  })],
  ['GET', '/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', inRepository('actions', (context, repository, { workflow_id = '' }) => {
    const workflow = [...repository.content.workflows.values()].find((one) => String(one.databaseId) === workflow_id || one.path.endsWith(`/${workflow_id}`));
    return workflow ? runs(context, repository, workflow.databaseId) : notFound();
  })],
  ['GET', '/repos/{owner}/{repo}/actions/runs', inRepository('actions', (context, repository) => runs(context, repository, null))],
  ['GET', '/repos/{owner}/{repo}/actions/runs/{run_id}', inRepository('actions', (context, repository, { run_id = '' }) => {
    const run = repository.content.runs.get(Number(run_id));
    return run ? ok(context.resources.run(repository, run)) : notFound();
  })],
  ['GET', '/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}', inRepository('actions', (context, repository, { run_id = '', attempt_number = '' }) => {
    const run = repository.content.runs.get(Number(run_id));
    return run?.attempts.some((one) => one.attempt === Number(attempt_number)) ? ok(context.resources.run(repository, run, Number(attempt_number))) : notFound();
  })],
  ['GET', '/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs', inRepository('actions', (context, repository, { run_id = '', attempt_number = '' }) => {
    const run = repository.content.runs.get(Number(run_id));
    const jobs = run?.jobs.filter((job) => job.attempt === Number(attempt_number)) ?? [];
    return run ? paged(context, jobs, (job) => context.resources.job(repository, run, job), (items) => ({ total_count: jobs.length, jobs: items })) : notFound();
  })],
  ['GET', '/repos/{owner}/{repo}/actions/runs/{run_id}/jobs', inRepository('actions', (context, repository, { run_id = '' }) => {
    const run = repository.content.runs.get(Number(run_id));
    const latest = run?.attempts.at(-1)?.attempt ?? 1;
    const jobs = run?.jobs.filter((job) => context.query.get('filter') === 'all' || job.attempt === latest) ?? [];
    return run ? paged(context, jobs, (job) => context.resources.job(repository, run, job), (items) => ({ total_count: jobs.length, jobs: items })) : notFound();
  })],
  ['GET', '/repos/{owner}/{repo}/deployments', inRepository('deployments', (context, repository) => {
    const { query } = context;
    const found = lists
      .deployments(repository, query.get('environment') === null ? null : [query.get('environment')!], { field: 'CREATED_AT', direction: 'DESC' }, query.get('sha'))
      .elements.filter((one) => (query.get('ref') === null || one.ref === query.get('ref')) && (query.get('task') === null || one.task === query.get('task')));
    return paged(context, found, (one) => context.resources.deployment(repository, one));
  })],
  ['GET', '/repos/{owner}/{repo}/deployments/{deployment_id}', inRepository('deployments', (context, repository, { deployment_id = '' }) => {
    const one = repository.content.deployments.find((candidate) => candidate.databaseId === Number(deployment_id));
    return one ? ok(context.resources.deployment(repository, one)) : notFound();
  })],
  ['GET', '/repos/{owner}/{repo}/deployments/{deployment_id}/statuses', inRepository('deployments', (context, repository, { deployment_id = '' }) => {
    const one = repository.content.deployments.find((candidate) => candidate.databaseId === Number(deployment_id));
    return one ? paged(context, one.statuses.slice().reverse(), (status) => context.resources.deploymentStatus(repository, one, status)) : notFound();
  })],
  ['GET', '/repos/{owner}/{repo}/issues', inRepository('issues', (context, repository) => {
    const { query } = context;
    const state = query.get('state') ?? 'open';
    const since = time(context, 'since');
    const labels = query.get('labels')?.split(',') ?? [];
    const sort = query.get('sort') ?? 'created';
    const sign = (query.get('direction') ?? 'desc') === 'asc' ? 1 : -1;
    // REST lists pull requests among the issues.
    const all: Array<Issue | PullRequest> = [...repository.content.issues.values(), ...repository.content.pulls.values()];
    const found = all
      .filter(
        (one) =>
          (state === 'all' || (state === 'open') === (one.state === 'OPEN')) && (since === null || one.updatedAt >= since) && labels.every((label) => one.labels.includes(label)) &&
          (query.get('creator') === null || one.author === query.get('creator'))
      )
      .sort((a, b) => ((sort === 'updated' ? a.updatedAt - b.updatedAt : sort === 'comments' ? a.comments.length - b.comments.length : a.createdAt - b.createdAt) || a.databaseId - b.databaseId) * sign);
    return paged(context, found, (one) => context.resources.issue(repository, one));
  })],
  ['GET', '/repos/{owner}/{repo}/issues/{issue_number}', inRepository('issues', (context, repository, parameters) =>
    issueOr404(repository, parameters, (issue) => ok(context.resources.issue(repository, issue))))],
  ['GET', '/repos/{owner}/{repo}/issues/{issue_number}/comments', inRepository('issues', (context, repository, parameters) =>
    issueOr404(repository, parameters, (issue) => paged(context, issue.comments, (comment) => context.resources.comment(repository, issue, comment))))],
];

/** Values that stand in a path with slashes: a branch, a comparison. */
const SLASHES = new Set(['ref', 'branch', 'basehead', 'tag']);

export const ROUTES: Route[] = table.map(([method, template, handle]) => {
  const names: string[] = [];
  const source = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return SLASHES.has(name) ? '(.+)' : '([^/]+)';
  });
  return { method, template, pattern: new RegExp(`^${source}$`), names, handle };
});

/** `/repositories/{id}/…` is where redirects lead: the same as the repository's name. */
export function resolvePath(world: World, path: string): string {
  const found = /^\/repositories\/(\d+)(\/.*)?$/.exec(path);
  const repository = found ? world.repositories.get(Number(found[1])) : undefined;
  return repository ? `/repos/${repository.fullName}${found?.[2] ?? ''}` : path;
}

export function findRoute(method: string, path: string): { route: Route; parameters: Parameters } | null {
  let best: { route: Route; parameters: Parameters } | null = null;
  for (const route of ROUTES) {
    const found = route.method === method ? route.pattern.exec(path) : null;
    // The most literal template wins: `/releases/latest` before `/releases/{id}`.
    if (found && (best === null || route.names.length < best.route.names.length || (route.names.length === best.route.names.length && route.template.length > best.route.template.length))) {
      best = { route, parameters: Object.fromEntries(route.names.map((name, index) => [name, decodeURIComponent(found[index + 1])])) };
    }
  }
  return best;
}

export const httpDate = (at: number): string => new Date(at).toUTCString();
