import { setTimeout as delay } from 'node:timers/promises';
import { AwsBench, DAY, HOUR, KEYS } from '../../../tests/support/aws';
import { createEngine } from '../../engine/index';
import { parseQuery } from '../../shared/query';
import { parseSettings } from '../../shared/settings';
import { CloudWatchSource } from '../../sources/cloudwatch/source';
import { SqliteStore } from '../../store/sqlite/store';
import { DataSourceInstance } from '../instance/instance';
import { answerCloudWatch } from './cloudwatch';

describe('queries of what others published, and publishing, in the host', () => {
  let bench: AwsBench;
  let store: SqliteStore;
  let instance: DataSourceInstance;
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, redact: (text: string) => text };

  beforeEach(async () => {
    bench = await new AwsBench().start();
    store = new SqliteStore(null);
  });
  afterEach(async () => {
    await instance.stop();
    await store.close();
    await bench.close();
  });

  const open = (json: object): void => {
    const { settings, problems } = parseSettings({ authType: 'keys', endpoint: bench.double.url, ...json });
    expect(problems).toEqual([]);
    instance = new DataSourceInstance(
      '1/cw',
      'DORA',
      { version: 1, settings, problems, secrets: KEYS, grafanaConfig: {} },
      { store, sources: [new CloudWatchSource()], createEngine, log, now: () => bench.now, events: { progress: () => undefined, rateLimit: () => undefined, passEnded: () => undefined } },
    );
  };
  const ask = (query: object, days = 30, mayChoose = true) => answerCloudWatch(instance, parseQuery({ queryType: 'cloudwatch', ...query }), { from: bench.now - days * DAY, to: bench.now }, bench.now, mayChoose);
  const eventually = async (query: object, days = 30) => {
    for (let tries = 0; tries < 100; tries += 1) {
      const answer = await ask(query, days);
      if (!answer.notices.some(({ text }) => text.includes('not been read'))) {
        return answer;
      }
      await delay(50);
    }
    return ask(query, days);
  };

  it('reads what an editor has chosen, for viewers too; of their own choice nothing but what the sample publishes', async () => {
    bench.region().region.addPoint('Mine', 'Deploys', {}, 'None', { at: bench.now - DAY, sum: 5, count: 1, min: 5, max: 5 });
    open({});
    const mine = { metric: 'deployment-frequency', namespace: 'Mine', metricName: 'Deploys' };
    const texts = async (query: object, mayChoose: boolean): Promise<string> => (await ask(query, 30, mayChoose)).notices.map(({ text }) => text).join();
    expect(await texts(mine, false)).toContain('role Editor');
    expect(await texts({ metric: 'lead-time' }, false)).not.toContain('role Editor');
    await delay(300);
    const asked = (): string => JSON.stringify(bench.double.journal.list().map(({ input }) => input));
    expect(asked()).toContain('LeadTimeForChange');
    expect(asked()).not.toContain('Deploys');
    await eventually(mine);
    expect(asked()).toContain('Deploys');
    expect(await texts(mine, false)).toBe('');
  });

  it('reads what the sample publishes after the first query, and computes all four', async () => {
    const region = bench.region().region;
    const put = (namespace: string, name: string, daysAgo: number, value: number): void =>
      region.addPoint(namespace, name, {}, 'None', { at: bench.now - daysAgo * DAY, sum: value, count: 1, min: value, max: value });
    for (const days of [1, 2, 3, 4, 5, 6, 7, 8]) {
      put('DORA', 'DeploymentFrequency', days, 1);
    }
    put('DORA', 'LeadTimeForChange', 2, 3_600);
    put('DORA', 'LeadTimeForChange', 3, 10_800);
    put('DORA/ChangeFailureRate', 'TotalFailedItems', 2, 2);
    put('DORA/MeanTimeToRestore', 'Downtime-OPS-Item', 2, 1_800);
    put('Mine', 'Deploys', 1, 5);
    open({});
    const number = async (query: object): Promise<unknown> => {
      const answer = await eventually({ format: 'number', ...query });
      return answer.kind === 'numbers' ? answer.numbers[0].value : answer;
    };
    expect(await ask({ format: 'number' })).toMatchObject({ numbers: [{ value: null }], notices: [{ text: 'CloudWatch has not been read yet.' }] });
    expect(await number({ metric: 'deployment-frequency', measure: 'count' })).toBe(8);
    expect(await number({ metric: 'deployment-frequency' })).toBeCloseTo(8 / 30, 10);
    expect(await number({ metric: 'lead-time' })).toBe(7_200);
    expect(await number({ metric: 'change-failure-rate' })).toBe(25);
    expect(await number({ metric: 'time-to-restore' })).toBe(1_800);
    expect(await number({ metric: 'deployment-frequency', measure: 'count', namespace: 'Mine', metricName: 'Deploys' })).toBe(5);
    const series = await eventually({ metric: 'lead-time', interval: 'day' }, 5);
    expect(series.kind === 'timeseries' && series.series[0].values.filter((value) => value !== null).sort()).toEqual([10_800, 3_600]);
    await expect(ask({ metric: 'rework-rate' })).rejects.toMatchObject({ code: 'QUERY_INVALID', field: 'metric' });
    const empty = await eventually({ metric: 'lead-time', namespace: 'Nothing' });
    expect(empty.notices).toMatchObject([{ text: 'CloudWatch has no values of this metric.' }]);
    expect(bench.double.journal.summary().byOperation).toMatchObject({ 'cloudwatch:GetMetricData': expect.any(Number) as number });
    const before = bench.double.journal.summary().calls;
    await ask({ metric: 'lead-time' });
    expect(bench.double.journal.summary().calls).toBe(before);
  });

  it('publishes our numbers of closed days', async () => {
    open({ teams: [{ name: 'Payments', deployments: [{ from: 'events' }], incidents: [] }], publish: { cloudwatch: true }, sync: { every: '1h' } });
    const noon = Math.floor(bench.now / DAY) * DAY - 3 * DAY + 12 * HOUR;
    for (const index of [1, 2, 3]) {
      const at = new Date(noon + index * HOUR).toISOString();
      await instance.events.deployment({ id: `d${index}`, service: 'api', sha: String(index).repeat(40), status: 'succeeded', startedAt: at, finishedAt: at });
    }
    await instance.scheduler.firstPass(5_000);
    instance.scheduler.wake('cloudwatch');
    for (let tries = 0; tries < 100 && bench.double.journal.summary().byOperation['cloudwatch:PutMetricData'] === undefined; tries += 1) {
      await delay(50);
    }
    const metric = bench.region().region.metric('DORA', 'DeploymentFrequency', { Team: 'Payments' });
    const points = (metric?.points ?? []).map(({ at, sum }) => [at, sum]);
    expect(points).toContainEqual([Math.floor(noon / DAY) * DAY, 3]);
    expect(new Set(points.map(([at]) => at)).size).toBe(points.length);
    expect(points.every(([at]) => at + DAY <= bench.now)).toBe(true);
  });
});
