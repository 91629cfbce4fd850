import { setTimeout as delay } from 'node:timers/promises';
import { SqliteStore } from '../../store/sqlite/store';
import { type DataSourceStore, type Lease, LeaseLost, type Leases } from '../../store/store';
import { LeaseKeeper } from './lease-keeper';

const LENGTH_MS = 150;
const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A lease on the test's strings. */
class ManualLeases implements Leases {
  granted = true;
  renewals = 0;
  released = 0;
  /** What a renewal does. */
  renewal: () => Promise<boolean> = async () => true;
  readonly facts: DataSourceStore;
  write: DataSourceStore['write'];

  constructor() {
    this.facts = new SqliteStore(null).dataSource('1/a');
    this.write = (...given) => this.facts.write(...given);
  }

  async take(): Promise<Lease | null> {
    if (!this.granted) {
      return null;
    }
    return {
      store: { ...observing(this.facts), write: (...given) => this.write(...given) },
      renew: async () => {
        this.renewals += 1;
        return this.renewal();
      },
      release: async () => {
        this.released += 1;
      },
    };
  }
}

function observing(store: DataSourceStore): DataSourceStore {
  return new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    ownKeys: () => ['readState', 'readStates', 'revision', 'load', 'read', 'knownCommits', 'counts'],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
}

describe('lease keeper', () => {
  let leases: ManualLeases;
  let keeper: LeaseKeeper;
  let held: DataSourceStore[];
  let lost: number;
  let wanted: boolean;

  beforeEach(() => {
    leases = new ManualLeases();
    held = [];
    lost = 0;
    wanted = true;
  });
  afterEach(() => keeper.stop());

  function start(): void {
    keeper = new LeaseKeeper(
      leases,
      '1/a',
      LENGTH_MS,
      { held: (store) => held.push(store), lost: () => (lost += 1), beat: async () => undefined, wanted: () => wanted },
      quiet,
    );
  }

  async function until(holds: () => boolean): Promise<void> {
    for (let wait = 0; !holds() && wait < 200; wait += 1) {
      await delay(5);
    }
    expect(holds()).toBe(true);
  }

  it('keeps what it renews in time, and gives it up at the end', async () => {
    start();
    await until(() => leases.renewals >= 6);
    expect([held.length, lost]).toEqual([1, 0]);
    await held[0].write({}, { cursor: 1 });
    await keeper.stop();
    expect([lost, leases.released]).toEqual([1, 1]);
    await expect(held[0].write({}, { cursor: 2 })).rejects.toBeInstanceOf(LeaseLost);
  });

  it('stops by its own clock when renewals go unanswered, before the database gives the lease to another', async () => {
    start();
    await until(() => held.length === 1);
    const begin = performance.now();
    leases.granted = false;
    leases.renewal = () => new Promise(() => undefined);
    await until(() => lost === 1);
    expect(performance.now() - begin).toBeLessThan(LENGTH_MS + 100);
    let tried = 0;
    leases.write = () => {
      tried += 1;
      return Promise.resolve(0);
    };
    // Not even tried: what would be written may be another's by now.
    await expect(held[0].write({}, { cursor: 1 })).rejects.toBeInstanceOf(LeaseLost);
    expect(tried).toBe(0);
    keeper.stop = async () => undefined;
  });

  it('finds its time over as soon as it goes on after standing still', async () => {
    start();
    await until(() => held.length === 1);
    leases.granted = false;
    leases.renewal = async () => false;
    // Nothing of this process runs meanwhile, timers neither.
    for (const end = performance.now() + LENGTH_MS * 2; performance.now() < end; );
    await expect(held[0].write({}, { cursor: 1 })).rejects.toBeInstanceOf(LeaseLost);
    expect(lost).toBe(1);
  });

  it('believes the database that refuses a write', async () => {
    start();
    await until(() => held.length === 1);
    leases.granted = false;
    leases.write = () => Promise.reject(new LeaseLost());
    await expect(held[0].write({}, { cursor: 1 })).rejects.toBeInstanceOf(LeaseLost);
    expect(lost).toBe(1);
    await delay(LENGTH_MS);
    expect(lost).toBe(1);
  });

  it('passes other failures of a write on, and stays', async () => {
    start();
    await until(() => held.length === 1);
    leases.write = () => Promise.reject(new RangeError('something else'));
    await expect(held[0].write({}, {})).rejects.toBeInstanceOf(RangeError);
    expect(lost).toBe(0);
  });

  it('asks again until it gets it, also while asking fails', async () => {
    leases.granted = false;
    start();
    await delay(LENGTH_MS);
    expect(held).toHaveLength(0);
    const take = leases.take.bind(leases);
    leases.take = () => Promise.reject(new Error('gone'));
    await delay(LENGTH_MS);
    leases.take = take;
    leases.granted = true;
    await until(() => held.length === 1);
  });

  it('leaves the lease to others while it is not wanted, and takes it again afterwards', async () => {
    start();
    await until(() => held.length === 1);
    wanted = false;
    await keeper.giveUp();
    expect([lost, leases.released]).toEqual([1, 1]);
    await delay(LENGTH_MS);
    expect(held).toHaveLength(1);
    wanted = true;
    await until(() => held.length === 2);
    await held[1].write({}, { cursor: 1 });
    await expect(held[0].write({}, { cursor: 2 })).rejects.toBeInstanceOf(LeaseLost);
  });
});
