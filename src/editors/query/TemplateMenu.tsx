import { t, Trans } from '@grafana/i18n';
import { Button, Dropdown, Menu } from '@grafana/ui';
import type { PanelQuery } from '../../panelQuery';
import { fromTemplate, queryTemplates } from './templates';

interface TemplateMenuProps {
  query: PanelQuery;
  app: string | undefined;
  onChoose: (query: PanelQuery) => void;
}

/** Queries to start from: the chosen one takes the place of what stands here, teams and the like excepted. */
export function TemplateMenu({ query, app, onChoose }: TemplateMenuProps) {
  const menu = (
    <Menu ariaLabel={t('query.templates.label', 'Queries to start from')}>
      {queryTemplates(app).map((template) => (
        <Menu.Item key={template.id} label={template.title} description={template.text} onClick={() => onChoose(fromTemplate(query, template))} />
      ))}
    </Menu>
  );
  return (
    <Dropdown overlay={menu} placement="bottom-end">
      <Button size="sm" variant="secondary" fill="text" icon="book-open" type="button" data-testid="dora-templates">
        <Trans i18nKey="query.templates.button">Start from an example</Trans>
      </Button>
    </Dropdown>
  );
}
