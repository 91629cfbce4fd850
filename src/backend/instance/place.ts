import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Name of the folder that the store makes for itself beside Grafana's plugins folder. */
const FOLDER = 'dora-metrics-datasource';

export interface StorePlace {
  /** Null: memory only. */
  folder: string | null;
  /** Why memory only; null when a folder is known or memory was asked for. */
  reason: string | null;
}

/**
 * Where the store lies: what Grafana's setting `dora_store` says; else a folder beside the plugins folder, which
 * outlives an update of the plugin; else memory.
 */
export function storePlace(environment: NodeJS.ProcessEnv, executable: string): StorePlace {
  const configured = environment.GF_PLUGIN_DORA_STORE?.trim();
  if (configured === 'memory') {
    return { folder: null, reason: null };
  }
  if (configured) {
    return { folder: configured, reason: null };
  }
  const pluginFolder = dirname(executable);
  if (!existsSync(join(pluginFolder, 'plugin.json'))) {
    return { folder: null, reason: 'No place for the store is known, so the history is kept in memory and fetched again after a restart. Set dora_store.' };
  }
  // A plugin under development lies in plugins/<name>/dist.
  const plugins = basename(pluginFolder) === 'dist' ? dirname(dirname(pluginFolder)) : dirname(pluginFolder);
  return { folder: join(dirname(plugins), FOLDER), reason: null };
}
