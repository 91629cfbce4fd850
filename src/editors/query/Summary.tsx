import { t } from '@grafana/i18n';
import { Button, Stack, Text } from '@grafana/ui';
import { useId, useRef, useState } from 'react';
import type { PanelQuery } from '../../panelQuery';
import { describeQuery } from '../../queryText';
import { Examples } from './Examples';
import { fromTemplate, queryTemplates } from './templates';

interface SummaryProps {
  query: PanelQuery;
  app: string | undefined;
  onChoose: (query: PanelQuery) => void;
}

/** The query in words, and queries to start from: the chosen one takes the place of what stands here, teams and the like excepted. */
export function Summary({ query, app, onChoose }: SummaryProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div onKeyDown={(event) => event.key === 'Escape' && open && close()}>
      <Stack direction="row" justifyContent="space-between" alignItems="center" wrap="wrap">
        <Text variant="bodySmall" color="secondary" element="p" data-testid="dora-summary">
          {describeQuery(query)}
        </Text>
        <Button
          ref={button}
          size="sm"
          variant="secondary"
          fill="text"
          icon={open ? 'angle-down' : 'book-open'}
          type="button"
          aria-expanded={open}
          aria-controls={id}
          data-testid="dora-templates"
          onClick={() => setOpen(!open)}
        >
          {t('query.templates.button', 'Start from an example')}
        </Button>
      </Stack>
      <div id={id} hidden={!open}>
        {open && (
          <Examples
            templates={queryTemplates(app)}
            onChoose={(template) => {
              onChoose(fromTemplate(query, template));
              close();
            }}
          />
        )}
      </div>
    </div>
  );
}
