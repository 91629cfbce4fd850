import type { DoraError } from '../../shared/errors';
import type { JsonValue } from '../../store/store';
import type { SourceContext } from '../source';
import type { AccountRegion } from './accounts';
import { forgetCredentials } from './credentials';
import { placeFailure } from './failure';

/** What one pass over one account's region tells while it goes on. */
export interface PlacePass {
  /** So many facts more. */
  fetched(facts: number): void;
  /** A part failed; the others go on, and the first failure is reported in the end. Throws what is no failure of AWS. */
  failed(error: unknown): void;
}

/**
 * One account's region in one pass: its progress is reported, and its failure too, so that the other places go on.
 * Credentials that AWS calls expired are asked for anew, once.
 * @throws DoraError STORE_… for no other place will fare better; the abort reason when `signal` aborts.
 */
export async function syncPlace(context: SourceContext, source: 'codepipeline' | 'opscenter' | 'cloudwatch', place: AccountRegion, signal: AbortSignal, work: (pass: PlacePass) => Promise<void>): Promise<void> {
  const { scope } = place;
  const successKey = `${source}/success/${scope}`;
  const before = await context.store.readState(successKey);
  const progress = { scope, total: null, resumesAt: null, error: null, lastSuccessAt: typeof before === 'number' ? before : null };
  let fetched = 0;
  context.report({ ...progress, phase: 'updating', fetched });
  for (let attempt = 1; ; attempt += 1) {
    const failures: DoraError[] = [];
    const failed = (error: unknown): void => {
      signal.throwIfAborted();
      const failure = placeFailure(error, place, context.log);
      if (failure.code.startsWith('STORE_')) {
        throw failure;
      }
      failures.push(failure);
    };
    try {
      await work({
        failed,
        fetched: (facts) => {
          fetched += facts;
          context.report({ ...progress, phase: 'updating', fetched });
        },
      });
    } catch (error) {
      failed(error);
    }
    signal.throwIfAborted();
    if (failures.length === 0) {
      const lastSuccessAt = context.now();
      await context.store.write({}, { [successKey]: lastSuccessAt satisfies JsonValue });
      context.report({ ...progress, phase: 'done', fetched, lastSuccessAt });
      return;
    }
    const expired = failures.some(({ code }) => code === 'AWS_CREDENTIALS_EXPIRED');
    if (expired) {
      forgetCredentials(context.settings, context.secrets, place.account);
    }
    if (!expired || attempt > 1) {
      const [first] = failures;
      const message = failures.length > 1 ? `${first.message} (and ${failures.length - 1} more)` : first.message;
      context.log.warn('AWS could not be read', { source, scope, code: first.code, message });
      context.report({ ...progress, phase: 'failed', fetched, error: { code: first.code, message } });
      return;
    }
  }
}
