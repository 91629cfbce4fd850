import { board } from './board';
import { top } from './panels';
import { findingsTable, incidentsTable, progressTable, syncTable } from './tables';

const GUIDE = `Every number is only as good as the facts behind it. This board says how far those are fetched, and what in them could not be joined.

- **Synchronisation**: the data source fetches the history of each repository and account once, and then looks for news every few minutes. *Fetching history* goes on by itself, also after a restart; until it is done, numbers cover less than the time range, and panels say so in their corner.
- **Calls left** is what the provider still allows within the hour. When it runs low the synchronisation *pauses* and *Goes on* says when.
- **Failed** names a code. The troubleshooting page of the documentation has its cause and its remedy.
- **What could not be joined** counts, for each team, what had to be guessed or left out: deployments without a commit, incidents without a deployment, changes that wait. *Of* is how many were looked at. Many incidents that are not linked withhold the level of the failure rate.
- *Nothing found* with a failed synchronisation means that nothing is known, not that all is well.`;

export const data = board({
  board: 'data',
  title: 'DORA data quality and sync',
  description: 'How far the facts are fetched, what fails, and what could not be joined.',
  guide: GUIDE,
  guideHeight: 8,
  sections: [
    {
      id: 1,
      title: 'Synchronisation',
      lines: [
        [
          progressTable({
            id: 2,
            title: 'Behind or failing',
            description: 'Repositories and accounts that are not up to date: failed, paused, or with history still to fetch; how much there is, and when it will be done.',
            height: 6,
            empty: 'No source is known to be behind. Where none is listed below, none has been asked yet.',
            query: { rows: 'behind' },
          }),
        ],
        [
          syncTable({
            id: 3,
            title: 'All repositories and accounts',
            description: 'How far the data source is with each, when it last succeeded, and how many calls the provider still allows.',
            height: 12,
            empty: 'No source has been asked yet: the data source has no teams, or cannot be reached.',
          }),
        ],
      ],
    },
    {
      id: 4,
      title: 'Data quality',
      lines: [
        [
          findingsTable({
            id: 5,
            title: 'What could not be joined, measured or trusted',
            description: 'Findings of the time range for each team, most frequent first, with examples by name.',
            height: 14,
            empty: 'Nothing was found, or nothing is known yet: see the synchronisation above.',
            query: { rows: 'found' },
            transformations: top('count'),
          }),
        ],
        [
          incidentsTable({
            id: 6,
            title: 'Incidents that blame no deployment',
            description: 'Incidents of the time range for which no deployment was found, and why: with many of them the failure rate is too low. A service in the incident or in its source mends it.',
            height: 8,
            empty: 'No incident of this time range is known to lack its deployment.',
            query: { rows: 'unlinked' },
          }),
        ],
      ],
    },
  ],
});
