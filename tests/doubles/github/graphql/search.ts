import type { GraphQLResolveInfo } from 'graphql';
import { instant } from '../../shared/clock';
import type { Issue, PullRequest, Repository } from '../world';
import { keyset, walkedConnection, type PageArguments } from './connection';
import type { QueryContext } from './context';
import { repositoryView, subjectView } from './views';

/** GitHub's search answers at most so many, however often a client pages on. */
export const MAX_RESULTS = 1_000;

interface Terms {
  words: string[];
  qualifiers: Array<{ name: string; value: string; negated: boolean }>;
}

export function parseTerms(query: string): Terms {
  const terms: Terms = { words: [], qualifiers: [] };
  for (const found of query.matchAll(/(-?)([a-z-]+):("[^"]*"|\S+)|"([^"]*)"|(\S+)/gi)) {
    if (found[2] !== undefined && found[3] !== undefined) {
      terms.qualifiers.push({ name: found[2].toLowerCase(), value: found[3].replace(/^"|"$/g, ''), negated: found[1] === '-' });
    } else {
      terms.words.push((found[4] ?? found[5] ?? '').toLowerCase());
    }
  }
  return terms;
}

/** `2024-01-01`, `>=2024-01-01`, `<2024…`, `2024-01-01..2024-02-01`, with times too; `*` is open. A day is the whole day, UTC. */
export function inRange(range: string, at: number): boolean {
  const start = (text: string): number => instant(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  const end = (text: string): number => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? start(text) + 86_400_000 - 1 : instant(text) + 999);
  const between = /^(.+?)\.\.(.+)$/.exec(range);
  if (between) {
    return (between[1] === '*' || at >= start(between[1])) && (between[2] === '*' || at <= end(between[2]));
  }
  const compared = /^(>=|<=|>|<)(.+)$/.exec(range);
  switch (compared?.[1]) {
    case '>=':
      return at >= start(compared[2]);
    case '>':
      return at > end(compared[2]);
    case '<=':
      return at <= end(compared[2]);
    case '<':
      return at < start(compared[2]);
    default:
      return at >= start(range) && at <= end(range);
  }
}

function inScope(repository: Repository, terms: Terms): boolean {
  const scopes = terms.qualifiers.filter(({ name }) => name === 'repo' || name === 'org' || name === 'user');
  return (
    scopes.length === 0 ||
    scopes.some(({ name, value }) => (name === 'repo' ? repository.fullName : repository.owner).toLowerCase() === value.toLowerCase())
  );
}

function matches(subject: PullRequest | Issue, terms: Terms): boolean {
  const isPull = 'mergedAt' in subject;
  const moment = (at: number | null, range: string): boolean => at !== null && inRange(range, at);
  const one = (name: string, value: string): boolean => {
    switch (name) {
      case 'is':
      case 'type':
      case 'state':
        switch (value.toLowerCase()) {
          case 'pr':
          case 'pull-request':
            return isPull;
          case 'issue':
            return !isPull;
          case 'open':
            return subject.state === 'OPEN';
          case 'closed':
            return subject.state !== 'OPEN';
          case 'merged':
            return subject.state === 'MERGED';
          case 'unmerged':
            return isPull && subject.state !== 'MERGED';
          case 'draft':
            return isPull && subject.isDraft;
          default:
            return true;
        }
      case 'label':
        return subject.labels.some((label) => label.toLowerCase() === value.toLowerCase());
      case 'author':
        return subject.author?.toLowerCase() === value.toLowerCase() || subject.author === value.replace(/^app\/(.+)$/, '$1[bot]');
      case 'base':
        return isPull && subject.baseBranch === value;
      case 'head':
        return isPull && subject.headBranch === value;
      case 'merged':
        return isPull && moment(subject.mergedAt, value);
      case 'created':
        return moment(subject.createdAt, value);
      case 'updated':
        return moment(subject.updatedAt, value);
      case 'closed':
        return moment(subject.closedAt, value);
      default:
        return true;
    }
  };
  const haystack = `${subject.title}\n${subject.body}`.toLowerCase();
  return terms.qualifiers.every(({ name, value, negated }) => one(name, value) !== negated || ['repo', 'org', 'user', 'sort', 'in'].includes(name)) && terms.words.every((word) => haystack.includes(word));
}

export function findSubjects(context: Pick<QueryContext, 'world' | 'canSee'>, query: string): Array<{ repository: Repository; fact: PullRequest | Issue }> {
  const terms = parseTerms(query);
  const found: Array<{ repository: Repository; fact: PullRequest | Issue }> = [];
  for (const repository of context.world.repositories.values()) {
    if (context.canSee(repository) && repository.state === 'present' && inScope(repository, terms)) {
      for (const fact of [...repository.content.pulls.values(), ...repository.content.issues.values()]) {
        if (matches(fact, terms)) {
          found.push({ repository, fact });
        }
      }
    }
  }
  const sort = terms.qualifiers.find(({ name }) => name === 'sort')?.value ?? 'created-desc';
  const sign = sort.endsWith('-asc') ? 1 : -1;
  const key = (entry: { fact: PullRequest | Issue }): number => (sort.startsWith('updated') ? entry.fact.updatedAt : entry.fact.createdAt);
  return found.sort((a, b) => (key(a) - key(b) || a.fact.databaseId - b.fact.databaseId) * sign);
}

export function search(args: Record<string, unknown>, context: QueryContext, info: GraphQLResolveInfo): unknown {
  const query = String(args.query);
  const counts = { codeCount: 0, discussionCount: 0, issueCount: 0, repositoryCount: 0, userCount: 0, wikiCount: 0 };
  const paging = args as PageArguments & Record<string, unknown>;
  if (args.type === 'REPOSITORY') {
    const terms = parseTerms(query);
    const found = [...context.world.repositories.values()].filter(
      (repository) => context.canSee(repository) && repository.state === 'present' && inScope(repository, terms) && terms.words.every((word) => repository.fullName.toLowerCase().includes(word))
    );
    const cut = walkedConnection(keyset(found.slice(0, MAX_RESULTS), (one) => [one.databaseId], [1], repositoryView), paging, context, info, 'search');
    return { ...counts, edges: cut.edges, nodes: cut.nodes, pageInfo: cut.pageInfo, repositoryCount: found.length };
  }
  const found = args.type === 'ISSUE' ? findSubjects(context, query) : [];
  const reachable = found.slice(0, MAX_RESULTS).map((entry, index) => ({ ...entry, index }));
  const cut = walkedConnection(keyset(reachable, (entry) => [entry.index], [1], (entry) => subjectView(entry.repository, entry.fact)), paging, context, info, 'search');
  return { ...counts, edges: cut.edges, nodes: cut.nodes, pageInfo: cut.pageInfo, issueCount: found.length };
}
