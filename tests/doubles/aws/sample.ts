import type { RoleSpec } from './identities';
import type { World } from './world';
export interface SampleOptions { now: string | number; seed?: number; days?: number }
export const SAMPLE_ROLES: readonly RoleSpec[] = [];
export function addSampleAccounts(_world: World, _options: SampleOptions): void {}
