import { css } from '@emotion/css';
import type { GrafanaTheme2 } from '@grafana/data';
import { Button, Stack, Text, useStyles2 } from '@grafana/ui';
import type { QueryTemplate } from './templates';

interface ExamplesProps {
  templates: readonly QueryTemplate[];
  onChoose: (template: QueryTemplate) => void;
}

/** Questions to choose from, each with what its query shows. */
export function Examples({ templates, onChoose }: ExamplesProps) {
  const styles = useStyles2(getStyles);
  return (
    <ul className={styles.list} data-testid="dora-examples">
      {templates.map((template) => (
        <li key={template.id}>
          <Stack direction="row" gap={1} alignItems="center" wrap="wrap">
            <Button size="sm" variant="secondary" type="button" onClick={() => onChoose(template)}>
              {template.title}
            </Button>
            <Text variant="bodySmall" color="secondary">
              {template.text}
            </Text>
          </Stack>
        </li>
      ))}
    </ul>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ listStyle: 'none', padding: 0, margin: 0, '& li': { marginBottom: theme.spacing(0.5) } }),
});
