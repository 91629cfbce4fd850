import type { DataFrame, DataQueryResponse } from '@grafana/data';

/**
 * The answer, with no columns where a table has no row: Grafana's table shows the bare head of an empty table, and of one without
 * columns what the panel says where there is nothing. The frame stays, for its notices say why.
 */
export function withoutEmptyTables(response: DataQueryResponse): DataQueryResponse {
  const data = (response.data as DataFrame[]).map((frame) => (frame.meta?.preferredVisualisationType === 'table' && frame.length === 0 ? { ...frame, fields: [] } : frame));
  return { ...response, data };
}
