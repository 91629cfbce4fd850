/**
 * Speed and memory of the built executable over the real protocol. Run: `npm run bench -- backend`.
 * DORA_BENCH_CHANGES=200000, with DORA_BENCH_COMMITS and DORA_BENCH_DEPLOYMENTS, makes the store larger.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DAY_MS } from '../../src/shared/duration';
import { SqliteStore } from '../../src/store/sqlite/store';
import { GitHubDoubleProcess } from '../conformance/double';
import { builtExecutable, type DataSourceUnderTest, PluginProcess, type QueryUnderTest } from '../conformance/plugin';
import { historyPages, type HistorySize, repositoryName } from './history';
import { collectGarbage, percentile, report } from './report';

const NOW = Date.now();
const TEAMS = 5;
const CHANGES = Number(process.env.DORA_BENCH_CHANGES ?? 100_000);
const SIZE: HistorySize = {
  repositories: 100,
  changes: CHANGES,
  commitsPerChange: Number(process.env.DORA_BENCH_COMMITS ?? CHANGES * 3) / CHANGES - 1,
  changesPerRelease: Math.round(CHANGES / Number(process.env.DORA_BENCH_DEPLOYMENTS ?? CHANGES / 5)),
  from: NOW - 730 * DAY_MS,
  to: NOW,
};
/** Another data source of the same process, small and asked all the time. */
const NEIGHBOUR: HistorySize = { ...SIZE, repositories: 2, changes: 500, nameOf: (index) => `other/service-${index}` };
const RANGE = { from: SIZE.from, to: NOW };
const STARTS = 5;
const QUERIES = 400;

const folder = mkdtempSync(join(tmpdir(), 'dora-bench-'));
const store = join(folder, 'store');

/** Five teams that share the repositories; GitHub is out of reach, so that nothing but the store can answer. */
const source: DataSourceUnderTest = {
  jsonData: {
    github: { apiUrl: 'http://127.0.0.1:9' },
    sync: { every: '7d', lookback: '800d' },
    teams: Array.from({ length: TEAMS }, (_, team) => ({
      name: `Team ${team}`,
      repositories: Array.from({ length: SIZE.repositories / TEAMS }, (__, index) => repositoryName(team * (SIZE.repositories / TEAMS) + index)),
      deployments: [{ from: 'releases' as const }],
    })),
  },
  secrets: { githubToken: 'ghp_of_nobody_at_all' },
};

async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const begin = performance.now();
  const result = await work();
  return { result, ms: performance.now() - begin };
}

function start(environment: Record<string, string> = {}): Promise<PluginProcess> {
  return PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: store, GF_PLUGIN_DORA_LOG_LEVEL: 'error', ...environment } });
}

async function startToHandshake(): Promise<number> {
  const starts: number[] = [];
  const floors: number[] = [];
  for (let run = 0; run < STARTS; run += 1) {
    const { ms } = await timed(async () => {
      const child = spawn(builtExecutable(), [], { env: {}, stdio: 'ignore' });
      await once(child, 'exit');
    });
    floors.push(ms);
    const { result, ms: taken } = await timed(() => start({ GF_PLUGIN_DORA_STORE: 'memory' }));
    starts.push(taken);
    await result.kill();
  }
  report('start to handshake', percentile(starts, 0.5), 'ms', { what: 'start of the same file to its explanation', value: percentile(floors, 0.5) });
  return percentile(starts, 0.5);
}

/** Fills the store page by page, as a synchronisation does. */
async function fillStore(): Promise<void> {
  const pages = [...historyPages(SIZE)];
  const facts = pages.reduce((sum, { pullRequests = [], commits = [], deployments = [] }) => sum + pullRequests.length + commits.length + deployments.length, 0);
  const sqlite = new SqliteStore(store);
  const target = sqlite.dataSource('1/dora');
  const { ms } = await timed(async () => {
    for (const page of pages) {
      await target.write(page, { cursor: 'somewhere' });
    }
  });
  for (const page of historyPages(NEIGHBOUR)) {
    await sqlite.dataSource('1/neighbour').write(page, { cursor: 'somewhere' });
  }
  await sqlite.close();

  const bare = new DatabaseSync(join(folder, 'bare.sqlite'));
  bare.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE facts (id INTEGER PRIMARY KEY, body TEXT)');
  const insert = bare.prepare('INSERT INTO facts (body) VALUES (?)');
  const { ms: bareMs } = await timed(async () => {
    for (const { pullRequests = [], commits = [], deployments = [] } of pages) {
      bare.exec('BEGIN');
      for (const fact of [...pullRequests, ...commits, ...deployments]) {
        insert.run(JSON.stringify(fact));
      }
      bare.exec('COMMIT');
    }
  });
  bare.close();
  const perSecond = (milliseconds: number): number => (SIZE.changes * 1_000) / milliseconds;
  const bytes = readdirSync(store).reduce((sum, name) => sum + statSync(join(store, name)).size, 0);
  report('changes into the store', perSecond(ms), 'per second', { what: 'bare insert loop of the same JSON in the same pages', value: perSecond(bareMs) }, {
    changes: SIZE.changes,
    facts,
    megabytes: Math.round(bytes / 1e6),
  });
}

async function firstAnswer(handshake: number, from: 'its rows' | 'a snapshot'): Promise<PluginProcess> {
  // The same file read and parsed by nobody but a loop.
  const file = readdirSync(store).find((name) => name.startsWith('1-dora') && name.endsWith('.sqlite')) ?? '';
  const { ms: reading } = await timed(async () => {
    const database = new DatabaseSync(join(store, file), { readOnly: true });
    for (const { body } of database.prepare('SELECT body FROM facts').iterate()) {
      JSON.parse(String(body));
    }
    for (const row of database.prepare('SELECT * FROM commits').iterate()) {
      void row;
    }
    database.close();
  });
  // This process's own garbage must not be taken for a wait.
  collectGarbage();
  const begin = performance.now();
  const plugin = await start();
  // From the first look on the process watches how long its loop is held.
  await plugin.metrics();
  const query = plugin.query(source, { metric: 'lead-time' }, RANGE);
  // Whoever else asks meanwhile must not wait for the loading: the process itself, and another data source of it.
  const waits: number[] = [];
  const neighbour: DataSourceUnderTest = { ...source, uid: 'neighbour', jsonData: { ...source.jsonData, teams: [{ name: 'Neighbours', repositories: ['other/*'] }] } };
  const neighbours: number[] = [];
  let answered = false;
  const asking = Promise.all(
    [
      { times: waits, ask: () => plugin.serving() },
      { times: neighbours, ask: () => plugin.queryRaw(neighbour, [{ model: { metric: 'lead-time' }, ...RANGE }]) },
    ].map(async ({ times, ask }) => {
      while (!answered) {
        times.push((await timed(async () => void (await ask()))).ms);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }),
  );
  const { frames, error } = await query;
  const taken = performance.now() - begin;
  const processorMs = plugin.processorMs();
  answered = true;
  await asking;
  const held = /dora_event_loop_delay_seconds\{statistic="longest"\} (\S+)/.exec(await plugin.metrics());
  if (error || frames.length !== TEAMS || !frames[0].fields[1].values.some((value) => value !== null)) {
    throw new Error(`The warm store did not answer: ${error} ${JSON.stringify(frames[0]?.meta)}`);
  }
  report(`start to the first answer from a warm store, by ${from}`, taken, 'ms', { what: 'handshake, then reading the same rows in a loop', value: handshake + reading }, { changes: SIZE.changes, processorMs });
  report('longest time that the loop was held meanwhile', Number(held?.[1] ?? NaN) * 1_000, 'ms');
  report('longest wait of another caller meanwhile', Math.max(...waits), 'ms', { what: 'its median wait', value: percentile(waits, 0.5) });
  // The first query of a data source that is new to the process also opens its store.
  report('query of another data source meanwhile, p95', percentile(neighbours.slice(1), 0.95), 'ms', { what: 'its median', value: percentile(neighbours.slice(1), 0.5) }, { queries: neighbours.length });
  return plugin;
}

/** Waits until the process has written down what it holds. */
async function snapshotOf(plugin: PluginProcess): Promise<void> {
  const place = join(store, 'snapshots');
  for (let patience = 1_200; patience > 0; patience -= 1) {
    const names = existsSync(place) ? readdirSync(place) : [];
    if (names.some((name) => name.endsWith('.snapshot'))) {
      return;
    }
    await plugin.serving();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('No snapshot was written.');
}

async function queries(plugin: PluginProcess): Promise<void> {
  const kinds: Record<string, QueryUnderTest['model']> = {
    'deployment frequency': { metric: 'deployment-frequency' },
    'lead time, mean': { metric: 'lead-time' },
    'lead time, p95': { metric: 'lead-time', statistic: 'p95' },
    'change failure rate': { metric: 'change-failure-rate' },
    'time to restore': { metric: 'time-to-restore' },
  };
  const empty = await latencies(plugin, { queryType: 'sync' });
  for (const [name, model] of Object.entries(kinds)) {
    const times = await latencies(plugin, model);
    for (const [label, share] of [['p50', 0.5], ['p99', 0.99]] as const) {
      report(`two years by week for ${TEAMS} teams: ${name}, ${label}`, percentile(times, share), 'ms', { what: 'a query that reads no fact, by the same process', value: percentile(empty, share) });
    }
  }
  const board: QueryUnderTest[] = Array.from({ length: 20 }, (_, index) => ({ refId: `P${index}`, model: Object.values(kinds)[index % 5], ...RANGE }));
  const { ms } = await timed(() => Promise.all(board.map((panel) => plugin.queryRaw(source, [panel]))));
  report('a dashboard of 20 panels', ms, 'ms', { what: '20 empty queries one after another', value: 20 * percentile(empty, 0.5) });
}

async function latencies(plugin: PluginProcess, model: QueryUnderTest['model']): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < QUERIES + 20; run += 1) {
    const { ms } = await timed(() => plugin.queryRaw(source, [{ model, ...RANGE }]));
    if (run >= 20) {
      times.push(ms);
    }
  }
  return times;
}

async function memory(plugin: PluginProcess): Promise<void> {
  const idle = await start({ GF_PLUGIN_DORA_STORE: 'memory' });
  await idle.serving();
  const floor = idle.residentBytes() / 1e6;
  await idle.kill();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  report('resident memory after all these queries', plugin.residentBytes() / 1e6, 'MB', { what: 'the same executable without a data source', value: floor }, { changes: SIZE.changes });
}

/** The whole way: the double's GraphQL, the client, the store and the engine. */
async function synchronisation(): Promise<void> {
  const changes = 4_000;
  const github = await GitHubDoubleProcess.start({ scale: { repositories: 4, pullRequests: changes } });
  const plugin = await start({ GF_PLUGIN_DORA_STORE: join(folder, 'sync') });
  const repositories = (await github.world()).map(({ repository }) => repository);
  const real: DataSourceUnderTest = { jsonData: { github: { apiUrl: github.url }, sync: { every: '7d', lookback: '3000d' }, teams: [{ name: 'All', repositories }] }, secrets: { githubToken: github.token } };
  const { ms } = await timed(async () => {
    for (;;) {
      const { body } = await plugin.resource(real, 'GET', 'sync');
      const { sources } = body as { sources: Array<{ running: boolean; lastSuccessAt: number | null }> };
      if (sources.some(({ running, lastSuccessAt }) => !running && lastSuccessAt !== null)) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
  const { requests, summary } = await github.journal();
  const answering = requests.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  report('changes synchronised from the double', (changes * 1_000) / ms, 'per second', { what: "the double's own time for the answers", value: (changes * 1_000) / answering }, { calls: summary.calls });
  await plugin.kill();
  await github.stop();
}

try {
  const handshake = await startToHandshake();
  await fillStore();
  const cold = await firstAnswer(handshake, 'its rows');
  await snapshotOf(cold);
  await cold.kill();
  const plugin = await firstAnswer(handshake, 'a snapshot');
  await queries(plugin);
  await memory(plugin);
  await plugin.kill();
  await synchronisation();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
