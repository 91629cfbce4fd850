import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildMoment } from './moment';
import { ROOT } from '../run/paths.js';

interface Dashboard {
  title: string;
}

const DASHBOARDS = join(ROOT, 'provisioning', 'dashboards');

function dashboardFiles(): string[] {
  return readdirSync(DASHBOARDS)
    .filter((name) => name.endsWith('.json'))
    .sort();
}

/** Dashboards that users import from the data source's page: the provisioned ones, so that there is one of each. */
function dashboardIncludes(): object[] {
  return dashboardFiles().map((file) => {
    const dashboard = JSON.parse(readFileSync(join(DASHBOARDS, file), 'utf8')) as Dashboard;
    return { type: 'dashboard', name: dashboard.title, path: `dashboards/${file}` };
  });
}

export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
}

/** plugin.json with its version, its date and the dashboards that lie in the repository. */
function completePluginJson(source: Buffer): string {
  const filled = source.toString('utf8').replaceAll('%VERSION%', packageVersion()).replaceAll('%TODAY%', buildMoment().toISOString().slice(0, 10));
  const plugin = JSON.parse(filled) as Record<string, unknown>;
  return `${JSON.stringify({ ...plugin, includes: dashboardIncludes() }, null, 2)}\n`;
}

/** The files of the plugin folder that are no code, for webpack's copy plugin. */
export function copiedFiles() {
  return [
    { from: join(ROOT, 'src/plugin.json'), to: 'plugin.json', transform: completePluginJson },
    { from: join(ROOT, 'src/README.md'), to: 'README.md' },
    { from: join(ROOT, 'CHANGELOG.md'), to: 'CHANGELOG.md' },
    { from: join(ROOT, 'LICENSE'), to: 'LICENSE', toType: 'file' as const },
    { from: join(ROOT, 'src/img'), to: 'img' },
    { from: join(ROOT, 'src/locales'), to: 'locales' },
    ...dashboardFiles().map((file) => ({ from: join(DASHBOARDS, file), to: `dashboards/${file}` })),
  ];
}
