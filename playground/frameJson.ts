import type { DecodedFrame } from '../tests/conformance/frames';

const TYPE_NAMES = { time: 'time.Time', number: 'float64', string: 'string', boolean: 'bool' } as const;

/** A frame as Grafana's `/api/ds/query` sends it to the page: schema apart from values, times in milliseconds. */
export interface FrameJson {
  schema: {
    name: string;
    refId: string;
    meta: DecodedFrame['meta'];
    fields: Array<{ name: string; type: string; typeInfo: { frame: string; nullable: boolean }; labels?: Record<string, string>; config?: Record<string, unknown> }>;
  };
  data: { values: Array<Array<number | string | boolean | null>> };
}

export function frameJson({ name, refId, meta, fields }: DecodedFrame, query: string): FrameJson {
  return {
    schema: {
      name,
      refId: refId || query,
      meta,
      fields: fields.map((field) => ({
        name: field.name,
        type: field.type,
        typeInfo: { frame: TYPE_NAMES[field.type], nullable: field.nullable },
        ...(Object.keys(field.labels).length > 0 ? { labels: field.labels } : {}),
        ...(Object.keys(field.config).length > 0 ? { config: field.config } : {}),
      })),
    },
    data: { values: fields.map((field) => field.values) },
  };
}
