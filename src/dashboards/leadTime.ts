import { STAGES } from '../engine/moments';
import { board } from './board';
import { decimals, STAGE_TITLES, TEAM, unit } from './looks';
import { type Column, fourWeekStat, matrix, overTimePanel, tablePanel, top } from './panels';
import { ask, lastFourWeeks, overTime } from './query';
import { bottleneckPanel, stagesPanel } from './stages';
import { deliveredTable, waitingTable } from './tables';

const GUIDE = `Lead time is the time from a change's first commit until the deployment that brought it into production.

| Stage | From … until | When it is long |
| --- | --- | --- |
| **commit to open** | first commit → pull request ready for review | work is large, or shown late |
| **first response** | ready → first word of somebody else | reviewers are busy or not told |
| **rework** | first response → approval | much to mend, many rounds |
| **merge** | approval → merge | checks are slow, or merging waits for somebody |
| **deploy** | merge → production | releases are rare or by hand |

- **The stages add up to the lead time**, so the longest bar of *The bottleneck* is where an improvement helps most.
- **Median** (half were faster) is what a change usually takes; **p90** (nine of ten were faster) is what the slow ones take. They lie far apart where a few changes wait long.
- A change counts in the interval in which it **reached production**. What is merged and not deployed yet is in no lead time; it is listed under *Waiting for a deployment*, oldest first.
- A gap in a line: nothing was delivered. Click a point for the changes behind it, and a change's title for its pull request.`;

/** A bar with its number in the theme's own text colour. */
const SHARE_CELL = { id: 'custom.cellOptions', value: { type: 'gauge', mode: 'basic', valueDisplayMode: 'text' } };
const SHARE_COLOUR = { id: 'color', value: { mode: 'fixed', fixedColor: 'blue' } };

export const leadTime = board({
  board: 'leadTime',
  title: 'DORA lead time',
  description: 'How long changes take to production, where the time goes, and what waits.',
  guide: GUIDE,
  guideHeight: 13,
  sections: [
    {
      id: 1,
      title: 'How long it takes',
      lines: [
        [
          fourWeekStat({
            id: 2,
            title: 'Lead time, last 28 days (median)',
            description: 'Median time from first commit to production over the last 28 days, by team. The colour is the DORA level.',
            size: { w: 8, h: 11 },
            targets: ask(lastFourWeeks({ metric: 'lead-time', statistic: 'median' })),
            name: 'team',
          }),
          overTimePanel({
            id: 3,
            title: 'Lead time of each team (median)',
            description: 'Median lead time of the changes that reached production in each interval. A gap: nothing was delivered.',
            size: { w: 16, h: 11 },
            targets: ask(overTime({ metric: 'lead-time', statistic: 'median' })),
            name: 'team',
            kind: 'line',
          }),
        ],
        [
          overTimePanel({
            id: 4,
            title: 'Usual and slow changes',
            description: 'All chosen teams together: half of the changes of an interval were faster than the median, nine of ten faster than p90.',
            size: { w: 24, h: 8 },
            targets: ask(
              overTime({ metric: 'lead-time', statistic: 'median', groupBy: 'none' }),
              overTime({ metric: 'lead-time', statistic: 'p75', groupBy: 'none' }),
              overTime({ metric: 'lead-time', statistic: 'p90', groupBy: 'none' }),
            ),
            name: '${__series.name}',
            kind: 'line',
            overrides: [
              { matcher: { id: 'byFrameRefID', options: 'A' }, properties: [{ id: 'displayName', value: 'median: half were faster' }] },
              { matcher: { id: 'byFrameRefID', options: 'B' }, properties: [{ id: 'displayName', value: 'p75: three of four were faster' }] },
              { matcher: { id: 'byFrameRefID', options: 'C' }, properties: [{ id: 'displayName', value: 'p90: nine of ten were faster' }] },
            ],
          }),
        ],
      ],
    },
    {
      id: 5,
      title: 'Where it goes',
      lines: [
        [
          stagesPanel({
            id: 6,
            description: 'Mean time in each stage of the changes delivered in each interval, all chosen teams together. The stages add up to the mean lead time.',
            height: 10,
          }),
          bottleneckPanel({
            id: 7,
            description: 'What part of the mean lead time each stage takes over the time range, all chosen teams together.',
            height: 10,
          }),
        ],
        [
          tablePanel({
            id: 8,
            title: 'The bottleneck of each team',
            description: 'What part of its mean lead time each team spends in each stage over the time range. The longer the bar, the more. A dash: nothing was delivered.',
            size: { w: 24, h: 10 },
            targets: ask({ queryType: 'stages', interval: 'range', groupBy: 'team', statistic: 'mean', format: 'table' }),
            transformations: [matrix('team', 'stage', 'share')],
            filterable: false,
            empty: 'No data',
            columns: {
              'team\\stage': { ...TEAM, width: 200 },
              ...Object.fromEntries(STAGES.map((stage): [string, Column] => [stage, { title: STAGE_TITLES[stage], properties: [unit('percent'), decimals(0), { id: 'min', value: 0 }, { id: 'max', value: 100 }, SHARE_COLOUR, SHARE_CELL] }])),
            },
          }),
        ],
      ],
    },
    {
      id: 9,
      title: 'Which changes',
      lines: [
        [
          deliveredTable({
            id: 10,
            title: 'Slowest changes',
            description: 'The 50 changes that took longest, of those that reached production in the time range, with the time in each stage. The title leads to the pull request.',
            height: 11,
            empty: 'No change is known to have reached production in this time range.',
            query: { rows: 'delivered' },
            transformations: top('leadTime', 50),
          }),
        ],
        [
          waitingTable({
            id: 11,
            title: 'Waiting for a deployment',
            description: 'Changes merged in the time range into a production branch and not deployed yet, the longest waiting first.',
            height: 10,
            empty: 'No change is known to wait in this time range.',
            query: { rows: 'waiting' },
            transformations: top('waiting'),
          }),
        ],
      ],
    },
  ],
});
