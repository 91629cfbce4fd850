/**
 * Speed and memory of the engine at a million changes. Run: `npm run bench engine`, or this file by Bun (`middle` or `large` for one size).
 * Prints one JSON line a figure; the figures that the project promises are in `LIMITS`, and a miss ends with code 1.
 * Every figure stands beside a plain pass over arrays of the same length, made in the same process.
 */
import { parseQuery, type StoredDoraQuery } from '../../src/shared/query';
import { parseSettings } from '../../src/shared/settings';
import type { Commit, DeploymentRecord, FactBatch, IncidentRecord, PullRequest } from '../../src/engine/model';
import { createEngine } from '../../src/engine/index';
import type { DoraEngine } from '../../src/engine/engine';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1);
const SPAN = 730 * DAY;
const NOW = START + SPAN;
const RANGE = { from: START, to: NOW };

interface Size {
  name: string;
  teams: number;
  repositoriesPerTeam: number;
  changes: number;
  deployments: number;
  incidents: number;
}

const LARGE: Size = { name: 'large', teams: 50, repositoriesPerTeam: 20, changes: 1_000_000, deployments: 200_000, incidents: 20_000 };
const MIDDLE: Size = { name: 'middle', teams: 10, repositoriesPerTeam: 10, changes: 100_000, deployments: 50_000, incidents: 5_000 };

/** In ms, and MB for memory. */
const LIMITS: Record<string, number> = {
  'large link': 3_000,
  'large five metrics, weekly, 50 teams': 100,
  'large one metric, one team': 5,
  'large delta of 100 changes': 20,
  'large memory': 600,
  'large longest step': 50,
  'middle link': 250,
  'middle four metrics, totals and weekly': 25,
};

let seed = 1;
function random(): number {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return seed / 0x1_0000_0000;
}

function hex(number: number, salt: number): string {
  let text = '';
  for (let word = 0; word < 5; word += 1) {
    let hash = Math.imul(number + 1, 0x9e3779b1) ^ Math.imul(salt + word * 7919 + 1, 0x85ebca6b);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, 0x2c1b3c6d);
    hash ^= hash >>> 12;
    text += (hash >>> 0).toString(16).padStart(8, '0');
  }
  return text;
}

const people = Array.from({ length: 200 }, (_, index) => ({ login: `person-${index}`, isBot: false }));

/** One repository's facts: a merge commit and an own commit a change, releases of every fifth or so. */
function repositoryFacts(index: number, size: Size): FactBatch {
  const repositories = size.teams * size.repositoriesPerTeam;
  const changes = size.changes / repositories;
  const releases = size.deployments / repositories;
  const troubles = size.incidents / repositories;
  const name = `acme/team${Math.floor(index / size.repositoriesPerTeam)}-${index}`;
  const id = `R_${index}`;
  const pullRequests: PullRequest[] = [];
  const commits: Commit[] = [];
  const deployments: DeploymentRecord[] = [];
  const incidents: IncidentRecord[] = [];
  const sha = (number: number): string => hex(index * 100_000 + number, 3);
  let previous: string | null = null;
  for (let number = 1; number <= changes; number += 1) {
    const mergedAt = START + Math.floor((SPAN * number) / (changes + 1));
    const authoredAt = mergedAt - Math.floor(random() * 5 * DAY);
    const own = sha(number * 2);
    const merge = sha(number * 2 + 1);
    const author = people[Math.floor(random() * people.length)];
    commits.push({ repository: id, sha: own, parents: previous ? [previous] : [], authoredAt, committedAt: authoredAt, author, headline: `Work on part ${number % 37} of the product`, references: [] });
    commits.push({ repository: id, sha: merge, parents: previous ? [previous, own] : [own], authoredAt: mergedAt, committedAt: mergedAt, author, headline: `Merge pull request #${number}`, references: [] });
    pullRequests.push({
      id: `${id}#${number}`,
      repository: id,
      number,
      title: `Work on part ${number % 37} of the product, step ${number}`,
      url: `https://github.com/${name}/pull/${number}`,
      author,
      labels: number % 5 === 0 ? ['bug'] : [],
      baseBranch: 'main',
      headBranch: `part-${number % 37}-step-${number}`,
      createdAt: authoredAt + 3_600_000,
      mergedAt,
      updatedAt: mergedAt,
      mergeSha: merge,
      draftEvents: [],
      reviews: [{ author: people[number % people.length], state: 'approved', at: Math.max(authoredAt, mergedAt - 7_200_000) }],
      commits: [{ sha: own, authoredAt, isMerge: false }],
      commitsComplete: true,
      references: number % 100 === 0 ? [{ relation: 'reverts', target: `#${number - 3}` }] : [],
      files: null,
    });
    previous = merge;
  }
  for (let number = 1; number <= releases; number += 1) {
    const change = Math.floor((changes * number) / releases);
    const finishedAt = pullRequests[change - 1].mergedAt + 3_600_000;
    deployments.push({
      id: `releases:${id}:${number}`,
      origin: 'releases',
      outcome: 'succeeded',
      declared: null,
      startedAt: finishedAt,
      finishedAt,
      revisions: [{ repository: id, repositoryName: name, sha: pullRequests[change - 1].mergeSha }],
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
      url: `https://github.com/${name}/releases/tag/v${number}`,
      references: [],
    });
  }
  for (let number = 1; number <= troubles; number += 1) {
    const openedAt = START + Math.floor((SPAN * number) / (troubles + 1));
    incidents.push({
      id: `events:${id}:${number}`,
      origin: 'events',
      title: `Trouble ${number}`,
      url: null,
      openedAt,
      resolvedAt: openedAt + Math.floor(random() * DAY),
      resolvedBy: 'given',
      severity: '1',
      category: null,
      status: null,
      type: null,
      reportedBy: null,
      repository: null,
      number: null,
      labels: [],
      account: null,
      region: null,
      service: name,
      deploymentId: null,
      pipelines: [],
      references: [],
      operationalData: {},
    });
  }
  return {
    repositories: [{ id, name, formerNames: [], url: `https://github.com/${name}`, defaultBranch: 'main', branchHeads: {}, createdAt: null, archived: false }],
    pullRequests,
    commits,
    deployments,
    incidents,
  };
}

function settingsOf(size: Size) {
  return parseSettings({
    teams: Array.from({ length: size.teams }, (_, team) => ({
      name: `Team ${team}`,
      repositories: [`acme/team${team}-*`],
      deployments: [{ from: 'releases' as const }],
      incidents: [{ from: 'reverts' as const }, { from: 'events' as const }],
    })),
  }).settings;
}

function time(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

/** Median of repeated runs after one that warms up; `best` tells how much of it is another process's work. */
function typical(work: () => void, runs = 15): number {
  work();
  const times = Array.from({ length: runs }, () => time(work)).sort((a, b) => a - b);
  [best] = times;
  return times[Math.floor(times.length / 2)];
}

let best: number | null = null;

/** A pass over plain arrays: one add for each change, deployment and commit, two numbers read each. */
function plainPass(size: Size, commits: number): number {
  const make = (length: number): Float64Array => Float64Array.from({ length }, (_, index) => index);
  const arrays = [size.changes, size.deployments, commits].map((length) => [make(length), make(length)]);
  let sink = 0;
  const taken = typical(() => {
    for (const [from, to] of arrays) {
      let sum = 0;
      for (let index = 0; index < from.length; index += 1) {
        sum += to[index] - from[index];
      }
      sink += sum;
    }
  });
  if (sink !== 0) {
    throw new Error('the pass did something else');
  }
  return taken;
}

let misses = 0;
function report(figure: string, value: number, unit: 'ms' | 'MB', floor?: number): void {
  const limit = LIMITS[figure];
  const line: Record<string, unknown> = { figure, value: Number(value.toFixed(2)), unit };
  if (limit !== undefined) {
    line.limit = limit;
    line.met = value <= limit;
    misses += value <= limit ? 0 : 1;
  }
  if (floor !== undefined) {
    line.plainPassMs = Number(floor.toFixed(2));
    line.ratio = Number((value / floor).toFixed(1));
  }
  if (best !== null && unit === 'ms') {
    line.best = Number(best.toFixed(2));
  }
  best = null;
  console.log(JSON.stringify(line));
}

function collectGarbage(): void {
  const bun: { gc?: (force: boolean) => unknown } | undefined = Reflect.get(globalThis, 'Bun');
  if (bun?.gc) {
    bun.gc(true);
  } else {
    // Node has it with --expose-gc only.
    void globalThis.gc?.();
  }
}

function load(engine: DoraEngine, size: Size): number {
  const repositories = size.teams * size.repositoriesPerTeam;
  let spent = 0;
  for (let index = 0; index < repositories; index += 1) {
    const batch = repositoryFacts(index, size);
    spent += time(() => engine.apply(batch));
  }
  return spent;
}

function ask(engine: DoraEngine, query: StoredDoraQuery): void {
  engine.answer(parseQuery(query), RANGE, NOW);
}

/** Milliseconds by the clock and, where other programs share the machine, of this process alone. */
function link(engine: DoraEngine): { all: number; longest: number; cpu: number } {
  let longest = 0;
  const used = process.cpuUsage();
  const begin = performance.now();
  let last = begin;
  for (const step of engine.link()) {
    void step;
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  }
  const { user, system } = process.cpuUsage(used);
  return { all: performance.now() - begin, longest: Math.max(longest, performance.now() - last), cpu: (user + system) / 1_000 };
}

/** A sync's page: a hundred changes that were merged last, their commits, and a release of them. */
function delta(size: Size, spread: number, round: number): FactBatch {
  const perRepository = size.changes / (size.teams * size.repositoriesPerTeam);
  const parts = Array.from({ length: spread }, (_, at) => {
    const index = (at * 7 + round) % (size.teams * size.repositoriesPerTeam);
    const id = `R_${index}`;
    const made: FactBatch = { pullRequests: [], commits: [] };
    for (let number = 0; number < 100 / spread; number += 1) {
      const key = perRepository + 1 + round * 1_000 + number;
      const mergedAt = NOW - DAY + number * 60_000;
      const mergeSha = hex(index * 100_000 + key * 2 + 1, 5);
      made.commits!.push({ repository: id, sha: mergeSha, parents: [hex(index * 100_000 + perRepository * 2 + 1, 3)], authoredAt: mergedAt, committedAt: mergedAt, author: people[0], headline: 'x', references: [] });
      made.pullRequests!.push({
        id: `${id}#${key}`, repository: id, number: key, title: `New ${key}`, url: `https://github.com/x/pull/${key}`, author: people[1], labels: [], baseBranch: 'main', headBranch: `new-${key}`,
        createdAt: mergedAt - DAY, mergedAt, updatedAt: mergedAt, mergeSha, draftEvents: [], reviews: [], commits: [], commitsComplete: true, references: [], files: null,
      });
    }
    return made;
  });
  return { pullRequests: parts.flatMap((part) => part.pullRequests!), commits: parts.flatMap((part) => part.commits!) };
}

const METRICS = ['deployment-frequency', 'lead-time', 'change-failure-rate', 'time-to-restore', 'rework-rate'] as const;

function large(): void {
  collectGarbage();
  const engine = createEngine(settingsOf(LARGE));
  const before = process.memoryUsage().rss;
  report('large load', load(engine, LARGE), 'ms');
  const commits = LARGE.changes * 2;
  const floor = plainPass(LARGE, commits);
  const { all, longest, cpu } = link(engine);
  report('large link', all, 'ms', floor);
  report('large link, of this process', cpu, 'ms');
  report('large longest step', longest, 'ms');
  collectGarbage();
  const memory = process.memoryUsage();
  // What lives, not what the generator of the facts left behind. Bun counts buffers in its heap, Node beside it.
  const live = 'bun' in process.versions ? memory.heapUsed : memory.heapUsed + memory.arrayBuffers;
  report('large memory', live / 1_048_576, 'MB');
  console.log(JSON.stringify({ memory: Object.fromEntries(Object.entries(memory).map(([key, value]) => [key, Math.round(value / 1_048_576)])), rssBefore: Math.round(before / 1_048_576) }));
  report('large five metrics, weekly, 50 teams', typical(() => METRICS.forEach((metric) => ask(engine, { metric }))), 'ms', floor);
  for (const metric of METRICS) {
    report(`large ${metric}, weekly, 50 teams`, typical(() => ask(engine, { metric })), 'ms', floor);
  }
  report('large lead-time p95, weekly, 50 teams', typical(() => ask(engine, { metric: 'lead-time', statistic: 'p95' }), 5), 'ms', floor);
  report('large lead-time, everything as one', typical(() => ask(engine, { metric: 'lead-time', groupBy: 'none' }), 3), 'ms', floor);
  report('large one metric, one team', Math.max(...METRICS.map((metric) => typical(() => ask(engine, { metric, teams: ['Team 7'] })))), 'ms', floor);
  for (const spread of [1, 20]) {
    let round = 0;
    const batches = Array.from({ length: 16 }, () => delta(LARGE, spread, (round += 1)));
    const taken = batches.map((batch) => time(() => {
      engine.apply(batch);
      link(engine);
    })).slice(1).sort((a, b) => a - b);
    report(spread === 1 ? 'large delta of 100 changes' : 'large delta of 100 changes in 20 repositories', taken[Math.floor(taken.length / 2)], 'ms', floor);
  }
}

function middle(): void {
  const engine = createEngine(settingsOf(MIDDLE));
  report('middle load', load(engine, MIDDLE), 'ms');
  const floor = plainPass(MIDDLE, MIDDLE.changes * 2);
  const { all, cpu } = link(engine);
  report('middle link', all, 'ms', floor);
  report('middle link, of this process', cpu, 'ms');
  const four = METRICS.slice(0, 4);
  report(
    'middle four metrics, totals and weekly',
    typical(() => four.forEach((metric) => {
      ask(engine, { metric });
      ask(engine, { metric, format: 'number' });
    })),
    'ms',
    floor
  );
}

/** Compiles the code paths, so that figures are of the engine and not of the compiler. */
function warmUp(): void {
  const size: Size = { name: 'small', teams: 4, repositoriesPerTeam: 5, changes: 10_000, deployments: 5_000, incidents: 500 };
  for (let round = 0; round < 3; round += 1) {
    const engine = createEngine(settingsOf(size));
    load(engine, size);
    link(engine);
    METRICS.forEach((metric) => ask(engine, { metric }));
  }
}

warmUp();
const only = process.argv[2];
if (only !== 'large') {
  middle();
}
if (only !== 'middle') {
  large();
}
process.exitCode = misses > 0 ? 1 : 0;
