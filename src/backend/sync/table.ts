import type { Answer, Cell, Column } from '../../engine/answer';
import type { SyncAnswer } from '../../shared/resources';

/** `queryType: sync`: a row a scope; a source that has not reported yet has one row without a scope. */
export function syncTable({ sources }: SyncAnswer): Answer {
  const rows = sources.flatMap((source) => {
    const remaining = source.rateLimits.map((limit) => limit.remaining).filter((value) => value !== null);
    const shared = { remaining: remaining.length > 0 ? Math.min(...remaining) : null };
    if (source.scopes.length === 0) {
      // Nothing known is no success, also before the first pass begins.
      return [[source.source, null, source.running || source.lastSuccessAt === null ? 'waiting' : 'done', null, null, shared.remaining, source.lastSuccessAt, null, null, null, null]];
    }
    return source.scopes.map((scope): Cell[] => [
      source.source,
      scope.scope,
      scope.phase,
      scope.fetched,
      scope.total,
      shared.remaining,
      scope.lastSuccessAt,
      scope.resumesAt,
      scope.error?.code ?? null,
      scope.error?.message ?? null,
      scope.finishesAt ?? null,
    ]);
  });
  return { kind: 'table', name: 'sync', columns: COLUMNS.map((column, index) => ({ ...column, values: rows.map((row) => row[index]) })), notices: [] };
}

const COLUMNS: Array<Omit<Column, 'values'>> = [
  { name: 'source', type: 'string' },
  { name: 'scope', type: 'string', description: 'Repository, or account and region' },
  { name: 'phase', type: 'string' },
  { name: 'fetched', type: 'number', unit: 'short', description: 'Facts fetched so far' },
  { name: 'total', type: 'number', unit: 'short', description: 'How many there are within the lookback: expected while they are fetched' },
  { name: 'rateLimitRemaining', type: 'number', unit: 'short', description: 'Calls left at the provider' },
  { name: 'lastSuccessAt', type: 'time' },
  { name: 'resumesAt', type: 'time', description: 'When a pause ends' },
  { name: 'errorCode', type: 'string' },
  { name: 'error', type: 'string' },
  { name: 'finishesAt', type: 'time', description: 'When the first synchronisation will be through, as far as one can tell' },
];
