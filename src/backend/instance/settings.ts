import { DoraError } from '../../shared/errors';
import { parseSettings, SECRET_NAMES, type Secrets, type Settings, type SettingsProblem } from '../../shared/settings';
import type { PluginContext } from '../protocol/messages';

/** What a request tells of the data source it is for. */
export interface DataSourceIdentity {
  /** `<orgId>/<uid>` */
  key: string;
  name: string;
  /** Changes whenever somebody saves the settings. */
  version: number;
}

export interface InstanceSettings {
  /** Rises whenever somebody saves the settings. */
  version: number;
  settings: Settings;
  problems: SettingsProblem[];
  secrets: Secrets;
  /** Grafana's own configuration as it hands it to plugins. */
  grafanaConfig: Record<string, string>;
}

/** @throws DoraError SETTINGS_INVALID when the request is for no data source. */
export function identify(context: PluginContext | null): DataSourceIdentity {
  const source = context?.dataSourceInstanceSettings;
  if (!context || !source || !source.uid) {
    throw new DoraError('SETTINGS_INVALID', 'The request names no data source.', { field: 'dataSourceInstanceSettings' });
  }
  return { key: `${context.orgId}/${source.uid}`, name: source.name, version: source.lastUpdatedMS };
}

export function readSettings(context: PluginContext | null): InstanceSettings {
  const source = context?.dataSourceInstanceSettings;
  let json: unknown;
  const problems: SettingsProblem[] = [];
  if (source && source.jsonData.length > 0) {
    try {
      json = JSON.parse(new TextDecoder().decode(source.jsonData));
    } catch {
      problems.push({ field: 'jsonData', message: 'is not JSON' });
    }
  }
  const parsed = parseSettings(json);
  const secrets: Secrets = {};
  for (const name of SECRET_NAMES) {
    const value = source?.decryptedSecureJsonData[name];
    if (value) {
      secrets[name] = value;
    }
  }
  return { version: source?.lastUpdatedMS ?? 0, settings: parsed.settings, problems: [...problems, ...parsed.problems], secrets, grafanaConfig: context?.grafanaConfig ?? {} };
}

/** One line of text for each problem. */
export function describeProblem({ field, message }: SettingsProblem): string {
  return `Settings: ${field} ${message}`;
}
