import { css } from '@emotion/css';
import type { DataSourceSettings, GrafanaTheme2 } from '@grafana/data';
import { Alert, Button, LoadingPlaceholder, useStyles2 } from '@grafana/ui';
import { useState } from 'react';
import { type Host, UID } from '../grafana/boot';

interface Outcome {
  severity: 'success' | 'error';
  message: string;
  details: string | null;
}

interface Props {
  host: Host;
  settings: DataSourceSettings;
  onSaved(settings: DataSourceSettings): void;
}

/** The plugin's own settings page, between Grafana's name and "Save & test". */
export function SettingsPage({ host, settings, onSaved }: Props) {
  const styles = useStyles2(getStyles);
  const [edited, setEdited] = useState(settings);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const Editor = host.plugin.components.ConfigEditor;
  if (!Editor) {
    return <Alert severity="error" title="The plugin has no settings page" />;
  }

  const save = async () => {
    setBusy(true);
    setOutcome(null);
    try {
      const saved = await host.backend.put<{ datasource: DataSourceSettings }>(`/api/datasources/uid/${UID}`, edited);
      setEdited(saved.datasource);
      onSaved(saved.datasource);
      setOutcome(await tested(host));
    } catch (error) {
      setOutcome({ severity: 'error', message: messageOf(error), details: null });
    }
    setBusy(false);
  };

  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{settings.name}</h1>
      <h2 className={styles.subtitle}>Settings</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <Editor options={edited} onOptionsChange={setEdited} />
        <div className={styles.save}>
          <Button type="submit" disabled={busy} data-testid="data-testid Data source settings page Save and Test button">
            Save &amp; test
          </Button>
          {busy && <LoadingPlaceholder text="Testing …" />}
        </div>
        {outcome && (
          <Alert severity={outcome.severity} title={outcome.message} data-testid="data-testid Alert outcome">
            {outcome.details && <pre className={styles.details}>{outcome.details}</pre>}
          </Alert>
        )}
      </form>
    </div>
  );
}

/** A failed test is an error with a message and details, as Grafana shows it. */
async function tested(host: Host): Promise<Outcome> {
  try {
    const result = (await host.sources.current().testDatasource()) as { status: string; message: string; details?: { verboseMessage?: string } };
    return { severity: result.status === 'success' || result.status === 'OK' ? 'success' : 'error', message: result.message, details: result.details?.verboseMessage ?? null };
  } catch (error) {
    const details = (error as { details?: { verboseMessage?: string } }).details;
    return { severity: 'error', message: messageOf(error), details: details?.verboseMessage ?? null };
  }
}

function messageOf(error: unknown): string {
  const { data, message } = error as { data?: { message?: string }; message?: string };
  return data?.message ?? message ?? 'Something went wrong';
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ maxWidth: 1000 }),
  title: css({ ...theme.typography.h3, margin: 0 }),
  subtitle: css({ ...theme.typography.body, color: theme.colors.text.secondary, marginBottom: theme.spacing(2) }),
  save: css({ display: 'flex', gap: theme.spacing(2), alignItems: 'center', margin: theme.spacing(3, 0) }),
  details: css({ whiteSpace: 'pre-wrap', border: 0, background: 'none', padding: 0, margin: 0 }),
});
