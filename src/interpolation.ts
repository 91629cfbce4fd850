import type { ScopedVars } from '@grafana/data';
import type { PanelQuery } from './panelQuery';

/** The part of Grafana's template service that is needed here. */
export interface Template {
  replace(text: string, scopedVars?: ScopedVars, format?: (value: unknown) => string): string;
}

// Control characters cannot be part of a value that a person typed or a provider named.
const OPEN = '\u0001';
const NEXT = '\u0002';
const CLOSE = '\u0003';
const EXPANDED = new RegExp(`(${OPEN}[^${CLOSE}]*${CLOSE})`);

/**
 * Every text that `text` stands for: one per value of a multi-value variable, all combinations where several occur.
 * A variable without a value gives nothing, an unknown one stays as it is written.
 */
export function expand(template: Template, text: string, scopedVars: ScopedVars): string[] {
  if (!text.includes('$') && !text.includes('[[')) {
    return [text];
  }
  const marked = template.replace(text, scopedVars, (value) => OPEN + (Array.isArray(value) ? value : [value]).map((one) => String(one ?? '')).join(NEXT) + CLOSE);
  let texts = [''];
  for (const part of marked.split(EXPANDED)) {
    const alternatives = part.startsWith(OPEN) ? part.slice(1, -1).split(NEXT).filter(Boolean) : [part];
    texts = texts.flatMap((start) => alternatives.map((end) => start + end));
  }
  return [...new Set(texts.filter(Boolean))];
}

const LISTS = ['teams', 'services', 'repositories'] as const;
const NUMBERS = ['rollingDays', 'levelsYear'] as const;
const TEXTS = ['queryType', 'metric', 'interval', 'window', 'statistic', 'measure', 'groupBy', 'compare', 'format', 'basis', 'rows', 'timezone', 'namespace', 'metricName'] as const;

/**
 * The query with its variables' values. What a variable gives is not judged here: the backend names a field whose value
 * it cannot take.
 */
export function interpolate(template: Template, query: PanelQuery, scopedVars: ScopedVars): PanelQuery {
  const values: Record<string, unknown> = {};
  for (const field of LISTS) {
    const list = query[field];
    if (list) {
      values[field] = [...new Set(list.flatMap((text) => expand(template, text, scopedVars)))];
    }
  }
  for (const field of TEXTS) {
    const text = query[field];
    if (typeof text === 'string') {
      values[field] = expand(template, text, scopedVars).join(', ') || undefined;
    }
  }
  for (const field of NUMBERS) {
    const value = query[field];
    if (typeof value === 'string') {
      const text = expand(template, value, scopedVars).join(', ');
      const number = Number(text);
      values[field] = text === '' ? undefined : Number.isFinite(number) ? number : text;
    }
  }
  return { ...query, ...values };
}
