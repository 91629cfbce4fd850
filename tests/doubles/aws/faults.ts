import type { Instant } from '../shared/clock';
import { FaultPlan, type PlannedFault, type Striking } from '../shared/faults';
import { matchesPattern } from '../shared/patterns';

/** Which requests a fault strikes; everything that is given must fit. `*` stands for any text. */
export interface FaultMatcher extends Striking {
  /** Such as `codepipeline:ListPipelineExecutions`. */
  operation?: string;
  account?: string;
  region?: string;
  /** Name of the pipeline in the request. */
  pipeline?: string;
  /** First pages only, or later pages only. */
  page?: 'first' | 'later';
}

export interface FaultEffect {
  latencyMs?: number;
  /** An error of AWS: its code, its words and its HTTP status (default 400). */
  error?: { code: string; message?: string; status?: number };
  /** Text that no client of AWS can read. */
  body?: string;
  /** No answer: the connection ends, or nothing ever comes. */
  cut?: 'before-headers' | 'mid-body' | 'never';
  tokenRefused?: boolean;
  /** All assumed roles end now. */
  expireSessions?: boolean;
}

export type Fault = PlannedFault<FaultMatcher, FaultEffect>;

export interface FaultTarget {
  operation: string;
  account: string | null;
  region: string | null;
  pipeline: string | null;
  token: string | null;
  now: Instant;
}

export class AwsFaults extends FaultPlan<FaultMatcher, FaultEffect, FaultTarget> {
  constructor(faults?: readonly Fault[]) {
    super(fits, faults);
  }
}

function fits(when: FaultMatcher, target: FaultTarget): boolean {
  const matches = (pattern: string | undefined, text: string | null): boolean => pattern === undefined || matchesPattern(pattern, text ?? '');
  return (
    matches(when.operation, target.operation) &&
    matches(when.account, target.account) &&
    matches(when.region, target.region) &&
    matches(when.pipeline, target.pipeline) &&
    (when.page === undefined || (when.page === 'first') === (target.token === null))
  );
}
