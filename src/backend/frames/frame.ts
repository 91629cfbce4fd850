import { Bool, type Data, Field as ArrowField, Float64, makeData, RecordBatch, RecordBatchFileWriter, Schema, Struct, TimestampNanosecond, Utf8, vectorFromArray } from 'apache-arrow';
import type { Cell, Column } from '../../engine/answer';

/** A column of a frame. Times are milliseconds since the epoch; null is an absent value. */
export interface FrameField {
  name: string;
  type: Column['type'];
  values: readonly Cell[];
  /** False for the time field of a series: alert rules find no time in a nullable one. */
  nullable: boolean;
  labels?: Record<string, string>;
  config?: FieldConfig;
}

/** The parts of Grafana's FieldConfig that we set. */
export interface FieldConfig {
  displayNameFromDS?: string;
  description?: string;
  unit?: string;
  decimals?: number;
  thresholds?: { mode: 'absolute'; steps: Array<{ value: number | null; color: string }> };
  mappings?: Array<{ type: 'value'; options: Record<string, { text: string; color: string; index: number }> }>;
  links?: Array<{ title: string; url: string; targetBlank: boolean }>;
}

export interface FrameMeta {
  type?: 'timeseries-multi' | 'numeric-multi';
  typeVersion?: [number, number];
  notices?: Array<{ severity: 'info' | 'warning' | 'error'; text: string }>;
  custom?: Record<string, unknown>;
  /** Address in Grafana Live at which this frame goes on. */
  channel?: string;
  preferredVisualisationType?: 'table' | 'graph';
}

export interface Frame {
  name: string;
  refId: string;
  meta: FrameMeta;
  fields: FrameField[];
}

const NS_A_MS = 1_000_000n;

/** A frame as an Arrow IPC file, the form in which Grafana takes it. */
export function encodeFrame(frame: Frame): Uint8Array {
  const columns = frame.fields.map(columnOf);
  const schema = new Schema(
    frame.fields.map(
      (field, index) =>
        new ArrowField(
          field.name,
          columns[index].type,
          field.nullable,
          new Map([
            ['name', field.name],
            ['labels', JSON.stringify(field.labels ?? {})],
            ['config', JSON.stringify(field.config ?? {})],
          ]),
        ),
    ),
    new Map([
      ['name', frame.name],
      ['refId', frame.refId],
      ['meta', JSON.stringify(frame.meta)],
    ]),
  );
  const length = frame.fields[0]?.values.length ?? 0;
  const rows = makeData({ type: new Struct(schema.fields), length, nullCount: 0, children: columns });
  return RecordBatchFileWriter.writeAll([new RecordBatch(schema, rows)]).toUint8Array(true);
}

function columnOf(field: FrameField): Data {
  if (!field.nullable && field.values.includes(null)) {
    throw new TypeError(`Absent values in the field ${field.name}, which has to have all.`);
  }
  switch (field.type) {
    case 'time':
      return timeColumn(field.values);
    case 'number':
      return numberColumn(field.values);
    case 'string':
      return vectorFromArray(
        field.values.map((value) => (value === null ? null : String(value))),
        new Utf8(),
      ).data[0];
    case 'boolean':
      return vectorFromArray(
        field.values.map((value) => (value === null ? null : value === true)),
        new Bool(),
      ).data[0];
  }
}

function timeColumn(values: readonly Cell[]): Data {
  const data = new BigInt64Array(values.length);
  const { nullBitmap, nullCount } = validity(values);
  values.forEach((value, row) => {
    if (typeof value === 'number') {
      data[row] = BigInt(Math.round(value)) * NS_A_MS;
    }
  });
  return makeData({ type: new TimestampNanosecond(), length: values.length, nullCount, nullBitmap, data });
}

function numberColumn(values: readonly Cell[]): Data {
  const data = new Float64Array(values.length);
  const { nullBitmap, nullCount } = validity(values);
  values.forEach((value, row) => {
    if (typeof value === 'number') {
      data[row] = value;
    }
  });
  return makeData({ type: new Float64(), length: values.length, nullCount, nullBitmap, data });
}

/** Arrow's validity bitmap: a bit a value, least significant first, 0 for an absent one. */
function validity(values: readonly Cell[]): { nullBitmap: Uint8Array | undefined; nullCount: number } {
  let nullCount = 0;
  const nullBitmap = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (value === null) {
      nullCount += 1;
    } else {
      nullBitmap[row >> 3] |= 1 << (row & 7);
    }
  });
  return { nullBitmap: nullCount > 0 ? nullBitmap : undefined, nullCount };
}
