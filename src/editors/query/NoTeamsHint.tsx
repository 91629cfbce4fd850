import { locationUtil } from '@grafana/data';
import { Alert, LinkButton, Stack } from '@grafana/ui';

/** What to do when the data source has nothing to measure yet. */
export function NoTeamsHint({ uid }: { uid: string }) {
  return (
    <Alert severity="info" title="No team yet" data-testid="dora-no-teams">
      <Stack direction="row" alignItems="center" wrap="wrap">
        <span>A team and its repositories are what this data source measures.</span>
        <LinkButton size="sm" variant="secondary" href={locationUtil.assureBaseUrl(`/connections/datasources/edit/${encodeURIComponent(uid)}`)}>
          Add a team in the data source settings
        </LinkButton>
      </Stack>
    </Alert>
  );
}
