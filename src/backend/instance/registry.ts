import type { PluginContext } from '../protocol/messages';
import { DataSourceInstance, type InstanceHost } from './instance';
import { identify, readSettings } from './settings';

/** The data sources that this process has heard of: Grafana names one with every request and never a list. */
export class Registry {
  private readonly instances = new Map<string, { instance: DataSourceInstance; version: number }>();

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
    const known = this.instances.get(key);
    // An alert evaluation that began before a change may still carry the settings of then.
    if (known && known.version >= version) {
      return known.instance;
    }
    const settings = readSettings(context);
    this.protect(Object.values(settings.secrets));
    if (known) {
      known.version = version;
      known.instance.configure(settings);
      return known.instance;
    }
    const instance = new DataSourceInstance(key, name, settings, this.host);
    this.instances.set(key, { instance, version });
    return instance;
  }

  all(): DataSourceInstance[] {
    return [...this.instances.values()].map(({ instance }) => instance);
  }

  async stop(): Promise<void> {
    await Promise.all(this.all().map((instance) => instance.stop()));
  }
}
