import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Box, Button, Divider, ErrorBoundaryAlert, IconButton, LoadingPlaceholder, Stack, Text } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { NamesSetting } from './NamesSetting';
import { listOf, orUnset, replaced, without, type ConfigEditorProps, type SettingsFormProps, type StoredAccount } from './settings';
import { SwitchSetting } from './SwitchSetting';
import { TextSetting } from './TextSetting';

// Grafana's own AWS form is larger than the rest of this page, and few open it.
const AwsConnection = lazy(() => import('./AwsConnection'));

type AwsSectionProps = SettingsFormProps & Pick<ConfigEditorProps, 'options' | 'onOptionsChange'>;

/** True when a setting already speaks of AWS. */
function usesAws({ authType, defaultRegion, accounts, publish, teams }: SettingsFormProps['jsonData']): boolean {
  return (
    Boolean(authType ?? defaultRegion ?? publish?.cloudwatch) ||
    listOf(accounts).length > 0 ||
    listOf(teams).some((team) => [...listOf(team.deployments), ...listOf(team.incidents)].some(({ from }) => from === 'codepipeline' || from === 'opsitems'))
  );
}

export function AwsSection({ jsonData, onChange, readOnly, options, onOptionsChange }: AwsSectionProps) {
  const publish = jsonData.publish ?? {};
  return (
    <ConfigSection
      title={t('config.aws.title', 'AWS')}
      isCollapsible
      isInitiallyOpen={usesAws(jsonData)}
      description={t('config.aws.description', 'Optional: for deployments from CodePipeline, incidents from OpsCenter and metrics in CloudWatch.')}
    >
      <Stack direction="column" gap={2}>
        {/* Grafana's form needs Grafana around it: elsewhere the rest of the page goes on without it. */}
        <ErrorBoundaryAlert title={t('config.aws.unavailable', 'Grafana’s AWS form cannot be shown here')}>
          <Suspense fallback={<LoadingPlaceholder text={t('config.aws.loading', 'Loading the AWS connection…')} />}>
            <AwsConnection options={options} onOptionsChange={onOptionsChange} />
          </Suspense>
        </ErrorBoundaryAlert>
        <Accounts accounts={listOf(jsonData.accounts)} readOnly={readOnly} onChange={(accounts) => onChange({ accounts: orUnset(accounts) })} />
        <Divider />
        <SwitchSetting
          label={t('config.aws.publish.label', 'Publish to CloudWatch')}
          path="publish.cloudwatch"
          description={t('config.aws.publish.description', 'Writes the metrics of each team to CloudWatch, where other AWS tools can read them.')}
          value={publish.cloudwatch === true}
          readOnly={readOnly}
          onChange={(cloudwatch) => onChange({ publish: { ...publish, cloudwatch } })}
        />
        {publish.cloudwatch && (
          <TextSetting
            label={t('config.aws.namespace', 'Namespace')}
            path="publish.namespace"
            placeholder="DORA"
            value={publish.namespace}
            readOnly={readOnly}
            onChange={(namespace) => onChange({ publish: { ...publish, namespace: orUnset(namespace) } })}
          />
        )}
      </Stack>
    </ConfigSection>
  );
}

interface AccountsProps {
  accounts: readonly StoredAccount[];
  onChange: (accounts: StoredAccount[]) => void;
  readOnly: boolean;
}

function Accounts({ accounts, onChange, readOnly }: AccountsProps) {
  return (
    <Stack direction="column" gap={1}>
      <Text element="h4">{t('config.accounts.title', 'More accounts')}</Text>
      <Text variant="bodySmall" color="secondary">
        {t('config.accounts.description', 'Accounts in which pipelines run or OpsItems lie, if not in the account of the connection above.')}
      </Text>
      {accounts.map((account, index) => {
        const path = `accounts[${index}]`;
        const change = (patch: Partial<StoredAccount>): void => onChange(replaced(accounts, index, { ...account, ...patch }));
        return (
          <Box key={index} padding={1.5} borderStyle="solid" borderColor="weak" borderRadius="default">
            <Stack direction="column" gap={1.5}>
              <Stack direction="row" justifyContent="space-between" alignItems="flex-start">
                <TextSetting label={t('config.accounts.name', 'Account name')} path={`${path}.name`} required placeholder="tooling" value={account.name} readOnly={readOnly} onChange={(name) => change({ name })} />
                {!readOnly && <IconButton name="trash-alt" tooltip={t('config.accounts.remove', 'Remove account {{number}}', { number: index + 1 })} onClick={() => onChange(without(accounts, index))} />}
              </Stack>
              <TextSetting
                label={t('config.accounts.role', 'Role to assume')}
                path={`${path}.assumeRoleArn`}
                placeholder="arn:aws:iam::123456789012:role/grafana-dora"
                value={account.assumeRoleArn}
                readOnly={readOnly}
                width={60}
                onChange={(assumeRoleArn) => change({ assumeRoleArn: orUnset(assumeRoleArn) })}
              />
              <TextSetting label={t('config.accounts.external-id', 'External ID')} path={`${path}.externalId`} value={account.externalId} readOnly={readOnly} onChange={(externalId) => change({ externalId: orUnset(externalId) })} />
              <NamesSetting
                label={t('config.accounts.regions', 'Regions')}
                path={`${path}.regions`}
                testId="dora-account-regions"
                placeholder="us-east-1"
                value={listOf(account.regions)}
                readOnly={readOnly}
                onChange={(regions) => change({ regions: orUnset(regions) })}
              />
            </Stack>
          </Box>
        );
      })}
      {!readOnly && (
        <div>
          <Button size="sm" variant="secondary" icon="plus" type="button" onClick={() => onChange([...accounts, { name: '' }])}>
            {t('config.accounts.add', 'Add account')}
          </Button>
        </div>
      )}
    </Stack>
  );
}
