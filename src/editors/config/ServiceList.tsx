import { t } from '@grafana/i18n';
import { Box, Button, IconButton, Stack, Text } from '@grafana/ui';
import { NamesSetting } from './NamesSetting';
import type { Resources } from './resources';
import { listOf, orUnset, replaced, without, type StoredService } from './settings';
import { TextSetting } from './TextSetting';

interface ServiceListProps {
  services: readonly StoredService[];
  path: string;
  onChange: (services: StoredService[]) => void;
  resources: Resources;
  readOnly: boolean;
}

/** Services of a team, for repositories that hold several or services that several pipelines deploy. */
export function ServiceList({ services, path, onChange, resources, readOnly }: ServiceListProps) {
  return (
    <Stack direction="column" gap={1}>
      <Text variant="bodySmall" color="secondary">
        {t('config.services.description', 'Needed only where one repository holds several services, or a pipeline and a repository are one.')}
      </Text>
      {services.map((service, index) => {
        const change = (patch: Partial<StoredService>): void => onChange(replaced(services, index, { ...service, ...patch }));
        const at = `${path}[${index}]`;
        return (
          <Box key={index} padding={1.5} borderStyle="solid" borderColor="weak" borderRadius="default">
            <Stack direction="column" gap={1.5}>
              <Stack direction="row" justifyContent="space-between" alignItems="flex-start">
                <TextSetting label={t('config.services.name', 'Service name')} path={`${at}.name`} required value={service.name} readOnly={readOnly} onChange={(name) => change({ name })} />
                {!readOnly && <IconButton name="trash-alt" tooltip={t('config.services.remove', 'Remove service {{number}}', { number: index + 1 })} onClick={() => onChange(without(services, index))} />}
              </Stack>
              <TextSetting
                label={t('config.services.repository', 'Repository')}
                path={`${at}.repository`}
                placeholder="acme/mono"
                value={service.repository}
                readOnly={readOnly}
                onChange={(repository) => change({ repository: orUnset(repository) })}
              />
              <NamesSetting
                label={t('config.services.paths', 'Paths')}
                path={`${at}.paths`}
                testId="dora-service-paths"
                placeholder="api/**"
                value={listOf(service.paths)}
                readOnly={readOnly}
                onChange={(paths) => change({ paths: orUnset(paths) })}
              />
              <NamesSetting
                label={t('config.services.tags', 'Tags')}
                path={`${at}.tags`}
                testId="dora-service-tags"
                placeholder="api@*"
                value={typeof service.tags === 'string' ? [service.tags] : listOf(service.tags)}
                readOnly={readOnly}
                onChange={(tags) => change({ tags: orUnset(tags) })}
              />
              <NamesSetting
                label={t('config.services.pipelines', 'Pipelines')}
                path={`${at}.pipelines`}
                testId="dora-service-pipelines"
                placeholder="api-*"
                names={resources.pipelines}
                value={listOf(service.pipelines)}
                readOnly={readOnly}
                onChange={(pipelines) => change({ pipelines: orUnset(pipelines) })}
              />
            </Stack>
          </Box>
        );
      })}
      {!readOnly && (
        <div>
          <Button size="sm" variant="secondary" icon="plus" type="button" onClick={() => onChange([...services, { name: '' }])}>
            {t('config.services.add', 'Add service')}
          </Button>
        </div>
      )}
    </Stack>
  );
}
