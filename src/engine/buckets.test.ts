import { at, DAY_MS, HOUR_MS, Organisation, pull, release, repository, line } from '../../tests/engine/facts';
import type { DoraQuery } from '../shared/query';
import { type Calendar, cutWindows, resolveInterval } from './buckets';
import type { TimeRange } from './engine';

const UTC: Calendar = { timezone: 'UTC', weekStart: 'monday' };

function cut(interval: DoraQuery['interval'], range: TimeRange, calendar = UTC, now = Number.MAX_SAFE_INTEGER) {
  return cutWindows({ interval, window: 'calendar', rollingDays: 28, format: 'timeseries' }, range, Math.min(now, 8.64e15), calendar);
}

const iso = (times: number[]): string[] => times.map((time) => new Date(time).toISOString().replace('.000Z', 'Z'));

describe('buckets', () => {
  it('keep 23 and 25 hours a day when clocks change', () => {
    const berlin = { ...UTC, timezone: 'Europe/Berlin' };
    const spring = cut('day', { from: at('2026-03-28 00:00'), to: at('2026-03-31') }, berlin);
    expect(iso(spring.starts)).toEqual(['2026-03-27T23:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '2026-03-30T22:00:00Z']);
    expect(spring.starts.slice(1).map((start, index) => (start - spring.starts[index]) / HOUR_MS)).toEqual([24, 23, 24]);
    const autumn = cut('day', { from: at('2026-10-24 22:00'), to: at('2026-10-26 23:00') }, berlin);
    expect(autumn.ends.map((end, index) => (end - autumn.starts[index]) / HOUR_MS)).toEqual([25, 24]);
  });

  it('cut a zone of 45 minutes at its own midnight', () => {
    const kathmandu = { ...UTC, timezone: 'Asia/Kathmandu' };
    const days = cut('day', { from: at('2026-03-02 18:15'), to: at('2026-03-04 18:15') }, kathmandu);
    expect(iso(days.starts)).toEqual(['2026-03-02T18:15:00Z', '2026-03-03T18:15:00Z']);
    expect(days.fullEnds).toEqual(days.ends);
  });

  it('have a 29th of February in leap years only', () => {
    expect(cut('day', { from: at('2028-02-28'), to: at('2028-03-02') }).starts).toHaveLength(3);
    expect(cut('day', { from: at('2026-02-28'), to: at('2026-03-02') }).starts).toHaveLength(2);
    expect(iso(cut('month', { from: at('2028-02-10'), to: at('2028-03-20') }).starts)).toEqual(['2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z']);
  });

  it('begin weeks on the configured day', () => {
    // 2026-03-04 is a Wednesday.
    const range = { from: at('2026-03-04'), to: at('2026-03-12') };
    expect(iso(cut('week', range).starts)).toEqual(['2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z']);
    expect(iso(cut('week', range, { ...UTC, weekStart: 'sunday' }).starts)).toEqual(['2026-03-01T00:00:00Z', '2026-03-08T00:00:00Z']);
    const sunday = { from: at('2026-03-08'), to: at('2026-03-09') };
    expect(iso(cut('week', sunday, { ...UTC, weekStart: 'sunday' }).starts)).toEqual(['2026-03-08T00:00:00Z']);
  });

  it('widen the first, end the last at the earlier of range and now, and start none after now', () => {
    const windows = cut('week', { from: at('2026-03-04'), to: at('2026-04-30') }, UTC, at('2026-03-17 06:00'));
    expect(iso(windows.starts)).toEqual(['2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z', '2026-03-16T00:00:00Z']);
    expect(iso(windows.ends)[2]).toBe('2026-03-17T06:00:00Z');
    expect(cut('day', { from: at('2026-03-04'), to: at('2026-03-06') }, UTC, at('2026-03-05')).starts).toHaveLength(1);
    expect(cut('day', { from: at('2026-03-04'), to: at('2026-03-06') }, UTC, at('2026-03-01')).starts).toEqual([]);
  });

  it('follow zones where midnight or a whole day does not exist', () => {
    const saoPaulo = cut('day', { from: at('2018-11-03 12:00'), to: at('2018-11-06 12:00') }, { ...UTC, timezone: 'America/Sao_Paulo' });
    expect(iso(saoPaulo.starts)).toEqual(['2018-11-03T03:00:00Z', '2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z', '2018-11-06T02:00:00Z']);
    const apia = cut('day', { from: at('2011-12-28 12:00'), to: at('2012-01-02') }, { ...UTC, timezone: 'Pacific/Apia' });
    apia.starts.slice(1).forEach((start, index) => expect(start).toBe(apia.fullEnds[index]));
    apia.starts.forEach((start, index) => expect(apia.ends[index]).toBeGreaterThan(start));
  });

  it('begin a day with two midnights at the first', () => {
    // On 25 October 2026 the Azores (UTC+0 in summer) put their clocks back from 1:00 to 0:00: midnight is at 00:00Z and again
    // at 01:00Z, and the day has 25 hours.
    const azores = { ...UTC, timezone: 'Atlantic/Azores' };
    const days = cut('day', { from: at('2026-10-24 12:00'), to: at('2026-10-27 01:00') }, azores);
    expect(iso(days.starts)).toEqual(['2026-10-24T00:00:00Z', '2026-10-25T00:00:00Z', '2026-10-26T01:00:00Z']);
    // The first bucket is widened to the whole day wherever in it the range begins.
    for (const from of ['2026-10-25 00:00', '2026-10-25 00:30', '2026-10-25 01:00', '2026-10-25 12:00']) {
      expect(iso(cut('day', { from: at(from), to: at('2026-10-26 01:00') }, azores).starts)).toEqual(['2026-10-25T00:00:00Z']);
    }
    expect(iso(cut('week', { from: at('2026-10-25 12:00'), to: at('2026-10-26') }, { ...azores, weekStart: 'sunday' }).starts)).toEqual(['2026-10-25T00:00:00Z']);
    // Cuba does so on 1 November: a month begins at the first midnight, too.
    expect(iso(cut('month', { from: at('2026-11-10'), to: at('2026-11-20') }, { ...UTC, timezone: 'America/Havana' }).starts)).toEqual(['2026-11-01T04:00:00Z']);
    const rolling = cutWindows({ interval: 'range', window: 'rolling', rollingDays: 1, format: 'timeseries' }, { from: at('2026-10-25'), to: at('2026-10-25 12:00') }, at('2026-11-01'), azores);
    expect(iso(rolling.starts)).toEqual(['2026-10-25T00:00:00Z']);
  });

  it('choose auto by the range alone', () => {
    const length = (days: number): TimeRange => ({ from: 0, to: days * DAY_MS });
    expect([1, 31, 32, 182, 183, 1_096, 1_097].map((days) => resolveInterval('auto', length(days)))).toEqual(['day', 'day', 'week', 'week', 'month', 'month', 'quarter']);
    // A month of 31 local days that has one hour more is still 31 whole days.
    expect(resolveInterval('auto', { from: 0, to: 31 * DAY_MS + HOUR_MS })).toBe('day');
  });

  it('roll: D is the last day of each bucket, for the running one today', () => {
    const windows = cutWindows({ interval: 'week', window: 'rolling', rollingDays: 7, format: 'timeseries' }, { from: at('2026-03-02'), to: at('2026-03-31') }, at('2026-03-18 06:00'), UTC);
    expect(iso(windows.stamps)).toEqual(['2026-03-08T00:00:00Z', '2026-03-15T00:00:00Z', '2026-03-18T00:00:00Z']);
    expect(iso(windows.starts)).toEqual(['2026-03-02T00:00:00Z', '2026-03-09T00:00:00Z', '2026-03-12T00:00:00Z']);
    expect(iso(windows.ends)).toEqual(['2026-03-09T00:00:00Z', '2026-03-16T00:00:00Z', '2026-03-18T06:00:00Z']);
  });

  it('refuse what is too long or inverted, naming the field', () => {
    expect(() => cut('day', { from: at('1976-01-01'), to: at('2026-01-01') })).toThrow(expect.objectContaining({ code: 'RANGE_TOO_LONG', field: 'interval', status: 400 }));
    expect(cut('quarter', { from: at('1976-01-01'), to: at('2026-01-01') }).starts).toHaveLength(200);
    expect(() => cut('day', { from: 2, to: 1 })).toThrow(expect.objectContaining({ code: 'RANGE_INVALID', field: 'to' }));
    expect(() => cut('day', { from: NaN, to: 1 })).toThrow(expect.objectContaining({ code: 'RANGE_INVALID', field: 'from' }));
  });
});

describe('absence', () => {
  const settings = { teams: [{ name: 'A', repositories: ['acme/a'] }] };
  const facts = {
    repositories: [repository('acme/a')],
    pullRequests: [pull('acme/a', 1, { createdAt: at('2026-03-03'), mergedAt: at('2026-03-04') }), pull('acme/a', 2, { createdAt: at('2026-03-16'), mergedAt: at('2026-03-17') })],
  };
  const wide = { from: at('2026-02-23'), to: at('2026-12-31') };
  const now = at('2026-03-18 12:00');

  it('is 0 for a count and a gap for a duration, from before the first fact to now', () => {
    const organisation = new Organisation(settings, facts, wide, now);
    expect(organisation.series({})[0]).toMatchObject({ values: [0, 1, 0, 1], running: at('2026-03-16'), immature: [] });
    expect(organisation.series({ metric: 'lead-time' })[0].values).toEqual([null, 86_400, null, 86_400]);
    expect(organisation.series({ metric: 'change-failure-rate' })[0]).toMatchObject({ values: [null, 0, null, 0], immature: [at('2026-03-09'), at('2026-03-16')] });
    expect(organisation.series({ metric: 'change-failure-rate', completeBucketsOnly: true })[0].times).toEqual([at('2026-02-23'), at('2026-03-02')]);
    expect(organisation.series({ completeBucketsOnly: true })[0]).toMatchObject({ values: [0, 1, 0], running: null });
  });

  it('is a gap before the team is covered, with a notice that names what is missing', () => {
    const coverage = [{ kind: 'pull-requests' as const, scope: 'R:acme/a', from: at('2026-03-04'), complete: false }];
    const organisation = new Organisation(settings, { ...facts, coverage }, wide, now);
    const answer = organisation.answer({});
    expect(answer.kind === 'timeseries' && answer.series[0].values).toEqual([null, null, 0, 1]);
    expect(answer.notices[0].text).toContain('pull-requests of acme/a');
    // A number covers what there is: 2 deployments in the 14.5 days since.
    expect(organisation.number({})).toBe(2 / 14.5);
    expect(organisation.series({ interval: 'range' })[0]).toMatchObject({ times: [wide.from], values: [2] });
    const nothing = new Organisation(settings, { ...facts, coverage: [{ ...coverage[0], from: null }] }, wide, now);
    expect(nothing.number({ measure: 'count' })).toBeNull();
    expect(nothing.series({})[0].values).toEqual([null, null, null, null]);
  });

  it('is a gap, not 0, while nothing is known of a team, and no series where a query names nothing of it', () => {
    const empty = new Organisation(settings, {}, wide, now);
    expect(empty.series({})[0].values).toEqual([null, null, null, null]);
    expect(empty.number({})).toBeNull();
    expect(empty.answer({}).notices.map(({ text }) => text)).toEqual(['A: no value yet, nothing is known of its repositories, pipelines or services.']);
    const organisation = new Organisation(settings, facts, wide, now);
    expect(organisation.series({ services: ['nothing'] })).toEqual([]);
    expect(organisation.answer({ services: ['nothing'] }).notices.map(({ text }) => text)).toEqual(['No service or repository of the teams is one that the query names.']);
    expect(organisation.series({ repositories: ['acme/*'] })).toHaveLength(1);
  });

  it('rolls over days, and a rolling point stays while it is immature', () => {
    const organisation = new Organisation(settings, facts, wide, now);
    const rolling = { window: 'rolling' as const, rollingDays: 14, metric: 'change-failure-rate' as const };
    expect(organisation.series(rolling)[0]).toMatchObject({ values: [null, 0, 0, 0], times: [at('2026-03-01'), at('2026-03-08'), at('2026-03-15'), at('2026-03-18')], immature: [at('2026-03-15'), at('2026-03-18')] });
    expect(organisation.series({ ...rolling, completeBucketsOnly: true })[0].times).toEqual([at('2026-03-01'), at('2026-03-08'), at('2026-03-15')]);
    // The last 14 days: 5th to 18th; only the second merge.
    expect(organisation.number({ window: 'rolling', rollingDays: 14, measure: 'count' })).toBe(1);
    expect(organisation.number({ window: 'rolling', rollingDays: 15, measure: 'count' })).toBe(2);
  });

  it('counts distinct local days', () => {
    const merges = ['2026-03-02 18:00', '2026-03-02 18:30', '2026-03-03 10:00'].map((when, index) => pull('acme/a', index + 1, { mergedAt: at(when) }));
    const organisation = new Organisation(settings, { repositories: [repository('acme/a')], pullRequests: merges }, { from: at('2026-03-01'), to: at('2026-03-08') });
    expect(organisation.number({ measure: 'days' })).toBe(2);
    // In Kathmandu the day changes at 18:15 UTC: the 2nd, and the 3rd with two.
    expect(organisation.number({ measure: 'days', timezone: 'Asia/Kathmandu' })).toBe(2);
    expect(organisation.series({ measure: 'days', timezone: 'Asia/Kathmandu', interval: 'day' })[0].values.filter((value) => value !== 0)).toEqual([1, 1]);
    expect(organisation.series({ timezone: 'Asia/Kathmandu', interval: 'day' })[0].values.filter((value) => value !== 0)).toEqual([1, 2]);
  });

  it('compares with the same length just before, bucket by bucket', () => {
    const merges = ['2026-03-03', '2026-03-04', '2026-03-10'].map((when, index) => pull('acme/a', index + 1, { mergedAt: at(when) }));
    const organisation = new Organisation(settings, { repositories: [repository('acme/a')], pullRequests: merges }, { from: at('2026-03-09'), to: at('2026-03-16') });
    expect(organisation.series({ compare: 'previous' }).map(({ labels, times, values }) => [labels.period, times, values])).toEqual([
      ['current', [at('2026-03-09')], [1]],
      ['previous', [at('2026-03-09')], [2]],
    ]);
    expect(organisation.numbers({ compare: 'previous', measure: 'count' }).map(({ value }) => value)).toEqual([1, 2]);
  });

  it('marks what is immature of the period before, too', () => {
    const released = new Organisation(
      { teams: [{ name: 'T', repositories: ['acme/a'], deployments: [{ from: 'releases' }], incidentWindow: '4d' }] },
      { repositories: [repository('acme/a')], deployments: [release('acme/a', 'v1', null, at('2026-03-07 12:00'))] },
      { from: at('2026-03-09'), to: at('2026-03-12') }
    );
    const [current, previous] = released.series({ metric: 'change-failure-rate', interval: 'day', compare: 'previous' });
    expect(current.immature).toEqual([at('2026-03-09'), at('2026-03-10'), at('2026-03-11')]);
    // The days before are 6, 7 and 8 March, shown at 9, 10 and 11. Now is the 12th: what ended after 8 March 0:00 is younger than
    // four days, and that is the 8th alone, which ended on the 9th.
    expect(previous).toMatchObject({ times: current.times, values: [null, 0, null], immature: [at('2026-03-11')] });
  });

  it('says when a change is larger than chance, and only then', () => {
    const merges = Array.from({ length: 40 }, (_, index) => pull('acme/a', index + 1, { mergedAt: at('2026-03-02') + index * HOUR_MS }));
    const busy = new Organisation(settings, { repositories: [repository('acme/a')], pullRequests: merges }, { from: at('2026-03-09'), to: at('2026-03-16') });
    expect(busy.answer({ compare: 'previous' }).notices.map(({ text }) => text)).toEqual(['A: deployment frequency changed against the previous period by more than chance would (95 %).']);
    const quiet = new Organisation(settings, { repositories: [repository('acme/a')], pullRequests: merges.slice(0, 2) }, { from: at('2026-03-09'), to: at('2026-03-16') });
    expect(quiet.answer({ compare: 'previous' }).notices).toEqual([]);
  });
});

describe('levels', () => {
  it('follow the report of the year', () => {
    const facts = {
      repositories: [repository('acme/a')],
      commits: line('acme/a', [1, 2], at('2026-03-02')),
      pullRequests: [pull('acme/a', 1, { mergedAt: at('2026-03-02') }), pull('acme/a', 2, { createdAt: at('2026-03-02'), mergedAt: at('2026-03-08') })],
      deployments: [release('acme/a', 'v1', 'acme/a#1', at('2026-03-02 12:00')), release('acme/a', 'v2', 'acme/a#2', at('2026-03-08 12:00'))],
    };
    const organisation = new Organisation({ teams: [{ name: 'A', repositories: ['acme/a'], deployments: [{ from: 'releases' }] }] }, facts, { from: at('2026-03-01'), to: at('2026-03-31') });
    const levels = (levelsYear: 2021 | 2023) => organisation.rows({ queryType: 'levels', levelsYear }).map(({ metric, level, band }) => [metric, level, band]);
    // Two days in thirty: less than one a week, more than one a month. Six and a half days of lead time.
    expect(levels(2023)).toEqual([
      ['deployment-frequency', 'medium', 'medium or low'],
      ['lead-time', 'high', 'high'],
      ['change-failure-rate', 'elite', 'elite'],
      ['time-to-restore', null, null],
    ]);
    expect(levels(2021)[0]).toEqual(['deployment-frequency', 'high', 'high']);
    expect(organisation.numbers({ queryType: 'levels' }).map(({ value }) => value)).toEqual([2, 3, 4, null]);
    expect(organisation.series({ metric: 'lead-time' })[0].thresholds).toEqual([
      { from: null, level: 'elite' },
      { from: 86_400, level: 'high' },
      { from: 7 * 86_400, level: 'medium' },
      { from: 30 * 86_400, level: 'low' },
    ]);
  });
});
