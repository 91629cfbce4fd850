import { DoraError } from '../../shared/errors';
import { isOfAnotherShape } from '../shape';
import type { Logger } from '../source';

/** An error as the user may see it; the log has all of it. */
export function codedError(error: unknown, log: Logger): DoraError {
  if (error instanceof DoraError) {
    return error;
  }
  log.error('Synchronisation met an unexpected failure', { error });
  if (isOfAnotherShape(error)) {
    return new DoraError('GITHUB_ANSWER_UNEXPECTED', 'An answer does not have the shape that GitHub gives it; the log says more.', { cause: error });
  }
  return new DoraError('INTERNAL', 'An unexpected failure; the log says more.', { cause: error });
}
