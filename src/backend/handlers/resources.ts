import { DoraError } from '../../shared/errors';
import type { EnvironmentsAnswer, PipelinesAnswer, RepositoriesAnswer, ServicesAnswer, SyncStatusAnswer, TeamsAnswer } from '../../shared/resources';
import type { DataSourceInstance } from '../instance/instance';
import type { Registry } from '../instance/registry';
import type { PluginContext } from '../protocol/messages';
import type { ResourceRequest, Routes } from './router';

/** Roles that may change something. Grafana lets every viewer reach a resource, so each POST asks for itself. */
const EDITORS = new Set(['Editor', 'Admin']);

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1_000;

export function resourceRoutes(registry: Registry): Routes {
  const of = (request: ResourceRequest): DataSourceInstance => registry.get(request.context);
  return {
    teams: {
      GET: (request): TeamsAnswer => [...of(request).settings.settings.teams.map(({ name }) => name)].sort(),
    },
    services: {
      GET: async (request): Promise<ServicesAnswer> => (await catalogue(of(request))).services,
    },
    repositories: {
      GET: async (request): Promise<RepositoriesAnswer> => {
        const instance = of(request);
        return suggest(instance, request, 'repositories', (await catalogue(instance)).repositories);
      },
    },
    pipelines: {
      GET: (request): Promise<PipelinesAnswer> => suggest(of(request), request, 'pipelines', []),
    },
    environments: {
      GET: async (request): Promise<EnvironmentsAnswer> => (await catalogue(of(request))).environments,
    },
    sync: {
      GET: (request): Promise<SyncStatusAnswer> => syncStatus(of(request)),
      POST: (request): Promise<SyncStatusAnswer> => {
        requireEditor(request.context);
        const instance = of(request);
        instance.scheduler.startNow();
        return syncStatus(instance);
      },
    },
  };
}

export function isEditor(context: PluginContext | null): boolean {
  return EDITORS.has(context?.user?.role ?? '');
}

/** @throws DoraError FORBIDDEN for viewers and for nobody. */
export function requireEditor(context: PluginContext | null): void {
  if (!isEditor(context)) {
    throw new DoraError('FORBIDDEN', 'This needs the Editor or Admin role.');
  }
}

async function syncStatus(instance: DataSourceInstance): Promise<SyncStatusAnswer> {
  const state = await instance.storedState();
  return { ...instance.scheduler.answer(), ...state };
}

async function catalogue(instance: DataSourceInstance) {
  await instance.ready();
  return instance.engine.catalogue();
}

/**
 * Known names that contain the text, then, for those who may edit, what the providers find with the data source's
 * credentials: these may see more than a viewer should. Without a text the known ones only.
 */
async function suggest(
  instance: DataSourceInstance,
  { parameters, signal, context }: ResourceRequest,
  what: 'repositories' | 'pipelines',
  known: readonly string[],
): Promise<string[]> {
  const text = (parameters.get('q') ?? '').trim();
  const limit = readLimit(parameters.get('limit'));
  const matching = known.filter((name) => name.toLowerCase().includes(text.toLowerCase())).slice(0, limit);
  if (text === '' || matching.length >= limit || !isEditor(context)) {
    return matching;
  }
  const found = await Promise.all(instance.usedSources().map((source) => source.search(instance.sourceContext(), what, text, limit, signal)));
  return [...new Set([...matching, ...found.flat().sort()])].slice(0, limit);
}

function readLimit(text: string | null): number {
  if (text === null || text === '') {
    return DEFAULT_LIMIT;
  }
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LARGEST_LIMIT) {
    throw new DoraError('QUERY_INVALID', `limit: is not a whole number from 1 to ${LARGEST_LIMIT}.`, { field: 'limit' });
  }
  return limit;
}
