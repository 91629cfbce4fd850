import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../../store/sqlite/store';
import type { DataSourceStore } from '../../store/store';
import { SnapshotFolder, type Snapshots } from './snapshots';

function* pieces(count: number, whole = true): Generator<Uint8Array, boolean> {
  for (let index = 0; index < count; index += 1) {
    yield new Uint8Array(1_000 * (index + 1)).fill(index);
  }
  return whole;
}

async function read(snapshots: Snapshots): Promise<number[][] | null> {
  const saved = await snapshots.open();
  if (saved === null) {
    return null;
  }
  const found: number[][] = [];
  for await (const piece of saved.pieces) {
    found.push([piece.length, piece[0], piece[piece.length - 1]]);
  }
  return found;
}

describe('snapshot file', () => {
  let folder: string;
  let store: DataSourceStore;
  let snapshots: Snapshots;

  beforeEach(async () => {
    folder = join(mkdtempSync(join(tmpdir(), 'dora-snapshots-')), 'nested');
    store = new SqliteStore(null).dataSource('1/a');
    await store.write({ incidents: [] }, { cursor: 1 });
    snapshots = new SnapshotFolder(folder, process.execPath).of('1/a', store);
  });

  afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

  const file = (): string => join(folder, readdirSync(folder)[0]);

  it('gives back what was saved, and is the owner\'s alone', async () => {
    expect(await read(snapshots)).toBeNull();
    expect(await snapshots.save(0, 7, pieces(3))).toBe(true);
    expect(await snapshots.open()).toMatchObject({ revision: 0, facts: 7 });
    expect(await read(snapshots)).toEqual([[1_000, 0, 0], [2_000, 1, 1], [3_000, 2, 2]]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('keeps the one before when the new one does not become whole', async () => {
    await snapshots.save(0, 7, pieces(3));
    expect(await snapshots.save(0, 9, pieces(2, false))).toBe(false);
    expect(await read(snapshots)).toHaveLength(3);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('is not taken by another data source, another program, or a store that was begun anew', async () => {
    await snapshots.save(0, 7, pieces(1));
    expect(await read(new SnapshotFolder(folder, process.execPath).of('1/b', store))).toBeNull();
    const other = new SqliteStore(null).dataSource('1/a');
    expect(await read(new SnapshotFolder(folder, process.execPath).of('1/a', other))).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
    await snapshots.save(0, 7, pieces(1));
    expect(await read(new SnapshotFolder(folder, __filename).of('1/a', store))).toBeNull();
  });

  it('is not taken when it is of a later time than the store', async () => {
    await snapshots.save(5, 7, pieces(1));
    expect(await read(snapshots)).toBeNull();
  });

  it('says so when it is damaged or cut short', async () => {
    await snapshots.save(0, 7, pieces(3));
    const bytes = readFileSync(file());
    bytes[bytes.length - 10] ^= 1;
    writeFileSync(file(), bytes);
    await expect(read(snapshots)).rejects.toThrow('damaged');
    writeFileSync(file(), bytes.subarray(0, 2_000));
    await expect(read(snapshots)).rejects.toThrow('damaged');
    writeFileSync(file(), 'no snapshot at all');
    expect(await read(snapshots)).toBeNull();
  });

  it('leaves nothing behind of data sources that are gone', async () => {
    await snapshots.save(0, 7, pieces(1));
    const old = new Date(Date.now() - 40 * 86_400_000);
    utimesSync(file(), old, old);
    await new SnapshotFolder(folder, process.execPath).of('1/c', store).save(0, 1, pieces(1));
    expect(readdirSync(folder)).toHaveLength(1);
    expect(await read(snapshots)).toBeNull();
  });
});
