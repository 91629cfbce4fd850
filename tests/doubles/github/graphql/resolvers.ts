import type { GraphQLResolveInfo } from 'graphql';
import { instant, timestamp } from '../../shared/clock';
import { isPermitted } from '../access';
import type { Comment, Commit, Deployment, Issue, PullRequest, Release, Repository, Review, TimelineEvent } from '../world';
import { connection, keyset, numbered, pinned, walkedConnection, type PageArguments } from './connection';
import type { QueryContext } from './context';
import { TypedError } from './errors';
import { nodeId, parseNodeId } from './ids';
import * as lists from './lists';
import { search } from './search';
import {
  accountView, commitView, isPull, repositoryView, subjectView, view, type AccountView, type CheckSuiteView, type CommentView, type CommitView, type ComparisonView, type DeploymentStatusView,
  type DeploymentView, type EnvironmentView, type EventView, type FileView, type GitActorView, type IssueView, type LabelView, type PullCommitView, type PullView, type RefFact,
  type RefView, type ReleaseView, type RepositoryView, type ReviewCommentView, type ReviewView, type RunView, type TagView, type ThreadView, type WorkflowView,
} from './views';

type Arguments = Record<string, unknown>;
export type Resolver<S> = (source: S, args: Arguments, context: QueryContext, info: GraphQLResolveInfo) => unknown;
type Fields<S> = Record<string, Resolver<S>>;

const at = (time: number | null): string | null => (time === null ? null : timestamp(time));
const html = (text: string): string => (text === '' ? '' : `<p dir="auto">${text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')}</p>`);
const page = (args: Arguments): PageArguments & Arguments => args;
const text = (value: unknown): string => String(value);
const strings = (value: unknown): string[] | null => (Array.isArray(value) ? value.map(String) : null);
const order = (value: unknown): lists.Order | null => (value as lists.Order | null | undefined) ?? null;
const path = (source: { repository: Repository }): string => `/${source.repository.fullName}`;

function permit(context: QueryContext, permission: string): void {
  if (!isPermitted(context.identity, permission)) {
    throw new TypedError('FORBIDDEN', `Resource not accessible by ${context.identity.kind === 'installation' ? 'integration' : 'personal access token'}`);
  }
}

function scope(context: QueryContext, info: GraphQLResolveInfo, needed: string[]): void {
  const { kind, scopes } = context.identity;
  if (kind === 'classic' && !needed.some((one) => scopes.includes(one))) {
    throw new TypedError(
      'INSUFFICIENT_SCOPES',
      `Your token has not been granted the required scopes to execute this query. The '${info.fieldName}' field requires one of the following scopes: ` +
        `[${needed.map((one) => `'${one}'`).join(', ')}], but your token has only been granted the: [${scopes.map((one) => `'${one}'`).join(', ')}] scopes. ` +
        `Please modify your token's scopes at: https://github.com/settings/tokens.`
    );
  }
}

/** The repository, or GitHub's error when it is out of sight. */
function visible(context: QueryContext, repository: Repository | undefined, asked: string): RepositoryView {
  if (!repository || !context.canSee(repository)) {
    throw new TypedError('NOT_FOUND', `Could not resolve to a Repository with the name '${asked}'.`);
  }
  if (repository.state === 'saml') {
    throw new TypedError('FORBIDDEN', 'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.');
  }
  if (repository.state === 'blocked') {
    throw new TypedError('FORBIDDEN', 'Repository access blocked');
  }
  return repositoryView(repository);
}

function ownedRepositories(context: QueryContext, login: string, args: Arguments): Repository[] {
  const wanted = (name: string, value: boolean): boolean => args[name] == null || args[name] === value;
  const visibility = args.visibility ?? args.privacy;
  return context.world
    .repositoriesOf(login)
    .concat(memberOf(context, login, args))
    .filter((repository) => context.canSee(repository) && repository.state === 'present')
    .filter((repository) => wanted('isFork', repository.isFork) && wanted('isArchived', repository.isArchived))
    .filter((repository) => visibility == null || (visibility === 'PRIVATE' ? repository.isPrivate : !repository.isPrivate));
}

/** What the signed-in user reaches through organisations, when they ask for it. */
function memberOf(context: QueryContext, login: string, args: Arguments): Repository[] {
  const wanted = [...(strings(args.affiliations) ?? []), ...(strings(args.ownerAffiliations) ?? [])].some((one) => one === 'ORGANIZATION_MEMBER');
  return wanted && login === context.identity.login ? [...context.world.repositories.values()].filter((repository) => repository.owner.toLowerCase() !== login.toLowerCase()) : [];
}

const repositoriesOf = (login: string, args: Arguments, context: QueryContext, info: GraphQLResolveInfo): unknown => {
  const list = lists.repositories(ownedRepositories(context, login, args), order(args.orderBy));
  return walkedConnection(keyset(list.elements, list.key, list.directions, repositoryView), page(args), context, info, login);
};

function pullConnection(source: { repository: Repository }, args: Arguments, context: QueryContext, info: GraphQLResolveInfo, extra: Arguments = {}): unknown {
  permit(context, 'pull_requests');
  const list = lists.pulls(source.repository, {
    states: strings(args.states), labels: strings(args.labels), headRefName: args.headRefName as string | null, baseRefName: args.baseRefName as string | null, orderBy: order(args.orderBy), ...extra,
  });
  if (context.maxPage !== null && Number(args.first ?? args.last) > context.maxPage) {
    context.exceeded = true;
    throw new TypedError('RESOURCE_LIMITS_EXCEEDED', 'Resource limits for this query exceeded.');
  }
  return walkedConnection(
    keyset(list.elements, list.key, list.directions, (pull) => view('PullRequest', source.repository, pull)), page(args), context, info, source.repository.fullName
  );
}

function issueConnection(source: { repository: Repository }, args: Arguments, context: QueryContext, info: GraphQLResolveInfo): unknown {
  permit(context, 'issues');
  const filter = (args.filterBy ?? {}) as Arguments;
  const list = lists.issues(source.repository, {
    states: strings(args.states) ?? strings(filter.states), labels: strings(args.labels) ?? strings(filter.labels),
    since: filter.since == null ? null : instant(text(filter.since)), createdBy: (filter.createdBy as string | undefined) ?? null, orderBy: order(args.orderBy),
  });
  return walkedConnection(keyset(list.elements, list.key, list.directions, (issue) => view('Issue', source.repository, issue)), page(args), context, info, source.repository.fullName);
}

function deploymentConnection(repository: Repository, sha: string | null, args: Arguments, context: QueryContext, info: GraphQLResolveInfo): unknown {
  permit(context, 'deployments');
  const list = lists.deployments(repository, strings(args.environments), order(args.orderBy), sha);
  return walkedConnection(keyset(list.elements, list.key, list.directions, (one) => view('Deployment', repository, one)), page(args), context, info, repository.fullName);
}

function refView(repository: Repository, qualifiedName: string): RefView | null {
  const { branches, tags } = repository.content;
  const branch = qualifiedName.replace(/^refs\/heads\//, '');
  if (branches.has(branch)) {
    return view('Ref', repository, { prefix: 'refs/heads/', name: branch, sha: branches.get(branch)!, tag: null });
  }
  const name = qualifiedName.replace(/^refs\/tags\//, '');
  const tag = tags.get(name);
  return tag ? view('Ref', repository, { prefix: 'refs/tags/', name, sha: tag.sha, tag }) : null;
}

function labelViews(repository: Repository, names: string[]): LabelView[] {
  return names.map((name) => view('Label', repository, repository.content.label(name)));
}

function gitActor(repository: Repository, commit: Commit, when: number): GitActorView {
  return view('GitActor', repository, { name: commit.authorName, email: commit.authorEmail, login: commit.author, at: when });
}

/** Fields that accounts of every kind have. */
const anyAccount: Fields<AccountView> = {
  __typename: ({ kind }) => kind,
  id: ({ account }) => nodeId(({ User: 'U', Organization: 'O', Bot: 'BOT', Mannequin: 'M' } as const)[account.kind], account.databaseId),
  login: ({ account }) => account.login,
  databaseId: ({ account }) => account.databaseId,
  name: ({ account }) => account.name,
  avatarUrl: ({ account }) => `https://avatars.githubusercontent.com/u/${account.databaseId}?v=4`,
  url: ({ account }, _, context) => `${context.webUrl}${account.kind === 'Bot' ? '/apps' : ''}/${account.login}`,
  resourcePath: ({ account }) => `${account.kind === 'Bot' ? '/apps' : ''}/${account.login}`,
  createdAt: ({ account }) => at(account.createdAt),
  updatedAt: ({ account }) => at(account.createdAt),
};

const owner: Fields<AccountView> = {
  ...anyAccount,
  repositories: ({ account }, args, context, info) => repositoriesOf(account.login, args, context, info),
  repository: ({ account }, args, context) => visible(context, context.world.findRepository(account.login, text(args.name), args.followRenames !== false), `${account.login}/${text(args.name)}`),
  websiteUrl: () => null,
  location: () => null,
  twitterUsername: () => null,
};

const gitObject: Fields<CommitView | TagView> = {
  oid: (source) => (source.kind === 'Tag' ? (source.fact.annotation?.sha ?? source.fact.sha) : source.fact.sha),
  abbreviatedOid: (source) => (source.kind === 'Tag' ? (source.fact.annotation?.sha ?? source.fact.sha) : source.fact.sha).slice(0, 7),
  commitResourcePath: (source) => `${path(source)}/commit/${source.fact.sha}`,
  commitUrl: (source, _, context) => `${context.webUrl}${path(source)}/commit/${source.fact.sha}`,
  repository: (source) => repositoryView(source.repository),
};

/** Lists that are always empty here. */
const none: Resolver<unknown> = (_, args, context) => connection(numbered([], () => null), page(args), context);

/** What pull requests and issues share. */
const subject: Fields<PullView | IssueView> = {
  number: ({ fact }) => fact.number,
  title: ({ fact }) => fact.title,
  titleHTML: ({ fact }) => fact.title,
  body: ({ fact }) => fact.body,
  bodyText: ({ fact }) => fact.body,
  bodyHTML: ({ fact }) => html(fact.body),
  author: ({ fact }, _, context) => accountView(context.world, fact.author),
  authorAssociation: ({ fact }) => (fact.author === null ? 'NONE' : 'MEMBER'),
  editor: () => null,
  state: ({ fact }) => fact.state,
  closed: ({ fact }) => fact.state !== 'OPEN',
  createdAt: ({ fact }) => at(fact.createdAt),
  updatedAt: ({ fact }) => at(fact.updatedAt),
  closedAt: ({ fact }) => at(fact.closedAt),
  publishedAt: ({ fact }) => at(fact.createdAt),
  lastEditedAt: () => null,
  includesCreatedEdit: () => false,
  createdViaEmail: () => false,
  locked: () => false,
  activeLockReason: () => null,
  milestone: () => null,
  fullDatabaseId: ({ fact }) => String(fact.databaseId),
  databaseId: ({ fact }) => fact.databaseId,
  repository: (source) => repositoryView(source.repository),
  labels: (source, args, context) => connection(numbered(labelViews(source.repository, source.fact.labels), (label) => label), page(args), context),
  assignees: ({ fact }, args, context) => connection(numbered(isPull(fact) ? [] : fact.assignees, (login) => accountView(context.world, login)), page(args), context),
  comments: (source, args, context) =>
    connection(numbered(source.fact.comments, (item): CommentView => view('IssueComment', source.repository, { subject: source.fact, item })), page(args), context),
  participants: ({ fact }, args, context) => {
    const people = new Set([fact.author, ...fact.comments.map((comment) => comment.author), ...(isPull(fact) ? fact.reviews.map((review) => review.author) : [])]);
    const users = [...people].filter((login): login is string => login !== null && !login.endsWith('[bot]'));
    return connection(numbered(users, (login) => accountView(context.world, login)), page(args), context);
  },
  timelineItems: (source, args, context) => timeline(source, args, context),
  reactions: none,
  reactionGroups: () => [],
  userContentEdits: none,
  projectItems: none,
  projectsV2: none,
};

const kindOfItem = (kind: string): string => kind.replace(/(?!^)([A-Z])/g, '_$1').toUpperCase();

function timeline(source: PullView | IssueView, args: Arguments, context: QueryContext): unknown {
  const { repository, fact } = source;
  const all: Array<{ at: number; node: EventView | PullCommitView | ReviewView | CommentView }> = fact.timeline.map((item) => ({
    at: item.at, node: view(item.kind, repository, { subject: fact, item }),
  }));
  all.push(...fact.comments.map((item) => ({ at: item.at, node: view('IssueComment' as const, repository, { subject: fact, item }) })));
  if (isPull(fact)) {
    for (const sha of fact.commits) {
      const commit = repository.content.commits.get(sha);
      if (commit) {
        all.push({ at: commit.committedAt, node: view('PullRequestCommit', repository, { pull: fact, item: commit }) });
      }
    }
    all.push(...fact.reviews.map((item) => ({ at: item.at, node: view('PullRequestReview' as const, repository, { pull: fact, item }) })));
  }
  const types = strings(args.itemTypes);
  const since = args.since == null ? null : instant(text(args.since));
  const wanted = all
    .filter((item) => (types === null || types.includes(kindOfItem(item.node.kind))) && (since === null || item.at >= since))
    .sort((a, b) => a.at - b.at)
    .slice(Number(args.skip ?? 0));
  const cut = connection(numbered(wanted, (item) => item.node), page(args), context);
  return Object.assign(Object.create(null) as object, {
    get edges() {
      return cut.edges;
    },
    nodes: cut.nodes,
    pageInfo: cut.pageInfo,
    totalCount: cut.totalCount,
    filteredCount: wanted.length,
    pageCount: cut.nodes.length,
    updatedAt: at(fact.updatedAt),
  });
}

const event: Fields<EventView> = {
  id: (source) => nodeId('EV', source.repository.databaseId, source.fact.subject.number, source.fact.item.id),
  databaseId: ({ fact }) => fact.item.id,
  actor: ({ fact }, _, context) => accountView(context.world, fact.item.actor),
  createdAt: ({ fact }) => at(fact.item.at),
  pullRequest: (source) => subjectView(source.repository, source.fact.subject),
  closable: (source) => subjectView(source.repository, source.fact.subject),
  labelable: (source) => subjectView(source.repository, source.fact.subject),
  subject: (source) => subjectView(source.repository, source.fact.subject),
  closer: () => null,
  stateReason: ({ fact }) => (isPull(fact.subject) ? null : fact.subject.stateReason),
  resourcePath: (source) => `${path(source)}/pull/${source.fact.subject.number}#event-${source.fact.item.id}`,
  url: (source, _, context) => `${context.webUrl}${path(source)}/pull/${source.fact.subject.number}#event-${source.fact.item.id}`,
};
/** Reads a field that only some kinds of event have. */
const eventField = (source: EventView, name: string): string | null => {
  const value = (source.fact.item as unknown as Record<string, unknown>)[name];
  return value == null ? null : text(value);
};
const pushEvent: Fields<EventView> = {
  ...event,
  beforeCommit: (source) => commitView(source.repository, eventField(source, 'before')),
  afterCommit: (source) => commitView(source.repository, eventField(source, 'after')),
  ref: (source) => (isPull(source.fact.subject) ? refView(source.repository, source.fact.subject.headBranch) : null),
};
const labelEvent: Fields<EventView> = { ...event, label: (source) => labelViews(source.repository, [eventField(source, 'label') ?? ''])[0] };

const comment: Fields<CommentView> = {
  id: (source) => nodeId('IC', source.repository.databaseId, source.fact.subject.number, source.fact.item.id),
  databaseId: ({ fact }) => fact.item.id,
  fullDatabaseId: ({ fact }) => String(fact.item.id),
  ...commentFields<Comment, CommentView>((source) => source.fact.item),
  issue: (source) => subjectView(source.repository, source.fact.subject),
  pullRequest: (source) => (isPull(source.fact.subject) ? subjectView(source.repository, source.fact.subject) : null),
  resourcePath: (source) => `${path(source)}/issues/${source.fact.subject.number}#issuecomment-${source.fact.item.id}`,
  url: (source, _, context) => `${context.webUrl}${path(source)}/issues/${source.fact.subject.number}#issuecomment-${source.fact.item.id}`,
};

function commentFields<T extends { author: string | null; at: number; body: string }, S extends { repository: Repository }>(item: (source: S) => T): Fields<S> {
  return {
    author: (source, _, context) => accountView(context.world, item(source).author),
    authorAssociation: (source) => (item(source).author === null ? 'NONE' : 'MEMBER'),
    editor: () => null,
    body: (source) => item(source).body,
    bodyText: (source) => item(source).body,
    bodyHTML: (source) => html(item(source).body),
    createdAt: (source) => at(item(source).at),
    updatedAt: (source) => at(item(source).at),
    publishedAt: (source) => at(item(source).at),
    lastEditedAt: () => null,
    includesCreatedEdit: () => false,
    createdViaEmail: () => false,
    isMinimized: () => false,
    minimizedReason: () => null,
    reactions: none,
    reactionGroups: () => [],
    userContentEdits: none,
    repository: (source) => repositoryView(source.repository),
  };
}

const reviewComment = (source: ReviewView | ReviewCommentView | ThreadView): string =>
  `${path(source)}/pull/${source.fact.pull.number}#${source.kind === 'PullRequestReview' ? 'pullrequestreview-' : 'discussion_r'}${source.fact.item.id}`;

const threadsOf = (source: PullView): ThreadView[] =>
  source.fact.reviews.flatMap((review) => review.comments.map((item) => view('PullRequestReviewThread' as const, source.repository, { pull: source.fact, item, review })));

const deploymentState = (deployment: Deployment): string => {
  const state = deployment.statuses.at(-1)?.state;
  return state === 'SUCCESS' ? 'ACTIVE' : (state ?? 'PENDING');
};

const latestRelease = (repository: Repository): Release | undefined =>
  repository.content.releases
    .filter((release) => !release.isDraft && !release.isPrerelease)
    .reduce<Release | undefined>((latest, release) => (!latest || release.createdAt > latest.createdAt ? release : latest), undefined);

const runState = (source: CheckSuiteView): { status: string; conclusion: string | null; updatedAt: number } => {
  const last = source.fact.attempts.at(-1);
  return { status: (last?.status ?? 'queued').toUpperCase(), conclusion: last?.conclusion?.toUpperCase() ?? null, updatedAt: last?.updatedAt ?? source.fact.createdAt };
};

export const resolvers: Record<string, Fields<never>> = {
  Query: {
    viewer: (_, __, context) => {
      const found = accountView(context.world, context.identity.login);
      // An app's own name keeps its ending here.
      return found?.kind === 'Bot' ? { kind: 'User', account: { ...found.account, login: `${found.account.login}[bot]` } } : found;
    },
    rateLimit: (_, __, context) =>
      context.rateLimit && { ...context.rateLimit, resetAt: at(context.rateLimit.resetAt), cost: context.cost, nodeCount: context.nodeCount },
    repository: (_, args, context) =>
      visible(context, context.world.findRepository(text(args.owner), text(args.name), args.followRenames !== false), `${text(args.owner)}/${text(args.name)}`),
    repositoryOwner: (_, args, context) => {
      const account = context.world.findAccount(text(args.login));
      return account && (account.kind === 'User' || account.kind === 'Organization') ? { kind: account.kind, account } : null;
    },
    organization: (_, args, context) => namedAccount(context, text(args.login), 'Organization'),
    user: (_, args, context) => namedAccount(context, text(args.login), 'User'),
    node: (_, args, context) => nodeById(context, text(args.id)),
    nodes: (_, args, context) => (strings(args.ids) ?? []).map((id) => nodeOrError(context, id)),
    search: (_, args, context, info) => search(args, context, info),
    id: () => nodeId('R', 'query'),
    relay: () => ({}),
    meta: () => ({ isPasswordAuthenticationVerifiable: false, gitHubServicesSha: '0'.repeat(40) }),
    resource: (_, args, context) => {
      const found = /^https?:\/\/[^/]+\/([^/]+)\/([^/]+)(?:\/(pull|issues|commit)\/([^/#?]+))?/.exec(text(args.url));
      const repository = found ? context.world.findRepository(found[1], found[2]) : undefined;
      if (!found || !repository || !context.canSee(repository)) {
        return null;
      }
      if (found[3] === 'commit') {
        return commitView(repository, repository.content.resolve(found[4]));
      }
      const number = Number(found[4]);
      const subjectFact = found[3] ? (repository.content.pulls.get(number) ?? repository.content.issues.get(number)) : undefined;
      return found[3] ? (subjectFact ? subjectView(repository, subjectFact) : null) : repositoryView(repository);
    },
  } satisfies Fields<unknown>,
  GitHubMetadata: {
    isPasswordAuthenticationVerifiable: () => false,
  } satisfies Fields<unknown>,
  User: {
    ...owner,
    email: (_, __, context, info) => {
      scope(context, info, ['user:email', 'read:user']);
      return '';
    },
    bio: () => null,
    company: () => null,
    isViewer: ({ account }, _, context) => account.login === context.identity.login,
    isSiteAdmin: () => false,
    pullRequests: ({ account }, args, context, info) => {
      const mine = ownPulls(context, account.login, strings(args.states));
      return walkedConnection(keyset(mine, (one) => [one.fact.createdAt, one.fact.databaseId], [1, 1], (one) => one), page(args), context, info, account.login);
    },
    organizations: (_, args, context, info) => {
      scope(context, info, ['read:org', 'user']);
      const found = [...context.world.accounts.values()].filter((account) => account.kind === 'Organization');
      return connection(keyset(found, (account) => [account.databaseId], [1], (account): AccountView => ({ kind: account.kind, account })), page(args), context);
    },
  } satisfies Fields<AccountView>,
  Organization: {
    ...owner,
    description: () => null,
    email: () => null,
    isVerified: () => false,
    viewerIsAMember: () => true,
    viewerCanAdminister: () => false,
    requiresTwoFactorAuthentication: (_, __, context, info) => {
      scope(context, info, ['admin:org']);
      return null;
    },
    membersWithRole: (_, args, context, info) => {
      scope(context, info, ['read:org', 'write:org', 'admin:org']);
      const people = [...context.world.accounts.values()].filter((account) => account.kind === 'User');
      return connection(keyset(people, (account) => [account.databaseId], [1], (account): AccountView => ({ kind: account.kind, account })), page(args), context);
    },
    teams: (_, args, context, info) => {
      scope(context, info, ['read:org', 'write:org', 'admin:org']);
      return connection(numbered([], () => null), page(args), context);
    },
  } satisfies Fields<AccountView>,
  Bot: anyAccount,
  Mannequin: { ...anyAccount, email: () => null, claimant: () => null },
  Repository: {
    id: ({ repository }) => nodeId('R', repository.databaseId),
    databaseId: ({ repository }) => repository.databaseId,
    name: ({ repository }) => repository.name,
    nameWithOwner: ({ repository }) => repository.fullName,
    owner: ({ repository }, _, context) => accountView(context.world, repository.owner),
    url: (source, _, context) => `${context.webUrl}${path(source)}`,
    resourcePath: path,
    sshUrl: (source) => `git@github.com:${source.repository.fullName}.git`,
    homepageUrl: () => null,
    mirrorUrl: () => null,
    description: ({ repository }) => repository.description,
    descriptionHTML: ({ repository }) => html(repository.description ?? ''),
    createdAt: ({ repository }) => at(repository.createdAt),
    updatedAt: ({ repository }) => at(repository.updatedAt),
    pushedAt: ({ repository }) => at(repository.pushedAt),
    archivedAt: ({ repository }) => (repository.isArchived ? at(repository.updatedAt) : null),
    isArchived: ({ repository }) => repository.isArchived,
    isDisabled: () => false,
    isEmpty: ({ repository }) => repository.content.commits.size === 0,
    isFork: ({ repository }) => repository.isFork,
    isInOrganization: ({ repository }, _, context) => context.world.findAccount(repository.owner)?.kind === 'Organization',
    isLocked: () => false,
    isMirror: () => false,
    isPrivate: ({ repository }) => repository.isPrivate,
    isTemplate: () => false,
    visibility: ({ repository }) => (repository.isPrivate ? 'PRIVATE' : 'PUBLIC'),
    lockReason: () => null,
    hasIssuesEnabled: () => true,
    hasProjectsEnabled: () => false,
    hasWikiEnabled: () => false,
    hasDiscussionsEnabled: () => false,
    forkCount: () => 0,
    stargazerCount: () => 0,
    diskUsage: ({ repository }) => repository.content.commits.size,
    parent: () => null,
    templateRepository: () => null,
    licenseInfo: () => null,
    mergeCommitAllowed: () => true,
    squashMergeAllowed: () => true,
    rebaseMergeAllowed: () => true,
    autoMergeAllowed: () => false,
    deleteBranchOnMerge: () => true,
    viewerPermission: () => 'READ',
    viewerCanAdminister: () => false,
    viewerSubscription: () => 'UNSUBSCRIBED',
    primaryLanguage: ({ repository }) => (repository.language ? { kind: 'Language', name: repository.language } : null),
    languages: ({ repository }, args, context) =>
      connection(numbered(repository.language ? [repository.language] : [], (name) => ({ kind: 'Language', name })), page(args), context),
    repositoryTopics: (source, args, context) => connection(numbered(source.repository.topics, (topic) => ({ kind: 'RepositoryTopic', topic, repository: source.repository })), page(args), context),
    defaultBranchRef: ({ repository }, _, context) => {
      permit(context, 'contents');
      return repository.defaultBranch === null ? null : refView(repository, `refs/heads/${repository.defaultBranch}`);
    },
    ref: ({ repository }, args, context) => {
      permit(context, 'contents');
      return refView(repository, text(args.qualifiedName));
    },
    refs: ({ repository }, args, context, info) => {
      permit(context, 'contents');
      const prefix = text(args.refPrefix);
      const query = args.query == null ? '' : text(args.query).toLowerCase();
      const { branches, tags } = repository.content;
      const all: RefFact[] = [
        ...[...branches].map(([name, sha]): RefFact => ({ prefix: 'refs/heads/', name, sha, tag: null })),
        ...[...tags.values()].map((tag): RefFact => ({ prefix: 'refs/tags/', name: tag.name, sha: tag.sha, tag })),
      ].filter((ref) => `${ref.prefix}${ref.name}`.startsWith(prefix) && ref.name.toLowerCase().includes(query));
      const byDate = order(args.orderBy)?.field === 'TAG_COMMIT_DATE';
      const direction = (order(args.orderBy)?.direction ?? args.direction ?? 'ASC') === 'ASC' ? 1 : -1;
      const key = (ref: RefFact): [number | string, string] => [byDate ? (repository.content.commits.get(ref.sha)?.committedAt ?? 0) : ref.name, ref.name];
      all.sort((a, b) => (key(a)[0] < key(b)[0] ? -1 : key(a)[0] > key(b)[0] ? 1 : a.name < b.name ? -1 : 1) * direction);
      return walkedConnection(keyset(all, key, [direction, direction], (ref): RefView => view('Ref', repository, ref)), page(args), context, info, repository.fullName);
    },
    object: ({ repository }, args, context) => {
      permit(context, 'contents');
      const expression = args.oid == null ? text(args.expression ?? 'HEAD') : text(args.oid);
      const annotated = [...repository.content.tags.values()].find((tag) => tag.annotation?.sha === expression);
      if (annotated) {
        return view('Tag', repository, annotated);
      }
      return commitView(repository, repository.content.resolve(expression === 'HEAD' ? (repository.defaultBranch ?? '') : expression));
    },
    pullRequest: (source, args, context) => {
      permit(context, 'pull_requests');
      return numberedSubject(source.repository, Number(args.number), 'PullRequest');
    },
    pullRequests: pullConnection,
    issue: (source, args, context) => {
      permit(context, 'issues');
      return numberedSubject(source.repository, Number(args.number), 'Issue');
    },
    issueOrPullRequest: (source, args) => numberedSubject(source.repository, Number(args.number), 'issue or pull request'),
    issues: issueConnection,
    releases: ({ repository }, args, context, info) => {
      permit(context, 'contents');
      const list = lists.releases(repository, order(args.orderBy));
      return walkedConnection(keyset(list.elements, list.key, list.directions, (release) => view('Release', repository, release)), page(args), context, info, repository.fullName);
    },
    release: ({ repository }, args, context) => {
      permit(context, 'contents');
      const release = repository.content.releases.find((one) => one.tag === args.tagName);
      return release ? view('Release', repository, release) : null;
    },
    latestRelease: ({ repository }, _, context) => {
      permit(context, 'contents');
      const release = latestRelease(repository);
      return release ? view('Release', repository, release) : null;
    },
    deployments: ({ repository }, args, context, info) => deploymentConnection(repository, null, args, context, info),
    environments: ({ repository }, args, context) => {
      const names = [...new Set(repository.content.deployments.map((deployment) => deployment.environment))].sort();
      return connection(keyset(names, (name) => [name], [1], (name) => view('Environment', repository, name)), page(args), context);
    },
    environment: ({ repository }, args) => (repository.content.deployments.some((one) => one.environment === args.name) ? view('Environment', repository, text(args.name)) : null),
    label: ({ repository }, args) => (repository.content.labels.has(text(args.name)) ? labelViews(repository, [text(args.name)])[0] : null),
    labels: ({ repository }, args, context) => connection(numbered(labelViews(repository, [...repository.content.labels.keys()]), (label) => label), page(args), context),
    milestone: () => null,
    milestones: none,
    forks: none,
    stargazers: none,
    watchers: none,
    assignableUsers: ({ repository }, args, context) => connection(numbered(committers(repository), (login) => accountView(context.world, login)), page(args), context),
    mentionableUsers: ({ repository }, args, context) => connection(numbered(committers(repository), (login) => accountView(context.world, login)), page(args), context),
    branchProtectionRules: none,
  } satisfies Fields<RepositoryView>,
  Language: {
    name: (source) => source.name,
    id: (source) => nodeId('LA', source.name),
    color: () => null,
  } satisfies Fields<{ name: string }>,
  RepositoryTopic: {
    id: (source) => nodeId('RTO', source.repository.databaseId, source.topic),
    topic: (source) => ({ kind: 'Topic', name: source.topic }),
    url: (source, _, context) => `${context.webUrl}/topics/${source.topic}`,
    resourcePath: (source) => `/topics/${source.topic}`,
  } satisfies Fields<{ topic: string; repository: Repository }>,
  Topic: { name: (source) => source.name, id: (source) => nodeId('T', source.name), stargazerCount: () => 0 } satisfies Fields<{ name: string }>,
  Ref: {
    id: ({ repository, fact }) => nodeId('REF', repository.databaseId, fact.prefix + fact.name),
    name: ({ fact }) => fact.name,
    prefix: ({ fact }) => fact.prefix,
    repository: ({ repository }) => repositoryView(repository),
    target: ({ repository, fact }) => (fact.tag?.annotation ? view('Tag', repository, fact.tag) : commitView(repository, fact.sha)),
    associatedPullRequests: (source, args, context, info) => pullConnection(source, args, context, info, { headRefName: source.fact.name }),
    compare: ({ repository, fact }, args, context) => {
      permit(context, 'contents');
      const head = repository.content.resolve(text(args.headRef));
      return head === null ? null : view('Comparison', repository, { base: fact.sha, head });
    },
    branchProtectionRule: () => null,
    refUpdateRule: () => null,
  } satisfies Fields<RefView>,
  Comparison: {
    id: ({ repository, fact }) => nodeId('CMP', repository.databaseId, fact.base, fact.head),
    ...comparison(),
  } satisfies Fields<ComparisonView>,
  Tag: {
    ...(gitObject as Fields<TagView>),
    id: ({ repository, fact }) => nodeId('TA', repository.databaseId, fact.annotation?.sha ?? fact.sha),
    name: ({ fact }) => fact.name,
    message: ({ fact }) => fact.annotation?.message ?? null,
    tagger: ({ repository, fact }) =>
      fact.annotation && view('GitActor', repository, { name: fact.annotation.tagger, email: `${fact.annotation.tagger}@users.noreply.github.com`, login: fact.annotation.tagger, at: fact.annotation.at }),
    target: ({ repository, fact }) => commitView(repository, fact.sha),
  } satisfies Fields<TagView>,
  Commit: {
    ...(gitObject as Fields<CommitView>),
    id: ({ repository, fact }) => nodeId('C', repository.databaseId, fact.sha),
    url: (source, _, context) => `${context.webUrl}${path(source)}/commit/${source.fact.sha}`,
    resourcePath: (source) => `${path(source)}/commit/${source.fact.sha}`,
    message: ({ fact }) => fact.message,
    messageHeadline: ({ fact }) => fact.message.split('\n')[0],
    messageHeadlineHTML: ({ fact }) => fact.message.split('\n')[0],
    messageBody: ({ fact }) => fact.message.split('\n').slice(1).join('\n').trim(),
    messageBodyHTML: ({ fact }) => html(fact.message.split('\n').slice(1).join('\n').trim()),
    authoredDate: ({ fact }) => at(fact.authoredAt),
    committedDate: ({ fact }) => at(fact.committedAt),
    authoredByCommitter: () => true,
    committedViaWeb: ({ fact }) => fact.parents.length > 1,
    author: ({ repository, fact }) => gitActor(repository, fact, fact.authoredAt),
    committer: ({ repository, fact }) => gitActor(repository, fact, fact.committedAt),
    authors: ({ repository, fact }, args, context) => connection(numbered([gitActor(repository, fact, fact.authoredAt)], (actor) => actor), page(args), context),
    additions: ({ fact }) => fact.additions,
    deletions: ({ fact }) => fact.deletions,
    changedFilesIfAvailable: ({ fact }) => fact.files.length,
    parents: ({ repository, fact }, args, context) =>
      connection(numbered(fact.parents.filter((sha) => repository.content.commits.has(sha)), (sha) => commitView(repository, sha)), page(args), context),
    history: ({ repository, fact }, args, context, info) => {
      permit(context, 'contents');
      const all = repository.content.history(fact.sha);
      const since = args.since == null ? null : instant(text(args.since));
      const until = args.until == null ? null : instant(text(args.until));
      const authorFilter: { emails?: string[] | null; id?: string | null } | null = args.author ?? null;
      const authorLogin = authorFilter?.id ? [...context.world.accounts.values()].find((account) => nodeId('U', account.databaseId) === authorFilter.id)?.login : null;
      const below = args.path == null ? null : text(args.path).replace(/\/$/, '');
      const plain = since === null && until === null && authorFilter === null && below === null;
      const wanted = plain
        ? all
        : all.filter(
            (commit) =>
              (since === null || commit.committedAt >= since) &&
              (until === null || commit.committedAt <= until) &&
              (below === null || commit.files.some((file) => file === below || file.startsWith(`${below}/`))) &&
              (authorFilter === null || commit.author === authorLogin || (authorFilter.emails?.includes(commit.authorEmail) ?? false))
          );
      return walkedConnection(pinned(wanted, fact.sha, (commit) => view('Commit', repository, commit)), page(args), context, info, repository.fullName);
    },
    associatedPullRequests: ({ repository, fact }, args, context) => {
      permit(context, 'pull_requests');
      const direction = order(args.orderBy)?.direction === 'DESC' ? -1 : 1;
      const found = repository.content.pullsOfCommit(fact.sha).slice().sort((a, b) => (a.createdAt - b.createdAt || a.databaseId - b.databaseId) * direction);
      return connection(keyset(found, (pull) => [pull.createdAt, pull.databaseId], [direction, direction], (pull) => view('PullRequest', repository, pull)), page(args), context);
    },
    deployments: ({ repository, fact }, args, context, info) => deploymentConnection(repository, fact.sha, args, context, info),
    checkSuites: ({ repository, fact }, args, context) => {
      const runs = [...repository.content.runs.values()].filter((run) => run.sha === fact.sha);
      return connection(numbered(runs, (run) => view('CheckSuite', repository, run)), page(args), context);
    },
    comments: none,
    status: () => null,
    statusCheckRollup: () => null,
    signature: () => null,
    onBehalfOf: () => null,
    treeUrl: (source, _, context) => `${context.webUrl}${path(source)}/tree/${source.fact.sha}`,
    treeResourcePath: (source) => `${path(source)}/tree/${source.fact.sha}`,
    tarballUrl: (source) => `https://codeload.github.com${path(source)}/legacy.tar.gz/${source.fact.sha}`,
    zipballUrl: (source) => `https://codeload.github.com${path(source)}/legacy.zip/${source.fact.sha}`,
  } satisfies Fields<CommitView>,
  GitActor: {
    name: ({ fact }) => fact.name,
    email: ({ fact }) => fact.email,
    date: ({ fact }) => at(fact.at),
    avatarUrl: ({ fact }) => `https://avatars.githubusercontent.com/u/e?email=${encodeURIComponent(fact.email)}`,
    // Bots commit too, but GitHub's field is a User.
    user: ({ fact }, _, context) => {
      const account = accountView(context.world, fact.login);
      return account?.kind === 'User' ? account : null;
    },
  } satisfies Fields<GitActorView>,
  PullRequest: {
    ...(subject as Fields<PullView>),
    id: ({ repository, fact }) => nodeId('PR', repository.databaseId, fact.number),
    url: (source, _, context) => `${context.webUrl}${path(source)}/pull/${source.fact.number}`,
    permalink: (source, _, context) => `${context.webUrl}${path(source)}/pull/${source.fact.number}`,
    resourcePath: (source) => `${path(source)}/pull/${source.fact.number}`,
    revertUrl: (source, _, context) => `${context.webUrl}${path(source)}/pull/${source.fact.number}/revert`,
    revertResourcePath: (source) => `${path(source)}/pull/${source.fact.number}/revert`,
    isDraft: ({ fact }) => fact.isDraft,
    merged: ({ fact }) => fact.state === 'MERGED',
    mergedAt: ({ fact }) => at(fact.mergedAt),
    mergedBy: ({ fact }, _, context) => accountView(context.world, fact.mergedBy),
    mergeCommit: ({ repository, fact }) => commitView(repository, fact.mergeSha),
    potentialMergeCommit: () => null,
    mergeable: ({ fact }) => (fact.state === 'OPEN' ? 'MERGEABLE' : 'UNKNOWN'),
    mergeStateStatus: () => 'UNKNOWN',
    canBeRebased: () => false,
    isCrossRepository: ({ fact }) => fact.fromFork,
    isInMergeQueue: () => false,
    isMergeQueueEnabled: () => false,
    maintainerCanModify: () => false,
    autoMergeRequest: () => null,
    baseRefName: ({ fact }) => fact.baseBranch,
    baseRefOid: ({ fact }) => fact.baseSha,
    baseRef: ({ repository, fact }) => refView(repository, `refs/heads/${fact.baseBranch}`),
    baseRepository: ({ repository }) => repositoryView(repository),
    headRefName: ({ fact }) => fact.headBranch,
    headRefOid: ({ fact }) => fact.headSha,
    headRef: ({ repository, fact }) => (fact.fromFork ? null : refView(repository, `refs/heads/${fact.headBranch}`)),
    headRepository: ({ repository, fact }) => (fact.fromFork ? null : repositoryView(repository)),
    headRepositoryOwner: ({ repository, fact }, _, context) => accountView(context.world, fact.fromFork ? fact.author : repository.owner),
    additions: ({ fact }) => fact.additions,
    deletions: ({ fact }) => fact.deletions,
    changedFiles: ({ fact }) => fact.changedFiles,
    files: ({ repository, fact }, args, context) => connection(numbered(fact.files, (file): FileView => view('PullRequestChangedFile', repository, file)), page(args), context),
    commits: ({ repository, fact }, args, context) => {
      const own = fact.commits.flatMap((sha) => repository.content.commits.get(sha) ?? []);
      return connection(numbered(own, (item): PullCommitView => view('PullRequestCommit', repository, { pull: fact, item })), page(args), context);
    },
    reviews: ({ repository, fact }, args, context) => {
      const states = strings(args.states);
      const wanted = fact.reviews.filter((review) => (states === null || states.includes(review.state)) && (args.author == null || review.author === args.author));
      return connection(numbered(wanted, (item): ReviewView => view('PullRequestReview', repository, { pull: fact, item })), page(args), context);
    },
    latestReviews: ({ repository, fact }, args, context) => connection(numbered(latestReviews(fact, false), (item): ReviewView => view('PullRequestReview', repository, { pull: fact, item })), page(args), context),
    latestOpinionatedReviews: ({ repository, fact }, args, context) =>
      connection(numbered(latestReviews(fact, true), (item): ReviewView => view('PullRequestReview', repository, { pull: fact, item })), page(args), context),
    reviewDecision: ({ fact }) => {
      const opinions = latestReviews(fact, true);
      return opinions.some((review) => review.state === 'CHANGES_REQUESTED') ? 'CHANGES_REQUESTED' : opinions.some((review) => review.state === 'APPROVED') ? 'APPROVED' : null;
    },
    reviewThreads: (source, args, context) => connection(numbered(threadsOf(source), (thread) => thread), page(args), context),
    reviewRequests: none,
    closingIssuesReferences: (source, args, context) => {
      const numbers = [...source.fact.body.matchAll(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d+)/gi)].map((found) => Number(found[1]));
      const found = numbers.flatMap((number) => source.repository.content.issues.get(number) ?? []);
      return connection(numbered(found, (issue): IssueView => view('Issue', source.repository, issue)), page(args), context);
    },
    totalCommentsCount: ({ fact }) => fact.comments.length + fact.reviews.reduce((sum, review) => sum + review.comments.length, 0),
    statusCheckRollup: () => null,
    viewerDidAuthor: ({ fact }, _, context) => fact.author !== null && fact.author === context.identity.login,
    checksUrl: (source, _, context) => `${context.webUrl}${path(source)}/pull/${source.fact.number}/checks`,
    checksResourcePath: (source) => `${path(source)}/pull/${source.fact.number}/checks`,
  } satisfies Fields<PullView>,
  PullRequestCommit: {
    id: ({ repository, fact }) => nodeId('PURC', repository.databaseId, fact.pull.number, fact.item.sha),
    commit: ({ repository, fact }) => view('Commit', repository, fact.item),
    pullRequest: ({ repository, fact }) => view('PullRequest', repository, fact.pull),
    url: (source, _, context) => `${context.webUrl}${path(source)}/pull/${source.fact.pull.number}/commits/${source.fact.item.sha}`,
    resourcePath: (source) => `${path(source)}/pull/${source.fact.pull.number}/commits/${source.fact.item.sha}`,
  } satisfies Fields<PullCommitView>,
  PullRequestChangedFile: {
    path: ({ fact }) => fact.path,
    changeType: ({ fact }) => fact.changeType,
    additions: ({ fact }) => fact.additions,
    deletions: ({ fact }) => fact.deletions,
    viewerViewedState: () => 'UNVIEWED',
  } satisfies Fields<FileView>,
  PullRequestReview: {
    ...commentFields<Review, ReviewView>((source) => source.fact.item),
    id: ({ repository, fact }) => nodeId('PRR', repository.databaseId, fact.pull.number, fact.item.id),
    fullDatabaseId: ({ fact }) => String(fact.item.id),
    databaseId: ({ fact }) => fact.item.id,
    state: ({ fact }) => fact.item.state,
    submittedAt: ({ fact }) => (fact.item.state === 'PENDING' ? null : at(fact.item.at)),
    commit: ({ repository, fact }) => commitView(repository, fact.pull.headSha),
    pullRequest: ({ repository, fact }) => view('PullRequest', repository, fact.pull),
    comments: ({ repository, fact }, args, context) =>
      connection(numbered(fact.item.comments, (item): ReviewCommentView => view('PullRequestReviewComment', repository, { pull: fact.pull, item, review: fact.item })), page(args), context),
    url: (source, _, context) => `${context.webUrl}${reviewComment(source)}`,
    resourcePath: reviewComment,
    authorCanPushToRepository: () => true,
  } satisfies Fields<ReviewView>,
  PullRequestReviewComment: {
    ...commentFields<Review['comments'][number], ReviewCommentView>((source) => source.fact.item),
    id: ({ repository, fact }) => nodeId('PRRC', repository.databaseId, fact.pull.number, fact.review.id, fact.item.id),
    fullDatabaseId: ({ fact }) => String(fact.item.id),
    databaseId: ({ fact }) => fact.item.id,
    path: ({ fact }) => fact.item.path,
    line: () => 1,
    diffHunk: () => '@@ -1 +1 @@',
    outdated: () => false,
    draftedAt: ({ fact }) => at(fact.item.at),
    state: () => 'SUBMITTED',
    subjectType: () => 'LINE',
    replyTo: () => null,
    commit: ({ repository, fact }) => commitView(repository, fact.pull.headSha),
    originalCommit: ({ repository, fact }) => commitView(repository, fact.pull.headSha),
    pullRequest: ({ repository, fact }) => view('PullRequest', repository, fact.pull),
    pullRequestReview: ({ repository, fact }) => view('PullRequestReview', repository, { pull: fact.pull, item: fact.review }),
    url: (source, _, context) => `${context.webUrl}${reviewComment(source)}`,
    resourcePath: reviewComment,
  } satisfies Fields<ReviewCommentView>,
  PullRequestReviewThread: {
    id: ({ repository, fact }) => nodeId('PRRT', repository.databaseId, fact.pull.number, fact.review.id, fact.item.id),
    comments: ({ repository, fact }, args, context) =>
      connection(numbered([fact.item], (item): ReviewCommentView => view('PullRequestReviewComment', repository, { ...fact, item })), page(args), context),
    isResolved: () => true,
    isOutdated: () => false,
    isCollapsed: () => false,
    path: ({ fact }) => fact.item.path,
    line: () => 1,
    subjectType: () => 'LINE',
    diffSide: () => 'RIGHT',
    resolvedBy: () => null,
    pullRequest: ({ repository, fact }) => view('PullRequest', repository, fact.pull),
    repository: ({ repository }) => repositoryView(repository),
  } satisfies Fields<ThreadView>,
  Issue: {
    ...(subject as Fields<IssueView>),
    id: ({ repository, fact }) => nodeId('I', repository.databaseId, fact.number),
    url: (source, _, context) => `${context.webUrl}${path(source)}/issues/${source.fact.number}`,
    resourcePath: (source) => `${path(source)}/issues/${source.fact.number}`,
    stateReason: ({ fact }) => fact.stateReason,
    isPinned: () => false,
    issueType: () => null,
    parent: () => null,
    closedByPullRequestsReferences: none,
  } satisfies Fields<IssueView>,
  IssueComment: comment,
  Label: {
    id: ({ repository, fact }) => nodeId('LA', repository.databaseId, fact.databaseId),
    name: ({ fact }) => fact.name,
    color: ({ fact }) => fact.color,
    description: ({ fact }) => fact.description,
    isDefault: () => false,
    createdAt: ({ repository }) => at(repository.createdAt),
    updatedAt: ({ repository }) => at(repository.createdAt),
    repository: ({ repository }) => repositoryView(repository),
    url: (source, _, context) => `${context.webUrl}${path(source)}/labels/${encodeURIComponent(source.fact.name)}`,
    resourcePath: (source) => `${path(source)}/labels/${encodeURIComponent(source.fact.name)}`,
    pullRequests: (source, args, context, info) => pullConnection(source, args, context, info, { labels: [source.fact.name] }),
    issues: (source, args, context, info) => issueConnection(source, { ...args, labels: [source.fact.name] }, context, info),
  } satisfies Fields<LabelView>,
  Release: {
    id: ({ repository, fact }) => nodeId('RE', repository.databaseId, fact.databaseId),
    databaseId: ({ fact }) => fact.databaseId,
    name: ({ fact }) => fact.name,
    tagName: ({ fact }) => fact.tag,
    description: ({ fact }) => fact.description,
    descriptionHTML: ({ fact }) => html(fact.description),
    shortDescriptionHTML: ({ fact }) => html(fact.description),
    author: ({ fact }, _, context) => {
      const account = accountView(context.world, fact.author);
      return account?.kind === 'User' ? account : null;
    },
    isDraft: ({ fact }) => fact.isDraft,
    isPrerelease: ({ fact }) => fact.isPrerelease,
    isLatest: ({ repository, fact }) => latestRelease(repository) === fact,
    createdAt: ({ fact }) => at(fact.createdAt),
    publishedAt: ({ fact }) => at(fact.publishedAt),
    updatedAt: ({ fact }) => at(fact.publishedAt ?? fact.createdAt),
    tag: ({ repository, fact }) => refView(repository, `refs/tags/${fact.tag}`),
    tagCommit: ({ repository, fact }) => commitView(repository, repository.content.tags.get(fact.tag)?.sha ?? null),
    releaseAssets: none,
    repository: ({ repository }) => repositoryView(repository),
    url: (source, _, context) => `${context.webUrl}${path(source)}/releases/tag/${encodeURIComponent(source.fact.tag)}`,
    resourcePath: (source) => `${path(source)}/releases/tag/${encodeURIComponent(source.fact.tag)}`,
  } satisfies Fields<ReleaseView>,
  Deployment: {
    id: ({ repository, fact }) => nodeId('DE', repository.databaseId, fact.databaseId),
    databaseId: ({ fact }) => fact.databaseId,
    commit: ({ repository, fact }) => commitView(repository, fact.sha),
    commitOid: ({ fact }) => fact.sha,
    createdAt: ({ fact }) => at(fact.createdAt),
    updatedAt: ({ fact }) => at(fact.updatedAt),
    creator: ({ fact }, _, context) => accountView(context.world, fact.creator ?? 'ghost'),
    description: ({ fact }) => fact.description,
    environment: ({ fact }) => fact.environment,
    latestEnvironment: ({ fact }) => fact.environment,
    originalEnvironment: ({ fact }) => fact.environment,
    task: ({ fact }) => fact.task,
    payload: ({ fact }) => (fact.payload === '' ? '""' : fact.payload),
    ref: ({ repository, fact }) => refView(repository, fact.ref),
    state: ({ fact }) => deploymentState(fact),
    latestStatus: ({ repository, fact }) => (fact.statuses.length > 0 ? view('DeploymentStatus', repository, { deployment: fact, status: fact.statuses.at(-1)! }) : null),
    // Newest first, as GitHub lists them.
    statuses: ({ repository, fact }, args, context) =>
      connection(numbered(fact.statuses.slice().reverse(), (status): DeploymentStatusView => view('DeploymentStatus', repository, { deployment: fact, status })), page(args), context),
    repository: ({ repository }) => repositoryView(repository),
  } satisfies Fields<DeploymentView>,
  DeploymentStatus: {
    id: ({ repository, fact }) => nodeId('DES', repository.databaseId, fact.deployment.databaseId, fact.status.databaseId),
    state: ({ fact }) => fact.status.state,
    createdAt: ({ fact }) => at(fact.status.at),
    updatedAt: ({ fact }) => at(fact.status.at),
    creator: ({ fact }, _, context) => accountView(context.world, fact.status.creator ?? 'ghost'),
    description: ({ fact }) => fact.status.description,
    environment: ({ fact }) => fact.deployment.environment,
    environmentUrl: ({ fact }) => fact.status.environmentUrl,
    logUrl: ({ fact }) => fact.status.logUrl,
    deployment: ({ repository, fact }) => view('Deployment', repository, fact.deployment),
  } satisfies Fields<DeploymentStatusView>,
  Environment: {
    id: ({ repository, fact }) => nodeId('EN', repository.databaseId, fact),
    name: ({ fact }) => fact,
    databaseId: () => null,
    isPinned: () => false,
    latestCompletedDeployment: ({ repository, fact }) => {
      const done = repository.content.deployments.filter((one) => one.environment === fact && one.statuses.some((status) => status.state === 'SUCCESS'));
      return done.length > 0 ? view('Deployment', repository, done.at(-1)) : null;
    },
  } satisfies Fields<EnvironmentView>,
  CheckSuite: {
    id: ({ repository, fact }) => nodeId('CS', repository.databaseId, fact.databaseId),
    databaseId: ({ fact }) => fact.databaseId,
    status: (source) => runState(source).status,
    conclusion: (source) => runState(source).conclusion,
    createdAt: ({ fact }) => at(fact.createdAt),
    updatedAt: (source) => at(runState(source).updatedAt),
    commit: ({ repository, fact }) => commitView(repository, fact.sha),
    branch: ({ repository, fact }) => (fact.branch === null ? null : refView(repository, fact.branch)),
    repository: ({ repository }) => repositoryView(repository),
    workflowRun: ({ repository, fact }) => view('WorkflowRun', repository, fact),
    app: () => null,
    url: (source, _, context) => `${context.webUrl}${path(source)}/commit/${source.fact.sha}/checks`,
    resourcePath: (source) => `${path(source)}/commit/${source.fact.sha}/checks`,
  } satisfies Fields<CheckSuiteView>,
  WorkflowRun: {
    id: ({ repository, fact }) => nodeId('WFR', repository.databaseId, fact.databaseId),
    databaseId: ({ fact }) => fact.databaseId,
    runNumber: ({ fact }) => fact.runNumber,
    event: ({ fact }) => fact.event,
    createdAt: ({ fact }) => at(fact.createdAt),
    updatedAt: ({ fact }) => at(fact.attempts.at(-1)?.updatedAt ?? fact.createdAt),
    checkSuite: ({ repository, fact }) => view('CheckSuite', repository, fact),
    workflow: ({ repository, fact }) => view('Workflow', repository, repository.content.workflows.get(fact.workflow)),
    url: (source, _, context) => `${context.webUrl}${path(source)}/actions/runs/${source.fact.databaseId}`,
    resourcePath: (source) => `${path(source)}/actions/runs/${source.fact.databaseId}`,
  } satisfies Fields<RunView>,
  Workflow: {
    id: ({ repository, fact }) => nodeId('W', repository.databaseId, fact.databaseId),
    databaseId: ({ fact }) => fact.databaseId,
    name: ({ fact }) => fact.name,
    state: ({ fact }) => fact.state.toUpperCase(),
    createdAt: ({ fact }) => at(fact.createdAt),
    updatedAt: ({ fact }) => at(fact.createdAt),
    url: (source, _, context) => `${context.webUrl}${path(source)}/actions/workflows/${source.fact.path.split('/').pop()}`,
    resourcePath: (source) => `${path(source)}/actions/workflows/${source.fact.path.split('/').pop()}`,
  } satisfies Fields<WorkflowView>,
  ReadyForReviewEvent: event,
  ConvertToDraftEvent: event,
  ClosedEvent: event,
  ReopenedEvent: event,
  MergedEvent: {
    ...event,
    commit: (source) => (isPull(source.fact.subject) ? commitView(source.repository, source.fact.subject.mergeSha) : null),
    mergeRefName: (source) => (isPull(source.fact.subject) ? source.fact.subject.baseBranch : ''),
    mergeRef: (source) => (isPull(source.fact.subject) ? refView(source.repository, source.fact.subject.baseBranch) : null),
  } satisfies Fields<EventView>,
  HeadRefDeletedEvent: {
    ...event,
    headRef: () => null,
    headRefName: (source) => (isPull(source.fact.subject) ? source.fact.subject.headBranch : ''),
  } satisfies Fields<EventView>,
  HeadRefForcePushedEvent: pushEvent,
  BaseRefForcePushedEvent: pushEvent,
  BaseRefChangedEvent: { ...event, previousRefName: (source) => eventField(source, 'previous'), currentRefName: (source) => eventField(source, 'current') } satisfies Fields<EventView>,
  RenamedTitleEvent: { ...event, previousTitle: (source) => eventField(source, 'previous'), currentTitle: (source) => eventField(source, 'current') } satisfies Fields<EventView>,
  LabeledEvent: labelEvent,
  UnlabeledEvent: labelEvent,
  ReviewRequestedEvent: { ...event, requestedReviewer: (source, _, context) => accountView(context.world, eventField(source, 'reviewer')) } satisfies Fields<EventView>,
  ReviewDismissedEvent: {
    ...event,
    previousReviewState: (source) => eventField(source, 'previousState'),
    dismissalMessage: () => null,
    dismissalMessageHTML: () => null,
    pullRequestCommit: () => null,
    review: (source) => {
      const { subject: owned } = source.fact;
      const review = isPull(owned) ? owned.reviews.find((one) => String(one.id) === eventField(source, 'review')) : undefined;
      return isPull(owned) && review ? view('PullRequestReview', source.repository, { pull: owned, item: review }) : null;
    },
  } satisfies Fields<EventView>,
};

/** Commits of one side that the other does not reach, newest first. */
function missingFrom(repository: Repository, side: string, other: string): Commit[] {
  const reached = new Set(repository.content.history(other).map((commit) => commit.sha));
  return repository.content.history(side).filter((commit) => !reached.has(commit.sha));
}

function comparison(): Fields<ComparisonView> {
  const ahead = ({ repository, fact }: ComparisonView): Commit[] => missingFrom(repository, fact.head, fact.base);
  const behind = ({ repository, fact }: ComparisonView): Commit[] => missingFrom(repository, fact.base, fact.head);
  return {
    aheadBy: (source) => ahead(source).length,
    behindBy: (source) => behind(source).length,
    status: (source) => (ahead(source).length > 0 ? (behind(source).length > 0 ? 'DIVERGED' : 'AHEAD') : behind(source).length > 0 ? 'BEHIND' : 'IDENTICAL'),
    baseTarget: ({ repository, fact }) => commitView(repository, fact.base),
    headTarget: ({ repository, fact }) => commitView(repository, fact.head),
    commits: (source, args, context) => {
      const cut = connection(numbered(ahead(source).reverse(), (commit) => view('Commit', source.repository, commit)), page(args), context);
      return { edges: cut.edges, nodes: cut.nodes, pageInfo: cut.pageInfo, totalCount: cut.totalCount, authorCount: new Set(ahead(source).map((commit) => commit.author)).size };
    },
  };
}

function latestReviews(pull: PullRequest, opinionated: boolean): Review[] {
  const latest = new Map<string | null, Review>();
  for (const review of pull.reviews) {
    if (!opinionated || review.state === 'APPROVED' || review.state === 'CHANGES_REQUESTED' || review.state === 'DISMISSED') {
      latest.set(review.author, review);
    }
  }
  return [...latest.values()];
}

const committers = (repository: Repository): string[] =>
  repository.content.remember('committers', () => [...new Set([...repository.content.commits.values()].flatMap((commit) => commit.author ?? []))].filter((login) => !login.endsWith('[bot]')).sort());

function ownPulls(context: QueryContext, login: string, states: string[] | null): PullView[] {
  const found: PullView[] = [];
  for (const repository of context.world.repositories.values()) {
    if (context.canSee(repository)) {
      for (const pull of repository.content.pulls.values()) {
        if (pull.author === login && (states === null || states.includes(pull.state))) {
          found.push(view('PullRequest', repository, pull));
        }
      }
    }
  }
  return found.sort((a, b) => a.fact.createdAt - b.fact.createdAt || a.fact.databaseId - b.fact.databaseId);
}

function namedAccount(context: QueryContext, login: string, kind: 'User' | 'Organization'): AccountView {
  const account = context.world.findAccount(login);
  if (account?.kind !== kind) {
    throw new TypedError('NOT_FOUND', `Could not resolve to ${kind === 'User' ? 'a User' : 'an Organization'} with the login of '${login}'.`);
  }
  return { kind, account };
}

function numberedSubject(repository: Repository, number: number, kind: 'PullRequest' | 'Issue' | 'issue or pull request'): PullView | IssueView {
  const found: PullRequest | Issue | undefined =
    kind === 'PullRequest'
      ? repository.content.pulls.get(number)
      : kind === 'Issue'
        ? repository.content.issues.get(number)
        : (repository.content.pulls.get(number) ?? repository.content.issues.get(number));
  if (!found) {
    throw new TypedError('NOT_FOUND', `Could not resolve to ${kind === 'PullRequest' ? 'a' : 'an'} ${kind} with the number of ${number}.`);
  }
  return subjectView(repository, found);
}

function nodeOrError(context: QueryContext, id: string): unknown {
  try {
    return nodeById(context, id);
  } catch (error) {
    return error;
  }
}

function nodeById(context: QueryContext, id: string): unknown {
  const missing = new TypedError('NOT_FOUND', `Could not resolve to a node with the global id of '${id}'`);
  const parsed = parseNodeId(id);
  if (!parsed) {
    throw missing;
  }
  const { prefix, parts } = parsed;
  if (prefix === 'U' || prefix === 'O' || prefix === 'BOT' || prefix === 'M') {
    const account = [...context.world.accounts.values()].find((one) => one.databaseId === Number(parts[0]));
    if (!account) {
      throw missing;
    }
    return { kind: account.kind, account };
  }
  const repository = context.world.repositories.get(Number(parts[0]));
  if (!repository || !context.canSee(repository) || repository.state !== 'present') {
    throw missing;
  }
  const found = nodeInRepository(repository, prefix, parts.slice(1));
  if (!found) {
    throw missing;
  }
  return found;
}

function nodeInRepository(repository: Repository, prefix: string, parts: string[]): unknown {
  const number = Number(parts[0]);
  const content = repository.content;
  switch (prefix) {
    case 'R':
      return repositoryView(repository);
    case 'PR':
      return content.pulls.has(number) ? view('PullRequest', repository, content.pulls.get(number)!) : null;
    case 'I':
      return content.issues.has(number) ? view('Issue', repository, content.issues.get(number)!) : null;
    case 'C':
      return commitView(repository, parts[0] ?? null);
    case 'REF':
      return refView(repository, parts.join(':'));
    case 'RE': {
      const release = content.releases.find((one) => one.databaseId === number);
      return release ? view('Release', repository, release) : null;
    }
    case 'DE': {
      const deployment = content.deployments.find((one) => one.databaseId === number);
      return deployment ? view('Deployment', repository, deployment) : null;
    }
    case 'WFR':
      return content.runs.has(number) ? view('WorkflowRun', repository, content.runs.get(number)!) : null;
    case 'PRR': {
      const pull = content.pulls.get(number);
      const review = pull?.reviews.find((one) => one.id === Number(parts[1]));
      return pull && review ? view('PullRequestReview', repository, { pull, item: review }) : null;
    }
    case 'IC': {
      const owned: PullRequest | Issue | undefined = content.pulls.get(number) ?? content.issues.get(number);
      const item = owned?.comments.find((one) => one.id === Number(parts[1]));
      return owned && item ? view('IssueComment', repository, { subject: owned, item }) : null;
    }
    case 'EV': {
      const owned: PullRequest | Issue | undefined = content.pulls.get(number) ?? content.issues.get(number);
      const item: TimelineEvent | undefined = owned?.timeline.find((one) => one.id === Number(parts[1]));
      return owned && item ? view(item.kind, repository, { subject: owned, item }) : null;
    }
    default:
      return null;
  }
}
