import { DoraError } from '../../shared/errors';
import type { SafeLog } from '../protocol/logs';

/** The error as it may be shown, without secrets: one that we did not foresee is logged and told in general words. */
export function shownError(error: unknown, log: SafeLog, during: string): DoraError {
  if (error instanceof DoraError) {
    // A provider's own words are part of some messages, and those may repeat what was sent.
    return new DoraError(error.code, log.redact(error.message), { field: error.field ?? undefined, cause: error });
  }
  log.error('Unexpected failure', { code: 'INTERNAL', during, error });
  return new DoraError('INTERNAL', `An unexpected failure during ${during}.`, { cause: error });
}

/** Message, remedy and code as one text, for places that show only a text. */
export function describeError(error: DoraError): string {
  const stop = /[.!?]$/.test(error.message) ? '' : '.';
  return `${error.message}${stop} ${error.remedy} [${error.code}]`;
}
