import { DEFAULT_TOKEN } from './access';
import { Clock } from '../shared/clock';
import { scenario, type OwnerBuilder, type RepositoryBuilder, type Scenario } from './scenario';
import { GitHubDouble, type DoubleOptions } from './server';

/** Helpers of the double's own tests. */
export const NOW = '2026-03-02T12:00:00Z';

export interface Reply<T = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: T;
}

export async function withDouble<T>(options: DoubleOptions, use: (double: GitHubDouble) => Promise<T>): Promise<T> {
  const double = await new GitHubDouble({ clock: new Clock(NOW, false), ...options }).start();
  try {
    return await use(double);
  } finally {
    await double.close();
  }
}

export async function get<T = Record<string, unknown>>(double: GitHubDouble, path: string, headers: Record<string, string> = {}): Promise<Reply<T>> {
  const response = await fetch(`${double.url}${path}`, { headers: { authorization: `Bearer ${DEFAULT_TOKEN}`, 'user-agent': 'test', ...headers }, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as T };
}

export async function post<T = Record<string, unknown>>(double: GitHubDouble, path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<Reply<T>> {
  const response = await fetch(`${double.url}${path}`, {
    method, headers: { authorization: `Bearer ${DEFAULT_TOKEN}`, 'user-agent': 'test', ...headers }, ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as T };
}

export interface GraphQLReply {
  data?: Record<string, any> | null; // eslint-disable-line @typescript-eslint/no-explicit-any -- a query's shape is the test's own
  errors?: Array<{ type?: string; message: string; path?: Array<string | number> }>;
  message?: string;
}

export const graphql = (double: GitHubDouble, query: string, variables: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Reply<GraphQLReply>> =>
  post<GraphQLReply>(double, '/graphql', { query, variables }, headers);

/** `acme/api` with as many merged pull requests as asked, one an hour. */
export function simple(count: number, prepare?: (repository: RepositoryBuilder, owner: OwnerBuilder, all: Scenario) => void): Scenario {
  const all = scenario();
  const owner = all.organisation('acme');
  const repository = owner.repository('api');
  const start = Date.parse('2026-01-01T00:00:00Z');
  repository.commit({ at: start, message: 'Start' });
  for (let index = 1; index <= count; index += 1) {
    const at = start + index * 3_600_000;
    repository.pullRequest({ openedAt: at, commits: [at - 1_800_000], reviews: [{ by: 'reviewer', state: 'approved', at: at + 600_000 }], labels: ['bug'], mergedAt: at + 1_200_000, merge: 'squash' });
  }
  prepare?.(repository, owner, all);
  return all;
}
