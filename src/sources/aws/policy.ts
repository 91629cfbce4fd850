import { DoraError } from '../../shared/errors';
import type { Settings } from '../../shared/settings';

/** What the administrator of Grafana allows, from the `[aws]` section of its configuration. */
export interface AwsPolicy {
  allowedAuthProviders: string[];
  assumeRole: boolean;
}

/** Grafana's own default of `allowed_auth_providers`. */
const DEFAULT_PROVIDERS = 'default,keys,credentials';

/** The section as Grafana hands it to plugins with each request. Absent means Grafana's own defaults. */
export function awsPolicy(grafanaConfig: Readonly<Record<string, string>>): AwsPolicy {
  return {
    allowedAuthProviders: (grafanaConfig.AWS_AUTH_AllowedAuthProviders || DEFAULT_PROVIDERS).split(',').map((name) => name.trim()),
    assumeRole: grafanaConfig.AWS_AUTH_AssumeRoleEnabled !== 'false',
  };
}

/** The way to authenticate that the settings choose. */
export function authTypeOf(settings: Settings): NonNullable<Settings['authType']> {
  return settings.authType ?? 'default';
}

/** @throws DoraError AWS_AUTH_FORBIDDEN when the administrator does not allow the chosen way. */
export function assertAuthAllowed(settings: Settings, policy: AwsPolicy): void {
  const chosen = authTypeOf(settings);
  if (!policy.allowedAuthProviders.includes(chosen)) {
    throw new DoraError(
      'AWS_AUTH_FORBIDDEN',
      `The administrator of this Grafana does not allow the authentication "${chosen}" (allowed_auth_providers: ${policy.allowedAuthProviders.join(', ') || 'none'}).`,
      { field: 'authType' }
    );
  }
}

/** @throws DoraError AWS_AUTH_FORBIDDEN when the administrator does not allow roles to be assumed. */
export function assertAssumeRoleAllowed(policy: AwsPolicy, field: string): void {
  if (!policy.assumeRole) {
    throw new DoraError('AWS_AUTH_FORBIDDEN', 'The administrator of this Grafana does not allow assuming roles (assume_role_enabled).', { field });
  }
}
