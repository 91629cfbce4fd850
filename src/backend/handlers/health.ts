import type { HealthPart } from '../../sources/source';
import type { DataSourceInstance } from '../instance/instance';
import type { Registry } from '../instance/registry';
import type { SafeLog } from '../protocol/logs';
import { type CheckHealthRequest, type CheckHealthResponse, HEALTH_STATUS } from '../protocol/messages';
import { shownError } from './failure';
import { isEditor } from './resources';

/** Grafana gives up on a health check after a while; a provider that hangs must not keep the other parts from being shown. */
const CHECK_MS = 20_000;

/**
 * What whoever may not edit is told about the providers. Grafana lets every viewer test a data source: with calls, a viewer
 * could use up the limits that the synchronisation lives on, and would hear what the credentials may see.
 */
const BY_LATEST_PASS: HealthPart = { name: 'Providers', status: 'ok', message: 'Called for editors only; this is what the latest synchronisation met', code: null };

/** "Save & test": asks every source whether the settings will work, and names what is wrong, part by part. */
export async function handleCheckHealth(
  request: CheckHealthRequest,
  signal: AbortSignal,
  { registry, storePlace, log }: { registry: Registry; storePlace: string; log: SafeLog },
): Promise<CheckHealthResponse> {
  let parts: HealthPart[];
  try {
    const instance = registry.get(request.pluginContext);
    const mayCall = isEditor(request.pluginContext);
    const checks = mayCall ? await Promise.all(instance.usedSources().map((source) => checkSource(instance, source, signal, log))) : [[BY_LATEST_PASS]];
    parts = [...settingsParts(instance), ...checks.flat(), ...storeParts(instance, storePlace), ...syncParts(instance, mayCall ? 'warning' : 'error')];
  } catch (error) {
    const shown = shownError(error, log, 'a health check');
    parts = [{ name: 'Plugin', status: 'error', message: shown.message, code: shown.code }];
  }
  // A provider's own words are part of some messages.
  parts = parts.map((part) => ({ ...part, message: log.redact(part.message) }));
  const failed = parts.some(({ status }) => status === 'error');
  return {
    status: failed ? HEALTH_STATUS.error : HEALTH_STATUS.ok,
    message: summary(parts),
    jsonDetails: new TextEncoder().encode(JSON.stringify({ parts, verboseMessage: parts.map(line).join('\n') })),
  };
}

async function checkSource(instance: DataSourceInstance, source: ReturnType<DataSourceInstance['usedSources']>[number], signal: AbortSignal, log: SafeLog): Promise<HealthPart[]> {
  const patience = AbortSignal.timeout(CHECK_MS);
  try {
    return await Promise.race([
      source.check(instance.sourceContext(), AbortSignal.any([signal, patience])),
      new Promise<HealthPart[]>((resolve) => {
        patience.addEventListener('abort', () =>
          resolve([{ name: source.name, status: 'error', message: `No answer within ${CHECK_MS / 1_000} seconds.`, code: null }]),
        );
      }),
    ]);
  } catch (error) {
    const shown = shownError(error, log, 'a health check');
    return [{ name: source.name, status: 'error', message: shown.message, code: shown.code }];
  }
}

function settingsParts(instance: DataSourceInstance): HealthPart[] {
  const { problems, settings } = instance.settings;
  if (problems.length > 0) {
    return problems.map(({ field, message }) => ({ name: `Settings: ${field}`, status: 'error', message, code: 'SETTINGS_INVALID' }));
  }
  return settings.teams.length > 0
    ? [{ name: 'Settings', status: 'ok', message: `${settings.teams.length} ${settings.teams.length === 1 ? 'team' : 'teams'}`, code: null }]
    : [{ name: 'Settings', status: 'error', message: 'No team is defined yet.', code: 'SETTINGS_INVALID' }];
}

function storeParts(instance: DataSourceInstance, place: string): HealthPart[] {
  const warnings = instance.warnings();
  return warnings.length > 0
    ? warnings.map(({ code, message }) => ({ name: 'Store', status: 'warning', message, code }))
    : [{ name: 'Store', status: 'ok', message: place, code: null }];
}

/** What failed in the latest pass; that it runs or went well is no news for this page. A warning beside the providers' own words, else the only sign. */
function syncParts(instance: DataSourceInstance, status: 'warning' | 'error'): HealthPart[] {
  return instance.scheduler
    .statuses()
    .flatMap((source) => source.failures())
    .map(({ scope, error }) => ({ name: `Synchronisation of ${scope}`, status, message: error?.message ?? 'failed', code: error?.code ?? null }));
}

function summary(parts: readonly HealthPart[]): string {
  const wrong = parts.filter(({ status }) => status !== 'ok');
  if (wrong.length === 0) {
    return parts.map(line).join('. ');
  }
  return wrong.map(line).join('. ');
}

function line({ name, message, code }: HealthPart): string {
  return `${name}: ${message.replace(/\.$/, '')}${code ? ` [${code}]` : ''}`;
}
