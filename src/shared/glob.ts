/**
 * Globs of settings and queries. `*` is any text, or any text within a segment for paths; `**` crosses segments;
 * a leading `!` excludes; every other character stands for itself (`*[bot]` ends in "[bot]").
 */
export type GlobScope = 'name' | 'path';

const ANY = Symbol('any text');
const WITHIN = Symbol('any text within a segment');
type Part = string | typeof ANY | typeof WITHIN;
type Matcher = (text: string) => boolean;

const cache = new Map<string, Matcher>();

/** With more stars than this a regular expression may try as many ways as there are combinations of places. */
const MOST_STARS_OF_EXPRESSION = 2;

function compile(glob: string, scope: GlobScope): Matcher {
  const key = `${scope}:${glob}`;
  const known = cache.get(key);
  if (known) {
    return known;
  }
  const parts = glob.split(/(\*+)/).map((part) => (part.startsWith('*') ? star(part, scope) : part));
  const compiled = parts.filter((part) => part === ANY || part === WITHIN).length > MOST_STARS_OF_EXPRESSION ? walker(parts) : expression(parts);
  if (cache.size > 10_000) {
    cache.clear();
  }
  cache.set(key, compiled);
  return compiled;
}

function star(stars: string, scope: GlobScope): Part {
  return stars.length > 1 || scope === 'name' ? ANY : WITHIN;
}

function expression(parts: readonly Part[]): Matcher {
  const source = parts.map((part) => (part === ANY ? '.*' : part === WITHIN ? '[^/]*' : String(part).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))).join('');
  const compiled = new RegExp(`^${source}$`, 's');
  return (text) => compiled.test(text);
}

/** Keeps all places up to which the parts so far may reach: its time grows with the text and the glob, never with their combinations. */
function walker(parts: readonly Part[]): Matcher {
  return (text) => {
    let reached = new Uint8Array(text.length + 1);
    reached[0] = 1;
    for (const part of parts) {
      const next = new Uint8Array(text.length + 1);
      if (typeof part === 'string') {
        for (let at = reached.indexOf(1); at >= 0; at = reached.indexOf(1, at + 1)) {
          if (text.startsWith(part, at)) {
            next[at + part.length] = 1;
          }
        }
      } else {
        let going = false;
        for (let at = 0; at <= text.length; at += 1) {
          going = reached[at] === 1 || (going && (part === ANY || text[at - 1] !== '/'));
          next[at] = going ? 1 : 0;
        }
      }
      if (!next.includes(1)) {
        return false;
      }
      reached = next;
    }
    return reached[text.length] === 1;
  };
}

/** True when `text` matches one glob (no leading `!`). */
export function matchesGlob(glob: string, text: string, scope: GlobScope = 'name'): boolean {
  return compile(glob, scope)(text);
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
