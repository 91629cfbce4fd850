import { type DataFrame, FieldType } from '@grafana/data';
import { withoutEmptyTables } from './emptyTables';

function frame(values: string[], type?: 'table'): DataFrame {
  const notices = [{ severity: 'warning' as const, text: 'why' }];
  return { refId: 'A', length: values.length, meta: { notices, preferredVisualisationType: type }, fields: [{ name: 'title', type: FieldType.string, config: {}, values }] };
}

it('takes the columns of a table without rows away, and keeps its notices', () => {
  expect(withoutEmptyTables({ data: [frame([], 'table')], key: 'k' })).toEqual({ key: 'k', data: [{ ...frame([], 'table'), fields: [] }] });
});

it('leaves tables with rows and everything else alone', () => {
  const data = [frame(['a'], 'table'), frame([])];
  expect(withoutEmptyTables({ data }).data).toEqual(data);
});
