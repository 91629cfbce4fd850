import type { Notice } from '../../engine/answer';
import type { SyncAnswer, SyncScopeStatus } from '../../shared/resources';
import { ERRORS } from '../../shared/errors';
import { matchesGlobs } from '../../shared/glob';
import type { Settings } from '../../shared/settings';

const LISTED = 3;

/**
 * The part of the synchronisation that concerns these teams (none named: all): repositories that only other teams have
 * are left out, for their troubles change nothing here.
 */
export function concerning({ sources }: SyncAnswer, { teams }: Settings, wanted: readonly string[]): SyncAnswer {
  if (wanted.length === 0) {
    return { sources };
  }
  const asked = repositoriesOf(teams.filter(({ name }) => matchesGlobs(wanted, name)));
  const known = repositoriesOf(teams);
  const concerns = (scope: string): boolean => matchesAny(asked, scope) || !matchesAny(known, scope);
  return { sources: sources.map((source) => (source.source === 'github' ? { ...source, scopes: source.scopes.filter(({ scope }) => concerns(scope)) } : source)) };
}

/** Patterns of a list each, as the settings have them; a pattern that matched nothing is a scope of its own name. */
function repositoriesOf(teams: Settings['teams']): string[][] {
  return teams.flatMap(({ repositories, incidents }) => [
    repositories.map((selection) => (typeof selection === 'string' ? selection : selection.match)),
    ...incidents.map((source) => ('repositories' in source && source.repositories ? source.repositories : [])),
  ]);
}

function matchesAny(lists: readonly string[][], scope: string): boolean {
  return lists.some((patterns) => patterns.includes(scope) || matchesGlobs(patterns.map((pattern) => pattern.toLowerCase()), scope.toLowerCase(), 'path'));
}

/** What a viewer has to know of the synchronisation to read a panel rightly: how far a first one is, and what fails. */
export function syncNotices({ sources }: SyncAnswer, now: number): Notice[] {
  const scopes = sources.flatMap((source) => source.scopes);
  const notices: Notice[] = [];
  const unfinished = scopes.filter(({ phase }) => phase === 'history' || phase === 'waiting');
  const neverSynced = sources.filter(({ running, lastSuccessAt, scopes: known }) => running && lastSuccessAt === null && known.length === 0);
  if (unfinished.length > 0) {
    notices.push({ severity: 'info', text: `The first synchronisation is running: ${list(unfinished.map(progressOf))}${timeToGo(unfinished, now)}.` });
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

/** Until the last of them is through; nothing where nobody can tell. */
function timeToGo(scopes: readonly SyncScopeStatus[], now: number): string {
  const ends = scopes.flatMap(({ finishesAt }) => finishesAt ?? []);
  if (ends.length === 0) {
    return '';
  }
  const minutes = Math.max(1, Math.ceil((Math.max(...ends) - now) / 60_000));
  return minutes < 120 ? `; about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} to go` : `; about ${Math.ceil(minutes / 60)} hours to go`;
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
