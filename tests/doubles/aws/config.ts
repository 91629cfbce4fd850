import { Clock } from '../shared/clock';
import type { Fault } from './faults';
import type { KeySpec, RoleSpec } from './identities';
import { addSampleAccounts, SAMPLE_ROLES, type SampleOptions } from './sample';
import { buildAccounts, type AccountSpec } from './scenario';
import type { DoubleOptions } from './server';
import { World } from './world';

/** A scenario file: what there is, what time it is, who may ask and what goes wrong. */
export interface ScenarioFile {
  clock?: { now?: string; running?: boolean };
  /** The accounts of the sample organisation `acme`; true for its defaults. */
  sample?: boolean | Partial<SampleOptions>;
  accounts?: AccountSpec[];
  keys?: KeySpec[];
  roles?: RoleSpec[];
  faults?: Fault[];
  latencyMs?: number;
  tokenLifetimeMs?: number;
  signatureWindowMs?: number;
  callsPerSecond?: number;
}

/** What a scenario file may say. */
export const SCENARIO_KEYS: ReadonlySet<string> = new Set(['clock', 'sample', 'accounts', 'keys', 'roles', 'faults', 'latencyMs', 'tokenLifetimeMs', 'signatureWindowMs', 'callsPerSecond']);

/** Builds the world that a scenario describes and answers the options to start a double with. */
export function prepareDouble(scenario: ScenarioFile): DoubleOptions & { world: World; clock: Clock } {
  const { clock: time, sample, accounts, roles, ...options } = scenario;
  const clock = new Clock(time?.now ?? null, time?.running);
  const world = new World();
  if (sample) {
    addSampleAccounts(world, { now: clock.now(), ...(sample === true ? {} : sample) });
  }
  buildAccounts(world, accounts ?? []);
  return { ...options, roles: [...(sample ? SAMPLE_ROLES.map((role) => ({ ...role })) : []), ...(roles ?? [])], world, clock };
}
