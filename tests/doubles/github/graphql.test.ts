import { parse, type OperationDefinitionNode } from 'graphql';
import { DEFAULT_TOKEN } from './access';
import { gitHubSchema } from './graphql/execute';
import { analyse } from './graphql/statics';
import { scenario } from './scenario';
import { get, graphql, simple, withDouble, type Reply } from './testing';

const statics = (query: string, variables: Record<string, unknown> = {}): ReturnType<typeof analyse> => {
  const document = parse(query);
  return analyse(gitHubSchema(), document, document.definitions[0] as OperationDefinitionNode, variables);
};

const PAGE = `query Page($size: Int!, $after: String) {
  rateLimit { cost nodeCount limit remaining used resetAt }
  repository(owner: "acme", name: "api") {
    pullRequests(states: MERGED, first: $size, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes {
        number
        mergeCommit { oid }
        author { __typename login }
        commits(first: 100) { totalCount nodes { commit { oid authoredDate } } }
        reviews(first: 50) { nodes { state submittedAt author { login } } }
        labels(first: 20) { nodes { name } }
        timelineItems(first: 50, itemTypes: [READY_FOR_REVIEW_EVENT, CONVERT_TO_DRAFT_EVENT, HEAD_REF_FORCE_PUSHED_EVENT]) {
          nodes { __typename ... on ReadyForReviewEvent { createdAt } ... on ConvertToDraftEvent { createdAt } ... on HeadRefForcePushedEvent { createdAt } }
        }
      }
    }
  }
}`;

describe('cost', () => {
  it.each([
    // One request for the page and one per pull request for each of four lists: (1 + 4 × 25) / 100.
    [25, 1],
    [37, 1],
    [38, 2],
    [100, 4],
  ])('prices a page of %i pull requests with four lists at %i', (size, cost) => {
    expect(statics(PAGE, { size }).cost).toBe(cost);
  });

  it("gives GitHub's own example 51 points", () => {
    // 1 + 100 + 100 × 50 = 5,101 requests; 100 + 5,000 + 300,000 nodes.
    const { cost, nodeCount } = statics('{ viewer { repositories(first: 100) { nodes { issues(first: 50) { nodes { labels(first: 60) { nodes { id } } } } } } } }');
    expect([cost, nodeCount]).toEqual([51, 305_100]);
  });

  it('takes at least one point, counts aliases apart, and follows fragments and @include', () => {
    expect(statics('{ viewer { login } }').cost).toBe(1);
    const alias = (name: string): string => `${name}: repository(owner: "a", name: "b") { pullRequests(first: 100) { nodes { ...more } } }`;
    const fragment = 'fragment more on PullRequest { commits(first: 1) { totalCount } reviews(first: 1) @include(if: $all) { totalCount } }';
    expect(statics(`query Q($all: Boolean!) { ${alias('x')} ${alias('y')} } ${fragment}`, { all: false }).cost).toBe(2);
    expect(statics(`query Q($all: Boolean!) { ${alias('x')} ${alias('y')} } ${fragment}`, { all: true }).cost).toBe(4);
  });

  it('charges the token and says so in the answer and its headers', async () => {
    await withDouble({ world: simple(3).world }, async (double) => {
      await graphql(double, PAGE, { size: 10 });
      const reply = await graphql(double, PAGE, { size: 100 });
      expect(reply.body.data?.rateLimit).toEqual({ cost: 4, nodeCount: 22_100, limit: 5000, remaining: 4995, used: 5, resetAt: '2026-03-02T13:00:00Z' });
      expect(reply.headers.get('x-ratelimit-remaining')).toBe('4995');
      expect(reply.headers.get('x-ratelimit-reset')).toBe(String(Date.parse('2026-03-02T13:00:00Z') / 1000));
      expect(double.journal.summary().points).toBe(5);
      double.clock.advance(3_600_000);
      expect((await graphql(double, PAGE, { size: 10 })).headers.get('x-ratelimit-remaining')).toBe('4999');
    });
  });
});

describe('static rules', () => {
  it.each([
    ['no page size', '{ repository(owner: "acme", name: "api") { pullRequests { totalCount } } }', 'MISSING_PAGINATION_BOUNDARIES'],
    ['too many', '{ repository(owner: "acme", name: "api") { pullRequests(first: 101) { totalCount } } }', 'EXCESSIVE_PAGINATION'],
    ['first and last', '{ repository(owner: "acme", name: "api") { pullRequests(first: 1, last: 1) { totalCount } } }', 'INVALID_PAGINATION'],
    ['too many nodes', '{ viewer { repositories(first: 100) { nodes { issues(first: 100) { nodes { labels(first: 100) { nodes { id } } } } } } } }', 'MAX_NODE_LIMIT_EXCEEDED'],
  ])('refuses %s free of charge', async (_, query, type) => {
    await withDouble({ world: simple(1).world }, async (double) => {
      const reply = await graphql(double, query);
      expect(reply.status).toBe(200);
      expect(reply.body.data).toBeUndefined();
      expect(reply.body.errors?.[0]?.type).toBe(type);
      expect(double.journal.summary().points).toBe(0);
    });
  });

  it('refuses what the schema does not know, and what does not parse', async () => {
    await withDouble({ world: simple(1).world }, async (double) => {
      expect((await graphql(double, '{ repository(owner: "acme", name: "api") { pullRequest(number: 1) { nonsense } } }')).body.errors?.[0]?.message).toContain('Cannot query field "nonsense" on type "PullRequest"');
      expect((await graphql(double, '{ viewer')).body.errors?.[0]?.message).toMatch(/^Parse error/);
      expect((await graphql(double, 'query Q($n: Int!) { repository(owner: "acme", name: "api") { pullRequests(first: $n) { totalCount } } }')).body.errors).toHaveLength(1);
    });
  });

  it('never makes up what it does not model', async () => {
    await withDouble({ world: simple(1).world }, async (double) => {
      const reply = await graphql(double, '{ repository(owner: "acme", name: "api") { name codeOfConduct { name } } }');
      expect(reply.body.data?.repository).toEqual({ name: 'api', codeOfConduct: null });
      expect(reply.body.errors?.[0]).toMatchObject({ type: 'NOT_MODELLED', path: ['repository', 'codeOfConduct'] });
    });
  });
});

describe('paging', () => {
  async function walk(fetchPage: (after: string | null) => Promise<Reply<{ data?: Record<string, any> | null }>>, between: (page: number) => void = () => undefined): Promise<number[]> { // eslint-disable-line @typescript-eslint/no-explicit-any
    const numbers: number[] = [];
    let after: string | null = null;
    for (let page = 1; ; page += 1) {
      const { pageInfo, nodes } = (await fetchPage(after)).body.data?.repository.pullRequests as { pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: Array<{ number: number }> };
      numbers.push(...nodes.map((node) => node.number));
      if (!pageInfo.hasNextPage) {
        return numbers;
      }
      after = pageInfo.endCursor;
      between(page);
    }
  }

  it('gives every pull request once, newest first', async () => {
    await withDouble({ world: simple(60).world }, async (double) => {
      const numbers = await walk((after) => graphql(double, PAGE, { size: 25, after }));
      expect(numbers).toEqual(Array.from({ length: 60 }, (_, index) => 60 - index));
      expect(double.journal.summary().repeatedPages).toEqual([]);
      expect(double.journal.list().map((entry) => entry.pages[0])).toMatchObject([{ of: 'acme/api', connection: 'pullRequests', after: null, size: 25, returned: 25, hasNextPage: true }, { returned: 25 }, { returned: 10, hasNextPage: false }]);
    });
  });

  it('keeps its place when pull requests are updated, merged and added in the middle of a pass', async () => {
    const all = simple(60);
    await withDouble({ world: all.world }, async (double) => {
      const content = all.world.findRepository('acme', 'api')!.changeable;
      const numbers = await walk(
        (after) => graphql(double, PAGE, { size: 10, after }),
        (page) => {
          // 5 is still to come and jumps to the top; 58 was on the first page.
          for (const number of page === 1 ? [5, 58] : []) {
            content.pulls.get(number)!.updatedAt = Date.parse('2026-02-01T00:00:00Z') + number;
          }
          content.changed();
        }
      );
      expect(numbers).toEqual(Array.from({ length: 60 }, (_, index) => 60 - index).filter((number) => number !== 5));
    });
  });

  it('refuses a cursor that it never gave', async () => {
    await withDouble({ world: simple(3).world }, async (double) => {
      for (const after of ['nonsense', Buffer.from('cursor:v2:["a"]').toString('base64'), `${'a'.repeat(40)} 99`]) {
        const reply = await graphql(double, PAGE, { size: 2, after });
        expect(reply.body.errors?.[0]).toMatchObject({ type: 'INVALID_CURSOR_ARGUMENTS', path: ['repository', 'pullRequests'] });
        expect(reply.body.errors?.[0]?.message).toContain('does not appear to be a valid cursor');
      }
    });
  });

  it('pages backwards, by edges, and through the lists of one pull request', async () => {
    const all = simple(3, (repository) =>
      repository.pullRequest({ openedAt: '2026-02-01T00:00:00Z', commits: Array.from({ length: 130 }, (_, index) => Date.parse('2026-01-31T00:00:00Z') + index * 1000), mergedAt: '2026-02-02T00:00:00Z' })
    );
    await withDouble({ world: all.world }, async (double) => {
      const last = await graphql(double, '{ repository(owner: "acme", name: "api") { pullRequests(last: 2) { pageInfo { hasPreviousPage startCursor } edges { cursor node { number } } } } }');
      const connection = last.body.data?.repository.pullRequests;
      expect(connection.edges.map((edge: { node: { number: number } }) => edge.node.number)).toEqual([3, 4]);
      expect(connection.pageInfo).toEqual({ hasPreviousPage: true, startCursor: connection.edges[0].cursor });
      const commits = 'commits(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { commit { oid } } }';
      const query = `query Q($id: ID!, $after: String) { node(id: $id) { ... on PullRequest { ${commits} } } }`;
      const id = (await graphql(double, '{ repository(owner: "acme", name: "api") { pullRequest(number: 4) { id } } }')).body.data?.repository.pullRequest.id as string;
      const first = (await graphql(double, query, { id })).body.data?.node.commits;
      const second = (await graphql(double, query, { id, after: first.pageInfo.endCursor })).body.data?.node.commits;
      expect([first.totalCount, first.nodes.length, first.pageInfo.hasNextPage, second.nodes.length, second.pageInfo.hasNextPage]).toEqual([130, 100, true, 30, false]);
      expect(new Set([...first.nodes, ...second.nodes].map((node: { commit: { oid: string } }) => node.commit.oid)).size).toBe(130);
    });
  });

  it('walks history as git log does, and its cursor survives new commits', async () => {
    const all = simple(0, (repository) => {
      const base = repository.head();
      const left = repository.commit({ at: '2026-01-02T00:00:00Z', message: 'left' });
      const right = repository.commit({ at: '2026-01-03T00:00:00Z', message: 'right', branch: 'side', parents: [base] });
      repository.commit({ at: '2026-01-04T00:00:00Z', message: 'merge', parents: [left.sha, right.sha] });
    });
    await withDouble({ world: all.world }, async (double) => {
      const query = 'query Q($after: String, $oid: GitObjectID) { repository(owner: "acme", name: "api") { object(oid: $oid) { ... on Commit { history(first: 2, after: $after) { totalCount pageInfo { endCursor hasNextPage } nodes { message parents(first: 5) { totalCount } } } } } } }';
      const oid = all.world.findRepository('acme', 'api')!.content.branches.get('main');
      const first = (await graphql(double, query, { oid })).body.data?.repository.object.history;
      expect(first.nodes).toEqual([{ message: 'merge', parents: { totalCount: 2 } }, { message: 'right', parents: { totalCount: 1 } }]);
      await fetch(`${double.url}/_control/facts`, { method: 'POST', body: JSON.stringify({ repository: 'acme/api', steps: [{ commit: { message: 'new' } }] }) });
      const second = (await graphql(double, query, { oid, after: first.pageInfo.endCursor })).body.data?.repository.object.history;
      expect(second.nodes.map((node: { message: string }) => node.message)).toEqual(['left', 'Start']);
      expect((await graphql(double, '{ repository(owner: "acme", name: "api") { defaultBranchRef { target { ... on Commit { messageHeadline history(first: 1) { totalCount } } } } } }')).body.data?.repository.defaultBranchRef.target)
        .toEqual({ messageHeadline: 'new', history: { totalCount: 5 } });
    });
  });
});

describe('too heavy a query', () => {
  const many = simple(100).world;

  it('answers pages of 25 and 37 and fails at 100', async () => {
    await withDouble({ world: many }, async (double) => {
      const answers: number[] = [];
      for (const size of [25, 37, 100]) {
        answers.push((await graphql(double, PAGE, { size })).status);
      }
      expect(answers).toEqual([200, 200, 502]);
      expect(double.journal.list().map((entry) => entry.cost)).toEqual([1, 1, 4]);
    });
  });

  it('fails earlier when pull requests have many commits', async () => {
    const heavy = simple(0, (repository) => {
      for (let index = 0; index < 40; index += 1) {
        const at = Date.parse('2026-02-01T00:00:00Z') + index * 3_600_000;
        repository.pullRequest({ openedAt: at, commits: Array.from({ length: 100 }, (_, commit) => at - commit * 1000), mergedAt: at + 60_000 });
      }
    });
    await withDouble({ world: heavy.world }, async (double) => {
      expect((await graphql(double, PAGE, { size: 25 })).status).toBe(200);
      expect((await graphql(double, PAGE, { size: 37 })).status).toBe(502);
    });
  });

  it('answers 504, or what it has beside RESOURCE_LIMITS_EXCEEDED', async () => {
    await withDouble({ world: many, heavyAnswer: '504' }, async (double) => {
      const reply = await graphql(double, PAGE, { size: 100 });
      expect([reply.status, reply.body.message]).toEqual([504, expect.stringContaining("couldn't respond to your request in time")]);
    });
    await withDouble({ world: many, heavyAnswer: 'resource-limits' }, async (double) => {
      const reply = await graphql(double, PAGE, { size: 100 });
      expect(reply.status).toBe(200);
      expect(reply.body.errors?.[0]?.type).toBe('RESOURCE_LIMITS_EXCEEDED');
      expect(JSON.stringify(reply.body.data)).toContain('"number"');
    });
  });
});

describe('who may see what', () => {
  const world = (): ReturnType<typeof scenario>['world'] => {
    const all = scenario();
    const acme = all.organisation('acme');
    acme.repository('secret').commit({ at: '2026-01-01T00:00:00Z' });
    acme.repository('open', { private: false }).commit({ at: '2026-01-01T00:00:00Z' });
    return all.world;
  };
  const names = '{ organization(login: "acme") { repositories(first: 10) { nodes { nameWithOwner } } } }';

  it('hides private repositories from a token without the repo scope', async () => {
    await withDouble({ world: world(), tokens: [{ token: 'weak', scopes: ['read:org'] }] }, async (double) => {
      expect((await graphql(double, names, {}, { authorization: 'bearer weak' })).body.data?.organization.repositories.nodes).toEqual([{ nameWithOwner: 'acme/open' }]);
      const hidden = await graphql(double, '{ repository(owner: "acme", name: "secret") { id } }', {}, { authorization: 'bearer weak' });
      expect(hidden.body).toMatchObject({ data: { repository: null }, errors: [{ type: 'NOT_FOUND', path: ['repository'], message: "Could not resolve to a Repository with the name 'acme/secret'." }] });
    });
  });

  it('names missing scopes and permissions beside the data that it may give', async () => {
    const tokens = [
      { token: 'classic', scopes: ['repo'] },
      { token: 'fine', kind: 'fine-grained' as const, permissions: { metadata: 'read' as const, contents: 'read' as const } },
    ];
    await withDouble({ world: world(), tokens }, async (double) => {
      const scopes = await graphql(double, '{ viewer { login organizations(first: 5) { totalCount } } }', {}, { authorization: 'bearer classic' });
      expect(scopes.body.errors?.[0]).toMatchObject({ type: 'INSUFFICIENT_SCOPES', path: ['viewer', 'organizations'] });
      expect(scopes.headers.get('x-oauth-scopes')).toBe('repo');
      const partial = await graphql(double, '{ a: repository(owner: "acme", name: "secret") { name pullRequests(first: 1) { totalCount } } b: repository(owner: "acme", name: "open") { name } }', {}, { authorization: 'bearer fine' });
      expect(partial.body.data).toEqual({ a: null, b: { name: 'open' } });
      expect(partial.body.errors?.[0]).toMatchObject({ type: 'FORBIDDEN', message: 'Resource not accessible by personal access token', path: ['a', 'pullRequests'] });
      expect(partial.headers.get('x-oauth-scopes')).toBeNull();
    });
  });

  it('refuses wrong and missing tokens', async () => {
    await withDouble({ world: world() }, async (double) => {
      expect((await graphql(double, names, {}, { authorization: 'bearer wrong' })).body).toMatchObject({ message: 'Bad credentials' });
      expect((await graphql(double, names, {}, { authorization: '' })).status).toBe(401);
      await fetch(`${double.url}/_control/tokens`, { method: 'POST', body: JSON.stringify({ token: DEFAULT_TOKEN, revoked: true }) });
      expect((await graphql(double, names)).status).toBe(401);
    });
  });

  it('follows renames, unless told not to', async () => {
    const renamed = world();
    renamed.rename(renamed.findRepository('acme', 'open')!, 'acme', 'public');
    await withDouble({ world: renamed }, async (double) => {
      expect((await graphql(double, '{ repository(owner: "acme", name: "open") { nameWithOwner } }')).body.data?.repository).toEqual({ nameWithOwner: 'acme/public' });
      expect((await graphql(double, '{ repository(owner: "acme", name: "open", followRenames: false) { nameWithOwner } }')).body.errors?.[0]?.type).toBe('NOT_FOUND');
      expect((await get(double, '/repos/acme/open')).headers.get('location')).toMatch(/\/repositories\/\d+$/);
      const target = new URL((await get(double, '/repos/acme/open')).headers.get('location')!).pathname;
      expect((await get(double, target)).body.full_name).toBe('acme/public');
    });
  });
});

describe('what it knows of a pull request', () => {
  it('answers authors of every kind, drafts, reviews, files, references and events', async () => {
    const all = simple(0, (repository) => {
      repository.world.account('ported', { kind: 'Mannequin' });
      repository.pullRequest({
        number: 7, title: 'Add retries', body: 'Fixes #3', author: null, branch: 'topic', openedAt: '2026-01-05T00:00:00Z', draft: true, drafts: [{ to: 'ready', at: '2026-01-06T00:00:00Z' }],
        commits: [{ at: '2026-01-04T00:00:00Z', authoredAt: '2026-01-03T00:00:00Z', files: ['src/a.ts'] }], forcePushes: ['2026-01-06T01:00:00Z'], labels: ['bug', 'urgent'],
        reviews: [{ by: 'ann', state: 'changes-requested', at: '2026-01-07T00:00:00Z', comments: ['Why?'] }, { by: 'ann', state: 'approved', at: '2026-01-08T00:00:00Z' }],
        comments: [{ by: 'renovate[bot]', at: '2026-01-05T01:00:00Z', body: 'Hello' }], mergedAt: '2026-01-09T00:00:00Z', mergedBy: 'ann', merge: 'squash',
      });
      repository.pullRequest({ number: 8, author: 'ported', openedAt: '2026-01-10T00:00:00Z' });
      repository.issue({ number: 3, title: 'Broken', openedAt: '2026-01-01T00:00:00Z', closedAt: '2026-01-09T00:00:00Z', labels: ['incident'], comments: [{ by: 'ann', at: '2026-01-09T00:00:00Z', body: 'root cause: #7' }] });
    });
    await withDouble({ world: all.world }, async (double) => {
      const reply = await graphql(double, `{ repository(owner: "acme", name: "api") {
        a: pullRequest(number: 7) {
          state isDraft createdAt mergedAt merged headRefName baseRefName changedFiles reviewDecision author { login }
          mergedBy { __typename login } mergeCommit { messageHeadline parents(first: 2) { totalCount } associatedPullRequests(first: 2) { nodes { number } } }
          commits(first: 5) { nodes { commit { authoredDate committedDate author { user { login } } } } }
          files(first: 5) { nodes { path } } labels(first: 5) { nodes { name } }
          reviews(first: 5) { nodes { state submittedAt comments(first: 5) { nodes { body } } } } reviewThreads(first: 5) { totalCount }
          comments(first: 5) { nodes { author { __typename login } body } }
          timelineItems(first: 20) { totalCount nodes { __typename } } closingIssuesReferences(first: 5) { nodes { number } }
        }
        b: pullRequest(number: 8) { author { __typename login } headRef { name target { oid } } }
        c: pullRequest(number: 9) { number }
        issue(number: 3) { state closedAt labels(first: 5) { nodes { name } } comments(first: 5) { nodes { body } } }
      } }`);
      const { a, b, c, issue } = reply.body.data?.repository;
      expect(a).toMatchObject({
        state: 'MERGED', isDraft: false, createdAt: '2026-01-05T00:00:00Z', mergedAt: '2026-01-09T00:00:00Z', headRefName: 'topic', baseRefName: 'main', author: null, mergedBy: { __typename: 'User', login: 'ann' },
        mergeCommit: { messageHeadline: 'Add retries (#7)', parents: { totalCount: 1 }, associatedPullRequests: { nodes: [{ number: 7 }] } },
        commits: { nodes: [{ commit: { authoredDate: '2026-01-03T00:00:00Z', committedDate: '2026-01-04T00:00:00Z', author: { user: null } } }] },
        files: { nodes: [{ path: 'src/a.ts' }] }, labels: { nodes: [{ name: 'bug' }, { name: 'urgent' }] }, reviewDecision: 'APPROVED', reviewThreads: { totalCount: 1 },
        comments: { nodes: [{ author: { __typename: 'Bot', login: 'renovate' }, body: 'Hello' }] }, closingIssuesReferences: { nodes: [{ number: 3 }] },
      });
      expect(a.reviews.nodes).toEqual([{ state: 'CHANGES_REQUESTED', submittedAt: '2026-01-07T00:00:00Z', comments: { nodes: [{ body: 'Why?' }] } }, { state: 'APPROVED', submittedAt: '2026-01-08T00:00:00Z', comments: { nodes: [] } }]);
      expect(a.timelineItems.nodes.map((node: { __typename: string }) => node.__typename)).toEqual([
        'PullRequestCommit', 'LabeledEvent', 'LabeledEvent', 'IssueComment', 'ReadyForReviewEvent', 'HeadRefForcePushedEvent', 'PullRequestReview', 'PullRequestReview', 'MergedEvent', 'ClosedEvent',
      ]);
      expect(b).toMatchObject({ author: { __typename: 'Mannequin', login: 'ported' }, headRef: { name: 'change-8' } });
      expect(c).toBeNull();
      expect(reply.body.errors).toMatchObject([{ type: 'NOT_FOUND', path: ['repository', 'c'], message: 'Could not resolve to a PullRequest with the number of 9.' }]);
      expect(issue).toEqual({ state: 'CLOSED', closedAt: '2026-01-09T00:00:00Z', labels: { nodes: [{ name: 'incident' }] }, comments: { nodes: [{ body: 'root cause: #7' }] } });
    });
  });

  it('answers refs, tags, releases and deployments', async () => {
    const all = simple(2, (repository) => {
      repository.release({ tag: 'v1', publishedAt: '2026-01-02T00:00:00Z', annotated: true });
      repository.release({ tag: 'v2-rc', publishedAt: '2026-01-03T00:00:00Z', prerelease: true });
      repository.deployment({ at: '2026-01-03T00:00:00Z', environment: 'production', statuses: [{ state: 'IN_PROGRESS', at: '2026-01-03T00:01:00Z' }, { state: 'SUCCESS', at: '2026-01-03T00:05:00Z' }] });
      repository.branch('release/1', repository.head(), '2026-01-04T00:00:00Z');
    });
    await withDouble({ world: all.world }, async (double) => {
      const reply = await graphql(double, `{ repository(owner: "acme", name: "api") {
        heads: refs(refPrefix: "refs/heads/", first: 10) { totalCount nodes { name prefix target { __typename oid } } }
        tags: refs(refPrefix: "refs/tags/", first: 10, orderBy: { field: TAG_COMMIT_DATE, direction: DESC }) { nodes { name target { __typename oid ... on Tag { target { __typename } tagger { date } } } } }
        ref(qualifiedName: "refs/heads/release/1") { name }
        gone: ref(qualifiedName: "refs/heads/gone") { name }
        releases(first: 10, orderBy: { field: CREATED_AT, direction: DESC }) { nodes { tagName isPrerelease publishedAt tagCommit { oid } author { login } } }
        latestRelease { tagName }
        deployments(first: 5, environments: ["production"]) { nodes { state commitOid ref { name } latestStatus { state } statuses(first: 5) { nodes { state createdAt } } } }
        environments(first: 5) { nodes { name } }
      } }`);
      expect(reply.body.errors).toBeUndefined();
      const { heads, tags, ref, gone, releases, latestRelease, deployments, environments } = reply.body.data?.repository;
      expect(heads.nodes.map((node: { name: string }) => node.name)).toEqual(['main', 'release/1']);
      expect(tags.nodes.map((node: { name: string; target: { __typename: string } }) => [node.name, node.target.__typename])).toEqual([['v2-rc', 'Commit'], ['v1', 'Tag']]);
      expect(ref).toEqual({ name: 'release/1' });
      expect(gone).toBeNull();
      expect(releases.nodes).toMatchObject([{ tagName: 'v2-rc', isPrerelease: true }, { tagName: 'v1', isPrerelease: false, publishedAt: '2026-01-02T00:00:00Z', author: { login: 'octocat' } }]);
      expect(latestRelease).toEqual({ tagName: 'v1' });
      expect(deployments.nodes).toMatchObject([{ state: 'ACTIVE', ref: { name: 'main' }, latestStatus: { state: 'SUCCESS' }, statuses: { nodes: [{ state: 'SUCCESS' }, { state: 'IN_PROGRESS' }] } }]);
      expect(environments.nodes).toEqual([{ name: 'production' }]);
    });
  });

  it('searches pull requests as GitHub does', async () => {
    await withDouble({ world: simple(30).world }, async (double) => {
      const reply = await graphql(double, '{ search(type: ISSUE, first: 3, query: "repo:acme/api is:pr is:merged merged:2026-01-01T05:00:00Z..2026-01-01T10:00:00Z sort:updated-desc") { issueCount pageInfo { hasNextPage } nodes { ... on PullRequest { number } } } }');
      expect(reply.body.data?.search).toEqual({ issueCount: 5, pageInfo: { hasNextPage: true }, nodes: [{ number: 9 }, { number: 8 }, { number: 7 }] });
    });
  });
});
