import { t } from '@grafana/i18n';
import { Box, Button, IconButton, Stack, Text } from '@grafana/ui';
import { useMemo } from 'react';
import { NamesSetting } from './NamesSetting';
import type { Resources } from './resources';
import { listOf, orUnset, replaced, without, type StoredDeploymentSource, type StoredOverride } from './settings';
import { deploymentKinds } from './sourceKinds';
import { SourceList } from './SourceList';
import { TextSetting } from './TextSetting';

interface OverrideListProps {
  overrides: readonly StoredOverride[];
  /** How many plain patterns stand before these in the team's list of repositories. */
  offset: number;
  path: string;
  onChange: (overrides: StoredOverride[]) => void;
  resources: Resources;
  readOnly: boolean;
}

/** Repositories of a team that have other branches or deploy in another way. */
export function OverrideList({ overrides, offset, path, onChange, resources, readOnly }: OverrideListProps) {
  const kinds = useMemo(deploymentKinds, []);
  return (
    <Stack direction="column" gap={1}>
      <Text variant="bodySmall" color="secondary">
        {t('config.overrides.description', 'Repositories with other production branches, or that deploy in another way than the rest of the team.')}
      </Text>
      {overrides.map((override, index) => {
        const change = (patch: Partial<StoredOverride>): void => onChange(replaced(overrides, index, { ...override, ...patch }));
        const at = `${path}[${offset + index}]`;
        return (
          <Box key={index} padding={1.5} borderStyle="solid" borderColor="weak" borderRadius="default">
            <Stack direction="column" gap={1.5}>
              <Stack direction="row" justifyContent="space-between" alignItems="flex-start">
                <TextSetting
                  label={t('config.overrides.match', 'Repository or pattern')}
                  path={`${at}.match`}
                  required
                  placeholder="acme/legacy"
                  value={override.match}
                  readOnly={readOnly}
                  onChange={(match) => change({ match })}
                />
                {!readOnly && (
                  <IconButton name="trash-alt" tooltip={t('config.overrides.remove', 'Remove repository {{number}} that differs', { number: index + 1 })} onClick={() => onChange(without(overrides, index))} />
                )}
              </Stack>
              <NamesSetting
                label={t('config.team.branches.label', 'Production branches')}
                path={`${at}.branches`}
                testId="dora-override-branches"
                placeholder={t('config.overrides.as-team', 'As the team')}
                value={listOf(override.branches)}
                readOnly={readOnly}
                onChange={(branches) => change({ branches: orUnset(branches) })}
              />
              <SourceList<StoredDeploymentSource>
                what="deployment"
                path={`${at}.deployments`}
                sources={listOf(override.deployments)}
                kinds={kinds}
                emptyText={t('config.overrides.deploys-as-team', 'Deploys as the team does.')}
                resources={resources}
                readOnly={readOnly}
                onChange={(deployments) => change({ deployments: orUnset(deployments) })}
              />
            </Stack>
          </Box>
        );
      })}
      {!readOnly && (
        <div>
          <Button size="sm" variant="secondary" icon="plus" type="button" onClick={() => onChange([...overrides, { match: '' }])}>
            {t('config.overrides.add', 'Add repository that differs')}
          </Button>
        </div>
      )}
    </Stack>
  );
}
