import fc from 'fast-check';
import { matchesGlob, matchesGlobs } from './glob';

describe('globs', () => {
  it.each([
    ['acme/payments-*', 'acme/payments-api', true],
    ['acme/payments-*', 'acme/payments', false],
    ['acme/*', 'acme/a/b', true],
    ['*[bot]', 'renovate[bot]', true],
    ['*[bot]', 'bobot', false],
    ['v1.*', 'v1.2.0', true],
    ['v1.*', 'v1x2', false],
    ['*', '', true],
    ['release/(x|y)?', 'release/(x|y)?', true],
  ])('%s on %s: %s', (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it.each([
    ['api/*', 'api/main.ts', true],
    ['api/*', 'api/src/main.ts', false],
    ['api/**', 'api/src/main.ts', true],
    ['**/*.md', 'docs/a/b.md', true],
  ])('path %s on %s: %s', (glob, text, expected) => {
    expect(matchesGlob(glob, text, 'path')).toBe(expected);
  });

  it('takes away what a "!" glob matches, wherever it stands in the list', () => {
    expect(matchesGlobs(['!acme/old-*', 'acme/*'], 'acme/old-shop')).toBe(false);
    expect(matchesGlobs(['acme/*', '!acme/old-*'], 'acme/shop')).toBe(true);
    expect(matchesGlobs(['!acme/old-*'], 'acme/shop')).toBe(true);
    expect(matchesGlobs([], 'acme/shop')).toBe(false);
  });

  it('takes every text without stars for itself', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }).filter((text) => !text.includes('*')), fc.string(), (glob, other) => {
        expect(matchesGlob(glob, glob)).toBe(true);
        expect(matchesGlob(glob, other)).toBe(glob === other);
      })
    );
  });
});
