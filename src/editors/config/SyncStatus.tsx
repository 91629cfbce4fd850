import { dateTimeFormat, dateTimeFormatTimeAgo } from '@grafana/data';
import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Alert, Badge, Box, Button, LoadingPlaceholder, Stack, Text, type BadgeColor } from '@grafana/ui';
import { ERRORS } from '../../shared/errors';
import type { RateLimitStatus, SourceName, SourceSyncStatus, SyncScopeStatus } from '../../shared/resources';
import { AS_TEXT } from '../../texts';
import type { Resources } from './resources';
import { useSync } from './useSync';

const SOURCE_LABELS: Record<SourceName, string> = {
  github: 'GitHub',
  codepipeline: 'AWS CodePipeline',
  opscenter: 'AWS OpsCenter',
  cloudwatch: 'AWS CloudWatch',
};

function phases(): Record<SyncScopeStatus['phase'], { text: string; color: BadgeColor }> {
  return {
    waiting: { text: t('sync.phase.waiting', 'Waiting'), color: 'blue' },
    history: { text: t('sync.phase.history', 'Fetching history'), color: 'blue' },
    updating: { text: t('sync.phase.updating', 'Updating'), color: 'blue' },
    done: { text: t('sync.phase.done', 'Up to date'), color: 'green' },
    paused: { text: t('sync.phase.paused', 'Paused'), color: 'orange' },
    failed: { text: t('sync.phase.failed', 'Failed'), color: 'red' },
  };
}

interface SyncStatusProps {
  resources: Resources;
  /** False until a connection was saved: there is nothing to ask before. */
  connected: boolean;
}

/** How far each source is, and a button to look for news now. */
export function SyncStatus({ resources, connected }: SyncStatusProps) {
  const { status, failure, starting, start } = useSync(resources, connected);
  return (
    <ConfigSection title={t('sync.title', 'Synchronisation')} description={t('sync.description', 'Facts are fetched in the background; dashboards show what is there already.')}>
      {!connected ? (
        <Text color="secondary">{t('sync.not-yet', 'It begins when the settings are saved and the first query asks.')}</Text>
      ) : (
        <Stack direction="column" gap={2}>
          {failure && (
            <Alert severity="warning" title={t('sync.unknown', 'The state of the synchronisation is not known')}>
              {failure}
            </Alert>
          )}
          <div aria-live="polite" data-testid="dora-sync-status">
            {/* Kept free for a line and a short table, so that what is below stays where it is. */}
            {status === null && (
              <Box minHeight={14}>{failure === null && <LoadingPlaceholder text={t('sync.loading', 'Asking how far it is…')} />}</Box>
            )}
            {status?.sources.length === 0 && <Text color="secondary">{t('sync.nothing', 'Nothing to synchronise: no team names a repository yet.')}</Text>}
            <Stack direction="column" gap={2}>
              {status?.sources.map((source) => <SourceStatus key={source.source} source={source} />)}
            </Stack>
          </div>
          <div>
            <Button variant="secondary" icon="sync" type="button" disabled={starting} onClick={start} data-testid="dora-sync-now">
              {starting ? t('sync.starting', 'Starting…') : t('sync.start', 'Sync now')}
            </Button>
          </div>
        </Stack>
      )}
    </ConfigSection>
  );
}

function SourceStatus({ source }: { source: SourceSyncStatus }) {
  return (
    <Stack direction="column" gap={1}>
      <Stack direction="row" gap={1} alignItems="baseline" wrap="wrap">
        <Text element="h4">{SOURCE_LABELS[source.source]}</Text>
        <Text variant="bodySmall" color="secondary">
          {[source.running ? t('sync.running', 'running') : t('sync.idle', 'idle'), lastSuccess(source.lastSuccessAt), ...source.rateLimits.map(callsLeft)].join(' · ')}
        </Text>
      </Stack>
      {source.scopes.length > 0 && (
        <table aria-label={t('sync.table', 'Synchronisation of {{source}}', { source: SOURCE_LABELS[source.source], ...AS_TEXT })}>
          <thead>
            <tr>
              <th scope="col">{t('sync.column.scope', 'What')}</th>
              <th scope="col">{t('sync.column.phase', 'State')}</th>
              <th scope="col">{t('sync.column.fetched', 'Fetched')}</th>
              <th scope="col">{t('sync.column.last-success', 'Last success')}</th>
            </tr>
          </thead>
          <tbody>
            {source.scopes.map((scope) => (
              <ScopeRow key={scope.scope} scope={scope} />
            ))}
          </tbody>
        </table>
      )}
    </Stack>
  );
}

function ScopeRow({ scope }: { scope: SyncScopeStatus }) {
  const { text, color } = phases()[scope.phase];
  return (
    <>
      <tr>
        <td>{scope.scope}</td>
        <td>
          <Badge color={color} text={text} />
          {scope.phase === 'paused' && scope.resumesAt !== null && <Text variant="bodySmall">{` ${t('sync.until', 'until {{time}}', { time: dateTimeFormat(scope.resumesAt, { format: 'HH:mm' }), ...AS_TEXT })}`}</Text>}
        </td>
        <td>
          {scope.phase === 'done' ? (
            // A pass that finds nothing new fetches nothing; what is there says more.
            (scope.total ?? scope.fetched)
          ) : scope.total === null || scope.total === 0 ? (
            scope.fetched
          ) : (
            <Stack direction="row" gap={1} alignItems="center">
              <progress value={Math.min(scope.fetched, scope.total)} max={scope.total} aria-label={t('sync.progress', 'Progress of {{scope}}', { scope: scope.scope, ...AS_TEXT })} />
              <span>{t('sync.of', '{{fetched}} of {{total}}', { fetched: scope.fetched, total: scope.total })}</span>
              {typeof scope.finishesAt === 'number' && (
                <Text variant="bodySmall" color="secondary">
                  {t('sync.finishes', 'done {{when}}', { when: dateTimeFormatTimeAgo(scope.finishesAt), ...AS_TEXT })}
                </Text>
              )}
            </Stack>
          )}
        </td>
        <td>{scope.lastSuccessAt === null ? t('sync.never', 'Not yet') : dateTimeFormatTimeAgo(scope.lastSuccessAt)}</td>
      </tr>
      {scope.error && (
        <tr>
          <td colSpan={4}>
            <Text color="error" variant="bodySmall">
              {`${scope.error.message} ${ERRORS[scope.error.code]?.remedy ?? ''} (${scope.error.code})`}
            </Text>
          </td>
        </tr>
      )}
    </>
  );
}

function lastSuccess(at: number | null): string {
  return at === null
    ? t('sync.no-pass', 'no complete pass yet')
    : t('sync.last-pass', 'last complete {{when}}', { when: dateTimeFormatTimeAgo(at), ...AS_TEXT });
}

function callsLeft({ name, limit, remaining }: RateLimitStatus): string {
  return limit === null || remaining === null
    ? t('sync.no-limit', '{{name}}: no limit known', { name, ...AS_TEXT })
    : t('sync.calls-left', '{{name}}: {{remaining}} of {{limit}} calls left', { name, remaining, limit, ...AS_TEXT });
}
