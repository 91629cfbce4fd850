import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, openSync, writeSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { PullRequest } from '../../engine/model';
import { describeStore, everything } from '../contract';
import { MIGRATIONS } from './schema';
import { SqliteStore } from './store';

describeStore('SQLite file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'dora-store-'));
  const open = async (): Promise<SqliteStore> => new SqliteStore(join(folder, 'nested', 'store'));
  return { create: open, another: open, dispose: async () => rmSync(folder, { recursive: true }) };
});

describeStore('SQLite memory', async () => ({ create: async () => new SqliteStore(null), another: () => null, dispose: async () => undefined }));

describe('SQLite file', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dora-store-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (): string => join(folder, readdirSync(folder).find((name) => name.endsWith('.sqlite')) ?? 'none');

  function pullRequests(count: number): PullRequest[] {
    return Array.from({ length: count }, (_, index) => ({
      id: `R#${index}`,
      repository: 'R',
      number: index,
      title: 'x'.repeat(500),
      url: '',
      author: null,
      labels: [],
      baseBranch: 'main',
      headBranch: 'b',
      createdAt: index,
      mergedAt: index,
      updatedAt: index,
      mergeSha: null,
      draftEvents: [],
      reviews: [],
      commits: [],
      commitsComplete: true,
      references: [],
      files: null,
    }));
  }

  it('is readable by its owner alone', async () => {
    const store = new SqliteStore(folder);
    await store.dataSource('1/a').write({}, { cursor: 1 });
    for (const name of readdirSync(folder)) {
      expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    await store.close();
  });

  it('is taken from others who could read it, as after a restore from a copy', async () => {
    const first = new SqliteStore(folder);
    await first.dataSource('1/a').write({}, { cursor: 1 });
    await first.close();
    chmodSync(file(), 0o644);
    const second = new SqliteStore(folder);
    await second.dataSource('1/a').write({}, { cursor: 2 });
    for (const name of readdirSync(folder)) {
      expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    }
    await second.close();
  });

  it('is set aside and begun anew when it is no database', async () => {
    const first = new SqliteStore(folder);
    await first.dataSource('1/a').write({ pullRequests: pullRequests(3) }, { cursor: 1 });
    await first.close();
    const handle = openSync(file(), 'r+');
    writeSync(handle, 'this is not a database at all', 0);
    closeSync(handle);

    const store = new SqliteStore(folder);
    const source = store.dataSource('1/a');
    expect(store.warnings('1/a')).toMatchObject([{ code: 'STORE_CORRUPT' }]);
    expect(store.warnings('1/b')).toEqual([]);
    expect(await source.readState('cursor')).toBeUndefined();
    await source.write({ pullRequests: pullRequests(2) });
    expect((await everything(source)).pullRequests).toHaveLength(2);
    expect(readdirSync(folder).filter((name) => name.includes('.corrupt-'))).toHaveLength(1);
    await store.close();
  });

  it('is set aside when damage shows only later', async () => {
    const first = new SqliteStore(folder);
    await first.dataSource('1/a').write({ pullRequests: pullRequests(2_000) }, { cursor: 1 });
    await first.close();
    const { size } = statSync(file());
    const handle = openSync(file(), 'r+');
    writeSync(handle, Buffer.alloc(size - 65_536, 0xa5), 0, size - 65_536, 65_536);
    closeSync(handle);

    const store = new SqliteStore(folder);
    const source = store.dataSource('1/a');
    await expect(everything(source)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect(store.warnings('1/a')).toMatchObject([{ code: 'STORE_CORRUPT' }]);
    expect(await source.revision()).toBe(0);
    await source.write({ pullRequests: pullRequests(5) });
    expect((await everything(source)).pullRequests).toHaveLength(5);
    await store.close();
  });

  it('is set aside when it was cut short', async () => {
    const first = new SqliteStore(folder);
    await first.dataSource('1/a').write({ pullRequests: pullRequests(500) });
    await first.close();
    truncateSync(file(), 5_000);
    const store = new SqliteStore(folder);
    const loading = everything(store.dataSource('1/a'));
    await loading.catch(() => undefined);
    expect(await everything(store.dataSource('1/a'))).toEqual({});
    expect(store.warnings('1/a')).toMatchObject([{ code: 'STORE_CORRUPT' }]);
    await store.close();
  });

  it('is refused and left as it is when a later version of the plugin wrote it', async () => {
    const later = [...MIGRATIONS, 'CREATE TABLE later (thing TEXT)'];
    const first = new SqliteStore(folder, null, later);
    await first.dataSource('1/a').write({ pullRequests: pullRequests(1) }, { cursor: 1 });
    await first.close();
    const store = new SqliteStore(folder);
    const refused = { code: 'STORE_NEWER', message: expect.stringContaining(`schema ${later.length}; this version knows ${MIGRATIONS.length}`) };
    await expect(everything(store.dataSource('1/a'))).rejects.toMatchObject(refused);
    await expect(store.dataSource('1/a').write({ pullRequests: pullRequests(2) })).rejects.toMatchObject(refused);
    expect(store.warnings('1/a')).toMatchObject([refused]);
    await store.dataSource('1/b').write({ pullRequests: pullRequests(2) });
    await store.close();
    expect(readdirSync(folder).filter((name) => /\.(newer|corrupt)-/.test(name))).toEqual([]);
    const again = new SqliteStore(folder, null, later);
    expect((await everything(again.dataSource('1/a'))).pullRequests).toHaveLength(1);
    await again.close();
  });

  it('of an earlier version is brought up to date with all that it holds', async () => {
    const named = new SqliteStore(folder);
    await named.dataSource('1/a').revision();
    await named.close();
    const path = file();
    rmSync(path);
    const earlier = new DatabaseSync(path);
    earlier.exec(MIGRATIONS[0]);
    earlier.exec('PRAGMA user_version = 1; UPDATE revision SET latest = 1');
    earlier.prepare('INSERT INTO facts (revision, kind, id, body) VALUES (1, 2, ?, ?)').run('R#0', JSON.stringify({ ...pullRequests(1)[0], title: 'Kept title' }));
    earlier.exec(`INSERT INTO state (key, value) VALUES ('cursor', '"X"')`);
    earlier.close();

    const store = new SqliteStore(folder);
    expect((await everything(store.dataSource('1/a'))).pullRequests).toMatchObject([{ id: 'R#0', title: 'Kept title' }]);
    expect(await store.dataSource('1/a').readState('cursor')).toBe('X');
    expect(await store.dataSource('1/a').counts()).toMatchObject({ pullRequests: 1, commits: 0 });
    await store.dataSource('1/a').write({ pullRequests: pullRequests(3) });
    expect(await store.dataSource('1/a').counts()).toMatchObject({ pullRequests: 3, commits: 0 });
    expect(await store.keys()).toEqual(['1/a']);
    expect(store.warnings('1/a')).toEqual([]);
    await store.close();
  });

  it('falls back to memory with a warning where the folder cannot be made', async () => {
    const store = new SqliteStore('/proc/nowhere/dora');
    const source = store.dataSource('1/a');
    expect(store.warnings('1/a')).toMatchObject([{ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('/proc/nowhere/dora') }]);
    await source.write({ pullRequests: pullRequests(1) });
    expect((await everything(source)).pullRequests).toHaveLength(1);
    await store.close();
  });

  it('says why it is in memory', () => {
    expect(new SqliteStore(null, 'No writable folder.').warnings('1/a')).toEqual([{ code: 'STORE_UNAVAILABLE', message: 'No writable folder.' }]);
  });

  it('waits for a lock that another process holds, then answers with a code', async () => {
    const store = new SqliteStore(folder);
    const source = store.dataSource('1/a');
    await source.write({}, { cursor: 1 });
    const other = new DatabaseSync(file());
    other.exec('BEGIN IMMEDIATE');
    const writing = source.write({}, { cursor: 2 });
    setTimeout(() => other.exec('ROLLBACK'), 200);
    await writing;
    expect(await source.readState('cursor')).toBe(2);

    other.exec('BEGIN IMMEDIATE');
    await expect(source.write({}, { cursor: 3 })).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    other.exec('ROLLBACK');
    expect(await source.readState('cursor')).toBe(2);
    other.close();
    await store.close();
  });

  it('keeps names that differ only in case or punctuation apart', async () => {
    const store = new SqliteStore(folder);
    await store.dataSource('1/aB').write({}, { who: 'aB' });
    await store.dataSource('1/ab').write({}, { who: 'ab' });
    await store.dataSource('1/a_b').write({}, { who: 'a_b' });
    expect(await store.dataSource('1/aB').readState('who')).toBe('aB');
    expect(new Set(readdirSync(folder).filter((name) => name.endsWith('.sqlite')).map((name) => name.toLowerCase())).size).toBe(3);
    await store.close();
  });

  it('reads a folder without write permission as unusable', async () => {
    if (process.getuid?.() === 0) {
      // Root may write anywhere, so this says nothing here.
      return;
    }
    chmodSync(folder, 0o500);
    const store = new SqliteStore(folder);
    expect(store.warnings('1/a')).toMatchObject([{ code: 'STORE_UNAVAILABLE' }]);
    chmodSync(folder, 0o700);
  });
});
