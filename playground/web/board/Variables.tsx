import { type DataQueryRequest, type DataSourceApi, type MetricFindValue, type TimeRange, FieldType, type CustomVariableSupport } from '@grafana/data';
import { Combobox, Field, MultiCombobox, Stack } from '@grafana/ui';
import { lastValueFrom } from 'rxjs';
import type { VariableValue } from '../grafana/templateSrv';
import type { Variable } from './board';

/** A variable with the values that can be chosen now. */
export interface Choice {
  variable: Variable;
  options: string[];
  /** What is chosen; `$__all` stands for every option. */
  chosen: string[];
}

export const ALL = '$__all';

export function initialChoice(variable: Variable): Choice {
  const { value } = variable.current;
  const options = variable.type === 'custom' ? String(variable.query).split(',').map((option) => option.trim()) : [];
  return { variable, options, chosen: Array.isArray(value) ? value : [value] };
}

/** Values of a query variable, asked from the plugin as Grafana does. */
export async function optionsOf(variable: Variable, source: DataSourceApi, range: TimeRange): Promise<string[]> {
  const support = source.variables as CustomVariableSupport<DataSourceApi> | undefined;
  if (support?.query) {
    const request = { requestId: `variable-${variable.name}`, range, timezone: 'utc', targets: [variable.query], scopedVars: {}, interval: '1d', intervalMs: 86_400_000, startTime: Date.now(), app: 'dashboard' };
    const { data } = await lastValueFrom(support.query(request as unknown as DataQueryRequest<never>));
    const rows = data as Array<{ fields?: Array<{ type: FieldType; name: string; values: string[] }> } & MetricFindValue>;
    return rows.flatMap((row) => (row.fields ? (row.fields.find((field) => field.name === 'value') ?? row.fields.find((field) => field.type === FieldType.string))?.values ?? [] : [String(row.value ?? row.text)]));
  }
  const found = (await source.metricFindQuery?.(variable.query, { range })) ?? [];
  return found.map((entry) => String(entry.value ?? entry.text));
}

export function valueOf({ variable, options, chosen }: Choice): VariableValue {
  if (!variable.multi) {
    return { text: chosen[0] ?? '', value: chosen[0] ?? '' };
  }
  return chosen.includes(ALL) ? { text: 'All', value: options } : { text: chosen, value: chosen };
}

interface Props {
  choices: Choice[];
  onChange(name: string, chosen: string[]): void;
}

export function Variables({ choices, onChange }: Props) {
  return (
    <Stack direction="row" gap={2} wrap="wrap">
      {choices
        .filter(({ variable }) => variable.type !== 'datasource')
        .map(({ variable, options, chosen }) => {
          const id = `variable-${variable.name}`;
          return (
            <Field key={variable.name} label={variable.label ?? variable.name} htmlFor={id} noMargin title={variable.description}>
              {variable.multi ? (
                <MultiCombobox
                  id={id}
                  width="auto"
                  minWidth={24}
                  maxWidth={60}
                  placeholder="All"
                  options={options.map((value) => ({ value, label: value }))}
                  value={chosen.filter((value) => value !== ALL)}
                  onChange={(selected) => onChange(variable.name, selected.length === 0 ? [ALL] : selected.map((option) => option.value))}
                />
              ) : (
                <Combobox id={id} width={20} options={options.map((value) => ({ value, label: value }))} value={chosen[0] ?? null} onChange={(option) => onChange(variable.name, [option.value])} />
              )}
            </Field>
          );
        })}
    </Stack>
  );
}
