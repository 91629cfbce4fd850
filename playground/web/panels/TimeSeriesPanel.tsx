import { type DataFrame, FieldType, dateTimeFormat, formattedValueToString, getDisplayProcessor, getFieldDisplayName } from '@grafana/data';
import { type VizLegendOptions, LegendDisplayMode } from '@grafana/schema';
import { SeriesTable, TimeSeries, TooltipPlugin2, useTheme2 } from '@grafana/ui';
import type { PanelProps } from './panels';

/** Numbers over time; dragging chooses a time range. */
export function TimeSeriesPanel({ panel, frames, width, height, timeRange, timeZone, onChangeRange }: PanelProps) {
  const theme = useTheme2();
  const drawn = frames.filter((frame) => frame.fields.some((field) => field.type === FieldType.time) && frame.fields.some((field) => field.type === FieldType.number));
  if (drawn.length === 0) {
    return <p role="status">No data</p>;
  }
  const legend = (panel.options?.legend as VizLegendOptions | undefined) ?? { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true, calcs: [] };

  // The plot is built for its series: other series, another plot.
  const structure = drawn.flatMap((frame) => frame.fields.map((field) => `${field.name} ${field.type} ${JSON.stringify(field.labels ?? {})} ${field.config.unit ?? ''}`)).join('\n');

  const tooltip = (aligned: DataFrame, indexes: Array<number | null>, series: number | null) => {
    const times = aligned.fields[0];
    const at = indexes.find((index) => index !== null && index !== undefined);
    if (at === undefined || at === null) {
      return null;
    }
    const rows = aligned.fields.slice(1).flatMap((field, index) => {
      const value: unknown = field.values[indexes[index + 1] ?? at];
      if (value === null || value === undefined) {
        return [];
      }
      const display = (field.display ?? getDisplayProcessor({ field, theme }))(value);
      return [{ label: getFieldDisplayName(field, aligned, drawn), value: formattedValueToString(display), color: display.color, isActive: series === index + 1 }];
    });
    return <SeriesTable series={rows} timestamp={dateTimeFormat(times.values[at] as number, { timeZone })} />;
  };

  return (
    <TimeSeries key={structure} frames={drawn} timeRange={timeRange} timeZone={timeZone} width={width} height={height} legend={legend} options={panel.options}>
      {(builder, aligned) => (
        <TooltipPlugin2
          config={builder}
          hoverMode={1}
          queryZoom={onChangeRange}
          render={(_plot, indexes, series) => tooltip(aligned, indexes, series)}
        />
      )}
    </TimeSeries>
  );
}
