import { join } from 'node:path';
import { createEngine } from '../engine/index';
import { withoutSecretShapes } from '../shared/secretPatterns';
import { createApp } from './app';
import { COPY_STORE, copyStoreCommand } from './copy-store';
import { openStore } from './instance/open-store';
import { hostOptions } from './instance/options';
import { storePlace } from './instance/place';
import { SnapshotFolder } from './instance/snapshots';
import { JsonLog, logLevel, logTime } from './protocol/logs';
import { createEndpoint, EXPLANATION, startedByGrafana, surviveBrokenPipes, surviveDefects, watchParent } from './protocol/process';
import { serve } from './protocol/server';
import { sources } from './sources';
import { logFields, tracesBy } from './telemetry/traces';

/** Grafana kills what has not ended 2 s after it asked for the end. */
const STOP_MS = 1_500;

async function main(): Promise<void> {
  const log = new JsonLog(logLevel(process.env.GF_PLUGIN_DORA_LOG_LEVEL), (line) => {
    process.stderr.write(line);
  }, logFields);
  surviveBrokenPipes();
  surviveDefects(log);
  const place = storePlace(process.env, process.execPath);
  const store = openStore(place, (secrets) => log.protect(secrets));
  const options = hostOptions(process.env, (message) => log.warn(message));
  const snapshots = place.kind === 'folder' ? new SnapshotFolder(join(place.folder, 'snapshots'), process.execPath) : null;
  const traces = await tracesBy(process.env);
  const app = createApp({ store, sources, createEngine, snapshots, log, traces, now: Date.now, options });
  const endpoint = createEndpoint(process.env, process.platform);
  process.on('exit', () => endpoint.remove());

  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) {
      return;
    }
    stopping = true;
    log.info('Stopping', { why });
    setTimeout(() => process.exit(0), STOP_MS);
    server.stop();
    void Promise.allSettled([app.stop(), traces.stop()]).finally(() => process.exit(0));
  };
  const server = await serve(endpoint.address, app.handlers, log, traces, () => stop('Grafana asked'));
  process.on('SIGTERM', () => stop('SIGTERM'));
  // Ctrl-C in a terminal reaches Grafana too, which then ends this process in its own order.
  process.on('SIGINT', () => undefined);
  watchParent(() => stop('Grafana is gone'));
  process.stdout.write(endpoint.handshake(server.port));
  log.info('Ready', { store: store.place });
}

const [, , command, ...parameters] = process.argv;

if (startedByGrafana(process.env)) {
  main().catch((error: unknown) => {
    process.stderr.write(`${JSON.stringify({ '@level': 'error', '@message': 'The plugin could not start', '@timestamp': logTime(new Date()), error: withoutSecretShapes(String(error)) })}\n`);
    process.exit(1);
  });
} else if (command === COPY_STORE) {
  void copyStoreCommand(parameters, process.env, (line) => process.stdout.write(`${line}\n`)).then((code) => process.exit(code));
} else {
  process.stderr.write(EXPLANATION);
  process.exit(1);
}
