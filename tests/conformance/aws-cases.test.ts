import type { DoraJsonData } from '../../src/shared/settings';
import { HOUR, MINUTE } from '../support/aws';
import { AwsStory } from '../support/aws-story';

/** What pipelines and OpsItems do to the four keys, a case each; the numbers were worked out by hand from the hours beside them. */
type Team = NonNullable<DoraJsonData['teams']>[number];

const FREQUENCY = { metric: 'deployment-frequency', measure: 'count' };
const FAILURES = { metric: 'change-failure-rate' };
const RESTORE = { metric: 'time-to-restore', statistic: 'mean' };
const LEAD_TIME = { metric: 'lead-time', statistic: 'mean' };

const team = (change: Partial<Team> = {}): Team => ({
  name: 'Shop',
  repositories: ['acme/shop'],
  services: [{ name: 'shop', repository: 'acme/shop', pipelines: ['shop*'] }],
  deployments: [{ from: 'codepipeline' }],
  incidents: [{ from: 'failed-deployments' }],
  ...change,
});

describe('pipelines and OpsItems, by hand', () => {
  let story: AwsStory;
  beforeEach(async () => {
    story = await AwsStory.begin();
  });
  afterEach(() => story.end());

  const kinds = (): unknown[] => story.rows('deployments').map(({ kind, status, failed, finishedAt }) => [(Number(finishedAt) - story.start) / HOUR, kind, status, failed]);

  it('a rollback fails what it replaced and delivers nothing; the same revision brought back is standard and delivers nothing new', async () => {
    const shop = story.repository('shop');
    const pipeline = story.pipeline('shop');
    story.change(shop, 1, 2, 3, { pipeline });                             // baseline
    const good = story.change(shop, 24, 30, 31, { pipeline });             // lead time 7 h
    const bad = story.change(shop, 32, 33, 34, { pipeline });              // lead time 2 h, replaced
    pipeline.execution({ at: story.h(36), updatedAt: story.h(37), rollbackOf: pipeline.pipeline.executions[1].id, sources: [story.commit(shop, good)] });
    pipeline.execution({ at: story.h(40), updatedAt: story.h(41), sources: [story.commit(shop, bad)] });
    await story.read({ teams: [team()] });
    expect(kinds()).toEqual([
      [3, 'standard', 'succeeded', false],
      [31, 'standard', 'succeeded', false],
      [34, 'standard', 'succeeded', true],
      [37, 'rollback', 'succeeded', false],
      [41, 'standard', 'succeeded', false],
    ]);
    expect(story.number(FREQUENCY)).toBe(4);
    expect(story.number({ ...FREQUENCY, includeRollbacks: true })).toBe(5);
    expect(story.hours(LEAD_TIME)).toBe((7 + 2) / 2);
    expect(story.number(FAILURES)).toBe(25);
    // From the end of what was replaced to the end of the rollback.
    expect(story.hours(RESTORE)).toBe(3);
  });

  it('an automatic rollback is one too', async () => {
    const shop = story.repository('shop');
    const pipeline = story.pipeline('shop');
    const good = story.change(shop, 1, 2, 3, { pipeline });
    story.change(shop, 4, 5, 6, { pipeline });
    pipeline.execution({ at: story.h(6) + 10 * MINUTE, updatedAt: story.h(7), rollbackOf: pipeline.pipeline.executions[0].id, trigger: 'AutomatedRollback', sources: [story.commit(shop, good)] });
    await story.read({ teams: [team()] });
    expect(kinds().at(-1)).toEqual([7, 'rollback', 'succeeded', false]);
    expect([story.number(FREQUENCY), story.number(FAILURES), story.hours(RESTORE)]).toEqual([2, 50, 1]);
  });

  it('what was superseded, cancelled or stopped is no deployment; its changes go out with the next one', async () => {
    const shop = story.repository('shop');
    const pipeline = story.pipeline('shop');
    story.change(shop, 1, 2, 3, { pipeline });
    story.change(shop, 24, 25, 26, { pipeline, status: 'Superseded' });    // lead time 30 − 24
    story.change(shop, 27, 28, 30, { pipeline });                          // lead time 30 − 27
    for (const [index, status] of (['Cancelled', 'Stopped', 'Stopping', 'InProgress'] as const).entries()) {
      pipeline.execution({ at: story.h(40 + index), updatedAt: story.h(40 + index) + MINUTE, status, sources: [story.commit(shop, shop.head())] });
    }
    await story.read({ teams: [team()] });
    expect(kinds()).toEqual([[3, 'standard', 'succeeded', false], [30, 'standard', 'succeeded', false]]);
    expect([story.number(FREQUENCY), story.hours(LEAD_TIME), story.number(FAILURES), story.hours(RESTORE)]).toEqual([2, 4.5, 0, null]);
  });

  it('a failed execution is a failure until the next success', async () => {
    const shop = story.repository('shop');
    const pipeline = story.pipeline('shop');
    story.change(shop, 1, 2, 3, { pipeline });
    story.change(shop, 24, 25, 26, { pipeline, status: 'Failed' });
    story.change(shop, 26, 27, 30, { pipeline });
    await story.read({ teams: [team()] });
    // One failed attempt of three; from its end at 26 to the success at 30.
    expect(story.number(FREQUENCY)).toBe(2);
    expect(story.number(FAILURES)).toBeCloseTo(100 / 3, 10);
    expect(story.hours(RESTORE)).toBe(4);
    expect(story.hours(LEAD_TIME)).toBe((30 - 24 + 30 - 26) / 2);
  });

  it('a stage that was run again: its failed attempt, and one deployment', async () => {
    const shop = story.repository('shop');
    const pipeline = story.pipeline('shop', { stages: ['Source', 'Production'] });
    story.change(shop, 1, 2, 3, { pipeline });
    const sha = story.change(shop, 24, 30, 36);
    const h = (hours: number): number => story.h(hours);
    pipeline.execution({
      at: h(30), updatedAt: h(36), sources: [story.commit(shop, sha)],
      stages: [
        { name: 'Source', actions: [{ startedAt: h(30), finishedAt: h(31), category: 'Source' }] },
        { name: 'Production', actions: [{ startedAt: h(31), finishedAt: h(34), status: 'Failed' }, { startedAt: h(35), finishedAt: h(36) }] },
      ],
    });
    await story.read({ teams: [team({ deployments: [{ from: 'codepipeline', stage: 'Production' }] })] });
    expect(kinds()).toEqual([[3, 'standard', 'succeeded', false], [34, 'standard', 'failed', true], [36, 'standard', 'succeeded', false]]);
    expect(story.number(FREQUENCY)).toBe(2);
    expect(story.number(FAILURES)).toBeCloseTo(100 / 3, 10);
    expect([story.hours(RESTORE), story.hours(LEAD_TIME)]).toEqual([2, 12]);
  });

  it('the same commit again is a retry', async () => {
    const shop = story.repository('shop');
    const pipeline = story.pipeline('shop');
    const sha = story.change(shop, 1, 2, 3, { pipeline });
    pipeline.execution({ at: story.h(5), updatedAt: story.h(6), sources: [story.commit(shop, sha)] });
    await story.read({ teams: [team()] });
    expect(kinds().at(-1)).toEqual([6, 'retry', 'succeeded', false]);
    expect([story.number(FREQUENCY), story.number({ ...FREQUENCY, includeRetries: true })]).toEqual([1, 2]);
  });

  it('a run belongs where it ends: one that starts before the range counts, one that ends after it does not', async () => {
    const shop = story.repository('shop');
    const pipeline = story.pipeline('shop');
    story.change(shop, 1, 2, 3, { pipeline });
    story.change(shop, 20, 23, 26, { pipeline });                          // lead time 6 h
    story.change(shop, 40, 47, 49, { pipeline });
    await story.read({ teams: [team()] });
    expect([story.number(FREQUENCY, 24, 48), story.hours(LEAD_TIME, 24, 48)]).toEqual([1, 6]);
    expect(story.rows('deployments', 24, 48)).toHaveLength(1);
  });

  it('an alarm during a rollout belongs to that rollout', async () => {
    const shop = story.repository('shop');
    const pipeline = story.pipeline('shop');
    story.change(shop, 1, 2, 3, { pipeline });
    story.change(shop, 24, 25, 30, { pipeline });
    story.opsItem(28, { title: 'Errors', status: 'Resolved', modifiedAt: 31 });
    await story.read({ teams: [team({ incidents: [{ from: 'opsitems' }] })] });
    expect(story.rows('deployments').map(({ failed }) => failed)).toEqual([false, true]);
    expect([story.number(FAILURES), story.hours(RESTORE)]).toEqual([50, 3]);
  });

  it('two pipelines for one repository are two services, each delivers; all together a change counts once, at its first delivery', async () => {
    const shop = story.repository('shop');
    const [europe, america] = [story.pipeline('shop-eu'), story.pipeline('shop-us')];
    for (const [from, to, first, second] of [[1, 2, 3, 4], [24, 25, 30, 32], [48, 49, 50, 56]]) {
      const sha = story.change(shop, from, to, first, { pipeline: europe });
      america.execution({ at: story.h(to) + 2 * MINUTE, updatedAt: story.h(second), sources: [story.commit(shop, sha)] });
    }
    await story.read({ teams: [team({ services: [] })] });
    expect(story.numbers({ ...FREQUENCY, groupBy: 'service' })).toEqual({ 'Shop shop-eu': 3, 'Shop shop-us': 3 });
    // (6 + 2) / 2 there, (8 + 8) / 2 here.
    expect(story.numbers({ ...LEAD_TIME, groupBy: 'service' })).toEqual({ 'Shop shop-eu': 4 * 3_600, 'Shop shop-us': 8 * 3_600 });
    expect([story.hours(LEAD_TIME), story.hours({ ...LEAD_TIME, groupBy: 'none' })]).toEqual([6, 4]);
  });

  it('two pipelines that an entry joins are one service: the second brings what is there already', async () => {
    const shop = story.repository('shop');
    const [europe, america] = [story.pipeline('shop-eu'), story.pipeline('shop-us')];
    const sha = story.change(shop, 24, 25, 30, { pipeline: europe });
    america.execution({ at: story.h(25), updatedAt: story.h(32), sources: [story.commit(shop, sha)] });
    await story.read({ teams: [team()] });
    expect(kinds()).toEqual([[30, 'standard', 'succeeded', false], [32, 'retry', 'succeeded', false]]);
    expect(story.numbers({ ...FREQUENCY, groupBy: 'service' })).toEqual({ 'Shop shop': 1 });
  });

  it('one pipeline with two repositories delivers the changes of both', async () => {
    const [shop, site] = [story.repository('shop'), story.repository('site')];
    const pipeline = story.pipeline('shop');
    const both = (a: string, b: string, at: number, done: number): unknown =>
      pipeline.execution({ at: story.h(at), updatedAt: story.h(done), sources: [story.commit(shop, a, 'Update', 'Shop'), story.commit(site, b, 'Update', 'Site')] });
    const [shop1, site1] = [story.change(shop, 1, 2, 3), story.change(site, 1, 2, 3)];
    both(shop1, site1, 2.5, 3);                                            // baseline of both
    const shop2 = story.change(shop, 24, 25, 26);
    both(shop2, site1, 25, 26);                                            // lead time 2 h
    const site2 = story.change(site, 30, 35, 40);
    both(shop2, site2, 36, 40);                                            // lead time 10 h
    await story.read({ teams: [team({ repositories: ['acme/*'], services: [] })] });
    expect(story.numbers({ ...FREQUENCY, groupBy: 'service' })).toEqual({ 'Shop shop': 3 });
    expect(story.hours(LEAD_TIME)).toBe(6);
    expect(story.rows('changes').filter(({ counted }) => counted).map(({ repository, leadTime }) => [repository, Number(leadTime) / 3_600])).toEqual([['acme/shop', 2], ['acme/site', 10]]);
  });

  it('OpsItems of another team are not ours, whatever they name', async () => {
    const shop = story.repository('shop');
    const [ours, theirs] = [story.pipeline('shop'), story.pipeline('bank')];
    story.change(shop, 1, 2, 3, { pipeline: ours });
    theirs.execution({ at: story.h(2), updatedAt: story.h(4) });
    story.opsItem(5, { title: 'shop: errors', status: 'Resolved', modifiedAt: 7 });
    story.opsItem(5, { title: 'bank: errors', status: 'Resolved', modifiedAt: 10 });
    // Ours by its title, but it names their pipeline: named and not found among ours, so nothing is blamed.
    story.opsItem(6, { title: 'shop: slow since the bank', status: 'Resolved', modifiedAt: 10, data: { '/aws/resources': JSON.stringify([{ arn: 'arn:aws:codepipeline:us-east-1:111111111111:bank' }]) } });
    const bank = team({ name: 'Bank', repositories: [], services: [{ name: 'bank', pipelines: ['bank'] }], deployments: [{ from: 'codepipeline', pipelines: ['bank'] }], incidents: [{ from: 'opsitems', filters: { title: 'bank:' } }] });
    await story.read({ teams: [team({ deployments: [{ from: 'codepipeline', pipelines: ['shop*'] }], incidents: [{ from: 'opsitems', filters: { title: 'shop:' } }] }), bank] });
    expect(story.rows('incidents').map(({ team: name, title, deploymentId }) => [name, title, deploymentId !== null]).sort()).toEqual([
      ['Bank', 'bank: errors', true],
      ['Shop', 'shop: errors', true],
      ['Shop', 'shop: slow since the bank', false],
    ]);
    expect(story.numbers(FAILURES)).toEqual({ Shop: 100, Bank: 100 });
    expect(story.numbers(RESTORE)).toEqual({ Shop: ((2 + 4) / 2) * 3_600, Bank: 5 * 3_600 });
  });

  it('an OpsItem without a service belongs to the only one, to that of its source, or to none', async () => {
    const [shop, site] = [story.repository('shop'), story.repository('site')];
    story.change(shop, 1, 2, 3, { pipeline: story.pipeline('shop') });
    story.change(site, 1, 2, 4, { pipeline: story.pipeline('site') });
    story.opsItem(5, { title: 'Errors', status: 'Resolved', modifiedAt: 7 });
    const one = team({ name: 'One', deployments: [{ from: 'codepipeline', pipelines: ['shop'] }], incidents: [{ from: 'opsitems' }] });
    const two = team({ name: 'Two', repositories: ['acme/*'], services: [], incidents: [{ from: 'opsitems' }] });
    await story.read({ teams: [one, two, { ...two, name: 'Told', incidents: [{ from: 'opsitems', service: 'site' }] }] });
    expect(story.rows('incidents').map(({ team: name, service, deploymentId }) => [name, service, deploymentId === null ? null : 'linked']).sort()).toEqual([
      ['One', 'shop', 'linked'],
      ['Told', 'site', 'linked'],
      ['Two', null, null],
    ]);
    // It counts for restoring all the same, and for no failure.
    expect(story.numbers(RESTORE)).toEqual({ One: 7_200, Two: 7_200, Told: 7_200 });
    expect(story.numbers(FAILURES)).toEqual({ One: 100, Two: 0, Told: 50 });
    const quality = story.rows('data-quality').filter(({ check, count }) => check === 'incidents without service' && count === 1);
    expect(quality.map(({ team: name }) => name)).toEqual(['Two']);
  });
});
