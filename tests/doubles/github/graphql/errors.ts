import { GraphQLError, type GraphQLErrorOptions } from 'graphql';

/** GitHub's error types. Both rate-limit spellings are in use. */
export type GitHubErrorType =
  | 'NOT_FOUND' | 'FORBIDDEN' | 'INSUFFICIENT_SCOPES' | 'RATE_LIMITED' | 'RATE_LIMIT' | 'RESOURCE_LIMITS_EXCEEDED' | 'INVALID_CURSOR_ARGUMENTS'
  | 'MISSING_PAGINATION_BOUNDARIES' | 'EXCESSIVE_PAGINATION' | 'INVALID_PAGINATION' | 'MAX_NODE_LIMIT_EXCEEDED' | 'UNPROCESSABLE' | 'SERVICE_UNAVAILABLE'
  | 'INTERNAL' | 'NOT_MODELLED';

/** GitHub puts `type` beside `message`, not into `extensions`. */
export interface GitHubError {
  type?: GitHubErrorType;
  code?: string;
  message: string;
  path?: Array<string | number>;
  locations?: Array<{ line: number; column: number }>;
  extensions?: Record<string, unknown>;
}

export class TypedError extends GraphQLError {
  constructor(
    readonly type: GitHubErrorType,
    message: string,
    options: GraphQLErrorOptions = {}
  ) {
    super(message, options);
  }
}

export function asGitHubError(error: GraphQLError): GitHubError {
  const cause = error instanceof TypedError ? error : error.originalError;
  const answer: GitHubError = { message: error.message };
  if (cause instanceof TypedError) {
    answer.type = cause.type;
  } else if (cause) {
    answer.type = 'INTERNAL';
    answer.message = `the double failed: ${cause.stack ?? cause.message}`;
  }
  if (error.path) {
    answer.path = [...error.path];
  }
  if (error.locations) {
    answer.locations = error.locations.map(({ line, column }) => ({ line, column }));
  }
  return answer;
}
