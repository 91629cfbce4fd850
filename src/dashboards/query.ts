import type { StoredDoraQuery } from '../shared/query';
import type { DataSourceRef, Target } from './json';

/** The data source that the board's variable names. */
export const SOURCE: DataSourceRef = { type: 'dora-metrics-datasource', uid: '${datasource}' };

/** Fields of a query, each with its own values or a variable of the board. */
type Variable = `$${string}`;
export type BoardQuery = { [Field in keyof StoredDoraQuery]: StoredDoraQuery[Field] | Variable };

/** Queries of the chosen teams, with A, B, … as their names. */
export function ask(...queries: BoardQuery[]): Target[] {
  return queries.map((query, index) => ({ refId: String.fromCharCode(65 + index), datasource: SOURCE, ...(query.queryType === 'sync' ? {} : { teams: ['$team'] }), ...query }));
}

/** A metric over the time range, a point for each of the board's intervals. */
export function overTime(query: BoardQuery): BoardQuery {
  return { queryType: 'metric', interval: '$interval', groupBy: 'team', ...query };
}

/** Where a metric stood on each of the last 28 days, each looking back 28 days. */
export function lastFourWeeks(query: BoardQuery): BoardQuery {
  return { queryType: 'metric', window: 'rolling', rollingDays: 28, interval: 'day', format: 'timeseries', groupBy: 'team', ...query };
}

/** One value of the whole time range. */
export function wholeRange(query: BoardQuery): BoardQuery {
  return { queryType: 'metric', format: 'number', groupBy: 'team', ...query };
}

/** Rows of the time range. */
export function rows(queryType: 'changes' | 'deployments' | 'incidents' | 'data-quality' | 'sync', query: BoardQuery = {}): BoardQuery {
  return { queryType, format: 'table', ...query };
}
