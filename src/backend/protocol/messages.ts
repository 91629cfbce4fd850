/**
 * Messages of the plugin protocol as TypeScript sees them. On the wire nearly every field may be absent; here absent
 * texts are empty, absent numbers 0 and absent messages null.
 */
export interface DataSourceInstanceSettings {
  id: number;
  name: string;
  url: string;
  /** JSON, UTF-8. */
  jsonData: Uint8Array;
  decryptedSecureJsonData: Record<string, string>;
  lastUpdatedMS: number;
  uid: string;
}

export interface User {
  login: string;
  name: string;
  email: string;
  /** `Viewer`, `Editor`, `Admin`; empty when nobody is signed in. */
  role: string;
}

export interface PluginContext {
  orgId: number;
  pluginId: string;
  user: User | null;
  dataSourceInstanceSettings: DataSourceInstanceSettings | null;
  grafanaConfig: Record<string, string>;
  pluginVersion: string;
  userAgent: string;
}

export interface StringList {
  values: string[];
}

export interface CallResourceRequest {
  pluginContext: PluginContext | null;
  path: string;
  method: string;
  /** Path and query string as asked for. */
  url: string;
  headers: Record<string, StringList>;
  body: Uint8Array;
}

export interface CallResourceResponse {
  /** HTTP status. */
  code: number;
  headers: Record<string, StringList>;
  body: Uint8Array;
}

export interface DataQuery {
  refId: string;
  maxDataPoints: number;
  intervalMS: number;
  /** Milliseconds since the epoch. */
  timeRange: { fromEpochMS: number; toEpochMS: number } | null;
  /** JSON, UTF-8: the model of the panel target or alert rule. */
  json: Uint8Array;
  queryType: string;
}

export interface QueryDataRequest {
  pluginContext: PluginContext | null;
  headers: Record<string, string>;
  queries: DataQuery[];
}

export interface DataResponse {
  /** Each an Arrow IPC file. */
  frames: Uint8Array[];
  error: string;
  jsonMeta: Uint8Array;
  /** HTTP status. */
  status: number;
  /** `plugin` or `downstream` beside an error. */
  errorSource: string;
}

export interface QueryDataResponse {
  /** By refId. */
  responses: Record<string, DataResponse>;
}

export interface CheckHealthRequest {
  pluginContext: PluginContext | null;
  headers: Record<string, string>;
}

export const HEALTH_STATUS = { unknown: 0, ok: 1, error: 2 } as const;

export interface CheckHealthResponse {
  status: (typeof HEALTH_STATUS)[keyof typeof HEALTH_STATUS];
  message: string;
  /** JSON, UTF-8. */
  jsonDetails: Uint8Array;
}

export interface CollectMetricsRequest {
  pluginContext: PluginContext | null;
}

export interface CollectMetricsResponse {
  metrics: { prometheus: Uint8Array };
}

/** The same for each of the three calls: who, which channel, what. */
export interface StreamRequest {
  pluginContext: PluginContext | null;
  /** Of the channel, below `ds/<uid>/`. */
  path: string;
  /** What the subscriber or publisher sent along. */
  data: Uint8Array;
  headers: Record<string, string>;
}

export const STREAM_STATUS = { ok: 0, notFound: 1, permissionDenied: 2 } as const;

/** Answer to a subscription or publication. */
export interface StreamResponse {
  status: (typeof STREAM_STATUS)[keyof typeof STREAM_STATUS];
  /** JSON, UTF-8: what a subscriber gets at once. */
  data: Uint8Array;
}

/** JSON, UTF-8, for every subscriber of the channel. */
export interface StreamPacket {
  data: Uint8Array;
}
