import { spawnSync } from 'node:child_process';

/** Grafana's own tool, fetched when it is needed. */
const TOOL = '@grafana/sign-plugin@3.3.3';

/**
 * Signs a plugin folder for the Grafana servers in GRAFANA_ROOT_URLS, by Grafana's service and with the token in
 * GRAFANA_ACCESS_POLICY_TOKEN; the signature is the folder's MANIFEST.txt.
 * @returns false when there is no token or no server to sign for.
 */
export function sign(folder: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  const { GRAFANA_ACCESS_POLICY_TOKEN: token, GRAFANA_ROOT_URLS: servers } = environment;
  if (!token || !servers) {
    return false;
  }
  const result = spawnSync('npx', ['--yes', TOOL, '--distDir', folder, '--rootUrls', servers], { encoding: 'utf8', env: environment, shell: process.platform === 'win32' });
  if (result.status !== 0) {
    throw new Error(`The plugin could not be signed:\n${result.stdout}${result.stderr}`.replaceAll(token, '***'));
  }
  return true;
}
