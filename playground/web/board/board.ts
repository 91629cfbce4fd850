import type { DataQuery, DataTransformerConfig, FieldConfigSource, RawTimeRange } from '@grafana/data';

/** The parts of a stored dashboard that the page draws; the files are those of provisioning/dashboards. */
export interface Board {
  uid: string;
  title: string;
  description?: string;
  timezone?: string;
  time: { from: string; to: string };
  panels: Panel[];
  templating: { list: Variable[] };
}

export interface GridPosition {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  gridPos: GridPosition;
  targets?: DataQuery[];
  fieldConfig?: FieldConfigSource;
  transformations?: DataTransformerConfig[];
  options?: Record<string, unknown>;
  /** A range of its own, such as `28d`. */
  timeFrom?: string;
  hideTimeOverride?: boolean;
  interval?: string;
  collapsed?: boolean;
  panels?: Panel[];
}

export interface Variable {
  name: string;
  type: 'query' | 'custom' | 'datasource';
  label?: string;
  description?: string;
  query: unknown;
  multi?: boolean;
  includeAll?: boolean;
  current: { text: string | string[]; value: string | string[] };
}

/** A row and what stands below it, until the next row. */
export interface Section {
  /** Null: panels before the first row. */
  row: Panel | null;
  panels: Panel[];
}

export function sectionsOf(board: Board): Section[] {
  const sections: Section[] = [];
  for (const panel of [...board.panels].sort((one, other) => one.gridPos.y - other.gridPos.y || one.gridPos.x - other.gridPos.x)) {
    if (panel.type === 'row') {
      sections.push({ row: panel, panels: panel.collapsed ? (panel.panels ?? []) : [] });
    } else {
      const last = sections.at(-1);
      if (last && !last.row?.collapsed) {
        last.panels.push(panel);
      } else {
        sections.push({ row: null, panels: [panel] });
      }
    }
  }
  return sections;
}

/** A panel's own range ends where the board's ends. */
export function rangeOfPanel(panel: Panel, board: { from: string; to: string }): RawTimeRange & { from: string; to: string } {
  return panel.timeFrom ? { from: `now-${panel.timeFrom}`, to: 'now' } : board;
}
