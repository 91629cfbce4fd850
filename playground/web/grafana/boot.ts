import { type DataSourcePluginMeta, type DataSourceSettings, EventBusSrv } from '@grafana/data';
import { config, setAppEvents, setBackendSrv, setDataSourceSrv, setTemplateSrv, setPluginImportUtils } from '@grafana/runtime';
import { loadTexts } from './texts';
import { PlaygroundBackendSrv } from './backendSrv';
import { type Plugin, PlaygroundDataSourceSrv } from './dataSourceSrv';
import { loadPlugin } from './pluginLoader';
import { PlaygroundTemplateSrv } from './templateSrv';

/** What stands for Grafana around the plugin on this page. */
export interface Host {
  backend: PlaygroundBackendSrv;
  templates: PlaygroundTemplateSrv;
  sources: PlaygroundDataSourceSrv;
  plugin: Plugin;
  meta: DataSourcePluginMeta;
  settings: DataSourceSettings;
}

export const UID = 'dora';

export async function boot(): Promise<Host> {
  const backend = new PlaygroundBackendSrv();
  const templates = new PlaygroundTemplateSrv();
  setBackendSrv(backend);
  setTemplateSrv(templates);
  // The AWS form of `@grafana/aws-sdk` listens for tests of the data source.
  setAppEvents(new EventBusSrv());
  setPluginImportUtils({
    importPanelPlugin: () => Promise.reject(new Error('The playground draws panels itself')),
    getPanelPluginFromCache: () => undefined,
  });
  const [meta, settings] = await Promise.all([
    backend.get<DataSourcePluginMeta>('/api/plugins/dora-metrics-datasource/settings'),
    backend.get<DataSourceSettings>(`/api/datasources/uid/${UID}`),
  ]);
  await loadTexts(backend, meta);
  const loaded = await loadPlugin(`/${meta.module}`);
  const plugin = loaded.plugin as Plugin;
  const sources = new PlaygroundDataSourceSrv(plugin, meta, settings);
  setDataSourceSrv(sources);
  config.datasources = { [settings.name]: sources.getInstanceSettings() };
  config.defaultDatasource = settings.name;
  return { backend, templates, sources, plugin, meta, settings };
}
