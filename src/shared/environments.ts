import { matchesGlobs } from './glob';

const BY_DEFAULT = /^prod/i;

/**
 * True for an environment that is production.
 * @param globs as a team has them; absent: names that begin with `prod`, in any case
 */
export function isProduction(environment: string, globs?: readonly string[]): boolean {
  return globs === undefined ? BY_DEFAULT.test(environment) : matchesGlobs(globs, environment);
}
