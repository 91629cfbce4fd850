import type { Answer, Cell } from '../../engine/answer';
import { CHANGE_STATES } from '../../engine/tables/changes';
import type { DoraQuery } from '../../shared/query';
import type { QueryType, RowChoice } from '../../shared/queryOptions';

/** The column that decides, and what it says of a row that stays. */
interface Choice {
  column: string;
  keeps: (cell: Cell) => boolean;
}

const CHOICES: Partial<Record<QueryType, Partial<Record<RowChoice, Choice>>>> = {
  changes: {
    delivered: { column: 'counted', keeps: (cell) => cell === true },
    waiting: { column: 'state', keeps: (cell) => cell === CHANGE_STATES.waiting },
  },
  deployments: { failed: { column: 'failed', keeps: (cell) => cell === true } },
  incidents: {
    open: { column: 'resolvedAt', keeps: (cell) => cell === null },
    unlinked: { column: 'deploymentId', keeps: (cell) => cell === null },
  },
  'data-quality': { found: { column: 'count', keeps: (cell) => typeof cell === 'number' && cell > 0 } },
  sync: { behind: { column: 'phase', keeps: (cell) => cell !== 'done' } },
};

/** A table with the rows that the query's `rows` names, in their order; every other answer as it is. */
export function chosenRows(answer: Answer, { queryType, rows }: DoraQuery): Answer {
  const choice = CHOICES[queryType]?.[rows];
  if (answer.kind !== 'table' || choice === undefined) {
    return answer;
  }
  const decisive = answer.columns.find(({ name }) => name === choice.column)?.values ?? [];
  const kept = decisive.flatMap((cell, row) => (choice.keeps(cell) ? [row] : []));
  return { ...answer, columns: answer.columns.map((column) => ({ ...column, values: kept.map((row) => column.values[row]) })) };
}
