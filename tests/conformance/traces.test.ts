import { Server, ServerCredentials } from '@grpc/grpc-js';
import * as protobuf from 'protobufjs';
import { PluginProcess, type DataSourceUnderTest } from './plugin';
import { temporaryFolder } from './setup';

/** The part of OTLP's trace messages that this test looks at. */
const OTLP = protobuf.parse(`
  syntax = "proto3";
  message Value { oneof value { string string = 1; bool bool = 2; int64 int = 3; double double = 4; } }
  message Attribute { string key = 1; Value value = 2; }
  message Status { int32 code = 3; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start = 7; fixed64 end = 8; repeated Attribute attributes = 9; Status status = 15;
  }
  message Scope { repeated Span spans = 2; }
  message Resource { repeated Attribute attributes = 1; }
  message ResourceSpans { Resource resource = 1; repeated Scope scopes = 2; }
  message Request { repeated ResourceSpans resource_spans = 1; }
`).root;

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  status: number;
  attributes: Record<string, unknown>;
  service: unknown;
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

interface Attribute {
  key: string;
  value?: { string?: string; int?: number; bool?: boolean };
}

const namesAndValues = (attributes: Attribute[] = []): Record<string, unknown> => Object.fromEntries(attributes.map(({ key, value }) => [key, value?.string ?? value?.int ?? value?.bool]));

/** Takes what an OTLP exporter sends over gRPC. */
async function collector(): Promise<{ address: string; spans: Span[]; stop(): void }> {
  const spans: Span[] = [];
  const server = new Server();
  server.addService(
    {
      Export: {
        path: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: (value: Buffer) => value,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: () => Buffer.alloc(0),
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    {
      Export: (call: { request: Buffer }, callback: (error: null, answer: object) => void) => {
        const type = OTLP.lookupType('Request');
        const request = type.toObject(type.decode(call.request), { longs: Number }) as {
          resourceSpans: Array<{ resource: { attributes: Attribute[] }; scopes: Array<{ spans: Array<{ traceId: Uint8Array; spanId: Uint8Array; parentSpanId?: Uint8Array; name: string; status?: { code?: number }; attributes?: Attribute[] }> }> }>;
        };
        for (const { resource, scopes } of request.resourceSpans) {
          for (const span of scopes.flatMap((scope) => scope.spans)) {
            spans.push({
              traceId: hex(span.traceId),
              spanId: hex(span.spanId),
              parentSpanId: hex(span.parentSpanId),
              name: span.name,
              status: span.status?.code ?? 0,
              attributes: namesAndValues(span.attributes),
              service: namesAndValues(resource.attributes)['service.name'],
            });
          }
        }
        callback(null, {});
      },
    }
  );
  const port = await new Promise<number>((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound))));
  return { address: `127.0.0.1:${port}`, spans, stop: () => server.forceShutdown() };
}

const RANGE = { from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 1, 1) };
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const SOURCE: DataSourceUnderTest = { jsonData: { github: { apiUrl: 'http://127.0.0.1:9' }, teams: [{ name: 'Payments', repositories: ['acme/a'] }] }, secrets: { githubToken: 'planted-token-of-traces' } };

describe('traces and request ids', () => {
  const folder = temporaryFolder();
  let plugin: PluginProcess | null = null;
  afterEach(() => plugin?.kill());
  afterAll(() => folder.remove());

  const start = async (environment: Record<string, string>): Promise<PluginProcess> => {
    plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: 'memory', GF_PLUGIN_DORA_LOG_LEVEL: 'debug', ...environment } });
    return plugin;
  };

  it('go to where Grafana sends its own, within the trace of the request', async () => {
    const { address, spans, stop } = await collector();
    const running = await start({ GF_INSTANCE_OTLP_ADDRESS: address, GF_INSTANCE_OTLP_PROPAGATION: 'w3c', GF_INSTANCE_OTLP_SAMPLER_TYPE: 'const', GF_INSTANCE_OTLP_SAMPLER_PARAM: '1.000000' });
    const traced = running.traced(`00-${TRACE}-${PARENT}-01`);
    expect((await traced.query(SOURCE, { metric: 'lead-time' }, RANGE)).status).toBe(200);
    expect((await traced.query(SOURCE, { metric: 'velocity' }, RANGE)).status).toBe(400);
    await running.traced(`00-${'1'.repeat(32)}-${PARENT}-00`).query(SOURCE, { metric: 'lead-time' }, RANGE);
    expect(await running.shutdown()).toBe(0);
    stop();

    const calls = spans.filter(({ traceId }) => traceId === TRACE);
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['dora-metrics-datasource']));
    const roots = calls.filter(({ parentSpanId }) => parentSpanId === PARENT);
    expect(roots.map(({ name }) => name)).toEqual(['QueryData', 'QueryData']);
    expect(calls.find(({ name }) => name === 'query metric')).toMatchObject({ parentSpanId: roots[0].spanId, attributes: { 'dora.status': 200 }, status: 0 });
    expect(calls.find(({ name }) => name === 'query invalid')).toMatchObject({ parentSpanId: roots[1].spanId, attributes: { 'dora.error.code': 'QUERY_INVALID' }, status: 2 });
    // What Grafana does not sample is not sampled here either.
    expect(spans.filter(({ traceId }) => traceId === '1'.repeat(32))).toEqual([]);
    expect(JSON.stringify(spans)).not.toContain('planted-token');
  });

  it('cost nothing but the wait when nobody takes them', async () => {
    const running = await start({ GF_INSTANCE_OTLP_ADDRESS: '127.0.0.1:9', GF_INSTANCE_OTLP_SAMPLER_TYPE: 'const', GF_INSTANCE_OTLP_SAMPLER_PARAM: '1' });
    expect((await running.query(SOURCE, {}, RANGE)).status).toBe(200);
    const begin = performance.now();
    expect(await running.shutdown()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });

  it('have ids in the log also without tracing: of the request, of the pass, and of Grafana’s trace', async () => {
    const running = await start({});
    await running.traced(`00-${TRACE}-${PARENT}-00`).query({ uid: 'other', jsonData: { teams: [{ name: 'Payments' }] } }, { metric: 'lead-time' }, RANGE);
    await running.query(SOURCE, {}, RANGE);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const passes = running.logs.filter((line) => typeof line.passId === 'string');
    expect(passes.length).toBeGreaterThan(0);
    expect(passes.every((line) => line.requestId === undefined)).toBe(true);
    const answered = running.logs.filter((line) => line['@message'] === 'Answered');
    expect(answered.map(({ traceID }) => traceID)).toEqual([TRACE, undefined]);
    expect(new Set(answered.map(({ requestId }) => requestId)).size).toBe(2);
    expect(answered[0]).toMatchObject({ call: 'QueryData', requestId: expect.stringMatching(/^[0-9a-f]{16}$/) });
  });
});
