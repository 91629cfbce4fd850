import { type TableSortByFieldState } from '@grafana/schema';
import { TableNG } from '@grafana/ui/unstable';
import { useState } from 'react';
import type { PanelProps } from './panels';

/** Rows of the first frame; the frame's own links lead out. */
export function TablePanel({ panel, frames, fieldConfig, width, height, timeRange }: PanelProps) {
  const [sortBy] = useState(() => (panel.options?.sortBy as TableSortByFieldState[] | undefined) ?? []);
  const frame = frames[0];
  if (!frame || frame.length === 0) {
    return <p role="status">{fieldConfig.defaults.noValue ?? 'No rows in this time range.'}</p>;
  }
  return <TableNG ariaLabel={panel.title} data={frame} width={width} height={height} timeRange={timeRange} initialSortBy={sortBy} />;
}
