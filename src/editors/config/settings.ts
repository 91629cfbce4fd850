import type { DataSourcePluginOptionsEditorProps } from '@grafana/data';
import type { DoraOptions } from '../../datasource';
import type { DoraJsonData, Secrets } from '../../shared/settings';

export type ConfigEditorProps = DataSourcePluginOptionsEditorProps<DoraOptions, Secrets>;

/** A team as `jsonData` keeps it: only what differs from the defaults need be there. */
export type StoredTeam = NonNullable<DoraJsonData['teams']>[number];
export type StoredSelection = NonNullable<StoredTeam['repositories']>[number];
export type StoredOverride = Exclude<StoredSelection, string>;
export type StoredDeploymentSource = NonNullable<StoredTeam['deployments']>[number];
export type StoredIncidentSource = NonNullable<StoredTeam['incidents']>[number];
export type StoredService = NonNullable<StoredTeam['services']>[number];
export type StoredAccount = NonNullable<DoraJsonData['accounts']>[number];

/** What the sections of the settings page work with. */
export interface SettingsFormProps {
  jsonData: DoraOptions;
  /** Sets fields of `jsonData`; undefined takes one away, so that its default holds. */
  onChange: (patch: Partial<DoraOptions>) => void;
  readOnly: boolean;
}

/** `list` with `item` in place of the one at `index`. */
export function replaced<Item>(list: readonly Item[], index: number, item: Item): Item[] {
  return list.map((old, position) => (position === index ? item : old));
}

export function without<Item>(list: readonly Item[], index: number): Item[] {
  return list.filter((_, position) => position !== index);
}

/** Settings may have been provisioned by hand: what is no list is taken for an empty one. */
export function listOf<Item>(value: readonly Item[] | null | undefined): readonly Item[] {
  return Array.isArray(value) ? (value as readonly Item[]) : [];
}

/** An empty list or text means "not set". */
export function orUnset<Value extends string | readonly unknown[]>(value: Value): Value | undefined {
  return value.length > 0 ? value : undefined;
}
