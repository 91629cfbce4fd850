import {
  fromContainerMetadata,
  fromIni,
  fromInstanceMetadata,
  fromNodeProviderChain,
  fromTemporaryCredentials,
} from '@aws-sdk/credential-providers';
import { DoraError } from '../../shared/errors';
import type { Secrets, Settings } from '../../shared/settings';

/** Name of the account that the connection itself reaches, in settings, scopes and tables. */
export const MAIN_ACCOUNT = 'default';

const DEFAULT_REGION = 'us-east-1';
const SESSION_NAME = 'dora-metrics-datasource';
/** A region that does not answer must not hold the others up for long. */
const CONNECT_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 30_000;
const ATTEMPTS = 6;

/** One account in one region: the unit of work of the AWS sources. */
export interface AccountRegion {
  account: string;
  region: string;
  /** `<account>/<region>`, as progress and health show it. */
  scope: string;
}

/** What the administrator of Grafana allows, from the `[aws]` section of its configuration. */
export interface AwsPolicy {
  allowedAuthProviders: string[];
  assumeRole: boolean;
}

type CredentialProvider = ReturnType<typeof fromNodeProviderChain>;

/** What every client of the AWS SDK is made with. */
export interface AwsClientConfig {
  region: string;
  endpoint?: string;
  credentials: CredentialProvider;
  maxAttempts: number;
  retryMode: 'adaptive';
  requestHandler: { connectionTimeout: number; requestTimeout: number };
}

/**
 * Accounts and regions that these teams ask for. `named` holds the account names that sources of teams use; a source
 * without a name means every account.
 */
export function accountRegions(settings: Settings, named: ReadonlySet<string | null>): AccountRegion[] {
  const wanted = (account: string): boolean => named.has(null) || named.has(account);
  const main = wanted(MAIN_ACCOUNT) && (settings.accounts.length === 0 || named.has(MAIN_ACCOUNT) || settings.assumeRoleArn !== undefined || settings.defaultRegion !== undefined);
  const found: AccountRegion[] = main ? [of(MAIN_ACCOUNT, regionOf(settings))] : [];
  for (const { name, regions } of settings.accounts) {
    if (wanted(name)) {
      found.push(...(regions && regions.length > 0 ? regions : [regionOf(settings)]).map((region) => of(name, region)));
    }
  }
  return found;
}

function of(account: string, region: string): AccountRegion {
  return { account, region, scope: `${account}/${region}` };
}

function regionOf(settings: Settings): string {
  return settings.defaultRegion || DEFAULT_REGION;
}

/**
 * How to reach one account in one region. Credentials are asked for at the first call, and renewed by the SDK.
 * @throws DoraError AWS_AUTH_FORBIDDEN when the administrator of Grafana forbids the choice, AWS_CREDENTIALS_MISSING for
 * keys without values, SETTINGS_INVALID for an account that does not exist.
 */
export function clientConfig(settings: Settings, secrets: Secrets, policy: AwsPolicy, { account, region }: AccountRegion): AwsClientConfig {
  const endpoint = settings.endpoint || undefined;
  const base = baseCredentials(settings, secrets, policy);
  const connected = settings.assumeRoleArn
    ? assumed(base, settings.assumeRoleArn, settings.externalId, region, endpoint, policy)
    : base;
  let credentials = connected;
  if (account !== MAIN_ACCOUNT) {
    const chosen = settings.accounts.find(({ name }) => name === account);
    if (!chosen) {
      throw new DoraError('SETTINGS_INVALID', `There is no AWS account named ${account}.`, { field: 'accounts' });
    }
    if (chosen.assumeRoleArn) {
      credentials = assumed(connected, chosen.assumeRoleArn, chosen.externalId, region, endpoint, policy);
    }
  }
  return {
    region,
    ...(endpoint ? { endpoint } : {}),
    credentials,
    maxAttempts: ATTEMPTS,
    retryMode: 'adaptive',
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
  };
}

function baseCredentials(settings: Settings, secrets: Secrets, policy: AwsPolicy): CredentialProvider {
  const kind = settings.authType ?? 'default';
  if (!policy.allowedAuthProviders.includes(kind)) {
    throw new DoraError(
      'AWS_AUTH_FORBIDDEN',
      `The administrator of this Grafana does not allow the authentication "${kind}"; allowed: ${policy.allowedAuthProviders.join(', ') || 'none'}.`,
      { field: 'authType' }
    );
  }
  switch (kind) {
    case 'keys': {
      const { accessKey, secretKey, sessionToken } = secrets;
      if (!accessKey || !secretKey) {
        throw new DoraError('AWS_CREDENTIALS_MISSING', 'The access key or the secret key is missing.', {
          field: accessKey ? 'secureJsonData.secretKey' : 'secureJsonData.accessKey',
        });
      }
      const identity = { accessKeyId: accessKey, secretAccessKey: secretKey, ...(sessionToken ? { sessionToken } : {}) };
      return async () => identity;
    }
    case 'credentials':
      return fromIni(settings.profile ? { profile: settings.profile } : {});
    case 'ec2_iam_role':
      return process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ? fromContainerMetadata() : fromInstanceMetadata();
    case 'default':
      return fromNodeProviderChain(settings.profile ? { profile: settings.profile } : {});
  }
}

function assumed(
  base: CredentialProvider,
  roleArn: string,
  externalId: string | undefined,
  region: string,
  endpoint: string | undefined,
  policy: AwsPolicy
): CredentialProvider {
  if (!policy.assumeRole) {
    throw new DoraError('AWS_AUTH_FORBIDDEN', 'The administrator of this Grafana does not allow assuming roles.', { field: 'assumeRoleArn' });
  }
  return fromTemporaryCredentials({
    masterCredentials: base,
    params: { RoleArn: roleArn, RoleSessionName: SESSION_NAME, ...(externalId ? { ExternalId: externalId } : {}) },
    clientConfig: { region, ...(endpoint ? { endpoint } : {}) },
  });
}

/**
 * The `[aws]` section as Grafana hands it to plugins with each request. Absent means Grafana's own defaults.
 */
export function awsPolicy(grafanaConfig: Readonly<Record<string, string>>): AwsPolicy {
  const allowed = grafanaConfig.AWS_AUTH_AllowedAuthProviders;
  return {
    allowedAuthProviders: (allowed === undefined || allowed === '' ? 'default,keys,credentials' : allowed).split(',').map((name) => name.trim()),
    assumeRole: grafanaConfig.AWS_AUTH_AssumeRoleEnabled !== 'false',
  };
}
