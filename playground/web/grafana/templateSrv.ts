import { type DataFrame, type Field, type ScopedVars, type TimeRange, type TypedVariableModel, createTheme, formattedValueToString, getDisplayProcessor } from '@grafana/data';
import type { TemplateSrv } from '@grafana/runtime';

/** The chosen value of a template variable: text as shown, value as queries get it; lists for a variable with several values. */
export interface VariableValue {
  text: string | string[];
  value: string | string[];
}

/** What a plugin passes to shape a value: a format's name or a function. */
type Format = string | ((value: string | string[], variable: { name: string }) => unknown);

interface DataContext {
  data: DataFrame[];
  frame: DataFrame;
  field: Field;
  rowIndex?: number;
}

const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:}]+|\w+\[[^\]]*\]))?(?:\[([^\]]*)\])?(?::([^}]+))?\}/g;

/** Grafana's template variables and data macros, for the formats that boards and the plugin use. */
export class PlaygroundTemplateSrv implements TemplateSrv {
  private values = new Map<string, VariableValue>();
  private range: TimeRange | null = null;

  set(values: ReadonlyMap<string, VariableValue>): void {
    this.values = new Map(values);
  }

  getVariables(): TypedVariableModel[] {
    return [...this.values].map(
      ([name, { text, value }]) =>
        ({ name, id: name, label: name, type: 'custom', current: { text, value, selected: true }, options: [], multi: Array.isArray(value) }) as unknown as TypedVariableModel
    );
  }

  updateTimeRange(range: TimeRange): void {
    this.range = range;
  }

  containsTemplate(target?: string): boolean {
    return target !== undefined && [...target.matchAll(REFERENCE)].some((match) => this.values.has(nameOf(match)));
  }

  replace(target?: string, scopedVars: ScopedVars = {}, format?: Format): string {
    return (target ?? '').replace(REFERENCE, (...parts) => {
      const match = parts as unknown as RegExpMatchArray;
      const name = nameOf(match);
      const wanted = match[3] ?? match[7] ?? format;
      const path = match[5] ?? (match[6] === undefined ? undefined : `["${match[6].replace(/^["']|["']$/g, '')}"]`);
      const macro = this.macro(name, path, scopedVars);
      if (macro !== null) {
        return wanted === 'percentencode' ? encodeURIComponent(macro) : macro;
      }
      const scoped = scopedVars[name];
      const known: VariableValue | undefined = scoped ? { text: String(scoped.text ?? scoped.value), value: scoped.value as string | string[] } : this.values.get(name);
      return known ? shape(known, name, wanted) : match[0];
    });
  }

  private macro(name: string, path: string | undefined, scopedVars: ScopedVars): string | null {
    switch (name) {
      case '__from':
        return this.range ? String(this.range.from.valueOf()) : null;
      case '__to':
        return this.range ? String(this.range.to.valueOf()) : null;
      case '__url_time_range':
        return this.range ? `from=${this.range.from.valueOf()}&to=${this.range.to.valueOf()}` : null;
      case '__all_variables':
        return [...this.values].map(([variable, value]) => shape(value, variable, 'queryparam')).join('&');
      case '__field':
      case '__value':
      case '__data':
      case '__series':
        return ofData(name, path ?? '', scopedVars.__dataContext?.value);
      default:
        return null;
    }
  }
}

function nameOf(match: RegExpMatchArray): string {
  return match[1] ?? match[2] ?? match[4] ?? '';
}

function shape(variable: VariableValue, name: string, format: Format | undefined): string {
  const { value, text } = variable;
  const list = Array.isArray(value) ? value : [value];
  if (typeof format === 'function') {
    return String(format(value, { name }));
  }
  switch (format) {
    case 'csv':
    case 'raw':
      return list.join(',');
    case 'json':
      return JSON.stringify(value);
    case 'pipe':
      return list.join('|');
    case 'regex':
      return Array.isArray(value) && list.length !== 1 ? `(${list.map(escapeRegex).join('|')})` : escapeRegex(list[0] ?? '');
    case 'percentencode':
      return encodeURIComponent(list.join(','));
    case 'queryparam':
      return list.map((one) => `var-${encodeURIComponent(name)}=${encodeURIComponent(one)}`).join('&');
    case 'text':
      return Array.isArray(text) ? text.join(' + ') : text;
    default:
      return list.length === 1 ? String(list[0]) : `{${list.join(',')}}`;
  }
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

function ofData(name: string, path: string, context: DataContext | undefined): string | null {
  if (!context) {
    return null;
  }
  const { frame, field, rowIndex } = context;
  if (name === '__series') {
    return frame.name ?? '';
  }
  if (name === '__field') {
    const label = /^labels(?:\.|\[["']?)(.+?)(?:["']?\])?$/.exec(path);
    return label ? (field.labels?.[label[1]] ?? '') : path === 'name' ? field.name : '';
  }
  if (rowIndex === undefined) {
    return null;
  }
  if (name === '__value') {
    const value: unknown = field.values[rowIndex];
    if (path === 'time') {
      return String(frame.fields.find((candidate) => candidate.type === 'time')?.values[rowIndex] ?? '');
    }
    return path === 'text' ? shown(field, value) : String(value ?? '');
  }
  const wanted = /^fields(?:\.|\[["']?)?(.+?)(?:["']?\])?(?:\.(text|numeric))?$/.exec(path);
  const other = wanted ? frame.fields.find((candidate) => candidate.name === wanted[1]) : undefined;
  if (!other) {
    return '';
  }
  const value: unknown = other.values[rowIndex];
  return wanted?.[2] === 'text' ? shown(other, value) : String(value ?? '');
}

function shown(field: Field, value: unknown): string {
  return formattedValueToString((field.display ?? getDisplayProcessor({ field, theme: createTheme() }))(value));
}
