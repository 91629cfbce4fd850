/** The parts of Grafana's dashboard JSON (schema 41) that the boards use. */

export interface DataSourceRef {
  type: string;
  uid: string;
}

export interface GridPosition {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Property {
  id: string;
  value: unknown;
}

export interface Override {
  matcher: { id: 'byName' | 'byType' | 'byRegexp' | 'byFrameRefID'; options: string };
  properties: Property[];
}

export interface FieldConfig {
  defaults: Record<string, unknown>;
  overrides: Override[];
}

export interface Transformation {
  id: string;
  options: Record<string, unknown>;
}

/** A query as a board stores it: any field may hold a variable such as `$team`. */
export interface Target {
  refId: string;
  datasource: DataSourceRef;
  [field: string]: unknown;
}

export interface Panel {
  id: number;
  type: 'row' | 'stat' | 'timeseries' | 'table' | 'bargauge' | 'text';
  title: string;
  description?: string;
  datasource?: DataSourceRef;
  gridPos: GridPosition;
  targets?: Target[];
  fieldConfig?: FieldConfig;
  options?: Record<string, unknown>;
  transformations?: Transformation[];
  timeFrom?: string;
  hideTimeOverride?: boolean;
  interval?: string;
  collapsed?: boolean;
  panels?: Panel[];
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  panels: Panel[];
  [field: string]: unknown;
}
