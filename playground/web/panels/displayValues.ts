import { type FieldDisplay, type GetFieldDisplayValuesOptions, FieldColorModeId, getFieldDisplayValues } from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';
import type { PanelProps } from './panels';

type Choices = Pick<GetFieldDisplayValuesOptions, 'theme' | 'reduceOptions' | 'sparkline' | 'percentChange'>;

/** The values of a panel that shows one for each series or row, in the colours of their thresholds unless it says otherwise. */
export function displayValues({ frames, fieldConfig, timeZone }: Pick<PanelProps, 'frames' | 'fieldConfig' | 'timeZone'>, choices: Choices): FieldDisplay[] {
  return getFieldDisplayValues({
    ...choices,
    fieldConfig: { ...fieldConfig, defaults: { color: { mode: FieldColorModeId.Thresholds }, ...fieldConfig.defaults } },
    replaceVariables: (text, scopedVars, format) => getTemplateSrv().replace(text, scopedVars, format),
    data: frames,
    timeZone,
  });
}
