import type { FieldConfig, GridPosition, Override, Panel, Property, Target, Transformation } from './json';
import { SOURCE } from './query';

/** A panel before the layout gives it a place. */
export type Unplaced = Omit<Panel, 'gridPos'> & { size: Pick<GridPosition, 'w' | 'h'> };

interface Common {
  id: number;
  title: string;
  description: string;
  size: Pick<GridPosition, 'w' | 'h'>;
  targets: Target[];
  transformations?: Transformation[];
}

/** What a value that is not there is called; a gap is not zero. */
export const NOTHING = 'No value';

/** What a panel without an answer says. */
const NO_ANSWER = 'No data';

/** What a graph without any value says. */
const NO_SERIES = 'Nothing is known to measure in this time range.';

/** The same beside a bar: Grafana gives each bar the room that the longest word and the longest unit take together. */
export const NO_BAR = 'n/a';

const absent = (text: string) => [{ type: 'special', options: { match: 'null+nan', result: { text, color: 'text', index: 0 } } }];

export function override(name: string, ...properties: Property[]): Override {
  return { matcher: { id: 'byName', options: name }, properties };
}

/** A label's value as a name; a text with macros stays as it is. */
function labelled(name: string): string {
  return name.includes('$') ? name : `\${__field.labels.${name}}`;
}

/** The data source says how many decimals it knows; this says how many are of use here. */
function withDecimals(decimals: number | undefined): Override[] {
  return decimals === undefined ? [] : [{ matcher: { id: 'byType', options: 'number' }, properties: [{ id: 'decimals', value: decimals }] }];
}

function common({ id, title, description, size, targets, transformations }: Common): Omit<Unplaced, 'type'> {
  return { id, title, description, datasource: SOURCE, size, targets, ...(transformations ? { transformations } : {}) };
}

interface StatPanel extends Common {
  /** Field label that names each value. */
  name: string;
  decimals?: number;
  /** The report has no levels for it: no colours. */
  withoutLevels?: boolean;
}

/** The four keys: one number a team, with the line of the last 28 days below it. */
export function fourWeekStat({ name, decimals, withoutLevels = false, ...panel }: StatPanel): Unplaced {
  return {
    ...common(panel),
    type: 'stat',
    fieldConfig: {
      defaults: { color: withoutLevels ? { mode: 'fixed', fixedColor: 'text' } : { mode: 'thresholds' }, displayName: labelled(name), noValue: NO_ANSWER, mappings: absent(NOTHING), min: 0 },
      overrides: withDecimals(decimals),
    },
    options: {
      reduceOptions: { values: false, calcs: ['last'], fields: '' },
      orientation: 'horizontal',
      textMode: 'value_and_name',
      wideLayout: true,
      colorMode: 'value',
      graphMode: 'area',
      justifyMode: 'auto',
      // Between the first and the last value that exist: beside "No value" it would speak of something else.
      showPercentChange: false,
      // Alike on every tile, however long its words are.
      text: { titleSize: 15, valueSize: 22 },
    },
    timeFrom: '28d',
    hideTimeOverride: true,
    interval: '1d',
  };
}

interface SeriesPanel extends Common {
  /** Field label that names each series, or a text with macros. */
  name: string;
  kind: 'line' | 'bars' | 'stacked';
  legend?: 'bottom' | 'right';
  decimals?: number;
  overrides?: Override[];
}

/** Values over time. Lines break at gaps. */
export function overTimePanel({ name, kind, legend = 'bottom', decimals, overrides = [], ...panel }: SeriesPanel): Unplaced {
  const drawn =
    kind === 'line'
      ? { drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 2, fillOpacity: 0, showPoints: 'always', pointSize: 6, spanNulls: false }
      : { drawStyle: 'bars', barAlignment: 1, barWidthFactor: 0.8, fillOpacity: 80, lineWidth: 0, ...(kind === 'stacked' ? { stacking: { mode: 'normal', group: 'A' } } : {}) };
  return {
    ...common(panel),
    type: 'timeseries',
    fieldConfig: {
      defaults: {
        color: { mode: 'palette-classic' },
        custom: { ...drawn, thresholdsStyle: { mode: 'off' } },
        min: 0,
        displayName: labelled(name),
        noValue: NO_SERIES,
      },
      overrides: [...withDecimals(decimals), ...overrides],
    },
    options: {
      legend: { displayMode: 'list', placement: legend, showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: kind === 'stacked' ? 'none' : 'desc', hideZeros: false },
    },
  };
}

interface BarPanel extends Common {
  /** Field label that names each bar; with `column` the column that does. */
  name: string;
  defaults?: Record<string, unknown>;
  /** A bar for each row, as long as this column says; absent: a bar for each series. */
  column?: string;
}

/** Bars side by side, the level of each as its colour. */
export function barPanel({ name, defaults = {}, column, ...panel }: BarPanel): Unplaced {
  return {
    ...common(column === undefined ? panel : { ...panel, transformations: [{ id: 'filterFieldsByName', options: { include: { names: [name, column] } } }] }),
    type: 'bargauge',
    fieldConfig: {
      defaults: { color: { mode: 'thresholds' }, min: 0, displayName: column === undefined ? labelled(name) : `\${__data.fields.${name}}`, noValue: NO_ANSWER, mappings: absent(NO_BAR), ...defaults },
      overrides: [],
    },
    options: {
      reduceOptions: column === undefined ? { values: false, calcs: ['lastNotNull'], fields: '' } : { values: true, calcs: [], fields: '', limit: 25 },
      orientation: 'horizontal',
      displayMode: 'basic',
      valueMode: 'color',
      namePlacement: 'left',
      showUnfilled: true,
      // One bar alone is neither as high as the panel nor its name as large.
      sizing: 'manual',
      minVizWidth: 8,
      minVizHeight: 16,
      maxVizHeight: 44,
      text: { titleSize: 14, valueSize: 16 },
      legend: { displayMode: 'list', placement: 'bottom', showLegend: false, calcs: [] },
    },
  };
}

/** A column of a table: its heading and how it looks. */
export interface Column {
  title: string;
  width?: number;
  properties?: Property[];
}

interface TablePanel extends Common {
  /** In the order in which they stand; every other column is hidden. */
  columns: Record<string, Column>;
  sortBy?: { title: string; desc: boolean };
  filterable?: boolean;
  /** Least width of a column without a width of its own. */
  minWidth?: number;
  /** What the panel says when there is no row. */
  empty: string;
}

/** Rows, with the columns that the board names. */
export function tablePanel({ columns, sortBy, filterable = true, minWidth = 150, empty, transformations = [], ...panel }: TablePanel): Unplaced {
  const names = Object.keys(columns);
  const fieldConfig: FieldConfig = {
    defaults: { custom: { align: 'auto', filterable, minWidth }, noValue: empty },
    overrides: [
      // Hidden and not filtered out: a filter takes a frame without columns away, and with it the notices that say why there is nothing. First, while
      // columns have their own names: Grafana matches by those that they are shown under.
      { matcher: { id: 'byRegexp', options: `/^(?!(?:${names.map(literally).join('|')})$)/` }, properties: [{ id: 'custom.hideFrom.viz', value: true }] },
      ...names.map((name) => {
        const { title, width, properties = [] } = columns[name];
        // Of the whole table `noValue` is what an empty one says, of a column what an empty cell says.
        const blank = properties.some(({ id }) => id === 'noValue') ? [] : [{ id: 'noValue', value: '–' }];
        return override(name, { id: 'displayName', value: title }, ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]), ...blank, ...properties);
      }),
    ],
  };
  return {
    ...common({ ...panel, transformations: [...transformations, ...inOrder(names)] }),
    type: 'table',
    fieldConfig,
    options: { showHeader: true, cellHeight: 'sm', enablePagination: false, ...(sortBy ? { sortBy: [{ displayName: sortBy.title, desc: sortBy.desc }] } : {}) },
  };
}

function inOrder(names: string[]): Transformation[] {
  return [{ id: 'organize', options: { excludeByName: {}, indexByName: Object.fromEntries(names.map((name, index) => [name, index])), renameByName: {} } }];
}

/** Text as a regular expression that matches it alone. */
function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Rows of one column's values against another's, such as teams against metrics. */
export function matrix(row: string, column: string, value: string): Transformation {
  return { id: 'groupingToMatrix', options: { rowField: row, columnField: column, valueField: value, emptyValue: 'null' } };
}

/** The first rows in the order of a column, greatest first. */
export function top(column: string, count?: number): Transformation[] {
  return [{ id: 'sortBy', options: { fields: {}, sort: [{ field: column, desc: true }] } }, ...(count === undefined ? [] : [{ id: 'limit', options: { limitField: count } }])];
}
