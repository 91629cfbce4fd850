import { HOUR_MS } from '../../shared/duration';
import type { PluginContext } from '../protocol/messages';
import { outside } from '../telemetry/context';
import { DataSourceInstance, type InstanceHost } from './instance';
import { identify, readSettings } from './settings';

/** The data sources that this process has heard of: Grafana names one with every request and never a list. */
export class Registry {
  private readonly instances = new Map<string, { instance: DataSourceInstance; version: number }>();
  /** Of a clock that never jumps. */
  private readonly asked = new Map<string, { at: number; notedAt: number }>();

  constructor(
    private readonly host: InstanceHost,
    private readonly protect: (secrets: string[]) => void,
  ) {}

  /**
   * The data source that a request is for; starts it, or gives it new settings where they changed.
   * @throws DoraError SETTINGS_INVALID when the request is for none.
   */
  get(context: PluginContext | null): DataSourceInstance {
    const { key, name, version } = identify(context);
    this.noteAsked(key);
    const known = this.instances.get(key);
    // An alert evaluation that began before a change may still carry the settings of then.
    if (known && known.version >= version) {
      return known.instance;
    }
    const settings = readSettings(context);
    this.protect(Object.values(settings.secrets));
    if (known && !known.instance.isRefused) {
      known.version = version;
      // What the settings set off outlives this call.
      outside(() => known.instance.configure(settings));
      return known.instance;
    }
    void known?.instance.stop();
    const instance = outside(() => new DataSourceInstance(key, name, settings, this.host));
    this.instances.set(key, { instance, version });
    return instance;
  }

  all(): DataSourceInstance[] {
    return [...this.instances.values()].map(({ instance }) => instance);
  }

  /** Stops what nobody has asked for during so many milliseconds; the next request starts it again. */
  async dropUnasked(graceMs: number): Promise<void> {
    const now = performance.now();
    for (const [key, { instance }] of this.instances) {
      if (now - (this.asked.get(key)?.at ?? now) >= graceMs) {
        this.instances.delete(key);
        this.asked.delete(key);
        await instance.stop();
      }
    }
  }

  /** Notes a request here at once, and in the store now and then. */
  private noteAsked(key: string): void {
    const now = performance.now();
    const before = this.asked.get(key);
    const isDue = !before || now - before.notedAt >= (this.host.noteAskedEveryMs ?? HOUR_MS);
    this.asked.set(key, { at: now, notedAt: isDue ? now : before.notedAt });
    if (isDue) {
      this.host.store.noteAsked(key).catch((error: unknown) => this.host.log.debug('A request could not be noted', { dataSource: key, error }));
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map((instance) => instance.stop()));
  }
}
