import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { dirname } from 'node:path';
import { builtExecutable, type DataSourceUnderTest, PluginProcess } from './plugin';
import { temporaryFolder } from './setup';

/** A data source that asks nobody: its team has no repository. */
const IDLE: DataSourceUnderTest = { jsonData: { teams: [{ name: 'Payments' }] } };
const RANGE = { from: Date.UTC(2024, 0, 1), to: Date.UTC(2024, 1, 1) };
const STOP_MS = 2_000;
const STARTS = process.env.DORA_LONG === '1' ? 60 : 5;

function socketOf(plugin: PluginProcess): string {
  return plugin.address.replace('unix:', '');
}

async function isGone(pid: number): Promise<boolean> {
  for (let wait = 0; wait < 100; wait += 1) {
    try {
      process.kill(pid, 0);
    } catch {
      return true;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

describe('the executable', () => {
  let plugin: PluginProcess | null = null;
  const folder = temporaryFolder();
  const start = async (environment: Record<string, string> = {}): Promise<PluginProcess> => {
    plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: folder.path, TMPDIR: folder.path, ...environment } });
    return plugin;
  };

  afterEach(async () => {
    await plugin?.kill();
    plugin = null;
  });
  afterAll(() => folder.remove());

  it('explains itself and exits 1 when a person starts it', () => {
    const { status, stdout, stderr } = spawnSync(builtExecutable(), [], { env: {}, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain('data source for Grafana');
    expect(stderr).toContain('plugins folder');
  });

  it('says where it listens in one line, serves, and says nothing else on stdout', async () => {
    const child = spawn(builtExecutable(), [], { env: { grafana_plugin_type: 'datasource', GF_PLUGIN_DORA_STORE: 'memory' }, stdio: ['ignore', 'pipe', 'ignore'] });
    const lines: string[] = [];
    const reader = createInterface({ input: child.stdout });
    reader.on('line', (line) => lines.push(line));
    await once(reader, 'line');
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.kill('SIGTERM');
    await once(child, 'exit');
    expect(lines).toEqual([expect.stringMatching(/^1\|2\|unix\|\/.+\|grpc$/)]);
  });

  it('listens where only its user can connect', async () => {
    const { address } = await start();
    expect(statSync(dirname(address.replace('unix:', ''))).mode & 0o777).toBe(0o700);
  });

  it('is healthy to gRPC by its name only, and leaves what it does not serve unimplemented', async () => {
    const running = await start();
    expect(await running.serving('plugin')).toBe(1);
    expect(await running.serving('something')).not.toBe(1);
    expect(await running.unary('pluginv2.Data', 'QueryData', {})).toMatchObject({ responses: {} });
  });

  it.each(['Shutdown', 'SIGTERM'] as const)('ends cleanly on %s within 2 s and leaves no socket', async (how) => {
    const running = await start();
    await running.query(IDLE, {}, RANGE);
    const socket = socketOf(running);
    expect(existsSync(socket)).toBe(true);
    const begin = performance.now();
    expect(how === 'Shutdown' ? await running.shutdown() : await running.kill('SIGTERM')).toBe(0);
    expect(performance.now() - begin).toBeLessThan(STOP_MS);
    expect(existsSync(dirname(socket))).toBe(false);
  });

  it(`ends at ${STARTS} random moments of its start, and starts again`, async () => {
    let started = 0;
    let longest = 0;
    for (let start = 0; start < STARTS; start += 1) {
      const child = spawn(builtExecutable(), [], { env: { grafana_plugin_type: 'datasource', GF_PLUGIN_DORA_STORE: folder.path, TMPDIR: folder.path }, stdio: ['ignore', 'pipe', 'ignore'] });
      child.stdout.once('data', () => (started += 1));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_200));
      const begin = performance.now();
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      longest = Math.max(longest, performance.now() - begin);
    }
    console.info(`${STARTS} ends, ${started} of them after the handshake; the longest took ${Math.round(longest)} ms`);
    expect(longest).toBeLessThan(STOP_MS);
    const running = await start();
    expect((await running.query(IDLE, {}, RANGE)).status).toBe(200);
    expect((await running.health(IDLE)).details.parts.filter(({ name, status }) => name === 'Store' && status !== 'ok')).toEqual([]);
  }, 300_000);

  it('ends within 2 s while a provider keeps it waiting', async () => {
    const running = await start();
    // Nothing answers there: the connection hangs or fails, and is tried again.
    const waiting: DataSourceUnderTest = { jsonData: { github: { apiUrl: 'http://127.0.0.1:9' }, teams: [{ name: 'A', repositories: ['acme/*'] }] }, secrets: { githubToken: 'ghp_token_of_nobody' } };
    await running.query(waiting, {}, RANGE);
    const begin = performance.now();
    expect(await running.shutdown()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(STOP_MS);
  });

  it('leaves Ctrl-C to Grafana', async () => {
    const running = await start();
    running.child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await running.serving()).toBe(1);
  });

  it('goes on when nobody reads its log any more', async () => {
    const running = await start({ GF_PLUGIN_DORA_LOG_LEVEL: 'debug' });
    running.child.stderr?.destroy();
    running.child.stdout?.destroy();
    for (let call = 0; call < 20; call += 1) {
      expect((await running.query(IDLE, { metric: 'velocity' }, RANGE)).status).toBe(400);
      await running.resource(IDLE, 'GET', 'sync');
    }
    expect(running.alive).toBe(true);
    expect(await running.serving()).toBe(1);
  });

  it('ends when Grafana was killed', async () => {
    // A shell in Grafana's place: it starts the plugin and is killed.
    const parent = spawn('/bin/sh', ['-c', `"${builtExecutable()}" & echo $!; wait`], {
      env: { grafana_plugin_type: 'datasource', GF_PLUGIN_DORA_STORE: 'memory', TMPDIR: folder.path },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines: string[] = [];
    for await (const line of createInterface({ input: parent.stdout })) {
      lines.push(line);
      if (lines.length === 2) {
        break;
      }
    }
    const pid = Number(lines.find((line) => /^\d+$/.test(line)));
    expect(pid).toBeGreaterThan(0);
    parent.kill('SIGKILL');
    expect(await isGone(pid)).toBe(true);
    const socket = lines.find((line) => line.startsWith('1|'))?.split('|')[3] ?? '';
    expect(socket).toContain(folder.path);
    expect(existsSync(dirname(socket))).toBe(false);
  });

  it('takes a request of many megabytes and refuses one beyond 16 MiB without dying', async () => {
    const running = await start();
    const large = await running.query(IDLE, { padding: 'x'.repeat(10_000_000) }, RANGE);
    expect(large.status).toBe(200);
    await expect(running.query(IDLE, { padding: 'x'.repeat(17_000_000) }, RANGE)).rejects.toMatchObject({ code: 8 });
    expect(await running.serving()).toBe(1);
  });

  it('answers each bad query with a coded 400 and its neighbours well', async () => {
    const running = await start();
    const bad: Record<string, [unknown, string]> = {
      metric: [{ metric: 'velocity' }, 'metric'],
      team: [{ teams: ['Nobody'] }, 'teams'],
      days: [{ rollingDays: -1 }, 'rollingDays'],
      zone: [{ timezone: 'Mars/Olympus' }, 'timezone'],
      json: ['{"metric":', 'query'],
      type: [{ teams: 'Payments' }, 'teams'],
      huge: [{ services: ['x'.repeat(1_000_000)] }, 'services[0]'],
    };
    const outcomes = await running.queryData(IDLE, [
      { refId: 'good', model: {}, ...RANGE },
      ...Object.entries(bad).map(([refId, [model]]) => ({ refId, model: model as string, ...RANGE })),
      { refId: 'inverted', model: {}, from: RANGE.to, to: RANGE.from },
      { refId: 'centuries', model: { interval: 'day' }, from: Date.UTC(1974, 0, 1), to: Date.UTC(2024, 0, 1) },
      { refId: 'last', model: { metric: 'lead-time', format: 'number' }, ...RANGE },
    ]);
    for (const [refId, [, field]] of Object.entries(bad)) {
      expect([refId, outcomes[refId].status, outcomes[refId].errorSource]).toEqual([refId, 400, 'downstream']);
      expect(outcomes[refId].error).toContain(field);
    }
    expect(outcomes.inverted).toMatchObject({ status: 400, error: expect.stringContaining('RANGE_INVALID') });
    expect(outcomes.centuries).toMatchObject({ status: 400, error: expect.stringContaining('RANGE_TOO_LONG') });
    expect([outcomes.good.status, outcomes.last.status]).toEqual([200, 200]);
    expect(running.alive).toBe(true);
  });

  it('runs with memory and says so where it cannot write', async () => {
    const running = await start({ GF_PLUGIN_DORA_STORE: '/proc/nowhere' });
    expect((await running.query(IDLE, {}, RANGE)).status).toBe(200);
    const { details } = await running.health(IDLE);
    expect(details.parts.find(({ name }) => name === 'Store')).toMatchObject({ status: 'warning', code: 'STORE_UNAVAILABLE', message: expect.stringContaining('/proc/nowhere') });
  });

  it('gives Prometheus its metrics', async () => {
    const running = await start();
    await running.query(IDLE, {}, RANGE);
    const metrics = await running.metrics();
    expect(metrics).toContain('dora_queries_total{type="metric",status="200"} 1');
    expect(metrics).toMatch(/dora_memory_bytes\{kind="resident"\} \d{7,}/);
  });

  it('logs its start in the form that Grafana reads', async () => {
    const running = await start();
    await running.serving();
    expect(running.strayLines).toEqual([]);
    expect(running.logs[0]).toMatchObject({ '@level': 'info', '@message': 'Ready', store: folder.path });
  });
});
