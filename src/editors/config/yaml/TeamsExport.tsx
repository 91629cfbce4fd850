import { t } from '@grafana/i18n';
import { Button, ClipboardButton, Modal, Stack, Text, TextArea } from '@grafana/ui';
import { useMemo } from 'react';
import type { StoredTeam } from '../settings';
import { writeTeams } from './teamsYaml';

interface TeamsExportProps {
  teams: readonly StoredTeam[];
  onClose: () => void;
}

/** The teams as a provisioning file takes them, to copy or to keep. */
export default function TeamsExport({ teams, onClose }: TeamsExportProps) {
  const text = useMemo(() => writeTeams(teams), [teams]);
  return (
    <Modal isOpen title={t('yaml.export.title', 'Teams as YAML')} onDismiss={onClose}>
      <Stack direction="column" gap={2}>
        <Text color="secondary" element="p">
          {t('yaml.export.description', 'As a provisioning file has them, below jsonData of the data source. Secrets are no part of it.')}
        </Text>
        <TextArea aria-label={t('yaml.export.text', 'Teams as YAML')} data-testid="dora-yaml-export" readOnly rows={18} value={text} />
        <Modal.ButtonRow>
          <Button variant="secondary" type="button" onClick={onClose}>
            {t('yaml.close', 'Close')}
          </Button>
          <Button variant="secondary" type="button" icon="download-alt" onClick={() => download('teams.yaml', text)}>
            {t('yaml.export.download', 'Download')}
          </Button>
          <ClipboardButton icon="copy" type="button" getText={() => text}>
            {t('yaml.export.copy', 'Copy')}
          </ClipboardButton>
        </Modal.ButtonRow>
      </Stack>
    </Modal>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/yaml' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
