import { describeWithPostgres, PostgresServer } from '../../../tests/support/postgres';
import type { Commit } from '../../engine/model';
import { describeStore, everything } from '../contract';
import { LeaseLost } from '../store';
import { isPostgresAddress, parsePostgresAddress } from './address';
import { MIGRATIONS } from './schema';
import { PostgresStore } from './store';

describe('address of a PostgreSQL store', () => {
  it('is told from a folder', () => {
    expect(['postgres://h/d', 'postgresql://h/d', 'POSTGRES://h/d', '/srv/postgres', 'memory', 'postgres'].map(isPostgresAddress)).toEqual([true, true, true, false, false, false]);
  });

  it('shows no password and no parameter', () => {
    const { place, schema, secrets, connectionString } = parsePostgresAddress('postgres://dora:p%40ss%2Fword@db.example.com:5433/grafana?sslmode=verify-full&schema=staging');
    expect([place, schema]).toEqual(['postgres://dora@db.example.com:5433/grafana (schema staging)', 'staging']);
    expect(secrets).toEqual(expect.arrayContaining(['p@ss/word', 'p%40ss%2Fword']));
    expect(connectionString).toBe('postgres://dora:p%40ss%2Fword@db.example.com:5433/grafana?sslmode=verify-full');
  });

  it.each(['postgres://dora:sec ret@[::bad/db', 'postgres://dora:secret%@host/db', 'postgres://dora:secret@host/db?schema=a"b'])('repeats nothing of what it cannot read: %#', (text) => {
    let message = '';
    try {
      parsePostgresAddress(text);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain('dora_store');
    expect(message).not.toContain('sec');
  });
});

describeWithPostgres('PostgreSQL', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await PostgresServer.start();
  }, 60_000);
  afterAll(() => server.remove());

  const open = (place: string): PostgresStore => new PostgresStore(parsePostgresAddress(place));

  describeStore('PostgreSQL', async () => {
    const place = server.place();
    const another = async (): Promise<PostgresStore> => open(place);
    return { create: another, another, dispose: async () => undefined };
  });

  describe('lease', () => {
    let place: string;
    let stores: PostgresStore[];

    beforeEach(() => {
      place = server.place();
      stores = [open(place), open(place), open(place)];
    });
    afterEach(() => Promise.all(stores.map((store) => store.close())));

    const facts = (headline: string): { commits: Commit[] } => ({
      commits: [{ repository: 'R', sha: 'a'.repeat(40), parents: [], authoredAt: 0, committedAt: 0, author: null, headline, references: [] }],
    });

    it('has one holder at a time, however many ask at once', async () => {
      for (let round = 0; round < 5; round += 1) {
        const taken = await Promise.all([...stores, ...stores].map((store) => store.take('1/a', 60_000)));
        const held = taken.filter((lease) => lease !== null);
        expect(held).toHaveLength(1);
        await held[0].release();
      }
      await stores[0].take('1/a', 60_000);
      expect(await stores[1].take('1/b', 60_000)).not.toBeNull();
    });

    it('is kept by renewal and taken over after its end, by the clock of the database', async () => {
      const first = await stores[0].take('1/a', 300);
      for (let renewal = 0; renewal < 6; renewal += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        expect(await first?.renew()).toBe(true);
        expect(await stores[1].take('1/a', 300)).toBeNull();
      }
      await new Promise((resolve) => setTimeout(resolve, 350));
      const second = await stores[1].take('1/a', 60_000);
      expect(second).not.toBeNull();
      expect(await first?.renew()).toBe(false);
      // What it no longer has it cannot give away.
      await first?.release();
      expect(await stores[2].take('1/a', 60_000)).toBeNull();
      expect(await second?.renew()).toBe(true);
    });

    it('refuses what a stale holder writes, in the same transaction', async () => {
      const first = await stores[0].take('1/a', 50);
      await first?.store.write(facts('first'), { cursor: 1 });
      await new Promise((resolve) => setTimeout(resolve, 80));
      // Not yet taken over: what it wrote is still right.
      await first?.store.write(facts('late'), { cursor: 2 });
      const second = await stores[1].take('1/a', 60_000);
      await expect(first?.store.write(facts('stale'), { cursor: 99 })).rejects.toBeInstanceOf(LeaseLost);
      await second?.store.write({}, { cursor: 3 });
      await expect(first?.store.write({}, { cursor: 99 })).rejects.toBeInstanceOf(LeaseLost);
      const seen = stores[2].dataSource('1/a');
      expect([(await everything(seen)).commits?.[0].headline, await seen.readState('cursor')]).toEqual(['late', 3]);
      // Events are everybody's to write.
      await stores[0].dataSource('1/a').write({}, { event: 1 });
      expect(await seen.readState('event')).toBe(1);
    });

    it('is given up at once', async () => {
      const first = await stores[0].take('1/a', 60_000);
      await first?.release();
      expect(await stores[1].take('1/a', 60_000)).not.toBeNull();
      await expect(first?.store.write(facts('stale'))).rejects.toBeInstanceOf(LeaseLost);
    });

    it('of a data source that is synchronised keeps it from being forgotten', async () => {
      await stores[0].take('1/a', 60_000);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await stores[1].forgetUnasked(1)).toEqual([]);
    });
  });

  describe('schema', () => {
    it('is made once by processes that start together', async () => {
      const place = server.place();
      const stores = Array.from({ length: 6 }, () => open(place));
      expect(await Promise.all(stores.map((store) => store.keys()))).toEqual(stores.map(() => []));
      await Promise.all(stores.map((store) => store.close()));
    });

    it('of an earlier version is brought up to date with all that it holds; a later one is refused and left as it is', async () => {
      const place = server.place();
      const later = [...MIGRATIONS, (schema: string) => `ALTER TABLE ${schema}.facts ADD COLUMN remark text; CREATE TABLE ${schema}.later (thing text)`];
      const before = open(place);
      const source = before.dataSource('1/a');
      await source.write({}, { cursor: 'X' });

      const upgraded = new PostgresStore(parsePostgresAddress(place), later);
      expect(await upgraded.dataSource('1/a').readState('cursor')).toBe('X');
      await upgraded.dataSource('1/a').write({}, { cursor: 'Y' });

      // The one that still runs is refused with its next write, a new one at once.
      await expect(source.write({}, { cursor: 'old' })).rejects.toMatchObject({ code: 'STORE_NEWER' });
      expect(before.warnings()).toMatchObject([{ code: 'STORE_NEWER' }]);
      const downgraded = open(place);
      await expect(downgraded.dataSource('1/a').revision()).rejects.toMatchObject({ code: 'STORE_NEWER', message: expect.stringContaining('schema 2; this version knows 1') });
      await expect(downgraded.take('1/a', 1_000)).rejects.toMatchObject({ code: 'STORE_NEWER' });
      expect(await upgraded.dataSource('1/a').readState('cursor')).toBe('Y');
      await Promise.all([before, upgraded, downgraded].map((store) => store.close()));
    });

    it('keeps two installations in one database apart', async () => {
      const [one, other] = [open(server.place()), open(server.place())];
      await one.dataSource('1/a').write({}, { who: 'one' });
      expect(await other.dataSource('1/a').readState('who')).toBeUndefined();
      await Promise.all([one.close(), other.close()]);
    });
  });

  describe('trouble', () => {
    it('a wrong password: coded, never shown', async () => {
      const wrong = server.url().replace(server.password, 'planted-wrong-password');
      const store = open(wrong);
      const error: unknown = await store.dataSource('1/a').revision().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringContaining('password authentication failed') });
      expect(JSON.stringify([store.place, store.warnings(), String(error)])).not.toContain('planted');
      await store.close();
    });

    it('a server that is gone: every call fails fast, and goes on when it is back', async () => {
      const own = await PostgresServer.start();
      const store = open(own.place());
      const source = store.dataSource('1/a');
      const lease = await store.take('1/a', 60_000);
      await lease?.store.write({}, { cursor: 1 });
      expect(store.warnings()).toEqual([]);
      await own.halt();
      await expect(source.revision()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      const begin = performance.now();
      for (let call = 0; call < 20; call += 1) {
        await expect(source.readState('cursor')).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
        await expect(source.write({}, { cursor: 2 })).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      }
      expect(performance.now() - begin).toBeLessThan(500);
      expect(store.warnings()).toMatchObject([{ code: 'STORE_UNREACHABLE' }]);
      await own.resume();
      for (let wait = 0; store.warnings().length > 0 && wait < 100; wait += 1) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      expect(await source.readState('cursor')).toBe(1);
      expect(await lease?.renew()).toBe(true);
      await store.close();
      await own.remove();
    }, 60_000);
  });
});
