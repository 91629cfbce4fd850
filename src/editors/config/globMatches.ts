import { matchesGlob, matchesGlobs } from '../../shared/glob';

export interface GlobMatches {
  /** Each pattern with the names it takes in, or, with a leading `!`, leaves out. */
  patterns: Array<{ pattern: string; names: string[] }>;
  /** What all patterns together choose. */
  chosen: string[];
}

/** What each pattern of a list does to the known names. */
export function globMatches(patterns: readonly string[], names: readonly string[]): GlobMatches {
  return {
    patterns: patterns.map((pattern) => {
      const glob = pattern.startsWith('!') ? pattern.slice(1) : pattern;
      return { pattern, names: names.filter((name) => matchesGlob(glob, name)) };
    }),
    chosen: names.filter((name) => matchesGlobs(patterns, name)),
  };
}

/** The longest text that every name must contain that the pattern matches: what to search for. */
export function literalPart(pattern: string): string {
  return pattern
    .replace(/^!/, '')
    .split(/\*+/)
    .reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}
