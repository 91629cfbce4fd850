import { board } from './board';
import { fourWeekStat, overTimePanel } from './panels';
import { ask, lastFourWeeks, overTime } from './query';
import { deploymentsTable, incidentsTable } from './tables';

const GUIDE = `Speed is only worth something when production holds. This board shows how often a deployment makes trouble, and how soon it is over.

| Number | The question it answers |
| --- | --- |
| **Change failure rate** | Of all deployments, how many caused an incident, were rolled back or failed? |
| **Time to restore** | How long from the start of an incident until service was back? |
| **Rework rate** | How many deployments brought nothing but repairs? |

- **Three incidents of one deployment are one failure**: the rate never passes 100 %. An incident that names nothing is blamed on the service's latest deployment before it; one for which none is found blames nobody, and the notice in the panel's corner counts those.
- **A month without incidents has no time to restore.** It is *No value*, not zero. Incidents that are still open are listed below and are in no number yet.
- **The last days may still change**: an incident may yet be reported against their deployments.
- **With few deployments a rate jumps.** *How sure is the rate* shows the range in which the true rate of all chosen teams lies, 19 times of 20.
- Click a point for the deployments or incidents behind it, and an incident's title for the issue, pull request or OpsItem.`;

const TILE = { w: 8, h: 11 };
const TREND = { w: 12, h: 9 };

export const stability = board({
  board: 'stability',
  title: 'DORA stability',
  description: 'How often deployments make trouble, which, and how soon service is back.',
  guide: GUIDE,
  guideHeight: 12,
  sections: [
    {
      id: 1,
      title: 'The last 28 days',
      lines: [
        [
          fourWeekStat({
            id: 2,
            title: 'Change failure rate, last 28 days',
            description: 'Share of the deployments of the last 28 days that caused an incident, were rolled back or failed. The colour is the DORA level.',
            size: TILE,
            targets: ask(lastFourWeeks({ metric: 'change-failure-rate' })),
            name: 'team',
          }),
          fourWeekStat({
            id: 3,
            title: 'Time to restore, last 28 days (median)',
            description: 'Median duration of the incidents that ended in the last 28 days. The colour is the DORA level.',
            size: TILE,
            targets: ask(lastFourWeeks({ metric: 'time-to-restore', statistic: 'median' })),
            name: 'team',
          }),
          fourWeekStat({
            id: 4,
            title: 'Rework rate, last 28 days',
            description: 'Share of the deployments of the last 28 days that delivered only repairs: reverts, hotfixes, fixes of incidents. The report gives no levels for it.',
            size: TILE,
            targets: ask(lastFourWeeks({ metric: 'rework-rate' })),
            name: 'team',
            withoutLevels: true,
          }),
        ],
      ],
    },
    {
      id: 5,
      title: 'Trends: one point a $interval',
      lines: [
        [
          overTimePanel({ id: 6, title: 'Change failure rate of each team', description: 'Share of the deployments of each interval that made trouble. A gap: no deployment.', size: TREND, targets: ask(overTime({ metric: 'change-failure-rate' })), name: 'team', kind: 'line' }),
          overTimePanel({ id: 7, title: 'Time to restore of each team (median)', description: 'Median duration of the incidents that ended in each interval. A gap: none ended.', size: TREND, targets: ask(overTime({ metric: 'time-to-restore', statistic: 'median' })), name: 'team', kind: 'line' }),
        ],
        [
          overTimePanel({
            id: 8,
            title: 'How sure is the rate (all chosen teams)',
            description: 'Change failure rate of all chosen teams together, and the bounds between which the true rate lies 19 times of 20. Wide apart: too few deployments to say much.',
            size: TREND,
            targets: ask(overTime({ metric: 'change-failure-rate', groupBy: 'none', confidence: true })),
            name: 'failure rate ${__field.labels.confidence}',
            kind: 'line',
            overrides: [
              {
                matcher: { id: 'byRegexp', options: '/lower|upper/' },
                properties: [
                  { id: 'color', value: { mode: 'fixed', fixedColor: 'text' } },
                  { id: 'custom.lineWidth', value: 1 },
                  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
                  { id: 'custom.showPoints', value: 'never' },
                ],
              },
            ],
          }),
          overTimePanel({ id: 9, title: 'Rework rate of each team', description: 'Share of the deployments of each interval that delivered only repairs. A gap: no deployment.', size: TREND, targets: ask(overTime({ metric: 'rework-rate' })), name: 'team', kind: 'line' }),
        ],
      ],
    },
    {
      id: 10,
      title: 'What happened',
      lines: [
        [
          incidentsTable({
            id: 11,
            title: 'Incidents that are still open',
            description: 'Opened in the time range and not resolved yet: they are in no time to restore.',
            height: 5,
            empty: 'No open incident is known in this time range.',
            query: { rows: 'open' },
          }),
        ],
        [incidentsTable({ id: 12, title: 'Incidents', description: 'Incidents opened in the time range, the deployment that each is blamed on and why, and what ended it.', height: 11, empty: 'No incident is known in this time range.' })],
        [
          deploymentsTable({
            id: 13,
            title: 'Deployments that made trouble',
            description: 'Deployments of the time range that an incident is blamed on, that were rolled back, or that failed.',
            height: 10,
            empty: 'No deployment of this time range is known to have made trouble.',
            query: { rows: 'failed' },
          }),
        ],
      ],
    },
  ],
});
