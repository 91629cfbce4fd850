import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadHistories } from '../../../tests/doubles/github/histories';
import { GitHubBench } from '../../../tests/support/github';

const HISTORIES = join(__dirname, '../../../../shared/data');
const whenPresent = existsSync(HISTORIES) ? describe : describe.skip;

whenPresent('real histories (skipped when ../shared/data is absent)', () => {
  const bench = new GitHubBench({
    // After the last of what was recorded: GitHub dates nothing into the future.
    now: '2026-09-01T00:00:00Z',
    settings: {
      sync: { every: '5m', lookback: '6000d' },
      teams: [{ name: 'All', repositories: ['fastify/fastify', 'grafana/*', 'middlewarehq/middleware'], deployments: [{ from: 'releases' }] }],
    },
  });
  beforeAll(async () => {
    loadHistories(bench.world, HISTORIES);
    await bench.start();
    await bench.sync();
  });
  afterAll(() => bench.close());

  test('every merged pull request, commit and release is stored', async () => {
    const releases = ['fastify__fastify', 'grafana__plugin-tools', 'middlewarehq__middleware']
      .flatMap((name) => readFileSync(join(HISTORIES, `${name}.releases.ndjson`), 'utf8').trim().split('\n'))
      .filter((line) => (JSON.parse(line) as { onDefault: boolean }).onDefault).length;
    expect(await bench.store.counts()).toMatchObject({ repositories: 3, pullRequests: 2_494 + 1_974 + 308, deployments: releases });
    expect(Object.values(bench.latest()).map(({ phase }) => phase)).toEqual(['done', 'done', 'done']);
  });

  test('cost', () => {
    const summary = bench.double.journal.summary();
    const kinds = (connection: string) => bench.double.journal.list().filter((entry) => entry.pages.some((page) => page.connection === connection && page.size > 1));
    expect(summary.maxConcurrent).toBe(1);
    expect(summary.repeatedPages).toEqual([]);
    expect(kinds('pullRequests').length).toBeLessThanOrEqual((30 * 4_776) / 1_000 + 3);
  });

  test('an unchanged pass', async () => {
    const before = await bench.store.revision();
    bench.double.journal.clear();
    bench.clock.advance(5 * 60_000);
    await bench.sync();
    expect(bench.double.journal.summary()).toMatchObject({ calls: 1, points: 1 });
    expect(await bench.store.revision()).toBe(before);
  });
});
