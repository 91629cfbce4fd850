import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DEFAULT_KEY } from '../../../tests/doubles/aws/identities';
import { AwsBench, DAY, HOUR, IMPATIENT, MINUTE } from '../../../tests/support/aws';
import { Stopped, stoppingAfter } from '../../../tests/support/stores';
import type { ClosedBucket } from '../source';
import { storedSeries } from './read';
import { MOST_WANTED, noteWanted, wantedMetrics } from './wanted';

const FREQUENCY = { namespace: 'DORA', name: 'DeploymentFrequency' };
const anybody = (): boolean => true;
const LEAD_TIME = { namespace: 'DORA', name: 'LeadTimeForChange' };

describe('CloudWatch source', () => {
  let bench: AwsBench;
  const open = async (options: ConstructorParameters<typeof AwsBench>[0] = {}): Promise<void> => {
    bench = await new AwsBench({ settings: { teams: [{ name: 'Payments' }] }, ...options }).start();
  };
  afterEach(() => bench.close());
  const sync = (): Promise<void> => bench.sync(bench.cloudwatch);
  const hour = (ago: number): number => Math.floor((bench.now - ago * HOUR) / HOUR) * HOUR;
  const put = (name: string, ago: number, value: number): void =>
    bench.region().region.addPoint('DORA', name, {}, 'Count', { at: hour(ago) + 5 * MINUTE, sum: value, count: 1, min: value, max: value });

  describe('reading', () => {
    it('asks for nothing that no query asked for', async () => {
      await open();
      await sync();
      expect(bench.calls()).toEqual([]);
    });

    it('keeps sums and numbers by the hour, in one call for all metrics, and then reads on', async () => {
      await open();
      put('DeploymentFrequency', 30 * 24, 1);
      put('DeploymentFrequency', 30 * 24, 1);
      put('LeadTimeForChange', 100 * 24, 7_200);
      await noteWanted(bench.store, [FREQUENCY, LEAD_TIME], bench.now, anybody);
      await sync();
      expect(bench.calls().map(({ operation, protocol }) => [operation, protocol])).toEqual([['cloudwatch:GetMetricData', 'json-1.0']]);
      expect(await storedSeries(bench.store, FREQUENCY)).toMatchObject([{ hours: [[hour(30 * 24), 2, 2]], until: bench.now }]);
      expect(await storedSeries(bench.store, LEAD_TIME)).toMatchObject([{ hours: [[hour(100 * 24), 7_200, 1]] }]);
      bench.clock.advance(HOUR);
      put('DeploymentFrequency', 1, 1);
      await sync();
      const [call] = bench.calls();
      // Only the last two days again, for what came late.
      expect(Number(call.input.StartTime)).toBeGreaterThan((bench.now - 3 * DAY) / 1000);
      expect((await storedSeries(bench.store, FREQUENCY))[0].hours).toEqual([[hour(30 * 24 + 1), 2, 2], [hour(1), 1, 1]]);
    });

    it('says where it may not read', async () => {
      await open();
      bench.double.identities.deny(DEFAULT_KEY.accessKeyId, [{ action: 'cloudwatch:*' }]);
      await noteWanted(bench.store, [FREQUENCY], bench.now, anybody);
      await sync();
      expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_ACCESS_DENIED', message: expect.stringContaining('cloudwatch:GetMetricData') as string } });
      expect(await bench.check(bench.cloudwatch)).toMatchObject([{ status: 'error', code: 'AWS_ACCESS_DENIED' }]);
    });

    it('forgets what nobody asks for any more', async () => {
      await open();
      expect(await noteWanted(bench.store, [FREQUENCY], bench.now, () => false)).toEqual({ added: false, refused: true });
      expect(await wantedMetrics(bench.store, bench.now)).toEqual([]);
      expect(await noteWanted(bench.store, [FREQUENCY], bench.now, anybody)).toEqual({ added: true, refused: false });
      expect(await noteWanted(bench.store, [FREQUENCY], bench.now + HOUR, () => false)).toEqual({ added: false, refused: false });
      expect(await wantedMetrics(bench.store, bench.now + 29 * DAY)).toEqual([FREQUENCY]);
      expect(await wantedMetrics(bench.store, bench.now + 31 * DAY)).toEqual([]);
      expect(await wantedMetrics(bench.store, bench.now)).toEqual([]);
    });
  });

  it('reads no more metrics than somebody would pay for', async () => {
    await open();
    const metrics = Array.from({ length: MOST_WANTED }, (_, index) => ({ namespace: 'Mine', name: `m${index}` }));
    await noteWanted(bench.store, metrics, bench.now, anybody);
    await expect(noteWanted(bench.store, [FREQUENCY], bench.now, anybody)).rejects.toMatchObject({ code: 'QUERY_INVALID', field: 'metricName' });
    await noteWanted(bench.store, metrics, bench.now, anybody);
    expect(await wantedMetrics(bench.store, bench.now)).toHaveLength(MOST_WANTED);
  });

  describe('publishing', () => {
    const day = (ago: number): number => Math.floor(bench.now / DAY) * DAY - ago * DAY;
    const bucket = (ago: number, value: number, more: Partial<ClosedBucket> = {}): ClosedBucket => ({ metric: 'deployment-frequency', team: 'Payments', repository: null, at: day(ago), value, ...more });
    const publishing = { settings: { teams: [{ name: 'Payments' }], publish: { cloudwatch: true, namespace: 'Acme/DORA' } } };
    /** As anybody would read it. */
    const published = async (metric: string, repository?: string): Promise<Array<[number, number, number]>> => {
      const client = new CloudWatchClient({ region: 'us-east-1', endpoint: bench.double.url, credentials: { accessKeyId: DEFAULT_KEY.accessKeyId, secretAccessKey: DEFAULT_KEY.secretAccessKey } });
      const Dimensions = [{ Name: 'Team', Value: 'Payments' }, ...(repository ? [{ Name: 'Repository', Value: repository }] : [])];
      const { MetricDataResults = [] } = await client.send(
        new GetMetricDataCommand({
          StartTime: new Date(bench.now - 30 * DAY), EndTime: new Date(bench.now), ScanBy: 'TimestampAscending',
          MetricDataQueries: (['Sum', 'SampleCount'] as const).map((Stat) => ({ Id: Stat.toLowerCase(), MetricStat: { Metric: { Namespace: 'Acme/DORA', MetricName: metric, Dimensions }, Period: 86_400, Stat } })),
        })
      );
      client.destroy();
      const [sums, counts] = MetricDataResults;
      return (sums.Timestamps ?? []).map((at, index) => [at.getTime(), sums.Values?.[index] ?? NaN, counts.Values?.[index] ?? NaN]);
    };

    it('sends each closed day once, with team and repository, and never again after a restart', async () => {
      await open(publishing);
      bench.buckets = [bucket(2, 3), bucket(1, 0), bucket(1, 5_400, { metric: 'lead-time', repository: 'acme/api' })];
      await sync();
      const [call] = bench.calls();
      expect(call.operation).toBe('cloudwatch:PutMetricData');
      expect(await published('DeploymentFrequency')).toEqual([[day(2), 3, 1], [day(1), 0, 1]]);
      expect(await published('LeadTimeForChange', 'acme/api')).toEqual([[day(1), 5_400, 1]]);
      bench.calls();
      bench.buckets = [bucket(2, 4), bucket(1, 0)];
      await sync();
      expect(bench.calls()).toEqual([]);
      const client = new CloudWatchClient({ region: 'us-east-1', endpoint: bench.double.url, credentials: { accessKeyId: DEFAULT_KEY.accessKeyId, secretAccessKey: DEFAULT_KEY.secretAccessKey } });
      expect((await client.send(new ListMetricsCommand({ Namespace: 'Acme/DORA' }))).Metrics).toHaveLength(2);
      client.destroy();
    });

    it('sends nothing that AWS would not take, and at most a thousand values a call', async () => {
      await open(publishing);
      bench.buckets = [
        bucket(15, 1), bucket(14, 1),
        ...Array.from({ length: 1_500 }, (_, index) => bucket(3, index, { repository: `acme/${index}` })),
      ];
      await sync();
      expect(bench.calls().map(({ operation, error, items }) => [operation, error, items])).toEqual([['cloudwatch:PutMetricData', null, 1_000], ['cloudwatch:PutMetricData', null, 500]]);
      expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'done' });
    });

    it('tries again what AWS refused', async () => {
      await open(publishing);
      bench.buckets = [bucket(1, 3)];
      bench.double.faults.add({ when: { operation: 'cloudwatch:PutMetricData', times: 1 }, then: { error: { code: 'ThrottlingException' } } });
      await sync();
      expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_THROTTLED' } });
      await sync();
      expect(await published('DeploymentFrequency')).toEqual([[day(1), 3, 1]]);
    });

    it.each([['was taken', 'cut'], ['was not taken', 'error']])('finds out whether a call %s whose answer was lost, and ends with one value', async (_, how) => {
      await open({ ...publishing, patience: IMPATIENT });
      bench.buckets = [bucket(1, 3)];
      bench.double.faults.add({ when: { operation: 'cloudwatch:PutMetricData', times: 1 }, then: how === 'cut' ? { cut: 'before-headers' } : { error: { code: 'InternalFailure', status: 500 } } });
      await sync();
      expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'failed' });
      await sync();
      expect(bench.calls().map(({ operation }) => operation)).toEqual(['cloudwatch:PutMetricData']);
      bench.clock.advance(15 * MINUTE);
      await sync();
      expect(await published('DeploymentFrequency')).toEqual([[day(1), 3, 1]]);
    });

    it.each([0, 1, 2])('ends with one value when the process dies after %i writes', async (writes) => {
      await open(publishing);
      bench.buckets = [bucket(1, 3)];
      await expect(bench.sync(bench.cloudwatch, stoppingAfter(bench.store, writes))).rejects.toThrow(Stopped);
      bench.clock.advance(15 * MINUTE);
      await sync();
      expect(await published('DeploymentFrequency')).toEqual([[day(1), 3, 1]]);
    });
  });
});
