import { TypedError } from './errors';

/** Where an element stands in its list: the values it is sorted by, the last of them unique. */
export type Key = ReadonlyArray<string | number>;

const PREFIX = 'cursor:v2:';

/** Opaque to clients. It says where an element stood, not how many were before it, so it survives changes of the list. */
export function encodeCursor(key: Key): string {
  return Buffer.from(PREFIX + JSON.stringify(key)).toString('base64');
}

export function decodeCursor(cursor: string, sample: Key | null): Key {
  const text = Buffer.from(cursor, 'base64').toString('utf8');
  if (text.startsWith(PREFIX) && Buffer.from(text).toString('base64') === cursor) {
    try {
      const key: unknown = JSON.parse(text.slice(PREFIX.length));
      if (
        Array.isArray(key) &&
        key.length > 0 &&
        key.every((part) => typeof part === 'string' || typeof part === 'number') &&
        (sample === null || (key.length === sample.length && key.every((part, at) => typeof part === typeof sample[at])))
      ) {
        return key;
      }
    } catch {
      // Not ours: refused below.
    }
  }
  throw invalidCursor(cursor);
}

export function invalidCursor(cursor: string): TypedError {
  return new TypedError('INVALID_CURSOR_ARGUMENTS', `\`${cursor}\` does not appear to be a valid cursor.`);
}

/** Orders keys part by part, each part up or down. */
export function compareKeys(a: Key, b: Key, directions: ReadonlyArray<1 | -1>): number {
  for (let at = 0; at < a.length; at += 1) {
    const x = a[at];
    const y = b[at];
    if (x !== y) {
      return (x < y ? -1 : 1) * (directions[at] ?? 1);
    }
  }
  return 0;
}
