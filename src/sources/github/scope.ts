import type { Instant, Repository } from '../../engine/model';
import type { JsonValue } from '../../store/store';
import type { SourceContext } from '../source';
import type { GitHubClient } from './client';
import type { DeploymentWord } from './deployment-watch';
import type { FirstPages } from './first-pages';
import type { RepositoryPlan } from './plan';

/** Lists of a repository that not every credential may see. */
export type SnapshotList = 'releases' | 'tags' | 'deployments' | 'issues';

/** What "anything new?" tells of a repository. */
export interface Snapshot {
  repository: Repository;
  pushedAt: Instant | null;
  /** Head of the default branch. */
  defaultHead: string | null;
  pullRequests: { total: number; newest: Instant | null };
  /** Changes when a release came, went, or one of the newest was edited; null when not asked. */
  releases: string | null;
  /** Changes when a tag came or went; null when not asked. */
  tags: string | null;
  /** The newest deployments, newest first; empty: none, or not asked. */
  deployments: DeploymentWord[];
  issues: Instant | null;
  /** Lists that are wanted and that the credential may not see, with GitHub's words. */
  refused: Partial<Record<SnapshotList, string>>;
}

/** One repository in one pass. */
export interface RepositoryScope {
  context: SourceContext;
  client: GitHubClient;
  signal: AbortSignal;
  plan: RepositoryPlan;
  snapshot: Snapshot;
  /** Everything that happened from here on is wanted. */
  lookbackStart: Instant;
  /** Pages that came with those of other repositories; each is taken once, instead of asking for it. */
  firstPages: FirstPages;
  /** Tells the host of the scope's progress. */
  progress(part: ScopeProgress): void;
}

export interface ScopeProgress {
  phase: 'history' | 'updating';
  fetched?: number;
  total?: number | null;
  /** How far back a kind of facts is, and about how many pages it still needs. */
  back?: { kind: string; reached: Instant; pages: number };
}

/** Key of a repository's state of one kind. */
export function stateKey(repository: string, kind: string): string {
  return `github/repository/${repository}/${kind}`;
}

/** State is written by this source only, so its shape is the one that was written. */
export async function readState<T>(scope: Pick<RepositoryScope, 'context' | 'snapshot'>, kind: string): Promise<T | null> {
  const value = await scope.context.store.readState(stateKey(scope.snapshot.repository.id, kind));
  return value === undefined || value === null ? null : (value as T);
}

export function stateOf(scope: Pick<RepositoryScope, 'snapshot'>, kind: string, value: object): Record<string, JsonValue> {
  return { [stateKey(scope.snapshot.repository.id, kind)]: value as JsonValue };
}

/** The page, once; null when it has to be asked for. */
export function takeFirstPage<Kind extends keyof FirstPages>({ firstPages }: Pick<RepositoryScope, 'firstPages'>, kind: Kind): NonNullable<FirstPages[Kind]> | null {
  const page = firstPages[kind];
  firstPages[kind] = undefined;
  return page ?? null;
}
