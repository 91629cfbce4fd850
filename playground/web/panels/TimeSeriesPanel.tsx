import { type DataFrame, FieldType, type LinkModel, dateTimeFormat, formattedValueToString, getDisplayProcessor, getFieldDisplayName } from '@grafana/data';
import { type VizLegendOptions, LegendDisplayMode } from '@grafana/schema';
import { DataLinkButton, SeriesTable, Stack, TimeSeries, TooltipPlugin2, useTheme2 } from '@grafana/ui';
import type { PanelProps } from './panels';

/** Numbers over time; dragging chooses a time range, and a click holds the tooltip with the links of the nearest series. */
export function TimeSeriesPanel({ panel, frames, width, height, timeRange, timeZone, onChangeRange }: PanelProps) {
  const theme = useTheme2();
  const drawn = frames.filter((frame) => frame.fields.some((field) => field.type === FieldType.time) && frame.fields.some((field) => field.type === FieldType.number));
  if (drawn.length === 0) {
    return <p role="status">No data</p>;
  }
  const legend = (panel.options?.legend as VizLegendOptions | undefined) ?? { displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: true, calcs: [] };

  // The plot is built for its series: other series, another plot.
  const structure = drawn.flatMap((frame) => frame.fields.map((field) => `${field.name} ${field.type} ${JSON.stringify(field.labels ?? {})} ${field.config.unit ?? ''}`)).join('\n');

  const tooltip = (aligned: DataFrame, indexes: Array<number | null>, series: number | null, links: LinkModel[]) => {
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
    return (
      <Stack direction="column" gap={1}>
        <SeriesTable series={rows} timestamp={dateTimeFormat(times.values[at] as number, { timeZone })} />
        {links.map((link) => (
          <DataLinkButton key={link.title} link={link} />
        ))}
      </Stack>
    );
  };

  return (
    <TimeSeries key={structure} frames={drawn} timeRange={timeRange} timeZone={timeZone} width={width} height={height} legend={legend} options={panel.options}>
      {(builder, aligned) => (
        <TooltipPlugin2
          config={builder}
          hoverMode={1}
          queryZoom={onChangeRange}
          getDataLinks={(series, index) => aligned.fields[series]?.getLinks?.({ valueRowIndex: index }) ?? []}
          render={(_plot, indexes, series, isPinned, _dismiss, _range, _viaSync, links) => tooltip(aligned, indexes, series, isPinned ? links : [])}
        />
      )}
    </TimeSeries>
  );
}
