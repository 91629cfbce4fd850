import { instant, type Instant } from '../shared/clock';
import { RepositoryBuilder, type CommitInput, type DeploymentInput, type IssueInput, type PullRequestInput, type ReleaseInput, type RepositoryInput, type When, type WorkflowRunInput, Scenario } from './scenario';
import type { Account, DeploymentStatus, PullRequest, Repository, World } from './world';

/**
 * The scenario builder in JSON: what a scenario file and the control endpoint take. Every step has exactly one key;
 * its moment defaults to the double's clock.
 */
export type Step =
  | { commit: Partial<CommitInput> }
  | { pullRequest: Partial<PullRequestInput> }
  | { merge: { number: number; at?: When; by?: string; method?: 'merge' | 'squash' | 'rebase' } }
  | { close: { number: number; at?: When } }
  | { edit: { number: number; at?: When; title?: string; body?: string; labels?: string[] } }
  | { review: { number: number; at?: When; by: string | null; state?: 'approved' | 'changes-requested' | 'commented' | 'dismissed' } }
  | { comment: { number: number; at?: When; by: string | null; body: string } }
  | { revert: Partial<PullRequestInput> & { of: number } }
  | { tag: { name: string; sha: string; at?: When; annotated?: boolean } }
  | { release: Partial<ReleaseInput> & { tag: string } }
  | { deployment: Partial<DeploymentInput> }
  | { deploymentStatus: { id: number; state: DeploymentStatus['state']; at?: When } }
  | { workflowRun: Partial<WorkflowRunInput> & { workflow: string } }
  | { issue: Partial<IssueInput> & { title: string } }
  | { closeIssue: { number: number; at?: When } }
  | { branch: { name: string; sha: string; at?: When } }
  | { deleteBranch: { name: string } }
  | { renameBranch: { from: string; to: string } }
  /** Rewrites the last `depth` commits of a branch: the same changes with new SHAs, as after a rebase. */
  | { rewrite: { branch?: string; depth?: number; at?: When } }
  | { rename: { to: string } }
  | { state: Repository['state'] }
  | { archive: boolean };

export interface OrganisationSpec {
  login: string;
  name?: string;
  kind?: 'Organization' | 'User';
  people?: Array<{ login: string; name?: string; kind?: Account['kind'] }>;
  repositories?: Array<RepositoryInput & { name: string; steps?: Step[] }>;
}

export function buildOrganisations(world: World, organisations: OrganisationSpec[], now: Instant): void {
  for (const organisation of organisations) {
    const scenario = new Scenario(world);
    const owner = organisation.kind === 'User' ? scenario.user(organisation.login, organisation.name) : scenario.organisation(organisation.login, organisation.name);
    for (const person of organisation.people ?? []) {
      world.account(person.login, { ...(person.name ? { name: person.name } : {}), ...(person.kind ? { kind: person.kind } : {}) });
    }
    for (const { name, steps, ...input } of organisation.repositories ?? []) {
      owner.repository(name, input);
      apply(world, `${organisation.login}/${name}`, steps ?? [], now);
    }
  }
}

/** Applies steps to one repository; answers what each made (numbers, SHAs, ids). Throws a plain message for what cannot be. */
export function apply(world: World, fullName: string, steps: Step[], now: Instant): unknown[] {
  const [owner = '', name = ''] = fullName.split('/');
  const repository = world.findRepository(owner, name);
  if (!repository) {
    throw new Error(`no repository ${fullName}`);
  }
  const build = new RepositoryBuilder(world, repository, repository.changeable);
  return steps.map((step) => applyStep(world, repository, build, step, now));
}

function pullOf(repository: Repository, number: number): PullRequest {
  const pull = repository.content.pulls.get(number);
  if (!pull) {
    throw new Error(`${repository.fullName} has no pull request ${number}`);
  }
  return pull;
}

function applyStep(world: World, repository: Repository, build: RepositoryBuilder, step: Step, now: Instant): unknown {
  const content = repository.changeable;
  const moment = (at: When | undefined): Instant => (at === undefined ? now : instant(at));
  const touched = (subject: { updatedAt: Instant }, at: Instant): void => {
    subject.updatedAt = Math.max(subject.updatedAt, at);
    repository.touch(at, false);
    content.changed();
  };
  if ('commit' in step) {
    return { sha: build.commit({ at: now, ...step.commit }).sha };
  }
  if ('pullRequest' in step) {
    const { number, mergeSha, headSha } = build.pullRequest({ openedAt: now, ...step.pullRequest });
    return { number, mergeSha, headSha };
  }
  if ('merge' in step) {
    const pull = pullOf(repository, step.merge.number);
    return { mergeSha: build.merge(pull, { at: moment(step.merge.at), ...(step.merge.by ? { by: step.merge.by } : {}), ...(step.merge.method ? { method: step.merge.method } : {}) }) };
  }
  if ('close' in step) {
    build.close(pullOf(repository, step.close.number), moment(step.close.at));
    return {};
  }
  if ('edit' in step) {
    const pull = pullOf(repository, step.edit.number);
    pull.title = step.edit.title ?? pull.title;
    pull.body = step.edit.body ?? pull.body;
    pull.labels = step.edit.labels ?? pull.labels;
    touched(pull, moment(step.edit.at));
    return { number: pull.number };
  }
  if ('review' in step) {
    const pull = pullOf(repository, step.review.number);
    const state = ({ approved: 'APPROVED', 'changes-requested': 'CHANGES_REQUESTED', commented: 'COMMENTED', dismissed: 'DISMISSED' } as const)[step.review.state ?? 'approved'];
    pull.reviews.push({ id: content.nextId(), author: step.review.by, state, at: moment(step.review.at), body: '', comments: [] });
    pull.reviews.sort((a, b) => a.at - b.at);
    touched(pull, moment(step.review.at));
    return { number: pull.number };
  }
  if ('comment' in step) {
    const subject = content.issues.get(step.comment.number) ?? pullOf(repository, step.comment.number);
    subject.comments.push({ id: content.nextId(), author: step.comment.by, at: moment(step.comment.at), body: step.comment.body });
    touched(subject, moment(step.comment.at));
    return { number: subject.number };
  }
  if ('revert' in step) {
    const { of, ...input } = step.revert;
    const { number, mergeSha } = build.revert(pullOf(repository, of), { openedAt: now, ...input });
    return { number, mergeSha };
  }
  if ('tag' in step) {
    build.tag(step.tag.name, step.tag.sha, moment(step.tag.at), step.tag.annotated ?? false);
    return { sha: step.tag.sha };
  }
  if ('release' in step) {
    return { id: build.release({ publishedAt: now, ...step.release }).databaseId };
  }
  if ('deployment' in step) {
    return { id: build.deployment({ at: now, ...step.deployment }).databaseId };
  }
  if ('deploymentStatus' in step) {
    const { id, state, at } = step.deploymentStatus;
    const deployment = content.deployments.find((one) => one.databaseId === id);
    if (!deployment) {
      throw new Error(`${repository.fullName} has no deployment ${id}`);
    }
    build.deploymentStatus(deployment, state, moment(at));
    return { id };
  }
  if ('workflowRun' in step) {
    return { id: build.workflowRun({ at: now, attempts: [{ finishedAt: now }], ...step.workflowRun }).databaseId };
  }
  if ('issue' in step) {
    return { number: build.issue({ openedAt: now, ...step.issue }).number };
  }
  if ('closeIssue' in step) {
    const issue = content.issues.get(step.closeIssue.number);
    if (!issue) {
      throw new Error(`${repository.fullName} has no issue ${step.closeIssue.number}`);
    }
    issue.state = 'CLOSED';
    issue.stateReason = 'COMPLETED';
    issue.closedAt = moment(step.closeIssue.at);
    touched(issue, issue.closedAt);
    return { number: issue.number };
  }
  if ('branch' in step) {
    build.branch(step.branch.name, step.branch.sha, moment(step.branch.at));
    return {};
  }
  if ('deleteBranch' in step) {
    build.deleteBranch(step.deleteBranch.name);
    return {};
  }
  if ('renameBranch' in step) {
    const { from, to } = step.renameBranch;
    build.branch(to, build.head(from), now).deleteBranch(from);
    if (repository.defaultBranch === from) {
      repository.defaultBranch = to;
    }
    for (const pull of content.pulls.values()) {
      // GitHub retargets open pull requests; merged ones keep their base's old name.
      if (pull.state === 'OPEN' && pull.baseBranch === from) {
        pull.baseBranch = to;
      }
    }
    return {};
  }
  if ('rewrite' in step) {
    return rewrite(build, repository, step.rewrite.branch ?? build.defaultBranch, step.rewrite.depth ?? 1, moment(step.rewrite.at));
  }
  if ('rename' in step) {
    const [toOwner, toName] = step.rename.to.includes('/') ? (step.rename.to.split('/') as [string, string]) : [repository.owner, step.rename.to];
    world.account(toOwner, { kind: 'Organization', name: toOwner });
    world.rename(repository, toOwner, toName);
    return { fullName: repository.fullName };
  }
  if ('state' in step) {
    repository.state = step.state;
    return {};
  }
  if ('archive' in step) {
    repository.isArchived = step.archive;
    return {};
  }
  throw new Error(`unknown step ${Object.keys(step).join(', ')}`);
}

function rewrite(build: RepositoryBuilder, repository: Repository, branch: string, depth: number, at: Instant): { before: string; after: string } {
  const { content } = repository;
  const before = build.head(branch);
  const chain: string[] = [];
  let sha = before;
  for (let step = 0; step < depth; step += 1) {
    const parent = content.commits.get(sha)?.parents[0];
    if (parent === undefined) {
      break;
    }
    chain.unshift(sha);
    sha = parent;
  }
  content.branches.set(branch, sha);
  for (const old of chain) {
    const commit = content.commits.get(old)!;
    build.commit({
      branch, at, authoredAt: commit.authoredAt, author: commit.author, message: commit.message, files: commit.files, parents: [build.head(branch), ...commit.parents.slice(1)],
    });
  }
  return { before, after: build.head(branch) };
}
