import { createEngine } from '../../src/engine/index';
import { DataSourceInstance } from '../../src/backend/instance/instance';
import { JsonLog } from '../../src/backend/protocol/logs';
import { sources } from '../../src/backend/sources';
import { parseQuery } from '../../src/shared/query';
import { parseSettings } from '../../src/shared/settings';
import { SqliteStore } from '../../src/store/sqlite/store';
import type { Step } from '../doubles/github/steps';
import { GitHubDoubleProcess } from './double';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const RANGE = { from: NOW - 80 * DAY, to: NOW + DAY };

/** One change, deployed in each way that GitHub knows, at that moment. */
function delivery(number: number, at: number): Step[] {
  return [
    { pullRequest: { number, openedAt: at - 2 * HOUR, commits: [{ at: at - 2 * HOUR }], mergedAt: at - HOUR } },
    { release: { tag: `v${number}`, publishedAt: at } },
    { deployment: { environment: 'production', at, statuses: [{ state: 'SUCCESS', at }] } },
    { workflowRun: { workflow: 'deploy.yml', at, attempts: [{ startedAt: at, finishedAt: at, conclusion: 'success' }] } },
  ];
}

describe('a clock that jumps', () => {
  let github: GitHubDoubleProcess;
  let instance: DataSourceInstance | null = null;
  let shift = 0;
  let passes = 0;

  beforeEach(async () => {
    shift = 0;
    passes = 0;
    github = await GitHubDoubleProcess.start({
      organisations: [{ login: 'acme', repositories: [{ name: 'shop', createdAt: NOW - 90 * DAY, steps: [{ commit: { at: NOW - 60 * DAY } }, ...delivery(1, NOW - 40 * DAY), ...delivery(2, NOW - 20 * DAY)] }] }],
    });
  });
  afterEach(async () => {
    await instance?.stop();
    instance = null;
    await github.stop();
  });

  function start(): DataSourceInstance {
    const teams = (['merged-pull-requests', 'releases', 'github-deployments', 'workflow-runs'] as const).map((from) => ({
      name: from,
      repositories: ['acme/shop'],
      deployments: [from === 'workflow-runs' ? { from, workflows: ['deploy.yml'] } : from === 'github-deployments' ? { from, environments: ['production'] } : { from }],
    }));
    const { settings, problems } = parseSettings({ github: { apiUrl: github.url }, sync: { every: '5m', lookback: '90d' }, teams });
    expect(problems).toEqual([]);
    const host = {
      store: new SqliteStore(null),
      sources,
      createEngine,
      log: new JsonLog('error', () => undefined),
      now: () => Date.now() + shift,
      events: { progress: () => undefined, rateLimit: () => undefined, passEnded: () => (passes += 1) },
    };
    return new DataSourceInstance('1/clock', 'DORA', { version: 1, settings, problems: [], secrets: { githubToken: github.token }, grafanaConfig: {} }, host);
  }

  async function pass(of: DataSourceInstance, number: number): Promise<void> {
    for (let wait = 0; passes < number && wait < 400; wait += 1) {
      of.scheduler.startNow();
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    expect(passes).toBeGreaterThanOrEqual(number);
  }

  async function counts(of: DataSourceInstance): Promise<Record<string, number | null>> {
    await of.ready();
    const answer = of.engine.answer(parseQuery({ metric: 'deployment-frequency', format: 'number', measure: 'count' }), RANGE, NOW);
    if (answer.kind !== 'numbers') {
      throw new Error(`an answer of another kind: ${answer.kind}`);
    }
    return Object.fromEntries(answer.numbers.map(({ labels, value }) => [labels.team, value]));
  }

  const everyTeam = (count: number): Record<string, number> => ({ 'merged-pull-requests': count, releases: count, 'github-deployments': count, 'workflow-runs': count });

  it.each([
    ['a year ahead and back', 365 * DAY],
    ['a year back and ahead', -365 * DAY],
    ['an hour ahead and back', HOUR],
    ['an hour back and ahead', -HOUR],
  ])('%s loses no fact', async (_, jump) => {
    instance = start();
    await pass(instance, 1);
    expect(await counts(instance)).toEqual(everyTeam(2));
    shift = jump;
    await github.change('acme/shop', delivery(3, NOW - 2 * DAY));
    await pass(instance, passes + 2);
    shift = 0;
    await github.change('acme/shop', delivery(4, NOW - HOUR));
    await pass(instance, passes + 2);
    expect(await counts(instance)).toEqual(everyTeam(4));
  });
});
