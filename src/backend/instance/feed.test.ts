import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pull, repository } from '../../../tests/engine/facts';
import type { DoraEngine } from '../../engine/engine';
import { createEngine } from '../../engine/index';
import type { Commit, FactBatch } from '../../engine/model';
import { parseQuery } from '../../shared/query';
import { parseSettings } from '../../shared/settings';
import { SqliteStore } from '../../store/sqlite/store';
import type { DataSourceStore } from '../../store/store';
import { FactFeed } from './feed';
import { SnapshotFolder } from './snapshots';

/** An engine that notes what it is given, and whether two things ever went on at once. */
class RecordingEngine implements DoraEngine {
  commits = new Map<string, string>();
  batches: FactBatch[] = [];
  linkings = 0;
  linkedWith = -1;
  disturbed = false;
  private inLinking = false;

  configure(): void {
    this.disturbed ||= this.inLinking;
  }

  apply(batch: FactBatch): void {
    this.disturbed ||= this.inLinking;
    this.batches.push(batch);
    for (const { sha, headline } of batch.commits ?? []) {
      this.commits.set(sha, headline);
    }
  }

  *link(): Generator<void, void> {
    this.linkings += 1;
    this.inLinking = true;
    for (let step = 0; step < 50; step += 1) {
      const end = performance.now() + 1;
      while (performance.now() < end);
      yield;
    }
    this.linkedWith = this.commits.size;
    this.inLinking = false;
  }

  answer(): never {
    throw new Error('not asked here');
  }

  catalogue(): never {
    throw new Error('not asked here');
  }
}

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

function commits(from: number, count: number, headline = 'x'): Commit[] {
  return Array.from({ length: count }, (_, index) => ({
    repository: 'R',
    sha: (from + index).toString(16).padStart(40, '0'),
    parents: [],
    authoredAt: 0,
    committedAt: 0,
    author: null,
    headline,
    references: [],
  }));
}

describe('fact feed', () => {
  let store: DataSourceStore;
  let engine: RecordingEngine;
  let feed: FactFeed;

  beforeEach(() => {
    store = new SqliteStore(null).dataSource('1/a');
    engine = new RecordingEngine();
  });

  afterEach(() => feed.stop());

  it('loads what is stored, and links before it is ready', async () => {
    await store.write({ commits: commits(0, 5_000) });
    feed = new FactFeed(store, engine, quiet, () => undefined);
    await feed.ready();
    expect(engine.commits.size).toBe(5_000);
    expect(engine.linkedWith).toBe(5_000);
    expect(engine.batches.length).toBeGreaterThan(1);
  });

  it('gives the engine what the sync writes, once', async () => {
    feed = new FactFeed(store, engine, quiet, () => undefined);
    const observed = feed.observed();
    await observed.write({ commits: commits(0, 10) });
    await observed.write({ commits: commits(10, 10) }, { cursor: 1 });
    await feed.ready();
    expect(engine.commits.size).toBe(20);
    expect(engine.batches.reduce((sum, { commits: written = [] }) => sum + written.length, 0)).toBe(20);
    expect(await observed.readState('cursor')).toBe(1);
    const batches = engine.batches.length;
    await observed.write({ commits: commits(0, 10) });
    await feed.ready();
    expect(engine.batches.length).toBe(batches);
  });

  it('sees what another process wrote', async () => {
    feed = new FactFeed(store, engine, quiet, () => undefined);
    await feed.ready();
    await store.write({ commits: commits(0, 3) });
    await feed.ready();
    expect(engine.commits.size).toBe(3);
  });

  it('never changes the engine while it links, and ends with the latest form of everything', async () => {
    await store.write({ commits: commits(0, 6_000, 'old') });
    feed = new FactFeed(store, engine, quiet, () => undefined);
    const observed = feed.observed();
    const work: Array<Promise<unknown>> = [];
    for (let round = 0; round < 20; round += 1) {
      work.push(observed.write({ commits: commits(round * 300, 300, `round ${round}`) }), feed.ready(), feed.change(() => engine.configure()));
      await delay(3);
    }
    await Promise.all(work);
    await feed.ready();
    expect(engine.disturbed).toBe(false);
    expect(engine.linkedWith).toBe(6_000);
    expect(engine.commits.get(commits(0, 1)[0].sha)).toBe('round 0');
    expect([...engine.commits.values()].filter((headline) => headline === 'old')).toEqual([]);
  });

  it('links once for everybody who waits, and not again when nothing is new', async () => {
    await store.write({ commits: commits(0, 10) });
    feed = new FactFeed(store, engine, quiet, () => undefined);
    await Promise.all([feed.ready(), feed.ready(), feed.ready()]);
    await feed.ready();
    expect(engine.linkings).toBe(1);
  });

  it('goes on from what it wrote down, and takes the rest from the store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dora-feed-'));
    const { settings } = parseSettings({ teams: [{ name: 'A', repositories: ['acme/a'] }] });
    const snapshots = new SnapshotFolder(folder, process.execPath).of('1/a', store);
    const ids = async (made: DoraEngine): Promise<number> => {
      const answer = made.answer(parseQuery({ measure: 'count', format: 'number' }), { from: 0, to: 1e9 }, 1e9);
      return answer.kind === 'numbers' ? answer.numbers[0].value! : -1;
    };
    await store.write({ repositories: [repository('acme/a')], pullRequests: Array.from({ length: 2_500 }, (_, index) => pull('acme/a', index + 1, { mergedAt: index })) });
    const first = createEngine(settings);
    feed = new FactFeed(store, first, quiet, () => undefined, snapshots, 10);
    await feed.ready();
    for (let patience = 500; !readdirSync(folder).some((name) => name.endsWith('.snapshot')) && patience > 0; patience -= 1) {
      await delay(10);
    }
    feed.stop();
    await store.write({ pullRequests: [pull('acme/a', 9_999, { mergedAt: 5 })], removed: [{ kind: 'pullRequests', id: 'R:acme/a#1' }, { kind: 'pullRequests', id: 'R:acme/a#2' }] });

    const second = createEngine(settings);
    let applied = 0;
    const counting: DoraEngine = {
      configure: (next) => second.configure(next),
      apply: (batch) => {
        applied += batch.pullRequests?.length ?? 0;
        second.apply(batch);
      },
      link: () => second.link(),
      answer: (query, range, now) => second.answer(query, range, now),
      catalogue: () => second.catalogue(),
      snapshot: () => second.snapshot!(),
      restore: () => second.restore!(),
    };
    feed = new FactFeed(store, counting, quiet, () => undefined, snapshots, 10);
    await feed.ready();
    expect(applied).toBe(1);
    expect(await ids(second)).toBe(2_499);

    // A damaged one is no loss.
    const [name] = readdirSync(folder);
    const bytes = readFileSync(join(folder, name));
    bytes[bytes.length - 5] ^= 1;
    writeFileSync(join(folder, name), bytes);
    feed.stop();
    const third = createEngine(settings);
    feed = new FactFeed(store, third, quiet, () => undefined, snapshots, 10);
    await feed.ready();
    expect(await ids(third)).toBe(2_499);
    rmSync(folder, { recursive: true });
  });

  it('lets other work in between', async () => {
    await store.write({ commits: commits(0, 40_000) });
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    feed = new FactFeed(store, engine, quiet, () => undefined);
    await feed.ready();
    clearInterval(beat);
    expect(longest).toBeLessThan(150);
  });
});
