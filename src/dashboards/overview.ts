import { board } from './board';
import { LEVEL_CELL, LEVELS_YEAR, TEAM } from './looks';
import { fourWeekStat, matrix, overTimePanel, tablePanel, top } from './panels';
import { ask, lastFourWeeks, overTime } from './query';
import { bottleneckPanel, stagesPanel } from './stages';
import { findingsTable, syncTable } from './tables';

const GUIDE = `These four numbers say how fast a team's changes reach production, and how well they hold there.

| Number | The question it answers | Better is |
| --- | --- | --- |
| **Deployment frequency** | How often does something new reach production? | more |
| **Lead time for changes** | How long from a change's first commit until it runs in production? | shorter |
| **Change failure rate** | Of all deployments, how many caused an incident or were rolled back? | less |
| **Time to restore** | How long from the start of an incident until service was back? | shorter |

- **Colours** are the levels of the DORA report of ${LEVELS_YEAR}: blue is elite, green high, orange medium, red low.
- **The top row** looks back 28 days from now, whatever the time range above; the line below each number is how it came there. Everything else follows the time range and the interval.
- **A gap is not a zero.** No deployment in a week means no failure rate for that week: the line has a gap there and the tile says *No value*. Only counts can be 0.
- **The median** is shown, because a few very old changes pull an average far away from what a team feels. The stages are averages, because only averages add up to the whole.
- **The last interval is still running**, and an incident may still be reported against the deployments of the last days.
- **Click a point** to see the rows that it is made of. The other boards, linked above, go deeper and keep team and time.
- The notices in a panel's corner say when a synchronisation is still going on or when something could not be linked. *Can these numbers be trusted?* lists what.`;

/** High enough for the line of seven teams not to cross their numbers. */
const TILE = { w: 6, h: 14 };
const TREND = { w: 12, h: 8 };

export const overview = board({
  board: 'overview',
  title: 'DORA overview',
  description: 'The four keys of software delivery: how often, how fast, how safely, how soon repaired.',
  guide: GUIDE,
  guideHeight: 13,
  sections: [
    {
      id: 1,
      title: 'Four keys: the last 28 days',
      lines: [
        [
          fourWeekStat({
            id: 2,
            title: 'Deployments a day',
            description: 'Succeeded production deployments a day over the last 28 days, rollbacks and retries left out. The colour is the DORA level.',
            size: TILE,
            targets: ask(lastFourWeeks({ metric: 'deployment-frequency', measure: 'per-day' })),
            name: 'team',
            decimals: 2,
          }),
          fourWeekStat({
            id: 3,
            title: 'Lead time (median)',
            description: "Median time from a change's first commit to the production deployment that delivered it, over the last 28 days: half of the changes were faster. The colour is the DORA level.",
            size: TILE,
            targets: ask(lastFourWeeks({ metric: 'lead-time', statistic: 'median' })),
            name: 'team',
          }),
          fourWeekStat({
            id: 4,
            title: 'Change failure rate',
            description: 'Share of the deployments of the last 28 days that caused an incident, were rolled back or failed. Without deployments there is no rate. The colour is the DORA level.',
            size: TILE,
            targets: ask(lastFourWeeks({ metric: 'change-failure-rate' })),
            name: 'team',
          }),
          fourWeekStat({
            id: 5,
            title: 'Time to restore (median)',
            description: 'Median time from the start of an incident until service was back, of the incidents that ended in the last 28 days. Without such an incident there is nothing to measure. The colour is the DORA level.',
            size: TILE,
            targets: ask(lastFourWeeks({ metric: 'time-to-restore', statistic: 'median' })),
            name: 'team',
          }),
        ],
      ],
    },
    {
      id: 13,
      title: 'Levels: the whole time range',
      lines: [
        [
          tablePanel({
            id: 14,
            title: 'Level of each team',
            description: `Level of each key over the time range, as the DORA report of ${LEVELS_YEAR} draws the lines. A dash: nothing to measure, or more than a fifth of the incidents could not be linked to a deployment.`,
            size: { w: 24, h: 10 },
            targets: ask({ queryType: 'levels', statistic: 'median', levelsYear: LEVELS_YEAR, format: 'table' }),
            transformations: [matrix('team', 'metric', 'level')],
            filterable: false,
            empty: 'No data',
            columns: {
              'team\\metric': { ...TEAM, width: 200 },
              'deployment-frequency': { title: 'Deployment frequency', properties: LEVEL_CELL },
              'lead-time': { title: 'Lead time for changes', properties: LEVEL_CELL },
              'change-failure-rate': { title: 'Change failure rate', properties: LEVEL_CELL },
              'time-to-restore': { title: 'Time to restore', properties: LEVEL_CELL },
            },
          }),
        ],
      ],
    },
    {
      id: 6,
      title: 'Trends: one point a $interval',
      lines: [
        [
          overTimePanel({
            id: 7,
            title: 'Deployments over time',
            description: 'Succeeded production deployments in each interval, by team. Click a bar for the deployments themselves.',
            size: TREND,
            targets: ask(overTime({ metric: 'deployment-frequency', measure: 'count' })),
            name: 'team',
            kind: 'stacked',
          }),
          overTimePanel({
            id: 8,
            title: 'Lead time over time (median)',
            description: 'Median time from first commit to production of the changes that were delivered in each interval, by team. A gap: nothing was delivered. Click a point for the changes.',
            size: TREND,
            targets: ask(overTime({ metric: 'lead-time', statistic: 'median' })),
            name: 'team',
            kind: 'line',
          }),
        ],
        [
          overTimePanel({
            id: 9,
            title: 'Change failure rate over time',
            description: 'Share of the deployments of each interval that caused an incident, were rolled back or failed. A gap: no deployment. Click a point for deployments and incidents.',
            size: TREND,
            targets: ask(overTime({ metric: 'change-failure-rate' })),
            name: 'team',
            kind: 'line',
          }),
          overTimePanel({
            id: 10,
            title: 'Time to restore over time (median)',
            description: 'Median duration of the incidents that ended in each interval, by team. A gap: none ended. Click a point for the incidents.',
            size: TREND,
            targets: ask(overTime({ metric: 'time-to-restore', statistic: 'median' })),
            name: 'team',
            kind: 'line',
          }),
        ],
      ],
    },
    {
      id: 11,
      title: 'Where the lead time goes',
      lines: [
        [
          stagesPanel({
            id: 12,
            description: 'Mean time that the delivered changes of each interval spent in each stage, all chosen teams together. The stages add up to the mean lead time: first commit → opened → first response → approved → merged → deployed.',
            height: 9,
          }),
          bottleneckPanel({
            id: 22,
            description: 'What part of the mean lead time each stage takes over the time range, all chosen teams together. The longest bar is where an improvement helps most.',
            height: 9,
          }),
        ],
      ],
    },
    {
      id: 19,
      title: 'Can these numbers be trusted?',
      lines: [
        [
          findingsTable({
            id: 20,
            title: 'What to know about the data',
            description: 'What could not be joined, measured or trusted in the time range, most frequent first. The board on data quality says more.',
            height: 9,
            empty: 'Nothing was found, or nothing is known yet: see the notice in the corner and the synchronisation below.',
            query: { rows: 'found' },
            transformations: top('count', 12),
          }),
        ],
        [
          syncTable({
            id: 21,
            title: 'Synchronisation',
            description: 'How far the data source is with each repository and account, and what went wrong.',
            height: 9,
            empty: 'No source has been asked yet: the data source has no teams, or cannot be reached.',
          }),
        ],
      ],
    },
  ],
});
