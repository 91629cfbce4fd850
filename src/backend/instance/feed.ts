import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DoraEngine } from '../../engine/engine';
import type { FactBatch } from '../../engine/model';
import type { Logger } from '../../sources/source';
import type { DataSourceStore, JsonValue, Revision } from '../../store/store';
import { DoraError } from '../../shared/errors';

/** Time that one turn may take before other work gets its turn. */
const TURN_MS = 15;

/** Another process may write to the same store. */
const POLL_MS = 15_000;

/** Linking in advance waits until writes pause, for every write makes part of it void. */
const IDLE_MS = 750;

/**
 * Keeps an engine up with a store: everything at first, then what was written since, by this process or another.
 * Facts are taken and linked in turns of a few milliseconds; only one of the two goes on at a time.
 */
export class FactFeed {
  /** Resolves when what the store had at the start is in the engine; never rejects. */
  readonly loaded: Promise<void>;
  private at: Revision = 0;
  private following: Promise<void> | null = null;
  private linking: Promise<void> | null = null;
  private again = false;
  private linked = false;
  private queue: Promise<void> = Promise.resolve();
  private readonly poll: NodeJS.Timeout;
  private idle: NodeJS.Timeout | null = null;

  constructor(
    private readonly store: DataSourceStore,
    private readonly engine: DoraEngine,
    private readonly log: Logger,
    /** Called when the store was found damaged and begun anew. */
    private readonly lost: () => void,
  ) {
    this.loaded = this.follow();
    this.poll = setInterval(() => void this.follow(), POLL_MS);
    this.poll.unref();
  }

  /** What the engine has: the store's revision when it last took news. */
  get revision(): Revision {
    return this.at;
  }

  /** The store as the sync uses it: the engine gets what is written. */
  observed(): DataSourceStore {
    const { store } = this;
    return {
      write: async (batch: FactBatch, state?: Record<string, JsonValue>) => {
        const revision = await store.write(batch, state);
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

  stop(): void {
    clearInterval(this.poll);
    if (this.idle) {
      clearTimeout(this.idle);
    }
  }

  /** Takes what was written since the last time; a call while this runs makes it look once more. */
  private follow(): Promise<void> {
    this.again = true;
    this.following ??= this.alone(async () => {
      while (this.again) {
        this.again = false;
        await this.takeNews();
      }
    })
      .catch((error: unknown) => {
        // A store that was begun anew starts at 0 again; what the engine has stays true meanwhile.
        if (error instanceof DoraError && error.code === 'STORE_CORRUPT') {
          this.at = 0;
          this.lost();
        }
        this.log.error('The store could not be read', { error });
      })
      .finally(() => {
        this.following = null;
      });
    return this.following;
  }

  private async takeNews(): Promise<void> {
    const latest = await this.store.revision();
    if (latest < this.at) {
      this.at = 0;
    }
    if (latest === this.at) {
      return;
    }
    for await (const batch of this.store.load(this.at)) {
      this.engine.apply(batch);
      this.linked = false;
    }
    this.at = latest;
    this.linkWhenIdle();
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
      let turn = performance.now();
      for (const step = this.engine.link(); !step.next().done; ) {
        if (performance.now() - turn > TURN_MS) {
          await nextTurn();
          turn = performance.now();
        }
      }
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
