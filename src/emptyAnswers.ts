import { type DataFrame, type DataQueryResponse, FieldType } from '@grafana/data';

/** Panels that draw an empty grid where no series has a value. */
const DRAWS_A_GRID = 'timeseries';

/**
 * The answer, with no fields where there is nothing to show: of a table without rows Grafana shows the bare head, of series without a
 * value an empty grid, and of frames without fields what the panel says where there is nothing. The frames stay, for their notices say why.
 * @param panel Type of the panel that asks, as far as it is known.
 */
export function withoutNothing(response: DataQueryResponse, panel: string | undefined): DataQueryResponse {
  const frames = response.data as DataFrame[];
  const hasNoValue = panel === DRAWS_A_GRID && frames.every(isWithoutValue);
  const data = frames.map((frame) => (hasNoValue || isEmptyTable(frame) ? { ...frame, fields: [], length: 0 } : frame));
  return { ...response, data };
}

function isEmptyTable({ meta, length }: DataFrame): boolean {
  return meta?.preferredVisualisationType === 'table' && length === 0;
}

function isWithoutValue({ fields }: DataFrame): boolean {
  return fields.every(({ type, values }) => type === FieldType.time || values.every((value) => value === null));
}
