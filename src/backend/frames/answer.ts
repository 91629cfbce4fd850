import type { Answer, Column, Notice, NumberValue, Series, Threshold } from '../../engine/answer';
import type { SyncState } from '../../shared/resources';
import { encodeFrame, type FieldConfig, type Frame, type FrameMeta } from './frame';

/** Grafana's palette names; the same colours wherever a level is shown. */
const LEVEL_COLOURS: Record<Threshold['level'], string> = { elite: 'blue', high: 'green', medium: 'orange', low: 'red' };

const LEVEL_MAPPINGS: FieldConfig['mappings'] = [
  {
    type: 'value',
    options: Object.fromEntries(Object.entries(LEVEL_COLOURS).map(([level, color], index) => [level, { text: level, color, index }])),
  },
];

/** The version of Grafana's data plane contract; alert rules refuse frames without one. */
const TYPE_VERSION: [number, number] = [0, 1];

/** What an answer says of itself beside its numbers. */
export interface AnswerMeta {
  /** Set while a synchronisation may still change the answer. */
  sync?: SyncState;
  /** Address in Grafana Live at which the answer goes on. */
  channel?: string;
}

/** An answer as the frames of one query, each an Arrow IPC file. */
export function encodeAnswer(answer: Answer, refId: string, meta: AnswerMeta = {}): Uint8Array[] {
  return framesOf(answer, refId, meta).map(encodeFrame);
}

/** Notices and the state of the synchronisation go on the first frame only: Grafana lists the notices of all frames together. */
export function framesOf(answer: Answer, refId: string, { sync, channel }: AnswerMeta = {}): Frame[] {
  const frames = framesWithoutNotices(answer, refId);
  const notices = withoutRepeats(answer.notices);
  if (frames.length === 0 && (notices.length > 0 || sync)) {
    // A frame without fields is "no data" to Grafana and still says why.
    frames.push({ name: '', refId, meta: typed(answer.kind), fields: [] });
  }
  const first = frames[0]?.meta;
  if (notices.length > 0) {
    first.notices = notices;
  }
  if (sync) {
    first.custom = { ...first.custom, sync };
  }
  if (channel !== undefined) {
    first.channel = channel;
  }
  return frames;
}

function framesWithoutNotices(answer: Answer, refId: string): Frame[] {
  switch (answer.kind) {
    case 'timeseries':
      return answer.series.flatMap(withBounds).map((series) => seriesFrame(series, refId));
    case 'numbers':
      return answer.numbers.flatMap(withBoundsOfNumber).map((number) => numberFrame(number, refId));
    case 'table':
      return [
        {
          name: answer.name,
          refId,
          meta: typed('table'),
          fields: answer.columns.map((column) => ({
            name: column.name,
            type: column.type,
            values: column.values,
            nullable: true,
            config: columnConfig(column),
          })),
        },
      ];
  }
}

/** The ends of a confidence interval are series of their own, told apart by a label; a threshold is for the value alone. */
function withBounds(series: Series): Series[] {
  const { lower, upper, ...value } = series;
  const bound = (end: 'lower' | 'upper', values: Series['values'] | undefined): Series[] =>
    values === undefined ? [] : [{ ...value, name: `${value.name} (${end})`, labels: { ...value.labels, confidence: end }, values, thresholds: [] }];
  return [value, ...bound('lower', lower), ...bound('upper', upper)];
}

function withBoundsOfNumber(number: NumberValue): NumberValue[] {
  const { lower, upper, ...value } = number;
  const bound = (end: 'lower' | 'upper', at: number | null | undefined): NumberValue[] =>
    at === undefined ? [] : [{ ...value, name: `${value.name} (${end})`, labels: { ...value.labels, confidence: end }, value: at, thresholds: [] }];
  return [value, ...bound('lower', lower), ...bound('upper', upper)];
}

function typed(kind: Answer['kind']): FrameMeta {
  switch (kind) {
    case 'timeseries':
      return { type: 'timeseries-multi', typeVersion: TYPE_VERSION };
    case 'numbers':
      return { type: 'numeric-multi', typeVersion: TYPE_VERSION };
    case 'table':
      return { preferredVisualisationType: 'table' };
  }
}

function seriesFrame(series: Series, refId: string): Frame {
  return {
    name: series.name,
    refId,
    meta: { ...typed('timeseries'), custom: { immature: series.immature, running: series.running } },
    fields: [
      { name: 'Time', type: 'time', values: series.times, nullable: false },
      { name: 'Value', type: 'number', values: series.values, nullable: true, labels: series.labels, config: valueConfig(series) },
    ],
  };
}

function numberFrame(number: NumberValue, refId: string): Frame {
  return {
    name: number.name,
    refId,
    meta: typed('numbers'),
    fields: [{ name: 'Value', type: 'number', values: [number.value], nullable: true, labels: number.labels, config: valueConfig(number) }],
  };
}

function valueConfig({ name, unit, thresholds, decimals }: Pick<Series, 'name' | 'unit' | 'thresholds' | 'decimals'>): FieldConfig {
  return {
    displayNameFromDS: name,
    unit,
    ...(decimals === undefined ? {} : { decimals }),
    ...(thresholds.length === 0
      ? {}
      : { thresholds: { mode: 'absolute' as const, steps: thresholds.map(({ from, level }) => ({ value: from, color: LEVEL_COLOURS[level] })) } }),
  };
}

function columnConfig({ name, type, unit, linkColumn, description }: Column): FieldConfig {
  return {
    ...(description === undefined ? {} : { description }),
    ...(unit === undefined ? {} : { unit }),
    ...(type === 'string' && name === 'level' ? { mappings: LEVEL_MAPPINGS } : {}),
    // `raw`: the address is whole already and must not be escaped again.
    ...(linkColumn === undefined ? {} : { links: [{ title: 'Open', url: `\${__data.fields["${linkColumn}"]:raw}`, targetBlank: true }] }),
  };
}

function withoutRepeats(notices: readonly Notice[]): Notice[] {
  return [...new Map(notices.map((notice) => [`${notice.severity} ${notice.text}`, notice])).values()];
}
