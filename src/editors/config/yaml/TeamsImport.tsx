import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { t } from '@grafana/i18n';
import { Alert, Badge, Button, Field, Modal, RadioButtonGroup, Stack, Text, TextArea, useStyles2, type BadgeColor } from '@grafana/ui';
import { useId, useMemo, useRef, useState } from 'react';
import type { StoredTeam } from '../settings';
import { planImport, problemLine, readTeams, type ImportMode, type TeamChange } from './teamsYaml';

interface TeamsImportProps {
  teams: readonly StoredTeam[];
  onTake: (teams: StoredTeam[]) => void;
  onClose: () => void;
}

/** Teams from a YAML text or file; says what will change before it is taken. */
export default function TeamsImport({ teams, onTake, onClose }: TeamsImportProps) {
  const textId = useId();
  const styles = useStyles2(getStyles);
  const file = useRef<HTMLInputElement>(null);
  const modeId = useId();
  const [text, setText] = useState('');
  const [mode, setMode] = useState<ImportMode>('replace');
  const read = useMemo(() => (text.trim() === '' ? null : readTeams(text)), [text]);
  const plan = useMemo(() => (read && read.problems.length === 0 ? planImport(teams, read.teams, mode) : null), [mode, read, teams]);
  const changes = plan?.changes.filter(({ kind }) => kind !== 'unchanged') ?? [];
  const modeLabel = t('yaml.import.mode.label', 'Teams that are there already');
  const modes: Array<{ value: ImportMode; label: string }> = [
    { value: 'replace', label: t('yaml.import.mode.replace', 'Replace all') },
    { value: 'merge', label: t('yaml.import.mode.merge', 'Keep others') },
  ];
  return (
    <Modal isOpen title={t('yaml.import.title', 'Import teams')} onDismiss={onClose}>
      <Stack direction="column" gap={2}>
        <div>
          <Button variant="secondary" type="button" icon="upload" onClick={() => file.current?.click()}>
            {t('yaml.import.file', 'From a file')}
          </Button>
          <input
            ref={file}
            type="file"
            hidden
            accept=".yaml,.yml,.json,application/yaml"
            data-testid="dora-yaml-file"
            onChange={(event) => {
              void event.currentTarget.files?.[0]?.text().then(setText);
            }}
          />
        </div>
        <Field
          label={t('yaml.import.text.label', 'Or as a text')}
          description={t('yaml.import.text.description', 'A list of teams, or a whole provisioning file of a data source.')}
          htmlFor={textId}
          noMargin
        >
          <TextArea
            id={textId}
            data-testid="dora-yaml-import"
            rows={8}
            value={text}
            placeholder={'teams:\n  - name: Payments\n    repositories: [acme/payments-*]'}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </Field>
        <Field label={modeLabel} htmlFor={modeId} noMargin>
          <RadioButtonGroup<ImportMode> id={modeId} aria-label={modeLabel} options={modes} value={mode} onChange={setMode} />
        </Field>
        <div aria-live="polite" className={styles.outcome} data-testid="dora-yaml-outcome">
          {read && read.problems.length > 0 && (
            <Alert
              severity="error"
              title={t('yaml.import.problems', '{{count}} things are to be corrected first', { count: read.problems.length, defaultValue_one: 'One thing is to be corrected first' })}
            >
              <ul>
                {read.problems.map((problem) => (
                  <li key={problemLine(problem)}>{problemLine(problem)}</li>
                ))}
              </ul>
            </Alert>
          )}
          {read && read.unknown.length > 0 && (
            <Alert severity="warning" title={t('yaml.import.unknown', 'Some fields are not known and would change nothing')}>
              <ul>
                {read.unknown.map((field) => (
                  <li key={field}>{field}</li>
                ))}
              </ul>
            </Alert>
          )}
          {plan && changes.length === 0 && <Text color="secondary">{t('yaml.import.same', 'Nothing would change: these are the teams that are there.')}</Text>}
          {changes.length > 0 && <Changes changes={changes} />}
        </div>
        <Modal.ButtonRow>
          <Button variant="secondary" type="button" onClick={onClose}>
            {t('yaml.cancel', 'Cancel')}
          </Button>
          <Button
            type="button"
            disabled={changes.length === 0}
            onClick={() => {
              if (plan) {
                onTake(plan.teams);
                onClose();
              }
            }}
          >
            {t('yaml.import.take', 'Take over')}
          </Button>
        </Modal.ButtonRow>
      </Stack>
    </Modal>
  );
}

function kinds(): Record<TeamChange['kind'], { text: string; color: BadgeColor }> {
  return {
    added: { text: t('yaml.change.added', 'New'), color: 'green' },
    changed: { text: t('yaml.change.changed', 'Changes'), color: 'blue' },
    removed: { text: t('yaml.change.removed', 'Goes'), color: 'red' },
    unchanged: { text: t('yaml.change.unchanged', 'Stays'), color: 'darkgrey' },
  };
}

function Changes({ changes }: { changes: readonly TeamChange[] }) {
  const words = kinds();
  return (
    <Stack direction="column" gap={1}>
      <Text element="h3" variant="h5">{t('yaml.import.changes', 'What will change')}</Text>
      <ul>
        {changes.map(({ name, kind, fields }) => (
          <li key={name}>
            <Stack direction="row" gap={1} alignItems="center">
              <Badge text={words[kind].text} color={words[kind].color} />
              <Text weight="medium">{name}</Text>
            </Stack>
            {fields.length > 0 && (
              <ul>
                {fields.map((field) => (
                  <li key={field.name}>
                    <Text variant="bodySmall">{`${field.name}: `}</Text>
                    <Text variant="code">{field.before || t('yaml.change.absent', 'not set')}</Text>
                    {' → '}
                    <Text variant="code">{field.after || t('yaml.change.absent', 'not set')}</Text>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
      <Text variant="bodySmall" color="secondary">
        {t('yaml.import.not-saved', 'Nothing is saved before “Save & test”.')}
      </Text>
    </Stack>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  outcome: css({ '& ul': { paddingLeft: theme.spacing(2), listStylePosition: 'outside' }, '& li': { marginBottom: theme.spacing(0.5) } }),
});
