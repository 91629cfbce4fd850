import { readFileSync } from 'node:fs';
import { parseArgs, type ParseArgsConfig } from 'node:util';

/** What a scenario file of any double may say. */
export interface CommonScenario {
  clock?: { now?: string; running?: boolean };
  sample?: boolean | object;
  latencyMs?: number;
}

/** A scenario file. @throws for what is no object or has a key that nobody knows */
export function readScenario<Scenario extends object>(file: string, keys: ReadonlySet<string>): Scenario {
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new Error(`${file}: not a JSON object`);
  }
  const unknown = Object.keys(parsed).filter((key) => !keys.has(key));
  if (unknown.length > 0) {
    throw new Error(`${file}: unknown ${unknown.join(', ')}`);
  }
  return parsed as Scenario;
}

const OPTIONS = {
  port: { type: 'string', default: '0' },
  host: { type: 'string', default: '127.0.0.1' },
  scenario: { type: 'string' },
  sample: { type: 'boolean', default: false },
  now: { type: 'string' },
  frozen: { type: 'boolean', default: false },
  seed: { type: 'string' },
  latency: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

export interface Program<Scenario extends CommonScenario> {
  usage: string;
  keys: ReadonlySet<string>;
  /** Options of its own; all are texts. */
  options?: readonly string[];
  /** What its own options say. */
  apply?(scenario: Scenario, values: Readonly<Record<string, string | undefined>>, seed: { seed?: number }): void;
  /** Whether a scenario says anything of what there is; otherwise it is the sample. */
  isTold(scenario: Scenario): boolean;
  /** Starts the double; answers how to end it and what to print in one line of JSON. */
  start(scenario: Scenario, place: { port: number; host: string }): Promise<{ close(): Promise<void>; ready: object }>;
}

/** A double as a process of its own: prints where it is when it is ready, and ends on SIGTERM and SIGINT. */
export function runProgram<Scenario extends CommonScenario>(program: Program<Scenario>): void {
  main(program).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${program.usage}\n`);
    process.exit(1);
  });
}

async function main<Scenario extends CommonScenario>({ usage, keys, options = [], apply, isTold, start }: Program<Scenario>): Promise<void> {
  const own = Object.fromEntries(options.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options: { ...own, ...OPTIONS } });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  const scenario: Scenario = values.scenario ? readScenario<Scenario>(values.scenario, keys) : ({} as Scenario);
  const seed = values.seed === undefined ? {} : { seed: Number(values.seed) };
  if (values.now !== undefined || values.frozen) {
    scenario.clock = { ...scenario.clock, now: values.now ?? scenario.clock?.now ?? new Date().toISOString(), running: !values.frozen };
  }
  apply?.(scenario, Object.fromEntries(options.map((name) => [name, (values as Record<string, string | boolean | undefined>)[name]?.toString()])), seed);
  if (values.sample || (!scenario.sample && !isTold(scenario))) {
    scenario.sample = { ...(typeof scenario.sample === 'object' ? scenario.sample : {}), ...seed };
  }
  if (values.latency !== undefined) {
    scenario.latencyMs = Number(values.latency);
  }
  const { close, ready } = await start(scenario, { port: Number(values.port), host: values.host });
  const stop = (): void => {
    void close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}
