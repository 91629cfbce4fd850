import type { Instant } from '../shared/clock';
import { FaultPlan, type PlannedFault, type Striking } from '../shared/faults';
import { matchesPattern } from '../shared/patterns';
import type { GitHubError } from './graphql/errors';

/** Which requests a fault strikes; everything that is given must fit. */
export interface FaultMatcher extends Striking {
  kind?: 'graphql' | 'rest';
  /** GraphQL operation name, or GitHub's REST operation id (`actions/list-workflow-runs-for-repo`); `*` stands for any text. */
  operation?: string;
  /** `owner/name`; `*` stands for any text. */
  repository?: string;
  /** A GraphQL list in the query, such as `pullRequests`. */
  connection?: string;
  /** A cursor in the query; `none`: first pages only; `some`: later pages only. */
  after?: string;
  /** Pages of more elements than this. */
  pageAbove?: number;
  /** Last characters of the token. */
  token?: string;
}

export interface FaultEffect {
  latencyMs?: number;
  status?: number;
  headers?: Record<string, string>;
  /** Text is sent as it is, anything else as JSON. */
  body?: unknown;
  /** `stall` sends half and then nothing more, without ever ending. */
  cut?: 'before-headers' | 'mid-body' | 'stall';
  /** GraphQL: these errors beside the data … */
  errors?: GitHubError[];
  /** … and these values in the answer: dotted path, `*` for any one key or index, `**` for any depth. */
  patch?: Array<{ path: string; value: unknown }>;
  secondaryLimit?: { status?: 403 | 429; retryAfter?: number | null };
  /** The token's points are used up. */
  primaryLimit?: { resetInSeconds?: number; type?: 'RATE_LIMITED' | 'RATE_LIMIT' };
  /** Larger pages are too heavy. */
  maxPage?: number;
  cursorRefused?: boolean;
  /** The list always has another page, with the same cursor. */
  neverEnding?: boolean;
}

export type Fault = PlannedFault<FaultMatcher, FaultEffect>;

export interface FaultTarget {
  kind: 'graphql' | 'rest';
  operation: string | null;
  repositories: string[];
  walks: Array<{ connection: string; after: string | null; size: number }>;
  token: string | null;
  now: Instant;
}

export class GitHubFaults extends FaultPlan<FaultMatcher, FaultEffect, FaultTarget> {
  constructor(faults?: readonly Fault[]) {
    super(fits, faults);
  }
}

function fits(when: FaultMatcher, target: FaultTarget): boolean {
  const walks = target.walks.filter(
    (walk) =>
      (when.connection === undefined || walk.connection === when.connection) &&
      (when.after === undefined || (when.after === 'none' ? walk.after === null : when.after === 'some' ? walk.after !== null : walk.after === when.after)) &&
      (when.pageAbove === undefined || walk.size > when.pageAbove)
  );
  return (
    (when.kind === undefined || when.kind === target.kind) &&
    (when.operation === undefined || matchesPattern(when.operation, target.operation ?? '')) &&
    (when.repository === undefined || target.repositories.some((name) => matchesPattern(when.repository!, name))) &&
    ((when.connection === undefined && when.after === undefined && when.pageAbove === undefined) || walks.length > 0) &&
    (when.token === undefined || (target.token ?? '').endsWith(when.token))
  );
}

/** The lists nearest to the root say that another page follows, from the same cursor. */
export function neverEnd(root: unknown, cursor: string | null): void {
  let level: unknown[] = [root];
  while (level.length > 0) {
    const infos = level.flatMap((at) => (typeof at === 'object' && at !== null && 'pageInfo' in at ? [at.pageInfo as Record<string, unknown>] : []));
    for (const info of infos) {
      info.hasNextPage = true;
      info.endCursor = cursor ?? info.endCursor;
    }
    if (infos.length > 0) {
      return;
    }
    level = level.flatMap((at) => (typeof at === 'object' && at !== null ? (Object.values(at) as unknown[]) : []));
  }
}

/** Writes a value wherever the path leads; answers how often. */
export function patch(root: unknown, path: string, value: unknown): number {
  const walk = (at: unknown, keys: string[]): number => {
    const [key, ...rest] = keys;
    if (key === undefined || typeof at !== 'object' || at === null) {
      return 0;
    }
    const container = at as Record<string, unknown>;
    if (key === '**') {
      return walk(at, rest) + Object.values(container).reduce<number>((sum, below) => sum + walk(below, keys), 0);
    }
    const names = key === '*' ? Object.keys(container) : key in container ? [key] : [];
    let written = 0;
    for (const name of names) {
      if (rest.length === 0) {
        container[name] = value;
        written += 1;
      } else {
        written += walk(container[name], rest);
      }
    }
    return written;
  };
  return walk(root, path.split('.'));
}
