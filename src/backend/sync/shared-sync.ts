import { randomUUID } from 'node:crypto';
import type { SourceSyncStatus } from '../../shared/resources';
import type { Logger, Source } from '../../sources/source';
import { type DataSourceStore, type JsonValue, type Leases, ReadChanged } from '../../store/store';
import { LeaseKeeper } from './lease-keeper';
import type { Scheduler } from './scheduler';

/** How the processes that share a data source tell each other what they need: as state beside the facts. */
const PREFIX = 'host/shared/';
const STATUS = `${PREFIX}status/`;
const WAKE = `${PREFIX}wake/`;
const SETTINGS = `${PREFIX}settings`;

/** True for state that means something only while the processes that wrote it run. */
export function isOfRunningProcesses(stateKey: string): boolean {
  return stateKey.startsWith(PREFIX);
}

/** Stands for every source in a wish for a pass. */
const ALL = 'all';

export interface SharedSyncOptions {
  leases: Leases;
  key: string;
  lengthMs: number;
  /** Writes of every process, lease or not. */
  store: DataSourceStore;
  scheduler(): Scheduler;
  /** The store as passes use it: this process's engine gets what is written. */
  observed(store: DataSourceStore): DataSourceStore;
  log: Logger;
}

/**
 * The synchronisation of a data source that several processes answer for: the one with the lease makes the passes and
 * tells how far they are; the others show that, and tell it who asks for a pass. Settings reach a process only with a
 * request, so one that has older settings than another leaves the passes to that one.
 */
export class SharedSync {
  private readonly keeper: LeaseKeeper;
  private toldStatuses = '';
  /** When the newest settings that this process has were saved, and the newest that any process has, as far as is known. */
  private version = 0;
  private newestVersion = 0;

  constructor(private readonly options: SharedSyncOptions) {
    this.keeper = new LeaseKeeper(
      options.leases,
      options.key,
      options.lengthMs,
      {
        held: (store) => options.scheduler().resume(options.observed(store)),
        lost: () => options.scheduler().pause(),
        beat: (held) => this.beat(held),
        wanted: () => this.version >= this.newestVersion,
      },
      options.log,
    );
  }

  /** @param version rises with each change of the settings. */
  configured(version: number): void {
    this.version = Math.max(this.version, version);
  }

  /** Tells whoever makes the passes that one is wanted; null: of every source. */
  wish(source: Source['name'] | null): void {
    this.options.store.write({}, { [`${WAKE}${source ?? ALL}`]: randomUUID() }).catch((error: unknown) => {
      this.options.log.warn('The wish for a synchronisation could not be passed on', { dataSource: this.options.key, error });
    });
  }

  /** After the passes have ended. */
  stop(): Promise<void> {
    return this.keeper.stop();
  }

  private async beat(held: boolean): Promise<void> {
    const states = await this.options.store.readStates(PREFIX);
    await this.compareSettings(states.get(SETTINGS));
    if (!held) {
      const statuses = [...states].flatMap(([key, value]) => (key.startsWith(STATUS) ? [value as unknown as SourceSyncStatus] : []));
      this.options.scheduler().tell(statuses);
      return;
    }
    await this.hearWishes(states);
    await this.tellStatuses(states);
  }

  private async compareSettings(stored: JsonValue | undefined): Promise<void> {
    const known = typeof stored === 'number' ? stored : 0;
    this.newestVersion = Math.max(known, this.version);
    if (known > this.version) {
      await this.keeper.giveUp();
    } else if (known < this.version) {
      await this.unlessChanged({ [SETTINGS]: this.version }, { [SETTINGS]: stored });
    }
  }

  private async hearWishes(states: ReadonlyMap<string, JsonValue>): Promise<void> {
    for (const [key, wish] of states) {
      if (!key.startsWith(WAKE)) {
        continue;
      }
      const source = key.slice(WAKE.length);
      if (source === ALL) {
        this.options.scheduler().startNow();
      } else {
        this.options.scheduler().wake(source as Source['name']);
      }
      // A later wish of the same kind stays, to be heard next time.
      await this.unlessChanged({ [key]: null }, { [key]: wish });
    }
  }

  private async tellStatuses(states: ReadonlyMap<string, JsonValue>): Promise<void> {
    const statuses = Object.fromEntries(this.options.scheduler().answer().sources.map((status) => [`${STATUS}${status.source}`, status]));
    const text = JSON.stringify(statuses);
    if (text === this.toldStatuses) {
      return;
    }
    const gone = [...states.keys()].filter((key) => key.startsWith(STATUS) && !(key in statuses)).map((key): [string, null] => [key, null]);
    await this.options.store.write({}, { ...(statuses as unknown as Record<string, JsonValue>), ...Object.fromEntries(gone) });
    this.toldStatuses = text;
  }

  private async unlessChanged(state: Record<string, JsonValue>, basis: Record<string, JsonValue | undefined>): Promise<void> {
    try {
      await this.options.store.write({}, state, { state: basis });
    } catch (error) {
      if (!(error instanceof ReadChanged)) {
        throw error;
      }
    }
  }
}
