import { parseQuery, type StoredDoraQuery } from '../../src/shared/query';
import { type DoraJsonData, parseSettings } from '../../src/shared/settings';
import type { Answer, NumberValue, Series } from '../../src/engine/answer';
import type { TimeRange } from '../../src/engine/engine';
import { createEngine } from '../../src/engine/index';
import type { Commit, DeploymentRecord, FactBatch, IncidentRecord, Instant, PullRequest, Repository } from '../../src/engine/model';

/** `2026-03-02` or `2026-03-02 10:00`, UTC. */
export function at(text: string): Instant {
  const value = Date.parse(text.includes(' ') ? `${text.replace(' ', 'T')}Z` : `${text}T00:00:00Z`);
  if (Number.isNaN(value)) {
    throw new Error(`no time: ${text}`);
  }
  return value;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** A SHA of forty digits from a short name: the same name, the same SHA. */
export function sha(name: string): string {
  let text = '';
  for (let word = 0; word < 5; word += 1) {
    let hash = 0x811c9dc5 ^ Math.imul(word + 1, 0x9e3779b1);
    for (const character of name) {
      hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
    }
    // Short names differ in low bits only; SHAs differ everywhere.
    hash ^= hash >>> 16;
    hash = Math.imul(hash, 0x85ebca6b);
    hash ^= hash >>> 13;
    text += (hash >>> 0).toString(16).padStart(8, '0');
  }
  return text;
}

export const person = (login: string): { login: string; isBot: boolean } => ({ login, isBot: false });

export function repository(name: string, over: Partial<Repository> = {}): Repository {
  return { id: `R:${name}`, name, formerNames: [], url: `https://github.com/${name}`, defaultBranch: 'main', branchHeads: {}, createdAt: null, archived: false, ...over };
}

export function pull(repositoryName: string, number: number, over: Partial<PullRequest> & { mergedAt: Instant }): PullRequest {
  const id = `R:${repositoryName}`;
  const mergeSha = over.mergeSha === undefined ? sha(`${repositoryName}#${number}`) : over.mergeSha;
  const createdAt = over.createdAt ?? over.mergedAt;
  return {
    id: `${id}#${number}`,
    repository: id,
    number,
    title: `Change ${number}`,
    url: `https://github.com/${repositoryName}/pull/${number}`,
    author: person('author'),
    labels: [],
    baseBranch: 'main',
    headBranch: `branch-${number}`,
    createdAt,
    updatedAt: over.mergedAt,
    draftEvents: [],
    reviews: [],
    commits: over.commits ?? [{ sha: sha(`${repositoryName}#${number} own`), authoredAt: createdAt, isMerge: false }],
    commitsComplete: true,
    references: [],
    files: null,
    ...over,
    mergeSha,
  };
}

export function commit(repositoryName: string, name: string, parents: string[], when: Instant, over: Partial<Commit> = {}): Commit {
  return { repository: `R:${repositoryName}`, sha: sha(name), parents: parents.map(sha), authoredAt: when, committedAt: when, author: person('author'), headline: name, references: [], ...over };
}

/** Commits in a row, the merge commits of pull requests by default names: `<repository>#<number>`. */
export function line(repositoryName: string, numbers: number[], start: Instant): Commit[] {
  return numbers.map((number, index) => commit(repositoryName, `${repositoryName}#${number}`, index === 0 ? [] : [`${repositoryName}#${numbers[index - 1]}`], start + index));
}

export function deployment(id: string, over: Partial<DeploymentRecord> & { finishedAt: Instant }): DeploymentRecord {
  return {
    id,
    origin: 'events',
    outcome: 'succeeded',
    declared: null,
    startedAt: over.startedAt ?? over.finishedAt,
    revisions: [],
    ref: null,
    environment: null,
    pipeline: null,
    pipelineTitle: null,
    account: null,
    region: null,
    service: null,
    prerelease: false,
    stages: [],
    title: id,
    url: null,
    references: [],
    ...over,
  };
}

/** A release of a commit by its name. */
export function release(repositoryName: string, tag: string, commitName: string | null, when: Instant, over: Partial<DeploymentRecord> = {}): DeploymentRecord {
  return deployment(`releases:${repositoryName}:${tag}`, {
    origin: 'releases',
    ref: tag,
    finishedAt: when,
    revisions: [{ repository: `R:${repositoryName}`, repositoryName, sha: commitName === null ? null : sha(commitName) }],
    ...over,
  });
}

export function incident(id: string, over: Partial<IncidentRecord> & { openedAt: Instant }): IncidentRecord {
  return {
    id,
    origin: 'events',
    title: id,
    url: null,
    resolvedAt: null,
    resolvedBy: null,
    severity: null,
    category: null,
    status: null,
    type: null,
    reportedBy: null,
    repository: null,
    number: null,
    labels: [],
    account: null,
    region: null,
    service: null,
    deploymentId: null,
    pipelines: [],
    references: [],
    operationalData: {},
    ...over,
  };
}

export type Row = Record<string, string | number | boolean | null>;

/** An engine of one organisation and what it answers, for tests to read. */
export class Organisation {
  readonly engine;

  constructor(
    settings: DoraJsonData,
    batch: FactBatch,
    readonly range: TimeRange,
    readonly now: Instant = range.to
  ) {
    const parsed = parseSettings(settings);
    if (parsed.problems.length > 0) {
      throw new Error(JSON.stringify(parsed.problems));
    }
    this.engine = createEngine(parsed.settings);
    this.engine.apply(batch);
  }

  answer(query: StoredDoraQuery, range: TimeRange = this.range, now: Instant = this.now): Answer {
    return this.engine.answer(parseQuery(query), range, now);
  }

  series(query: StoredDoraQuery, range?: TimeRange, now?: Instant): Series[] {
    const answer = this.answer(query, range, now);
    if (answer.kind !== 'timeseries') {
      throw new Error(`a ${answer.kind}`);
    }
    return answer.series;
  }

  numbers(query: StoredDoraQuery, range?: TimeRange, now?: Instant): NumberValue[] {
    const answer = this.answer({ format: 'number', ...query }, range, now);
    if (answer.kind !== 'numbers') {
      throw new Error(`a ${answer.kind}`);
    }
    return answer.numbers;
  }

  /** The only number of an answer. */
  number(query: StoredDoraQuery, range?: TimeRange, now?: Instant): number | null {
    const numbers = this.numbers(query, range, now);
    if (numbers.length !== 1) {
      throw new Error(`${numbers.length} numbers`);
    }
    return numbers[0].value;
  }

  rows(query: StoredDoraQuery, range?: TimeRange, now?: Instant): Row[] {
    const answer = this.answer(query, range, now);
    if (answer.kind !== 'table') {
      throw new Error(`a ${answer.kind}`);
    }
    const length = answer.columns[0]?.values.length ?? 0;
    return Array.from({ length }, (_, row) => Object.fromEntries(answer.columns.map((column) => [column.name, column.values[row]])));
  }
}
