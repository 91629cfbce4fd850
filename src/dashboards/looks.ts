import { type LevelMetric, thresholdsOf } from '../engine/levels';
import { STAGES } from '../engine/moments';
import { BOARD_UIDS } from '../shared/boards';
import type { Override, Property } from './json';
import type { Column } from './panels';
import { override } from './panels';

/** Year of the report whose levels colour the boards. */
export const LEVELS_YEAR = 2023;

/** Of a cell's ground, on which Grafana writes in white: dark enough for that in both themes. */
const LEVEL_GROUNDS = { elite: 'dark-blue', high: 'dark-green', medium: '#b5560a', low: 'dark-red' } as const;

const BACKGROUND: Property = { id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } };
/** A cell in the colour of its level, and one without a level in none. */
export const LEVEL_CELL: Property[] = [
  BACKGROUND,
  { id: 'color', value: { mode: 'fixed', fixedColor: 'transparent' } },
  words(Object.fromEntries(Object.entries(LEVEL_GROUNDS).map(([level, color]) => [level, { text: level, color }]))),
];
/** A cell with a value in the colour of its level. */
export const VALUE_CELL: Property[] = [
  BACKGROUND,
  { id: 'color', value: { mode: 'thresholds' } },
  { id: 'mappings', value: [{ type: 'special', options: { match: 'null+nan', result: { text: '–', color: 'transparent', index: 0 } } }] },
];
export const COLOURED_TEXT: Property = { id: 'custom.cellOptions', value: { type: 'color-text' } };

/** Level colours of a column of values, in the metric's unit; frequency in deployment days a week. */
export function levelThresholds(metric: LevelMetric): Property {
  const steps = thresholdsOf(metric, LEVELS_YEAR, 1).map(({ from, level }) => ({ value: from, color: LEVEL_GROUNDS[level] }));
  return { id: 'thresholds', value: { mode: 'absolute', steps } };
}

/** Texts of a column in colours, such as `failed` in red. */
export function words(texts: Record<string, { text: string; color: string }>): Property {
  return { id: 'mappings', value: [{ type: 'value', options: Object.fromEntries(Object.entries(texts).map(([value, shown], index) => [value, { ...shown, index }])) }] };
}

export function unit(value: string): Property {
  return { id: 'unit', value };
}

export function decimals(value: number): Property {
  return { id: 'decimals', value };
}

/** A cell that leads to where the row's address says. */
export const OPEN_SOURCE: Property = { id: 'links', value: [{ title: 'Open at its source', url: '${__data.fields["url"]:raw}', targetBlank: true }] };

const KEPT = '${datasource:queryparam}&${interval:queryparam}&${__url_time_range}';

/** A cell with a team's name that leads to that team on another board, in the same time. */
export function toTeamOn(board: keyof typeof BOARD_UIDS, title: string): Property {
  return { id: 'links', value: [{ title, url: `/d/${BOARD_UIDS[board]}?${KEPT}&var-team=\${__value.raw:percentencode}` }] };
}

export const TEAM: Column = { title: 'Team', width: 120, properties: [toTeamOn('overview', 'Overview of this team')] };

/** Colours of the stages, from first commit to production. */
const STAGE_COLOURS: Record<(typeof STAGES)[number], string> = {
  'commit to open': 'dark-blue',
  'first response': 'light-blue',
  rework: 'purple',
  merge: 'light-purple',
  deploy: 'semi-dark-yellow',
};

export const STAGES_IN_COLOUR: Override[] = STAGES.map((stage) => override(stage, { id: 'color', value: { mode: 'fixed', fixedColor: STAGE_COLOURS[stage] } }));

/** Headings of the stages in tables. */
export const STAGE_TITLES: Record<(typeof STAGES)[number], string> = {
  'commit to open': 'To open',
  'first response': 'To response',
  rework: 'To approval',
  merge: 'To merge',
  deploy: 'To deploy',
};
