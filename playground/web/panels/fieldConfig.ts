import {
  type DataFrame,
  FieldConfigOptionsRegistry,
  type FieldConfigPropertyItem,
  type FieldConfigSource,
  type GrafanaTheme2,
  type InterpolateFunction,
  applyFieldOverrides,
  booleanOverrideProcessor,
  cacheFieldDisplayNames,
  dataLinksOverrideProcessor,
  displayNameOverrideProcessor,
  identityOverrideProcessor,
  numberOverrideProcessor,
  stringOverrideProcessor,
  thresholdsOverrideProcessor,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
} from '@grafana/data';
import { getTemplateSrv } from '@grafana/runtime';

type Processor = FieldConfigPropertyItem['process'];

/** The options that every panel has, with the function that checks each. */
const STANDARD: Record<string, Processor> = {
  unit: unitOverrideProcessor,
  min: numberOverrideProcessor,
  max: numberOverrideProcessor,
  decimals: numberOverrideProcessor,
  displayName: displayNameOverrideProcessor as Processor,
  fieldMinMax: booleanOverrideProcessor,
  noValue: stringOverrideProcessor,
  color: identityOverrideProcessor,
  thresholds: thresholdsOverrideProcessor as Processor,
  mappings: valueMappingsOverrideProcessor as Processor,
  links: dataLinksOverrideProcessor as Processor,
};

/** What boards set in a panel's `custom` block; the value goes to the drawing component as it is. */
const CUSTOM = [
  'align',
  'axisLabel',
  'axisPlacement',
  'axisSoftMin',
  'axisSoftMax',
  'barAlignment',
  'barWidthFactor',
  'cellOptions',
  'drawStyle',
  'fillOpacity',
  'filterable',
  'hideFrom',
  'hideFrom.viz',
  'inspect',
  'lineInterpolation',
  'lineStyle',
  'lineWidth',
  'minWidth',
  'pointSize',
  'scaleDistribution',
  'showPoints',
  'spanNulls',
  'stacking',
  'thresholdsStyle',
  'width',
  'wrapText',
];

function item(path: string, isCustom: boolean, process: Processor): FieldConfigPropertyItem {
  const nothing = () => null;
  return { id: isCustom ? `custom.${path}` : path, path, isCustom, name: path, editor: nothing, override: nothing, process, settings: { expandTemplateVars: true }, shouldApply: () => true };
}

const registry = new FieldConfigOptionsRegistry(() => [
  ...Object.entries(STANDARD).map(([path, process]) => item(path, false, process)),
  ...CUSTOM.map((path) => item(path, true, identityOverrideProcessor)),
]);

/** Frames with units, thresholds, names, links and display functions applied, as every panel of Grafana gets them. */
export function withFieldConfig(data: DataFrame[], fieldConfig: FieldConfigSource, theme: GrafanaTheme2, timeZone: string): DataFrame[] {
  const replaceVariables: InterpolateFunction = (text, scopedVars, format) => getTemplateSrv().replace(text, scopedVars, format);
  const frames = applyFieldOverrides({
    data,
    fieldConfig,
    fieldConfigRegistry: registry,
    replaceVariables,
    theme,
    timeZone,
  });
  cacheFieldDisplayNames(frames);
  return frames;
}
