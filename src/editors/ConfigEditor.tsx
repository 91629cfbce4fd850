import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Alert, Divider, Text, useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';
import { parseSettings } from '../shared/settings';
import type { DoraOptions } from '../datasource';
import { AwsSection } from './config/AwsSection';
import { EventsSection } from './config/EventsSection';
import { GitHubSection } from './config/GitHubSection';
import { Problems } from './config/problems';
import { resourcesOf } from './config/resources';
import type { ConfigEditorProps } from './config/settings';
import { SyncSection } from './config/SyncSection';
import { SyncStatus } from './config/SyncStatus';
import { TeamsSection } from './config/TeamsSection';

/** The settings page: what a first chart needs stands first and open, the rest below with its defaults. */
export default function ConfigEditor({ options, onOptionsChange }: ConfigEditorProps) {
  const styles = useStyles2(getStyles);
  const { jsonData, uid } = options;
  const readOnly = options.readOnly === true;
  const resources = useMemo(() => resourcesOf(uid), [uid]);
  const { problems } = useMemo(() => parseSettings(jsonData), [jsonData]);
  const connected = options.secureJsonFields?.[jsonData.github?.auth === 'app' ? 'githubAppPrivateKey' : 'githubToken'] === true;

  const onChange = (patch: Partial<DoraOptions>): void => {
    const merged: DoraOptions = { ...jsonData, ...patch };
    onOptionsChange({ ...options, jsonData: Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined)) });
  };
  const form = { jsonData, onChange, readOnly };
  const secrets = { options, onOptionsChange };

  return (
    <Problems.Provider value={problems}>
      <div className={styles.page} data-testid="dora-config-editor">
        <Text element="p" color="secondary">
          {t(
            'config.introduction',
            'A GitHub token and the repositories of one team are enough for a first chart. Everything else has a default, and everything can be provisioned from a file instead. Fields marked with * are required.'
          )}
        </Text>
        {problems.length > 0 && (
          <Alert severity="warning" title={t('config.problems', '{{count}} settings need a correction', { count: problems.length, defaultValue_one: 'One setting needs a correction' })}>
            <ul>
              {problems.map(({ field, message }) => (
                <li key={`${field} ${message}`}>{`${field}: ${message}`}</li>
              ))}
            </ul>
          </Alert>
        )}
        <Divider />
        <GitHubSection {...form} {...secrets} />
        <Divider />
        <TeamsSection {...form} resources={resources} connected={connected} />
        <Divider />
        <SyncStatus resources={resources} connected={connected} />
        <Divider />
        <SyncSection {...form} />
        <Divider />
        <AwsSection {...form} {...secrets} />
        <Divider />
        <EventsSection {...secrets} readOnly={readOnly} />
      </div>
    </Problems.Provider>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({
    maxWidth: 800,
    'table th, table td': {
      padding: theme.spacing(0.5, 2, 0.5, 0),
      textAlign: 'left',
    },
    'ul': {
      paddingLeft: theme.spacing(2),
    },
  }),
});
