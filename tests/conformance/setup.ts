import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SyncAnswer, SyncScopeStatus } from '../../src/shared/resources';
import type { DecodedFrame } from './frames';
import type { DataSourceUnderTest, PluginProcess } from './plugin';

/** Real histories with a known answer lie beside the project, where they are present at all. */
export const HISTORIES = join(__dirname, '..', '..', '..', 'shared', 'data');

export function historiesPresent(): boolean {
  const present = existsSync(join(HISTORIES, 'README.md'));
  if (!present) {
    console.info('The real histories are not here; what needs them is skipped.');
  }
  return present;
}

/** A folder for a test's store, and its removal. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'dora-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

const POLL_MS = 50;

/** Waits until the condition holds for the state of the synchronisation; fails with that state. */
export async function syncUntil(
  plugin: PluginProcess,
  source: DataSourceUnderTest,
  holds: (answer: SyncAnswer) => boolean,
  timeoutMs = 60_000,
): Promise<SyncAnswer> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = (await plugin.resource(source, 'GET', 'sync')).body as SyncAnswer;
    if (holds(answer)) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`The synchronisation did not get there: ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Waits for the end of the first pass, whatever became of it. */
export function syncEnds(plugin: PluginProcess, source: DataSourceUnderTest, timeoutMs?: number): Promise<SyncAnswer> {
  return syncUntil(plugin, source, ({ sources }) => sources.length > 0 && sources.every(({ running, scopes, lastSuccessAt }) => !running && (scopes.length > 0 || lastSuccessAt !== null)), timeoutMs);
}

/** Starts a pass and waits for its end. */
export async function syncAgain(plugin: PluginProcess, source: DataSourceUnderTest, timeoutMs?: number): Promise<SyncAnswer> {
  await plugin.resource({ ...source, role: 'Editor' }, 'POST', 'sync');
  await syncUntil(plugin, source, ({ sources }) => sources.some(({ running }) => running), 1_000).catch(() => undefined);
  return syncEnds(plugin, source, timeoutMs);
}

export function scopesOf({ sources }: SyncAnswer): SyncScopeStatus[] {
  return sources.flatMap(({ scopes }) => scopes);
}

/** A table's rows as objects. */
export function rowsOf(frame: DecodedFrame): Array<Record<string, number | string | boolean | null>> {
  const length = frame.fields[0]?.values.length ?? 0;
  return Array.from({ length }, (_, row) => Object.fromEntries(frame.fields.map(({ name, values }) => [name, values[row]])));
}

/** The one value of each numeric frame, by a label. */
export function numbersBy(label: string, frames: DecodedFrame[]): Record<string, number | null> {
  return Object.fromEntries(frames.map(({ fields: [value] }) => [value.labels[label] ?? '', value.values[0] as number | null]));
}

export function noticesOf(frames: DecodedFrame[]): string {
  return frames.flatMap(({ meta }) => meta.notices ?? []).map(({ text }) => text).join('\n');
}
