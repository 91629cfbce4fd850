import { CoreApp } from '@grafana/data';
import { isVariable, type FilledPanelQuery } from '../../panelQuery';
import { isAlerting } from '../../place';
import { DEFAULT_QUERY, FORMATS, INTERVALS, METRICS, QUERY_TYPES, type Format, type Interval, type Metric, type QueryType } from '../../shared/queryOptions';

/** Fields that an editor shows for some queries only. */
export type OptionalField =
  | 'teams'
  | 'services'
  | 'repositories'
  | 'interval'
  | 'statistic'
  | 'measure'
  | 'groupBy'
  | 'window'
  | 'rollingDays'
  | 'compare'
  | 'format'
  | 'completeBucketsOnly'
  | 'includeRollbacks'
  | 'includeRetries'
  | 'includeBaseline'
  | 'basis'
  | 'confidence'
  | 'levelsYear'
  | 'rows'
  | 'namespace'
  | 'metricName'
  | 'timezone';

/** Those that few queries need: they are folded away. */
const FOLDED: OptionalField[] = ['services', 'repositories', 'basis', 'levelsYear', 'timezone', 'completeBucketsOnly', 'includeRollbacks', 'includeRetries', 'includeBaseline', 'confidence'];

/** Whether there is anything to fold away. */
export function hasOptions(fields: ReadonlySet<OptionalField>): boolean {
  return FOLDED.some((field) => fields.has(field));
}

const SCOPE: OptionalField[] = ['teams', 'services', 'repositories'];
const CUT: OptionalField[] = ['interval', 'window', 'groupBy', 'compare', 'format', 'completeBucketsOnly', 'timezone'];

const OF_METRIC: Record<Metric, OptionalField[]> = {
  'deployment-frequency': ['measure', 'includeRollbacks', 'includeRetries', 'confidence', 'levelsYear'],
  'lead-time': ['statistic', 'includeBaseline', 'confidence', 'levelsYear'],
  'change-failure-rate': ['basis', 'confidence', 'levelsYear'],
  'time-to-restore': ['statistic', 'confidence', 'levelsYear'],
  'rework-rate': ['confidence'],
};

const OF_TYPE: Record<Exclude<QueryType, 'metric'>, OptionalField[]> = {
  stages: [...SCOPE, ...CUT, 'statistic', 'includeBaseline', 'confidence'],
  levels: [...SCOPE, 'groupBy', 'window', 'statistic', 'levelsYear', 'timezone'],
  changes: [...SCOPE, 'rows'],
  deployments: [...SCOPE, 'rows'],
  incidents: [...SCOPE, 'rows'],
  'data-quality': [...SCOPE, 'rows'],
  sync: ['rows', 'format'],
  cloudwatch: ['namespace', 'metricName', 'interval', 'statistic', 'format', 'timezone'],
};

/** The fields that change what this query gives, in this place of Grafana. */
export function applicableFields(query: FilledPanelQuery, app: string | undefined): ReadonlySet<OptionalField> {
  const { queryType, metric } = query;
  const fields = new Set<OptionalField>();
  if (isVariable(queryType) || queryType === 'metric') {
    const own = isVariable(metric) ? METRICS.flatMap((one) => OF_METRIC[one]) : OF_METRIC[metric];
    [...SCOPE, ...CUT, ...own].forEach((field) => fields.add(field));
  } else {
    OF_TYPE[queryType].forEach((field) => fields.add(field));
  }
  if (query.format === 'number' && fields.has('format')) {
    // One number covers the whole range or the last days: there are no buckets to cut or to leave out.
    fields.delete('interval');
    fields.delete('completeBucketsOnly');
    fields.delete('rows');
  }
  if (formatsFor(app, query).length === 1) {
    fields.delete('format');
  }
  if (fields.has('window') && query.window !== 'calendar') {
    fields.add('rollingDays');
  }
  for (const field of pointlessIn(app, query)) {
    if (query[field] === DEFAULT_QUERY[field]) {
      fields.delete(field);
    }
  }
  return fields;
}

/** What changes nothing that is seen there; a stored value that differs from the default is shown all the same. */
function pointlessIn(app: string | undefined, { queryType }: FilledPanelQuery): Array<'levelsYear' | 'confidence'> {
  if (isAlerting(app)) {
    // A rule has its own threshold, and would judge each bound as one more team.
    return ['levelsYear', 'confidence'];
  }
  // Explore colours nothing by thresholds.
  return app === CoreApp.Explore && queryType !== 'levels' ? ['levelsYear'] : [];
}

/** Rules take series and numbers, no tables; of the synchronisation there is a number too. */
export function queryTypesFor(app: string | undefined): readonly QueryType[] {
  return isAlerting(app) ? ['metric', 'stages', 'sync', 'cloudwatch'] : QUERY_TYPES;
}

export function formatsFor(app: string | undefined, { queryType }: Pick<FilledPanelQuery, 'queryType'>): readonly Format[] {
  if (queryType === 'sync') {
    // How far it is has no history; Explore shows no single numbers.
    return isAlerting(app) ? ['number'] : app === CoreApp.Explore ? ['table'] : ['table', 'number'];
  }
  if (isAlerting(app)) {
    return ['number', 'timeseries'];
  }
  return app === CoreApp.Explore ? ['timeseries', 'table'] : FORMATS;
}

/** A rule's time range is fixed, so an interval that follows the time range would only surprise. */
export function intervalsFor(app: string | undefined): readonly Interval[] {
  return isAlerting(app) ? INTERVALS.filter((interval) => interval !== 'auto') : INTERVALS;
}
