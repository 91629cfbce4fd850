/**
 * Globs of settings and queries. `*` is any text, or any text within a segment for paths; `**` crosses segments;
 * a leading `!` excludes; every other character stands for itself (`*[bot]` ends in "[bot]").
 */
export type GlobScope = 'name' | 'path';

const cache = new Map<string, RegExp>();

function compile(glob: string, scope: GlobScope): RegExp {
  const key = `${scope}:${glob}`;
  const known = cache.get(key);
  if (known) {
    return known;
  }
  const source = glob
    .split(/(\*+)/)
    .map((part) => {
      if (!part.startsWith('*')) {
        return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      }
      return part.length > 1 || scope === 'name' ? '.*' : '[^/]*';
    })
    .join('');
  const compiled = new RegExp(`^${source}$`, 's');
  if (cache.size > 10_000) {
    cache.clear();
  }
  cache.set(key, compiled);
  return compiled;
}

/** True when `text` matches one glob (no leading `!`). */
export function matchesGlob(glob: string, text: string, scope: GlobScope = 'name'): boolean {
  return compile(glob, scope).test(text);
}

/**
 * True when `text` matches any of the positive globs and none of the `!` globs, whatever their order.
 * A list with only `!` globs matches everything else; an empty list matches nothing.
 */
export function matchesGlobs(globs: readonly string[], text: string, scope: GlobScope = 'name'): boolean {
  let positives = 0;
  let matched = false;
  for (const glob of globs) {
    if (glob.startsWith('!')) {
      if (matchesGlob(glob.slice(1), text, scope)) {
        return false;
      }
    } else {
      positives += 1;
      matched = matched || matchesGlob(glob, text, scope);
    }
  }
  return positives === 0 ? globs.length > 0 : matched;
}
