import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** The files of provisioning/ (tests run in the project's folder), as far as checks and specs read them. */
export const PROVISIONING = join(process.cwd(), 'provisioning');

export interface Target {
  refId: string;
  datasource?: { type: string; uid: string };
  hide?: boolean;
  [field: string]: unknown;
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: { type: string; uid: string };
  targets?: Target[];
  options?: Record<string, unknown>;
  panels?: Panel[];
  fieldConfig?: { defaults: Record<string, unknown>; overrides: Array<{ matcher: { id: string; options: unknown }; properties: Array<{ id: string; value: unknown }> }> };
  gridPos: { x: number; y: number; w: number; h: number };
}

export interface Variable {
  name: string;
  type: string;
  label?: string;
  description?: string;
  query: unknown;
  multi?: boolean;
  includeAll?: boolean;
  datasource?: { type: string; uid: string };
  current: { text: string | string[]; value: string | string[] };
}

export interface Board {
  uid: string;
  title: string;
  description?: string;
  tags: string[];
  panels: Panel[];
  templating: { list: Variable[] };
  annotations: { list: Array<{ name: string; datasource: { type: string; uid: string }; target?: Target; [field: string]: unknown }> };
}

export interface AlertRule {
  uid: string;
  title: string;
  condition: string;
  data: Array<{
    refId: string;
    datasourceUid: string;
    relativeTimeRange: { from: number; to: number };
    model: { refId: string; [field: string]: unknown };
  }>;
  dashboardUid?: string;
  panelId?: number;
  for: string;
  keepFiringFor?: string;
  noDataState: string;
  execErrState: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

export interface RuleGroup {
  name: string;
  folder: string;
  interval: string;
  rules: AlertRule[];
}

/** A link from a column of a row in Explore; `$${name}` in the file is `${name}` in Grafana. */
export interface Correlation {
  targetUID: string;
  label: string;
  description: string;
  config: { field: string; target: Record<string, unknown> };
}

export interface ProvisionedDataSource {
  name: string;
  uid: string;
  type: string;
  jsonData: Record<string, unknown>;
  secureJsonData: Record<string, string>;
  correlations?: Correlation[];
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(PROVISIONING, folder))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(PROVISIONING, folder, name));
}

export function boards(): Array<{ file: string; board: Board }> {
  return filesIn('dashboards', '.json').map((file) => ({ file, board: JSON.parse(readFileSync(file, 'utf8')) as Board }));
}

export function ruleGroups(): RuleGroup[] {
  return filesIn('alerting', '.yaml').flatMap((file) => (parse(readFileSync(file, 'utf8')) as { groups?: RuleGroup[] }).groups ?? []);
}

export function dataSources(): ProvisionedDataSource[] {
  return filesIn('datasources', '.yaml').flatMap((file) => (parse(readFileSync(file, 'utf8')) as { datasources: ProvisionedDataSource[] }).datasources);
}

/** The correlations of all provisioned data sources, as Grafana reads them. */
export function correlations(): Correlation[] {
  return JSON.parse(JSON.stringify(dataSources().flatMap((source) => source.correlations ?? [])).replaceAll('$$', '$')) as Correlation[];
}

/** Panels of a board, those in collapsed rows too. */
export function allPanels(panels: Panel[]): Panel[] {
  return panels.flatMap((panel) => [panel, ...allPanels(panel.panels ?? [])]);
}
