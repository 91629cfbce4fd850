import { data } from './data';
import { deployments } from './deployments';
import type { Dashboard } from './json';
import { leadTime } from './leadTime';
import { overview } from './overview';
import { stability } from './stability';
import { teams } from './teams';

/** The boards that come with the plugin, in the order in which a reader goes through them. */
export const BOARDS: readonly Dashboard[] = [overview, teams, leadTime, deployments, stability, data];

/** What stands in a board's file. */
export function boardFile(board: Dashboard): { name: string; text: string } {
  return { name: `${board.uid}.json`, text: `${JSON.stringify(board, null, 2)}\n` };
}
