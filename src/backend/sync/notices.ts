import type { Notice } from '../../engine/answer';
import type { SyncAnswer, SyncScopeStatus } from '../../shared/resources';
import { ERRORS } from '../../shared/errors';

const LISTED = 3;

/** What a viewer has to know of the synchronisation to read a panel rightly: how far a first one is, and what fails. */
export function syncNotices({ sources }: SyncAnswer, now: number): Notice[] {
  const scopes = sources.flatMap((source) => source.scopes);
  const notices: Notice[] = [];
  const unfinished = scopes.filter(({ phase }) => phase === 'history' || phase === 'waiting');
  const neverSynced = sources.filter(({ running, lastSuccessAt, scopes: known }) => running && lastSuccessAt === null && known.length === 0);
  if (unfinished.length > 0) {
    notices.push({ severity: 'info', text: `The first synchronisation is running: ${list(unfinished.map(progressOf))}.` });
  } else if (neverSynced.length > 0) {
    notices.push({ severity: 'info', text: `The first synchronisation of ${neverSynced.map(({ source }) => source).join(', ')} has just started.` });
  }
  const paused = scopes.filter(({ phase, error }) => phase === 'paused' && error === null);
  if (paused.length > 0) {
    notices.push({ severity: 'info', text: `The synchronisation pauses: ${list(paused.map((scope) => pauseOf(scope, now)))}.` });
  }
  for (const [code, failed] of groupByCode(scopes)) {
    notices.push({
      severity: 'warning',
      text: `${code}: ${list(failed.map(({ scope }) => scope))}: ${failed[0].error?.message ?? ''} ${ERRORS[code].remedy}`,
    });
  }
  return notices;
}

function progressOf({ scope, fetched, total }: SyncScopeStatus): string {
  return total === null ? `${scope} ${fetched}` : `${scope} ${fetched} of ${total}`;
}

function pauseOf({ scope, resumesAt }: SyncScopeStatus, now: number): string {
  return resumesAt === null ? scope : `${scope} for ${Math.max(0, Math.ceil((resumesAt - now) / 60_000))} more minutes`;
}

function groupByCode(scopes: readonly SyncScopeStatus[]) {
  const groups = new Map<keyof typeof ERRORS, SyncScopeStatus[]>();
  for (const scope of scopes) {
    if (scope.error) {
      groups.set(scope.error.code, [...(groups.get(scope.error.code) ?? []), scope]);
    }
  }
  return groups;
}

function list(items: readonly string[]): string {
  return items.length > LISTED ? `${items.slice(0, LISTED).join(', ')} and ${items.length - LISTED} more` : items.join(', ');
}
