import { type handleServerStreamingCall, type handleUnaryCall, type Metadata, Server, ServerCredentials, type ServiceDefinition, status, type UntypedServiceImplementation } from '@grpc/grpc-js';
import type { Logger } from '../../sources/source';
import type { Traces } from '../telemetry/traces';
import { definitions } from './definition';
import type {
  CallResourceRequest,
  CallResourceResponse,
  CheckHealthRequest,
  CheckHealthResponse,
  CollectMetricsRequest,
  CollectMetricsResponse,
  QueryDataRequest,
  QueryDataResponse,
  StreamPacket,
  StreamRequest,
  StreamResponse,
} from './messages';

/** What the plugin does with each call. `signal` aborts when Grafana no longer waits for the answer. */
export interface PluginHandlers {
  queryData(request: QueryDataRequest, signal: AbortSignal): Promise<QueryDataResponse>;
  callResource(request: CallResourceRequest, signal: AbortSignal): Promise<CallResourceResponse>;
  checkHealth(request: CheckHealthRequest, signal: AbortSignal): Promise<CheckHealthResponse>;
  collectMetrics(request: CollectMetricsRequest): Promise<CollectMetricsResponse>;
  subscribeStream(request: StreamRequest): Promise<StreamResponse>;
  publishStream(request: StreamRequest): Promise<StreamResponse>;
  /** Resolves when the stream ends, at the latest soon after `signal` aborts. */
  runStream(request: StreamRequest, send: (packet: StreamPacket) => void, signal: AbortSignal): Promise<void>;
}

const MAX_RECEIVED_BYTES = 16 * 1024 * 1024;
/** gRPC's health states. */
const SERVING = 1;
const SERVICE_UNKNOWN = 3;

export interface PluginServer {
  stop(): void;
}

/**
 * Serves the plugin protocol.
 * @param address As gRPC names it: `unix:<path>` or `127.0.0.1:0`.
 * @param shutdown Called when Grafana asks for the end; the answer is sent first.
 * @returns The server and the port it got (0 for a socket).
 */
export async function serve(address: string, handlers: PluginHandlers, log: Logger, traces: Traces, shutdown: () => void): Promise<PluginServer & { port: number }> {
  const server = new Server({ 'grpc.max_receive_message_length': MAX_RECEIVED_BYTES, 'grpc.max_send_message_length': -1 });

  /** Runs a handler as the work of its call. */
  const called = async <Response>(name: string, metadata: Metadata, work: () => Promise<Response>): Promise<Response> =>
    traces.call(name, traceparentOf(metadata), async () => {
      const begin = performance.now();
      const response = await work();
      log.debug('Answered', { call: name, ms: Math.round(performance.now() - begin) });
      return response;
    });

  const unary =
    <Request, Response>(name: string, handler: (request: Request, signal: AbortSignal) => Promise<Response>): handleUnaryCall<Request, Response> =>
    (call, callback) => {
      const abort = new AbortController();
      call.on('cancelled', () => abort.abort());
      called(name, call.metadata, () => handler(call.request, abort.signal)).then(
        (response) => callback(null, response),
        (error: unknown) => {
          log.error('A call failed', { call: name, error });
          callback({ code: status.INTERNAL, details: 'The plugin failed to answer; its log says why.' });
        },
      );
    };

  const callResource: handleServerStreamingCall<CallResourceRequest, CallResourceResponse> = (call) => {
    const abort = new AbortController();
    call.on('cancelled', () => abort.abort());
    called('CallResource', call.metadata, () => handlers.callResource(call.request, abort.signal)).then(
      (response) => {
        call.write(response);
        call.end();
      },
      (error: unknown) => {
        log.error('A call failed', { call: 'CallResource', error });
        call.emit('error', { code: status.INTERNAL, details: 'The plugin failed to answer; its log says why.' });
      },
    );
  };

  const runStream: handleServerStreamingCall<StreamRequest, StreamPacket> = (call) => {
    const abort = new AbortController();
    call.on('cancelled', () => abort.abort());
    handlers.runStream(call.request, (packet) => call.write(packet), abort.signal).then(
      () => call.end(),
      (error: unknown) => {
        log.error('A call failed', { call: 'RunStream', error });
        call.emit('error', { code: status.INTERNAL, details: 'The plugin failed to answer; its log says why.' });
      },
    );
  };

  const add = (service: string, implementation: UntypedServiceImplementation): void => {
    server.addService(serviceDefinition(service), implementation);
  };
  add('pluginv2.Data', { QueryData: unary('QueryData', (request: QueryDataRequest, signal) => handlers.queryData(request, signal)) });
  add('pluginv2.Resource', { CallResource: callResource });
  add('pluginv2.Diagnostics', {
    CheckHealth: unary('CheckHealth', (request: CheckHealthRequest, signal) => handlers.checkHealth(request, signal)),
    CollectMetrics: unary('CollectMetrics', (request: CollectMetricsRequest) => handlers.collectMetrics(request)),
  });
  add('pluginv2.Stream', {
    SubscribeStream: unary('SubscribeStream', (request: StreamRequest) => handlers.subscribeStream(request)),
    PublishStream: unary('PublishStream', (request: StreamRequest) => handlers.publishStream(request)),
    RunStream: runStream,
  });
  add('grpc.health.v1.Health', { Check: unary('Check', async ({ service }: { service: string }) => ({ status: service === 'plugin' || service === '' ? SERVING : SERVICE_UNKNOWN })) });
  add('plugin.GRPCController', {
    Shutdown: unary('Shutdown', async () => {
      // The answer goes out before the process does.
      setTimeout(shutdown, 20);
      return {};
    }),
  });

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { port, stop: () => server.forceShutdown() };
}

/** Who asked, by W3C's header: Grafana sends it while its tracing is on. */
function traceparentOf(metadata: Metadata): string | undefined {
  const [first] = metadata.get('traceparent');
  return first === undefined ? undefined : String(first);
}

function serviceDefinition(name: string): ServiceDefinition {
  const definition = definitions[name];
  if (!definition || 'format' in definition) {
    throw new TypeError(`Not a service: ${name}`);
  }
  return definition;
}
