import { matchesPattern } from '../github/access';
import { instant, type Instant } from '../github/clock';
import { randomFrom } from '../github/faults';

/** Which requests a fault strikes; everything that is given must fit. `*` stands for any text. */
export interface FaultMatcher {
  /** Such as `codepipeline:ListPipelineExecutions`. */
  operation?: string;
  account?: string;
  region?: string;
  /** Name of the pipeline in the request. */
  pipeline?: string;
  /** First pages only, or later pages only. */
  page?: 'first' | 'later';
  /** Only these of the requests that fit otherwise, counted from 1. */
  nth?: number | number[];
  /** The first so many of the requests that fit otherwise. */
  times?: number;
  /** By the double's clock. */
  from?: string | number;
  until?: string | number;
  /** 0…1, drawn from `seed`. */
  probability?: number;
  seed?: number;
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

export interface Fault {
  id?: string;
  when?: FaultMatcher;
  then: FaultEffect;
}

export interface FaultTarget {
  operation: string;
  account: string | null;
  region: string | null;
  pipeline: string | null;
  token: string | null;
  now: Instant;
}

interface Armed {
  fault: Fault;
  id: string;
  matched: number;
  struck: number;
  random: () => number;
}

export class FaultPlan {
  private armed: Armed[] = [];
  private made = 0;

  constructor(faults: Fault[] = []) {
    faults.forEach((fault) => this.add(fault));
  }

  add(fault: Fault): string {
    this.made += 1;
    const id = fault.id ?? `fault-${this.made}`;
    this.armed.push({ fault, id, matched: 0, struck: 0, random: randomFrom(fault.when?.seed ?? this.made) });
    return id;
  }

  remove(id: string): boolean {
    const before = this.armed.length;
    this.armed = this.armed.filter((armed) => armed.id !== id);
    return this.armed.length < before;
  }

  clear(): void {
    this.armed = [];
  }

  list(): Array<Fault & { id: string; struck: number }> {
    return this.armed.map(({ fault, id, struck }) => ({ ...fault, id, struck }));
  }

  strike(target: FaultTarget): Array<{ id: string; effect: FaultEffect }> {
    return this.armed.filter((armed) => strikes(armed, target)).map(({ id, fault }) => ({ id, effect: fault.then }));
  }
}

function strikes(armed: Armed, target: FaultTarget): boolean {
  const when = armed.fault.when ?? {};
  const matches = (pattern: string | undefined, text: string | null): boolean => pattern === undefined || matchesPattern(pattern, text ?? '');
  const fits =
    matches(when.operation, target.operation) &&
    matches(when.account, target.account) &&
    matches(when.region, target.region) &&
    matches(when.pipeline, target.pipeline) &&
    (when.page === undefined || (when.page === 'first') === (target.token === null)) &&
    (when.from === undefined || target.now >= instant(when.from)) &&
    (when.until === undefined || target.now < instant(when.until));
  if (!fits) {
    return false;
  }
  armed.matched += 1;
  const chosen =
    (when.nth === undefined || [when.nth].flat().includes(armed.matched)) &&
    (when.times === undefined || armed.struck < when.times) &&
    (when.probability === undefined || armed.random() < when.probability);
  if (chosen) {
    armed.struck += 1;
  }
  return chosen;
}
