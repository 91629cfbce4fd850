import { css } from '@emotion/css';
import { type GrafanaTheme2, renderMarkdown } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import type { Panel } from '../board/board';

export function TextPanel({ panel }: { panel: Panel }) {
  const styles = useStyles2(getStyles);
  const { content } = panel.options as { content: string };
  return <div className={`markdown-html ${styles.text}`} tabIndex={0} role="region" aria-label={panel.title} dangerouslySetInnerHTML={{ __html: renderMarkdown(content) }} />;
}

const getStyles = (theme: GrafanaTheme2) => ({ text: css({ height: '100%', overflow: 'auto', 'table td, table th': { padding: theme.spacing(0.5, 2, 0.5, 0), textAlign: 'left' } }) });
