import { type FieldDisplay, type ReduceDataOptions, type VizOrientation, getDisplayValueAlignmentFactors } from '@grafana/data';
import type { BarGaugeDisplayMode, BarGaugeNamePlacement, BarGaugeValueMode, VizTextDisplayOptions } from '@grafana/schema';
import { BarGauge, VizRepeater, type VizRepeaterRenderValueProps, useTheme2 } from '@grafana/ui';
import { displayValues } from './displayValues';
import type { PanelProps } from './panels';

interface BarGaugeOptions {
  reduceOptions: ReduceDataOptions;
  orientation: VizOrientation;
  displayMode: BarGaugeDisplayMode;
  valueMode: BarGaugeValueMode;
  namePlacement: BarGaugeNamePlacement;
  showUnfilled: boolean;
  minVizHeight: number;
  maxVizHeight: number;
  minVizWidth: number;
  text?: VizTextDisplayOptions;
}

type Factors = ReturnType<typeof getDisplayValueAlignmentFactors>;

/** A bar for each series or row, as long as its value. */
export function BarGaugePanel({ panel, frames, fieldConfig, width, height, timeZone }: PanelProps) {
  const theme = useTheme2();
  const options = panel.options as unknown as BarGaugeOptions;
  const values = (): FieldDisplay[] =>
    displayValues({ frames, fieldConfig, timeZone }, {
      theme,
      reduceOptions: options.reduceOptions,
    });
  const render = ({ value, width: w, height: h, alignmentFactors, orientation, count }: VizRepeaterRenderValueProps<FieldDisplay, Factors>) => (
    <BarGauge
      value={value.display}
      field={value.field}
      display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
      width={w}
      height={h}
      orientation={orientation}
      theme={theme}
      itemSpacing={10}
      lcdCellWidth={12}
      displayMode={options.displayMode}
      valueDisplayMode={options.valueMode}
      namePlacement={options.namePlacement}
      showUnfilled={options.showUnfilled}
      text={options.text}
      alignmentFactors={count > 1 ? alignmentFactors : undefined}
    />
  );
  return (
    <VizRepeater
      getValues={values}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={render}
      width={width}
      height={height}
      minVizWidth={options.minVizWidth}
      minVizHeight={options.minVizHeight}
      maxVizHeight={options.maxVizHeight}
      source={frames}
      itemSpacing={10}
      renderCounter={0}
      orientation={options.orientation}
    />
  );
}
