import type { SourceContext } from '../source';
import type { GitHubClient } from './client';
import { selectionOf } from './plan';
import { DIRECTORY_KEY, type DirectoryState } from './repositories';

const MOST = 50;

export const SEARCH_QUERY = `
query SearchRepositories($text: String!, $first: Int!) {
  search(type: REPOSITORY, query: $text, first: $first) {
    nodes { ... on Repository { nameWithOwner } }
  }
}`;

/**
 * Repositories for an editor, containing `text`: those that the synchronisation knows first, then what GitHub finds, in the
 * text's owner (`owner/part`) or in the owners of the settings, else anywhere.
 */
export async function searchRepositories(client: GitHubClient, context: SourceContext, text: string, limit: number): Promise<string[]> {
  const wanted = text.trim().toLowerCase();
  const directory = (await context.store.readState(DIRECTORY_KEY)) as DirectoryState | undefined;
  const known = (directory?.known ?? []).map((repository) => repository.name).filter((name) => name.toLowerCase().includes(wanted));
  const found = known.length >= limit ? [] : await ask(client, context, wanted, Math.min(limit, MOST));
  const names = new Map<string, string>();
  for (const name of [...known.sort(), ...found]) {
    if (!names.has(name.toLowerCase())) {
      names.set(name.toLowerCase(), name);
    }
  }
  return [...names.values()].slice(0, limit);
}

async function ask(client: GitHubClient, context: SourceContext, text: string, first: number): Promise<string[]> {
  const { owners, literals } = selectionOf(context.settings);
  const [owner, part] = text.includes('/') ? text.split('/', 2) : [null, text];
  const settled = [...new Set([...owners.keys(), ...literals.map((literal) => literal.split('/')[0].toLowerCase())])];
  const within = owner ? [owner] : settled.slice(0, 5);
  // What a user types is looked for in names only; qualifiers among it would widen the search.
  const words = (part ?? '').replace(/[^\w.-]+/g, ' ').trim();
  const query = [words, words ? 'in:name' : '', 'fork:true', ...within.map((login) => `user:${login.replace(/[^\w-]/g, '')}`)].filter(Boolean).join(' ');
  if (!words && within.length === 0) {
    return [];
  }
  const answer = await client.graphql<{ search: { nodes: Array<{ nameWithOwner?: string } | null> } }>(SEARCH_QUERY, { text: query, first });
  return answer.search.nodes.flatMap((node) => (node?.nameWithOwner ? [node.nameWithOwner] : []));
}
