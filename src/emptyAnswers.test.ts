import { type DataFrame, FieldType } from '@grafana/data';
import { withoutNothing } from './emptyAnswers';

const NOTICES = [{ severity: 'warning' as const, text: 'why' }];

function table(values: string[], type?: 'table'): DataFrame {
  return { refId: 'A', length: values.length, meta: { notices: NOTICES, preferredVisualisationType: type }, fields: [{ name: 'title', type: FieldType.string, config: {}, values }] };
}

function series(values: Array<number | null>): DataFrame {
  const times = values.map((_, day) => day);
  return { refId: 'A', length: values.length, meta: { notices: NOTICES }, fields: [{ name: 'Time', type: FieldType.time, config: {}, values: times }, { name: 'Value', type: FieldType.number, config: {}, values }] };
}

it('takes the columns of a table without rows away, and keeps its notices', () => {
  expect(withoutNothing({ data: [table([], 'table')], key: 'k' }, 'table')).toEqual({ key: 'k', data: [{ ...table([], 'table'), fields: [] }] });
});

it('takes series without any value away from a panel that would draw a grid, and keeps their notices', () => {
  const data = [series([null, null]), series([null, null])];
  expect(withoutNothing({ data }, 'timeseries').data).toEqual(data.map((frame) => ({ ...frame, fields: [], length: 0 })));
  for (const panel of ['stat', 'bargauge', undefined]) {
    expect(withoutNothing({ data }, panel).data).toEqual(data);
  }
});

it('leaves what has rows or a value alone, zero too', () => {
  const data = [series([null, null]), series([null, 0])];
  expect(withoutNothing({ data }, 'timeseries').data).toEqual(data);
  expect(withoutNothing({ data: [table(['a'], 'table'), table([])] }, 'table').data).toEqual([table(['a'], 'table'), table([])]);
});
