import type { Instant } from '../shared/clock';
import type { Identities, Principal } from './identities';
import type { PageTokens } from './tokens';
import type { Region, World } from './world';

/** An answer that says no, as AWS words it. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400
  ) {
    super(message);
    this.name = 'AwsError';
  }
}

/** One request that was let in. Times in `input` are `Date`s, numbers of seconds or texts, as the wire had them. */
export interface Call {
  input: Record<string, unknown>;
  principal: Principal;
  region: Region;
  world: World;
  identities: Identities;
  tokens: PageTokens;
  now: Instant;
}

export interface Answered {
  output: Record<string, unknown>;
  /** Facts in the answer, for the journal. */
  items: number;
}

/** Ascending text order of this is the descending order of times. */
export function newestFirst(at: Instant, id: string): string {
  return `${String(1e15 - at).padStart(16, '0')} ${id}`;
}

export interface Paging<Item> {
  /** Name of the operation, and what its refusal of a token is called. */
  operation: string;
  tokenName: 'nextToken' | 'NextToken';
  refusal: string;
  size: number;
  items: readonly Item[];
  /** Unique; pages follow its text order. */
  key(item: Item): string;
}

/** One page by key, so that facts that arrive meanwhile move nothing. */
export function pageOf<Item>(call: Call, { operation, tokenName, refusal, size, items, key }: Paging<Item>): { page: Item[]; token: string | undefined } {
  const { [tokenName]: token, ...rest } = call.input;
  const request = JSON.stringify([operation, call.principal.account, call.region.name, rest]);
  let after = '';
  if (token !== undefined) {
    const redeemed = call.tokens.redeem(String(token), request, call.now);
    if (!redeemed) {
      throw new AwsError(refusal, `The token is not valid: it has expired or belongs to another request.`);
    }
    after = redeemed[0]!;
  }
  const keyed = items.map((item) => ({ item, at: key(item) })).sort((a, b) => (a.at < b.at ? -1 : 1));
  const rest2 = keyed.filter(({ at }) => at > after);
  const page = rest2.slice(0, size);
  const last = page.at(-1);
  return {
    page: page.map(({ item }) => item),
    token: last !== undefined && rest2.length > page.length ? call.tokens.issue(request, [last.at], call.now) : undefined,
  };
}

/** A page size within the operation's limits; AWS refuses others. */
export function pageSize(value: unknown, name: string, limit: number, fallback = limit): number {
  if (value === undefined) {
    return fallback;
  }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > limit) {
    throw new AwsError('ValidationException', `1 validation error detected: Value '${String(value)}' at '${name}' failed to satisfy constraint: Member must have value less than or equal to ${limit}`);
  }
  return value;
}

export function instantOfInput(value: unknown): Instant | null {
  if (value instanceof Date) {
    return value.getTime();
  }
  if (typeof value === 'number') {
    return value * 1000;
  }
  const parsed = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(parsed) ? null : parsed;
}

/** Members without a value are not sent. */
export function given(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
}
