import { DataSourcePlugin } from '@grafana/data';
import { DoraDataSource, type DoraOptions } from './datasource';
import { lazyEditor } from './editors/lazyEditor';
import type { PanelQuery } from './panelQuery';
import type { Secrets } from './shared/settings';

export const plugin = new DataSourcePlugin<DoraDataSource, PanelQuery, DoraOptions, Secrets>(DoraDataSource)
  .setConfigEditor(lazyEditor(() => import('./editors/ConfigEditor')))
  .setQueryEditor(lazyEditor(() => import('./editors/QueryEditor')));
