import { Octokit } from '@octokit/rest';
import type { Instant } from '../../engine/model';
import { DoraError } from '../../shared/errors';
import type { Logger, SourceContext } from '../source';
import { targets } from '../targets';
import { API_URL_FIELD, type Access } from './access';
import { assertAnswerShape } from './answer-shape';
import type { CredentialLimits, Resource } from './limits';
import { budgetOf, classify, decide, type Attempt, type Budget, type GraphqlError } from './policy';
import { fetchSameOrigin } from './same-origin';

/** GitHub ends a query after 10 s; the rest is for slow networks. */
const CALL_TIMEOUT_MS = 30_000;
/** Less is the way of the answer, and the whole seconds of its date. */
const WRONG_CLOCK_MS = 5 * 60_000;

/** A page that GitHub cannot make in its time or budget: ask for a smaller one. */
export class TooHeavyError extends DoraError {
  constructor(message: string) {
    super('GITHUB_UNAVAILABLE', message);
    this.name = 'TooHeavyError';
  }
}

/** GitHub does not go on at this cursor: the walk begins anew. */
export class CursorRefusedError extends DoraError {
  constructor(message: string) {
    super('GITHUB_ANSWER_UNEXPECTED', message);
    this.name = 'CursorRefusedError';
  }
}

export interface ClientHost {
  now(): Instant;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  log: Logger;
  /** Called before a wait of more than a few seconds, and with null when it is over. */
  paused(until: Instant | null): void;
  /** Called after every answer that tells a budget. */
  budget(resource: Resource, limits: CredentialLimits): void;
}

export interface ClientOptions {
  /** False for a user who waits in front of an editor: a limit is an error at once, not a wait. */
  patient: boolean;
  timeoutMs?: number;
}

export interface RestAnswer<T> {
  status: number;
  data: T;
  headers: Record<string, string | number | undefined>;
}

/** Host of a source context: limits go to the sync resource, pauses to whoever shows progress. */
export function hostOf(context: SourceContext, paused: (until: Instant | null) => void): ClientHost {
  return {
    now: () => context.now(),
    sleep: (ms, signal) => context.sleep(ms, signal),
    log: context.log,
    paused,
    budget: (resource, limits) => {
      const budget = limits.budget(resource);
      if (budget !== null) {
        context.reportRateLimit({
          name: resource === 'graphql' ? 'GitHub GraphQL' : 'GitHub REST',
          limit: budget.limit,
          remaining: budget.remaining,
          resetsAt: budget.resetsAt,
        });
      }
    },
  };
}

/**
 * GitHub as the sync uses it: one call at a time per credential, limits and failures handled by `policy.ts`, every error a
 * DoraError without secrets.
 */
export class GitHubClient {
  private readonly octokit: Octokit;
  private readonly isApp: boolean;
  /** By how much GitHub's clock is ahead of this machine's, as its last answer had it. */
  private ahead = 0;
  private readonly apiUrl: string;

  constructor(
    access: Access,
    private readonly limits: CredentialLimits,
    private readonly host: ClientHost,
    private readonly signal: AbortSignal,
    private readonly options: ClientOptions = { patient: true }
  ) {
    const quiet = (): void => undefined;
    this.octokit = new Octokit({
      ...access.octokitOptions,
      baseUrl: access.apiUrl,
      userAgent: 'dora-metrics-datasource',
      request: { fetch: fetchSameOrigin },
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    });
    this.isApp = access.isApp;
    this.apiUrl = access.apiUrl;
    this.octokit.hook.wrap('request', (request, options) => this.underPolicy(request, options));
  }

  /** All of the answer, or an error. */
  async graphql<T>(query: string, variables: Record<string, unknown>): Promise<T> {
    const { data, errors } = await this.graphqlInPart<T>(query, variables);
    const problem = classify(errors);
    if (problem?.code === 'cursor') {
      throw new CursorRefusedError(problem.message);
    }
    if (problem) {
      throw new DoraError(problem.code, problem.message);
    }
    if (data === null) {
      throw new DoraError('GITHUB_ANSWER_UNEXPECTED', 'GitHub answered without data.');
    }
    return data;
  }

  /** The answer beside errors about objects that are missing or forbidden; the caller looks at their paths. */
  async graphqlInPart<T>(query: string, variables: Record<string, unknown>): Promise<{ data: T | null; errors: GraphqlError[] }> {
    this.refuseToWait('graphql');
    return this.limits.inLane(async () => {
      this.signal.throwIfAborted();
      try {
        const data = await this.octokit.graphql<T>(query, variables);
        assertAnswerShape(data);
        return { data, errors: [] };
      } catch (error) {
        if (isGraphqlAnswer<T>(error)) {
          assertAnswerShape(error.data);
          return { data: error.data ?? null, errors: error.errors };
        }
        throw error;
      }
    });
  }

  /** GitHub's own time where this machine's clock is wrong: it has jumped, or nobody ever set it. */
  now(): Instant {
    return this.host.now() + (Math.abs(this.ahead) > WRONG_CLOCK_MS ? this.ahead : 0);
  }

  /** What is known of the points left. */
  budget(): Budget | null {
    return this.limits.budget('graphql');
  }

  private noteClock(date: string | number | undefined): void {
    const at = Date.parse(String(date ?? ''));
    if (!Number.isNaN(at)) {
      this.ahead = at - this.host.now();
    }
  }

  /** A REST call; `etag` makes it conditional: null when nothing changed, which costs nothing. */
  async rest<T>(route: string, parameters: Record<string, unknown>, etag?: string): Promise<RestAnswer<T> | null> {
    this.refuseToWait('core');
    return this.limits.inLane(async () => {
      this.signal.throwIfAborted();
      try {
        const answer = await this.octokit.request(route, { ...parameters, ...(etag ? { headers: { 'if-none-match': etag } } : {}) });
        return { status: answer.status, data: answer.data as T, headers: answer.headers };
      } catch (error) {
        if (isRequestError(error) && error.status === 304) {
          return null;
        }
        throw error;
      }
    });
  }

  /** Somebody waits in front of an editor: not behind a pause of the synchronisation. */
  private refuseToWait(resource: Resource): void {
    const { ms } = this.limits.wait(resource, this.host.now());
    if (!this.options.patient && ms > 0) {
      throw new DoraError('GITHUB_RATE_LIMITED', `GitHub allows the next call at ${new Date(this.host.now() + ms).toISOString()}.`);
    }
  }

  /** The hook around every attempt: waits, repeats, or turns the failure into a coded error. */
  private async underPolicy<O extends CallOptions, A extends CallAnswer>(request: (options: O) => A | Promise<A>, options: O): Promise<A> {
    const graphql = /\/graphql$/.test(options.url);
    const resource: Resource = graphql ? 'graphql' : 'core';
    const tries = { failed: 0, limited: 0 };
    let renewed = !this.isApp || /\/access_tokens$/.test(options.url);
    for (;;) {
      const wait = this.limits.wait(resource, this.host.now());
      if (wait.ms > 0) {
        await this.pause(resource, wait.ms, wait.reason);
      }
      const { attempt, answer, error } = await this.attempt(request, options, graphql);
      this.noteClock(attempt.headers.date);
      this.limits.note(resource, budgetOf(attempt.headers, this.host.now()));
      this.host.budget(resource, this.limits);
      const decision = decide(attempt, tries, this.host.now());
      switch (decision.do) {
        case 'accept':
          if (answer === null) {
            throw error;
          }
          return answer;
        case 'retry':
          this.host.log.debug('GitHub call is repeated', { status: attempt.status, failure: attempt.failure, afterMs: decision.afterMs });
          tries.failed += 1;
          await this.host.sleep(decision.afterMs, this.signal);
          break;
        case 'pause':
          tries.limited += 1;
          this.limits.block(this.host.now() + decision.ms);
          this.host.log.info('GitHub limits the calls', { limit: decision.limit, ms: decision.ms });
          break;
        case 'shrink':
          throw new TooHeavyError('GitHub could not answer in its time limit.');
        case 'fail':
          if (decision.code === 'GITHUB_TOKEN_INVALID' && !renewed) {
            renewed = true;
            await this.octokit.auth({ type: 'installation', refresh: true });
            break;
          }
          throw new DoraError(decision.code, decision.message);
      }
    }
  }

  private async attempt<O extends CallOptions, A extends CallAnswer>(
    request: (options: O) => A | Promise<A>,
    options: O,
    graphql: boolean
  ): Promise<{ attempt: Attempt; answer: A | null; error: unknown }> {
    const timeout = AbortSignal.timeout(this.options.timeoutMs ?? CALL_TIMEOUT_MS);
    const nothing: Attempt = { status: null, failure: null, headers: {}, message: '', graphql, errors: [], wellFormed: false, hasData: false };
    // In place: hooks further in were bound to this very object and see no other.
    options.request = { ...options.request, signal: AbortSignal.any([this.signal, timeout]) };
    await targets.assertResolved(this.apiUrl, API_URL_FIELD);
    try {
      const answer = await request(options);
      const parts = graphql ? graphqlParts(answer.data) : { wellFormed: typeof answer.data === 'object' && answer.data !== null };
      if (!parts.wellFormed && timeout.aborted) {
        // Octokit hides that the answer's rest never came.
        return { attempt: { ...nothing, failure: 'timeout' }, answer: null, error: new Error('The answer never ended.') };
      }
      return { attempt: { ...nothing, status: answer.status, headers: answer.headers, ...parts }, answer, error: null };
    } catch (error) {
      this.signal.throwIfAborted();
      if (error instanceof DoraError) {
        // An installation token was asked for within this call, and refused.
        throw error;
      }
      if (timeout.aborted) {
        return { attempt: { ...nothing, failure: 'timeout' }, answer: null, error };
      }
      if (isRequestError(error) && error.response) {
        const data: unknown = error.response.data;
        return {
          attempt: { ...nothing, status: error.status, headers: error.response.headers, message: messageOf(data), ...(graphql ? graphqlParts(data) : {}) },
          answer: null,
          error,
        };
      }
      return { attempt: { ...nothing, failure: 'network', message: error instanceof Error ? error.message : 'unknown' }, answer: null, error };
    }
  }

  private async pause(resource: Resource, ms: number, reason: 'limit' | 'reserve'): Promise<void> {
    this.refuseToWait(resource);
    const until = this.host.now() + ms;
    this.host.log.info('Waiting for GitHub', { reason, ms });
    this.host.paused(until);
    await this.host.sleep(ms, this.signal);
    this.limits.resume(resource);
    this.host.paused(null);
  }
}

/** What the hook needs of Octokit's own types. */
interface CallOptions {
  url: string;
  request?: object;
}

interface CallAnswer {
  status: number;
  headers: Record<string, string | number | undefined>;
  data: unknown;
}

interface RequestErrorShape {
  status: number;
  response?: { data: unknown; headers: Record<string, string | number | undefined> };
}

function isRequestError(error: unknown): error is RequestErrorShape {
  return error instanceof Error && error.name === 'HttpError' && 'status' in error;
}

function isGraphqlAnswer<T>(error: unknown): error is { data: T | null; errors: GraphqlError[] } {
  return error instanceof Error && error.name === 'GraphqlResponseError';
}

function graphqlParts(data: unknown): Pick<Attempt, 'errors' | 'wellFormed' | 'hasData'> {
  if (typeof data !== 'object' || data === null) {
    return { errors: [], wellFormed: false, hasData: false };
  }
  const errors = 'errors' in data && Array.isArray(data.errors) ? (data.errors as GraphqlError[]) : [];
  const hasData = 'data' in data && data.data !== null && data.data !== undefined;
  return { errors, wellFormed: hasData || errors.length > 0, hasData };
}

function messageOf(data: unknown): string {
  if (typeof data === 'object' && data !== null && 'message' in data) {
    return String(data.message).slice(0, 500);
  }
  return '';
}
