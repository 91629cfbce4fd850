import { getBackendSrv } from '@grafana/runtime';
import type { EnvironmentsAnswer, PipelinesAnswer, RepositoriesAnswer, SyncAnswer } from '../../shared/resources';

/** What the settings page asks the data source's backend, which knows only what was saved. */
export interface Resources {
  /** Of the data source. */
  uid: string;
  repositories(text: string, limit?: number): Promise<RepositoriesAnswer>;
  pipelines(text: string): Promise<PipelinesAnswer>;
  environments(): Promise<EnvironmentsAnswer>;
  sync(): Promise<SyncAnswer>;
  syncNow(): Promise<SyncAnswer>;
}

export function resourcesOf(uid: string): Resources {
  const base = `/api/datasources/uid/${encodeURIComponent(uid)}/resources`;
  const get = <Answer>(path: string, parameters?: Record<string, string | number>): Promise<Answer> =>
    getBackendSrv().get<Answer>(`${base}/${path}`, parameters, undefined, { showErrorAlert: false });
  return {
    uid,
    repositories: (text, limit) => get('repositories', { ...(text && { q: text }), ...(limit && { limit }) }),
    pipelines: (text) => get('pipelines', text ? { q: text } : undefined),
    environments: () => get('environments'),
    sync: () => get('sync'),
    syncNow: () => getBackendSrv().post<SyncAnswer>(`${base}/sync`, {}, { showErrorAlert: false }),
  };
}
