import type { Answer, Cell, Column, Notice, Unit } from '../answer';

/** One column of a table, filled from rows. */
export interface ColumnOf<Row> {
  name: string;
  type: Column['type'];
  unit?: Unit;
  description?: string;
  linkColumn?: string;
  cell: (row: Row) => Cell;
}

/** NaN stands for an instant that never came. */
export function instant(value: number | null): number | null {
  return value === null || Number.isNaN(value) ? null : value;
}

export function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}

export function tableOf<Row>(name: string, columns: ReadonlyArray<ColumnOf<Row>>, rows: readonly Row[], notices: Notice[]): Extract<Answer, { kind: 'table' }> {
  return {
    kind: 'table',
    name,
    columns: columns.map(({ cell, ...column }) => ({ ...column, values: rows.map(cell) })),
    notices,
  };
}
