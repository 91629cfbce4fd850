import { type Field, type Table, tableFromIPC, Type } from 'apache-arrow';

/** A field of a decoded frame; times are milliseconds since the epoch. */
export interface DecodedField {
  name: string;
  type: 'time' | 'number' | 'string' | 'boolean';
  nullable: boolean;
  labels: Record<string, string>;
  config: Record<string, unknown>;
  values: Array<number | string | boolean | null>;
}

export interface DecodedFrame {
  name: string;
  refId: string;
  meta: {
    type?: string;
    typeVersion?: number[];
    notices?: Array<{ severity: string; text: string }>;
    custom?: { immature?: number[]; running?: number | null };
    [key: string]: unknown;
  };
  fields: DecodedField[];
}

const TYPES = new Map<Type, DecodedField['type']>([
  [Type.Timestamp, 'time'],
  [Type.TimestampNanosecond, 'time'],
  [Type.Float, 'number'],
  [Type.Float64, 'number'],
  [Type.Utf8, 'string'],
  [Type.Bool, 'boolean'],
]);

/** Arrow's file format begins and ends with this; its stream format does not. */
const MAGIC = 'ARROW1';

/** A frame as Grafana would read it: Arrow IPC file, with Grafana's own metadata keys. */
export function decodeFrame(bytes: Uint8Array): DecodedFrame {
  const text = Buffer.from(bytes);
  if (text.subarray(0, 6).toString('latin1') !== MAGIC || text.subarray(-6).toString('latin1') !== MAGIC) {
    throw new Error('Not an Arrow IPC file.');
  }
  const table: Table = tableFromIPC(bytes);
  const metadata = (key: string): string => table.schema.metadata.get(key) ?? '';
  return {
    name: metadata('name'),
    refId: metadata('refId'),
    meta: JSON.parse(metadata('meta') || '{}') as DecodedFrame['meta'],
    fields: table.schema.fields.map((field, index) => decodeField(field, table, index)),
  };
}

function decodeField(field: Field, table: Table, index: number): DecodedField {
  const type = TYPES.get(field.typeId);
  if (!type) {
    throw new Error(`Unexpected Arrow type of ${field.name}: ${String(field.type)}`);
  }
  const column = table.getChildAt(index);
  // The int64 values themselves: `get` would already have rounded them.
  const raw: ArrayLike<unknown> | undefined = type === 'time' ? (column?.data[0]?.values as BigInt64Array | undefined) : undefined;
  const values: DecodedField['values'] = [];
  for (let row = 0; row < table.numRows; row += 1) {
    const value: unknown = column?.get(row) ?? null;
    if (value === null) {
      values.push(null);
    } else if (type === 'time') {
      values.push(exactMilliseconds(raw?.[row], field.name));
    } else {
      values.push(value as number | string | boolean);
    }
  }
  return {
    name: field.metadata.get('name') ?? field.name,
    type,
    nullable: field.nullable,
    labels: JSON.parse(field.metadata.get('labels') ?? '{}') as Record<string, string>,
    config: JSON.parse(field.metadata.get('config') ?? '{}') as Record<string, unknown>,
    values,
  };
}

/** From the int64 nanoseconds themselves, so that a rounding on the way is seen. */
function exactMilliseconds(nanoseconds: unknown, field: string): number {
  if (typeof nanoseconds !== 'bigint' || nanoseconds % 1_000_000n !== 0n) {
    throw new Error(`Time of ${field} is no whole millisecond: ${String(nanoseconds)}`);
  }
  return Number(nanoseconds / 1_000_000n);
}
