import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../sources/source';

const PROTOCOL_VERSION = 2;
/** go-plugin's own protocol, which the handshake line names first. */
const CORE_VERSION = 1;

/** True when Grafana started this process. */
export function startedByGrafana(environment: NodeJS.ProcessEnv): boolean {
  return environment.grafana_plugin_type === 'datasource';
}

export const EXPLANATION = `This is the backend of the DORA metrics data source for Grafana.
Grafana starts it by itself: put the whole plugin folder into Grafana's plugins folder and restart Grafana.
There is nothing to start by hand, but "copy-store FROM TO", which moves facts from one store to another.
`;

export interface Endpoint {
  /** For gRPC: where to listen. */
  address: string;
  /** The line that tells Grafana where we listen. */
  handshake(port: number): string;
  remove(): void;
}

/** A socket that only this user can reach; on Windows, where Grafana expects it, a local port. */
export function createEndpoint(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): Endpoint {
  if (platform === 'win32') {
    return {
      address: '127.0.0.1:0',
      handshake: (port) => `${CORE_VERSION}|${PROTOCOL_VERSION}|tcp|127.0.0.1:${port}|grpc\n`,
      remove: () => undefined,
    };
  }
  // mkdtemp makes the folder with mode 0700.
  const folder = mkdtempSync(join(environment.PLUGIN_UNIX_SOCKET_DIR || tmpdir(), 'dora-metrics-'));
  const path = join(folder, 'plugin.sock');
  return {
    address: `unix:${path}`,
    handshake: () => `${CORE_VERSION}|${PROTOCOL_VERSION}|unix|${path}|grpc\n`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const PARENT_CHECK_MS = 2_000;

/** Calls `orphaned` once this process's parent is gone: without Grafana nobody would ever stop us. */
export function watchParent(orphaned: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) {
      clearInterval(timer);
      orphaned();
    }
  }, PARENT_CHECK_MS);
  timer.unref();
}

/** A reader that went away must not take this process with it. */
export function surviveBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', () => undefined);
  }
}

/** A defect in one call or pass is logged; the others go on. */
export function surviveDefects(log: Logger): void {
  process.on('uncaughtException', (error) => log.error('Unexpected failure', { code: 'INTERNAL', error }));
  process.on('unhandledRejection', (reason) => log.error('Unexpected failure', { code: 'INTERNAL', error: reason instanceof Error ? reason : String(reason) }));
}
