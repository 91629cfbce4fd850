import type { Instant } from '../../shared/clock';
import type { Identity } from '../access';
import type { Repository, World } from '../world';
import { TypedError } from './errors';

/** A page of a list that stands directly below a repository or owner: the identity that tests compare. */
export interface PageIdentity {
  /** `owner/name`, or the owner's login. */
  of: string;
  connection: string;
  /** Everything but the position: order, states, … */
  arguments: string;
  /** Null on the first page. */
  after: string | null;
  size: number;
  returned: number;
  hasNextPage: boolean;
}

/** One query while it runs. */
export interface QueryContext {
  world: World;
  identity: Identity;
  now: Instant;
  /** `https://github.com` in what users may click. */
  webUrl: string;
  rateLimit: { limit: number; remaining: number; used: number; resetAt: Instant } | null;
  cost: number;
  nodeCount: number;
  pages: PageIdentity[];
  /** Work done so far; GitHub stops a query that needs too much of it. */
  work: number;
  budget: number;
  exceeded: boolean;
  canSee(repository: Repository): boolean;
  /** Page sizes above this are too heavy, by the fault plan. */
  maxPage: number | null;
}

/** Fetching a list costs more than reading one more element of it: nested lists are what makes pages heavy. */
const WORK_PER_LIST = 12;

export function spend(context: QueryContext, elements: number): void {
  context.work += WORK_PER_LIST + elements;
  if (context.work > context.budget) {
    context.exceeded = true;
    throw new TypedError('RESOURCE_LIMITS_EXCEEDED', 'Resource limits for this query exceeded.');
  }
}
