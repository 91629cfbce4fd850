import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isPostgresAddress } from '../../store/postgres/address';

/** Name of the folder that the store makes for itself beside Grafana's plugins folder. */
const FOLDER = 'dora-metrics-datasource';

export type StorePlace =
  | { kind: 'folder'; folder: string }
  /** @param reason why not a folder; null when memory was asked for. */
  | { kind: 'memory'; reason: string | null }
  /** @param address with its password. */
  | { kind: 'postgres'; address: string };

/**
 * Where the store lies: what Grafana's setting `dora_store` says, a folder or a PostgreSQL address; else a folder beside the plugins folder, which
 * outlives an update of the plugin; else memory.
 */
export function storePlace(environment: NodeJS.ProcessEnv, executable: string): StorePlace {
  const configured = environment.GF_PLUGIN_DORA_STORE?.trim();
  if (configured === 'memory') {
    return { kind: 'memory', reason: null };
  }
  if (configured) {
    return isPostgresAddress(configured) ? { kind: 'postgres', address: configured } : { kind: 'folder', folder: configured };
  }
  const pluginFolder = dirname(executable);
  if (!existsSync(join(pluginFolder, 'plugin.json'))) {
    return { kind: 'memory', reason: 'No place for the store is known, so the history is kept in memory and fetched again after a restart. Set dora_store.' };
  }
  // A plugin under development lies in plugins/<name>/dist.
  const plugins = basename(pluginFolder) === 'dist' ? dirname(dirname(pluginFolder)) : dirname(pluginFolder);
  return { kind: 'folder', folder: join(dirname(plugins), FOLDER) };
}
