/**
 * Speed and memory of the engine at a million changes. Run: `npm run bench engine`, or this file by Bun (`middle`, `huge` or `large` for one size).
 * Prints one JSON line a figure; the figures that the project promises are in `LIMITS`, and a miss ends with code 1.
 * Every figure stands beside a plain pass over arrays of the same length, made in the same process.
 */
import { parseQuery, type StoredDoraQuery } from '../../src/shared/query';
import { parseSettings } from '../../src/shared/settings';
import type { FactBatch } from '../../src/engine/model';
import { createEngine } from '../../src/engine/index';
import type { DoraEngine } from '../../src/engine/engine';
import { commit, DAY_MS, person, pull, sha } from '../engine/facts';
import { historyPages, type HistorySize, shaOf } from './history';
import { collectGarbage } from './report';

const START = Date.UTC(2024, 0, 1);
const SPAN = 730 * DAY_MS;
const NOW = START + SPAN;
const RANGE = { from: START, to: NOW };

interface Size extends HistorySize {
  name: string;
  teams: number;
}

function sizeOf(name: string, teams: number, repositoriesPerTeam: number, changes: number, deployments: number, incidents: number): Size {
  return {
    name,
    teams,
    repositories: teams * repositoriesPerTeam,
    changes,
    commitsPerChange: 1,
    changesPerRelease: changes / deployments,
    incidents,
    from: START,
    to: NOW,
    nameOf: (index) => `acme/team${Math.floor(index / repositoriesPerTeam)}-${index}`,
  };
}

const LARGE = sizeOf('large', 50, 20, 1_000_000, 200_000, 20_000);
const MIDDLE = sizeOf('middle', 10, 10, 100_000, 50_000, 5_000);
/** All in one repository, which must not hold the process either. */
const HUGE = { ...sizeOf('huge', 1, 1, 200_000, 50_000, 5_000), commitsPerChange: 2 };

/** In ms, and MB for memory. A delta is of one repository, as a synchronisation writes them; over many it is only reported. */
const LIMITS: Record<string, number> = {
  'large link': 3_000,
  'large five metrics, weekly, 50 teams': 100,
  'large one metric, one team': 5,
  'large delta of 100 changes': 20,
  'large memory': 600,
  'large longest step': 50,
  'huge longest step': 50,
  'middle link': 250,
  'middle four metrics, totals and weekly': 25,
};

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
  const arrays = [size.changes, size.changes / size.changesPerRelease, commits].map((length) => [make(length), make(length)]);
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

function load(engine: DoraEngine, size: Size): number {
  let spent = 0;
  for (const page of historyPages(size, 1_000)) {
    spent += time(() => engine.apply(page));
  }
  return spent;
}

function ask(engine: DoraEngine, query: StoredDoraQuery): void {
  engine.answer(parseQuery(query), RANGE, NOW);
}

/** Processor time of this thread in ms: what it would take by the clock on a machine without other work. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) / 1_000;
}

/** Milliseconds by the clock, and of the processor's time: all, and the longest step. */
function link(engine: DoraEngine): { all: number; cpu: number; longest: number; longestCpu: number } {
  let longest = 0;
  let longestCpu = 0;
  const steps = engine.link();
  const begin = performance.now();
  const beginCpu = threadMs();
  let last = begin;
  let lastCpu = beginCpu;
  for (let done = false; !done; ) {
    done = steps.next().done === true;
    const now = performance.now();
    const nowCpu = threadMs();
    longest = Math.max(longest, now - last);
    longestCpu = Math.max(longestCpu, nowCpu - lastCpu);
    last = now;
    lastCpu = nowCpu;
  }
  return { all: last - begin, cpu: lastCpu - beginCpu, longest, longestCpu };
}

/** A sync's page: a hundred changes that were merged last, and their commits. */
function delta(size: Size, spread: number, round: number): FactBatch {
  const last = Math.floor(size.changes / size.repositories);
  const made: Required<Pick<FactBatch, 'pullRequests' | 'commits'>> = { pullRequests: [], commits: [] };
  for (let at = 0; at < spread; at += 1) {
    const index = (at * 7 + round) % size.repositories;
    const name = size.nameOf!(index);
    for (let number = 0; number < 100 / spread; number += 1) {
      const key = last + 1 + round * 1_000 + number;
      const mergedAt = NOW - DAY_MS + number * 60_000;
      const mergeSha = sha(`${name}#${key}`);
      made.commits.push({ ...commit(name, '', [], mergedAt), sha: mergeSha, parents: [shaOf(index, last, 999)] });
      made.pullRequests.push(pull(name, key, { mergedAt, mergeSha, createdAt: mergedAt - DAY_MS, author: person('person-1'), commits: [] }));
    }
  }
  return made;
}

const METRICS = ['deployment-frequency', 'lead-time', 'change-failure-rate', 'time-to-restore', 'rework-rate'] as const;

function large(): void {
  collectGarbage();
  const engine = createEngine(settingsOf(LARGE));
  const before = process.memoryUsage().rss;
  report('large load', load(engine, LARGE), 'ms');
  const commits = LARGE.changes * 2;
  const floor = plainPass(LARGE, commits);
  const { all, longest, longestCpu, cpu } = link(engine);
  report('large link', all, 'ms', floor);
  report('large link, of this thread', cpu, 'ms');
  report('large longest step', longestCpu, 'ms');
  report('large longest step by the clock', longest, 'ms');
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
  // The first one also compiles what the small ones before left cold, and a single run is at the mercy of the machine.
  const runs = Array.from({ length: 7 }, () => {
    const engine = createEngine(settingsOf(MIDDLE));
    const loading = load(engine, MIDDLE);
    collectGarbage();
    return { engine, loading, ...link(engine) };
  });
  const [{ loading, all }] = runs;
  const { engine } = runs[runs.length - 1];
  const medianOf = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  report('middle load', loading, 'ms');
  const floor = plainPass(MIDDLE, MIDDLE.changes * 2);
  report('middle link, the first of the process', all, 'ms', floor);
  report('middle link', medianOf(runs.map((run) => run.all)), 'ms', floor);
  report('middle link, of this thread', medianOf(runs.map(({ cpu }) => cpu)), 'ms');
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

/** One repository with everything. */
function huge(): void {
  const engine = createEngine(settingsOf(HUGE));
  load(engine, HUGE);
  const { all, cpu, longest, longestCpu } = link(engine);
  report('huge link', all, 'ms', plainPass(HUGE, HUGE.changes * 3));
  report('huge link, of this thread', cpu, 'ms');
  report('huge longest step', longestCpu, 'ms');
  report('huge longest step by the clock', longest, 'ms');
  report('huge snapshot', time(() => [...engine.snapshot!()]), 'ms');
}

/** Compiles the code paths, so that figures are of the engine and not of the compiler. */
function warmUp(): void {
  const size = sizeOf('small', 4, 5, 10_000, 5_000, 500);
  for (let round = 0; round < 3; round += 1) {
    const engine = createEngine(settingsOf(size));
    load(engine, size);
    link(engine);
    METRICS.forEach((metric) => ask(engine, { metric }));
  }
}

warmUp();
const only = process.argv[2];
for (const [name, run] of Object.entries({ middle, huge, large })) {
  if (only === undefined || only === name) {
    run();
  }
}
process.exitCode = misses > 0 ? 1 : 0;
