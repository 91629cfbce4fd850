import { expectedTotal } from './newest-first';
import { callsUntilThrough, pagesLeft, timeToGo } from './time-to-go';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const now = 1_800_000_000_000;

describe('how much is left', () => {
  it('is as dense as what was read', () => {
    // Two pages held ten days; thirty are left.
    expect(pagesLeft(2, now, now - 10 * DAY, now - 40 * DAY)).toBe(6);
    expect(pagesLeft(1, now, now - 40 * DAY, now - 40 * DAY)).toBe(0);
    expect(pagesLeft(1, now, now, now - 40 * DAY)).toBe(100_000);
  });

  it('is never more than there is, and what was fetched once the lookback is reached', () => {
    const state = { newest: now, oldest: now - 10 * DAY, exhausted: false, fetched: 50 };
    expect(expectedTotal(state, 1_000, now - 40 * DAY)).toBe(200);
    expect(expectedTotal(state, 120, now - 40 * DAY)).toBe(120);
    expect(expectedTotal(state, 1_000, now - 9 * DAY)).toBe(50);
    expect(expectedTotal({ ...state, exhausted: true }, 1_000, now - 40 * DAY)).toBe(50);
    expect(expectedTotal({ newest: null, oldest: null, exhausted: false, fetched: 0 }, 1_000, now)).toBe(1_000);
  });
});

describe('when one of several is through', () => {
  it.each<[number | null, Array<number | null>, number | null]>([
    [5, [], 5],
    // Each other one has five turns too, or as many as it needs.
    [5, [2, 100], 5 + 2 + 5],
    // Of one nobody knows: (5 + 3) / 2 pages.
    [5, [3, null], 5 + 3 + 4],
    [null, [3], null],
    [0, [7], 0],
  ])('%p pages beside %p: %p calls', (own, others, calls) => expect(callsUntilThrough(own, others)).toBe(calls));
});

describe('how long that takes', () => {
  const budget = { limit: 5_000, remaining: 1_500, resetsAt: now + 0.5 * HOUR };

  it('as long as the calls, while the budget lasts', () => {
    expect(timeToGo(1_000, 2_000, budget, now)).toBe(2_000_000);
    expect(timeToGo(100_000, 2_000, null, now)).toBe(200_000_000);
  });

  it('with the pauses until it is filled again, the reserve untouched', () => {
    // 1,000 now, 4,500 after the reset and 500 an hour later.
    expect(timeToGo(6_000, 100, budget, now)).toBe(0.5 * HOUR + HOUR + 500 * 100);
    // 200,000 pull requests at 37 a page, from a full budget: 5,406 calls are 4,500 and 906 after an hour.
    expect(timeToGo(5_406, 400, { limit: 5_000, remaining: 5_000, resetsAt: now + HOUR }, now)).toBe(HOUR + 906 * 400);
  });

  it('never less than the calls themselves', () => {
    expect(timeToGo(6_000, 3_000, budget, now)).toBe(6_000 * 3_000);
    expect(timeToGo(5_000, 0, { ...budget, resetsAt: now - 1 }, now)).toBe(HOUR);
  });
});
