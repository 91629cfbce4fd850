import { BOARD_UIDS } from '../shared/boards';
import type { Dashboard, Panel } from './json';
import type { Unplaced } from './panels';
import { SOURCE } from './query';

/** A heading and the panels below it, in lines from left to right. */
export interface Section {
  id: number;
  title: string;
  lines: Unplaced[][];
}

interface BoardText {
  board: keyof typeof BOARD_UIDS;
  title: string;
  description: string;
  /** Markdown: what somebody has to know who sees such numbers for the first time. */
  guide: string;
  guideHeight: number;
  sections: Section[];
}

const WIDTH = 24;
const GUIDE_ID = 100;

const DATA_SOURCE = {
  name: 'datasource',
  type: 'datasource',
  label: 'Data source',
  description: 'Where the numbers come from.',
  query: SOURCE.type,
  current: { text: 'DORA', value: 'dora' },
  hide: 0,
  includeAll: false,
  multi: false,
  options: [],
  refresh: 1,
  regex: '',
};

const TEAM = {
  name: 'team',
  type: 'query',
  label: 'Team',
  description: 'Teams as the data source defines them.',
  datasource: SOURCE,
  query: { refId: 'team', type: 'teams' },
  current: { text: ['All'], value: ['$__all'] },
  hide: 0,
  includeAll: true,
  multi: true,
  allowCustomValue: false,
  options: [],
  refresh: 1,
  regex: '',
  sort: 1,
};

const INTERVALS = ['week', 'month', 'quarter', 'day', 'auto'];
const INTERVAL = {
  name: 'interval',
  type: 'custom',
  label: 'Interval',
  description: 'Length of one point of the trends.',
  query: INTERVALS.join(','),
  current: { text: INTERVALS[0], value: INTERVALS[0] },
  hide: 0,
  includeAll: false,
  multi: false,
  allowCustomValue: false,
  options: INTERVALS.map((interval, index) => ({ text: interval, value: interval, selected: index === 0 })),
};

const LINKS = [
  { type: 'dashboards', title: 'DORA boards', tags: ['dora'], asDropdown: false, includeVars: true, keepTime: true, targetBlank: false, icon: 'external link', tooltip: '', url: '' },
];

/** A whole board: the guide folded away at its top, then each section below the one before. */
export function board({ board: name, title, description, guide, guideHeight, sections }: BoardText): Dashboard {
  const panels: Panel[] = [guideRow(guide, guideHeight)];
  let y = 1;
  for (const { id, title: heading, lines } of sections) {
    panels.push({ id, type: 'row', title: heading, collapsed: false, gridPos: { x: 0, y, w: WIDTH, h: 1 }, panels: [] });
    y += 1;
    for (const line of lines) {
      let x = 0;
      for (const { size, ...panel } of line) {
        panels.push({ ...panel, gridPos: { x, y, ...size } });
        x += size.w;
      }
      y += Math.max(...line.map(({ size }) => size.h));
    }
  }
  return {
    uid: BOARD_UIDS[name],
    title,
    description,
    tags: ['dora'],
    links: LINKS,
    templating: { list: [DATA_SOURCE, TEAM, INTERVAL] },
    annotations: { list: [] },
    panels,
    editable: true,
    graphTooltip: 1,
    timezone: '',
    time: { from: 'now-90d', to: 'now' },
    refresh: '5m',
    schemaVersion: 41,
    version: 1,
  };
}

function guideRow(content: string, height: number): Panel {
  const text: Panel = {
    id: GUIDE_ID + 1,
    type: 'text',
    title: 'How to read this board',
    description: 'What the numbers mean, what the colours say and what a gap is.',
    gridPos: { x: 0, y: 1, w: WIDTH, h: height },
    options: { mode: 'markdown', content, code: { language: 'plaintext', showLineNumbers: false, showMiniMap: false } },
    fieldConfig: { defaults: {}, overrides: [] },
    targets: [],
  };
  return { id: GUIDE_ID, type: 'row', title: 'How to read this', collapsed: true, gridPos: { x: 0, y: 0, w: WIDTH, h: 1 }, panels: [text] };
}
