import { type DataFrame, type DataLink, type DataLinkClickEvent, type DataQueryRequest, type DataQueryResponse, type Field, FieldType, dateTimeForTimeZone, type TimeRange } from '@grafana/data';
import type { PanelQuery } from './panelQuery';
import { queryTypeLabels } from './queryText';
import { BOARD_UIDS } from './shared/boards';
import { DEFAULT_QUERY, type Interval, type Metric } from './shared/queryOptions';

/** Tables of facts that a value can be made of. */
type Rows = 'changes' | 'deployments' | 'incidents';

const ROWS_OF: Record<Metric, Rows[]> = {
  'deployment-frequency': ['deployments'],
  'lead-time': ['changes'],
  'change-failure-rate': ['deployments', 'incidents'],
  'time-to-restore': ['incidents'],
  'rework-rate': ['deployments'],
};

/** The board that has each table. */
const BOARD_OF: Record<Rows, string> = { changes: BOARD_UIDS.leadTime, deployments: BOARD_UIDS.deployments, incidents: BOARD_UIDS.stability };
const OUR_BOARDS: readonly string[] = Object.values(BOARD_UIDS);

const DAY_MS = 86_400_000;
const STEPS: Record<Exclude<Interval, 'auto' | 'range'>, { amount: number; unit: 'day' | 'week' | 'month' }> = {
  day: { amount: 1, unit: 'day' },
  week: { amount: 1, unit: 'week' },
  month: { amount: 1, unit: 'month' },
  quarter: { amount: 3, unit: 'month' },
};

/** Where the answer comes from, and what its periods are cut by. */
export interface Origin {
  uid: string;
  type: string;
  /** IANA name, of the data source. */
  timezone: string;
}

interface Span {
  from: number;
  to: number;
}

/**
 * The answer, each of whose values leads to the facts that it is made of: to the board that lists them when one of the plugin's own
 * boards asks, and to Explore. The links carry the team (service, repository) of the series and the period of the value.
 * @param queryOf A target with its variables' values.
 */
export function withRowLinks(response: DataQueryResponse, request: DataQueryRequest<PanelQuery>, origin: Origin, queryOf: (target: PanelQuery) => PanelQuery): DataQueryResponse {
  const targets = new Map(request.targets.map((target) => [target.refId, target]));
  const data = (response.data as DataFrame[]).map((frame) => {
    const target = targets.get(frame.refId ?? '');
    const isValue = frame.meta?.type?.startsWith('timeseries') || frame.meta?.type?.startsWith('numeric');
    return target && isValue ? linked(frame, queryOf(target), request, origin) : frame;
  });
  return { ...response, data };
}

function linked(frame: DataFrame, query: PanelQuery, request: DataQueryRequest<PanelQuery>, origin: Origin): DataFrame {
  const kinds = rowsOf(query);
  const times = frame.fields.find(({ type }) => type === FieldType.time)?.values as number[] | undefined;
  const fields = frame.fields.map((field): Field => {
    // The rows of the period before lie in another time than the one that is shown.
    if (field.type !== FieldType.number || field.labels?.period === 'previous') {
      return field;
    }
    const span = (text: string): Span => periodOf(query, times, Number(text), request.range, origin.timezone);
    const links = kinds.flatMap((kind) => linksTo(kind, query, field.labels ?? {}, span, request, origin));
    return links.length === 0 ? field : { ...field, config: { ...field.config, links: [...(field.config.links ?? []), ...links] } };
  });
  return { ...frame, fields };
}

function rowsOf({ queryType, metric }: PanelQuery): Rows[] {
  if (queryType === 'stages') {
    return ['changes'];
  }
  const isMetric = queryType === undefined || queryType === 'metric';
  return isMetric ? (ROWS_OF[(metric ?? DEFAULT_QUERY.metric) as Metric] ?? []) : [];
}

function linksTo(kind: Rows, query: PanelQuery, labels: Record<string, string>, spanAt: (time: string) => Span, { dashboardUID }: DataQueryRequest<PanelQuery>, origin: Origin): DataLink[] {
  const of = <T>(label: string | undefined, asked: T): string[] | T => (label === undefined ? asked : [label]);
  const teams = of(labels.team, query.teams ?? []);
  const title = queryTypeLabels()[kind];
  const explore = ({ from, to }: Span): string => {
    const rows = {
      refId: 'A',
      datasource: { type: origin.type, uid: origin.uid },
      queryType: kind,
      teams,
      services: of(labels.service, query.services),
      repositories: of(labels.repository, query.repositories),
      // Incidents count in the failure rate when they open, and in the time to restore when they end.
      metric: kind === 'incidents' ? query.metric : undefined,
      format: 'table',
    };
    const pane = { datasource: origin.uid, queries: [rows], range: { from: String(from), to: String(to) } };
    return `/explore?schemaVersion=1&panes=${encodeURIComponent(JSON.stringify({ dora: pane }))}`;
  };
  const board = ({ from, to }: Span): string => {
    const chosen = (teams.length === 0 ? ['$__all'] : teams).map((team) => `&var-team=${encodeURIComponent(team)}`);
    return `/d/${BOARD_OF[kind]}?from=${from}&to=${to}&var-datasource=${encodeURIComponent(origin.uid)}${chosen.join('')}`;
  };
  const link = (name: string, address: (span: Span) => string): DataLink => ({
    title: name,
    url: '',
    onBuildUrl: ({ replaceVariables }: DataLinkClickEvent) => address(spanAt(replaceVariables?.('${__value.time}') ?? '')),
  });
  const isOurs = dashboardUID !== undefined && OUR_BOARDS.includes(dashboardUID) && dashboardUID !== BOARD_OF[kind];
  return [...(isOurs ? [link(title, board)] : []), link(`${title} · Explore`, explore)];
}

/**
 * The time that a value is made from. `stamp` is where it stands on the time axis, not a number for a value without a time: then
 * it is the last one, as in a panel of single numbers.
 */
export function periodOf(query: PanelQuery, times: readonly number[] | undefined, stamp: number, range: TimeRange, dataSourceZone: string): Span {
  const from = range.from.valueOf();
  const to = range.to.valueOf();
  const rolling = query.window === 'rolling' ? Number(query.rollingDays ?? DEFAULT_QUERY.rollingDays) : null;
  const zone = query.timezone ?? dataSourceZone;
  if (times === undefined || times.length === 0) {
    return rolling === null ? { from, to } : { from: dateTimeForTimeZone(zone, to - 1).startOf('day').add(1 - rolling, 'day').valueOf(), to };
  }
  const start = Number.isFinite(stamp) && stamp > 0 ? stamp : times[times.length - 1];
  const plus = (amount: number, unit: 'day' | 'week' | 'month'): number => dateTimeForTimeZone(zone, start).add(amount, unit).valueOf();
  if (rolling !== null) {
    // The day on which the window ends, and the days before it.
    return { from: plus(1 - rolling, 'day'), to: Math.min(plus(1, 'day'), to) };
  }
  const interval = lengthOf((query.interval ?? DEFAULT_QUERY.interval) as Interval, to - from);
  if (interval === 'range') {
    return { from, to };
  }
  const { amount, unit } = STEPS[interval];
  return { from: start, to: Math.min(plus(amount, unit), to) };
}

/** `auto` as the backend resolves it, from the range's length alone. */
function lengthOf(interval: Interval, span: number): Exclude<Interval, 'auto'> {
  if (interval !== 'auto') {
    return interval;
  }
  const days = Math.floor(span / DAY_MS);
  return days <= 31 ? 'day' : days <= 26 * 7 ? 'week' : days <= 3 * 365 + 1 ? 'month' : 'quarter';
}
