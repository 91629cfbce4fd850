import type { Identity } from './access';

/** GitHub's own bodies for what it refuses. */
const REST_DOCS = 'https://docs.github.com/rest';
const GRAPHQL_DOCS = 'https://docs.github.com/graphql/guides/forming-calls-with-graphql#authenticating-with-graphql';

export interface Refusal {
  status: number;
  body: Record<string, unknown>;
  headers?: Record<string, string>;
}

export const badCredentials = (kind: 'graphql' | 'rest'): Refusal => ({
  status: 401,
  body: { message: 'Bad credentials', documentation_url: kind === 'graphql' ? GRAPHQL_DOCS : REST_DOCS, status: '401' },
});

export const signInFirst = (kind: 'graphql' | 'rest'): Refusal => ({
  status: 401,
  body: { message: kind === 'graphql' ? 'This endpoint requires you to be authenticated.' : 'Requires authentication', documentation_url: kind === 'graphql' ? GRAPHQL_DOCS : REST_DOCS, status: '401' },
});

export const notFound = (): Refusal => ({ status: 404, body: { message: 'Not Found', documentation_url: REST_DOCS, status: '404' } });

export const blocked = (): Refusal => ({
  status: 451,
  body: { message: 'Repository access blocked', block: { reason: 'dmca', created_at: '2024-01-01T00:00:00Z', html_url: 'https://github.com/github/dmca' } },
});

export const singleSignOn = (owner: string): Refusal => ({
  status: 403,
  body: {
    message: 'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.',
    documentation_url: 'https://docs.github.com/articles/authenticating-to-a-github-organization-with-saml-single-sign-on/', status: '403',
  },
  headers: { 'x-github-sso': `required; url=https://github.com/orgs/${owner}/sso?authorization_request=0` },
});

export const notPermitted = (identity: Identity, permission: string): Refusal => ({
  status: 403,
  body: { message: `Resource not accessible by ${identity.kind === 'installation' ? 'integration' : 'personal access token'}`, documentation_url: REST_DOCS, status: '403' },
  headers: { 'x-accepted-github-permissions': `${permission}=read` },
});

export const unprocessable = (message: string, errors: unknown[] = []): Refusal => ({
  status: 422,
  body: { message, ...(errors.length > 0 ? { errors } : {}), documentation_url: REST_DOCS, status: '422' },
});

export const noUserAgent = (): Refusal => ({
  status: 403,
  body: { message: 'Request forbidden by administrative rules. Please make sure your request has a User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required).' },
});

export const primaryLimit = (identity: Identity): Refusal => ({
  status: 403,
  body: {
    message:
      identity.kind === 'anonymous'
        ? "API rate limit exceeded for 127.0.0.1. (But here's the good news: Authenticated requests get a higher rate limit. Check out the documentation for more details.)"
        : 'API rate limit exceeded for user ID 9001. If you reach out to GitHub Support for help, please include the request ID 0000:0000.',
    documentation_url: 'https://docs.github.com/rest/overview/rate-limits-for-the-rest-api',
    status: '403',
  },
});

export const secondaryLimit = (status: 403 | 429, retryAfter: number | null): Refusal => ({
  status,
  body: {
    documentation_url: 'https://docs.github.com/free-pro-team@latest/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits',
    message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID 0000:0000.',
    status: String(status),
  },
  headers: retryAfter === null ? {} : { 'retry-after': String(retryAfter) },
});

export const timedOut = (status: 502 | 504): Refusal =>
  status === 502
    ? {
        status,
        body: {
          data: null,
          errors: [{ message: 'Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug. Please include `0000:0000` when reporting this issue.' }],
        },
      }
    : { status, body: { message: "We couldn't respond to your request in time. Sorry about that. Please try resubmitting your request and contact us if the problem persists." } };
