import type { Instant } from '../../engine/model';
import type { ErrorCode } from '../../shared/errors';

/** One entry of a GraphQL answer's `errors`. */
export interface GraphqlError {
  type?: string;
  message: string;
  path?: Array<string | number>;
}

/** All that the policy needs to know of one attempt; `headers` are lower-case. */
export interface Attempt {
  /** HTTP status; null when no answer came. */
  status: number | null;
  /** Why no answer came. */
  failure: 'timeout' | 'network' | null;
  headers: Readonly<Record<string, string | number | undefined>>;
  /** GitHub's own words, for messages. */
  message: string;
  graphql: boolean;
  errors: readonly GraphqlError[];
  /** The answer is JSON of the expected kind; GraphQL: data, errors or both. */
  wellFormed: boolean;
  /** GraphQL: `data` is present and not null. */
  hasData: boolean;
}

/** How often one call was repeated, by reason. */
export interface Tries {
  failed: number;
  limited: number;
}

export type Decision =
  | { do: 'accept' }
  /** The same call again, after a short pause. */
  | { do: 'retry'; afterMs: number }
  /** No call at all with this credential until then. */
  | { do: 'pause'; ms: number; limit: 'primary' | 'secondary' }
  /** The caller should ask for less. */
  | { do: 'shrink' }
  | { do: 'fail'; code: ErrorCode; message: string };

/** What GitHub says of a budget of calls or points; `resetsAt` by this machine's clock. */
export interface Budget {
  limit: number;
  remaining: number;
  resetsAt: Instant;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** GitHub's windows are an hour long: a longer wait is a clock that jumped. */
const LONGEST_PAUSE = 62 * MINUTE;
const MOST_FAILURES = 4;
const MOST_LIMITS = 8;
/** Part of every budget that is left to the owner of the token. */
const RESERVE = 0.1;

const LIMIT_TYPES = new Set(['RATE_LIMITED', 'RATE_LIMIT']);
const HEAVY_TYPES = new Set(['RESOURCE_LIMITS_EXCEEDED', 'MAX_NODE_LIMIT_EXCEEDED']);
/** Errors about one object of the answer: the caller knows what it asked for and what to make of its absence. */
const CALLERS_TYPES = new Set(['NOT_FOUND', 'FORBIDDEN', 'INSUFFICIENT_SCOPES', 'INVALID_CURSOR_ARGUMENTS']);
const HEAVY_MESSAGE = /something went wrong while executing your query|timed? ?out|timeout/i;
const SECONDARY_MESSAGE = /secondary rate limit|abuse detection/i;
const CURSOR_MESSAGE = /not appear to be a valid cursor/i;

/** What to do after one attempt. Pure: `now` is given, nothing is remembered. */
export function decide(attempt: Attempt, tries: Tries, now: Instant): Decision {
  if (attempt.failure === 'timeout') {
    return attempt.graphql ? { do: 'shrink' } : retryOr(tries, 'GITHUB_UNREACHABLE', 'GitHub did not answer in time.');
  }
  if (attempt.status === null) {
    return retryOr(tries, 'GITHUB_UNREACHABLE', `GitHub cannot be reached: ${attempt.message}`);
  }
  if (isLimited(attempt)) {
    return limited(attempt, tries, now);
  }
  if (attempt.status === 304) {
    return { do: 'accept' };
  }
  if (attempt.status >= 300 && attempt.status < 400) {
    return { do: 'fail', code: 'GITHUB_ANSWER_UNEXPECTED', message: `The answer leads to another address (${attempt.status}), which is not followed. Enter the address of the API itself.` };
  }
  if (attempt.status === 401) {
    return { do: 'fail', code: 'GITHUB_TOKEN_INVALID', message: `GitHub refuses the token: ${attempt.message}` };
  }
  if (attempt.status === 403) {
    return { do: 'fail', code: 'GITHUB_SCOPE_MISSING', message: missingPermission(attempt) };
  }
  if (attempt.graphql && attempt.status === 404) {
    return { do: 'fail', code: 'GITHUB_ANSWER_UNEXPECTED', message: 'There is no GitHub API at this address.' };
  }
  if (attempt.status === 404 || attempt.status === 410 || attempt.status === 451) {
    return { do: 'fail', code: 'GITHUB_REPOSITORY_GONE', message: `GitHub knows nothing here: ${attempt.message}` };
  }
  if (attempt.graphql && (attempt.status === 502 || attempt.status === 504)) {
    return { do: 'shrink' };
  }
  if (attempt.status >= 500) {
    return retryOr(tries, 'GITHUB_UNAVAILABLE', `GitHub answered ${attempt.status}.`);
  }
  if (attempt.status >= 400) {
    return { do: 'fail', code: 'GITHUB_ANSWER_UNEXPECTED', message: `GitHub answered ${attempt.status}: ${attempt.message}` };
  }
  if (!attempt.wellFormed) {
    return retryOr(tries, 'GITHUB_ANSWER_UNEXPECTED', 'The answer is not that of a GitHub API, or was cut off.');
  }
  return attempt.graphql ? decideGraphql(attempt, tries) : { do: 'accept' };
}

function decideGraphql(attempt: Attempt, tries: Tries): Decision {
  if (attempt.errors.some((error) => HEAVY_TYPES.has(error.type ?? '') || HEAVY_MESSAGE.test(error.message))) {
    return { do: 'shrink' };
  }
  if (attempt.errors.every((error) => CALLERS_TYPES.has(error.type ?? '') || CURSOR_MESSAGE.test(error.message))) {
    return { do: 'accept' };
  }
  const message = attempt.errors.map((error) => error.message).join('; ');
  return attempt.hasData
    ? retryOr(tries, 'GITHUB_PARTIAL', `GitHub left out part of its answer: ${message}`)
    : retryOr(tries, 'GITHUB_ANSWER_UNEXPECTED', `GitHub refuses the query: ${message}`);
}

/** Short pauses that double: 1, 2, 4, 8 s. */
function retryOr(tries: Tries, code: ErrorCode, message: string): Decision {
  return tries.failed < MOST_FAILURES ? { do: 'retry', afterMs: SECOND * 2 ** tries.failed } : { do: 'fail', code, message };
}

function isLimited(attempt: Attempt): boolean {
  if (attempt.errors.some((error) => LIMIT_TYPES.has(error.type ?? ''))) {
    return true;
  }
  if (attempt.status === 429) {
    return true;
  }
  return (
    attempt.status === 403 &&
    (attempt.headers['retry-after'] !== undefined || numberOf(attempt.headers['x-ratelimit-remaining']) === 0 || SECONDARY_MESSAGE.test(attempt.message))
  );
}

function limited(attempt: Attempt, tries: Tries, now: Instant): Decision {
  if (tries.limited >= MOST_LIMITS) {
    return { do: 'fail', code: 'GITHUB_RATE_LIMITED', message: `GitHub still limits the calls: ${wordsOf(attempt)}` };
  }
  const told = retryAfter(attempt.headers, now);
  const exhausted = numberOf(attempt.headers['x-ratelimit-remaining']) === 0 && !SECONDARY_MESSAGE.test(wordsOf(attempt));
  if (exhausted && told === null) {
    const resetsAt = resetOf(attempt.headers, now);
    return { do: 'pause', limit: 'primary', ms: bounded(resetsAt === null ? MINUTE : resetsAt - now) };
  }
  // Without a word from GitHub: a minute, then twice as long each time.
  return { do: 'pause', limit: 'secondary', ms: bounded(told ?? Math.min(MINUTE * 2 ** tries.limited, 16 * MINUTE)) };
}

/** `retry-after` in milliseconds, given as seconds or as a date; null when absent or senseless. */
export function retryAfter(headers: Attempt['headers'], now: Instant): number | null {
  const value = headers['retry-after'];
  if (value === undefined || value === '') {
    return null;
  }
  const seconds = Number(value);
  if (Number.isFinite(seconds)) {
    return seconds >= 0 ? seconds * SECOND : null;
  }
  const date = Date.parse(String(value));
  return Number.isNaN(date) ? null : Math.max(0, date - serverTime(headers, now));
}

/** The budget that an answer's headers tell, or null where limits are off (GitHub Enterprise Server). */
export function budgetOf(headers: Attempt['headers'], now: Instant): Budget | null {
  const limit = numberOf(headers['x-ratelimit-limit']);
  const remaining = numberOf(headers['x-ratelimit-remaining']);
  const resetsAt = resetOf(headers, now);
  return limit === null || remaining === null || resetsAt === null ? null : { limit, remaining, resetsAt };
}

/** Calls or points of a budget that are left alone. */
export function reserveOf({ limit }: Budget): number {
  return Math.floor(limit * RESERVE);
}

/** How long to wait before the next call so that the reserve stays: 0 to go ahead. */
export function reserveWait(budget: Budget | null, now: Instant): number {
  if (budget === null || budget.remaining > reserveOf(budget) || now >= budget.resetsAt) {
    return 0;
  }
  return bounded(budget.resetsAt - now);
}

/** GitHub's reset by this machine's clock, whatever that shows: the difference counts, by GitHub's own `date`. */
function resetOf(headers: Attempt['headers'], now: Instant): Instant | null {
  const reset = numberOf(headers['x-ratelimit-reset']);
  // A second more: the header is cut to whole seconds.
  return reset === null ? null : now + (reset * SECOND - serverTime(headers, now)) + SECOND;
}

function serverTime(headers: Attempt['headers'], now: Instant): Instant {
  const date = Date.parse(String(headers.date ?? ''));
  return Number.isNaN(date) ? now : date;
}

function wordsOf(attempt: Attempt): string {
  return [attempt.message, ...attempt.errors.map((error) => error.message)].filter(Boolean).join('; ');
}

function bounded(ms: number): number {
  return Math.min(Math.max(ms, SECOND), LONGEST_PAUSE);
}

function numberOf(header: string | number | undefined): number | null {
  if (header === undefined || header === '') {
    return null;
  }
  const value = Number(header);
  return Number.isFinite(value) ? value : null;
}

function missingPermission(attempt: Attempt): string {
  const sso = attempt.headers['x-github-sso'];
  if (sso !== undefined) {
    return 'The token is not authorised for the single sign-on of this organisation.';
  }
  const wanted = attempt.headers['x-accepted-github-permissions'];
  return wanted ? `The token needs the permission ${String(wanted)}: ${attempt.message}` : attempt.message;
}

/** The first error of an accepted GraphQL answer as a code; `cursor` when GitHub refuses to go on at a cursor. */
export function classify(errors: readonly GraphqlError[]): { code: ErrorCode | 'cursor'; message: string } | null {
  const [error] = errors;
  if (!error) {
    return null;
  }
  if (error.type === 'INVALID_CURSOR_ARGUMENTS' || CURSOR_MESSAGE.test(error.message)) {
    return { code: 'cursor', message: error.message };
  }
  return { code: error.type === 'NOT_FOUND' ? 'GITHUB_REPOSITORY_GONE' : 'GITHUB_SCOPE_MISSING', message: error.message };
}
