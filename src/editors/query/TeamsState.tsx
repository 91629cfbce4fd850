import { locationUtil } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { Alert, LinkButton, Stack } from '@grafana/ui';
import type { Scope } from './useScope';

/** What is to be known when the data source has nothing to measure yet, or cannot say what it has; nothing otherwise. */
export function TeamsState({ teams, uid }: Pick<Scope, 'teams'> & { uid: string }) {
  if (teams.state === 'failed') {
    return (
      <Alert severity="warning" title={t('teams.failed.title', 'The teams could not be listed')} data-testid="dora-teams-failed">
        <p>{teams.message}</p>
        <Trans i18nKey="teams.failed.text">A name can still be typed, and the query asks again by itself.</Trans>
      </Alert>
    );
  }
  if (teams.state === 'ready' && teams.value.length === 0) {
    return (
      <Alert severity="info" title={t('teams.none.title', 'No team yet')} data-testid="dora-no-teams">
        <Stack direction="row" alignItems="center" wrap="wrap">
          <span>
            <Trans i18nKey="teams.none.text">A team and its repositories are what this data source measures.</Trans>
          </span>
          <LinkButton size="sm" variant="secondary" href={locationUtil.assureBaseUrl(`/connections/datasources/edit/${encodeURIComponent(uid)}`)}>
            <Trans i18nKey="teams.none.link">Add a team in the data source settings</Trans>
          </LinkButton>
        </Stack>
      </Alert>
    );
  }
  return null;
}
