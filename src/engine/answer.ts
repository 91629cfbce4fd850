import type { Instant } from './model';

/** Units as Grafana names them: `s` seconds, `percent` 0…100, `short` a plain count. */
export type Unit = 's' | 'percent' | 'short';

export interface Threshold {
  /** Lower bound of the step in the field's unit; null for the first step (minus infinity). */
  from: number | null;
  level: 'elite' | 'high' | 'medium' | 'low';
}

/** One series of a metric: labels are unique within an answer. */
export interface Series {
  name: string;
  labels: Record<string, string>;
  unit: Unit;
  /** Bucket starts (rolling: the day a window ends on), ascending. */
  times: Instant[];
  /** Same length as `times`; null is a gap: nothing to measure, or not covered. */
  values: Array<number | null>;
  /** Ends of a 95 % interval around each value, same length; only where the query asked for confidence. */
  lower?: Array<number | null>;
  upper?: Array<number | null>;
  /** Bucket starts whose value may still change: younger than the incident window. */
  immature: Instant[];
  /** Start of the bucket that `now` falls in; null when the range ended before. */
  running: Instant | null;
  /** Level steps of this metric, ascending by value; empty where no level applies. */
  thresholds: Threshold[];
  decimals?: number;
}

/** One number a series, for format number. */
export interface NumberValue {
  name: string;
  labels: Record<string, string>;
  unit: Unit;
  value: number | null;
  /** Ends of a 95 % interval; only where the query asked for confidence. */
  lower?: number | null;
  upper?: number | null;
  thresholds: Threshold[];
}

export type Cell = string | number | boolean | null;

export interface Column {
  name: string;
  type: 'time' | 'number' | 'string' | 'boolean';
  unit?: Unit;
  values: Cell[];
  /** Name of the column (often `url`) that holds each row's link. */
  linkColumn?: string;
  description?: string;
}

export interface Notice {
  severity: 'info' | 'warning' | 'error';
  text: string;
}

export type Answer =
  | { kind: 'timeseries'; series: Series[]; notices: Notice[] }
  | { kind: 'numbers'; numbers: NumberValue[]; notices: Notice[] }
  | { kind: 'table'; name: string; columns: Column[]; notices: Notice[] };
