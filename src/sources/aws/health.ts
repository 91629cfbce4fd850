import type { DoraError } from '../../shared/errors';
import type { HealthPart, SourceContext } from '../source';
import type { AccountRegion } from './accounts';
import { forgetCredentials } from './credentials';
import { placeFailure } from './failure';
import { inEachPlace } from './pool';

/** Makes a call whose refusal does not hide another one. */
type Attempt = (call: (() => Promise<unknown>) | undefined) => Promise<void>;

/**
 * A line of "Save & test" for each account's region, naming every permission that is missing. `work` makes the calls
 * that need the first permission itself and the others through `attempt`; it answers what is good to know.
 */
export async function checkPlaces(
  context: SourceContext,
  places: readonly AccountRegion[],
  service: string,
  signal: AbortSignal,
  work: (place: AccountRegion, attempt: Attempt) => Promise<string>
): Promise<HealthPart[]> {
  const parts: HealthPart[] = [];
  await inEachPlace(places, async (place) => {
    parts.push(await checkPlace(context, place, service, signal, (attempt) => work(place, attempt)));
  });
  return parts;
}

async function checkPlace(context: SourceContext, place: AccountRegion, service: string, signal: AbortSignal, work: (attempt: Attempt) => Promise<string>): Promise<HealthPart> {
  const name = `AWS ${place.scope}: ${service}`;
  const failures: DoraError[] = [];
  const failed = (error: unknown): void => {
    signal.throwIfAborted();
    const failure = placeFailure(error, place, context.log);
    if (failure.code === 'AWS_CREDENTIALS_EXPIRED') {
      forgetCredentials(context.settings, context.secrets, place.account);
    }
    failures.push(failure);
  };
  let message = '';
  try {
    message = await work(async (call) => {
      await call?.().catch(failed);
    });
  } catch (error) {
    failed(error);
  }
  const [first] = failures;
  if (!first) {
    return { name, status: 'ok', message, code: null };
  }
  return { name, status: 'error', message: `${failures.map((failure) => failure.message).join(' ')} ${first.remedy}`, code: first.code };
}

/** Accounts that teams name and nobody has defined. */
export function unknownAccountParts(names: readonly string[]): HealthPart[] {
  return names.map((name) => ({ name: `AWS ${name}`, status: 'error', message: `A team names the account ${name}, which is not among the accounts.`, code: 'SETTINGS_INVALID' }));
}
