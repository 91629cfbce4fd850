import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Field, RadioButtonGroup, Stack, TextLink } from '@grafana/ui';
import { useId } from 'react';
import { SecretSetting } from './SecretSetting';
import { orUnset, type ConfigEditorProps, type SettingsFormProps } from './settings';
import { TextSetting } from './TextSetting';

type Auth = 'token' | 'app';

type GitHubSectionProps = SettingsFormProps & Pick<ConfigEditorProps, 'options' | 'onOptionsChange'>;

export function GitHubSection({ jsonData, onChange, readOnly, options, onOptionsChange }: GitHubSectionProps) {
  const authId = useId();
  const github = jsonData.github ?? {};
  const auth: Auth = github.auth ?? 'token';
  const authOptions: Array<{ value: Auth; label: string }> = [
    { value: 'token', label: t('config.github.auth.token', 'Access token') },
    { value: 'app', label: t('config.github.auth.app', 'GitHub App') },
  ];
  const authLabel = t('config.github.auth.label', 'Sign in with');
  const change = (patch: Partial<typeof github>): void => onChange({ github: { ...github, ...patch } });

  return (
    <ConfigSection title={t('config.github.title', 'GitHub')}>
      <Stack direction="column" gap={2}>
        <Field label={authLabel} htmlFor={authId} noMargin>
          <RadioButtonGroup<Auth> id={authId} aria-label={authLabel} options={authOptions} value={auth} disabled={readOnly} onChange={(value) => change({ auth: value })} />
        </Field>
        {auth === 'token' ? (
          <SecretSetting
            name="githubToken"
            label={t('config.github.token.label', 'Token')}
            required
            placeholder="github_pat_…"
            readOnly={readOnly}
            options={options}
            onOptionsChange={onOptionsChange}
            description={
              <>
                {t('config.github.token.description', 'Read access to contents, pull requests and metadata; also to issues, actions and deployments where teams use them.')}{' '}
                <TextLink href={tokenPage(github.apiUrl)} external inline variant="bodySmall">
                  {t('config.github.token.create', 'Create a token')}
                </TextLink>
              </>
            }
          />
        ) : (
          <>
            <TextSetting
              label={t('config.github.app-id', 'App ID')}
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
              label={t('config.github.installation-id.label', 'Installation ID')}
              path="github.installationId"
              required
              description={t('config.github.installation-id.description', 'The number at the end of the address of the installation’s settings.')}
              placeholder="12345678"
              value={github.installationId}
              readOnly={readOnly}
              width={30}
              testId="dora-installation-id"
              onChange={(installationId) => change({ installationId: orUnset(installationId) })}
            />
            <SecretSetting
              name="githubAppPrivateKey"
              label={t('config.github.private-key.label', 'Private key')}
              required
              multiline
              placeholder="-----BEGIN RSA PRIVATE KEY-----"
              description={t('config.github.private-key.description', 'The whole PEM file, first and last line included.')}
              readOnly={readOnly}
              options={options}
              onOptionsChange={onOptionsChange}
            />
          </>
        )}
        <TextSetting
          label={t('config.github.api-url.label', 'API address')}
          path="github.apiUrl"
          testId="dora-api-url"
          description={t('config.github.api-url.description', 'For GitHub Enterprise Server: https://HOST/api/v3')}
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
