import type { BackendSrv, BackendSrvRequest, FetchError, FetchResponse } from '@grafana/runtime';
import type { Observable} from 'rxjs';
import { from, lastValueFrom, throwError } from 'rxjs';

/** Grafana's HTTP client, as far as plugins see it: JSON in and out, an error object for every status of 400 and more. */
export class PlaygroundBackendSrv implements BackendSrv {
  fetch<T>(options: BackendSrvRequest): Observable<FetchResponse<T>> {
    return from(send<T>(options));
  }

  chunked(): Observable<FetchResponse<Uint8Array | undefined>> {
    return throwError(() => new Error('The playground has no chunked answers'));
  }

  async request<T = unknown>(options: BackendSrvRequest): Promise<T> {
    return (await lastValueFrom(this.fetch<T>(options))).data;
  }

  datasourceRequest<T = unknown>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
    return lastValueFrom(this.fetch<T>(options));
  }

  get<T = unknown>(url: string, params?: BackendSrvRequest['params'], requestId?: string, options?: Partial<BackendSrvRequest>): Promise<T> {
    return this.request<T>({ ...options, method: 'GET', url, params, requestId });
  }

  delete<T = unknown>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>): Promise<T> {
    return this.request<T>({ ...options, method: 'DELETE', url, data });
  }

  post<T = unknown>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>): Promise<T> {
    return this.request<T>({ ...options, method: 'POST', url, data });
  }

  patch<T = unknown>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>): Promise<T> {
    return this.request<T>({ ...options, method: 'PATCH', url, data });
  }

  put<T = unknown>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>): Promise<T> {
    return this.request<T>({ ...options, method: 'PUT', url, data });
  }
}

function address({ url, params }: BackendSrvRequest): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) {
        search.append(name, String(one));
      }
    }
  }
  const text = search.toString();
  const rooted = url.startsWith('/') ? url : `/${url}`;
  return text ? `${rooted}${rooted.includes('?') ? '&' : '?'}${text}` : rooted;
}

async function send<T>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
  const url = address(options);
  const method = options.method ?? 'GET';
  const response = await fetch(url, {
    method,
    headers: { accept: 'application/json', ...(options.data === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
    body: options.data === undefined ? undefined : JSON.stringify(options.data),
    signal: options.abortSignal,
  });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  const data = (isJson && text !== '' ? JSON.parse(text) : text) as T;
  if (!response.ok) {
    const message = typeof data === 'object' && data !== null && 'message' in data ? String(data.message) : response.statusText;
    const error: FetchError = { status: response.status, statusText: response.statusText, data: isJson ? data : { message }, config: options };
    throw Object.assign(new Error(message), error);
  }
  return {
    data,
    status: response.status,
    statusText: response.statusText,
    ok: response.ok,
    headers: response.headers,
    redirected: response.redirected,
    type: response.type,
    url: response.url,
    config: options,
  };
}
