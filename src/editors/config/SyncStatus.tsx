import { dateTimeFormatTimeAgo } from '@grafana/data';
import { ConfigSection } from '@grafana/plugin-ui';
import { Alert, Badge, Button, Stack, Text, type BadgeColor } from '@grafana/ui';
import { ERRORS } from '../../shared/errors';
import type { RateLimitStatus, SourceName, SourceSyncStatus, SyncScopeStatus } from '../../shared/resources';
import type { Resources } from './resources';
import { useSync } from './useSync';

const SOURCE_LABELS: Record<SourceName, string> = {
  github: 'GitHub',
  codepipeline: 'AWS CodePipeline',
  opscenter: 'AWS OpsCenter',
  cloudwatch: 'AWS CloudWatch',
};

const PHASES: Record<SyncScopeStatus['phase'], { text: string; color: BadgeColor }> = {
  waiting: { text: 'Waiting', color: 'blue' },
  history: { text: 'Fetching history', color: 'blue' },
  updating: { text: 'Updating', color: 'blue' },
  done: { text: 'Up to date', color: 'green' },
  paused: { text: 'Paused', color: 'orange' },
  failed: { text: 'Failed', color: 'red' },
};

interface SyncStatusProps {
  resources: Resources;
  /** False until a connection was saved: there is nothing to ask before. */
  connected: boolean;
}

/** How far each source is, and a button to look for news now. */
export function SyncStatus({ resources, connected }: SyncStatusProps) {
  const { status, failure, starting, start } = useSync(resources, connected);
  return (
    <ConfigSection title="Synchronisation" description="Facts are fetched in the background; dashboards show what is there already.">
      {!connected ? (
        <Text color="secondary">It begins when the settings are saved and the first query asks.</Text>
      ) : (
        <Stack direction="column" gap={2}>
          {failure && (
            <Alert severity="warning" title="The state of the synchronisation is not known">
              {failure}
            </Alert>
          )}
          <div aria-live="polite" data-testid="dora-sync-status">
            {status?.sources.length === 0 && <Text color="secondary">Nothing to synchronise: no team names a repository yet.</Text>}
            <Stack direction="column" gap={2}>
              {status?.sources.map((source) => <SourceStatus key={source.source} source={source} />)}
            </Stack>
          </div>
          <div>
            <Button variant="secondary" icon="sync" type="button" disabled={starting} onClick={start} data-testid="dora-sync-now">
              {starting ? 'Starting…' : 'Sync now'}
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
          {[source.running ? 'running' : 'idle', lastSuccess(source.lastSuccessAt), ...source.rateLimits.map(callsLeft)].join(' · ')}
        </Text>
      </Stack>
      {source.scopes.length > 0 && (
        <table aria-label={`Synchronisation of ${SOURCE_LABELS[source.source]}`}>
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">State</th>
              <th scope="col">Fetched</th>
              <th scope="col">Last success</th>
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
  const { text, color } = PHASES[scope.phase];
  return (
    <>
      <tr>
        <td>{scope.scope}</td>
        <td>
          <Badge color={color} text={text} />
          {scope.phase === 'paused' && scope.resumesAt !== null && <Text variant="bodySmall">{` until ${new Date(scope.resumesAt).toLocaleTimeString()}`}</Text>}
        </td>
        <td>
          {scope.phase === 'done' ? (
            // A pass that finds nothing new fetches nothing; what is there says more.
            (scope.total ?? scope.fetched)
          ) : scope.total === null || scope.total === 0 ? (
            scope.fetched
          ) : (
            <Stack direction="row" gap={1} alignItems="center">
              <progress value={Math.min(scope.fetched, scope.total)} max={scope.total} aria-label={`Progress of ${scope.scope}`} />
              <span>{`${scope.fetched} of ${scope.total}`}</span>
            </Stack>
          )}
        </td>
        <td>{scope.lastSuccessAt === null ? 'Not yet' : dateTimeFormatTimeAgo(scope.lastSuccessAt)}</td>
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
  return at === null ? 'no complete pass yet' : `last complete ${dateTimeFormatTimeAgo(at)}`;
}

function callsLeft({ name, limit, remaining }: RateLimitStatus): string {
  return limit === null || remaining === null ? `${name}: no limit known` : `${name}: ${remaining} of ${limit} calls left`;
}
