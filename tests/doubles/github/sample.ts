import { instant } from './clock';
import { Scenario } from './scenario';
import type { World } from './world';

export interface SampleOptions {
  now: string | number;
  seed?: number;
  days?: number;
}
export function addSampleOrganisation(world: World, options: SampleOptions): void {
  const now = instant(options.now);
  const acme = new Scenario(world).organisation('acme');
  const api = acme.repository('payments-api');
  api.commit({ at: now - 9e9, message: 'Start' });
}
