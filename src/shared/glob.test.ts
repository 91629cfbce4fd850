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

  it('means the same with many stars as with few, by the definition', () => {
    /** Straight from the definition, and slow: every way to divide the text. */
    const means = (glob: string, text: string, scope: 'name' | 'path'): boolean => {
      const stars = /^\*+/.exec(glob)?.[0];
      if (glob === '') {
        return text === '';
      }
      if (stars === undefined) {
        return text.startsWith(glob[0]) && means(glob.slice(1), text.slice(1), scope);
      }
      const within = scope === 'path' && stars.length === 1;
      return Array.from({ length: text.length + 1 }, (_, taken) => taken).some((taken) => !(within && text.slice(0, taken).includes('/')) && means(glob.slice(stars.length), text.slice(taken), scope));
    };
    const globs = fc.array(fc.constantFrom('*', '**', 'a', 'b', '/', '.'), { maxLength: 9 }).map((parts) => parts.join(''));
    const texts = fc.array(fc.constantFrom('a', 'b', '/', '.'), { maxLength: 9 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(globs, texts, fc.constantFrom('name' as const, 'path' as const), (glob, text, scope) => {
        expect(matchesGlob(glob, text, scope)).toBe(means(glob, text, scope));
      }),
      { numRuns: process.env.DORA_LONG === '1' ? 20_000 : 1_000 }
    );
  });

  it('answers at once whatever somebody asks for', () => {
    const begin = performance.now();
    expect(matchesGlob(`${'*a'.repeat(200)}*!`, 'a'.repeat(500))).toBe(false);
    expect(matchesGlob(`${'*a/**'.repeat(100)}!`, 'a/'.repeat(250), 'path')).toBe(false);
    expect(performance.now() - begin).toBeLessThan(1_000);
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
