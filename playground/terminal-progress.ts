import type { SyncAnswer } from '../src/shared/resources';

export interface SyncProgress {
  /** Nothing more will come by itself. */
  ended: boolean;
  scopes: number;
  /** What the scopes are. */
  unit: string;
  done: number;
  failed: number;
  fetched: number;
  /** 0…1; null while the provider has not said how much there is. */
  share: number | null;
  /** One text a failed scope. */
  failures: string[];
}

/** How far a first synchronisation is, over all sources. */
export function summarise({ sources }: SyncAnswer): SyncProgress {
  const scopes = sources.flatMap((source) => source.scopes);
  const done = scopes.filter(({ phase }) => phase === 'done');
  const failed = scopes.filter(({ phase }) => phase === 'failed');
  // AWS never says how much there is: the share is that of the sources which do.
  const counted = sources.filter((source) => source.scopes.some(({ total }) => total !== null)).flatMap((source) => source.scopes);
  const known = counted.filter(({ total }) => total !== null);
  const total = known.reduce((sum, scope) => sum + (scope.total ?? 0), 0);
  const fetchedOfTotal = known.reduce((sum, scope) => sum + scope.fetched, 0);
  const fetched = scopes.reduce((sum, scope) => sum + scope.fetched, 0);
  const running = sources.some((source) => source.running || (source.lastSuccessAt === null && source.scopes.length === 0));
  return {
    ended: !running,
    scopes: scopes.length,
    unit: sources.some(({ source }) => source !== 'github') ? 'repositories and AWS regions' : 'repositories',
    done: done.length,
    failed: failed.length,
    fetched,
    share: running ? (total > 0 && known.length === counted.length ? Math.min(1, fetchedOfTotal / total) : null) : 1,
    failures: failed.map(({ scope, error }) => `${scope}: ${error ? `${error.message} [${error.code}]` : 'failed'}`),
  };
}

const WIDTH = 30;

export function progressLine({ share, scopes, unit, done, fetched, failures }: SyncProgress): string {
  const filled = Math.round((share ?? 0) * WIDTH);
  const bar = `[${'█'.repeat(filled)}${'·'.repeat(WIDTH - filled)}]`;
  const percent = share === null ? '  …' : `${String(Math.floor(share * 100)).padStart(3)}%`;
  const trouble = failures.length > 0 ? ` — ${failures.join('; ')}` : '';
  return `${bar} ${percent}  ${done} of ${scopes} ${unit}, ${fetched} facts${trouble}`;
}
