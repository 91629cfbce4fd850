import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { encodeAnswer } from '../../src/backend/frames/answer';
import type { Answer } from '../../src/engine/answer';
import { decodeFrame } from './frames';

const DAY = 86_400_000;
const START = Date.UTC(2024, 1, 26);
const THRESHOLDS = [
  { from: null, level: 'elite' as const },
  { from: 5, level: 'high' as const },
  { from: 10, level: 'medium' as const },
  { from: 15, level: 'low' as const },
];

const ANSWERS: Record<string, Answer> = {
  timeseries: {
    kind: 'timeseries',
    series: [
      {
        name: 'Payments',
        labels: { team: 'Payments' },
        unit: 'percent',
        times: [START, START + 7 * DAY, START + 14 * DAY],
        values: [12.5, null, 0],
        immature: [START + 14 * DAY],
        running: START + 14 * DAY,
        thresholds: THRESHOLDS,
        decimals: 1,
      },
      { name: 'Søk & 検索', labels: { team: 'Søk & 検索', period: 'previous' }, unit: 'percent', times: [START], values: [null], lower: [0], upper: [100], immature: [], running: null, thresholds: [] },
    ],
    notices: [
      { severity: 'warning', text: '2 of 9 incidents not linked' },
      { severity: 'warning', text: '2 of 9 incidents not linked' },
      { severity: 'info', text: 'Teams overlap' },
    ],
  },
  numbers: {
    kind: 'numbers',
    numbers: [
      { name: 'Payments', labels: { team: 'Payments' }, unit: 's', value: 3_600.5, thresholds: THRESHOLDS },
      { name: 'Search', labels: { team: 'Search' }, unit: 's', value: null, thresholds: [] },
      { name: 'Mobile', labels: { team: 'Mobile' }, unit: 's', value: 2, lower: 1, upper: null, thresholds: THRESHOLDS },
    ],
    notices: [],
  },
  table: {
    kind: 'table',
    name: 'changes',
    columns: [
      { name: 'repository', type: 'string', values: ['acme/a', 'acme/b'] },
      { name: 'number', type: 'number', values: [7, null], linkColumn: 'url' },
      { name: 'deployedAt', type: 'time', values: [START + 123, null], description: 'When it reached production' },
      { name: 'leadTime', type: 'number', unit: 's', values: [0.001, null] },
      { name: 'baseline', type: 'boolean', values: [true, null] },
      { name: 'level', type: 'string', values: ['elite', null] },
      { name: 'url', type: 'string', values: ['https://github.com/acme/a/pull/7?x=%3A', null] },
    ],
    notices: [],
  },
  'no-data-with-notice': { kind: 'numbers', numbers: [], notices: [{ severity: 'info', text: 'The first synchronisation is running' }] },
  'no-data': { kind: 'timeseries', series: [], notices: [] },
};

describe('frames', () => {
  it.each(Object.keys(ANSWERS))('%s: as the golden file has them', (name) => {
    const frames = encodeAnswer(ANSWERS[name], 'A').map(decodeFrame);
    const golden = join(__dirname, 'golden', `${name}.json`);
    const text = `${JSON.stringify(frames, null, 2)}\n`;
    if (process.env.DORA_GOLDEN === 'write') {
      writeFileSync(golden, text);
    }
    expect(text).toBe(readFileSync(golden, 'utf8'));
  });

  it('keeps every time and value exactly, gaps included', () => {
    fc.assert(
      fc.property(
        // int64 nanoseconds reach from 1678 to 2262.
        fc.array(fc.record({ at: fc.integer({ min: -9_000_000_000_000, max: 9_200_000_000_000 }), value: fc.option(fc.double({ noNaN: true })) }), { maxLength: 70 }),
        (points) => {
          const times = points.map(({ at }) => at);
          const values = points.map(({ value }) => value);
          const answer: Answer = { kind: 'timeseries', series: [{ name: 'x', labels: {}, unit: 's', times, values, immature: [], running: null, thresholds: [] }], notices: [] };
          const [time, value] = encodeAnswer(answer, 'A').map(decodeFrame)[0].fields;
          expect(time.values).toEqual(times);
          expect(value.values).toEqual(values);
          expect([time.nullable, value.nullable]).toEqual([false, true]);
        },
      ),
      { numRuns: process.env.DORA_LONG === '1' ? 5_000 : 100 },
    );
  });

  it('refuses a series whose time is absent, for no alert rule would find it', () => {
    const broken = { kind: 'timeseries', series: [{ name: 'x', labels: {}, unit: 's', times: [null as unknown as number], values: [1], immature: [], running: null, thresholds: [] }], notices: [] } satisfies Answer;
    expect(() => encodeAnswer(broken, 'A')).toThrow('Time');
  });
});
