import { EventIntake } from '../../src/sources/events/intake';
import { HOUR, MINUTE } from '../support/aws';
import { AwsStory, type ChangeInput } from '../support/aws-story';

/**
 * One story at the doubles of GitHub and AWS, read by the real sources and computed by the engine; every expected number
 * was worked out by hand from the moments below.
 */
describe('the four keys of an AWS team, by hand', () => {
  let story: AwsStory;
  const item = (digit: string): string => `oi-${digit.repeat(12)}`;

  beforeAll(async () => {
    story = await AwsStory.begin();
    const shop = story.repository('shop');
    const pipeline = story.pipeline('shop');
    const change = (from: number, to: number, done: number, more: ChangeInput = {}): string => story.change(shop, from, to, done, { pipeline, ...more });
    const trouble = (digit: string, createdAt: number, modifiedAt: number, more: object = {}): void => {
      story.opsItem(createdAt, { id: item(digit), title: `shop: errors ${digit}`, modifiedAt, ...more });
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
    trouble('e', 105, 200, { status: 'Resolved', data: { 'dora/resolvedAt': new Date(story.h(106)).toISOString() } }); // ends after 1 h
    trouble('f', 107, 109, { status: 'Closed' });                                // its last change: 2 h
    trouble('3', 108, 150, { status: 'Resolved' });                              // an event told its end: 3 h
    await new EventIntake(story.bench.store).aws({
      source: 'aws.ssm', 'detail-type': 'OpsItem Update', account: '111111111111', region: 'us-east-1', time: new Date(story.h(111)).toISOString(), detail: { 'ops-item-id': item('3'), status: 'Resolved' },
    });
    story.opsItem(33, { id: item('1'), title: 'network: slow' });                // another team's
    story.opsItem(33, { id: item('2'), title: 'shop: disk is full', severity: '4' }); // too small
    // Neither failed, superseded, stopped nor cancelled executions are deployments that succeeded, and a rollback is another kind.
    const [first] = pipeline.pipeline.executions;
    for (const [index, status] of (['Failed', 'Superseded', 'Stopped', 'Cancelled', 'InProgress'] as const).entries()) {
      pipeline.execution({ at: story.h(121 + index), updatedAt: story.h(121 + index) + 10 * MINUTE, status, sources: [story.commit(shop, shop.head())] });
    }
    pipeline.execution({ at: story.h(130), updatedAt: story.h(131), rollbackOf: first.id, sources: [story.commit(shop, first.revisions[0].revisionId!)] });
    await story.read({
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
  });
  afterAll(() => story.end());

  it('frequency: executions that succeeded', () => {
    // Eight changes; the rollback apart.
    expect(story.number({ metric: 'deployment-frequency', measure: 'count' })).toBe(8);
    expect(story.number({ metric: 'deployment-frequency', measure: 'per-day' })).toBeCloseTo(0.8, 10);
    expect(story.number({ metric: 'deployment-frequency', measure: 'count', includeRollbacks: true })).toBe(9);
  });

  it('frequency a day, a week and a month', () => {
    const counts = (interval: string): Array<number | null> => {
      const answer = story.answer({ metric: 'deployment-frequency', interval });
      return answer.kind === 'timeseries' ? [...answer.series[0].values] : [];
    };
    expect(counts('day')).toEqual([1, 2, 0, 3, 2, 0, 0, 0, 0, 0]);
    for (const interval of ['week', 'month']) {
      expect(counts(interval).reduce((sum: number, count) => sum + (count ?? 0), 0)).toBe(8);
    }
  });

  it('lead time: first commit to the end of the execution', () => {
    // (8 + 2 + 24 + 2 + 3 + 2 + 4) / 7 hours; the baseline gives none.
    expect(story.hours({ metric: 'lead-time', statistic: 'mean' })).toBeCloseTo(45 / 7, 10);
    expect(story.hours({ metric: 'lead-time', statistic: 'median' })).toBe(3);
  });

  it('failure rate: linked to deployments, and as the sample divides it', () => {
    // a, b, c, d, and e with f and 3 on one: five of eight.
    expect(story.number({ metric: 'change-failure-rate' })).toBeCloseTo((100 * 5) / 8, 10);
    expect(story.number({ metric: 'change-failure-rate', basis: 'incidents' })).toBeCloseTo((100 * 7) / 8, 10);
  });

  it('time to restore: by fix deployment, OperationalData, event and last change', () => {
    // (3 + 3 + 4 + 5 + 1 + 2 + 3) / 7 hours.
    expect(story.hours({ metric: 'time-to-restore', statistic: 'mean' })).toBeCloseTo(3, 10);
  });

  it('says in the table which rule was used', () => {
    const found = Object.fromEntries(story.rows('incidents').map(({ title, openedAt, resolvedAt, resolvedBy }) => [String(title), [(Number(resolvedAt) - Number(openedAt)) / HOUR, String(resolvedBy).replace(/ codepipeline:.*/, '')]]));
    expect(found).toEqual({
      'shop: errors a': [3, 'fix deployment'],
      'shop: errors b': [3, 'fix deployment'],
      'shop: errors c': [4, 'fix deployment'],
      'shop: errors d': [5, 'fix deployment'],
      'shop: errors e': [1, 'operational-data'],
      'shop: errors f': [2, 'last-modified'],
      'shop: errors 3': [3, 'resolved-event'],
    });
  });
});
