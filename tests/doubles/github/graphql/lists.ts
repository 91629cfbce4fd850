import type { Deployment, Issue, PullRequest, Release, Repository } from '../world';
import type { Key } from './cursor';

/** Sorted and filtered lists, each computed once per revision of its repository. */
export interface Order {
  field: string;
  direction: 'ASC' | 'DESC';
}

export interface Sorted<T> {
  elements: readonly T[];
  key: (element: T) => Key;
  directions: ReadonlyArray<1 | -1>;
}

function sorted<T>(elements: T[], key: (element: T) => Key, direction: Order['direction']): Sorted<T> {
  const sign = direction === 'ASC' ? 1 : -1;
  const directions = [sign, sign] as const;
  const keyed = elements.map((element) => ({ element, key: key(element) }));
  keyed.sort((a, b) => (a.key[0] < b.key[0] ? -sign : a.key[0] > b.key[0] ? sign : a.key[1] < b.key[1] ? -sign : a.key[1] > b.key[1] ? sign : 0));
  return { elements: keyed.map((entry) => entry.element), key, directions };
}

export interface PullFilter {
  states?: string[] | null;
  labels?: string[] | null;
  headRefName?: string | null;
  baseRefName?: string | null;
  orderBy?: Order | null;
}

function subjectKey(field: string): (subject: PullRequest | Issue) => Key {
  switch (field) {
    case 'UPDATED_AT':
      return (subject) => [subject.updatedAt, subject.databaseId];
    case 'COMMENTS':
      return (subject) => [subject.comments.length, subject.databaseId];
    default:
      return (subject) => [subject.createdAt, subject.databaseId];
  }
}

export function pulls(repository: Repository, filter: PullFilter): Sorted<PullRequest> {
  const { states, labels, headRefName, baseRefName, orderBy } = filter;
  return repository.content.remember(`pulls:${JSON.stringify([states, labels, headRefName, baseRefName, orderBy])}`, () => {
    const found = [...repository.content.pulls.values()].filter(
      (pull) =>
        (!states || states.includes(pull.state)) &&
        (!labels || pull.labels.some((label) => labels.includes(label))) &&
        (!headRefName || pull.headBranch === headRefName) &&
        (!baseRefName || pull.baseBranch === baseRefName)
    );
    return sorted(found, subjectKey(orderBy?.field ?? 'CREATED_AT'), orderBy?.direction ?? 'ASC');
  });
}

export interface IssueFilter {
  states?: string[] | null;
  labels?: string[] | null;
  since?: number | null;
  createdBy?: string | null;
  orderBy?: Order | null;
}

export function issues(repository: Repository, filter: IssueFilter): Sorted<Issue> {
  return repository.content.remember(`issues:${JSON.stringify(filter)}`, () => {
    const found = [...repository.content.issues.values()].filter(
      (issue) =>
        (!filter.states || filter.states.includes(issue.state)) &&
        (!filter.labels || issue.labels.some((label) => filter.labels?.includes(label))) &&
        (filter.since == null || issue.updatedAt >= filter.since) &&
        (!filter.createdBy || issue.author === filter.createdBy)
    );
    return sorted(found, subjectKey(filter.orderBy?.field ?? 'CREATED_AT'), filter.orderBy?.direction ?? 'ASC');
  });
}

export function releases(repository: Repository, order: Order | null | undefined): Sorted<Release> {
  return repository.content.remember(`releases:${JSON.stringify(order)}`, () =>
    sorted(
      repository.content.releases.slice(),
      order?.field === 'NAME' ? (release) => [release.name ?? release.tag, release.databaseId] : (release) => [release.createdAt, release.databaseId],
      // Without an order GitHub lists the newest first.
      order?.direction ?? 'DESC'
    )
  );
}

export function deployments(repository: Repository, environments: string[] | null | undefined, order: Order | null | undefined, sha: string | null): Sorted<Deployment> {
  return repository.content.remember(`deployments:${JSON.stringify([environments, order, sha])}`, () =>
    sorted(
      repository.content.deployments.filter((deployment) => (!environments || environments.includes(deployment.environment)) && (sha === null || deployment.sha === sha)),
      (deployment) => [deployment.createdAt, deployment.databaseId],
      order?.direction ?? 'ASC'
    )
  );
}

export function repositories(list: Repository[], order: Order | null | undefined): Sorted<Repository> {
  const key = (repository: Repository): Key => {
    switch (order?.field) {
      case 'NAME':
        return [repository.name.toLowerCase(), repository.databaseId];
      case 'UPDATED_AT':
        return [repository.updatedAt, repository.databaseId];
      case 'PUSHED_AT':
        return [repository.pushedAt ?? 0, repository.databaseId];
      default:
        return [repository.createdAt, repository.databaseId];
    }
  };
  return sorted(list, key, order?.direction ?? 'ASC');
}
