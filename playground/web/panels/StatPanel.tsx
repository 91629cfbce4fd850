import { type FieldDisplay, type ReduceDataOptions, getDisplayValueAlignmentFactors } from '@grafana/data';
import type { PercentChangeColorMode, VizTextDisplayOptions } from '@grafana/schema';
import { BigValue, type BigValueColorMode, BigValueGraphMode, type BigValueJustifyMode, type BigValueTextMode, VizRepeater, type VizRepeaterRenderValueProps, useTheme2 } from '@grafana/ui';
import type { VizOrientation } from '@grafana/data';
import { displayValues } from './displayValues';
import type { PanelProps } from './panels';

interface StatOptions {
  reduceOptions: ReduceDataOptions;
  orientation: VizOrientation;
  colorMode: BigValueColorMode;
  graphMode: BigValueGraphMode;
  justifyMode: BigValueJustifyMode;
  textMode: BigValueTextMode;
  text?: VizTextDisplayOptions;
  showPercentChange?: boolean;
  percentChangeColorMode?: PercentChangeColorMode;
}

/** One big number a series, with its sparkline and change over the range. */
export function StatPanel({ panel, frames, fieldConfig, width, height, timeZone }: PanelProps) {
  const theme = useTheme2();
  const options = panel.options as unknown as StatOptions;
  const values = (): FieldDisplay[] =>
    displayValues({ frames, fieldConfig, timeZone }, {
      theme,
      reduceOptions: options.reduceOptions,
      sparkline: options.graphMode !== BigValueGraphMode.None,
      percentChange: options.showPercentChange,
    });
  const render = ({ value, width: w, height: h, alignmentFactors, count }: VizRepeaterRenderValueProps<FieldDisplay, ReturnType<typeof getDisplayValueAlignmentFactors>>) => (
    <BigValue
      value={value.display}
      sparkline={value.sparkline}
      count={count}
      width={w}
      height={h}
      theme={theme}
      colorMode={options.colorMode}
      graphMode={options.graphMode}
      justifyMode={options.justifyMode}
      textMode={options.textMode}
      text={options.text}
      alignmentFactors={alignmentFactors}
      percentChangeColorMode={options.percentChangeColorMode}
    />
  );
  return (
    <VizRepeater
      getValues={values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={render}
      width={width}
      height={height}
      source={frames}
      itemSpacing={3}
      renderCounter={0}
      autoGrid
      orientation={options.orientation}
    />
  );
}
