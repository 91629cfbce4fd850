import { setTimeout as delay } from 'node:timers/promises';
import { DoraError } from '../../shared/errors';
import { parseSettings, type DoraJsonData } from '../../shared/settings';
import type { Source, SourceContext } from '../../sources/source';
import { SqliteStore } from '../../store/sqlite/store';
import type { DataSourceStore } from '../../store/store';
import { pauseAfterPass } from './backoff';
import { Scheduler } from './scheduler';

/** A source whose passes the test ends by hand. */
class ManualSource implements Source {
  readonly name = 'github';
  passes: Array<{ context: SourceContext; signal: AbortSignal; end: (error?: Error) => void; ended: boolean }> = [];

  isUsed(): boolean {
    return true;
  }

  sync(context: SourceContext, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const pass = {
        context,
        signal,
        ended: false,
        end: (error?: Error): void => {
          pass.ended = true;
          if (error) {
            reject(error);
          } else {
            resolve();
          }
        },
      };
      this.passes.push(pass);
      signal.addEventListener('abort', () => pass.end(new Error('aborted')));
    });
  }

  async check(): Promise<[]> {
    return [];
  }

  async search(): Promise<string[]> {
    return [];
  }

  async pass(number: number): Promise<ManualSource['passes'][number]> {
    for (let wait = 0; this.passes.length < number && wait < 200; wait += 1) {
      await delay(5);
    }
    expect(this.passes.length).toBe(number);
    return this.passes[number - 1];
  }
}

const settings = (json: DoraJsonData): ReturnType<typeof parseSettings>['settings'] => parseSettings(json).settings;
const progress = { scope: 'acme/a', phase: 'history', fetched: 3, total: 10, lastSuccessAt: null, resumesAt: null, error: null } as const;

describe('scheduler', () => {
  let source: ManualSource;
  let store: DataSourceStore;
  let scheduler: Scheduler;
  let now: number;
  const outcomes: boolean[] = [];

  function create(): Scheduler {
    return new Scheduler({
      sources: [source],
      store,
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, redact: (text) => text.replaceAll('planted-secret', '***') },
      now: () => now,
      wanted: () => ['Payments'],
      events: { progress: () => undefined, rateLimit: () => undefined, passEnded: (_source, _ms, failed) => outcomes.push(failed) },
    });
  }

  beforeEach(() => {
    now = 1_700_000_000_000;
    outcomes.length = 0;
    source = new ManualSource();
    store = new SqliteStore(null).dataSource('1/a');
    scheduler = create();
  });

  afterEach(() => scheduler.stop());

  it('starts at once, tells how far it is, and rests after the pass', async () => {
    scheduler.configure({ settings: settings({ sync: { every: '5m' } }), secrets: {}, grafanaConfig: {} });
    const pass = await source.pass(1);
    pass.context.report({ ...progress });
    expect(scheduler.answer().sources).toMatchObject([{ source: 'github', running: true, lastSuccessAt: null, scopes: [{ scope: 'acme/a', fetched: 3, total: 10 }] }]);
    pass.context.report({ ...progress, phase: 'done' });
    now += 5_000;
    pass.end();
    await scheduler.firstPass(1_000);
    await delay(20);
    expect(scheduler.answer().sources).toMatchObject([{ running: false, lastSuccessAt: now }]);
    expect(source.passes).toHaveLength(1);
    expect(outcomes).toEqual([false]);
  });

  it('waits for the first pass no longer than asked', async () => {
    scheduler.configure({ settings: settings({}), secrets: {}, grafanaConfig: {} });
    const start = performance.now();
    await scheduler.firstPass(50);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('passes again when asked, but never two at a time', async () => {
    scheduler.configure({ settings: settings({}), secrets: {}, grafanaConfig: {} });
    scheduler.startNow();
    scheduler.startNow();
    (await source.pass(1)).end();
    await delay(20);
    scheduler.startNow();
    const second = await source.pass(2);
    scheduler.startNow();
    await delay(20);
    expect(source.passes).toHaveLength(2);
    second.end();
  });

  it('begins anew with new settings after the old pass has ended, and leaves equal settings alone', async () => {
    scheduler.configure({ settings: settings({ timezone: 'UTC' }), secrets: { githubToken: 'old' }, grafanaConfig: {} });
    const first = await source.pass(1);
    scheduler.configure({ settings: settings({ timezone: 'UTC' }), secrets: { githubToken: 'old' }, grafanaConfig: {} });
    await delay(10);
    expect(first.signal.aborted).toBe(false);
    scheduler.configure({ settings: settings({ timezone: 'UTC' }), secrets: { githubToken: 'new' }, grafanaConfig: {} });
    const second = await source.pass(2);
    expect(first.ended).toBe(true);
    expect(second.context.secrets.githubToken).toBe('new');
    second.end();
  });

  it('shows a failure that the source threw, with its code, and tries again sooner than usual', async () => {
    scheduler.configure({ settings: settings({}), secrets: {}, grafanaConfig: {} });
    (await source.pass(1)).end(new DoraError('GITHUB_UNREACHABLE', 'No way there'));
    await delay(20);
    expect(scheduler.answer().sources[0].scopes).toMatchObject([{ phase: 'failed', error: { code: 'GITHUB_UNREACHABLE', message: 'No way there' } }]);
    expect(outcomes).toEqual([true]);
    expect(pauseAfterPass(300_000, 1)).toBe(10_000);
    expect(pauseAfterPass(300_000, 3)).toBe(40_000);
    expect(pauseAfterPass(300_000, 99)).toBe(300_000);
    expect(pauseAfterPass(300_000, 0)).toBe(300_000);
    scheduler.startNow();
    const second = await source.pass(2);
    second.end();
    await delay(20);
    expect(scheduler.answer().sources[0].scopes).toEqual([]);
  });

  it('does not tell the world what an unforeseen failure says', async () => {
    scheduler.configure({ settings: settings({}), secrets: {}, grafanaConfig: {} });
    (await source.pass(1)).end(new TypeError('at /home/x ghp_secret'));
    await delay(20);
    expect(JSON.stringify(scheduler.answer())).not.toContain('ghp_secret');
    expect(scheduler.answer().sources[0].scopes).toMatchObject([{ error: { code: 'INTERNAL' } }]);
  });

  it('asks nobody after a restart while what it has is fresh, and remembers how it stood', async () => {
    scheduler.configure({ settings: settings({ sync: { every: '5m' } }), secrets: {}, grafanaConfig: {} });
    const pass = await source.pass(1);
    pass.context.report({ ...progress, phase: 'done' });
    pass.end();
    await delay(30);
    const before = scheduler.answer();
    await scheduler.stop();

    now += 60_000;
    scheduler = create();
    scheduler.configure({ settings: settings({ sync: { every: '5m' } }), secrets: {}, grafanaConfig: {} });
    await scheduler.firstPass(1_000);
    await delay(30);
    expect(source.passes).toHaveLength(1);
    expect(scheduler.answer()).toEqual(before);
    await scheduler.stop();

    // Other settings, or enough time, and it asks at once.
    scheduler = create();
    scheduler.configure({ settings: settings({ sync: { every: '5m' }, timezone: 'Europe/Berlin' }), secrets: {}, grafanaConfig: {} });
    (await source.pass(2)).end();
    await delay(30);
    await scheduler.stop();
    now += 400_000;
    scheduler = create();
    scheduler.configure({ settings: settings({ sync: { every: '5m' }, timezone: 'Europe/Berlin' }), secrets: {}, grafanaConfig: {} });
    (await source.pass(3)).end();
  });

  it('stops a pass under way', async () => {
    scheduler.configure({ settings: settings({}), secrets: {}, grafanaConfig: {} });
    const pass = await source.pass(1);
    await scheduler.stop();
    expect(pass.signal.aborted).toBe(true);
    expect(source.passes).toHaveLength(1);
  });
});
