/**
 * The built executable under the load of a busy Grafana: 200 dashboards of 12 panels a minute, then a burst, then memory.
 * Run: `npm run bench -- load`. DORA_LONG=1 adds half an hour of use, as fast as it goes; DORA_LONG=1 DORA_REAL_TIME=1 takes
 * the half hour itself. Ends with code 1 when a limit is missed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SqliteStore } from '../../src/store/sqlite/store';
import { type DataSourceUnderTest, PluginProcess } from '../conformance/plugin';
import { historyPages, type HistorySize, repositoryName } from './history';
import { Life } from './life';
import { percentile, report } from './report';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const TEAMS = 5;
const SIZE: HistorySize = { repositories: 50, changes: Number(process.env.DORA_BENCH_CHANGES ?? 20_000), commitsPerChange: 2, changesPerRelease: 5, from: NOW - 365 * DAY_MS, to: NOW };
const RANGE = { from: NOW - 180 * DAY_MS, to: NOW };

/** 200 dashboards of 12 panels a minute. */
const A_SECOND = 40;
const SECONDS = 60;
const BURST = 200;
/** Half an hour of that load. */
const MINUTES = 30;
const A_MINUTE = 60 * A_SECOND;
const AT_ONCE = 4;
const IN_REAL_TIME = process.env.DORA_REAL_TIME === '1';

const LIMITS = { ratio: 20, burstMs: 5_000, growth: 0.1 };

/** What the twelve panels of the overview ask for. */
const PANELS: Array<Record<string, unknown>> = [
  { metric: 'deployment-frequency', format: 'number', interval: 'range' },
  { metric: 'lead-time', format: 'number', interval: 'range', statistic: 'median' },
  { metric: 'change-failure-rate', format: 'number', interval: 'range' },
  { metric: 'time-to-restore', format: 'number', interval: 'range' },
  { metric: 'deployment-frequency' },
  { metric: 'lead-time', statistic: 'median' },
  { metric: 'change-failure-rate' },
  { metric: 'time-to-restore' },
  { queryType: 'stages' },
  { queryType: 'levels' },
  { metric: 'lead-time', statistic: 'p90', window: 'rolling', interval: 'day' },
  { metric: 'deployment-frequency', groupBy: 'repository', teams: ['Team 1'] },
];

const source: DataSourceUnderTest = {
  jsonData: {
    github: { apiUrl: 'http://127.0.0.1:9' },
    sync: { every: '7d', lookback: '400d' },
    teams: Array.from({ length: TEAMS }, (_, team) => ({
      name: `Team ${team}`,
      repositories: Array.from({ length: SIZE.repositories / TEAMS }, (__, index) => repositoryName(team * (SIZE.repositories / TEAMS) + index)),
      deployments: [{ from: 'releases' as const }],
    })),
  },
  secrets: { githubToken: 'ghp_of_nobody_at_all' },
};

let missed = 0;
let number = 0;

/** One panel's query; its time from when it was due. @throws Error for any answer but 200. */
async function ask(plugin: PluginProcess, due: number): Promise<number> {
  const model = PANELS[number % PANELS.length];
  number += 1;
  const { responses } = await plugin.queryRaw(source, [{ model, ...RANGE }]);
  if (responses.A.status !== 200) {
    throw new Error(`${JSON.stringify(model)}: ${responses.A.status} ${responses.A.error}`);
  }
  return performance.now() - due;
}

function limit(name: string, good: boolean): void {
  if (!good) {
    missed += 1;
    process.stdout.write(`LIMIT MISSED: ${name}\n`);
  }
}

async function idle(plugin: PluginProcess): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 240; run += 1) {
    times.push(await ask(plugin, performance.now()));
  }
  const p50 = percentile(times.slice(40), 0.5);
  report('a panel on an idle plugin, p50', p50, 'ms');
  return p50;
}

/** Open loop: each query is sent when it is due, whatever became of those before it, and waits from then on. */
async function steady(plugin: PluginProcess, idleP50: number): Promise<void> {
  const begin = performance.now();
  const asked: Array<Promise<number>> = [];
  const errors: string[] = [];
  for (let query = 0; query < A_SECOND * SECONDS; query += 1) {
    const due = begin + (query * 1_000) / A_SECOND;
    const wait = due - performance.now();
    if (wait > 0) {
      await delay(wait);
    }
    asked.push(ask(plugin, due).catch((error: unknown) => {
      errors.push(String(error));
      return Infinity;
    }));
  }
  const times = await Promise.all(asked);
  const p99 = percentile(times, 0.99);
  report(`${A_SECOND} queries a second for ${SECONDS} s, p50`, percentile(times, 0.5), 'ms', { what: 'a panel on an idle plugin, p50', value: idleP50 });
  report(`${A_SECOND} queries a second for ${SECONDS} s, p99`, p99, 'ms', { what: 'a panel on an idle plugin, p50', value: idleP50 }, { queries: times.length, errors: errors.length, limit: `ratio ${LIMITS.ratio}` });
  limit(`no error: ${errors[0] ?? ''}`, errors.length === 0);
  limit(`p99 at most ${LIMITS.ratio} times the idle p50`, p99 <= LIMITS.ratio * idleP50);
}

async function burst(plugin: PluginProcess): Promise<void> {
  const begin = performance.now();
  await Promise.all(Array.from({ length: BURST }, () => ask(plugin, begin)));
  const ms = performance.now() - begin;
  report(`${BURST} queries at once, all answered`, ms, 'ms', null, { limit: `${LIMITS.burstMs} ms` });
  limit('the burst', ms <= LIMITS.burstMs);
}

/** A minute's panels: a few at a time, spread over the minute or one right after the other. */
async function minuteOfPanels(plugin: PluginProcess): Promise<void> {
  const begin = performance.now();
  for (let query = 0; query < A_MINUTE; query += AT_ONCE) {
    await Promise.all(Array.from({ length: AT_ONCE }, () => ask(plugin, performance.now())));
    const early = begin + ((query + AT_ONCE) * 1_000) / A_SECOND - performance.now();
    if (IN_REAL_TIME && early > 0) {
      await delay(early);
    }
  }
}

/**
 * Half an hour of panels, and of all that happens beside them once a minute. Not in real time, as much of it happens in less:
 * what only time brings (timers) is not sped up, what use leaves behind is all there.
 */
async function halfHour(plugin: PluginProcess): Promise<void> {
  const samples: number[] = [];
  const begin = performance.now();
  const life = await Life.start(plugin);
  try {
    for (let minute = 0; minute < MINUTES; minute += 1) {
      await Promise.all([minuteOfPanels(plugin), life.minute()]);
      samples.push(plugin.residentBytes() / 1e6);
    }
  } finally {
    await life.stop();
  }
  // The first fifth warms up: code is compiled, and the heap finds its size.
  const settled = samples.slice(6);
  const early = percentile(settled.slice(0, 8), 0.5);
  const late = percentile(settled.slice(-8), 0.5);
  report('resident memory at the end of half an hour of use', late, 'MB', { what: 'the same after the warm-up', value: early }, { queries: MINUTES * A_MINUTE, seconds: Math.round((performance.now() - begin) / 1_000), samples: samples.map(Math.round) });
  limit(`memory flat within ${LIMITS.growth * 100} %`, late <= early * (1 + LIMITS.growth));
}

process.stdout.write(`${availableParallelism()} processors, load ${loadavg()[0].toFixed(1)} before the start: the limits are meant for a machine that has nothing else to do\n`);
const folder = mkdtempSync(join(tmpdir(), 'dora-bench-'));
try {
  const sqlite = new SqliteStore(folder);
  for (const page of historyPages(SIZE)) {
    await sqlite.dataSource('1/dora').write(page, { cursor: 'somewhere' });
  }
  await sqlite.close();
  const plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: folder, GF_PLUGIN_DORA_LOG_LEVEL: 'error' } });
  await ask(plugin, performance.now());
  if (!IN_REAL_TIME) {
    const p50 = await idle(plugin);
    await steady(plugin, p50);
    await burst(plugin);
  }
  if (process.env.DORA_LONG === '1') {
    await halfHour(plugin);
  }
  await plugin.kill('SIGTERM');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = missed > 0 ? 1 : 0;
