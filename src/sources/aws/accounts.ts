import type { Settings } from '../../shared/settings';

/** Name of the account that the connection itself reaches, in settings, scopes and tables. */
export const MAIN_ACCOUNT = 'default';

const DEFAULT_REGION = 'us-east-1';

/** One account in one region: the unit of work of the AWS sources. */
export interface AccountRegion {
  account: string;
  region: string;
  /** `<account>/<region>`, as progress and health show it. */
  scope: string;
}

/**
 * Accounts and regions that these teams ask for. `named` holds the account names that sources of teams use; a source
 * without a name (null) means every account: those listed, and the connection's own. An account that is listed without a
 * role is the connection's own under another name, so it stands for it: the same fact must not come twice.
 */
export function accountRegions(settings: Settings, named: ReadonlySet<string | null>): AccountRegion[] {
  const places = new Map<string, AccountRegion>();
  const add = (account: string, region: string): void => {
    const scope = `${account}/${region}`;
    places.set(scope, { account, region, scope });
  };
  const isStoodFor = settings.accounts.some(({ name, assumeRoleArn }) => name === MAIN_ACCOUNT || !assumeRoleArn);
  if (!settings.accounts.some(({ name }) => name === MAIN_ACCOUNT) && (named.has(MAIN_ACCOUNT) || (named.has(null) && !isStoodFor))) {
    add(MAIN_ACCOUNT, mainRegion(settings));
  }
  for (const { name, regions = [] } of settings.accounts) {
    if (named.has(null) || named.has(name)) {
      for (const region of regions.length > 0 ? regions : [mainRegion(settings)]) {
        add(name, region);
      }
    }
  }
  return [...places.values()];
}

/** Names that teams use and that no account has. */
export function unknownAccounts(settings: Settings, named: ReadonlySet<string | null>): string[] {
  return [...named].filter((name): name is string => name !== null && name !== MAIN_ACCOUNT && !settings.accounts.some((account) => account.name === name));
}

/** The region of the connection itself, and of accounts that name none. */
export function mainRegion(settings: Settings): string {
  return settings.defaultRegion || DEFAULT_REGION;
}
