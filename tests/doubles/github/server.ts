import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Clock, type Instant } from '../shared/clock';
import { isControl, type ControlAnswer } from '../shared/control';
import { Listener } from '../shared/listener';
import { ANONYMOUS, canSee, TokenRegistry, type Identity, type TokenSpec } from './access';
import { Apps, type AppSpec } from './apps';
import { controlGitHub } from './control';
import { GitHubFaults, neverEnd, patch, type Fault, type FaultEffect, type FaultTarget } from './faults';
import type { PageIdentity, QueryContext } from './graphql/context';
import { invalidCursor } from './graphql/cursor';
import type { GitHubError } from './graphql/errors';
import { prepare, run, type GraphQLAnswer, type GraphQLRequest } from './graphql/execute';
import { parseNodeId } from './graphql/ids';
import { GitHubJournal } from './journal';
import { Limits, type LimitOptions, type Resource } from './limits';
import * as refusals from './refusals';
import { answerFault, operationId, queryFault } from './rest/contract';
import { Resources } from './rest/resources';
import { findRoute, resolvePath, type RestAnswer } from './rest/routes';
import { World } from './world';

export interface DoubleOptions {
  world?: World;
  clock?: Clock;
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  tokens?: TokenSpec[];
  apps?: AppSpec[];
  faults?: Fault[];
  limits?: LimitOptions;
  /** Answers as an Enterprise Server of this version. The Enterprise paths are there in any case. */
  enterpriseVersion?: string | null;
  /** Of every answer. */
  latencyMs?: number;
  /** Work that a query may need; a page of 25 pull requests with a hundred commits each is just inside. */
  computeBudget?: number;
  /** What too heavy a query is answered with. */
  heavyAnswer?: '502' | '504' | 'resource-limits';
  /** GitHub spells the type of its primary limit both ways. */
  rateLimitType?: 'RATE_LIMITED' | 'RATE_LIMIT';
  /** Holds answers against GitHub's REST description (default true). */
  validate?: boolean;
}

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | null;
  cut?: FaultEffect['cut'];
  cost: number;
  operation: string | null;
  variables: Record<string, unknown> | null;
  repositories: string[];
  pages: PageIdentity[];
  errors: string[];
  faults: string[];
}

interface Incoming {
  method: string;
  /** Without the Enterprise prefix. */
  path: string;
  query: URLSearchParams;
  /** With the Enterprise prefix. */
  address: string;
  apiRoot: string;
  headers: IncomingMessage['headers'];
  body: string;
  now: Instant;
  /** Requests of the same token under way, this one among them. */
  concurrent: number;
}

const MEDIA = 'application/json; charset=utf-8';
/** Long variables are of no use in the journal. */
const shorten = (variables: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' && value.length > 200 ? `${value.slice(0, 200)}…` : value]));

/** A GitHub of its own, over HTTP. */
export class GitHubDouble {
  readonly world: World;
  readonly clock: Clock;
  readonly journal = new GitHubJournal();
  readonly faults: GitHubFaults;
  readonly tokens: TokenRegistry;
  readonly limits: Limits;
  private readonly apps: Apps;
  private readonly listener: Listener;
  /** Requests under way, by token. */
  private readonly underWay = new Map<string, number>();
  latencyMs: number;

  constructor(readonly options: DoubleOptions = {}) {
    this.world = options.world ?? new World();
    this.clock = options.clock ?? new Clock();
    this.faults = new GitHubFaults(options.faults);
    this.tokens = new TokenRegistry(options.tokens, options.limits?.hourly ?? 5_000);
    this.limits = new Limits(options.limits ?? {});
    this.apps = new Apps(options.apps ?? [], this.tokens);
    this.latencyMs = options.latencyMs ?? 0;
    this.listener = new Listener(options, (request, response, body) => this.handle(request, response, body));
  }

  /** `http://127.0.0.1:1234`: what `github.apiUrl` takes. With `/api/v3` behind it it is an Enterprise Server. */
  get url(): string {
    return this.listener.url;
  }

  async start(): Promise<this> {
    await this.listener.start();
    return this;
  }

  close(): Promise<void> {
    return this.listener.close();
  }

  private async handle(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const started = performance.now();
    const url = new URL(request.url ?? '/', 'http://double');
    const root = `http://${request.headers.host ?? new URL(this.url).host}`;
    const prefix = /^\/api\/(?:v3(?=\/|$)|(?=graphql(?:\/|$)))/.exec(url.pathname)?.[0].replace(/\/$/, '') ?? '';
    const incoming: Incoming = {
      method: request.method ?? 'GET',
      path: url.pathname.slice(prefix.length) || '/',
      query: url.searchParams,
      address: `${root}${url.pathname}`,
      apiRoot: `${root}${prefix}`,
      headers: request.headers,
      body: body.toString('utf8'),
      now: this.clock.now(),
      concurrent: 1,
    };
    if (isControl(incoming.path)) {
      this.sendControl(response, controlGitHub(this, incoming.method, incoming.path, incoming.query, incoming.body));
      return;
    }

    const token = incoming.headers.authorization ?? '';
    incoming.concurrent = (this.underWay.get(token) ?? 0) + 1;
    this.underWay.set(token, incoming.concurrent);
    try {
      const identity = this.tokens.identify(incoming.headers.authorization, incoming.now);
      const isGraphQL = incoming.path === '/graphql';
      const { answer, latencyMs } = isGraphQL ? this.graphql(incoming, identity) : this.rest(incoming, identity);
      const pause = latencyMs + this.latencyMs;
      if (pause > 0) {
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
      this.journal.add({
        at: incoming.now,
        kind: isGraphQL ? 'graphql' : 'rest',
        method: incoming.method,
        path: `${incoming.path}${url.search}`,
        operation: answer.operation,
        variables: answer.variables,
        repositories: answer.repositories,
        pages: answer.pages,
        cost: answer.cost,
        status: answer.cut === undefined ? answer.status : 0,
        errors: answer.errors,
        token: incoming.headers.authorization?.slice(-4) ?? null,
        faults: answer.faults,
        bytes: answer.body?.length ?? 0,
        milliseconds: Math.round(performance.now() - started),
        concurrent: incoming.concurrent,
      });
      this.send(response, answer, incoming.now);
    } finally {
      this.underWay.set(token, (this.underWay.get(token) ?? 1) - 1);
    }
  }

  private send(response: ServerResponse, answer: Answer, now: Instant): void {
    if (answer.cut === 'before-headers') {
      response.destroy();
      return;
    }
    response.statusCode = answer.status;
    const headers: Record<string, string> = {
      server: 'github.com', date: new Date(now).toUTCString(), 'content-type': MEDIA, 'x-github-request-id': '0000:0000:DOUBLE', 'x-github-media-type': 'github.v3; format=json',
      ...(this.options.enterpriseVersion ? { 'x-github-enterprise-version': this.options.enterpriseVersion } : {}),
      ...answer.headers,
    };
    for (const [name, value] of Object.entries(headers)) {
      response.setHeader(name, value);
    }
    const body = answer.status === 304 || answer.body === null ? '' : answer.body;
    if (answer.cut !== undefined) {
      response.setHeader('content-length', String(Buffer.byteLength(body) + 64));
      response.write(body.slice(0, Math.floor(body.length / 2)), () => {
        if (answer.cut === 'mid-body') {
          response.destroy();
        }
      });
      return;
    }
    response.end(body);
  }

  private sendControl(response: ServerResponse, answer: ControlAnswer): void {
    response.statusCode = answer.status;
    response.setHeader('content-type', MEDIA);
    response.end(JSON.stringify(answer.body));
  }

  private limitHeaders(identity: Identity, resource: Resource, now: Instant): Record<string, string> {
    if (!this.limits.enabled) {
      return {};
    }
    const bucket = this.limits.bucket(identity, resource, now);
    return {
      'x-ratelimit-limit': String(bucket.limit),
      'x-ratelimit-remaining': String(bucket.remaining),
      'x-ratelimit-reset': String(Math.floor(bucket.resetAt / 1000)),
      'x-ratelimit-used': String(bucket.used),
      'x-ratelimit-resource': resource,
    };
  }

  private identityHeaders(identity: Identity): Record<string, string> {
    return {
      ...(identity.kind === 'classic' ? { 'x-oauth-scopes': identity.scopes.join(', '), 'x-accepted-oauth-scopes': 'repo' } : {}),
      ...(identity.expiresAt !== null && identity.kind !== 'installation'
        ? { 'github-authentication-token-expiration': `${new Date(identity.expiresAt).toISOString().slice(0, 19).replace('T', ' ')} UTC` }
        : {}),
    };
  }

  /** What every request must pass before it is looked at: faults, credentials, limits. */
  private admit(
    incoming: Incoming, identity: Identity | null, resource: Resource, target: Omit<FaultTarget, 'now' | 'token'>
  ): { refusal: Answer | null; effects: FaultEffect[]; struck: string[]; latencyMs: number; token: Identity } {
    const kind = resource === 'graphql' ? 'graphql' : 'rest';
    const token: Identity = identity ?? ANONYMOUS;
    const struck = this.faults.strike({ ...target, token: incoming.headers.authorization ?? null, now: incoming.now });
    const effects = struck.map(({ effect }) => effect);
    const names = struck.map(({ id }) => id);
    const latencyMs = effects.reduce((sum, effect) => sum + (effect.latencyMs ?? 0), 0);
    const refuse = (refusal: refusals.Refusal, errors: string[] = []): Answer => ({
      ...this.blank(target.operation, target.repositories, names),
      status: refusal.status, body: JSON.stringify(refusal.body), headers: { ...this.limitHeaders(token, resource, incoming.now), ...this.identityHeaders(token), ...refusal.headers }, errors,
    });
    const done = (refusal: Answer | null): { refusal: Answer | null; effects: FaultEffect[]; struck: string[]; latencyMs: number; token: Identity } => ({ refusal, effects, struck: names, latencyMs, token });

    for (const effect of effects) {
      if (effect.cut === 'before-headers') {
        return done({ ...this.blank(target.operation, target.repositories, names), cut: 'before-headers' });
      }
      if (effect.secondaryLimit) {
        const { status = 403, retryAfter = 60 } = effect.secondaryLimit;
        return done(refuse(refusals.secondaryLimit(status, retryAfter)));
      }
      if (effect.primaryLimit) {
        this.limits.leave(token, resource, 0, incoming.now, effect.primaryLimit.resetInSeconds);
      }
      if (effect.status !== undefined && effect.status >= 300) {
        const body = effect.body === undefined ? { message: effect.status === 502 ? 'Server Error' : 'Service unavailable' } : effect.body;
        return done({
          ...refuse({ status: effect.status, body: {}, headers: effect.headers ?? {} }),
          body: typeof body === 'string' ? body : JSON.stringify(body),
        });
      }
    }
    if (!incoming.headers['user-agent']) {
      return done(refuse(refusals.noUserAgent()));
    }
    if (identity === null) {
      return done(refuse(refusals.badCredentials(kind)));
    }
    if (kind === 'graphql' && identity.token === null) {
      return done(refuse(refusals.signInFirst(kind)));
    }
    if (this.limits.enabled && !this.limits.enters(identity, resource, incoming.now, incoming.concurrent)) {
      return done(refuse(refusals.secondaryLimit(403, this.limits.options.retryAfter === undefined ? 60 : this.limits.options.retryAfter)));
    }
    if (this.limits.enabled && target.operation !== 'rate-limit/get' && this.limits.bucket(identity, resource, incoming.now).remaining <= 0) {
      if (kind === 'graphql') {
        const type = effects.find((effect) => effect.primaryLimit)?.primaryLimit?.type ?? this.options.rateLimitType ?? 'RATE_LIMITED';
        const error: GitHubError = { type, message: 'API rate limit exceeded for user ID 9001.', ...(type === 'RATE_LIMIT' ? { code: 'graphql_rate_limit' } : {}) };
        return done(refuse({ status: 200, body: { errors: [error] } }, [type]));
      }
      return done(refuse(refusals.primaryLimit(identity)));
    }
    return done(null);
  }

  private blank(operation: string | null, repositories: string[], faults: string[]): Answer {
    return { status: 200, headers: {}, body: null, cost: 0, operation, variables: null, repositories, pages: [], errors: [], faults };
  }

  private graphql(incoming: Incoming, identity: Identity | null): { answer: Answer; latencyMs: number } {
    const request = graphqlRequest(incoming);
    if (!('query' in request)) {
      return { answer: { ...this.blank(null, [], []), status: request.status, body: JSON.stringify(request.body), headers: this.limitHeaders(identity ?? ANONYMOUS, 'graphql', incoming.now) }, latencyMs: 0 };
    }
    const prepared = prepare(request);
    const cost = 'cost' in prepared ? prepared.cost : { cost: 0, nodeCount: 0, walks: [], names: [] };
    const operation = request.operationName ?? ('operation' in prepared ? (prepared.operation.name?.value ?? null) : null);
    const repositories = [...new Set(cost.names.map((name) => this.readable(name)))];
    const { refusal, effects, struck, latencyMs, token } = this.admit(incoming, identity, 'graphql', { kind: 'graphql', operation, repositories, walks: cost.walks });
    const variables = shorten(request.variables);
    if (refusal) {
      return { answer: { ...refusal, variables }, latencyMs };
    }
    if ('errors' in prepared) {
      return {
        answer: {
          ...this.blank(operation, repositories, struck), variables, body: JSON.stringify({ errors: prepared.errors }), errors: prepared.errors.map((error) => error.type ?? 'INVALID'),
          headers: { ...this.limitHeaders(token, 'graphql', incoming.now), ...this.identityHeaders(token) },
        },
        latencyMs,
      };
    }
    const bucket = this.limits.charge(token, 'graphql', cost.cost, incoming.now);
    const context: QueryContext = {
      world: this.world,
      identity: token,
      now: incoming.now,
      webUrl: this.options.enterpriseVersion ? new URL(incoming.address).origin : 'https://github.com',
      rateLimit: this.limits.enabled ? bucket : null,
      cost: cost.cost,
      nodeCount: cost.nodeCount,
      pages: [],
      work: 0,
      budget: this.options.computeBudget ?? 4_500,
      exceeded: false,
      canSee: (repository) => canSee(token, repository),
      maxPage: effects.reduce<number | null>((least, effect) => (effect.maxPage === undefined ? least : Math.min(least ?? Infinity, effect.maxPage)), null),
    };
    const answer: Answer = { ...this.blank(operation, repositories, struck), variables, cost: cost.cost, headers: { ...this.limitHeaders(token, 'graphql', incoming.now), ...this.identityHeaders(token) } };
    const refusedCursor = effects.some((effect) => effect.cursorRefused) ? (cost.walks.find((walk) => walk.after !== null)?.after ?? null) : null;
    let result: GraphQLAnswer;
    if (refusedCursor !== null) {
      const { type, message } = invalidCursor(refusedCursor);
      result = { data: null, errors: [{ type, message }] };
    } else {
      result = run(prepared, request, context);
    }
    const heavy = this.options.heavyAnswer ?? '502';
    if (context.exceeded && heavy !== 'resource-limits') {
      const refused = refusals.timedOut(heavy === '504' ? 504 : 502);
      return { answer: { ...answer, status: refused.status, body: JSON.stringify(refused.body) }, latencyMs };
    }
    answer.pages = context.pages;
    if (effects.some((effect) => effect.errors ?? effect.patch ?? effect.neverEnding)) {
      result = JSON.parse(JSON.stringify(result)) as GraphQLAnswer;
      for (const effect of effects) {
        applyToResult(result, effect, cost.walks.find((walk) => walk.after !== null)?.after ?? null);
      }
    }
    for (const error of result.errors ?? []) {
      answer.errors.push(error.type ?? 'ERROR');
    }
    answer.body = JSON.stringify(result);
    Object.assign(answer, cutOf(effects));
    return { answer, latencyMs };
  }

  /** What a query names, as people know it: a node id of or in a repository becomes the repository's name. */
  private readable(name: string): string {
    const id = parseNodeId(name);
    return (id && this.world.repositories.get(Number(id.parts[0]))?.fullName) || name;
  }

  private rest(incoming: Incoming, identity: Identity | null): { answer: Answer; latencyMs: number } {
    const path = resolvePath(this.world, incoming.path);
    const found = findRoute(incoming.method, path);
    const resource: Resource = path.startsWith('/search/') ? 'search' : 'core';
    const template = found?.route.template ?? null;
    const isApp = /^\/app(\/|$)/.test(path);
    const described = isApp ? path.replace(/^(\/app\/installations\/)\d+/, '$1{installation_id}') : template;
    const operation = described === null ? null : operationId(incoming.method, described);
    const repository = found?.parameters.owner && found.parameters.repo ? [`${found.parameters.owner}/${found.parameters.repo}`] : [];
    const { refusal, effects, struck, latencyMs, token } = this.admit(incoming, isApp ? (identity ?? ANONYMOUS) : identity, resource, { kind: 'rest', operation, repositories: repository, walks: [] });
    if (refusal) {
      return { answer: refusal, latencyMs };
    }
    const answer: Answer = this.blank(operation, repository, struck);
    const resources = new Resources(this.world, incoming.apiRoot, this.options.enterpriseVersion ? new URL(incoming.address).origin : 'https://github.com');
    const finish = (result: RestAnswer | refusals.Refusal, charged: boolean): { answer: Answer; latencyMs: number } => {
      answer.status = result.status;
      answer.body = JSON.stringify(result.body);
      let free = !charged;
      const etag = `W/"${createHash('sha1').update(`${token.token ?? ''} ${answer.body}`).digest('hex')}"`;
      if (result.status === 200 && incoming.method === 'GET') {
        answer.headers.etag = etag;
        answer.headers['cache-control'] = 'private, max-age=60, s-maxage=60';
        if (incoming.headers['if-none-match']?.split(/,\s*/).some((given) => given.replace(/^W\//, '') === etag.replace(/^W\//, ''))) {
          answer.status = 304;
          answer.body = null;
          free = true;
        }
      }
      answer.cost = free ? 0 : 1;
      if (!free) {
        this.limits.charge(token, resource, 1, incoming.now);
      }
      answer.headers = { ...answer.headers, ...this.limitHeaders(token, resource, incoming.now), ...this.identityHeaders(token), ...result.headers };
      Object.assign(answer, cutOf(effects));
      const patches = effects.flatMap((effect) => effect.patch ?? []);
      if (patches.length > 0 && answer.body !== null) {
        const root: unknown = JSON.parse(answer.body);
        patches.forEach(({ path: where, value }) => patch(root, where, value));
        answer.body = JSON.stringify(root);
      }
      return { answer, latencyMs };
    };

    if (isApp) {
      let body: unknown = null;
      try {
        body = incoming.body === '' ? null : JSON.parse(incoming.body);
      } catch {
        return finish({ status: 400, body: { message: 'Problems parsing JSON' } }, false);
      }
      return finish(this.checked(incoming.method, described ?? '', this.apps.answer(incoming.method, path, incoming.headers.authorization, body, incoming.now, resources) ?? refusals.notFound()), true);
    }
    if (!found || template === null) {
      return finish(refusals.notFound(), true);
    }
    const wrong = queryFault(incoming.method, template, incoming.query);
    if (wrong) {
      return finish(refusals.unprocessable('Validation Failed', [{ resource: 'Search', field: wrong.field, code: 'invalid', message: wrong.message }]), true);
    }
    const bucket = (name: Resource): ReturnType<Limits['bucket']> => this.limits.bucket(token, name, incoming.now);
    const result = found.route.handle(
      {
        world: this.world,
        identity: token,
        resources,
        now: incoming.now,
        enterpriseVersion: this.options.enterpriseVersion ?? null,
        limits: this.limits.enabled ? { core: bucket('core'), graphql: bucket('graphql'), search: bucket('search') } : null,
        method: incoming.method,
        path,
        query: incoming.query,
        address: `${incoming.apiRoot}${path}`,
      },
      found.parameters
    );
    return finish(this.checked(incoming.method, template, result), operation !== 'rate-limit/get');
  }

  /** The answer, unless it is none that GitHub could give. */
  private checked(method: string, template: string, result: RestAnswer | refusals.Refusal): RestAnswer | refusals.Refusal {
    const fault = this.options.validate === false ? null : answerFault(method, template, result.status, result.body);
    return fault ? { status: 500, body: { message: `the double's answer is not GitHub's: ${fault}` } } : result;
  }
}

function cutOf(effects: FaultEffect[]): Pick<Answer, 'cut'> {
  const cut = effects.find((effect) => effect.cut)?.cut;
  return cut ? { cut } : {};
}

function applyToResult(result: GraphQLAnswer, effect: FaultEffect, cursor: string | null): void {
  if (effect.errors) {
    result.errors = [...(result.errors ?? []), ...effect.errors];
  }
  for (const { path, value } of effect.patch ?? []) {
    patch(result, path, value);
  }
  if (effect.neverEnding) {
    neverEnd(result.data, cursor);
  }
}

function graphqlRequest(incoming: Incoming): GraphQLRequest | refusals.Refusal {
  if (incoming.method !== 'POST') {
    return refusals.notFound();
  }
  let body: unknown;
  try {
    body = JSON.parse(incoming.body);
  } catch {
    return { status: 400, body: { message: 'Problems parsing JSON', documentation_url: 'https://docs.github.com/graphql', status: '400' } };
  }
  const { query, variables, operationName } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (typeof query !== 'string') {
    return { status: 200, body: { errors: [{ message: 'A query attribute must be specified and must be a string.' }] } };
  }
  return {
    query,
    variables: typeof variables === 'object' && variables !== null ? (variables as Record<string, unknown>) : {},
    operationName: typeof operationName === 'string' ? operationName : null,
  };
}

export async function startGitHubDouble(options: DoubleOptions = {}): Promise<GitHubDouble> {
  return new GitHubDouble(options).start();
}
