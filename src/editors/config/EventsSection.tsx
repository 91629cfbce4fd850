import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Stack, Text } from '@grafana/ui';
import { SecretSetting } from './SecretSetting';
import type { ConfigEditorProps } from './settings';

type EventsSectionProps = Pick<ConfigEditorProps, 'options' | 'onOptionsChange'> & { readOnly: boolean };

/** What tools that push events need to know. */
export function EventsSection({ options, onOptionsChange, readOnly }: EventsSectionProps) {
  return (
    <ConfigSection title={t('config.events.title', 'Events')} isCollapsible isInitiallyOpen={false} description={t('config.events.description', 'Optional: GitHub and other tools may tell news at once, instead of waiting to be asked.')}>
      <Stack direction="column" gap={2}>
        <SecretSetting
          name="webhookSecret"
          label={t('config.events.secret.label', 'Webhook secret')}
          description={t('config.events.secret.description', 'The same secret as in the webhook’s settings at GitHub.')}
          readOnly={readOnly}
          options={options}
          onOptionsChange={onOptionsChange}
        />
        <Text element="p" variant="bodySmall" color="secondary">
          {t('config.events.addresses', 'Addresses, below this Grafana’s own:')}
        </Text>
        <ul>
          {['github', 'aws', 'deployment', 'incident'].map((kind) => (
            <li key={kind}>
              <Text variant="code">{`/api/datasources/uid/${options.uid}/resources/events/${kind}`}</Text>
            </li>
          ))}
        </ul>
      </Stack>
    </ConfigSection>
  );
}
