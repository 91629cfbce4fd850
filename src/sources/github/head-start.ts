import { createHash } from 'node:crypto';
import type { TeamSettings } from '../../shared/settings';
import type { JsonValue } from '../../store/store';
import type { SourceContext } from '../source';
import type { GitHubClient } from './client';
import { planFor, selectionOf } from './plan';
import { DIRECTORY_KEY, knownRepositories, type DirectoryState } from './repositories';
import type { Snapshot } from './scope';
import { peekSnapshots } from './snapshots';

const KEY = 'github/head-starts';
const MOST_REMEMBERED = 200;

/** Teams that somebody looks at and that never came first with these settings, and the state that says they did; null for none. */
export async function teamsWithoutHeadStart(context: SourceContext): Promise<{ teams: TeamSettings[]; state: Record<string, JsonValue> } | null> {
  const looked = context.wanted();
  const before = ((await context.store.readState(KEY)) ?? []) as string[];
  const teams = context.settings.teams.filter((team) => looked.includes(team.name) && !before.includes(fingerprint(context, team)));
  if (teams.length === 0) {
    return null;
  }
  return { teams, state: { [KEY]: [...teams.map((team) => fingerprint(context, team)), ...before].slice(0, MOST_REMEMBERED) } };
}

function fingerprint({ settings }: SourceContext, { repositories, services, deployments, branches }: TeamSettings): string {
  return createHash('sha256').update(JSON.stringify([settings.github.apiUrl, repositories, services, deployments, branches])).digest('hex').slice(0, 16);
}

/** Snapshots of these teams' repositories alone; owners are listed only where a team has patterns. */
export async function lookedAtFirst(context: SourceContext, client: GitHubClient, signal: AbortSignal, teams: TeamSettings[]): Promise<Snapshot[]> {
  const settings = { ...context.settings, teams };
  const selection = selectionOf(settings);
  const needsListing = selection.owners.size > 0 || selection.anywhere.length > 0;
  const directory = needsListing
    ? (await knownRepositories(context, client, signal, selectionOf(context.settings))).directory
    : (((await context.store.readState(DIRECTORY_KEY)) as DirectoryState | undefined) ?? { selection: '', listedAt: 0, known: [] });
  return peekSnapshots(context, client, signal, selection, directory, (names) => planFor(settings, names));
}
