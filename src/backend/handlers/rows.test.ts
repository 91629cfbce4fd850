import type { Answer, Cell } from '../../engine/answer';
import { CHANGE_STATES } from '../../engine/tables/changes';
import { parseQuery } from '../../shared/query';
import { type QueryType, ROWS_OF, type RowChoice } from '../../shared/queryOptions';
import { chosenRows } from './rows';

function table(column: string, values: Cell[]): Answer {
  return {
    kind: 'table',
    name: 'rows',
    columns: [
      { name: 'row', type: 'number', values: values.map((_, row) => row) },
      { name: column, type: 'string', values },
    ],
    notices: [{ severity: 'info', text: 'kept' }],
  };
}

function kept(queryType: QueryType, rows: RowChoice, answer: Answer): Cell[] {
  const chosen = chosenRows(answer, parseQuery({ queryType, rows }));
  if (chosen.kind !== 'table') {
    throw new Error('no table');
  }
  expect(chosen.notices).toEqual(answer.notices);
  return chosen.columns[0].values;
}

const CASES: Array<[QueryType, RowChoice, string, Cell[], number[]]> = [
  ['changes', 'delivered', 'counted', [true, false, true], [0, 2]],
  ['changes', 'waiting', 'state', [CHANGE_STATES.delivered, CHANGE_STATES.waiting, CHANGE_STATES.early], [1]],
  ['deployments', 'failed', 'failed', [false, true], [1]],
  ['incidents', 'open', 'resolvedAt', [1_700_000_000_000, null], [1]],
  ['incidents', 'unlinked', 'deploymentId', ['api@1', null, null], [1, 2]],
  ['data-quality', 'found', 'count', [0, 3], [1]],
  ['sync', 'behind', 'phase', ['done', 'failed', 'history'], [1, 2]],
];

it.each(CASES)('%s, %s', (queryType, rows, column, values, expected) => {
  expect(kept(queryType, rows, table(column, values))).toEqual(expected);
  expect(kept(queryType, 'all', table(column, values))).toEqual(values.map((_, row) => row));
});

it('has every choice that a query may name', () => {
  const offered = Object.entries(ROWS_OF).flatMap(([queryType, choices]) => choices.map((rows) => [queryType, rows]));
  expect(CASES.map(([queryType, rows]) => [queryType, rows])).toEqual(offered);
});

it('leaves what is no table alone', () => {
  const answer: Answer = { kind: 'numbers', numbers: [], notices: [] };
  expect(chosenRows(answer, parseQuery({ queryType: 'sync', format: 'number', rows: 'behind' }))).toBe(answer);
});
