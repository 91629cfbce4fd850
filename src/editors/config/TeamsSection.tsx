import { t } from '@grafana/i18n';
import { ConfigSection } from '@grafana/plugin-ui';
import { Box, Button, IconButton, LoadingPlaceholder, Stack, Text } from '@grafana/ui';
import { lazy, Suspense, useId, useState } from 'react';
import { AS_TEXT } from '../../texts';
import { useProblem } from './problems';
import type { Resources } from './resources';
import { listOf, replaced, without, type SettingsFormProps, type StoredTeam } from './settings';
import { patternsOf, TeamForm } from './TeamForm';

// The YAML parser is larger than the rest of this section, and few open it.
const TeamsExport = lazy(() => import('./yaml/TeamsExport'));
const TeamsImport = lazy(() => import('./yaml/TeamsImport'));

/** A form that is there before any team is, so that the first repository can be typed at once. */
function firstTeam(): StoredTeam {
  return { name: t('config.teams.first-name', 'My team'), repositories: [] };
}

interface TeamsSectionProps extends SettingsFormProps {
  resources: Resources;
  connected: boolean;
}

export function TeamsSection({ jsonData, onChange, readOnly, resources, connected }: TeamsSectionProps) {
  const stored = listOf(jsonData.teams);
  const teams = stored.length > 0 ? stored : readOnly ? [] : [firstTeam()];
  const [open, setOpen] = useState<number | null>(teams.length === 1 ? 0 : null);
  const [dialog, setDialog] = useState<'export' | 'import' | null>(null);
  const close = (): void => setDialog(null);
  const change = (list: StoredTeam[]): void => onChange({ teams: list.length > 0 ? list : undefined });

  const add = (team: StoredTeam, index: number): void => {
    change([...teams.slice(0, index), team, ...teams.slice(index)]);
    setOpen(index);
  };

  return (
    <ConfigSection title={t('config.teams.title', 'Teams')} description={t('config.teams.description', 'A team and the repositories that it delivers from. Everything else has a default.')}>
      <Stack direction="column" gap={1}>
        {teams.map((team, index) => (
          <TeamCard
            key={index}
            team={team}
            index={index}
            isOpen={open === index}
            onToggle={() => setOpen(open === index ? null : index)}
            onChange={(changed) => change(replaced(teams, index, changed))}
            onDuplicate={() => add({ ...structuredClone(team), name: freeName(t('config.teams.copy-name', '{{name}} copy', { name: team.name, ...AS_TEXT }), teams) }, index + 1)}
            onRemove={() => {
              change(without(teams, index));
              setOpen(null);
            }}
            resources={resources}
            connected={connected}
            readOnly={readOnly}
          />
        ))}
        {teams.length === 0 && <Text color="secondary">{t('config.teams.none', 'No team is provisioned.')}</Text>}
        <Stack direction="row" gap={1} wrap="wrap">
          {!readOnly && (
            <Button
              variant="secondary"
              icon="plus"
              type="button"
              data-testid="dora-add-team"
              onClick={() => add({ name: freeName(t('config.teams.new-name', 'New team'), teams), repositories: [] }, teams.length)}
            >
              {t('config.teams.add', 'Add team')}
            </Button>
          )}
          {!readOnly && (
            <Button variant="secondary" fill="text" icon="upload" type="button" onClick={() => setDialog('import')}>
              {t('config.teams.import', 'Import YAML')}
            </Button>
          )}
          {stored.length > 0 && (
            <Button variant="secondary" fill="text" icon="download-alt" type="button" onClick={() => setDialog('export')}>
              {t('config.teams.export', 'Export YAML')}
            </Button>
          )}
        </Stack>
        <Suspense fallback={<LoadingPlaceholder text={t('editor.loading', 'Loading editor…')} />}>
          {dialog === 'export' && <TeamsExport teams={stored} onClose={close} />}
          {dialog === 'import' && (
            <TeamsImport
              teams={stored}
              onClose={close}
              onTake={(list) => {
                change(list);
                setOpen(null);
              }}
            />
          )}
        </Suspense>
      </Stack>
    </ConfigSection>
  );
}

/** The name, or the name with the first number that no team has. */
function freeName(name: string, teams: readonly StoredTeam[]): string {
  const taken = new Set(teams.map((team) => team.name));
  let free = name;
  for (let number = 2; taken.has(free); number += 1) {
    free = `${name} ${number}`;
  }
  return free;
}

interface TeamCardProps {
  team: StoredTeam;
  index: number;
  isOpen: boolean;
  onToggle: () => void;
  onChange: (team: StoredTeam) => void;
  onDuplicate: () => void;
  onRemove: () => void;
  resources: Resources;
  connected: boolean;
  readOnly: boolean;
}

function TeamCard({ team, index, isOpen, onToggle, onChange, onDuplicate, onRemove, resources, connected, readOnly }: TeamCardProps) {
  const path = `teams[${index}]`;
  const problem = useProblem(path);
  const contentId = useId();
  const patterns = patternsOf(team);
  const name = team.name || t('config.teams.unnamed', 'Team without a name');
  return (
    <Box padding={1.5} borderStyle="solid" borderColor={problem && !isOpen ? 'error' : 'weak'} borderRadius="default" data-testid="dora-team">
      <Stack direction="row" justifyContent="space-between" alignItems="center" gap={1}>
        <Stack direction="row" alignItems="center" gap={1} wrap="wrap">
          <Button
            type="button"
            fill="text"
            variant="secondary"
            icon={isOpen ? 'angle-down' : 'angle-right'}
            aria-expanded={isOpen}
            aria-controls={contentId}
            onClick={onToggle}
          >
            {name}
          </Button>
          {!isOpen && (
            <Text variant="bodySmall" color={problem ? 'error' : 'secondary'}>
              {problem ?? (patterns.length > 0 ? patterns.join(', ') : t('config.teams.no-repository', 'No repository yet'))}
            </Text>
          )}
        </Stack>
        {!readOnly && (
          <Stack direction="row" gap={1}>
            <IconButton name="copy" tooltip={t('config.teams.duplicate', 'Duplicate {{name}}', { name, ...AS_TEXT })} onClick={onDuplicate} />
            <IconButton name="trash-alt" tooltip={t('config.teams.remove', 'Remove {{name}}', { name, ...AS_TEXT })} onClick={onRemove} />
          </Stack>
        )}
      </Stack>
      <div id={contentId} hidden={!isOpen}>
        {isOpen && (
          <Box marginTop={2}>
            <TeamForm team={team} path={path} onChange={onChange} resources={resources} connected={connected} readOnly={readOnly} />
          </Box>
        )}
      </div>
    </Box>
  );
}
