import fc from 'fast-check';
import { split, sweep, type Window } from './windows';

const window = (seconds: number): Window => ({ from: 1_000_000, to: 1_000_000 + (seconds - 1) * 1_000, page: 1, extends: true });

test('a window that can be read whole is not split, nor is a single second', () => {
  expect(split(window(100), 1_000)).toBeNull();
  expect(split(window(1), 5_000)).toBeNull();
});

test('parts are newest first, touch each other, and cover the window exactly', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 10_000_000 }), fc.integer({ min: 1_001, max: 200_000 }), (seconds, total) => {
      const whole = window(seconds);
      const parts = split(whole, total)!;
      expect(parts.length).toBeGreaterThanOrEqual(2);
      expect(parts[0].to).toBe(whole.to);
      expect(parts.at(-1)!.from).toBe(whole.from);
      parts.forEach((part, index) => {
        expect(part.to).toBeGreaterThanOrEqual(part.from);
        if (index > 0) {
          expect(parts[index - 1].from - part.to).toBe(1_000);
        }
      });
    })
  );
});

test('what was run again is read again within ten sweeps, what is young with the next one', () => {
  const [hour, day] = [3_600_000, 86_400_000];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000 }), fc.double({ min: 0, max: 30, noNaN: true }), fc.double({ min: 6, max: 7, noNaN: true }), (first, age, everyHours) => {
      const created = 1_700_000_000_000;
      const since = created + age * day;
      const seen = (count: number): boolean => {
        const now = since + (count + 1) * everyHours * hour;
        return sweep(first + count, now, { from: 0, to: Infinity }).some(({ from, to }) => from <= created && created <= to);
      };
      expect(Array.from({ length: age <= 6.5 ? 1 : 10 }, (_, count) => count).some(seen)).toBe(true);
    })
  );
  expect(sweep(0, 100 * day, { from: 95 * day, to: 98 * day })).toEqual([{ from: 95 * day, to: 98 * day, page: 1, extends: false }]);
  expect(sweep(0, 100 * day, { from: 99 * day, to: 98 * day })).toEqual([]);
});
