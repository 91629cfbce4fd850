import { DoraError } from '../../shared/errors';
import { isOfAnotherShape } from '../shape';
import type { Logger } from '../source';
import type { AccountRegion } from './accounts';

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired']);
const INVALID = new Set([
  'UnrecognizedClientException',
  'MissingAuthenticationTokenException',
  'RequestTimeTooSkewed',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'IncompleteSignature',
  'MissingAuthenticationToken',
  'InvalidAccessKeyId',
  'AuthFailure',
]);
const DENIED = new Set(['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'NotAuthorized', 'OptInRequired']);
const THROTTLED = new Set(['Throttling', 'ThrottlingException', 'ThrottledException', 'TooManyRequestsException', 'RequestLimitExceeded', 'RequestThrottled']);
const NETWORK = new Set(['TimeoutError', 'ConnectionRefused', 'ConnectionClosed', 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH']);

/** A failure of the AWS SDK as a coded error that names account, region and the permission where AWS tells it. */
export function awsFailure(error: unknown, { scope }: AccountRegion, action: string): DoraError {
  if (error instanceof DoraError) {
    return error;
  }
  const name = error instanceof Error ? error.name : '';
  const code = codeOf(error) ?? name;
  const words = withoutSecrets(error instanceof Error ? error.message : String(error));
  const at = `${scope}: ${action}`;
  if (EXPIRED.has(code)) {
    return new DoraError('AWS_CREDENTIALS_EXPIRED', `${at}: the AWS credentials have expired.`, { cause: error });
  }
  if (name === 'CredentialsProviderError' || code === 'CredentialsProviderError') {
    return new DoraError('AWS_CREDENTIALS_MISSING', `${at}: no AWS credentials were found: ${words}`, { cause: error });
  }
  if (INVALID.has(code)) {
    return new DoraError('AWS_CREDENTIALS_INVALID', `${at}: AWS does not accept the credentials: ${words}`, { cause: error });
  }
  if (DENIED.has(code)) {
    const permission = /perform:?\s+([a-z0-9-]+:[A-Za-z]+)/.exec(words)?.[1];
    if (permission === 'sts:AssumeRole') {
      return new DoraError('AWS_ROLE_DENIED', `${at}: the role may not be assumed: ${words}`, { cause: error });
    }
    return new DoraError('AWS_ACCESS_DENIED', `${at}: the permission ${permission ?? action} is missing.`, { cause: error });
  }
  if (THROTTLED.has(code)) {
    return new DoraError('AWS_THROTTLED', `${at}: AWS limits the calls of this account.`, { cause: error });
  }
  if (isOfAnotherShape(error)) {
    return new DoraError('AWS_ANSWER_UNEXPECTED', `${at}: the answer cannot be read: ${words}`, { cause: error });
  }
  if (NETWORK.has(code) || NETWORK.has(name) || statusOf(error) === null) {
    return new DoraError('AWS_UNREACHABLE', `${at}: AWS does not answer: ${words}`, { cause: error });
  }
  if ((statusOf(error) ?? 0) >= 500) {
    return new DoraError('AWS_UNAVAILABLE', `${at}: AWS answered with an error of its own: ${words}`, { cause: error });
  }
  return new DoraError('AWS_ANSWER_UNEXPECTED', `${at}: ${name}: ${words}`, { cause: error });
}

/**
 * What work at one account's region ended with, as a coded error. The SDK believes that each field has the type that
 * AWS gives it; the log has what was thrown over one that has not.
 * @throws what is no failure of AWS
 */
export function placeFailure(error: unknown, { scope }: AccountRegion, log: Logger): DoraError {
  if (error instanceof DoraError) {
    return error;
  }
  if (!isOfAnotherShape(error)) {
    throw error;
  }
  log.error('AWS answered what cannot be read', { scope, error });
  return new DoraError('AWS_ANSWER_UNEXPECTED', `${scope}: an answer does not have the shape that AWS gives it; the log says more.`, { cause: error });
}

/**
 * True when AWS does not go on at a page token that it gave: the walk begins anew. OpsCenter has no error of its own for
 * it, so any refusal of the request counts, which was good when it had no token.
 */
export function isTokenRefused(error: unknown): boolean {
  const cause = error instanceof DoraError ? error.cause : error;
  return cause instanceof Error && /^(?:Invalid(?:Next)?Token|(?:OpsItem)?(?:Invalid)?ParameterException|InvalidParameterValue|ValidationException)(?:Exception)?$/.test(cause.name);
}

/** True when AWS does not know what was asked for, such as a pipeline that was deleted a moment ago. */
export function isNotFound(error: unknown): boolean {
  const cause = error instanceof DoraError ? error.cause : error;
  return cause instanceof Error && /NotFoundException$/.test(cause.name);
}

function codeOf(error: unknown): string | null {
  if (typeof error === 'object' && error !== null) {
    if ('Code' in error && typeof error.Code === 'string') {
      return error.Code;
    }
    if ('code' in error && typeof error.code === 'string') {
      return error.code;
    }
  }
  return null;
}

function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) {
    return null;
  }
  const metadata: unknown = error.$metadata;
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata && typeof metadata.httpStatusCode === 'number'
    ? metadata.httpStatusCode
    : null;
}

/** AWS repeats access key ids and parts of signatures in some messages. */
function withoutSecrets(message: string): string {
  return message
    .replace(/\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g, '***')
    .replace(/[A-Za-z0-9/+]{40,}={0,2}/g, '***')
    .slice(0, 500);
}
