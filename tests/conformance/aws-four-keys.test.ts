import { createEngine } from '../../src/engine/index';
import type { DoraEngine } from '../../src/engine/engine';
import { parseQuery } from '../../src/shared/query';
import { parseSettings, type DoraJsonData } from '../../src/shared/settings';
import { GitHubSource } from '../../src/sources/github/github-source';
import { DEFAULT_TOKEN } from '../doubles/github/access';
import { Scenario, type RepositoryBuilder } from '../doubles/github/scenario';
import { GitHubDouble } from '../doubles/github/server';
import { World } from '../doubles/github/world';
import { AwsBench, DAY, HOUR, KEYS, MINUTE } from '../support/aws';
import type { PipelineBuilder } from '../doubles/aws/scenario';

/**
 * One story at the doubles of GitHub and AWS, read by the real sources and computed by the engine; every expected number
 * was worked out by hand from the moments below.
 */
describe('the four keys of an AWS team, by hand', () => {
  let bench: AwsBench;
  let gitHub: GitHubDouble;
  let engine: DoraEngine;
  let start: number;
  let shop: RepositoryBuilder;
  let pipeline: PipelineBuilder;
  const world = new World();

  /** Hours since the start of the story. */
  const h = (hours: number): number => start + hours * HOUR;
  const item = (digit: string): string => `oi-${digit.repeat(12)}`;

  /** A pull request whose first commit is at `from`, merged at `to`, and brought to production until `done`. */
  const change = (from: number, to: number, done: number, more: { branch?: string; title?: string; squash?: boolean; pipeline?: PipelineBuilder; status?: 'Succeeded' | 'Failed' } = {}): string => {
    const title = more.title ?? 'A change';
    const pull = shop.pullRequest({
      title, author: 'ada', ...(more.branch ? { branch: more.branch } : {}), openedAt: h(from), commits: [{ at: h(from), author: 'ada', message: title, files: ['a.ts'] }], mergedAt: h(to), merge: more.squash ? 'squash' : 'merge',
    });
    const message = more.squash ? `${title} (#${pull.number})` : `Merge pull request #${pull.number} from acme/${pull.headBranch}`;
    (more.pipeline ?? pipeline).execution({ at: h(to) + MINUTE, updatedAt: h(done), status: more.status ?? 'Succeeded', sources: [{ from: 'github-connection', repository: 'acme/shop', sha: pull.mergeSha!, message }] });
    return pull.mergeSha!;
  };
  const settings = (): DoraJsonData => ({
    github: { apiUrl: gitHub.url },
    authType: 'keys',
    endpoint: bench.double.url,
    teams: [
      {
        name: 'Shop',
        repositories: ['acme/shop'],
        services: [{ name: 'shop', repository: 'acme/shop', pipelines: ['shop'] }],
        deployments: [{ from: 'codepipeline', pipelines: ['shop'] }],
        incidents: [{ from: 'opsitems', filters: { source: ['CloudWatch'], severity: ['1', '2'], title: 'shop' } }],
      },
    ],
  });

  beforeAll(async () => {
    bench = await new AwsBench().start();
    start = Math.floor((bench.now - 20 * DAY) / DAY) * DAY;
    shop = new Scenario(world).organisation('acme').repository('shop', { createdAt: start - 30 * DAY });
    shop.commit({ at: start - 10 * DAY, message: 'Start' });
    const region = bench.region();
    pipeline = region.pipeline('shop');
    const trouble = (digit: string, createdAt: number, modifiedAt: number, more: object = {}): void => {
      region.opsItem({ id: item(digit), title: `shop: errors ${digit}`, createdAt: h(createdAt), modifiedAt: h(modifiedAt), severity: '2', ...more });
    };

    change(8, 20, 21);                                                           // baseline
    change(24, 30, 32);                                                          // lead time 8 h; fails: a
    trouble('a', 34, 60, { status: 'Resolved' });
    change(35, 36, 37, { branch: `fix/${item('a')}` });                          // lead time 2 h; a ends after 3 h
    change(48, 68, 72);                                                          // lead time 24 h; fails: b
    trouble('b', 74, 74);                                                        // still marked open
    change(75, 76, 77, { branch: `hotfix/${item('b')}/hotfix` });                // lead time 2 h; b ends after 3 h
    trouble('c', 78, 78, { status: 'InProgress' });                              // blamed on the fix before
    change(79, 80, 82, { branch: item('c') });                                   // lead time 3 h; c ends after 4 h
    change(96, 97, 98);                                                          // lead time 2 h; fails: d
    trouble('d', 99, 120, { status: 'Resolved' });
    change(100, 101, 104, { branch: 'mend', title: `fix(${item('d')}): rounding`, squash: true }); // lead time 4 h; d ends after 5 h
    trouble('e', 105, 200, { status: 'Resolved', data: { 'dora/resolvedAt': new Date(h(106)).toISOString() } }); // ends after 1 h
    trouble('f', 107, 109, { status: 'Closed' });                                // its last change: 2 h
    region.opsItem({ id: item('1'), title: 'network: slow', createdAt: h(33), severity: '2' });       // another team's
    region.opsItem({ id: item('2'), title: 'shop: disk is full', createdAt: h(33), severity: '4' });  // too small
    // Neither failed, superseded, stopped nor cancelled executions are deployments that succeeded, and a rollback is another kind.
    const [first] = pipeline.pipeline.executions;
    for (const [index, status] of (['Failed', 'Superseded', 'Stopped', 'Cancelled', 'InProgress'] as const).entries()) {
      pipeline.execution({ at: h(121 + index), updatedAt: h(121 + index) + 10 * MINUTE, status, sources: [{ from: 'github-connection', repository: 'acme/shop', sha: shop.head() }] });
    }
    pipeline.execution({ at: h(130), updatedAt: h(131), rollbackOf: first.id, sources: [{ from: 'github-connection', repository: 'acme/shop', sha: first.revisions[0].revisionId! }] });

    gitHub = await new GitHubDouble({ world, clock: bench.clock }).start();
    bench.settings = settings();
    const context = bench.context();
    const signal = new AbortController().signal;
    await new GitHubSource().sync({ ...context, secrets: { ...KEYS, githubToken: DEFAULT_TOKEN } }, signal);
    await bench.sync(bench.codepipeline);
    await bench.sync(bench.opscenter);
    engine = createEngine(parseSettings(settings()).settings);
    for await (const batch of bench.store.load(0)) {
      engine.apply(batch);
    }
  });
  afterAll(async () => {
    await gitHub.close();
    await bench.close();
  });

  const number = (query: object): number | null => {
    const answer = engine.answer(parseQuery({ format: 'number', ...query }), { from: h(0), to: h(240) }, bench.now);
    return answer.kind === 'numbers' ? answer.numbers[0].value : null;
  };
  const rows = (queryType: string): Array<Record<string, unknown>> => {
    const answer = engine.answer(parseQuery({ queryType }), { from: h(0), to: h(240) }, bench.now);
    if (answer.kind !== 'table') {
      throw new Error(answer.kind);
    }
    return (answer.columns[0]?.values ?? []).map((_, row) => Object.fromEntries(answer.columns.map(({ name, values }) => [name, values[row]])));
  };

  it('frequency: executions that succeeded', () => {
    // Eight changes; the rollback apart.
    expect(number({ metric: 'deployment-frequency', measure: 'count' })).toBe(8);
    expect(number({ metric: 'deployment-frequency', measure: 'per-day' })).toBeCloseTo(0.8, 10);
    expect(number({ metric: 'deployment-frequency', measure: 'count', includeRollbacks: true })).toBe(9);
  });

  it('lead time: first commit to the end of the execution', () => {
    // (8 + 2 + 24 + 2 + 3 + 2 + 4) / 7 hours; the baseline gives none.
    expect(number({ metric: 'lead-time', statistic: 'mean' })).toBeCloseTo((45 / 7) * 3_600, 6);
    expect(number({ metric: 'lead-time', statistic: 'median' })).toBe(3 * 3_600);
  });

  it('failure rate: linked to deployments, and as the sample divides it', () => {
    // a, b, c, d, and e with f on one: five of eight.
    expect(number({ metric: 'change-failure-rate' })).toBeCloseTo((100 * 5) / 8, 10);
    expect(number({ metric: 'change-failure-rate', basis: 'incidents' })).toBeCloseTo((100 * 6) / 8, 10);
  });

  it('time to restore: by fix deployment, OperationalData and last change', () => {
    // (3 + 3 + 4 + 5 + 1 + 2) / 6 hours.
    expect(number({ metric: 'time-to-restore', statistic: 'mean' })).toBeCloseTo(3 * 3_600, 6);
  });

  it('says in the table which rule was used', () => {
    const found = Object.fromEntries(rows('incidents').map(({ title, openedAt, resolvedAt, resolvedBy }) => [String(title), [(Number(resolvedAt) - Number(openedAt)) / HOUR, String(resolvedBy).replace(/ codepipeline:.*/, '')]]));
    expect(found).toEqual({
      'shop: errors a': [3, 'fix deployment'],
      'shop: errors b': [3, 'fix deployment'],
      'shop: errors c': [4, 'fix deployment'],
      'shop: errors d': [5, 'fix deployment'],
      'shop: errors e': [1, 'operational-data'],
      'shop: errors f': [2, 'last-modified'],
    });
  });
});
