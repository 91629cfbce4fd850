import { setTimeout as delay } from 'node:timers/promises';
import { SYNC_CHANNEL } from '../../shared/resources';
import { framesOf } from '../frames/answer';
import { frameJson } from '../frames/json';
import type { DataSourceInstance } from '../instance/instance';
import type { Registry } from '../instance/registry';
import type { SafeLog } from '../protocol/logs';
import { STREAM_STATUS, type StreamPacket, type StreamRequest, type StreamResponse } from '../protocol/messages';
import { syncTable } from '../sync/table';
import { shownError } from './failure';

/** At most one message a second, however fast facts arrive. */
const PACE_MS = 1_000;

/** What nobody tells of here: new settings, and passes of another process on the same store. */
const LOOK_MS = 15_000;

const NOTHING = new Uint8Array();

export interface StreamHandlers {
  /**
   * Who may query the data source may follow its synchronisation: Grafana has checked that before it hands over the data
   * source of the subscriber's own organisation, and that one is what is told of. Nobody else is told anything.
   */
  subscribe(request: StreamRequest): Promise<StreamResponse>;
  /** The channel is the plugin's to speak in. */
  publish(request: StreamRequest): StreamResponse;
  /** Sends the table of the synchronisation whenever it changes, until `signal` aborts. */
  run(request: StreamRequest, send: (packet: StreamPacket) => void, signal: AbortSignal): Promise<void>;
}

export function streamHandlers(registry: Registry, log: SafeLog): StreamHandlers {
  return {
    subscribe: async ({ path, pluginContext }) => {
      if (path !== SYNC_CHANNEL) {
        return { status: STREAM_STATUS.notFound, data: NOTHING };
      }
      try {
        return { status: STREAM_STATUS.ok, data: encode(await syncMessage(registry.get(pluginContext))) };
      } catch (error) {
        shownError(error, log, 'a subscription');
        return { status: STREAM_STATUS.permissionDenied, data: NOTHING };
      }
    },
    publish: ({ path }) => ({ status: path === SYNC_CHANNEL ? STREAM_STATUS.permissionDenied : STREAM_STATUS.notFound, data: NOTHING }),
    run: async ({ path, pluginContext }, send, signal) => {
      if (path === SYNC_CHANNEL) {
        await tell(registry.get(pluginContext), send, signal);
      }
    },
  };
}

async function tell(instance: DataSourceInstance, send: (packet: StreamPacket) => void, signal: AbortSignal): Promise<void> {
  let wake = new AbortController();
  const stopListening = instance.onSync(() => wake.abort());
  const stop = (): void => wake.abort();
  signal.addEventListener('abort', stop);
  let last = '';
  try {
    while (!signal.aborted) {
      wake = new AbortController();
      const message = await syncMessage(instance);
      if (message !== last && !signal.aborted) {
        last = message;
        send({ data: encode(message) });
        await rest(PACE_MS, signal);
      }
      if (!signal.aborted && !wake.signal.aborted) {
        await rest(LOOK_MS, wake.signal);
      }
    }
  } finally {
    stopListening();
    signal.removeEventListener('abort', stop);
  }
}

/** JSON of one frame. */
async function syncMessage(instance: DataSourceInstance): Promise<string> {
  const sync = await instance.storedState();
  const [frame] = framesOf(syncTable(instance.scheduler.answer()), '', { sync });
  return JSON.stringify(frameJson(frame));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
