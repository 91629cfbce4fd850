import type { Commit, DeploymentRecord, FactBatch, PullRequest } from '../../src/engine/model';

const DAY_MS = 86_400_000;

export interface HistorySize {
  repositories: number;
  changes: number;
  /** Own commits a change on average, beside the one that merges it. */
  commitsPerChange: number;
  changesPerRelease: number;
  from: number;
  to: number;
}

export function repositoryName(index: number): string {
  return `acme/service-${String(index).padStart(3, '0')}`;
}

/** Pages as a synchronisation writes them: 25 merged pull requests with their commits, and the releases among them. */
export function* historyPages(size: HistorySize, pageSize = 25): Generator<FactBatch> {
  yield {
    repositories: Array.from({ length: size.repositories }, (_, index) => ({
      id: `R_${index}`,
      name: repositoryName(index),
      formerNames: [],
      url: `https://github.com/${repositoryName(index)}`,
      defaultBranch: 'main',
      branchHeads: {},
      createdAt: size.from,
      archived: false,
    })),
    coverage: Array.from({ length: size.repositories }, (_, index) => ['pull-requests' as const, 'commits' as const, 'releases' as const].map((kind) => ({ kind, scope: `R_${index}`, from: size.from, complete: true }))).flat(),
  };
  const each = Math.floor(size.changes / size.repositories);
  for (let repository = 0; repository < size.repositories; repository += 1) {
    let head: string | null = null;
    for (let first = 0; first < each; first += pageSize) {
      const page = { pullRequests: [] as PullRequest[], commits: [] as Commit[], deployments: [] as DeploymentRecord[] };
      for (let number = first + 1; number <= Math.min(each, first + pageSize); number += 1) {
        head = addChange(page, repository, number, size.from + Math.floor(((size.to - size.from) * number) / (each + 1)), head, size);
      }
      yield page;
    }
  }
}

function addChange(
  page: { pullRequests: PullRequest[]; commits: Commit[]; deployments: DeploymentRecord[] },
  index: number,
  number: number,
  mergedAt: number,
  head: string | null,
  size: HistorySize,
): string {
  const repository = `R_${index}`;
  const author = { login: `person-${(index + number) % 300}`, isBot: false };
  const own: PullRequest['commits'] = [];
  let tip = head;
  const commits = Math.floor(number * size.commitsPerChange) - Math.floor((number - 1) * size.commitsPerChange);
  for (let step = 0; step < commits; step += 1) {
    const sha = shaOf(index, number, step);
    const authoredAt = mergedAt - (commits - step) * 5 * 3_600_000 - ((number * 7_919) % DAY_MS);
    page.commits.push({ repository, sha, parents: tip ? [tip] : [], authoredAt, committedAt: authoredAt, author, headline: `Step ${step} of change ${number}`, references: [] });
    own.push({ sha, authoredAt, isMerge: false });
    tip = sha;
  }
  const mergeSha = shaOf(index, number, 999);
  page.commits.push({ repository, sha: mergeSha, parents: [head, tip].filter((parent) => parent !== null), authoredAt: mergedAt, committedAt: mergedAt, author, headline: `Merge pull request #${number}`, references: [] });
  page.pullRequests.push({
    id: `${repository}#${number}`,
    repository,
    number,
    title: `A change of some importance, number ${number}`,
    url: `https://github.com/${repositoryName(index)}/pull/${number}`,
    author,
    labels: number % 3 === 0 ? ['enhancement'] : [],
    baseBranch: 'main',
    headBranch: `change-${number}`,
    createdAt: mergedAt - 2 * DAY_MS,
    mergedAt,
    updatedAt: mergedAt,
    mergeSha,
    draftEvents: [],
    reviews: [
      { author: { login: `person-${(index + number + 1) % 300}`, isBot: false }, state: 'commented', at: mergedAt - DAY_MS },
      { author: { login: `person-${(index + number + 1) % 300}`, isBot: false }, state: 'approved', at: mergedAt - 3_600_000 },
    ],
    commits: own,
    commitsComplete: true,
    references: number % 60 === 0 ? [{ relation: 'reverts', target: `#${number - 5}` }] : [],
    files: null,
  });
  if (number % size.changesPerRelease === 0) {
    page.deployments.push(releaseOf(repository, index, number, mergedAt + 1_800_000, mergeSha));
  }
  return mergeSha;
}

function releaseOf(repository: string, index: number, number: number, at: number, sha: string): DeploymentRecord {
  return {
    id: `releases:${repository}:${number}`,
    origin: 'releases',
    outcome: 'succeeded',
    declared: null,
    startedAt: at,
    finishedAt: at,
    revisions: [{ repository, repositoryName: repositoryName(index), sha }],
    ref: `v${number}`,
    environment: null,
    pipeline: null,
    pipelineTitle: null,
    account: null,
    region: null,
    service: null,
    prerelease: false,
    stages: [],
    title: `v${number}`,
    url: `https://github.com/${repositoryName(index)}/releases/tag/v${number}`,
    references: [],
  };
}

/** 40 hex digits that look as random as a real SHA, so that an index over them behaves like one. */
function shaOf(repository: number, change: number, step: number): string {
  let text = '';
  for (let word = 0; word < 5; word += 1) {
    let mixed = Math.imul(repository * 1_009 + step * 31 + word, 0x9e3779b1) ^ Math.imul(change + word * 131, 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35);
    mixed ^= mixed >>> 13;
    text += (mixed >>> 0).toString(16).padStart(8, '0');
  }
  return text;
}
