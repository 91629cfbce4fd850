import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DoraEngine } from '../../engine/engine';
import type { FactBatch } from '../../engine/model';
import type { Logger } from '../../sources/source';
import type { DataSourceStore, Revision } from '../../store/store';
import { DoraError } from '../../shared/errors';
import type { Snapshots } from './snapshots';

/** Time that one turn may take before other work gets its turn. */
const TURN_MS = 15;

/** Another process may write to the same store. */
const POLL_MS = 15_000;

/** Linking in advance waits until writes pause, for every write makes part of it void. */
const IDLE_MS = 750;

/** A snapshot is written when nothing new came for this long, */
const QUIET_MS = 5_000;

/** and when what came since the last one is more than this, and more than this part of all. */
const NEWS_FOR_SNAPSHOT = 2_000;
const NEWS_SHARE_FOR_SNAPSHOT = 0.05;

/** How many facts an engine may have. */
export interface FactMemory {
  /** Told how many there are, before they are taken. @throws DoraError DATA_SOURCE_TOO_LARGE */
  hold(facts: number): void;
  /** They are too many, by the store's own count; the engine is to be let go. */
  refused(reason: DoraError): void;
}

/**
 * Keeps an engine up with a store: everything at first, then what was written since, by this process or another.
 * Facts are taken and linked in turns of a few milliseconds; only one of the two goes on at a time. Much that was taken
 * is written down as a snapshot, from which the next start goes on.
 */
export class FactFeed {
  /** Resolves when what the store had at the start is in the engine; never rejects. */
  readonly loaded: Promise<void>;
  private at: Revision = 0;
  /** What was asked for and has not begun. */
  private next: Promise<void> | null = null;
  private linking: Promise<void> | null = null;
  private linked = false;
  private queue: Promise<void> = Promise.resolve();
  private readonly poll: NodeJS.Timeout;
  private idle: NodeJS.Timeout | null = null;
  private quiet: NodeJS.Timeout | null = null;
  /** Facts that came in all, and since the last snapshot. */
  private taken = 0;
  private news = 0;
  /** False once the engine may hold what the store has not. */
  private sameAsStore = true;
  private saving = false;
  /** Why the store could not be read the last time; null when it could. */
  private failure: DoraError | null = null;
  private everLoaded = false;
  /** Facts that the engine has, or more. */
  private counted = 0;
  private stopped = false;

  constructor(
    private readonly store: DataSourceStore,
    private engine: DoraEngine,
    private readonly log: Logger,
    /** Called when the store was found damaged and begun anew. */
    private readonly lost: () => void,
    /** Null: every start takes all facts from the store. */
    private readonly snapshots: Snapshots | null = null,
    private readonly quietMs = QUIET_MS,
    private readonly memory: FactMemory = { hold: () => undefined, refused: () => undefined },
  ) {
    this.loaded = this.follow();
    this.poll = setInterval(() => void this.follow(), POLL_MS);
    this.poll.unref();
  }

  /** What the engine has: the store's revision when it last took news. */
  get revision(): Revision {
    return this.at;
  }

  /** Why the engine has nothing to answer with; null when it once had everything. */
  get trouble(): DoraError | null {
    return this.everLoaded ? null : this.failure;
  }

  /** The store as the sync uses it: the engine gets what is written. @param store another way to the same facts */
  observed(store: DataSourceStore = this.store): DataSourceStore {
    return {
      write: async (...write) => {
        const revision = await store.write(...write);
        if (revision !== this.at) {
          void this.follow();
        }
        return revision;
      },
      readState: (key) => store.readState(key),
      readStates: (prefix) => store.readStates(prefix),
      revision: () => store.revision(),
      load: (since) => store.load(since),
      read: (kind, id) => store.read(kind, id),
      knownCommits: (repository, shas) => store.knownCommits(repository, shas),
      counts: () => store.counts(),
    };
  }

  /** Runs something that changes the engine, with nothing else under way. */
  change(work: () => void): Promise<void> {
    return this.alone(async () => {
      work();
      this.linked = false;
    });
  }

  /** Resolves when all facts that were stored at the call are in the engine and linked. */
  async ready(): Promise<void> {
    await this.follow();
    await this.link();
  }

  /** Nothing is taken any more, and what was taken is let go. */
  abandon(empty: DoraEngine): void {
    this.stop();
    this.stopped = true;
    this.engine = empty;
  }

  stop(): void {
    clearInterval(this.poll);
    for (const timer of [this.idle, this.quiet]) {
      if (timer) {
        clearTimeout(timer);
      }
    }
  }

  /**
   * Takes what was written since the last time. Whoever calls while this runs gets the next time, which all of them share:
   * nobody waits for what is written after the call, however fast it is written.
   */
  private follow(): Promise<void> {
    if (this.stopped) {
      return Promise.resolve();
    }
    this.next ??= this.alone(async () => {
      this.next = null;
      await this.takeNews();
      this.everLoaded = true;
      this.failure = null;
    }).catch((error: unknown) => {
      // A store that was begun anew starts at 0 again; what the engine has stays true meanwhile.
      if (error instanceof DoraError && error.code === 'STORE_CORRUPT') {
        this.at = 0;
        this.sameAsStore = false;
        this.lost();
      }
      if (error instanceof DoraError && error.code === 'DATA_SOURCE_TOO_LARGE') {
        this.memory.refused(error);
      }
      // The same each time somebody asks is no news.
      if (!(error instanceof DoraError) || error.code !== this.failure?.code) {
        this.log.error('The store could not be read', { error });
      }
      this.failure = error instanceof DoraError ? error : new DoraError('INTERNAL', 'The store could not be read.', { cause: error });
    });
    return this.next;
  }

  private async takeNews(): Promise<void> {
    let latest = await this.store.revision();
    if (latest < this.at) {
      this.at = 0;
      this.sameAsStore = false;
    }
    if (latest === this.at) {
      return;
    }
    if (this.at === 0 && this.sameAsStore) {
      await this.restore();
    }
    // A snapshot says how many facts it has; without one the store counts all that are there, those that come now among them.
    const storeCounts = this.counted === 0;
    await this.count(0);
    if (storeCounts) {
      latest = await this.store.revision();
    }
    for await (const batch of this.store.load(this.at)) {
      this.engine.apply(batch);
      this.news += sizeOf(batch);
      this.linked = false;
      await this.count(storeCounts ? 0 : sizeOf(batch));
    }
    this.at = latest;
    this.linkWhenIdle();
    this.saveWhenQuiet();
  }

  /** Counts facts that came; a fact that was written anew makes the count too high, so the store is asked before it is believed. */
  private async count(more: number): Promise<void> {
    this.counted += more;
    if (this.counted > 0) {
      try {
        this.memory.hold(this.counted);
        return;
      } catch {
        // Counted by the store below.
      }
    }
    const { coverage: _, ...counts } = await this.store.counts();
    this.counted = Object.values(counts).reduce((sum, one) => sum + one, 0);
    this.memory.hold(this.counted);
  }

  /** Begins with what was written down, if the store still has it as its past. */
  private async restore(): Promise<void> {
    const restoration = this.engine.restore?.();
    if (!restoration || !this.snapshots) {
      return;
    }
    try {
      const saved = await this.snapshots.open();
      if (saved === null) {
        return;
      }
      for await (const piece of saved.pieces) {
        restoration.take(piece);
      }
      await inTurns(restoration.finish());
      this.at = saved.revision;
      this.taken = saved.facts;
      this.counted = saved.facts;
      this.linked = false;
    } catch (error) {
      this.log.warn('The snapshot could not be read; all facts are taken from the store', { error });
      await this.snapshots.discard();
    }
  }

  private saveWhenQuiet(): void {
    if (this.quiet) {
      clearTimeout(this.quiet);
    }
    this.quiet = setTimeout(() => void this.save(), this.quietMs);
    this.quiet.unref();
  }

  /** Writes a snapshot where it is worth it. Answers go on meanwhile; news that come make it void. */
  private async save(): Promise<void> {
    const { engine, snapshots, news } = this;
    if (!engine.snapshot || !snapshots || !this.sameAsStore || this.saving || news < Math.max(NEWS_FOR_SNAPSHOT, this.taken * NEWS_SHARE_FOR_SNAPSHOT)) {
      return;
    }
    this.saving = true;
    try {
      if (await snapshots.save(this.at, this.taken + news, engine.snapshot())) {
        this.taken += news;
        this.news -= news;
      }
    } catch (error) {
      // Without it the next start takes longer, nothing else.
      this.log.warn('The snapshot could not be written', { error });
    } finally {
      this.saving = false;
    }
  }

  private linkWhenIdle(): void {
    if (this.idle) {
      clearTimeout(this.idle);
    }
    this.idle = setTimeout(() => void this.link().catch((error: unknown) => this.log.error('Linking failed', { code: 'INTERNAL', error })), IDLE_MS);
    this.idle.unref();
  }

  private link(): Promise<void> {
    this.linking ??= this.alone(async () => {
      if (this.linked) {
        return;
      }
      this.linked = true;
      await inTurns(this.engine.link());
    }).finally(() => {
      this.linking = null;
    });
    return this.linking;
  }

  private alone(work: () => Promise<void>): Promise<void> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}

/** Goes through steps, and lets other work in whenever a turn has lasted long enough. */
async function inTurns(steps: Generator<void, void>): Promise<void> {
  let turn = performance.now();
  while (!steps.next().done) {
    if (performance.now() - turn > TURN_MS) {
      await nextTurn();
      turn = performance.now();
    }
  }
}

function sizeOf({ repositories = [], pullRequests = [], commits = [], deployments = [], incidents = [] }: FactBatch): number {
  return repositories.length + pullRequests.length + commits.length + deployments.length + incidents.length;
}
