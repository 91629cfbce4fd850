import type { DoraJsonData, Secrets } from '../src/shared/settings';
import type { DataSourceUnderTest, PluginProcess, QueryUnderTest } from '../tests/conformance/plugin';
import { frameJson } from './frameJson';

/** A data source as Grafana stores it; secrets are never sent to the page. */
export interface StoredDataSource {
  jsonData: DoraJsonData;
  secrets: Secrets;
  version: number;
}

export interface BridgeRequest {
  method: string;
  /** With its query. */
  url: URL;
  /** Parsed JSON; undefined without a body. */
  body: unknown;
}

export interface BridgeAnswer {
  status: number;
  body: unknown;
}

const PLUGIN_ID = 'dora-metrics-datasource';
const UID = 'dora';
const SOURCE_PATH = `/api/datasources/uid/${UID}`;

/** What Grafana does between a page and a plugin: its HTTP API for one data source, over the plugin protocol. */
export class Bridge {
  constructor(
    private readonly plugin: PluginProcess,
    private readonly manifest: Record<string, unknown>,
    private stored: StoredDataSource,
  ) {}

  /** Null when Grafana has no such address either. */
  async answer({ method, url, body }: BridgeRequest): Promise<BridgeAnswer | null> {
    const { pathname } = url;
    if (pathname === '/api/ds/query' && method === 'POST') {
      return this.query(body as { queries: StoredQuery[]; from: string; to: string });
    }
    if (pathname === `/api/plugins/${PLUGIN_ID}/settings` && method === 'GET') {
      return { status: 200, body: { ...this.manifest, module: `public/plugins/${PLUGIN_ID}/module.js`, baseUrl: `public/plugins/${PLUGIN_ID}` } };
    }
    if (pathname === SOURCE_PATH && method === 'GET') {
      return { status: 200, body: this.settings() };
    }
    if (pathname === SOURCE_PATH && method === 'PUT') {
      return this.save(body as { jsonData?: DoraJsonData; secureJsonData?: Secrets; secureJsonFields?: Record<string, boolean> });
    }
    if (pathname === `${SOURCE_PATH}/health` && method === 'GET') {
      const { ok, message, details } = await this.plugin.health(this.source());
      return { status: ok ? 200 : 400, body: { status: ok ? 'OK' : 'ERROR', message, details } };
    }
    if (pathname.startsWith(`${SOURCE_PATH}/resources/`)) {
      const path = pathname.slice(`${SOURCE_PATH}/resources/`.length);
      return this.plugin.resource(this.source(), method, `${path}${url.search}`, body === undefined ? '' : JSON.stringify(body));
    }
    return null;
  }

  private source(): DataSourceUnderTest {
    const { jsonData, secrets, version } = this.stored;
    return { jsonData, secrets, version, uid: UID, role: 'Admin' };
  }

  private settings(): Record<string, unknown> {
    const { jsonData, secrets, version } = this.stored;
    const secureJsonFields = Object.fromEntries(Object.keys(secrets).map((name) => [name, true]));
    return { id: 1, uid: UID, orgId: 1, name: 'DORA', type: PLUGIN_ID, access: 'proxy', url: '', isDefault: true, readOnly: false, version, jsonData, secureJsonFields };
  }

  /** New secrets replace old ones of the same name; one that was reset is forgotten; the others stay. */
  private save({ jsonData = {}, secureJsonData = {}, secureJsonFields = {} }: { jsonData?: DoraJsonData; secureJsonData?: Secrets; secureJsonFields?: Record<string, boolean> }): BridgeAnswer {
    const kept = Object.entries(this.stored.secrets).filter(([name]) => secureJsonFields[name] !== false);
    const given = Object.entries(secureJsonData).filter(([, value]) => value !== undefined && value !== '');
    this.stored = { jsonData, secrets: Object.fromEntries([...kept, ...given]), version: this.stored.version + 1 };
    return { status: 200, body: { message: 'Datasource updated', datasource: this.settings() } };
  }

  private async query({ queries, from, to }: { queries: StoredQuery[]; from: string; to: string }): Promise<BridgeAnswer> {
    const asked: QueryUnderTest[] = queries.map((model) => ({ refId: model.refId, model, from: Number(from), to: Number(to) }));
    const responses = await this.plugin.queryData(this.source(), asked);
    const results = Object.fromEntries(
      Object.entries(responses).map(([refId, { status, error, errorSource, frames }]) => [
        refId,
        { status: status || 200, ...(error ? { error, errorSource } : {}), frames: frames.map((frame) => frameJson(frame, refId)) },
      ]),
    );
    // As Grafana: one failed query makes the whole answer a failure, and the good ones still arrive with it.
    const statuses = Object.values(results).map(({ status }) => status);
    return { status: Math.max(200, ...statuses.map((status) => (status >= 400 ? status : 200))), body: { results } };
  }
}

interface StoredQuery {
  refId: string;
  [field: string]: unknown;
}
