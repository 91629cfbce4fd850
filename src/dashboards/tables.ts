import { STAGES } from '../engine/moments';
import type { Transformation } from './json';
import { COLOURED_TEXT, OPEN_SOURCE, STAGE_TITLES, TEAM, unit, words } from './looks';
import { type Column, tablePanel, type Unplaced } from './panels';
import { ask, type BoardQuery, rows } from './query';

/** The tables of facts, alike on every board that has them. */
interface FactTable {
  id: number;
  title: string;
  description: string;
  height: number;
  empty: string;
  query?: BoardQuery;
  transformations?: Transformation[];
  sortBy?: { title: string; desc: boolean };
}

const AGE = [unit('s')];

/** Git's own way to shorten a commit's name. */
const SHORT_SHA = { id: 'mappings', value: [{ type: 'regex', options: { pattern: '^([0-9a-f]{7})[0-9a-f]+$', result: { text: '$1', index: 0 } } }] };

/** Sentences in lines, so that their end can be read. */
const WRAPPED = { id: 'custom.wrapText', value: true };

/** Where facts could not be fetched, none being listed means nothing: the notice beside the title says so. */
function unlessWarned(empty: string): string {
  return `${empty} If there is a warning sign above, not everything is known.`;
}

export function deploymentsTable({ height, query, ...table }: FactTable): Unplaced {
  return tablePanel({
    sortBy: { title: 'Finished', desc: true },
    ...table,
    empty: unlessWarned(table.empty),
    size: { w: 24, h: height },
    targets: ask(rows('deployments', query)),
    columns: {
      finishedAt: { title: 'Finished', width: 155 },
      team: { ...TEAM, width: 100 },
      service: { title: 'Service', width: 150 },
      sha: { title: 'Commit', width: 95, properties: [OPEN_SOURCE, SHORT_SHA] },
      ref: { title: 'Branch or tag', width: 125 },
      kind: { title: 'Kind', width: 85 },
      status: { title: 'Status', width: 95, properties: [COLOURED_TEXT, words({ succeeded: { text: 'succeeded', color: 'text' }, failed: { text: 'failed', color: 'red' } })] },
      failed: { title: 'In production', width: 125, properties: [COLOURED_TEXT, words({ true: { text: 'made trouble', color: 'red' }, false: { text: 'fine so far', color: 'text' } })] },
      changes: { title: 'Changes', width: 100 },
      reason: { title: 'Why' },
    },
  });
}

export function incidentsTable({ height, query, ...table }: FactTable): Unplaced {
  return tablePanel({
    sortBy: { title: 'Opened', desc: true },
    ...table,
    empty: unlessWarned(table.empty),
    size: { w: 24, h: height },
    targets: ask(rows('incidents', query)),
    columns: {
      openedAt: { title: 'Opened', width: 155 },
      resolvedAt: { title: 'Resolved', width: 155, properties: [{ id: 'noValue', value: 'still open' }] },
      restoreTime: { title: 'Lasted', width: 95, properties: AGE },
      team: { ...TEAM, width: 100 },
      service: { title: 'Service', width: 155 },
      title: { title: 'Incident' },
      linkReason: { title: 'Blamed deployment', width: 255 },
      resolvedBy: { title: 'Ended by', width: 115 },
    },
  });
}

const CHANGE: Record<string, Column> = {
  team: TEAM,
  repository: { title: 'Repository', width: 190 },
  number: { title: 'No.', width: 80, properties: [unit('none')] },
  title: { title: 'Change' },
  author: { title: 'Author', width: 120 },
};

export function deliveredTable({ height, query, ...table }: FactTable): Unplaced {
  return tablePanel({
    // Its headings need the room of the filters.
    filterable: false,
    ...table,
    empty: unlessWarned(table.empty),
    size: { w: 24, h: height },
    targets: ask(rows('changes', query)),
    columns: {
      leadTime: { title: 'Lead time', width: 95, properties: AGE },
      team: { ...TEAM, width: 100 },
      title: { title: 'Change' },
      repository: { title: 'Repository', width: 155 },
      deployedAt: { title: 'Deployed', width: 155 },
      ...Object.fromEntries(STAGES.map((stage): [string, Column] => [stage, { title: STAGE_TITLES[stage], width: 92, properties: AGE }])),
    },
  });
}

export function waitingTable({ height, query, ...table }: FactTable): Unplaced {
  return tablePanel({
    ...table,
    empty: unlessWarned(table.empty),
    size: { w: 24, h: height },
    targets: ask(rows('changes', query)),
    columns: { waiting: { title: 'Waits since its merge', width: 180, properties: AGE }, ...CHANGE, mergedAt: { title: 'Merged', width: 170 } },
  });
}

export function findingsTable({ height, query, ...table }: FactTable): Unplaced {
  return tablePanel({
    sortBy: { title: 'Count', desc: true },
    ...table,
    size: { w: 24, h: height },
    targets: ask(rows('data-quality', query)),
    columns: {
      count: { title: 'Count', width: 100 },
      of: { title: 'Of', width: 90 },
      team: TEAM,
      check: { title: 'What', width: 240 },
      examples: { title: 'For example', width: 300 },
      meaning: { title: 'What it means', properties: [WRAPPED] },
    },
  });
}

const PHASES = words({
  done: { text: 'up to date', color: 'green' },
  updating: { text: 'looking for news', color: 'blue' },
  history: { text: 'fetching history', color: 'blue' },
  waiting: { text: 'waits for its turn', color: 'text' },
  paused: { text: 'pauses', color: 'orange' },
  failed: { text: 'failed', color: 'red' },
});


const SOURCE_COLUMNS: Record<string, Column> = {
  source: { title: 'Source', width: 115 },
  scope: { title: 'Repository or account', width: 230 },
  phase: { title: 'State', width: 140, properties: [COLOURED_TEXT, PHASES] },
};
const LAST_SUCCESS: Column = { title: 'Last success', width: 145, properties: [unit('dateTimeFromNow'), { id: 'noValue', value: 'never' }] };

/** How far each repository and account is, and what is wrong with it. */
export function syncTable({ height, query, ...table }: FactTable): Unplaced {
  return tablePanel({
    ...table,
    size: { w: 24, h: height },
    targets: ask(rows('sync', query)),
    columns: {
      ...SOURCE_COLUMNS,
      fetched: { title: 'Fetched', width: 90 },
      lastSuccessAt: LAST_SUCCESS,
      rateLimitRemaining: { title: 'Calls left', width: 100, properties: [unit('none')] },
      errorCode: { title: 'Code', width: 190 },
      error: { title: 'What is wrong', properties: [WRAPPED] },
    },
  });
}

/** How much is left of what is under way, and when it goes on. */
export function progressTable({ height, query, ...table }: FactTable): Unplaced {
  return tablePanel({
    ...table,
    size: { w: 24, h: height },
    targets: ask(rows('sync', query)),
    columns: {
      ...SOURCE_COLUMNS,
      fetched: { title: 'Fetched', width: 90 },
      total: { title: 'Of about', width: 90 },
      finishesAt: { title: 'Done', width: 130, properties: [unit('dateTimeFromNow')] },
      resumesAt: { title: 'Goes on', width: 130, properties: [unit('dateTimeFromNow')] },
      lastSuccessAt: LAST_SUCCESS,
      error: { title: 'What is wrong', properties: [WRAPPED] },
    },
  });
}
