import { DoraError } from '../../shared/errors';
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

export async function route(routes: Routes, request: CallResourceRequest, signal: AbortSignal, log: SafeLog): Promise<CallResourceResponse> {
  try {
    const handler = find(routes, request);
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?') + 1) : '';
    const { headers, body, pluginContext: context } = request;
    return json(200, await handler({ parameters: new URLSearchParams(query), headers, body, context, signal }));
  } catch (error) {
    const { code, message, field, remedy, status } = shownError(error, log, 'a resource call');
    const answer: ResourceError = { code, message, field, remedy };
    const headers: CallResourceResponse['headers'] = error instanceof EventsLimitedError ? { 'Retry-After': { values: [String(error.retryAfterSeconds)] } } : {};
    return json(status, answer, headers);
  }
}

function find(routes: Routes, { path, method }: CallResourceRequest): ResourceHandler {
  const name = path.replace(/^\/+|\/+$/g, '');
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
