import { css } from '@emotion/css';
import type { GrafanaTheme2, QueryEditorHelpProps } from '@grafana/data';
import { t, Trans } from '@grafana/i18n';
import { useStyles2 } from '@grafana/ui';
import type { PanelQuery } from '../panelQuery';
import { metricLabels, queryTypeLabels } from '../queryText';
import { METRICS, QUERY_TYPES } from '../shared/queryOptions';
import { Examples } from './query/Examples';
import { metricDescriptions, typeDescriptions } from './query/ShowChoice';
import { queryTemplates } from './query/templates';

/** What can be asked, in place: examples to take over, what each word means, and how an answer is read. */
export default function QueryEditorHelp({ onClickExample }: QueryEditorHelpProps<PanelQuery>) {
  const styles = useStyles2(getStyles);
  const metrics = metricLabels();
  const metricTexts = metricDescriptions();
  const types = queryTypeLabels();
  const typeTexts = typeDescriptions();
  return (
    <div className={styles.page} data-testid="dora-help">
      <h2>
        <Trans i18nKey="help.title">DORA metrics</Trans>
      </h2>
      <p>
        <Trans i18nKey="help.introduction">
          Choose what to show and whose; everything else has a default. The line below a query says in words what it gives.
        </Trans>
      </p>
      <h3>
        <Trans i18nKey="help.examples">Examples</Trans>
      </h3>
      <Examples templates={queryTemplates(undefined)} onChoose={({ query }) => onClickExample({ refId: 'A', ...query })} />
      <h3>
        <Trans i18nKey="help.what">What can be shown</Trans>
      </h3>
      <dl className={styles.terms}>
        {METRICS.map((metric) => (
          <Term key={metric} name={metrics[metric]} text={metricTexts[metric]} />
        ))}
        {QUERY_TYPES.map((type) => type !== 'metric' && <Term key={type} name={types[type]} text={typeTexts[type]} />)}
      </dl>
      <h3>
        <Trans i18nKey="help.reading">Reading an answer</Trans>
      </h3>
      <dl className={styles.terms}>
        <Term name={t('help.gap.name', 'A gap')} text={t('help.gap.text', 'There was nothing to measure. It is not zero; only a count can be zero.')} />
        <Term
          name={t('help.last-point.name', 'The last point')}
          text={t('help.last-point.text', 'Its period may still be running, and its failures may still show. The option “Complete only” leaves such points out.')}
        />
        <Term
          name={t('help.rolling.name', 'A rolling window')}
          text={t('help.rolling.text', 'Each point looks back over the same number of days, so that single weeks matter less.')}
        />
        <Term
          name={t('help.patterns.name', 'Patterns')}
          text={t('help.patterns.text', 'Teams, services and repositories can be named by patterns: Pay* for what begins so, !*-legacy to leave out.')}
        />
        <Term
          name={t('help.notices.name', 'Notices')}
          text={t('help.notices.text', 'The sign at the corner of a panel says how far a first synchronisation is, and what is missing and why.')}
        />
      </dl>
    </div>
  );
}

function Term({ name, text }: { name: string; text: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{text}</dd>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ maxWidth: 900, '& h2': { ...theme.typography.h4 }, '& h3': { ...theme.typography.h5, marginTop: theme.spacing(2) } }),
  terms: css({
    '& > div': { display: 'flex', gap: theme.spacing(2), marginBottom: theme.spacing(0.5) },
    '& dt': { flex: '0 0 180px', fontWeight: theme.typography.fontWeightMedium },
    '& dd': { margin: 0, color: theme.colors.text.secondary },
    [theme.breakpoints.down('sm')]: { '& > div': { display: 'block' } },
  }),
});
