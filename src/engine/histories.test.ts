import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseQuery, type StoredDoraQuery } from '../shared/query';
import { parseSettings } from '../shared/settings';
import type { Answer } from './answer';
import { createEngine } from './index';
import type { Commit, DeploymentRecord, FactBatch, PullRequest } from './model';

/** Real histories with a known answer lie beside the project on some machines; they are no part of it. */
const DATA = join(__dirname, '../../../shared/data');
const present = existsSync(join(DATA, 'fastify__fastify.changes.ndjson'));
const HOUR = 3_600;

interface ChangeLine {
  number: number;
  mergeSha: string;
  mergedAt: string;
  firstCommitAt: string;
  author: string;
  reverts: number | string | null;
  kind: 'merge' | 'squash';
  firstRelease: string | null;
  beforeFirstRelease: boolean;
}
interface ReleaseLine {
  tag: string;
  sha: string;
  at: string;
  commitAt: string;
  onDefault: boolean;
}
interface CommitLine {
  sha: string;
  parents: string[];
  authoredAt: string;
  committedAt: string;
}

function lines<T>(repository: string, kind: string): T[] {
  return readFileSync(join(DATA, `${repository.replace('/', '__')}.${kind}.ndjson`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): T => JSON.parse(line));
}

/** Commits reachable from the second parent of a merge and not from its first. */
function ownCommits(merge: CommitLine, graph: Map<string, CommitLine>): CommitLine[] {
  const reach = (from: string | undefined, stop: Set<string>): Set<string> => {
    const seen = new Set<string>();
    const pending = from === undefined ? [] : [from];
    while (pending.length > 0) {
      const sha = pending.pop()!;
      if (!seen.has(sha) && !stop.has(sha) && graph.has(sha)) {
        seen.add(sha);
        pending.push(...graph.get(sha)!.parents);
      }
    }
    return seen;
  };
  return [...reach(merge.parents[1], reach(merge.parents[0], new Set()))].map((sha) => graph.get(sha)!);
}

function load(name: string): { batch: FactBatch; changes: ChangeLine[]; releases: ReleaseLine[] } {
  const changes = lines<ChangeLine>(name, 'changes');
  const releases = lines<ReleaseLine>(name, 'releases');
  const commitLines = lines<CommitLine>(name, 'commits');
  const graph = new Map(commitLines.map((line) => [line.sha, line]));
  const id = `R_${name}`;
  const author = (login: string): { login: string; isBot: boolean } => ({ login, isBot: false });
  const numbers = new Set<number>();
  const pullRequests = changes.map((line): PullRequest => {
    const mergedAt = Date.parse(line.mergedAt);
    const firstCommitAt = Date.parse(line.firstCommitAt);
    const merge = graph.get(line.mergeSha);
    const own = line.kind === 'merge' && merge && merge.parents.length > 1 ? ownCommits(merge, graph) : [];
    const repeated = numbers.has(line.number);
    numbers.add(line.number);
    return {
      id: repeated ? `${id}#${line.mergeSha}` : `${id}#${line.number}`,
      repository: id,
      number: line.number,
      title: `Change ${line.number}`,
      url: `https://github.com/${name}/pull/${line.number}`,
      author: author(line.author),
      labels: [],
      baseBranch: 'main',
      headBranch: `branch-${line.number}`,
      createdAt: mergedAt,
      mergedAt,
      updatedAt: mergedAt,
      mergeSha: line.mergeSha,
      draftEvents: [],
      reviews: [],
      commits:
        own.length > 0
          ? own.map((commit) => ({ sha: commit.sha, authoredAt: Date.parse(commit.authoredAt), isMerge: commit.parents.length > 1 }))
          : [{ sha: `${line.mergeSha.slice(0, 39)}x`, authoredAt: firstCommitAt, isMerge: false }],
      commitsComplete: true,
      references: line.reverts === null ? [] : [{ relation: 'reverts', target: typeof line.reverts === 'number' ? `#${line.reverts}` : line.reverts }],
      files: null,
    };
  });
  const commits = commitLines.map(
    (line): Commit => ({
      repository: id,
      sha: line.sha,
      parents: line.parents,
      authoredAt: Date.parse(line.authoredAt),
      committedAt: Date.parse(line.committedAt),
      author: null,
      headline: '',
      references: [],
    })
  );
  const deployments = releases
    .filter(({ onDefault }) => onDefault)
    .map(
      (line): DeploymentRecord => ({
        id: `releases:${name}:${line.tag}`,
        origin: 'releases',
        outcome: 'succeeded',
        declared: null,
        startedAt: Date.parse(line.commitAt),
        finishedAt: Date.parse(line.commitAt),
        revisions: [{ repository: id, repositoryName: name, sha: line.sha }],
        ref: line.tag,
        environment: null,
        pipeline: null,
        pipelineTitle: null,
        account: null,
        region: null,
        service: null,
        prerelease: false,
        stages: [],
        title: line.tag,
        url: null,
        references: [],
      })
    );
  const repository = {
    id,
    name,
    formerNames: [],
    url: `https://github.com/${name}`,
    defaultBranch: 'main',
    branchHeads: { main: commitLines[commitLines.length - 1].sha },
    createdAt: null,
    archived: false,
  };
  return { batch: { repositories: [repository], pullRequests, commits, deployments }, changes, releases };
}

const settingsFor = (name: string, from: 'releases' | 'merged-pull-requests') =>
  parseSettings({ teams: [{ name: 'team', repositories: [name], deployments: [{ from }], incidents: [{ from: 'reverts' }], exclude: { authors: [] } }] }).settings;

const RANGE = { from: Date.UTC(2000, 0, 1), to: Date.UTC(2027, 0, 1) };
const NOW = Date.UTC(2027, 0, 1);

function asker(name: string, from: 'releases' | 'merged-pull-requests', batch: FactBatch) {
  const engine = createEngine(settingsFor(name, from));
  engine.apply(batch);
  const ask = (query: StoredDoraQuery): Answer => engine.answer(parseQuery({ format: 'number', measure: 'count', ...query }), RANGE, NOW);
  const value = (query: StoredDoraQuery): number | null => {
    const answer = ask(query);
    if (answer.kind !== 'numbers') {
      throw new Error('not a number');
    }
    return answer.numbers[0].value;
  };
  const table = (query: StoredDoraQuery): Array<Record<string, unknown>> => {
    const answer = ask(query);
    if (answer.kind !== 'table') {
      throw new Error('not a table');
    }
    const rows = answer.columns[0]?.values.length ?? 0;
    return Array.from({ length: rows }, (_, row) => Object.fromEntries(answer.columns.map((column) => [column.name, column.values[row]])));
  };
  return { value, table };
}

const EXPECTED = [
  { name: 'fastify/fastify', deployments: 293, delivered: 2481, baseline: 11, not: 2, median: 165.0142, mean: 355.7215, failuresByRelease: 4, failuresByMerge: 5, beforeRelease: ['#4129'], rows: 2494 },
  { name: 'grafana/plugin-tools', deployments: 480, delivered: 1952, baseline: 20, not: 2, median: 22.1013, mean: 67.6577, failuresByRelease: 4, failuresByMerge: 7, beforeRelease: ['#501', '#864', '#2065'], rows: 1974 },
  { name: 'middlewarehq/middleware', deployments: 9, delivered: 169, baseline: 131, not: 8, median: 331.6989, mean: 433.4619, failuresByRelease: 0, failuresByMerge: 0, beforeRelease: [], rows: 308 },
];

const suite = present ? describe : describe.skip;
if (!present) {
  console.warn('Skipped: the real histories are not on this machine.');
}

suite.each(EXPECTED)('the history of $name', (expected) => {
  const { batch, changes, releases } = load(expected.name);
  const released = asker(expected.name, 'releases', batch);
  const merged = asker(expected.name, 'merged-pull-requests', batch);
  const rows = released.table({ queryType: 'changes' });

  it('has the expected deployments and deliveries', () => {
    expect({
      deployments: released.value({}),
      delivered: rows.filter(({ counted }) => counted).length,
      baseline: rows.filter(({ state, deployedAt }) => deployedAt !== null && String(state).startsWith('in the baseline')).length,
      not: rows.filter(({ deployedAt }) => deployedAt === null).length,
    }).toEqual({ deployments: expected.deployments, delivered: expected.delivered, baseline: expected.baseline, not: expected.not });
    expect(rows).toHaveLength(expected.rows);
  });

  it('has the expected lead times to four decimals of an hour', () => {
    expect((released.value({ metric: 'lead-time', statistic: 'median' })! / HOUR).toFixed(4)).toBe(expected.median.toFixed(4));
    expect((released.value({ metric: 'lead-time', statistic: 'mean' })! / HOUR).toFixed(4)).toBe(expected.mean.toFixed(4));
  });

  it('finds the first release of every change', () => {
    const shaOf = new Map(releases.map(({ tag, sha }) => [tag, sha]));
    const releasedIn = new Map(released.table({ queryType: 'deployments' }).map(({ id, sha }) => [id, sha]));
    const bySha = new Map(rows.map((row) => [row.sha, row]));
    const wrong = changes.filter(({ mergeSha, firstRelease }) => {
      const id = bySha.get(mergeSha)?.deploymentId ?? null;
      return (id === null ? null : releasedIn.get(id)) !== (firstRelease === null ? null : shaOf.get(firstRelease));
    });
    expect(wrong).toEqual([]);
  });

  it('blames the expected deployments', () => {
    const rate = (failures: number, of: number): string => ((100 * failures) / of).toFixed(9);
    expect(released.value({ metric: 'change-failure-rate' })!.toFixed(9)).toBe(rate(expected.failuresByRelease, expected.deployments));
    expect(merged.value({ metric: 'change-failure-rate' })!.toFixed(9)).toBe(rate(expected.failuresByMerge, expected.rows));
    expect(merged.value({})).toBe(expected.rows);
    const failed = released.table({ queryType: 'deployments' }).filter((row) => row.failed);
    expect(failed).toHaveLength(expected.failuresByRelease);
    const quality = released.table({ queryType: 'data-quality' }).find(({ check }) => check === 'reverted before release');
    const reverts = String(quality?.examples)
      .split(', ')
      .filter((text) => text !== '')
      .map((text) => text.replace(/^[^#]*(#\d+).*$/, '$1'));
    expect(reverts).toEqual(expected.beforeRelease);
  });

  it('gives the same answers in whatever order the facts came', () => {
    const reversed: FactBatch = {
      repositories: batch.repositories,
      pullRequests: [...batch.pullRequests!].reverse(),
      commits: [...batch.commits!].reverse(),
      deployments: [...batch.deployments!].reverse(),
    };
    // Numbers that repeat must keep their order: the first of them bears the number.
    const again = asker(expected.name, 'releases', { ...reversed, pullRequests: batch.pullRequests });
    expect(again.table({ queryType: 'changes' })).toEqual(rows);
  });
});
