import {
  type DataQuery,
  type DataSourceApi,
  type DataSourceInstanceSettings,
  type DataSourceJsonData,
  type DataSourcePlugin,
  type DataSourcePluginMeta,
  type DataSourceRef,
  type DataSourceSettings,
  PluginType,
} from '@grafana/data';
import type { DataSourceSrv } from '@grafana/runtime';

/** The page's only plugin type: its settings are whatever the plugin says they are. */
export type Plugin = DataSourcePlugin<DataSourceApi, DataQuery, DataSourceJsonData>;

/** One data source, made anew when its settings are saved. */
export class PlaygroundDataSourceSrv implements DataSourceSrv {
  private instance: DataSourceApi | null = null;

  constructor(
    private readonly plugin: Plugin,
    private readonly meta: DataSourcePluginMeta,
    private settings: DataSourceSettings
  ) {}

  replace(settings: DataSourceSettings): void {
    this.settings = settings;
    this.instance = null;
  }

  current(): DataSourceApi {
    if (!this.instance) {
      const { DataSourceClass } = this.plugin;
      const made = new DataSourceClass(this.instanceSettings());
      made.meta = this.meta;
      made.components = this.plugin.components;
      this.instance = made;
    }
    return this.instance;
  }

  get(): Promise<DataSourceApi> {
    return Promise.resolve(this.current());
  }

  getList(): DataSourceInstanceSettings[] {
    return [this.instanceSettings()];
  }

  getInstanceSettings(_reference?: DataSourceRef | string | null): DataSourceInstanceSettings {
    return this.instanceSettings();
  }

  reload(): void {}

  registerRuntimeDataSource(): void {
    throw new Error('The playground has one data source');
  }

  private instanceSettings(): DataSourceInstanceSettings {
    const { id, uid, type, name, jsonData } = this.settings;
    return { id, uid, type, name, jsonData, access: 'proxy', readOnly: false, isDefault: true, meta: { ...this.meta, type: PluginType.datasource } };
  }
}
