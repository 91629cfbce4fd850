import fc from 'fast-check';
import { TextPool } from './columns';
import { ShaTable } from './shas';
import { countsDiffer, mean, meanBounds, poissonBounds, quantile, quantileBounds, samplesDiffer, sharesDiffer, statisticOf, wilson } from './statistics';

describe('statistics', () => {
  it('interpolate between order statistics', () => {
    // Position (4 − 1) × 0.9 = 2.7: 30 + 0.7 × 10.
    expect(quantile([10, 20, 30, 40], 0.9)).toBeCloseTo(37, 12);
    expect(quantile([10, 20, 30, 40], 0.5)).toBe(25);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBeNull();
    expect(mean([])).toBeNull();
    expect(statisticOf(Float64Array.of(30, 10, 20), 'median')).toBe(20);
  });

  it('bound a share as Wilson does', () => {
    // One of four: 4.56 % to 69.94 %; none of ten: 0 to 27.75 %.
    expect(wilson(1, 4).lower).toBeCloseTo(0.045587, 6);
    expect(wilson(1, 4).upper).toBeCloseTo(0.699358, 6);
    expect(wilson(0, 10)).toEqual({ lower: 0, upper: expect.closeTo(0.277533, 6) });
    expect(wilson(0, 0)).toEqual({ lower: null, upper: null });
  });

  it('bound a median by ranks of the binomial distribution', () => {
    // Ten samples: the 2nd and the 9th hold the median with 97.9 %; five hold nothing at 95 %, six do by first and last.
    const ten = Array.from({ length: 10 }, (_, index) => index + 1);
    expect(quantileBounds(ten, 0.5)).toEqual({ lower: 2, upper: 9 });
    expect(quantileBounds([1, 2, 3, 4, 5], 0.5)).toEqual({ lower: null, upper: null });
    expect(quantileBounds([1, 2, 3, 4, 5, 6], 0.5)).toEqual({ lower: 1, upper: 6 });
    // A thousand samples: 500 ± 31.
    const many = Array.from({ length: 1_000 }, (_, index) => index + 1);
    expect(quantileBounds(many, 0.5)).toEqual({ lower: 469, upper: 532 });
  });

  it('bound means and counts', () => {
    // Mean 2, deviation 1, n 4: 2 ± 1.96 × √(2/3) / 2.
    expect(meanBounds([1, 2, 2, 3]).upper).toBeCloseTo(2 + (1.959964 * Math.sqrt(2 / 3)) / 2, 5);
    expect(meanBounds([1])).toEqual({ lower: null, upper: null });
    // Ten events: exact Poisson 4.80 … 18.39; none: 0 … 3.69 (Byar is within two hundredths for ten).
    expect(poissonBounds(10).lower).toBeCloseTo(4.8, 1);
    expect(poissonBounds(10).upper).toBeCloseTo(18.4, 1);
    expect(poissonBounds(0).lower).toBe(0);
  });

  it('tell a difference from chance', () => {
    expect(sharesDiffer(5, 100, 20, 100)).toBe(true);
    expect(sharesDiffer(1, 10, 2, 10)).toBe(false);
    expect(countsDiffer(40, 7, 10, 7)).toBe(true);
    expect(countsDiffer(12, 7, 10, 7)).toBe(false);
    // The same count in twice the time is half the rate.
    expect(countsDiffer(40, 7, 40, 14)).toBe(true);
    const low = Float64Array.from({ length: 20 }, (_, index) => index);
    expect(samplesDiffer(low, low.map((value) => value + 15))).toBe(true);
    expect(samplesDiffer(low, low.map((value) => value + 1))).toBe(false);
    expect(samplesDiffer(low.subarray(0, 3), low.map((value) => value + 100))).toBe(false);
    expect(samplesDiffer(new Float64Array(20).fill(3), new Float64Array(20).fill(3))).toBe(false);
  });
});

describe('columns', () => {
  it('keep any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 400 }), { maxLength: 50 }), (texts) => {
        const pool = new TextPool();
        const addresses = texts.map((text) => pool.add(text));
        expect(addresses.map((address) => pool.get(address))).toEqual(texts);
      })
    );
    const pool = new TextPool();
    const long = 'ä'.repeat(2_000_000);
    const addresses = ['a', long, 'b'].map((text) => pool.add(text));
    expect(addresses.map((address) => pool.get(address)).map((text) => text.length)).toEqual([1, 2_000_000, 1]);
    expect(pool.getOrNull(pool.add(null))).toBeNull();
  });

  it('number SHAs, find them by their first digits, and keep what is no SHA', () => {
    const hex = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(hex, { maxLength: 200 }), fc.integer({ min: 7, max: 40 }), (shas, length) => {
        const table = new ShaTable();
        const nodes = shas.map((sha) => table.node(sha));
        shas.forEach((sha, index) => {
          expect(table.node(sha.toUpperCase())).toBe(nodes[index]);
          expect(table.sha(nodes[index])).toBe(sha);
          const prefix = sha.slice(0, length);
          expect(new Set(table.withPrefix(prefix))).toEqual(new Set(nodes.filter((node) => table.sha(node).startsWith(prefix))));
        });
      })
    );
    const table = new ShaTable();
    const version = table.node('s3 version ZmX');
    expect(table.sha(version)).toBe('s3 version ZmX');
    expect(table.isAbbreviated(version)).toBe(false);
    expect(table.isAbbreviated(table.node('abcdef1'))).toBe(true);
    expect(table.find('0'.repeat(40))).toBe(-1);
  });
});
