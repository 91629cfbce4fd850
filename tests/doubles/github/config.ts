import type { TokenSpec } from './access';
import type { AppSpec } from './apps';
import { Clock } from '../shared/clock';
import type { Fault } from './faults';
import { loadHistories } from './histories';
import type { LimitOptions } from './limits';
import { addSampleOrganisation, type SampleOptions } from './sample/sample';
import { addScaleOrganisation, type ScaleOptions } from './scale';
import type { DoubleOptions } from './server';
import { buildOrganisations, type OrganisationSpec } from './steps';
import { World } from './world';

/** A scenario file: what there is, what time it is, who may ask and what goes wrong. */
export interface ScenarioFile {
  clock?: { now?: string; running?: boolean };
  /** The seeded sample organisation `acme`; true for its defaults. */
  sample?: boolean | Partial<SampleOptions>;
  /** Folder of real histories; missing ones are left out. */
  histories?: string;
  releaseEveryTag?: boolean;
  scale?: ScaleOptions;
  organisations?: OrganisationSpec[];
  tokens?: TokenSpec[];
  apps?: AppSpec[];
  faults?: Fault[];
  limits?: LimitOptions;
  enterpriseVersion?: string;
  latencyMs?: number;
  computeBudget?: number;
  heavyAnswer?: DoubleOptions['heavyAnswer'];
  rateLimitType?: DoubleOptions['rateLimitType'];
  validate?: boolean;
}

/** What a scenario file may say. */
export const SCENARIO_KEYS: ReadonlySet<string> = new Set([
  'clock', 'sample', 'histories', 'releaseEveryTag', 'scale', 'organisations', 'tokens', 'apps', 'faults', 'limits', 'enterpriseVersion', 'latencyMs', 'computeBudget', 'heavyAnswer',
  'rateLimitType', 'validate',
]);

/** Builds the world that a scenario describes and answers the options to start a double with. */
export function prepareDouble(scenario: ScenarioFile): DoubleOptions & { world: World; clock: Clock; histories: string[] } {
  const { clock: time, sample, histories, releaseEveryTag, scale, organisations, ...options } = scenario;
  const clock = new Clock(time?.now ?? null, time?.running);
  const world = new World();
  const now = clock.now();
  const loaded = histories ? loadHistories(world, histories, { releaseEveryTag: releaseEveryTag ?? false }) : [];
  if (sample) {
    addSampleOrganisation(world, { now, ...(sample === true ? {} : sample) });
  }
  if (scale) {
    addScaleOrganisation(world, { now, ...scale });
  }
  buildOrganisations(world, organisations ?? [], now);
  return { ...options, world, clock, histories: loaded };
}
