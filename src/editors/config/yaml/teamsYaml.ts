import { t } from '@grafana/i18n';
import { LineCounter, parseDocument, stringify } from 'yaml';
import { parseSettings, type SettingsProblem } from '../../../shared/settings';
import { AS_TEXT } from '../../../texts';
import type { StoredTeam } from '../settings';

/** Larger than any organisation's teams; a browser would stall on much more. */
const LONGEST = 2_000_000;

/** In provisioning files Grafana puts the environment's variables in place of `$NAME`; `$$` stands for the sign itself. */
function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') {
    return change(value);
  }
  if (Array.isArray(value)) {
    return value.map((item) => mapTexts(item, change));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
  }
  return value;
}

/** The teams as a provisioning file has them below `jsonData`. */
export function writeTeams(teams: readonly StoredTeam[]): string {
  return stringify({ teams: mapTexts(teams, (text) => text.replaceAll('$', '$$$$')) }, { lineWidth: 0 });
}

export interface ReadTeams {
  /** As `jsonData` keeps them; empty where nothing could be read. */
  teams: StoredTeam[];
  /** Why they cannot be taken. */
  problems: SettingsProblem[];
  /** Fields that nothing reads; misspelt perhaps. */
  unknown: string[];
}

/**
 * Teams from a text: a list of teams, `teams:`, `jsonData:` with teams, or a whole provisioning file, whose first data source with
 * teams is taken. Never throws: what is wrong is among the problems, syntax by its line, the rest by its field.
 */
export function readTeams(text: string): ReadTeams {
  const failed = (field: string, message: string): ReadTeams => ({ teams: [], problems: [{ field, message }], unknown: [] });
  if (text.length > LONGEST) {
    return failed('teams', t('yaml.too-long', 'is longer than {{megabytes}} MB', { megabytes: LONGEST / 1_000_000 }));
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const [{ pos, message }] = document.errors;
    return failed(t('yaml.line', 'Line {{line}}', { line: lines.linePos(pos[0]).line }), message);
  }
  let content: unknown;
  try {
    content = document.toJS();
  } catch (error) {
    return failed('teams', error instanceof Error ? error.message : String(error));
  }
  const found = teamsIn(content);
  if (!Array.isArray(found)) {
    return failed('teams', found === undefined ? t('yaml.no-teams', 'is not there: a list of teams was expected') : t('yaml.no-list', 'is not a list'));
  }
  const teams = mapTexts(found, (part) => part.replaceAll('$$', '$'));
  const { settings, problems } = parseSettings({ teams });
  const unknown = problems.length > 0 ? [] : unreadFields(teams, settings.teams, 'teams');
  return { teams: teams as StoredTeam[], problems, unknown };
}

function teamsIn(content: unknown): unknown {
  if (Array.isArray(content) || content === null || content === undefined) {
    return content ?? undefined;
  }
  if (typeof content !== 'object') {
    return undefined;
  }
  const { teams, jsonData, datasources } = content as { teams?: unknown; jsonData?: unknown; datasources?: unknown };
  if (teams !== undefined) {
    return teams;
  }
  const inside = Array.isArray(datasources) ? (datasources as unknown[]) : [jsonData];
  return inside.map((part) => (typeof part === 'object' && part !== null ? teamsIn(part) : undefined)).find((part) => part !== undefined);
}

/** Paths that were written and that the validated form does not have. */
function unreadFields(written: unknown, read: unknown, path: string): string[] {
  if (Array.isArray(written) && Array.isArray(read)) {
    return written.flatMap((item, index) => unreadFields(item, read[index], `${path}[${index}]`));
  }
  if (typeof written !== 'object' || written === null || typeof read !== 'object' || read === null || Array.isArray(written)) {
    return [];
  }
  return Object.entries(written).flatMap(([key, value]) =>
    Object.hasOwn(read, key) ? unreadFields(value, (read as Record<string, unknown>)[key], `${path}.${key}`) : value === null ? [] : [`${path}.${key}`]
  );
}

export type ImportMode = 'replace' | 'merge';

export interface TeamChange {
  name: string;
  kind: 'added' | 'changed' | 'removed' | 'unchanged';
  /** What of a changed team differs, before and after, as short texts; empty where absent. */
  fields: Array<{ name: string; before: string; after: string }>;
}

export interface Import {
  /** The teams as they will be. */
  teams: StoredTeam[];
  changes: TeamChange[];
}

/** What taking `imported` would make of `current`: all of it replaced, or teams of the same name replaced and the others kept. */
export function planImport(current: readonly StoredTeam[], imported: readonly StoredTeam[], mode: ImportMode): Import {
  const before = new Map(current.map((team) => [team.name, team]));
  const after = new Map(imported.map((team) => [team.name, team]));
  const kept = mode === 'merge' ? current.map((team) => after.get(team.name) ?? team) : [];
  const names = new Set(kept.map(({ name }) => name));
  const teams = [...kept, ...imported.filter(({ name }) => !names.has(name))];
  const all = [...teams, ...current.filter(({ name }) => !teams.some((team) => team.name === name))];
  return {
    teams,
    changes: all.map(({ name }): TeamChange => {
      const old = before.get(name);
      const now = teams.find((team) => team.name === name);
      if (!old || !now) {
        return { name, kind: now ? 'added' : 'removed', fields: [] };
      }
      const fields = differences(old, now);
      return { name, kind: fields.length > 0 ? 'changed' : 'unchanged', fields };
    }),
  };
}

const SHOWN = 120;

function differences(old: StoredTeam, now: StoredTeam): TeamChange['fields'] {
  const entries = (team: StoredTeam): Map<string, string> => new Map(Object.entries(team).map(([name, value]) => [name, JSON.stringify(value) ?? '']));
  const before = entries(old);
  const after = entries(now);
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => ({ name, before: short(before.get(name)), after: short(after.get(name)) }));
}

function short(text = ''): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

/** One line for a problem. */
export function problemLine({ field, message }: SettingsProblem): string {
  return t('yaml.problem', '{{field}}: {{message}}', { field, message, ...AS_TEXT });
}
