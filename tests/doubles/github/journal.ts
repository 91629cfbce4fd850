import type { Instant } from '../shared/clock';
import { Journal } from '../shared/journal';
import type { PageIdentity } from './graphql/context';

/** One request as the double saw and answered it. */
export interface JournalEntry {
  index: number;
  /** The double's clock. */
  at: Instant;
  kind: 'graphql' | 'rest';
  method: string;
  /** With its query, without the Enterprise prefix. */
  path: string;
  /** GraphQL: the operation's name. REST: GitHub's operation id, such as `repos/get`. */
  operation: string | null;
  variables: Record<string, unknown> | null;
  /** `owner/name` of the repositories it named. */
  repositories: string[];
  /** Pages of walked lists that it was answered. */
  pages: PageIdentity[];
  /** Points charged; 0 for what is free (304, refusals). */
  cost: number;
  /** 0 when the connection was cut. */
  status: number;
  /** Error types in a GraphQL answer. */
  errors: string[];
  /** Last four characters of the token. */
  token: string | null;
  /** Faults that struck. */
  faults: string[];
  bytes: number;
  milliseconds: number;
  /** Requests of the same token under way when it came, itself among them. */
  concurrent: number;
}

export interface JournalSummary {
  calls: number;
  points: number;
  graphql: { calls: number; points: number };
  rest: { calls: number; points: number; notModified: number };
  maxConcurrent: number;
  /** Pages that were answered whole more than once, by identity. */
  repeatedPages: string[];
}

export class GitHubJournal extends Journal<JournalEntry, JournalSummary> {
  constructor() {
    super(summarise);
  }
}

function summarise(entries: readonly JournalEntry[]): JournalSummary {
  const sum = (some: readonly JournalEntry[]): { calls: number; points: number } => ({ calls: some.length, points: some.reduce((points, entry) => points + entry.cost, 0) });
  const graphql = entries.filter((entry) => entry.kind === 'graphql');
  const rest = entries.filter((entry) => entry.kind === 'rest');
  const seen = new Map<string, number>();
  for (const entry of graphql) {
    if (entry.status === 200 && entry.errors.length === 0) {
      for (const page of entry.pages) {
        if (page.after !== null) {
          const identity = `${page.of} ${page.connection} ${page.arguments} after ${page.after}`;
          seen.set(identity, (seen.get(identity) ?? 0) + 1);
        }
      }
    }
  }
  return {
    ...sum(entries),
    graphql: sum(graphql),
    rest: { ...sum(rest), notModified: rest.filter((entry) => entry.status === 304).length },
    maxConcurrent: entries.reduce((most, entry) => Math.max(most, entry.concurrent), 0),
    repeatedPages: [...seen].filter(([, times]) => times > 1).map(([identity]) => identity),
  };
}
