import type { FrameJson } from '../../src/backend/frames/json';
import { STREAM_STATUS } from '../../src/backend/protocol/messages';
import type { SyncState } from '../../src/shared/resources';
import { GitHubDoubleProcess } from './double';
import { type DataSourceUnderTest, PluginProcess } from './plugin';
import { syncEnds } from './setup';

/** The channel of the synchronisation, from the built executable, as Grafana's server uses it. */

const RANGE = { from: Date.now() - 90 * 86_400_000, to: Date.now() };

let github: GitHubDoubleProcess;
let plugin: PluginProcess;
let names: string[];

function source(changes: Partial<DataSourceUnderTest> = {}): DataSourceUnderTest {
  return {
    uid: 'live',
    secrets: { githubToken: github.token },
    jsonData: { github: { apiUrl: github.url }, sync: { every: '1h', lookback: '3000d' }, teams: [{ name: 'Scale', repositories: names }] },
    ...changes,
  };
}

function stateOf({ schema }: FrameJson): SyncState {
  return schema.meta.custom?.sync as SyncState;
}

function fetchedOf({ schema, data }: FrameJson): number {
  const column = data.values[schema.fields.findIndex(({ name }) => name === 'fetched')];
  return column.reduce<number>((sum, value) => sum + Number(value ?? 0), 0);
}

beforeAll(async () => {
  github = await GitHubDoubleProcess.start({ scale: { repositories: 3, pullRequests: 150 } });
  names = (await github.world()).map(({ repository }) => repository);
  plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: 'memory' } });
}, 60_000);

afterAll(async () => {
  await plugin.kill();
  await github.stop();
});

it('tells of a first synchronisation from its beginning to its end, and an answer from then is final', async () => {
  // Slow enough for more than one message a second apart.
  await github.setLatency(400);
  const first = await plugin.subscribe(source(), 'sync');
  expect(first.status).toBe(STREAM_STATUS.ok);
  const heard: FrameJson[] = [];
  const stream = plugin.follow(source(), 'sync', (message) => heard.push(message));

  const early = await plugin.query(source(), { metric: 'deployment-frequency' }, RANGE);
  expect(early.frames[0].meta.custom).toMatchObject({ sync: { running: true } });
  const table = await plugin.query(source(), { queryType: 'sync', live: true }, RANGE);
  expect(table.frames[0].meta.channel).toBe('ds/live/sync');

  await syncEnds(plugin, source());
  for (let wait = 0; wait < 100 && stateOf(heard[heard.length - 1] ?? first.message).running; wait += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  stream.leave();
  await stream.ended;

  expect(heard.length).toBeGreaterThanOrEqual(3);
  const last = heard[heard.length - 1];
  const asked = await plugin.query(source(), { queryType: 'sync' }, RANGE);
  // The channel says what a query says.
  expect(last.schema.fields.map(({ name, type }) => [name, type])).toEqual(asked.frames[0].fields.map(({ name, type }) => [name, type]));
  expect(last.data.values).toEqual(asked.frames[0].fields.map(({ values }) => values));
  const running = heard.map((message) => stateOf(message).running);
  expect(running.slice(running.indexOf(true))).toEqual([...running.slice(running.indexOf(true) + 1).map(() => true), false]);
  const revisions = heard.map((message) => stateOf(message).revision);
  expect(revisions).toEqual([...revisions].sort((one, other) => one - other));
  expect(stateOf(last).revision).toBeGreaterThan(stateOf(heard[0]).revision);
  expect(fetchedOf(last)).toBeGreaterThan(0);
  expect((await plugin.query(source(), { metric: 'deployment-frequency' }, RANGE)).frames[0].meta.custom).not.toHaveProperty('sync');
}, 120_000);

it('lets a viewer in, nobody publish, and no other organisation look', async () => {
  expect((await plugin.subscribe(source({ role: 'Viewer' }), 'sync')).status).toBe(STREAM_STATUS.ok);
  expect((await plugin.subscribe(source(), 'events')).status).toBe(STREAM_STATUS.notFound);
  for (const role of ['Viewer', 'Editor', 'Admin']) {
    expect(await plugin.publish(source({ role }), 'sync', { hello: 'there' })).toBe(STREAM_STATUS.permissionDenied);
  }
  const other = await plugin.subscribe(source({ orgId: 2, jsonData: { teams: [] }, secrets: {} }), 'sync');
  expect(other.message?.data.values.flat()).not.toContain(names[0]);
});

it('ends a stream when the last listener goes, and serves on', async () => {
  const streams = Array.from({ length: 50 }, () => plugin.follow(source(), 'sync', () => undefined));
  streams.forEach(({ leave }) => leave());
  await Promise.all(streams.map(({ ended }) => ended));
  expect(await plugin.serving()).toBe(1);
  expect(plugin.logs.filter((line) => line['@level'] === 'error')).toEqual([]);
});
