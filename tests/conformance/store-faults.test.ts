import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { everything, sorted } from '../../src/store/contract';
import { parsePostgresAddress } from '../../src/store/postgres/address';
import { PostgresStore } from '../../src/store/postgres/store';
import { SqliteStore } from '../../src/store/sqlite/store';
import type { Store } from '../../src/store/store';
import { randomFrom } from '../doubles/shared/random';
import { describeWithPostgres, PostgresServer } from '../support/postgres';
import { GitHubDoubleProcess } from './double';
import { type DataSourceUnderTest, PluginProcess } from './plugin';
import { noticesOf, numbersBy, scopesOf, syncAgain, syncEnds, syncUntil, temporaryFolder } from './setup';

const LONG = process.env.DORA_LONG === '1';
const ENDS = LONG ? 60 : 6;
const STOP_MS = 2_000;

const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const RANGE = { from: NOW - 3_000 * 86_400_000, to: NOW + 86_400_000 };
const COUNT = { metric: 'deployment-frequency', format: 'number', measure: 'count' };

let github: GitHubDoubleProcess;
let names: string[];
let plugin: PluginProcess | null = null;
let folder: ReturnType<typeof temporaryFolder>;
let made = 0;

beforeAll(async () => {
  github = await GitHubDoubleProcess.start({ scale: { repositories: 3, pullRequests: 300 } });
  names = (await github.world()).map(({ repository }) => repository).sort();
}, 60_000);

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(async () => {
  plugin?.child.kill('SIGCONT');
  await plugin?.kill();
  plugin = null;
  await github.clearFaults();
  await github.clearJournal();
  await github.setLatency(0);
  folder.remove();
});

afterAll(() => github.stop());

async function start(environment: Record<string, string> = {}): Promise<PluginProcess> {
  plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: folder.path, ...environment } });
  return plugin;
}

function dataSource(changes: Partial<DataSourceUnderTest> & { repositories?: string[] } = {}): DataSourceUnderTest {
  made += 1;
  const { repositories = names, ...rest } = changes;
  return {
    uid: `store-${made}`,
    secrets: { githubToken: github.token },
    jsonData: { github: { apiUrl: github.url }, sync: { every: '1h', lookback: '3000d' }, teams: repositories.map((name) => ({ name, repositories: [name] })) },
    ...rest,
  };
}

async function numbers(running: PluginProcess, source: DataSourceUnderTest): Promise<Record<string, number | null>> {
  const { status, frames } = await running.query(source, COUNT, RANGE);
  expect(status).toBe(200);
  return numbersBy('team', frames);
}

function file({ uid }: DataSourceUnderTest, at = folder.path): string {
  return join(at, readdirSync(at).find((name) => name.includes(`${uid}-`) && name.endsWith('.sqlite')) ?? 'none');
}

async function stored(store: Store, { uid }: DataSourceUnderTest): Promise<Record<string, string[]>> {
  // Coverage begins at the lookback, which the clock moves.
  const { coverage: _, ...facts } = await everything(store.dataSource(`1/${uid}`));
  await store.close();
  return sorted(facts);
}

let whole: Record<string, string[]> | null = null;
async function undisturbed(): Promise<Record<string, string[]>> {
  if (!whole) {
    const apart = temporaryFolder();
    const alone = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: apart.path } });
    const source = dataSource();
    await syncEnds(alone, source);
    await alone.shutdown();
    whole = await stored(new SqliteStore(apart.path), source);
    expect(whole.pullRequests).toHaveLength(300);
    apart.remove();
    await github.clearJournal();
  }
  return whole;
}

const codesOf = (answer: Parameters<typeof scopesOf>[0]): Array<string | undefined> => scopesOf(answer).map(({ error }) => error?.code);

/** A small file system of its own, where this user may mount one. */
function mounted(size: string): { remount(options: string): void; release(): void } | null {
  const mount = (...options: string[]): boolean => spawnSync('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', folder.path]).status === 0;
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !mount(`size=${size}`)) {
    console.info('No file system can be mounted here (it takes root): a test of a full or read-only disk is left out.');
    return null;
  }
  return {
    remount: (options) => expect(spawnSync('mount', ['-o', `remount,${options}`, folder.path]).status).toBe(0),
    release: () => {
      spawnSync('umount', ['-l', folder.path]);
    },
  };
}

describe('the disk', () => {
  it('full: told, answers go on, and the synchronisation ends whole once there is room', async () => {
    const expected = await undisturbed();
    const disk = mounted('400k');
    if (!disk) {
      return;
    }
    try {
      const running = await start();
      const source = dataSource();
      const answer = await syncEnds(running, source);
      expect(codesOf(answer)).toContain('STORE_UNAVAILABLE');
      const before = await running.query(source, COUNT, RANGE);
      expect([before.status, noticesOf(before.frames)]).toEqual([200, expect.stringContaining('STORE_UNAVAILABLE')]);
      expect((await running.health(source)).message).toContain('STORE_UNAVAILABLE');
      disk.remount('size=64m');
      await syncAgain(running, source);
      await syncUntil(running, source, (state) => scopesOf(state).length === 3 && scopesOf(state).every(({ phase }) => phase === 'done'));
      expect(Object.keys(await numbers(running, source))).toHaveLength(3);
      await running.shutdown();
      expect(await stored(new SqliteStore(folder.path), source)).toEqual(expected);
    } finally {
      await plugin?.kill();
      disk.release();
    }
  }, 60_000);

  it('read-only: memory, told; what is stored is used again once it can be written', async () => {
    const disk = mounted('64m');
    if (!disk) {
      return;
    }
    try {
      let running = await start();
      const source = dataSource();
      await syncEnds(running, source);
      const before = await numbers(running, source);
      await running.shutdown();

      disk.remount('ro');
      running = await start();
      await syncEnds(running, source);
      expect(await numbers(running, source)).toEqual(before);
      expect((await running.health(source)).details.parts.find(({ name }) => name === 'Store')).toMatchObject({ status: 'warning', code: 'STORE_UNAVAILABLE' });
      await running.shutdown();

      disk.remount('rw');
      await github.clearJournal();
      running = await start();
      expect(await numbers(running, source)).toEqual(before);
      expect((await github.journal()).summary.calls).toBe(0);
      expect((await running.health(source)).details.parts.find(({ name }) => name === 'Store')).toMatchObject({ status: 'ok' });
    } finally {
      await plugin?.kill();
      disk.release();
    }
  }, 60_000);

  it('a file that another process holds: told, answers go on, and the synchronisation goes on afterwards', async () => {
    const expected = await undisturbed();
    let running = await start();
    const source = dataSource();
    await running.resource(source, 'GET', 'sync');
    const other = new DatabaseSync(file(source));
    other.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE');
    const answer = await syncUntil(running, source, (state) => codesOf(state).includes('STORE_UNAVAILABLE'), 40_000);
    expect(answer.sources).toHaveLength(1);
    expect((await running.query(source, COUNT, RANGE)).status).toBe(200);
    other.exec('ROLLBACK');
    other.close();
    await syncAgain(running, source);
    await syncUntil(running, source, (state) => scopesOf(state).length === 3 && scopesOf(state).every(({ phase, error }) => phase === 'done' && error === null));
    await running.shutdown();
    expect(await stored(new SqliteStore(folder.path), source)).toEqual(expected);

    // Held altogether when the process starts.
    const holder = new DatabaseSync(file(source));
    holder.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    running = await start();
    expect((await running.query(source, COUNT, RANGE)).status).toBe(200);
    expect((await running.health(source)).details.parts.find(({ name }) => name === 'Store')).toMatchObject({ status: 'warning', code: 'STORE_UNAVAILABLE', message: expect.stringContaining('locked') });
    holder.close();
  }, 90_000);

  it('a file of a later version: refused with its reason, left as it is, and the other data sources go on', async () => {
    let running = await start();
    const [source, other] = [dataSource({ repositories: [names[0]] }), dataSource({ repositories: [names[1]] })];
    await syncEnds(running, source);
    await running.shutdown();
    const database = new DatabaseSync(file(source));
    database.exec('PRAGMA user_version = 999');
    database.close();
    const { size } = statSync(file(source));

    running = await start();
    expect(await running.query(source, COUNT, RANGE)).toMatchObject({ status: 500, error: expect.stringContaining('STORE_NEWER') });
    expect((await running.health(source)).message).toContain('STORE_NEWER');
    await syncEnds(running, other);
    expect(Object.keys(await numbers(running, other))).toEqual([names[1]]);
    expect(running.alive).toBe(true);
    await running.shutdown();
    expect(statSync(file(source)).size).toBe(size);
    expect(readdirSync(folder.path).filter((name) => /newer|corrupt/.test(name))).toEqual([]);
  }, 60_000);
});

describe('the process', () => {
  it('paused and resumed in the middle of a pass: nothing is lost or doubled', async () => {
    const expected = await undisturbed();
    await github.setLatency(30);
    const running = await start();
    const source = dataSource();
    const random = randomFrom(5);
    await running.resource(source, 'GET', 'sync');
    for (let pause = 0; pause < 4; pause += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50 + random() * 200));
      running.child.kill('SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, 200 + random() * 400));
      running.child.kill('SIGCONT');
    }
    await syncEnds(running, source);
    await running.shutdown();
    expect(await stored(new SqliteStore(folder.path), source)).toEqual(expected);
  }, 60_000);

  async function endsAtRandomMoments(environment: Record<string, string>, open: () => Store): Promise<void> {
    const expected = await undisturbed();
    await github.setLatency(20);
    const source = dataSource({ role: 'Editor' });
    const seed = Number(process.env.DORA_FUZZ_SEED ?? Date.now() % 1_000_000);
    const random = randomFrom(seed);
    const took: number[] = [];
    const acknowledged: string[] = [];
    for (let end = 0; end < ENDS; end += 1) {
      const running = await start(environment);
      // At any moment: the first at once after the handshake, others in the middle of a pass or of an answer.
      if (end > 0) {
        await running.resource(source, 'GET', 'sync');
        await new Promise((resolve) => setTimeout(resolve, random() * 300));
      }
      const asked = running.query(source, COUNT, RANGE).catch(() => null);
      // Whoever was told that an event is stored finds it, however soon after that the end came.
      const pushed = Array.from({ length: 3 }, async (_, index) => {
        const id = `incident-${end}-${index}`;
        const answer = await running.resource(source, 'POST', 'events/incident', JSON.stringify({ id, openedAt: NOW })).catch(() => null);
        if (answer?.status === 200) {
          acknowledged.push(`events:${id}`);
        }
      });
      await new Promise((resolve) => setTimeout(resolve, random() ** 2 * 400));
      const begin = performance.now();
      if (end % 2 === 0) {
        await running.kill('SIGTERM');
      } else {
        await running.shutdown();
      }
      took.push(performance.now() - begin);
      await Promise.all([asked, ...pushed]);
    }
    console.info(`${ENDS} ends of seed ${seed}: the longest took ${Math.round(Math.max(...took))} ms; ${acknowledged.length} of ${3 * ENDS} events were acknowledged`);
    expect(Math.max(...took)).toBeLessThan(STOP_MS);
    expect(acknowledged.length).toBeGreaterThan(0);
    await github.setLatency(0);
    const running = await start(environment);
    await syncUntil(running, source, (state) => scopesOf(state).length === 3 && scopesOf(state).every(({ phase }) => phase === 'done'));
    await running.shutdown();
    const { incidents, ...facts } = await stored(open(), source);
    expect(facts).toEqual(expected);
    expect((incidents ?? []).map((fact) => (JSON.parse(fact) as { id: string }).id)).toEqual(expect.arrayContaining(acknowledged));
    expect((await github.journal()).summary.repeatedPages.length).toBeLessThanOrEqual(ENDS);
  }

  it(`asked to end at ${ENDS} random moments: gone within 2 s, and the store is whole`, () => endsAtRandomMoments({}, () => new SqliteStore(folder.path)), LONG ? 300_000 : 90_000);

  describeWithPostgres('on PostgreSQL', () => {
    let server: PostgresServer;
    beforeAll(async () => {
      server = await PostgresServer.start();
    }, 60_000);
    afterAll(() => server.remove());

    it(
      `asked to end at ${ENDS} random moments: gone within 2 s, and the store is whole`,
      () => {
        const place = server.place();
        return endsAtRandomMoments({ GF_PLUGIN_DORA_STORE: place }, () => new PostgresStore(parsePostgresAddress(place)));
      },
      LONG ? 300_000 : 90_000,
    );
  });
});

describe('a data source', () => {
  it('whose provider hangs: its panels answer, and the other data sources go on', async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    try {
      const running = await start();
      const hanging = dataSource();
      hanging.jsonData = { ...hanging.jsonData, github: { apiUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` } };
      const fine = dataSource({ repositories: [names[0]] });
      const begin = performance.now();
      const answer = await running.query(hanging, COUNT, RANGE);
      expect([answer.status, noticesOf(answer.frames)]).toEqual([200, expect.stringMatching(/first synchronisation/i)]);
      expect(performance.now() - begin).toBeLessThan(4_000);
      await syncEnds(running, fine);
      expect(Object.keys(await numbers(running, fine))).toEqual([names[0]]);
      expect(sockets.length).toBeGreaterThan(0);
      const stopping = performance.now();
      expect(await running.shutdown()).toBe(0);
      expect(performance.now() - stopping).toBeLessThan(STOP_MS);
    } finally {
      sockets.forEach((socket) => socket.destroy());
      silent.close();
    }
  }, 60_000);

  it('too large for memory: refused with advice, and the others go on; smaller settings or more room bring it back', async () => {
    let running = await start({ GF_PLUGIN_DORA_MAX_FACTS: '260' });
    const [small, large] = [dataSource({ repositories: [names[1]] }), dataSource()];
    await syncEnds(running, small);
    const before = await numbers(running, small);
    // It grows beyond the limit while it is synchronised.
    await running.query(large, COUNT, RANGE);
    let refused = await running.query(large, COUNT, RANGE);
    for (let wait = 0; refused.status === 200 && wait < 200; wait += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      refused = await running.query(large, COUNT, RANGE);
    }
    expect(refused).toMatchObject({ status: 500, error: expect.stringMatching(/DATA_SOURCE_TOO_LARGE/) });
    expect(refused.error).toContain('dora_max_facts');
    expect((await running.health(large)).message).toContain('DATA_SOURCE_TOO_LARGE');
    await github.clearJournal();
    expect(await numbers(running, small)).toEqual(before);
    await syncAgain(running, small);
    await new Promise((resolve) => setTimeout(resolve, 300));
    // Whoever is refused calls nobody.
    expect((await github.journal()).requests.flatMap(({ repositories }) => repositories).filter((name) => name !== names[1])).toEqual([]);
    await running.shutdown();

    // It is refused again from what is stored, before any of it is in memory.
    running = await start({ GF_PLUGIN_DORA_MAX_FACTS: '100' });
    expect(await running.query(large, COUNT, RANGE)).toMatchObject({ status: 500, error: expect.stringContaining('DATA_SOURCE_TOO_LARGE') });
    expect((await running.query(small, COUNT, RANGE)).status).toBe(200);
    await running.shutdown();

    running = await start({ GF_PLUGIN_DORA_MAX_FACTS: '100000' });
    await syncUntil(running, large, (state) => scopesOf(state).length === 3 && scopesOf(state).every(({ phase }) => phase === 'done'));
    expect(Object.keys(await numbers(running, large))).toHaveLength(3);
  }, 90_000);

  it('that nobody asks for any more loses its facts after the grace time, and no other does', async () => {
    const running = await start({ GF_PLUGIN_DORA_FORGET_AFTER: '2s' });
    const [gone, kept] = [dataSource({ repositories: [names[0]] }), dataSource({ repositories: [names[1]] })];
    await syncEnds(running, gone);
    await syncEnds(running, kept);
    const before = await numbers(running, kept);
    const files = (): string[] => readdirSync(folder.path).filter((name) => name.includes(`${gone.uid}-`));
    expect(files().length).toBeGreaterThan(0);
    for (let wait = 0; files().length > 0 && wait < 100; wait += 1) {
      expect(await numbers(running, kept)).toEqual(before);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(files()).toEqual([]);
    expect(running.logs).toContainEqual(expect.objectContaining({ '@message': expect.stringContaining('nobody asks for'), dataSource: `1/${gone.uid}` }));
    // Asked for once more, it begins anew.
    await syncEnds(running, gone);
    expect(Object.keys(await numbers(running, gone))).toEqual([names[0]]);
  }, 60_000);

  it('beside another one on the same organisation: the same numbers, each from its own store', async () => {
    const running = await start();
    const [one, other] = [dataSource(), dataSource({ orgId: 2 })];
    await Promise.all([syncEnds(running, one), syncEnds(running, other)]);
    expect(await numbers(running, one)).toEqual(await numbers(running, other));
    const narrowed = { ...other, version: 2, jsonData: dataSource({ repositories: [names[2]] }).jsonData };
    await syncUntil(running, narrowed, (state) => scopesOf(state).map(({ scope }) => scope).join() === names[2]);
    expect(Object.keys(await numbers(running, one))).toHaveLength(3);
    expect(Object.keys(await numbers(running, narrowed))).toEqual([names[2]]);
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.sqlite'))).toHaveLength(2);
  }, 60_000);
});
