import { AwsBench, DAY, HOUR, MINUTE } from '../../../tests/support/aws';
import { Stopped, stoppingAfter } from '../../../tests/support/stores';
import { RESOLVED_EVENT_STATE } from './source';

const team = { name: 'Payments', incidents: [{ from: 'opsitems' as const }] };

describe('OpsCenter source', () => {
  let bench: AwsBench;
  beforeEach(async () => {
    bench = await new AwsBench({ settings: { teams: [team] } }).start();
  });
  afterEach(() => bench.close());

  const sync = (): Promise<void> => bench.sync(bench.opscenter);
  const fill = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      bench.region().opsItem({ title: `Item ${index}`, createdAt: bench.now - DAY - index * HOUR });
    }
  };

  it('costs one call per fifty items at first, and one when nothing is new', async () => {
    fill(120);
    await sync();
    expect(bench.calls().map(({ operation, items }) => [operation, items])).toEqual([['ssm:DescribeOpsItems', 50], ['ssm:DescribeOpsItems', 50], ['ssm:DescribeOpsItems', 20]]);
    bench.clock.advance(5 * MINUTE);
    await sync();
    expect(bench.calls().map(({ items }) => items)).toEqual([0]);
    expect((await bench.facts()).incidents).toHaveLength(120);
  });

  it('costs one call for a region without items', async () => {
    await sync();
    expect(bench.calls()).toHaveLength(1);
    expect((await bench.facts()).coverage).toEqual([{ kind: 'opsitems', scope: 'default:us-east-1', from: bench.now - 180 * DAY, complete: true }]);
  });

  it('tells when an item was resolved, and by which rule', async () => {
    const opened = bench.now - 3 * DAY;
    const modifiedAt = opened + 5 * HOUR;
    const add = (title: string, more: object): string => bench.region().opsItem({ title, createdAt: opened, modifiedAt, ...more }).id;
    add('given', { status: 'Open', data: { 'dora/resolvedAt': new Date(opened + HOUR).toISOString() } });
    add('given in seconds', { status: 'Resolved', data: { 'dora/resolvedAt': String((opened + HOUR) / 1000) } });
    add('given without a zone', { status: 'Open', data: { 'dora/resolvedAt': '2026-01-01 12:00' } });
    const pushed = add('pushed', { status: 'Resolved' });
    add('resolved', { status: 'Resolved' });
    add('closed', { status: 'Closed' });
    add('open', { status: 'InProgress' });
    add('hidden', { status: 'Open', hiddenData: { 'dora/resolvedAt': new Date(opened + HOUR).toISOString() } });
    await bench.store.write({}, { [`${RESOLVED_EVENT_STATE}${pushed}`]: opened + 2 * HOUR });
    await sync();
    const found = Object.fromEntries((await bench.facts()).incidents.map(({ title, resolvedAt, resolvedBy }) => [title, [resolvedAt, resolvedBy]]));
    expect(found).toEqual({
      given: [opened + HOUR, 'operational-data'],
      'given in seconds': [opened + HOUR, 'operational-data'],
      'given without a zone': [null, null],
      pushed: [opened + 2 * HOUR, 'resolved-event'],
      resolved: [modifiedAt, 'last-modified'],
      closed: [modifiedAt, 'last-modified'],
      open: [null, null],
      hidden: [null, null],
    });
  });

  it('keeps what teams filter and link by', async () => {
    bench.region('eu-central-1');
    bench.settings = { ...bench.settings, defaultRegion: 'eu-central-1' };
    const item = bench.region('eu-central-1').opsItem({
      title: 'payments: captures fail', createdAt: bench.now - HOUR, source: 'CloudWatch', severity: '2', category: 'Availability', type: '/aws/issue',
      data: {
        'dora/service': 'api', 'dora/deployment': 'codepipeline:x', '/aws/resources': JSON.stringify([{ arn: 'arn:aws:codepipeline:eu-central-1:111111111111:payments-api' }, { arn: 'arn:aws:ec2:eu-central-1:111111111111:instance/i-1' }]), team: 'payments',
      },
    });
    await sync();
    expect((await bench.facts()).incidents).toMatchObject([
      {
        id: `opsitems:${item.id}`, openedAt: bench.now - HOUR, severity: '2', category: 'Availability', type: '/aws/issue', reportedBy: 'CloudWatch', status: 'Open', account: 'default', region: 'eu-central-1',
        service: 'api', deploymentId: 'codepipeline:x', pipelines: ['payments-api'], operationalData: { team: 'payments' },
        url: `https://eu-central-1.console.aws.amazon.com/systems-manager/opsitems/${item.id}?region=eu-central-1`,
      },
    ]);
  });

  it('takes an item again that was changed', async () => {
    fill(60);
    const item = bench.region().opsItem({ title: 'Slow', createdAt: bench.now - 30 * DAY });
    await sync();
    bench.clock.advance(HOUR);
    bench.region().opsItem({ id: item.id, title: 'Slow', createdAt: item.createdAt, modifiedAt: bench.now - MINUTE, status: 'Resolved' });
    bench.calls();
    await sync();
    expect(bench.calls().map(({ items }) => items)).toEqual([1]);
    expect((await bench.facts()).incidents.find(({ title }) => title === 'Slow')).toMatchObject({ resolvedAt: bench.now - MINUTE });
  });

  it.each([1, 2, 3])('goes on where a stopped pass ended (after %i writes), and misses nothing that changed meanwhile', async (writes) => {
    fill(180);
    const [first] = bench.region().region.opsItems.values();
    await expect(bench.sync(bench.opscenter, stoppingAfter(bench.store, writes))).rejects.toThrow(Stopped);
    expect((await bench.facts()).coverage).toMatchObject([{ from: null, complete: false }]);
    bench.clock.advance(6 * HOUR);
    // Changed while nobody looked, and another one just now: the later one must not hide the earlier.
    bench.region().opsItem({ id: first.id, title: first.title, createdAt: first.createdAt, modifiedAt: bench.now - 5 * HOUR, status: 'Resolved' });
    bench.region().opsItem({ title: 'New', createdAt: bench.now - MINUTE });
    await sync();
    await sync();
    const { incidents, coverage } = await bench.facts();
    expect(incidents).toHaveLength(181);
    expect(incidents.find(({ id }) => id === `opsitems:${first.id}`)).toMatchObject({ resolvedAt: bench.now - 5 * HOUR });
    expect(coverage).toMatchObject([{ complete: true }]);
  });

  it('begins anew when AWS has forgotten the place of a stopped pass', async () => {
    fill(120);
    await expect(bench.sync(bench.opscenter, stoppingAfter(bench.store, 1))).rejects.toThrow(Stopped);
    bench.double.tokens.expireAll();
    await sync();
    expect((await bench.facts()).incidents).toHaveLength(120);
    expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'done', error: null });
  });

  it('does not go round for ever when AWS refuses every token', async () => {
    fill(120);
    bench.double.faults.add({ then: { tokenRefused: true } });
    await sync();
    expect(bench.latest()['default/us-east-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_ANSWER_UNEXPECTED' } });
    expect(bench.calls().length).toBeLessThan(5);
  });

  it.each([['ahead', 3 * DAY], ['behind', -3 * DAY]])("misses no change when this machine's clock is %s of AWS's", async (_, skew) => {
    fill(3);
    bench.skewMs = skew;
    await sync();
    bench.clock.advance(HOUR);
    const item = bench.region().opsItem({ title: 'New', createdAt: bench.now - 30 * MINUTE });
    await sync();
    expect((await bench.facts()).incidents.map(({ id }) => id)).toContain(`opsitems:${item.id}`);
    expect((await bench.facts()).incidents).toHaveLength(4);
  });

  it('reads further back when the lookback grows', async () => {
    bench.settings.sync = { lookback: '30d' };
    bench.region().opsItem({ title: 'Old', createdAt: bench.now - 60 * DAY });
    bench.region().opsItem({ title: 'Young', createdAt: bench.now - 10 * DAY });
    await sync();
    expect((await bench.facts()).incidents.map(({ title }) => title)).toEqual(['Young']);
    bench.settings.sync = { lookback: '90d' };
    await sync();
    expect((await bench.facts()).incidents.map(({ title }) => title)).toEqual(['Old', 'Young']);
  });
});
