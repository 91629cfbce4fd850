import { createHash } from 'node:crypto';
import { fromContainerMetadata, fromIni, fromInstanceMetadata, fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { DoraError } from '../../shared/errors';
import type { Secrets, Settings } from '../../shared/settings';
import { targets } from '../targets';
import { MAIN_ACCOUNT, mainRegion } from './accounts';
import { assertAssumeRoleAllowed, assertAuthAllowed, authTypeOf, type AwsPolicy } from './policy';

export type CredentialProvider = ReturnType<typeof fromNodeProviderChain>;
type Credentials = Awaited<ReturnType<CredentialProvider>>;

const SESSION_NAME = 'dora-metrics-datasource';
/** Credentials are renewed this long before they end. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** More than any data source has accounts; the oldest are made anew. */
const MOST_KEPT = 500;

interface RoleStep {
  arn: string;
  externalId: string | undefined;
  field: string;
}

/**
 * Credentials by what they are made of, so that all regions and sources share one assumed role an hour instead of
 * assuming it for each pass.
 */
const kept = new Map<string, CredentialProvider>();

/**
 * How to authenticate as one account. Nobody is asked before the first call.
 * @throws DoraError AWS_AUTH_FORBIDDEN when the administrator of Grafana forbids the choice, AWS_CREDENTIALS_MISSING for
 * keys without values, SETTINGS_INVALID for a wrong connection or an account that does not exist, TARGET_FORBIDDEN for an
 * endpoint that may not be called.
 */
export function credentialsOf(settings: Settings, secrets: Secrets, policy: AwsPolicy, account: string): CredentialProvider {
  const problem = settings.refused?.aws;
  if (problem) {
    throw new DoraError('SETTINGS_INVALID', `${problem.field}: ${problem.message}.`, { field: problem.field });
  }
  if (settings.endpoint) {
    targets.assertAllowed(settings.endpoint, 'endpoint');
  }
  assertAuthAllowed(settings, policy);
  const roles = rolesOf(settings, account);
  for (const { field } of roles) {
    assertAssumeRoleAllowed(policy, field);
  }
  const key = keyOf(settings, secrets, roles);
  const known = kept.get(key);
  if (known) {
    return known;
  }
  let provider = baseCredentials(settings, secrets);
  for (const { arn, externalId } of roles) {
    provider = renewing(
      fromTemporaryCredentials({
        masterCredentials: provider,
        params: { RoleArn: arn, RoleSessionName: SESSION_NAME, ...(externalId ? { ExternalId: externalId } : {}) },
        clientConfig: { region: mainRegion(settings), ...(settings.endpoint ? { endpoint: settings.endpoint } : {}) },
      })
    );
  }
  kept.set(key, provider);
  if (kept.size > MOST_KEPT) {
    kept.delete(kept.keys().next().value ?? '');
  }
  return provider;
}

/** Makes the next call authenticate anew: AWS says that what is kept has ended. */
export function forgetCredentials(settings: Settings, secrets: Secrets, account: string): void {
  kept.delete(keyOf(settings, secrets, rolesOf(settings, account)));
}

/** Roles to assume one after the other: the connection's own, then the account's. */
function rolesOf(settings: Settings, account: string): RoleStep[] {
  const steps: RoleStep[] = [];
  if (settings.assumeRoleArn) {
    steps.push({ arn: settings.assumeRoleArn, externalId: settings.externalId || undefined, field: 'assumeRoleArn' });
  }
  const index = settings.accounts.findIndex(({ name }) => name === account);
  if (index >= 0) {
    const { assumeRoleArn, externalId } = settings.accounts[index];
    if (assumeRoleArn) {
      steps.push({ arn: assumeRoleArn, externalId, field: `accounts[${index}].assumeRoleArn` });
    }
  } else if (account !== MAIN_ACCOUNT) {
    throw new DoraError('SETTINGS_INVALID', `There is no AWS account named ${account}.`, { field: 'accounts' });
  }
  return steps;
}

function keyOf(settings: Settings, secrets: Secrets, roles: RoleStep[]): string {
  const { profile, endpoint } = settings;
  const { accessKey, secretKey, sessionToken } = secrets;
  const parts = [authTypeOf(settings), profile, endpoint, mainRegion(settings), accessKey, secretKey, sessionToken, roles.map(({ arn, externalId }) => [arn, externalId])];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}

function baseCredentials(settings: Settings, secrets: Secrets): CredentialProvider {
  const profile = settings.profile ? { profile: settings.profile } : {};
  switch (authTypeOf(settings)) {
    case 'keys': {
      const { accessKey, secretKey, sessionToken } = secrets;
      if (!accessKey || !secretKey) {
        throw new DoraError('AWS_CREDENTIALS_MISSING', `The ${accessKey ? 'secret' : 'access'} key is missing.`, {
          field: accessKey ? 'secureJsonData.secretKey' : 'secureJsonData.accessKey',
        });
      }
      const identity = { accessKeyId: accessKey, secretAccessKey: secretKey, ...(sessionToken ? { sessionToken } : {}) };
      return async () => identity;
    }
    case 'credentials':
      return renewing(fromIni(profile));
    case 'ec2_iam_role':
      return renewing(process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI ? fromContainerMetadata() : fromInstanceMetadata());
    case 'default':
      return renewing(fromNodeProviderChain(profile));
  }
}

/** Asks once, for everybody who waits, and again shortly before the end. */
function renewing(provider: CredentialProvider): CredentialProvider {
  let asked: Promise<Credentials> | null = null;
  let expiresAt = Infinity;
  return () => {
    if (asked === null || Date.now() >= expiresAt - RENEW_BEFORE_MS) {
      expiresAt = Infinity;
      const asking = provider().then((credentials) => {
        expiresAt = credentials.expiration?.getTime() ?? Infinity;
        return credentials;
      });
      asked = asking;
      asking.catch(() => {
        if (asked === asking) {
          asked = null;
        }
      });
    }
    return asked;
  };
}
