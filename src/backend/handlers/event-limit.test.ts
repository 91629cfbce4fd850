import fc from 'fast-check';
import { EventLimit, EventsLimitedError } from './event-limit';

describe('the limit of events', () => {
  it('takes a burst, then as many as fit, and says when the next one fits', () => {
    let now = 0;
    const limit = new EventLimit(() => now);
    for (let event = 0; event < 400; event += 1) {
      limit.take('1/a', 100);
    }
    expect(() => limit.take('1/a', 100)).toThrow(new EventsLimitedError(1));
    now += 1_000;
    for (let event = 0; event < 20; event += 1) {
      limit.take('1/a', 100);
    }
    expect(() => limit.take('1/a', 100)).toThrow(EventsLimitedError);
  });

  it('keeps data sources apart', () => {
    const limit = new EventLimit(() => 0);
    expect(() => {
      for (;;) {
        limit.take('1/a', 0);
      }
    }).toThrow(EventsLimitedError);
    limit.take('1/b', 0);
    limit.take('2/a', 0);
  });

  it('counts a large body for as much as it is', () => {
    const limit = new EventLimit(() => 0);
    limit.take('1/a', 8 * 1_048_576);
    limit.take('1/a', 8 * 1_048_576);
    limit.take('1/a', 8 * 1_048_576);
    expect(() => limit.take('1/a', 8 * 1_048_576)).toThrow(EventsLimitedError);
    limit.take('1/a', 0);
  });

  it('never takes more than the burst and the rate allow, and whoever waits as told gets through', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ pause: fc.integer({ min: 0, max: 5_000 }), bytes: fc.integer({ min: 0, max: 8 * 1_048_576 }) }), { maxLength: 100 }), (events) => {
        let now = 0;
        let taken = 0;
        const limit = new EventLimit(() => now);
        for (const { pause, bytes } of events) {
          now += pause;
          try {
            limit.take('1/a', bytes);
          } catch (error) {
            now += (error as EventsLimitedError).retryAfterSeconds * 1_000;
            limit.take('1/a', bytes);
          }
          taken += 1 + Math.floor(bytes / 65_536);
          expect(taken).toBeLessThanOrEqual(400 + (now / 1_000) * 20 + 1e-6);
        }
      })
    );
  });
});
