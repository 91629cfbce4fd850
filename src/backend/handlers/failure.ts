import { DoraError } from '../../shared/errors';
import type { Logger } from '../../sources/source';

/** The error as it may be shown: one that we did not foresee is logged and told in general words. */
export function shownError(error: unknown, log: Logger, during: string): DoraError {
  if (error instanceof DoraError) {
    return error;
  }
  log.error('Unexpected failure', { code: 'INTERNAL', during, error });
  return new DoraError('INTERNAL', `An unexpected failure during ${during}.`, { cause: error });
}

/** Message, remedy and code as one text, for places that show only a text. */
export function describeError(error: DoraError): string {
  const stop = /[.!?]$/.test(error.message) ? '' : '.';
  return `${error.message}${stop} ${error.remedy} [${error.code}]`;
}
