import type { DataFrame, FieldConfigSource, TimeRange } from '@grafana/data';
import type { Panel } from '../board/board';

/** What every drawn panel gets: frames with their field config applied, and its room. */
export interface PanelProps {
  panel: Panel;
  frames: DataFrame[];
  fieldConfig: FieldConfigSource;
  width: number;
  height: number;
  timeRange: TimeRange;
  timeZone: string;
  onChangeRange(range: { from: number; to: number }): void;
}
