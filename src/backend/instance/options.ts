import { totalmem } from 'node:os';
import { DAY_MS, parseDuration } from '../../shared/duration';

/** What an administrator of Grafana sets for the plugin as a whole: keys of `[plugin.dora-metrics-datasource]`. */
export interface HostOptions {
  /** `dora_lease`: how long the right to synchronise outlives its holder, where several processes share a store. */
  leaseMs: number;
  /** `dora_forget_after`: how long the facts of a data source are kept that nobody asks for; null for ever. */
  forgetAfterMs: number | null;
  /** `dora_max_facts`: how many facts may be in memory, over all data sources. */
  maxFacts: number;
}

const LEASE_MS = 15_000;
/** Taken over after so long and a third of it, at most: half a minute together. */
const LONGEST_LEASE_MS = 20_000;
const SHORTEST_LEASE_MS = 1_000;
const FORGET_AFTER_MS = 30 * DAY_MS;

/** What a fact takes in memory with everything that is computed from it, at most: see docs/operations.md. */
const BYTES_A_FACT = 600;
/** The rest of the machine's memory is Grafana's and the system's. */
const SHARE_OF_MEMORY = 0.5;

/** @param warn is told of each setting that cannot be used; its default is taken instead. */
export function hostOptions(environment: NodeJS.ProcessEnv, warn: (message: string) => void, memory = availableMemory()): HostOptions {
  const read = <Value>(name: string, fallback: Value, parse: (text: string) => Value | undefined, form: string): Value => {
    const text = environment[`GF_PLUGIN_${name.toUpperCase()}`]?.trim();
    if (!text) {
      return fallback;
    }
    const value = parse(text);
    if (value === undefined) {
      warn(`${name} must be ${form}; the default is used.`);
      return fallback;
    }
    return value;
  };
  return {
    leaseMs: read('dora_lease', LEASE_MS, parseLease, 'a duration from 1s to 20s'),
    forgetAfterMs: read<number | null>('dora_forget_after', FORGET_AFTER_MS, (text) => (text === 'never' ? null : (parseDuration(text) ?? undefined)), 'a duration such as 30d, or never'),
    maxFacts: read('dora_max_facts', Math.floor((memory * SHARE_OF_MEMORY) / BYTES_A_FACT), (text) => (/^[1-9]\d{0,9}$/.test(text) ? Number(text) : undefined), 'a whole number'),
  };
}

function parseLease(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== null && ms >= SHORTEST_LEASE_MS && ms <= LONGEST_LEASE_MS ? ms : undefined;
}

/** Bytes that this process may use: those of the machine, or of the container where that is limited. */
function availableMemory(): number {
  const machine = totalmem();
  const container = process.constrainedMemory?.() ?? 0;
  // Without a limit it is 0, or larger than any machine.
  return container > 0 ? Math.min(container, machine) : machine;
}
