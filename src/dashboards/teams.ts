import { board } from './board';
import { decimals, LEVELS_YEAR, levelThresholds, TEAM, unit, VALUE_CELL } from './looks';
import { type Column, barPanel, matrix, NO_BAR, overTimePanel, tablePanel, type Unplaced } from './panels';
import { ask, type BoardQuery, overTime, wholeRange } from './query';

const GUIDE = `This board puts teams beside each other: to learn from one another, not to rank them. Teams differ in what they build and in what they count as a deployment or an incident, so compare a team with its own past first.

- **The bars and the first table** look at the whole time range above. Colours are the levels of the DORA report of ${LEVELS_YEAR}: blue is elite, green high, orange medium, red low.
- **Now and before** sets the time range against the same length of time just before it. With few deployments or incidents a difference is often chance: the notice in a panel's corner names the teams whose difference is more than that.
- **The trends** look back 28 days at each point, so that a single bad day does not hide the direction.
- ***${NO_BAR}*** (in tables a dash) is no zero: without deployments there is no failure rate, and without an incident no time to restore. A team whose history does not reach back far enough has no value before.
- Click a **team's name** to open its overview.`;

const BAR = { w: 6, h: 11 };
const BEFORE = { w: 6, h: 10 };

function beforeAndNow(id: number, title: string, description: string, query: BoardQuery, properties: Column['properties']): Unplaced {
  return tablePanel({
    id,
    title,
    description,
    size: BEFORE,
    targets: ask({ queryType: 'metric', compare: 'previous', interval: 'range', format: 'table', ...query }),
    transformations: [matrix('team', 'period', 'value')],
    filterable: false,
    empty: 'No data',
    minWidth: 60,
    columns: { 'team\\period': { ...TEAM, width: 110 }, previous: { title: 'Before', properties }, current: { title: 'Now', properties } },
  });
}

function trend(id: number, title: string, description: string, query: BoardQuery, look: { decimals?: number } = {}): Unplaced {
  return overTimePanel({ ...look, id, title, description, size: { w: 12, h: 9 }, targets: ask(overTime({ window: 'rolling', rollingDays: 28, ...query })), name: 'team', kind: 'line' });
}

function value(title: string, properties: Column['properties']): Column {
  return { title, properties: [...VALUE_CELL, ...(properties ?? [])] };
}

export const teams = board({
  board: 'teams',
  title: 'DORA team comparison',
  description: 'The four keys of every team side by side, and against the time before.',
  guide: GUIDE,
  guideHeight: 8,
  sections: [
    {
      id: 1,
      title: 'Side by side: the whole time range',
      lines: [
        [
          barPanel({ id: 2, title: 'Deployments a day', description: 'Succeeded production deployments a day over the time range. Longer is better.', size: BAR, targets: ask(wholeRange({ metric: 'deployment-frequency', measure: 'per-day' })), name: 'team', defaults: { decimals: 2 } }),
          barPanel({ id: 3, title: 'Lead time (median)', description: 'Median time from first commit to production. Shorter is better.', size: BAR, targets: ask(wholeRange({ metric: 'lead-time', statistic: 'median' })), name: 'team' }),
          barPanel({ id: 4, title: 'Change failure rate', description: 'Share of the deployments that caused an incident, were rolled back or failed. Shorter is better.', size: BAR, targets: ask(wholeRange({ metric: 'change-failure-rate' })), name: 'team', defaults: { decimals: 1 } }),
          barPanel({ id: 5, title: 'Time to restore (median)', description: 'Median duration of the incidents that ended in the time range. Shorter is better.', size: BAR, targets: ask(wholeRange({ metric: 'time-to-restore', statistic: 'median' })), name: 'team' }),
        ],
        [
          tablePanel({
            id: 6,
            title: 'Four keys of each team',
            description: `Each key over the time range in the colour of its level, as the DORA report of ${LEVELS_YEAR} draws the lines. Frequency is in days of the week with a deployment, as in the report. A dash: nothing to measure.`,
            size: { w: 24, h: 10 },
            targets: ask({ queryType: 'levels', statistic: 'median', levelsYear: LEVELS_YEAR, format: 'table' }),
            transformations: [matrix('team', 'metric', 'value')],
            filterable: false,
            empty: 'No data',
            columns: {
              'team\\metric': { ...TEAM, width: 200 },
              'deployment-frequency': value('Deployment days a week', [levelThresholds('deployment-frequency'), decimals(1)]),
              'lead-time': value('Lead time (median)', [levelThresholds('lead-time'), unit('s')]),
              'change-failure-rate': value('Change failure rate', [levelThresholds('change-failure-rate'), unit('percent'), decimals(1)]),
              'time-to-restore': value('Time to restore (median)', [levelThresholds('time-to-restore'), unit('s')]),
            },
          }),
        ],
      ],
    },
    {
      id: 7,
      title: 'Now and before: the time range against the same length of time just before it',
      lines: [
        [
          beforeAndNow(8, 'Frequency vs. before', 'Deployments a day in the time range and in the one before. A dash: the history does not reach back that far.', { metric: 'deployment-frequency', measure: 'per-day' }, [decimals(2)]),
          beforeAndNow(9, 'Lead time vs. before', 'Median lead time in the time range and in the one before. A dash: nothing to measure.', { metric: 'lead-time', statistic: 'median' }, [unit('s')]),
          beforeAndNow(10, 'Failure rate vs. before', 'Change failure rate in the time range and in the one before. A dash: nothing to measure.', { metric: 'change-failure-rate' }, [unit('percent'), decimals(1)]),
          beforeAndNow(11, 'Restore vs. before', 'Median time to restore in the time range and in the one before. A dash: nothing to measure.', { metric: 'time-to-restore', statistic: 'median' }, [unit('s')]),
        ],
      ],
    },
    {
      id: 12,
      title: 'Trends: each point looks back 28 days',
      lines: [
        [
          trend(13, 'Deployments a day over time', 'Succeeded production deployments a day in the 28 days up to each point.', { metric: 'deployment-frequency', measure: 'per-day' }, { decimals: 2 }),
          trend(14, 'Lead time over time (median)', 'Median lead time of the changes delivered in the 28 days up to each point.', { metric: 'lead-time', statistic: 'median' }),
        ],
        [
          trend(15, 'Change failure rate over time', 'Share of failed deployments in the 28 days up to each point.', { metric: 'change-failure-rate' }),
          trend(16, 'Time to restore over time (median)', 'Median duration of the incidents that ended in the 28 days up to each point. A gap: none ended.', { metric: 'time-to-restore', statistic: 'median' }),
        ],
      ],
    },
  ],
});
