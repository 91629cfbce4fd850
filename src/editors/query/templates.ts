import { t } from '@grafana/i18n';
import type { PanelQuery } from '../../panelQuery';
import { isAlerting } from '../../place';

/** A query that answers a question people often have. */
export interface QueryTemplate {
  id: string;
  /** The question, in a few words. */
  title: string;
  /** What is shown, and how it is read. */
  text: string;
  query: Omit<PanelQuery, 'refId'>;
}

/** Queries to start from, for this place of Grafana: rules compare numbers, panels show series and tables. */
export function queryTemplates(app: string | undefined): QueryTemplate[] {
  return isAlerting(app) ? forRules() : forPanels();
}

function forPanels(): QueryTemplate[] {
  return [
    {
      id: 'frequency',
      title: t('template.frequency.title', 'How often do we deliver?'),
      text: t('template.frequency.text', 'Deployments of each team by week.'),
      query: { queryType: 'metric', metric: 'deployment-frequency', interval: 'week' },
    },
    {
      id: 'lead-time',
      title: t('template.lead-time.title', 'How long does a change take?'),
      text: t('template.lead-time.text', 'Median from the first commit to production by week; a few extremes do not move it.'),
      query: { queryType: 'metric', metric: 'lead-time', statistic: 'median', interval: 'week' },
    },
    {
      id: 'stages',
      title: t('template.stages.title', 'Where does the time go?'),
      text: t('template.stages.text', 'The mean lead time cut into its stages, all teams together. Stacked, they add up to the whole.'),
      query: { queryType: 'stages', statistic: 'mean', groupBy: 'none', interval: 'week' },
    },
    {
      id: 'failures',
      title: t('template.failures.title', 'How often does a deployment cause trouble?'),
      text: t('template.failures.text', 'Change failure rate over the last 28 days, a point each week: smoother than single weeks.'),
      query: { queryType: 'metric', metric: 'change-failure-rate', window: 'rolling', rollingDays: 28, interval: 'week' },
    },
    {
      id: 'restore',
      title: t('template.restore.title', 'How soon are we back?'),
      text: t('template.restore.text', 'Median time from the start of trouble to its end by month.'),
      query: { queryType: 'metric', metric: 'time-to-restore', statistic: 'median', interval: 'month' },
    },
    {
      id: 'levels',
      title: t('template.levels.title', 'Where do the teams stand?'),
      text: t('template.levels.text', 'Elite, high, medium or low for each metric of each team, by the DORA report.'),
      query: { queryType: 'levels', statistic: 'median' },
    },
    {
      id: 'compare',
      title: t('template.compare.title', 'Is it better than before?'),
      text: t('template.compare.text', 'Lead time against the same length of time just before. A notice says where the difference is more than chance.'),
      query: { queryType: 'metric', metric: 'lead-time', statistic: 'median', interval: 'week', compare: 'previous' },
    },
    {
      id: 'changes',
      title: t('template.changes.title', 'Which changes were slow?'),
      text: t('template.changes.text', 'A row for each pull request with its times and links. Sort by lead time.'),
      query: { queryType: 'changes' },
    },
    {
      id: 'quality',
      title: t('template.quality.title', 'Can I trust the numbers?'),
      text: t('template.quality.text', 'What could not be joined, and why.'),
      query: { queryType: 'data-quality' },
    },
  ];
}

const LAST_28_DAYS = { queryType: 'metric', format: 'number', window: 'rolling', rollingDays: 28 } as const;

function forRules(): QueryTemplate[] {
  return [
    {
      id: 'rule-frequency',
      title: t('template.rule-frequency.title', 'Deliveries have become rare'),
      text: t('template.rule-frequency.text', 'Deployments per day over the last 28 days. Fires below, for instance, 0.2.'),
      query: { ...LAST_28_DAYS, metric: 'deployment-frequency', measure: 'per-day' },
    },
    {
      id: 'rule-lead-time',
      title: t('template.rule-lead-time.title', 'Changes take too long'),
      text: t('template.rule-lead-time.text', 'Median lead time over the last 28 days, in seconds. Fires above, for instance, 604800: a week.'),
      query: { ...LAST_28_DAYS, metric: 'lead-time', statistic: 'median' },
    },
    {
      id: 'rule-failures',
      title: t('template.rule-failures.title', 'Too many deployments cause trouble'),
      text: t('template.rule-failures.text', 'Change failure rate over the last 28 days, in percent. Fires above, for instance, 15.'),
      query: { ...LAST_28_DAYS, metric: 'change-failure-rate' },
    },
    {
      id: 'rule-restore',
      title: t('template.rule-restore.title', 'Trouble lasts too long'),
      text: t('template.rule-restore.text', 'Median time to restore over the last 28 days, in seconds. Fires above, for instance, 86400: a day.'),
      query: { ...LAST_28_DAYS, metric: 'time-to-restore', statistic: 'median' },
    },
    {
      id: 'rule-compare',
      title: t('template.rule-compare.title', 'It was better before'),
      text: t('template.rule-compare.text', 'Median lead time of the last 28 days and of the 28 before, told apart by the label "period".'),
      query: { ...LAST_28_DAYS, metric: 'lead-time', statistic: 'median', compare: 'previous' },
    },
  ];
}

/** The template in place of `query`, which keeps its name, its data source and what it is limited to. */
export function fromTemplate(query: PanelQuery, template: QueryTemplate): PanelQuery {
  const { refId, datasource, hide, key, teams, services, repositories } = query;
  const kept = { refId, datasource, hide, key, teams, services, repositories };
  return { ...template.query, ...(Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)) as typeof kept) };
}
