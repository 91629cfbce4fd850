import { STAGES_IN_COLOUR } from './looks';
import { barPanel, overTimePanel, type Unplaced } from './panels';
import { ask } from './query';

/** What differs of a panel from board to board. */
interface StagePanel {
  id: number;
  description: string;
  height: number;
}

/** The stages of all chosen teams together, stacked to the mean lead time. */
export function stagesPanel({ id, description, height }: StagePanel): Unplaced {
  return overTimePanel({
    id,
    title: 'Stages of the lead time (mean)',
    description,
    size: { w: 16, h: height },
    targets: ask({ queryType: 'stages', interval: '$interval', groupBy: 'none', statistic: 'mean' }),
    name: 'stage',
    kind: 'stacked',
    overrides: STAGES_IN_COLOUR,
  });
}

/** Each stage's part of the mean lead time, beside the stages. */
export function bottleneckPanel({ id, description, height }: StagePanel): Unplaced {
  return barPanel({
    id,
    title: 'The bottleneck',
    description,
    size: { w: 8, h: height },
    targets: ask({ queryType: 'stages', interval: 'range', groupBy: 'none', statistic: 'mean', format: 'table' }),
    name: 'stage',
    column: 'share',
    defaults: { color: { mode: 'fixed', fixedColor: 'blue' }, unit: 'percent', decimals: 0, max: 100 },
  });
}
