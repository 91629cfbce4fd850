import { DoraError, type ErrorCode } from '../../shared/errors';
import type { ResourceError } from '../../shared/resources';
import type { SafeLog } from '../protocol/logs';
import type { CallResourceRequest, CallResourceResponse } from '../protocol/messages';
import { EventsLimitedError } from './event-limit';
import { shownError } from './failure';

export interface ResourceRequest {
  parameters: URLSearchParams;
  headers: CallResourceRequest['headers'];
  body: Uint8Array;
  context: CallResourceRequest['pluginContext'];
  signal: AbortSignal;
}

/** Gives the body of a 200 answer; a DoraError becomes its status and a ResourceError. */
export type ResourceHandler = (request: ResourceRequest) => Promise<unknown> | unknown;

/** By path (without slashes around it) and HTTP method. */
export type Routes = Record<string, Record<string, ResourceHandler>>;

export interface ResourceObserver {
  /** @param path of the route; `unknown` for an address that does not exist. */
  resourceAnswered(path: string, method: string, status: number, code: ErrorCode | null): void;
}

/** Methods that a label of a metric may name. */
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']);

export async function route(routes: Routes, request: CallResourceRequest, signal: AbortSignal, log: SafeLog, observer: ResourceObserver): Promise<CallResourceResponse> {
  const path = nameOf(request);
  const observed = (status: number, code: ErrorCode | null): void =>
    observer.resourceAnswered(Object.hasOwn(routes, path) ? path : 'unknown', METHODS.has(request.method.toUpperCase()) ? request.method.toUpperCase() : 'unknown', status, code);
  try {
    const handler = find(routes, request);
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?') + 1) : '';
    const { headers, body, pluginContext: context } = request;
    const answer = json(200, await handler({ parameters: new URLSearchParams(query), headers, body, context, signal }));
    observed(200, null);
    return answer;
  } catch (error) {
    const { code, message, field, remedy, status } = shownError(error, log, 'a resource call');
    const answer: ResourceError = { code, message, field, remedy };
    observed(status, code);
    const headers: CallResourceResponse['headers'] = error instanceof EventsLimitedError ? { 'Retry-After': { values: [String(error.retryAfterSeconds)] } } : {};
    return json(status, answer, headers);
  }
}

function nameOf({ path }: CallResourceRequest): string {
  return path.replace(/^\/+|\/+$/g, '');
}

function find(routes: Routes, request: CallResourceRequest): ResourceHandler {
  const { method } = request;
  const name = nameOf(request);
  const methods = Object.hasOwn(routes, name) ? routes[name] : undefined;
  if (!methods) {
    throw new DoraError('NOT_FOUND', `There is no resource "${name.slice(0, 200)}".`);
  }
  const verb = method.toUpperCase();
  const handler = Object.hasOwn(methods, verb) ? methods[verb] : undefined;
  if (!handler) {
    throw new DoraError('METHOD_NOT_ALLOWED', `"${name}" takes ${Object.keys(methods).join(' or ')}.`);
  }
  return handler;
}

function json(code: number, value: unknown, headers: CallResourceResponse['headers'] = {}): CallResourceResponse {
  return {
    code,
    headers: { ...headers, 'Content-Type': { values: ['application/json'] } },
    body: new TextEncoder().encode(JSON.stringify(value)),
  };
}
