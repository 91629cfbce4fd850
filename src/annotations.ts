import { textUtil, type AnnotationEvent, type AnnotationQuery, type AnnotationSupport, type DataFrame } from '@grafana/data';
import { t } from '@grafana/i18n';
import { of } from 'rxjs';
import { lazyEditor } from './editors/lazyEditor';
import type { AnnotationKind, PanelQuery } from './panelQuery';
import { AS_TEXT } from './texts';

const DEFAULT_KIND: AnnotationKind = 'deployments';

type Row = (column: string) => unknown;

function rowsOf(frame: DataFrame): Row[] {
  const columns = new Map(frame.fields.map((field) => [field.name, field.values]));
  return Array.from({ length: frame.length }, (_, index) => (column) => columns.get(column)?.[index]);
}

function text(value: unknown): string | null {
  return value === null || value === undefined || value === '' ? null : String(value);
}

function time(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Grafana shows annotation texts as HTML, so everything that a provider named is escaped. */
function html(value: string): string {
  return textUtil.escapeHtml(value);
}

function link(url: string | null): string {
  return url && /^https?:\/\//.test(url) ? `<a href="${html(url)}" target="_blank" rel="noopener noreferrer">${html(t('event.open', 'Open details'))}</a>` : '';
}

function paragraphs(...lines: Array<string | null | false>): string {
  return lines.filter(Boolean).join('<br>');
}

function tags(...values: unknown[]): string[] {
  return [...new Set(values.map(text).filter((value) => value !== null))];
}

function deployment(row: Row): AnnotationEvent | null {
  const finishedAt = time(row('finishedAt'));
  if (finishedAt === null) {
    return null;
  }
  const failed = hasFailed(row);
  const service = text(row('service'));
  const sha = text(row('sha'));
  const changes = time(row('changes'));
  const reason = text(row('reason'));
  const kind = text(row('kind'));
  return {
    time: finishedAt,
    title: html(deploymentTitle(failed, service)),
    text: paragraphs(
      sha && html(t('event.commit', 'Commit {{sha}}', { sha: sha.slice(0, 7), ...AS_TEXT })),
      changes !== null && html(t('event.changes', '{{count}} changes', { count: changes, defaultValue_one: '{{count}} change' })),
      reason && html(reason),
      link(text(row('url')))
    ),
    tags: tags(failed ? 'failed' : row('status'), kind === 'standard' ? null : kind, row('team'), service),
  };
}

function deploymentTitle(failed: boolean, service: string | null): string {
  if (service === null) {
    return failed ? t('event.failed-deployment', 'Failed deployment') : t('event.deployment', 'Deployment');
  }
  const values = { service, ...AS_TEXT };
  return failed ? t('event.failed-deployment-of', 'Failed deployment of {{service}}', values) : t('event.deployment-of', 'Deployment of {{service}}', values);
}

/** Failed as an attempt, or blamed for an incident later. */
function hasFailed(row: Row): boolean {
  return row('failed') === true || row('status') === 'failed';
}

function incident(row: Row, now: number): AnnotationEvent | null {
  const openedAt = time(row('openedAt'));
  if (openedAt === null) {
    return null;
  }
  const resolvedAt = time(row('resolvedAt'));
  const service = text(row('service'));
  const reason = text(row('linkReason'));
  return {
    time: openedAt,
    timeEnd: Math.max(openedAt, resolvedAt ?? now),
    isRegion: true,
    title: html(text(row('title')) ?? t('event.incident', 'Incident')),
    text: paragraphs(
      service && html(t('event.service', 'Service {{service}}', { service, ...AS_TEXT })),
      resolvedAt === null && html(t('event.open-still', 'Still open')),
      reason && html(t('event.linked', 'Linked to a deployment: {{reason}}', { reason, ...AS_TEXT })),
      link(text(row('url')))
    ),
    tags: tags('incident', resolvedAt === null ? 'open' : null, row('source'), row('team'), service),
  };
}

/**
 * Events of one annotation query from the tables that answer it. Incidents are regions from opening to resolution,
 * open ones until `now` (milliseconds since the epoch).
 */
export function toEvents(kind: AnnotationKind, frames: DataFrame[], now: number): AnnotationEvent[] {
  return frames
    .flatMap(rowsOf)
    .filter((row) => kind !== 'failed-deployments' || hasFailed(row))
    .map((row) => (kind === 'incidents' ? incident(row, now) : deployment(row)))
    .filter((event) => event !== null);
}

export const annotationSupport: AnnotationSupport<PanelQuery> = {
  QueryEditor: lazyEditor(() => import('./editors/AnnotationQueryEditor'), 60),

  getDefaultQuery: () => ({ annotate: DEFAULT_KIND }),

  prepareQuery(annotation: AnnotationQuery<PanelQuery>): PanelQuery {
    const target = annotation.target;
    return {
      ...target,
      refId: target?.refId || 'Anno',
      queryType: (target?.annotate ?? DEFAULT_KIND) === 'incidents' ? 'incidents' : 'deployments',
      format: 'table',
    };
  },

  processEvents: (annotation, frames) => of(toEvents(annotation.target?.annotate ?? DEFAULT_KIND, frames, Date.now())),
};
