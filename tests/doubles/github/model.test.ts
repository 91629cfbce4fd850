import { getNamedType, isLeafType, isNonNullType, isObjectType, type GraphQLField, type GraphQLObjectType } from 'graphql';
import { DEFAULT_TOKEN } from './access';
import { gitHubSchema } from './graphql/execute';
import { resolvers } from './graphql/resolvers';
import { addSampleOrganisation } from './sample/sample';
import { graphql, NOW, withDouble } from './testing';
import { World } from './world';

// Whole organisations take their time on a busy machine.
jest.setTimeout(60_000);

/** Values for arguments that must be given. */
const ARGUMENTS: Record<string, string> = {
  'Repository.ref': '(qualifiedName: "refs/heads/main")', 'Repository.refs': '(refPrefix: "refs/heads/", first: 2)', 'Repository.object': '(expression: "HEAD")', 'Repository.pullRequest': '(number: 1)',
  'Repository.issue': '(number: 1)', 'Repository.issueOrPullRequest': '(number: 1)', 'Repository.release': '(tagName: "v1.1.0")', 'Repository.environment': '(name: "production")',
  'Repository.label': '(name: "bug")', 'Repository.milestone': '(number: 1)', 'Ref.compare': '(headRef: "main")', 'Organization.repository': '(name: "checkout")', 'User.repository': '(name: "checkout")',
};
/** Places with something to see, by type. */
const ROOTS: Record<string, string> = {
  Repository: 'repository(owner: "acme", name: "payments-api") { ...all }',
  PullRequest: 'repository(owner: "acme", name: "payments-api") { pullRequests(first: 100, states: MERGED) { nodes { ...all } } }',
  Issue: 'repository(owner: "acme", name: "incidents") { issues(first: 30) { nodes { ...all } } }',
  IssueComment: 'repository(owner: "acme", name: "incidents") { issues(first: 30) { nodes { comments(first: 3) { nodes { ...all } } } } }',
  Commit: 'repository(owner: "acme", name: "payments-web") { defaultBranchRef { target { ...all } } }',
  Ref: 'repository(owner: "acme", name: "mobile-app") { refs(refPrefix: "refs/", first: 50) { nodes { ...all } } }',
  Tag: 'repository(owner: "acme", name: "mobile-app") { refs(refPrefix: "refs/tags/", first: 5) { nodes { target { ...all } } } }',
  Release: 'repository(owner: "acme", name: "payments-ledger") { releases(first: 30) { nodes { ...all } } }',
  Deployment: 'repository(owner: "acme", name: "checkout") { deployments(first: 30) { nodes { ...all } } }',
  DeploymentStatus: 'repository(owner: "acme", name: "checkout") { deployments(first: 30) { nodes { statuses(first: 5) { nodes { ...all } } } } }',
  Environment: 'repository(owner: "acme", name: "checkout") { environments(first: 5) { nodes { ...all } } }',
  Label: 'repository(owner: "acme", name: "checkout") { labels(first: 5) { nodes { ...all } } }',
  PullRequestReview: 'repository(owner: "acme", name: "checkout") { pullRequests(first: 30) { nodes { reviews(first: 5) { nodes { ...all } } } } }',
  PullRequestReviewThread: 'repository(owner: "acme", name: "checkout") { pullRequests(first: 30) { nodes { reviewThreads(first: 5) { nodes { ...all } } } } }',
  PullRequestReviewComment: 'repository(owner: "acme", name: "checkout") { pullRequests(first: 30) { nodes { reviews(first: 5) { nodes { comments(first: 2) { nodes { ...all } } } } } } }',
  PullRequestCommit: 'repository(owner: "acme", name: "checkout") { pullRequests(first: 3) { nodes { commits(first: 5) { nodes { ...all } } } } }',
  PullRequestChangedFile: 'repository(owner: "acme", name: "checkout") { pullRequests(first: 3) { nodes { files(first: 5) { nodes { ...all } } } } }',
  Organization: 'organization(login: "acme") { ...all }',
  User: 'user(login: "mlindqvist") { ...all }',
  Comparison: 'repository(owner: "acme", name: "checkout") { defaultBranchRef { compare(headRef: "main") { ...all } } }',
  CheckSuite: 'repository(owner: "acme", name: "checkout") { defaultBranchRef { target { ... on Commit { checkSuites(first: 3) { nodes { ...all } } } } } }',
  WorkflowRun: 'repository(owner: "acme", name: "checkout") { defaultBranchRef { target { ... on Commit { checkSuites(first: 3) { nodes { workflowRun { ...all } } } } } } }',
  GitActor: 'repository(owner: "acme", name: "checkout") { defaultBranchRef { target { ... on Commit { author { ...all } } } } }',
  ...Object.fromEntries(
    ['ReadyForReviewEvent', 'HeadRefForcePushedEvent', 'MergedEvent', 'ClosedEvent', 'LabeledEvent'].map((name) => [
      name, 'repository(owner: "acme", name: "checkout") { pullRequests(first: 60) { nodes { timelineItems(first: 60) { nodes { ...all } } } } }',
    ])
  ),
};

/** Leaves plainly; objects by their type; connections with one element and its type. */
function selection(type: GraphQLObjectType, field: GraphQLField<unknown, unknown>): string | null {
  const named = getNamedType(field.type);
  const isConnection = named.name.endsWith('Connection');
  const given = ARGUMENTS[`${type.name}.${field.name}`] ?? (isConnection ? '(first: 1)' : '');
  if (given === '' && field.args.some((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined)) {
    return null;
  }
  if (isLeafType(named)) {
    return field.name;
  }
  const inner = isConnection && isObjectType(named) ? ['totalCount', 'pageInfo', 'nodes', 'edges'].filter((name) => name in named.getFields()).map((name) => (name === 'pageInfo' ? 'pageInfo { endCursor hasNextPage }' : name === 'nodes' ? 'nodes { __typename }' : name === 'edges' ? 'edges { cursor }' : name)).join(' ') : '__typename';
  return `${field.name}${given} { ${inner} }`;
}

describe('every modelled field', () => {
  const world = new World();
  addSampleOrganisation(world, { now: NOW });
  const types = Object.keys(resolvers).filter((name) => isObjectType(gitHubSchema().getType(name)));

  it('is a field of the schema', () => {
    const shared = /Event$|^(User|Organization|Bot|Mannequin|Issue|PullRequest|Commit|Tag|IssueComment|PullRequestReview|PullRequestReviewComment)$/;
    for (const name of Object.keys(resolvers)) {
      const type = gitHubSchema().getType(name);
      expect([name, isObjectType(type)]).toEqual([name, true]);
      const unknown = Object.keys(resolvers[name]).filter((field) => !(field in (type as GraphQLObjectType).getFields()));
      expect([name, shared.test(name) ? [] : unknown]).toEqual([name, []]);
    }
  });

  it.each(types.filter((name) => name in ROOTS))('of %s answers what the schema promises', async (name) => {
    const type = gitHubSchema().getType(name) as GraphQLObjectType;
    const fields = Object.values(type.getFields()).filter((field) => field.name in resolvers[name]);
    const all = fields.flatMap((field) => selection(type, field) ?? []);
    expect(all.length).toBeGreaterThan(3);
    await withDouble({ world, computeBudget: 1e9, tokens: [{ token: DEFAULT_TOKEN, scopes: ['repo', 'read:org', 'read:user', 'admin:org'] }] }, async (double) => {
      for (const chunk of [all.slice(0, 20), all.slice(20, 60), all.slice(60)].filter((part) => part.length > 0)) {
        const reply = await graphql(double, `{ ${ROOTS[name]} } fragment all on ${name} { __typename ${chunk.join(' ')} }`);
        const errors = reply.body.errors?.filter((error) => !/Could not resolve/.test(error.message)) ?? [];
        expect(errors.slice(0, 3)).toEqual([]);
        expect(JSON.stringify(reply.body.data)).toContain(`"__typename":"${name}"`);
      }
    });
  });
});
