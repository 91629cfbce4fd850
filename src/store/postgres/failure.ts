/**
 * What a failed call of the driver means for us. Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 * `again`: the same transaction may succeed at once. `unreachable`: the server, or our way or right to it. `schema`: the
 * tables are not as this version knows them.
 */
export type PostgresFailure = 'again' | 'unreachable' | 'schema' | 'defect';

const AGAIN = new Set(['40001', '40P01']);

/** A read-only standby, a timeout of ours, a lock held too long; and by class: connection, authorisation, resources, intervention, system. */
const UNREACHABLE = new Set(['25006', '25P03', '55P03', '42501', '3D000', '57014']);
const UNREACHABLE_CLASSES = new Set(['08', '28', '53', '57', '58', 'XX']);

/** No such table, column, schema. */
const SCHEMA = new Set(['42P01', '42703', '3F000']);

export function postgresFailure(error: unknown): PostgresFailure {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown; message?: unknown };
  if (typeof code !== 'string') {
    // The driver's own errors, which have no code: its timeouts, and a connection that ended under way.
    return /timeout|connection|connect|closed the pool|after calling end|SSL|SASL|certificate/i.test(String(message ?? '')) ? 'unreachable' : 'defect';
  }
  if (AGAIN.has(code)) {
    return 'again';
  }
  if (SCHEMA.has(code)) {
    return 'schema';
  }
  const isSqlState = /^[0-9A-Z]{5}$/.test(code);
  if (!isSqlState) {
    // ECONNREFUSED, ENOTFOUND and their like.
    return 'unreachable';
  }
  return UNREACHABLE.has(code) || UNREACHABLE_CLASSES.has(code.slice(0, 2)) ? 'unreachable' : 'defect';
}
