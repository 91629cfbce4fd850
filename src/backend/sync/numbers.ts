import { HOUR_MS } from '../../shared/duration';
import type { Answer } from '../../engine/answer';
import type { SyncAnswer, SyncScopeStatus } from '../../shared/resources';

/** Later than this a repository or account is behind, whatever the interval between passes: pauses for a rate limit last up to an hour. */
const PATIENCE_MS = 2 * HOUR_MS;

/** Passes that may be missed before it counts. */
const MISSED = 4;

/**
 * `queryType: sync` as numbers, for alert rules: of each source how many repositories or accounts fail or are behind.
 * Null for a source that has not said anything yet. A first synchronisation that goes on without trouble is not behind.
 * @param every Milliseconds between two passes, as the settings have it.
 */
export function syncNumbers({ sources }: SyncAnswer, every: number, now: number): Answer {
  const patience = Math.max(PATIENCE_MS, MISSED * every);
  const isTroubled = ({ phase, error, lastSuccessAt }: SyncScopeStatus): boolean => phase === 'failed' || error !== null || (lastSuccessAt !== null && now - lastSuccessAt > patience);
  return {
    kind: 'numbers',
    numbers: sources.map(({ source, scopes, lastSuccessAt }) => ({
      name: source,
      labels: { source },
      unit: 'short',
      value: scopes.length === 0 && lastSuccessAt === null ? null : scopes.filter(isTroubled).length,
      thresholds: [],
    })),
    notices: [],
  };
}
