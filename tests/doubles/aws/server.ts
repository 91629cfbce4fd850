import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { Clock, type Instant } from '../shared/clock';
import { isControl } from '../shared/control';
import { Listener } from '../shared/listener';
import { AwsError, type Answered, type Call } from './call';
import { controlAws } from './control';
import { AwsFaults, type Fault, type FaultEffect } from './faults';
import { Identities, isDenied, type KeySpec, type Principal, type RoleSpec } from './identities';
import { AwsJournal } from './journal';
import { cachedModels, problemsOf, withTimes, type Models, type ServiceName } from './models';
import { readRequest, writeAnswer, writeError, type Protocol, type Request, type Response } from './protocols';
import { cloudWatch } from './services/cloudwatch';
import { codePipeline } from './services/codepipeline';
import { opsCenter } from './services/opscenter';
import { sts } from './services/sts';
import { isSignedWith, readClaim, type SignatureClaim } from './signature';
import { PageTokens } from './tokens';
import { World } from './world';

const OPERATIONS: Record<ServiceName, Record<string, (call: Call) => Answered>> = { codepipeline: codePipeline, ssm: opsCenter, sts, cloudwatch: cloudWatch };

export interface DoubleOptions {
  world?: World;
  clock?: Clock;
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  keys?: KeySpec[];
  roles?: RoleSpec[];
  faults?: Fault[];
  /** Of every answer. */
  latencyMs?: number;
  /** Page tokens are refused after this (default a day). */
  tokenLifetimeMs?: number;
  /** A signature may be this old or early by the double's clock; AWS: 5 minutes. Null: not looked at, for tests whose clock stands still. */
  signatureWindowMs?: number | null;
  /** Calls of one operation that an account's region takes a second (by the machine's clock); more are throttled. */
  callsPerSecond?: number | null;
  /** Requests and answers are held against these; default: botocore's models where they were fetched before. */
  models?: Models | null;
}

interface Incoming {
  method: string;
  path: string;
  query: string;
  headers: IncomingMessage['headers'];
  /** As it was sent and signed. */
  raw: Buffer;
  now: Instant;
}

interface Outcome extends Response {
  effects: FaultEffect[];
}

/** An AWS of its own, over HTTP: CodePipeline, OpsCenter, CloudWatch and STS behind one address, told apart as AWS's clients do. */
export class AwsDouble {
  readonly world: World;
  readonly clock: Clock;
  readonly identities: Identities;
  readonly journal = new AwsJournal();
  /** Where the double itself said what AWS could not say; tests want none. */
  readonly defects: string[] = [];
  readonly faults: AwsFaults;
  readonly tokens: PageTokens;
  latencyMs: number;
  private readonly models: Models | null;
  private readonly listener: Listener;
  private readonly seconds = new Map<string, { second: number; calls: number }>();
  private underWay = 0;

  constructor(readonly options: DoubleOptions = {}) {
    this.world = options.world ?? new World();
    this.clock = options.clock ?? new Clock();
    this.identities = new Identities(options.keys, options.roles);
    this.faults = new AwsFaults(options.faults);
    this.tokens = new PageTokens(options.tokenLifetimeMs);
    this.latencyMs = options.latencyMs ?? 0;
    this.models = options.models === undefined ? cachedModels() : options.models;
    this.listener = new Listener(options, (request, response, body) => this.handle(request, response, body));
  }

  /** `http://127.0.0.1:1234`: what `endpoint` takes. */
  get url(): string {
    return this.listener.url;
  }

  /** Whether requests and answers are held against botocore's models. */
  get validates(): boolean {
    return this.models !== null;
  }

  async start(): Promise<this> {
    await this.listener.start();
    return this;
  }

  close(): Promise<void> {
    return this.listener.close();
  }

  private async handle(request: IncomingMessage, response: ServerResponse, raw: Buffer): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://double');
    if (isControl(url.pathname)) {
      const answer = controlAws(this, request.method ?? 'GET', url.pathname, url.searchParams, raw.toString('utf8'));
      response.statusCode = answer.status;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer.body));
      return;
    }
    this.underWay += 1;
    try {
      const outcome = this.answer({ method: request.method ?? 'GET', path: url.pathname, query: url.search.slice(1), headers: request.headers, raw, now: this.clock.now() });
      const pause = this.latencyMs + outcome.effects.reduce((sum, { latencyMs = 0 }) => sum + latencyMs, 0);
      if (pause > 0) {
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
      this.send(response, outcome);
    } finally {
      this.underWay -= 1;
    }
  }

  private send(response: ServerResponse, { status, headers, body, effects }: Outcome): void {
    const cut = effects.find((effect) => effect.cut !== undefined)?.cut;
    if (cut === 'never') {
      return;
    }
    if (cut === 'before-headers') {
      response.destroy();
      return;
    }
    response.writeHead(status, { date: new Date(this.clock.now()).toUTCString(), 'x-amzn-requestid': '00000000-0000-4000-8000-000000000000', ...headers, 'content-length': String(body.length) });
    if (cut === 'mid-body') {
      response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
      return;
    }
    response.end(body);
  }

  private answer(incoming: Incoming): Outcome {
    const claim = readClaim(incoming.headers);
    const entry = {
      at: incoming.now, operation: 'unknown', protocol: 'unknown', account: null as string | null, region: claim?.region ?? null, pipeline: null as string | null, laterPage: false,
      input: {} as Record<string, unknown>, items: 0, status: 0, error: null as string | null, accessKey: claim?.accessKeyId ?? null, faults: [] as string[], concurrent: this.underWay,
    };
    let protocol: Protocol = 'json-1.1';
    let service: ServiceName | null = null;
    let effects: FaultEffect[] = [];
    let response: Response;
    try {
      const body = incoming.headers['content-encoding'] === 'gzip' ? gunzipSync(incoming.raw) : incoming.raw;
      const request = readRequest(incoming.headers, body);
      ({ protocol, service } = request);
      entry.operation = `${service}:${request.operation}`;
      entry.protocol = protocol;
      entry.input = request.input;
      entry.pipeline = typeof request.input.pipelineName === 'string' ? request.input.pipelineName : null;
      const token = request.input.nextToken ?? request.input.NextToken;
      entry.laterPage = token !== undefined;
      const principal = claim ? this.identities.identify(claim.accessKeyId, claim.sessionToken, incoming.now) : 'unknown';
      const account = typeof principal === 'string' ? null : principal.account;
      entry.account = account;
      const struck = this.faults.strike({ operation: entry.operation, account, region: entry.region, pipeline: entry.pipeline, token: token === undefined ? null : String(token), now: incoming.now });
      effects = struck.map(({ effect }) => effect);
      entry.faults = struck.map(({ id }) => id);
      const answered = this.admitted(incoming, request, claim, principal, effects);
      entry.items = answered.items;
      response = writeAnswer(protocol, request.operation, answered.output);
      const text = effects.find((effect) => effect.body !== undefined)?.body;
      if (text !== undefined) {
        response.body = Buffer.from(text);
      }
    } catch (error) {
      if (!(error instanceof AwsError)) {
        throw error;
      }
      entry.error = error.code;
      response = writeError(protocol, service, error);
    }
    const isCut = effects.some(({ cut }) => cut !== undefined);
    entry.status = isCut ? 0 : response.status;
    this.journal.add(entry);
    return { ...response, effects };
  }

  /** What every request must pass, and then its own answer. */
  private admitted(incoming: Incoming, request: Request, claim: SignatureClaim | null, principal: Principal | 'unknown' | 'expired', effects: FaultEffect[]): Answered {
    const isQuery = request.protocol === 'query';
    const refuse = (json: string, query: string, message: string): AwsError => new AwsError(isQuery ? query : json, message, isQuery ? 403 : 400);
    for (const { error, expireSessions } of effects) {
      if (expireSessions) {
        this.identities.expireSessions(incoming.now);
        throw refuse('ExpiredTokenException', 'ExpiredToken', 'The security token included in the request is expired');
      }
      if (error) {
        throw new AwsError(error.code, error.message ?? (error.code === 'ThrottlingException' ? 'Rate exceeded' : error.code), error.status);
      }
    }
    if (claim === null) {
      throw refuse('MissingAuthenticationTokenException', 'MissingAuthenticationToken', 'Request is missing Authentication Token');
    }
    if (principal === 'unknown') {
      throw refuse('UnrecognizedClientException', 'InvalidClientTokenId', 'The security token included in the request is invalid.');
    }
    if (principal === 'expired') {
      throw refuse('ExpiredTokenException', 'ExpiredToken', 'The security token included in the request is expired');
    }
    const window = this.options.signatureWindowMs ?? null;
    if (window !== null && (claim.signedAt === null || Math.abs(claim.signedAt - incoming.now) > window)) {
      const direction = (claim.signedAt ?? 0) > incoming.now ? 'not yet current' : 'expired';
      throw refuse('InvalidSignatureException', 'SignatureDoesNotMatch', `Signature ${direction}: ${String(incoming.headers['x-amz-date'])}`);
    }
    const serviceName = request.service === 'cloudwatch' ? 'monitoring' : request.service;
    if (claim.service !== serviceName || !isSignedWith(principal.secretAccessKey, claim, { ...incoming, body: incoming.raw })) {
      throw refuse('InvalidSignatureException', 'SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided.');
    }
    const action = `${request.service}:${request.operation}`;
    if (isDenied(principal.denied, action, claim.region)) {
      throw refuse(
        'AccessDeniedException', 'AccessDenied',
        `User: ${principal.arn} is not authorized to perform: ${action} on resource: arn:aws:${request.service}:${claim.region}:${principal.account}:* because no identity-based policy allows the ${action} action`
      );
    }
    this.countCall(`${principal.account} ${claim.region} ${action}`);
    const operation = OPERATIONS[request.service][request.operation];
    if (!operation) {
      throw new AwsError('UnknownOperationException', `The double does not know ${action}.`);
    }
    const input = this.checkedInput(request);
    if (effects.some(({ tokenRefused }) => tokenRefused)) {
      this.tokens.expireAll();
    }
    const answered = operation({
      input, principal, region: this.world.region(principal.account, claim.region), world: this.world, identities: this.identities, tokens: this.tokens, now: incoming.now,
    });
    this.checkOutput(request, answered.output);
    return answered;
  }

  private countCall(key: string): void {
    const limit = this.options.callsPerSecond ?? null;
    if (limit === null) {
      return;
    }
    const second = Math.floor(performance.now() / 1000);
    const known = this.seconds.get(key);
    const calls = known?.second === second ? known.calls + 1 : 1;
    this.seconds.set(key, { second, calls });
    if (calls > limit) {
      throw new AwsError('ThrottlingException', 'Rate exceeded');
    }
  }

  /** The request as the model types it; one that breaks the model is refused as AWS does. */
  private checkedInput({ service, operation, protocol, input }: Request): Record<string, unknown> {
    const model = this.models?.[service];
    const shape = model?.operations[operation]?.input?.shape;
    if (!model || shape === undefined) {
      return input;
    }
    const served = protocol === 'query' ? 'query' : 'json';
    if (!(model.metadata.protocols ?? [model.metadata.protocol]).includes(served)) {
      throw new AwsError('UnknownOperationException', `${service} does not speak ${protocol}`);
    }
    // Forms have texts only.
    const typed = protocol === 'query' ? Object.fromEntries(Object.entries(input).map(([name, value]) => [name, name === 'DurationSeconds' ? Number(value) : value])) : withTimes(model, shape, input);
    const problems = problemsOf(model, shape, typed);
    if (problems.length > 0) {
      throw new AwsError('ValidationException', `${problems.length} validation errors detected: ${problems.slice(0, 5).join('; ')}`);
    }
    return typed as Record<string, unknown>;
  }

  /** The double must not say what AWS could not say. */
  private checkOutput({ service, operation }: Request, output: Record<string, unknown>): void {
    const model = this.models?.[service];
    const shape = model?.operations[operation]?.output?.shape;
    const problems = model && shape !== undefined ? problemsOf(model, shape, output) : [];
    if (problems.length > 0) {
      const defect = `the answer to ${service}:${operation} breaks its model: ${problems.slice(0, 5).join('; ')}`;
      this.defects.push(defect);
      throw new AwsError('InternalServerError', defect, 500);
    }
  }
}

export async function startAwsDouble(options: DoubleOptions = {}): Promise<AwsDouble> {
  return new AwsDouble(options).start();
}
