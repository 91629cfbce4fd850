import type { FactBatch, PullRequest } from '../../src/engine/model';
import { commit, DAY_MS, deployment, HOUR_MS, incident, person, pull, repository } from '../engine/facts';

export interface HistorySize {
  repositories: number;
  changes: number;
  /** Own commits a change on average, beside the one that merges it. */
  commitsPerChange: number;
  changesPerRelease: number;
  /** Pushed incidents, each with a service and nothing else that it names. */
  incidents?: number;
  from: number;
  to: number;
  /** `owner/name` of a repository. */
  nameOf?: (index: number) => string;
}

export function repositoryName(index: number): string {
  return `acme/service-${String(index).padStart(3, '0')}`;
}

type Page = Required<Pick<FactBatch, 'pullRequests' | 'commits' | 'deployments' | 'incidents'>>;

/**
 * Pages as a synchronisation writes them: all repositories, then 25 merged pull requests at a time with their commits, and
 * the releases and incidents among them. One repository after another.
 */
export function* historyPages(size: HistorySize, pageSize = 25): Generator<FactBatch> {
  const nameOf = size.nameOf ?? repositoryName;
  const repositories = Array.from({ length: size.repositories }, (_, index) => repository(nameOf(index), { createdAt: size.from }));
  yield {
    repositories,
    coverage: repositories.flatMap(({ id }) => (['pull-requests', 'commits', 'releases'] as const).map((kind) => ({ kind, scope: id, from: size.from, complete: true }))),
  };
  const each = Math.floor(size.changes / size.repositories);
  const troubles = Math.floor((size.incidents ?? 0) / size.repositories);
  for (const [index, { name }] of repositories.entries()) {
    let head: string | null = null;
    for (let first = 0; first < each; first += pageSize) {
      const page: Page = { pullRequests: [], commits: [], deployments: [], incidents: [] };
      for (let number = first + 1; number <= Math.min(each, first + pageSize); number += 1) {
        const mergedAt = size.from + Math.floor(((size.to - size.from) * number) / (each + 1));
        head = addChange(page, name, index, number, mergedAt, head, size);
        if (Math.floor((number * troubles) / each) > Math.floor(((number - 1) * troubles) / each)) {
          page.incidents.push(incident(`events:${name}:${number}`, { title: `Trouble ${number}`, service: name, severity: '1', openedAt: mergedAt + HOUR_MS, resolvedAt: mergedAt + HOUR_MS + ((number * 7_919) % DAY_MS), resolvedBy: 'given' }));
        }
      }
      yield page;
    }
  }
}

/** Adds a change with its commits, and the release that comes with it; answers the merge commit. */
function addChange(page: Page, name: string, index: number, number: number, mergedAt: number, head: string | null, size: HistorySize): string {
  const author = PEOPLE[(index + number) % PEOPLE.length];
  const reviewer = PEOPLE[(index + number + 1) % PEOPLE.length];
  const own: PullRequest['commits'] = [];
  let tip = head;
  const commits = Math.floor(number * size.commitsPerChange) - Math.floor((number - 1) * size.commitsPerChange);
  for (let step = 0; step < commits; step += 1) {
    const sha = shaOf(index, number, step);
    const authoredAt = mergedAt - (commits - step) * 5 * HOUR_MS - ((number * 7_919) % DAY_MS);
    page.commits.push({ ...commit(name, '', [], authoredAt), sha, parents: tip ? [tip] : [], author, headline: `Step ${step} of change ${number}` });
    own.push({ sha, authoredAt, isMerge: false });
    tip = sha;
  }
  const mergeSha = shaOf(index, number, 999);
  page.commits.push({ ...commit(name, '', [], mergedAt), sha: mergeSha, parents: [head, tip].filter((parent) => parent !== null), author, headline: `Merge pull request #${number}` });
  page.pullRequests.push(
    pull(name, number, {
      title: `A change of some importance, number ${number}`,
      author,
      labels: number % 3 === 0 ? ['enhancement'] : [],
      headBranch: `change-${number}`,
      createdAt: mergedAt - 2 * DAY_MS,
      mergedAt,
      mergeSha,
      reviews: [
        { author: reviewer, state: 'commented', at: mergedAt - DAY_MS },
        { author: reviewer, state: 'approved', at: mergedAt - HOUR_MS },
      ],
      commits: own,
      references: number % 60 === 0 ? [{ relation: 'reverts', target: `#${number - 5}` }] : [],
    })
  );
  if (number % size.changesPerRelease === 0) {
    const repositoryId = page.pullRequests[0].repository;
    page.deployments.push(
      deployment(`releases:${repositoryId}:${number}`, {
        origin: 'releases',
        finishedAt: mergedAt + HOUR_MS / 2,
        revisions: [{ repository: repositoryId, repositoryName: name, sha: mergeSha }],
        ref: `v${number}`,
        title: `v${number}`,
        url: `https://github.com/${name}/releases/tag/v${number}`,
      })
    );
  }
  return mergeSha;
}

const PEOPLE = Array.from({ length: 300 }, (_, index) => person(`person-${index}`));

/** 40 hex digits that look as random as a real SHA, so that an index over them behaves like one. */
export function shaOf(repository: number, change: number, step: number): string {
  let text = '';
  for (let word = 0; word < 5; word += 1) {
    let mixed = Math.imul(repository * 1_009 + step * 31 + word, 0x9e3779b1) ^ Math.imul(change + word * 131, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
    mixed ^= mixed >>> 13;
    text += (mixed >>> 0).toString(16).padStart(8, '0');
  }
  return text;
}
