import type { Cell } from '../../engine/answer';
import type { Frame, FrameField, FrameMeta } from './frame';

/** A frame in the form in which Grafana's page takes it from a channel of Grafana Live. Times are milliseconds since the epoch. */
export interface FrameJson {
  schema: {
    name: string;
    refId: string;
    meta: FrameMeta;
    fields: Array<Pick<FrameField, 'name' | 'type' | 'labels' | 'config'> & { typeInfo: { frame: string; nullable: boolean } }>;
  };
  data: { values: Array<readonly Cell[]> };
}

/** Grafana's names of the types of values. */
const TYPE_NAMES: Record<FrameField['type'], string> = { time: 'time.Time', number: 'float64', string: 'string', boolean: 'bool' };

export function frameJson({ name, refId, meta, fields }: Frame): FrameJson {
  return {
    schema: {
      name,
      refId,
      meta,
      fields: fields.map((field) => ({
        name: field.name,
        type: field.type,
        typeInfo: { frame: TYPE_NAMES[field.type], nullable: field.nullable },
        ...(field.labels && { labels: field.labels }),
        ...(field.config && { config: field.config }),
      })),
    },
    data: { values: fields.map(({ values }) => values) },
  };
}
