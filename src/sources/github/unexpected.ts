import { DoraError } from '../../shared/errors';
import type { Logger } from '../source';

/**
 * An error as the user may see it. What reading an answer of another shape than GitHub's throws is no defect of this program:
 * a proxy, a cut connection or another server at this address may answer anything. The log has all of it.
 */
export function codedError(error: unknown, log: Logger): DoraError {
  if (error instanceof DoraError) {
    return error;
  }
  log.error('Synchronisation met an unexpected failure', { error });
  if (error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) {
    return new DoraError('GITHUB_ANSWER_UNEXPECTED', 'An answer does not have the shape that GitHub gives it; the log says more.', { cause: error });
  }
  return new DoraError('INTERNAL', 'An unexpected failure; the log says more.', { cause: error });
}
