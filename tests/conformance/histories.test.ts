import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DoraJsonData } from '../../src/shared/settings';
import type { JournalSummary } from '../doubles/github/journal';
import { GitHubDoubleProcess } from './double';
import { type DataSourceUnderTest, PluginProcess } from './plugin';
import { HISTORIES, historiesPresent, numbersBy, rowsOf, scopesOf, syncEnds } from './setup';

/** What the histories' own description says, computed from git by other means. */
const EXPECTED = {
  'fastify/fastify': { changes: 2_494, deployments: 293, delivered: 2_481, baseline: 11, waiting: 2, median: '165.0142', mean: '355.7215', failures: 4, failuresOfMerges: 5 },
  'grafana/plugin-tools': { changes: 1_974, deployments: 480, delivered: 1_952, baseline: 20, waiting: 2, median: '22.1013', mean: '67.6577', failures: 4, failuresOfMerges: 7 },
  'middlewarehq/middleware': { changes: 308, deployments: 9, delivered: 169, baseline: 131, waiting: 8, median: '331.6989', mean: '433.4619', failures: 0, failuresOfMerges: 0 },
} as const;

type RepositoryName = keyof typeof EXPECTED;
const REPOSITORIES = Object.keys(EXPECTED) as RepositoryName[];
const EVERYTHING = { from: Date.UTC(2010, 0, 1), to: Date.now() };

interface ChangeRow {
  number: number;
  firstRelease: string | null;
  beforeFirstRelease: boolean;
}

function read<Row>(repository: string, kind: string): Row[] {
  return readFileSync(join(HISTORIES, `${repository.replace('/', '__')}.${kind}.ndjson`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** The double gives a number that git tells twice a fresh one; the same rule here. */
function withUniqueNumbers(changes: ChangeRow[]): ChangeRow[] {
  const taken = new Set<number>();
  let fresh = Math.max(...changes.map(({ number }) => number)) + 10_001;
  return changes.map((change) => {
    const number = taken.has(change.number) ? fresh++ : change.number;
    taken.add(number);
    return { ...change, number };
  });
}

const describeWithHistories = historiesPresent() ? describe : describe.skip;

describeWithHistories('real histories, from the double through the executable', () => {
  let github: GitHubDoubleProcess;
  let plugin: PluginProcess;
  let source: DataSourceUnderTest;
  let ofMerges: DataSourceUnderTest;
  /** Of the first data source's whole history. */
  let cost: JournalSummary | undefined;

  beforeAll(async () => {
    github = await GitHubDoubleProcess.start({ histories: HISTORIES });
    plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: 'memory' } });
    const settings = (from: 'releases' | 'merged-pull-requests'): DoraJsonData => ({
      github: { apiUrl: github.url },
      sync: { every: '1h', lookback: '9000d' },
      teams: REPOSITORIES.map((name) => ({ name, repositories: [name], exclude: { authors: [] }, deployments: [{ from }], incidents: [{ from: 'reverts' }] })),
    });
    source = { jsonData: settings('releases'), secrets: { githubToken: github.token } };
    ofMerges = { jsonData: settings('merged-pull-requests'), secrets: { githubToken: github.token }, uid: 'merges' };
    for (const one of [source, ofMerges]) {
      const ended = await syncEnds(plugin, one, 120_000);
      cost ??= (await github.journal()).summary;
      expect(scopesOf(ended).map(({ scope, phase, error }) => [scope, phase, error])).toEqual(REPOSITORIES.map((name) => [name, 'done', null]));
    }
  }, 240_000);

  afterAll(async () => {
    await plugin?.kill();
    await github?.stop();
  });

  const expected = (key: keyof (typeof EXPECTED)[RepositoryName]): Record<string, unknown> => Object.fromEntries(REPOSITORIES.map((name) => [name, EXPECTED[name][key]]));

  async function numbers(of: DataSourceUnderTest, model: Record<string, unknown>): Promise<Record<string, number | null>> {
    const { error, frames } = await plugin.query(of, { format: 'number', ...model }, EVERYTHING);
    expect(error).toBe('');
    return numbersBy('team', frames);
  }

  it('costs what was promised', async () => {
    const world = await github.world();
    const bound = world.reduce((sum, { merged, commits }) => sum + (45 * merged) / 1_000 + commits / 100, 0);
    expect(cost?.calls).toBeLessThanOrEqual(bound);
    expect(cost?.points).toBeLessThanOrEqual(bound);
    expect(cost?.repeatedPages).toEqual([]);
    expect(cost?.maxConcurrent).toBe(1);
  });

  it('counts the deployments', async () => {
    expect(await numbers(source, { metric: 'deployment-frequency', measure: 'count' })).toEqual(expected('deployments'));
    expect(await numbers(ofMerges, { metric: 'deployment-frequency', measure: 'count' })).toEqual(expected('changes'));
  });

  it.each(['median', 'mean'] as const)('computes the %s lead time to 4 decimals of an hour', async (statistic) => {
    const seconds = await numbers(source, { metric: 'lead-time', statistic });
    expect(Object.fromEntries(Object.entries(seconds).map(([team, value]) => [team, hours(value)]))).toEqual(expected(statistic));
  });

  it('finds the failures, with releases and with merges as deployments', async () => {
    const rate = await numbers(source, { metric: 'change-failure-rate' });
    const rateOfMerges = await numbers(ofMerges, { metric: 'change-failure-rate' });
    for (const name of REPOSITORIES) {
      expect(rate[name]).toBeCloseTo((100 * EXPECTED[name].failures) / EXPECTED[name].deployments, 10);
      expect(rateOfMerges[name]).toBeCloseTo((100 * EXPECTED[name].failuresOfMerges) / EXPECTED[name].changes, 10);
      const { frames } = await plugin.query(source, { queryType: 'deployments', teams: [name] }, EVERYTHING);
      expect(rowsOf(frames[0]).filter(({ failed }) => failed === true)).toHaveLength(EXPECTED[name].failures);
    }
  });

  it.each(REPOSITORIES)('%s: every change is delivered by the release that git says', async (name) => {
    const [changes, deployments] = await Promise.all(
      ['changes', 'deployments'].map(async (queryType) => rowsOf((await plugin.query(source, { queryType, teams: [name] }, EVERYTHING)).frames[0])),
    );
    const shaOfDeployment = new Map(deployments.map(({ id, sha }) => [id, sha]));
    const shaOfTag = new Map(read<{ tag: string; sha: string }>(name, 'releases').map(({ tag, sha }) => [tag, sha]));
    const truth = new Map(withUniqueNumbers(read<ChangeRow>(name, 'changes')).map((change) => [change.number, change]));
    const wrong = changes.filter(({ number, deploymentId, counted }) => {
      const change = truth.get(Number(number));
      const delivered = deploymentId === null ? null : shaOfDeployment.get(deploymentId);
      const wanted = change?.firstRelease ? shaOfTag.get(change.firstRelease) : null;
      return !change || delivered !== wanted || counted !== (wanted !== null && !change.beforeFirstRelease);
    });
    expect(wrong).toEqual([]);
    expect(new Set(changes.map(({ number }) => number)).size).toBe(EXPECTED[name].changes);
    expect({
      delivered: changes.filter(({ counted }) => counted).length,
      baseline: changes.filter(({ counted, deploymentId }) => !counted && deploymentId !== null).length,
      waiting: changes.filter(({ deploymentId }) => deploymentId === null).length,
    }).toEqual({ delivered: EXPECTED[name].delivered, baseline: EXPECTED[name].baseline, waiting: EXPECTED[name].waiting });
  });

  it('asks GitHub nothing for 20 panels refreshed 10 times', async () => {
    await github.clearJournal();
    const panels = Array.from({ length: 20 }, (_, index) => ({
      refId: `P${index}`,
      model: { metric: ['deployment-frequency', 'lead-time', 'change-failure-rate', 'time-to-restore'][index % 4], interval: ['day', 'week', 'month', 'quarter', 'auto'][index % 5], statistic: 'median' },
      from: EVERYTHING.to - 300 * 86_400_000 * (1 + (index % 3)),
      to: EVERYTHING.to,
    }));
    for (let refresh = 0; refresh < 10; refresh += 1) {
      const outcomes = await plugin.queryData(source, panels);
      expect(Object.values(outcomes).map(({ status }) => status)).toEqual(panels.map(() => 200));
    }
    expect((await github.journal()).summary.calls).toBe(0);
  });

  it('writes nothing but JSON lines to its log, and never the token', () => {
    expect(plugin.strayLines).toEqual([]);
    expect(JSON.stringify(plugin.logs)).not.toContain(github.token);
  });
});

function hours(seconds: number | null): string {
  // 22.10125 is 22.1013 as people round; a binary fraction just below it would not be.
  return seconds === null ? 'none' : (Math.round((seconds / 3_600) * 1e4 + 1e-6) / 1e4).toFixed(4);
}
