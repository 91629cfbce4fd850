import { DataSourcePlugin } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { DoraDataSource, type DoraOptions } from './datasource';
import { lazyEditor } from './editors/lazyEditor';
import type { PanelQuery } from './panelQuery';
import pluginJson from './plugin.json';
import type { Secrets } from './shared/settings';

// Grafana waits for a plugin's module, and has loaded the catalogue of the user's language before it.
await initPluginTranslations(pluginJson.id);

export const plugin = new DataSourcePlugin<DoraDataSource, PanelQuery, DoraOptions, Secrets>(DoraDataSource)
  .setConfigEditor(lazyEditor(() => import('./editors/ConfigEditor'), 1_200))
  .setQueryEditor(lazyEditor(() => import('./editors/QueryEditor'), 200))
  .setQueryEditorHelp(lazyEditor(() => import('./editors/QueryEditorHelp'), 700));
