/** Addresses of the boards that come with the plugin. Bookmarks and alert rules name them: never change one. */
export const BOARD_UIDS = {
  overview: 'dora-overview',
  teams: 'dora-teams',
  leadTime: 'dora-lead-time',
  deployments: 'dora-deployments',
  stability: 'dora-stability',
  data: 'dora-data',
} as const;
