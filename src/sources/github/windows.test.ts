import fc from 'fast-check';
import { split, type Window } from './windows';

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
