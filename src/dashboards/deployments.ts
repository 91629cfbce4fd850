import { board } from './board';
import { fourWeekStat, overTimePanel } from './panels';
import { ask, lastFourWeeks, overTime } from './query';
import { deploymentsTable } from './tables';

const GUIDE = `A deployment is a finished attempt to bring a commit into production: a release, a workflow run, a pipeline's production stage, or a merge, as each team's settings say.

- **Deployment frequency** counts those that succeeded and brought something new. **Rollbacks** (back to an earlier state) and **retries** (the same commit again) are listed in the table and not counted.
- Often and small is safer than seldom and large: less can go wrong at once, and what goes wrong is found sooner.
- **Days with a deployment** is what the levels of the DORA report are about: five in a week is every working day.
- Counts can be zero; a gap means that the history of that team does not reach back so far.
- In the table, *made trouble* marks a deployment that an incident is blamed on, that was rolled back, or that failed; *Why* names it. The commit leads to the release, run or execution.`;

export const deployments = board({
  board: 'deployments',
  title: 'DORA deployments',
  description: 'How often something new reaches production, by team and service, and each deployment.',
  guide: GUIDE,
  guideHeight: 8,
  sections: [
    {
      id: 1,
      title: 'How often',
      lines: [
        [
          fourWeekStat({
            id: 2,
            title: 'Deployments a day, last 28 days',
            description: 'Succeeded production deployments a day over the last 28 days, rollbacks and retries left out. The colour is the DORA level.',
            size: { w: 8, h: 11 },
            targets: ask(lastFourWeeks({ metric: 'deployment-frequency', measure: 'per-day' })),
            name: 'team',
            decimals: 2,
          }),
          overTimePanel({
            id: 3,
            title: 'Deployments of each team',
            description: 'Succeeded production deployments in each interval.',
            size: { w: 16, h: 11 },
            targets: ask(overTime({ metric: 'deployment-frequency', measure: 'count' })),
            name: 'team',
            kind: 'stacked',
          }),
        ],
        [
          overTimePanel({
            id: 4,
            title: 'Days with a deployment',
            description: 'On how many days of each interval a team brought something new into production.',
            size: { w: 12, h: 9 },
            targets: ask(overTime({ metric: 'deployment-frequency', measure: 'days' })),
            name: 'team',
            kind: 'line',
          }),
          overTimePanel({
            id: 5,
            title: 'Deployments of each service',
            description: 'Succeeded production deployments in each interval, by service.',
            size: { w: 12, h: 9 },
            targets: ask(overTime({ metric: 'deployment-frequency', measure: 'count', groupBy: 'service' })),
            name: '${__field.labels.team} · ${__field.labels.service}',
            kind: 'stacked',
            legend: 'right',
          }),
        ],
      ],
    },
    {
      id: 6,
      title: 'Which deployments',
      lines: [
        [
          deploymentsTable({
            id: 7,
            title: 'Deployments',
            description: 'Each finished attempt of the time range, newest first: what it was, what it brought, and whether it made trouble.',
            height: 13,
            empty: 'No deployment is known in this time range.',
          }),
        ],
        [
          deploymentsTable({
            id: 8,
            title: 'Deployments that made trouble',
            description: 'Deployments of the time range that an incident is blamed on, that were rolled back, or that failed.',
            height: 9,
            empty: 'No deployment of this time range is known to have made trouble.',
            query: { rows: 'failed' },
          }),
        ],
      ],
    },
  ],
});
