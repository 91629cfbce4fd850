import type { HealthPart, Source, SourceContext } from '../../sources/source';
import { SqliteStore } from '../../store/sqlite/store';
import { createApp, type App } from '../app';
import type { FrameJson } from '../frames/json';
import { JsonLog } from '../protocol/logs';
import { type PluginContext, STREAM_STATUS, type StreamRequest } from '../protocol/messages';

/** A source whose passes go on until the test says so. */
class HeldSource implements Source {
  readonly name = 'github';
  private contexts: SourceContext[] = [];
  private ends: Array<() => void> = [];

  isUsed(): boolean {
    return true;
  }

  sync(context: SourceContext, signal: AbortSignal): Promise<void> {
    this.contexts.push(context);
    return new Promise((resolve) => {
      this.ends.push(resolve);
      signal.addEventListener('abort', () => resolve());
    });
  }

  async check(): Promise<HealthPart[]> {
    return [];
  }

  async search(): Promise<string[]> {
    return [];
  }

  get passes(): number {
    return this.contexts.length;
  }

  /** Of the data source that was heard of as the given one. */
  report(fetched: number, index = 0): void {
    this.contexts[index].report({ scope: 'acme/a', phase: 'history', fetched, total: 9, lastSuccessAt: null, resumesAt: null, error: null });
  }

  end(index = 0): void {
    this.ends[index]();
  }
}

describe('the channel of the synchronisation', () => {
  let app: App;
  let source: HeldSource;
  const open: AbortController[] = [];

  function context(orgId = 1, uid = 'a'): PluginContext {
    return {
      orgId,
      pluginId: 'dora-metrics-datasource',
      user: { login: 'x', name: '', email: '', role: 'Viewer' },
      dataSourceInstanceSettings: { id: 1, name: 'DORA', url: '', jsonData: Buffer.from('{}'), decryptedSecureJsonData: {}, lastUpdatedMS: 1, uid },
      grafanaConfig: {},
      pluginVersion: '',
      userAgent: '',
    };
  }

  function request(path: string, pluginContext: PluginContext | null = context()): StreamRequest {
    return { path, pluginContext, data: new Uint8Array(), headers: {} };
  }

  function read(data: Uint8Array): { fetched: unknown[]; sync: unknown } {
    const { schema, data: columns } = JSON.parse(Buffer.from(data).toString('utf8')) as FrameJson;
    return { fetched: [...columns.values[schema.fields.findIndex(({ name }) => name === 'fetched')]], sync: schema.meta.custom?.sync };
  }

  /** What the channel has said so far. */
  function follow(pluginContext = context()): { heard: Array<ReturnType<typeof read>>; ended: Promise<void>; leave(): void } {
    const abort = new AbortController();
    open.push(abort);
    const heard: Array<ReturnType<typeof read>> = [];
    const ended = app.handlers.runStream(request('sync', pluginContext), ({ data }) => heard.push(read(data)), abort.signal);
    return { heard, ended, leave: () => abort.abort() };
  }

  async function until(holds: () => boolean): Promise<void> {
    for (let wait = 0; !holds() && wait < 200; wait += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(holds()).toBe(true);
  }

  beforeEach(() => {
    source = new HeldSource();
    app = createApp({
      store: new SqliteStore(null),
      sources: [source],
      createEngine: () => ({
        configure: () => undefined,
        apply: () => undefined,
        *link() {
          // Nothing to link.
        },
        answer: () => ({ kind: 'timeseries', series: [], notices: [] }),
        catalogue: () => ({ teams: [], services: [], repositories: [], environments: [] }),
      }),
      log: new JsonLog('error', () => undefined),
      now: () => 1_700_000_000_000,
    });
  });

  afterEach(async () => {
    open.splice(0).forEach((abort) => abort.abort());
    await app.stop();
  });

  it('gives a subscriber the state of now, then each change, at most one a second, and the end', async () => {
    const { status, data } = await app.handlers.subscribeStream(request('sync'));
    expect(status).toBe(STREAM_STATUS.ok);
    expect(read(data)).toMatchObject({ fetched: [null] });
    await until(() => source.passes === 1);
    const { heard } = follow();
    await until(() => heard.length === 1);
    const began = performance.now();
    for (let fetched = 1; fetched <= 5; fetched += 1) {
      source.report(fetched);
    }
    await until(() => heard.length === 2);
    expect(performance.now() - began).toBeGreaterThan(500);
    expect(heard[1]).toEqual({ fetched: [5], sync: { running: true, revision: 0 } });
    source.end();
    await until(() => heard.length === 3);
    expect(heard[2].sync).toEqual({ running: false, revision: 0 });
  });

  it('says nothing while nothing changes, and ends when nobody listens any more', async () => {
    const { heard, ended, leave } = follow();
    await until(() => source.passes === 1 && heard.length > 0);
    const said = heard.length;
    source.report(1);
    await until(() => heard.length === said + 1);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    source.report(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heard).toHaveLength(said + 1);
    leave();
    await ended;
    source.report(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard).toHaveLength(said + 1);
  });

  it('tells each organisation of its own data source only, also where two share a uid', async () => {
    await app.handlers.subscribeStream(request('sync', context(1)));
    await until(() => source.passes === 1);
    source.report(7);
    const other = await app.handlers.subscribeStream(request('sync', context(2)));
    expect(other.status).toBe(STREAM_STATUS.ok);
    expect(read(other.data).fetched).toEqual([null]);
    expect(read((await app.handlers.subscribeStream(request('sync', context(1)))).data).fetched).toEqual([7]);
  });

  it('refuses who comes without a data source, other paths, and everybody who wants to publish', async () => {
    const nobody = { ...context(), dataSourceInstanceSettings: null };
    expect((await app.handlers.subscribeStream(request('sync', nobody))).status).toBe(STREAM_STATUS.permissionDenied);
    expect((await app.handlers.subscribeStream(request('sync', null))).status).toBe(STREAM_STATUS.permissionDenied);
    expect((await app.handlers.subscribeStream(request('teams'))).status).toBe(STREAM_STATUS.notFound);
    expect((await app.handlers.publishStream(request('sync'))).status).toBe(STREAM_STATUS.permissionDenied);
    expect((await app.handlers.publishStream(request('else'))).status).toBe(STREAM_STATUS.notFound);
    await app.handlers.runStream(request('else'), () => expect('a packet').toBe('none'), new AbortController().signal);
    expect(source.passes).toBe(0);
  });
});
