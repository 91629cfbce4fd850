import { ConfigSection } from '@grafana/plugin-ui';
import { Field, RadioButtonGroup, Stack, TextLink } from '@grafana/ui';
import { useId } from 'react';
import { SecretSetting } from './SecretSetting';
import { orUnset, type ConfigEditorProps, type SettingsFormProps } from './settings';
import { TextSetting } from './TextSetting';

type Auth = 'token' | 'app';

const AUTH_OPTIONS: Array<{ value: Auth; label: string }> = [
  { value: 'token', label: 'Access token' },
  { value: 'app', label: 'GitHub App' },
];

type GitHubSectionProps = SettingsFormProps & Pick<ConfigEditorProps, 'options' | 'onOptionsChange'>;

export function GitHubSection({ jsonData, onChange, readOnly, options, onOptionsChange }: GitHubSectionProps) {
  const authId = useId();
  const github = jsonData.github ?? {};
  const auth: Auth = github.auth ?? 'token';
  const change = (patch: Partial<typeof github>): void => onChange({ github: { ...github, ...patch } });

  return (
    <ConfigSection title="GitHub">
      <Stack direction="column" gap={2}>
        <Field label="Sign in with" htmlFor={authId} noMargin>
          <RadioButtonGroup<Auth> id={authId} aria-label="Sign in with" options={AUTH_OPTIONS} value={auth} disabled={readOnly} onChange={(value) => change({ auth: value })} />
        </Field>
        {auth === 'token' ? (
          <SecretSetting
            name="githubToken"
            label="Token"
            required
            placeholder="github_pat_…"
            readOnly={readOnly}
            options={options}
            onOptionsChange={onOptionsChange}
            description={
              <>
                Read access to contents, pull requests and metadata; also to issues, actions and deployments where teams use them.{' '}
                <TextLink href={tokenPage(github.apiUrl)} external inline variant="bodySmall">
                  Create a token
                </TextLink>
              </>
            }
          />
        ) : (
          <>
            <TextSetting
              label="App ID"
              path="github.appId"
              required
              placeholder="123456"
              value={github.appId}
              readOnly={readOnly}
              width={30}
              testId="dora-app-id"
              onChange={(appId) => change({ appId: orUnset(appId) })}
            />
            <TextSetting
              label="Installation ID"
              path="github.installationId"
              required
              description="The number at the end of the address of the installation’s settings."
              placeholder="12345678"
              value={github.installationId}
              readOnly={readOnly}
              width={30}
              testId="dora-installation-id"
              onChange={(installationId) => change({ installationId: orUnset(installationId) })}
            />
            <SecretSetting
              name="githubAppPrivateKey"
              label="Private key"
              required
              multiline
              placeholder="-----BEGIN RSA PRIVATE KEY-----"
              description="The whole PEM file, first and last line included."
              readOnly={readOnly}
              options={options}
              onOptionsChange={onOptionsChange}
            />
          </>
        )}
        <TextSetting
          label="API address"
          path="github.apiUrl"
          testId="dora-api-url"
          description="For GitHub Enterprise Server: https://HOST/api/v3"
          placeholder="https://api.github.com"
          value={github.apiUrl}
          readOnly={readOnly}
          width={60}
          onChange={(apiUrl) => change({ apiUrl: orUnset(apiUrl.trim()) })}
        />
      </Stack>
    </ConfigSection>
  );
}

/** Where tokens are made: at github.com, or at the server whose API address was given. */
export function tokenPage(apiUrl: string | undefined): string {
  const path = '/settings/personal-access-tokens/new';
  try {
    const { origin, hostname } = new URL(apiUrl ?? '');
    return hostname === 'api.github.com' ? `https://github.com${path}` : origin + path;
  } catch {
    return `https://github.com${path}`;
  }
}
