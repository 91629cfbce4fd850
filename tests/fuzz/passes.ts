import { inspect } from 'node:util';
import { createEngine } from '../../src/engine/index';
import type { FactBatch } from '../../src/engine/model';
import { DoraError } from '../../src/shared/errors';
import { parseQuery } from '../../src/shared/query';
import { parseSettings, type DoraJsonData } from '../../src/shared/settings';
import type { Source, SourceContext, SyncProgress } from '../../src/sources/source';
import { SqliteStore } from '../../src/store/sqlite/store';
import type { DataSourceStore } from '../../src/store/store';
import type { Dice } from '../engine/organisation';
import type { Twister } from './twister';

const LONGEST_MS = 60_000;
const DAY_MS = 86_400_000;
const QUERIES = [
  ...['deployment-frequency', 'lead-time', 'change-failure-rate', 'time-to-restore', 'rework-rate'].map((metric) => ({ metric })),
  ...['changes', 'deployments', 'incidents', 'data-quality', 'levels', 'stages'].map((queryType) => ({ queryType })),
];

interface DoraFailure {
  code: string;
  message: string;
}

/** A source between its store and a provider that stands behind a twister. */
export interface TwistedBench {
  twister: Twister;
  settings: DoraJsonData;
  reports: SyncProgress[];
  now(): number;
  logs: Array<Record<string, unknown>>;
  /** A new process in the place of the one before, some time later: the rounds of a pass are numbered from 1. */
  begin(round: number): void;
  /** Anew for each round. */
  sources(): Source[];
  context(store: DataSourceStore): SourceContext;
  /** Further questions to what is stored. */
  askMore?(store: DataSourceStore): Promise<unknown>;
}

/**
 * So many times: two synchronisations with a provider that says anything, each of which ends in time with facts or coded
 * errors; then questions to what is stored, which are answered; then one with an honest provider, which must not find
 * what the other left to be in its way.
 * @returns a line of what happened
 */
export async function runPasses(bench: TwistedBench, passes: number, dice: Dice): Promise<string> {
  const codes: Record<string, number> = {};
  let slowest = 0;
  /** What each source's scopes ended with. */
  const once = async (store: DataSourceStore, round: number, shown: string): Promise<DoraFailure[]> => {
    const all: DoraFailure[] = [];
    bench.begin(round);
    bench.logs.length = 0;
    const context = bench.context(store);
    for (const source of bench.sources()) {
      bench.reports.length = 0;
      const found: DoraFailure[] = [];
      const begin = performance.now();
      const patience = new AbortController();
      const { signal } = patience;
      const timer = setTimeout(() => patience.abort(new Error('too long')), LONGEST_MS);
      try {
        await source.sync(context, signal);
        const parts = await source.check(context, signal);
        found.push(...parts.flatMap(({ name, code, message }) => (code === null ? [] : [{ code, message: `${name}: ${message}` }])));
        await source.search(context, source.name === 'github' ? 'repositories' : 'pipelines', 'a', 10, signal);
      } catch (error) {
        if (!(error instanceof DoraError)) {
          throw new Error(`${shown} met no coded error`, { cause: error });
        }
        found.push({ code: error.code, message: error.message });
      } finally {
        clearTimeout(timer);
      }
      const ms = performance.now() - begin;
      slowest = Math.max(slowest, ms);
      const last = new Map(bench.reports.map(({ scope, error }) => [scope, error]));
      found.push(...[...last.values()].flatMap((error) => error ?? []));
      if (found.some(({ code }) => code === 'INTERNAL') || ms > LONGEST_MS) {
        throw new Error(`${shown} ended after ${Math.round(ms)} ms: ${JSON.stringify(found)} ${failuresOf(bench.logs)}`);
      }
      all.push(...found);
    }
    return all;
  };
  for (let pass = 0; pass < passes; pass += 1) {
    const stores = new SqliteStore(null);
    const store = stores.dataSource('1/fuzz');
    try {
      bench.twister.share = dice.pick([0.02, 0.2, 1]);
      for (const round of [1, 2]) {
        for (const { code } of await once(store, round, `Pass ${pass}, round ${round},`)) {
          codes[code] = (codes[code] ?? 0) + 1;
        }
        await askAll(bench, store, pass);
      }
      bench.twister.share = 0;
      const left = await once(store, 3, `Pass ${pass}, by an honest provider,`);
      if (left.length > 0) {
        throw new Error(`Pass ${pass} left what an honest provider cannot mend: ${JSON.stringify(left)}`);
      }
    } finally {
      await stores.close();
    }
  }
  return `${bench.twister.answers} answers, ${bench.twister.twisted} of them twisted; ${JSON.stringify(codes)}; the slowest pass ${Math.round(slowest)} ms`;
}

async function askAll(bench: TwistedBench, store: DataSourceStore, pass: number): Promise<void> {
  const batches: FactBatch[] = [];
  for await (const batch of store.load(0)) {
    batches.push(batch);
  }
  const engine = createEngine(parseSettings(bench.settings).settings);
  batches.forEach((batch) => engine.apply(batch));
  const now = bench.now();
  for (const model of QUERIES) {
    try {
      engine.answer(parseQuery(model), { from: now - 90 * DAY_MS, to: now }, now);
    } catch (error) {
      throw new Error(`After pass ${pass}: ${JSON.stringify(model)}`, { cause: error });
    }
  }
  await bench.askMore?.(store);
}

/** The failures that a log tells, with where they came from. */
function failuresOf(logs: TwistedBench['logs']): string {
  return logs.flatMap(({ error }) => (error === undefined ? [] : [`\n${error instanceof Error ? error.stack : 'of no kind: ' + inspect(error)}`])).join('');
}
