import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client, credentials, Metadata, type ServiceDefinition, status as grpcStatus } from '@grpc/grpc-js';
import type { FrameJson } from '../../src/backend/frames/json';
import { definitions } from '../../src/backend/protocol/definition';
import type {
  CallResourceRequest,
  CallResourceResponse,
  CheckHealthResponse,
  CollectMetricsResponse,
  DataQuery,
  PluginContext,
  QueryDataResponse,
  StreamPacket,
  StreamResponse,
} from '../../src/backend/protocol/messages';
import type { StoredDoraQuery } from '../../src/shared/query';
import type { DoraJsonData, Secrets } from '../../src/shared/settings';
import { SecretScan } from '../support/secret-scan';
import { decodeFrame, type DecodedFrame } from './frames';

const ROOT = join(import.meta.dirname ?? __dirname, '..', '..');
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', arm64: 'arm64' };
const PLATFORMS: Record<string, string> = { win32: 'windows' };
const START_MS = 60_000;

/** The executable that `npm run build` made for this machine. */
export function builtExecutable(): string {
  const platform = PLATFORMS[process.platform] ?? process.platform;
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return join(ROOT, 'dist', `gpx_dora_metrics_${platform}_${ARCHITECTURES[process.arch] ?? process.arch}${suffix}`);
}

/** A data source as Grafana would describe it with each request. */
export interface DataSourceUnderTest {
  jsonData: DoraJsonData | Record<string, unknown>;
  secrets?: Secrets;
  uid?: string;
  orgId?: number;
  /** Rises with each change of the settings. */
  version?: number;
  role?: string;
}

export interface QueryUnderTest {
  refId?: string;
  model: StoredDoraQuery | Record<string, unknown> | string;
  /** Milliseconds since the epoch. */
  from: number;
  to: number;
}

export interface QueryOutcome {
  status: number;
  error: string;
  errorSource: string;
  frames: DecodedFrame[];
}

export interface ResourceOutcome {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

export interface LogLine {
  '@level': string;
  '@message': string;
  '@timestamp': string;
  [key: string]: unknown;
}

/** A running plugin process, driven as Grafana drives it. */
export class PluginProcess {
  readonly logs: LogLine[] = [];
  /** Lines on stderr that are no JSON log; there should be none. */
  readonly strayLines: string[] = [];
  private readonly clients = new Map<string, Client>();
  /** Goes along with each call. */
  private readonly metadata = new Metadata();
  /** Within tests only: the playground and the bench have better things to do. */
  private readonly scan = process.env.JEST_WORKER_ID === undefined ? null : new SecretScan();

  private constructor(
    readonly child: ChildProcess,
    /** As gRPC names it. */
    readonly address: string,
    readonly handshake: string,
    /** Folder of its store, where it has one. */
    private readonly store: string | undefined,
  ) {}

  /** Starts the executable and reads its handshake line. */
  static async start(options: { executable?: string; arguments?: string[]; environment?: Record<string, string> } = {}): Promise<PluginProcess> {
    const executable = options.executable ?? builtExecutable();
    if (!existsSync(executable)) {
      throw new Error(`${executable} is missing: run "npm run build" first.`);
    }
    const child = spawn(executable, options.arguments ?? [], {
      // Grafana gives a plugin process no other variables, not even PATH or HOME.
      env: { grafana_plugin_type: 'datasource', PLUGIN_PROTOCOL_VERSIONS: '2', ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const early: string[] = [];
    let plugin: PluginProcess | null = null;
    createInterface({ input: child.stderr }).on('line', (line) => (plugin ? plugin.takeLog(line) : early.push(line)));
    const lines = createInterface({ input: child.stdout });
    const timer = setTimeout(() => child.kill('SIGKILL'), START_MS);
    try {
      const line = await Promise.race([
        once(lines, 'line').then(([first]) => String(first)),
        once(child, 'exit').then(([code]) => Promise.reject(new Error(`The plugin ended with ${String(code)} before its handshake:\n${early.join('\n')}`))),
      ]);
      const [core, version, network, address, protocol] = line.split('|');
      if (core !== '1' || version !== '2' || protocol !== 'grpc') {
        throw new Error(`Not a handshake: ${line}`);
      }
      plugin = new PluginProcess(child, network === 'unix' ? `unix:${address}` : address, line, storeFolder(options.environment?.GF_PLUGIN_DORA_STORE));
      early.forEach((text) => plugin?.takeLog(text));
      return plugin;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The same process, asked within a trace; `traceparent` is W3C's header. */
  traced(traceparent: string): PluginProcess {
    const metadata = new Metadata();
    metadata.set('traceparent', traceparent);
    return Object.create(this, { metadata: { value: metadata } }) as PluginProcess;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async queryData(source: DataSourceUnderTest, queries: QueryUnderTest[]): Promise<Record<string, QueryOutcome>> {
    const { responses } = await this.queryRaw(source, queries);
    return Object.fromEntries(
      Object.entries(responses).map(([refId, { status, error, errorSource, frames }]) => [refId, { status, error, errorSource, frames: frames.map(decodeFrame) }]),
    );
  }

  /** The answer with its frames still encoded, for measuring. */
  queryRaw(source: DataSourceUnderTest, queries: QueryUnderTest[]): Promise<QueryDataResponse> {
    const encoded: DataQuery[] = queries.map(({ refId, model, from, to }, index) => ({
      refId: refId ?? String.fromCharCode(65 + index),
      maxDataPoints: 1_000,
      intervalMS: 60_000,
      timeRange: { fromEpochMS: from, toEpochMS: to },
      json: Buffer.from(typeof model === 'string' ? model : JSON.stringify(model)),
      queryType: '',
    }));
    return this.unary('pluginv2.Data', 'QueryData', { pluginContext: contextOf(source), headers: {}, queries: encoded });
  }

  /** One query; its answer. */
  async query(source: DataSourceUnderTest, model: QueryUnderTest['model'], range: { from: number; to: number }): Promise<QueryOutcome> {
    return (await this.queryData(source, [{ refId: 'A', model, ...range }])).A;
  }

  async resource(source: DataSourceUnderTest, method: string, url: string, body = '', headers: Record<string, string> = {}): Promise<ResourceOutcome> {
    const request: CallResourceRequest = {
      pluginContext: contextOf(source),
      path: url.split('?')[0],
      url,
      method,
      headers: Object.fromEntries(Object.entries({ 'Content-Type': 'application/json', ...headers }).map(([name, value]) => [name, { values: [value] }])),
      body: Buffer.from(body),
    };
    this.scan?.learn(request);
    const { path, definition } = this.method('pluginv2.Resource', 'CallResource');
    const call = this.client('pluginv2.Resource').makeServerStreamRequest(
      path,
      definition.requestSerialize as (value: CallResourceRequest) => Buffer,
      definition.responseDeserialize as (bytes: Buffer) => CallResourceResponse,
      request,
    );
    const parts: CallResourceResponse[] = [];
    for await (const part of call) {
      parts.push(part as CallResourceResponse);
    }
    this.scan?.check(`resource ${method} ${url.split('?')[0]}`, parts);
    const text = Buffer.concat(parts.map((part) => part.body)).toString('utf8');
    return { status: parts[0].code, headers: Object.fromEntries(Object.entries(parts[0].headers).map(([name, { values }]) => [name, values.join(', ')])), body: text === '' ? null : (JSON.parse(text) as unknown) };
  }

  async health(source: DataSourceUnderTest): Promise<{ ok: boolean; message: string; details: { parts: Array<{ name: string; status: string; message: string; code: string | null }> } }> {
    const { status, message, jsonDetails } = await this.unary<CheckHealthResponse>('pluginv2.Diagnostics', 'CheckHealth', {
      pluginContext: contextOf({ role: 'Admin', ...source }),
      headers: {},
    });
    return { ok: status === 1, message, details: JSON.parse(Buffer.from(jsonDetails).toString('utf8')) as { parts: Array<{ name: string; status: string; message: string; code: string | null }> } };
  }

  /** Prometheus text. */
  async metrics(): Promise<string> {
    const { metrics } = await this.unary<CollectMetricsResponse>('pluginv2.Diagnostics', 'CollectMetrics', {});
    return Buffer.from(metrics.prometheus).toString('utf8');
  }

  /** gRPC's own health check, as go-plugin asks it. */
  async serving(service = 'plugin'): Promise<number> {
    return (await this.unary<{ status: number }>('grpc.health.v1.Health', 'Check', { service })).status;
  }

  /** Asks for the end as Grafana does; resolves with the exit code. */
  async shutdown(): Promise<number | null> {
    const ended = this.ended();
    await this.unary('plugin.GRPCController', 'Shutdown', {});
    return ended;
  }

  /** Ends the process with a signal and waits for it. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | null> {
    if (!this.alive) {
      return this.child.exitCode;
    }
    const ended = this.ended();
    this.child.kill(signal);
    const code = await ended;
    if (signal === 'SIGKILL' && this.address.startsWith('unix:')) {
      // What a process that is killed cannot remove itself.
      rmSync(dirname(this.address.slice('unix:'.length)), { recursive: true, force: true });
    }
    return code;
  }

  async subscribe(source: DataSourceUnderTest, path: string): Promise<{ status: number; message: FrameJson | null }> {
    const { status, data } = await this.unary<StreamResponse>('pluginv2.Stream', 'SubscribeStream', { pluginContext: contextOf(source), path, headers: {} });
    return { status, message: data.length > 0 ? (JSON.parse(Buffer.from(data).toString('utf8')) as FrameJson) : null };
  }

  async publish(source: DataSourceUnderTest, path: string, data: unknown): Promise<number> {
    const request = { pluginContext: contextOf(source), path, data: Buffer.from(JSON.stringify(data)), headers: {} };
    return (await this.unary<StreamResponse>('pluginv2.Stream', 'PublishStream', request)).status;
  }

  /** Follows a channel as Grafana does for all its subscribers; `leave` is the last of them going. */
  follow(source: DataSourceUnderTest, path: string, hear: (message: FrameJson) => void): { leave(): void; ended: Promise<void> } {
    const { path: address, definition } = this.method('pluginv2.Stream', 'RunStream');
    const call = this.client('pluginv2.Stream').makeServerStreamRequest(
      address,
      definition.requestSerialize as (value: object) => Buffer,
      definition.responseDeserialize as (bytes: Buffer) => StreamPacket,
      { pluginContext: contextOf(source), path, headers: {} },
    );
    call.on('data', ({ data }: StreamPacket) => {
      this.scan?.check(`stream ${path}`, data);
      hear(JSON.parse(Buffer.from(data).toString('utf8')) as FrameJson);
    });
    const ended = new Promise<void>((resolve, reject) => {
      call.on('end', () => resolve());
      call.on('error', (error: Error & { code?: number }) => (error.code === grpcStatus.CANCELLED ? resolve() : reject(error)));
    });
    return { leave: () => call.cancel(), ended };
  }

  /** Calls a method by name with any request, for what the typed methods do not cover. */
  unary<Response>(service: string, method: string, request: object): Promise<Response> {
    const { path, definition } = this.method(service, method);
    this.scan?.learn(request);
    return new Promise<Response>((resolve, reject) => {
      this.client(service).makeUnaryRequest(
        path,
        definition.requestSerialize as (value: object) => Buffer,
        definition.responseDeserialize as (bytes: Buffer) => Response,
        request,
        this.metadata,
        (error, response) => {
          this.scan?.check(`answer of ${method}`, [response, error?.message]);
          if (error || response === undefined) {
            reject(error ?? new Error('No answer'));
          } else {
            resolve(response);
          }
        },
      );
    });
  }

  /** Resident memory in bytes. */
  residentBytes(): number {
    const line = readFileSync(`/proc/${this.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/);
    return line ? Number(line[1]) * 1_024 : 0;
  }

  /** Processor time that the process used so far, in milliseconds (Linux). */
  processorMs(): number {
    // After the name in parentheses: state, then utime and stime as the 12th and 13th, in hundredths of a second.
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }

  private async ended(): Promise<number | null> {
    const [code] = (await once(this.child, 'exit')) as [number | null];
    this.clients.forEach((client) => client.close());
    this.clients.clear();
    if (this.scan) {
      this.scan.check('handshake', this.handshake);
      this.scan.check('log', [this.logs, this.strayLines]);
      if (this.store !== undefined && existsSync(this.store)) {
        this.scan.checkFolder(this.store);
      }
      this.scan.close();
    }
    return code;
  }

  private client(service: string): Client {
    let client = this.clients.get(service);
    if (!client) {
      client = new Client(this.address, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
      this.clients.set(service, client);
    }
    return client;
  }

  private method(service: string, method: string): { path: string; definition: ServiceDefinition[string] } {
    const definition = (definitions[service] as ServiceDefinition | undefined)?.[method];
    if (!definition) {
      throw new Error(`No such method: ${service}/${method}`);
    }
    return { path: definition.path, definition };
  }

  /** As Grafana reads it: anything else is plain text, which it shows at the level debug only. */
  private takeLog(line: string): void {
    let entry: LogLine | null = null;
    try {
      entry = JSON.parse(line) as LogLine;
    } catch {
      // No JSON.
    }
    if (entry !== null && Buffer.byteLength(line) < 65_536 && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(entry['@timestamp'])) {
      this.logs.push(entry);
    } else {
      this.strayLines.push(line);
    }
  }
}

function storeFolder(place: string | undefined): string | undefined {
  return place === undefined || place === 'memory' || place.includes('://') ? undefined : place;
}

function contextOf({ jsonData, secrets = {}, uid = 'dora', orgId = 1, version = 1, role = 'Viewer' }: DataSourceUnderTest): PluginContext {
  return {
    orgId,
    pluginId: 'dora-metrics-datasource',
    user: { login: 'somebody', name: 'Some Body', email: 'somebody@example.org', role },
    dataSourceInstanceSettings: {
      id: 1,
      name: 'DORA',
      url: '',
      jsonData: Buffer.from(JSON.stringify(jsonData)),
      decryptedSecureJsonData: { ...secrets },
      lastUpdatedMS: version,
      uid,
    },
    grafanaConfig: {},
    pluginVersion: '0.1.0',
    userAgent: 'Grafana/12.4.0',
  };
}
