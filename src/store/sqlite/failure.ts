/** What a failed SQLite call means for us. Result codes: https://www.sqlite.org/rescode.html */
export type SqliteFailure = 'busy' | 'corrupt' | 'unavailable' | 'defect';

const BY_CODE: Record<number, SqliteFailure> = {
  5: 'busy',
  6: 'busy',
  11: 'corrupt',
  26: 'corrupt',
  // perm, read-only, I/O, full, cannot open, protocol, authorisation
  3: 'unavailable',
  8: 'unavailable',
  10: 'unavailable',
  13: 'unavailable',
  14: 'unavailable',
  15: 'unavailable',
  23: 'unavailable',
};

export function sqliteFailure(error: unknown): SqliteFailure {
  if (typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number') {
    // The low byte is the primary code, the rest details it.
    return BY_CODE[error.errcode & 0xff] ?? 'defect';
  }
  return 'defect';
}
