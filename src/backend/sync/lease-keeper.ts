import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../sources/source';
import { type DataSourceStore, type Lease, LeaseLost, type Leases } from '../../store/store';

/** A lease is renewed, and asked for, this many times within its length. */
const STEPS = 3;

export interface LeaseEvents {
  /** This process synchronises from now on, and writes to this store. */
  held(store: DataSourceStore): void;
  /** Another may from now on; nothing more may be asked of a provider. */
  lost(): void;
  /** After each step, with or without the lease; failures are logged. */
  beat(held: boolean): Promise<void>;
  /** False while this process should leave the lease to another. */
  wanted(): boolean;
}

interface Held {
  lease: Lease;
  /** By this process's own clock of elapsed time, which no one can set: never later than the database's end. */
  until: number;
  timer: NodeJS.Timeout;
}

/**
 * Keeps a lease as long as this process lives, and takes it over from one that does not. The end of a lease counts from
 * before it was asked for, so that this process stops before another may begin; one that stood still finds its time
 * over as soon as it goes on, and what it then still writes is refused.
 */
export class LeaseKeeper {
  private held: Held | null = null;
  private readonly stopping = new AbortController();
  private readonly ended: Promise<void>;
  private lastTrouble = '';

  constructor(
    private readonly leases: Leases,
    private readonly key: string,
    private readonly lengthMs: number,
    private readonly events: LeaseEvents,
    private readonly log: Logger,
  ) {
    this.ended = this.run();
  }

  /** Gives the lease up; whatever writes with it must have ended. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.giveUp();
    await this.ended;
  }

  /** Gives the lease up without ending: another process knows better what to do. */
  async giveUp(): Promise<void> {
    const { held } = this;
    this.lose();
    await held?.lease.release().catch(() => undefined);
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.step();
        await this.events.beat(this.held !== null);
        this.lastTrouble = '';
      } catch (error) {
        // The same every few seconds is no news.
        if (!signal.aborted && this.lastTrouble !== String(error)) {
          this.lastTrouble = String(error);
          this.log.warn('The right to synchronise could not be asked for', { dataSource: this.key, error });
        }
      }
      await delay(this.lengthMs / STEPS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async step(): Promise<void> {
    const asked = performance.now();
    const { held } = this;
    if (held) {
      if (await held.lease.renew()) {
        this.extend(held, asked);
      } else if (this.held === held) {
        this.lose();
      }
      return;
    }
    if (!this.events.wanted()) {
      return;
    }
    const lease = await this.leases.take(this.key, this.lengthMs);
    if (lease && this.stopping.signal.aborted) {
      await lease.release();
    } else if (lease) {
      this.hold(lease, asked);
    }
  }

  private hold(lease: Lease, asked: number): void {
    const held: Held = { lease, until: 0, timer: setTimeout(() => undefined, 0) };
    this.held = held;
    this.extend(held, asked);
    if (this.held === held) {
      this.log.info('This process synchronises', { dataSource: this.key });
      this.events.held(this.guarded(held));
    }
  }

  private extend(held: Held, asked: number): void {
    if (this.held !== held) {
      return;
    }
    clearTimeout(held.timer);
    held.until = asked + this.lengthMs;
    held.timer = setTimeout(() => this.expire(held), held.until - performance.now());
    held.timer.unref();
  }

  private expire(held: Held): void {
    if (this.held === held) {
      this.lose();
    }
  }

  private lose(): void {
    const { held } = this;
    if (held) {
      clearTimeout(held.timer);
      this.held = null;
      this.log.info('This process does not synchronise any more', { dataSource: this.key });
      this.events.lost();
    }
  }

  /** The lease's store; a write after its end is not even tried, and ends the passes. */
  private guarded(held: Held): DataSourceStore {
    const { store } = held.lease;
    return {
      write: async (...write) => {
        if (this.held !== held || performance.now() >= held.until) {
          this.expire(held);
          throw new LeaseLost();
        }
        try {
          return await store.write(...write);
        } catch (error) {
          if (error instanceof LeaseLost) {
            this.expire(held);
          }
          throw error;
        }
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
}
