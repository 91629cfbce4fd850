import type { Coverage } from '../../engine/model';
import { DoraError } from '../../shared/errors';
import { syncBranches, syncDeployedCommits } from './commits';
import { awaitingWalk, clearAwaiting } from './deployed';
import { syncDeployments } from './deployments';
import { syncIssues } from './issues';
import type { RepositoryPlan } from './plan';
import { syncPullRequests } from './pull-requests';
import { syncReleases } from './releases';
import { isOutage, stopsPass } from './repositories';
import { stateKey, type RepositoryScope, type SnapshotList } from './scope';
import { syncTags } from './tags';
import { syncWorkflowRuns } from './workflow-runs';

type Steps = AsyncGenerator<void, void>;

/**
 * All pages of one repository, a page of each kind in turn, so that what is covered moves back evenly. A kind that fails
 * does not keep the others from ending; its error is thrown at the end.
 */
export async function* repositorySteps(scope: RepositoryScope): Steps {
  const { plan, snapshot } = scope;
  const kinds: Steps[] = [];
  const failures: DoraError[] = [];
  /** Of a list that may not be seen nobody can tell what is new: what was read when it could be is not up to date. */
  const unlessRefused = (list: SnapshotList, steps: () => Steps): void => {
    const refusal = snapshot.refused[list];
    if (refusal === undefined) {
      kinds.push(steps());
    } else {
      failures.push(new DoraError('GITHUB_SCOPE_MISSING', `${refusal} (${list})`));
    }
  };
  if (plan.pullRequests) {
    kinds.push(syncPullRequests(scope));
  }
  if (plan.releases) {
    unlessRefused('releases', () => syncReleases(scope));
  }
  if (plan.tags) {
    unlessRefused('tags', () => syncTags(scope));
  }
  if (plan.deployments.length > 0) {
    unlessRefused('deployments', () => syncDeployments(scope));
  }
  if (plan.runs.length > 0) {
    kinds.push(syncWorkflowRuns(scope));
  }
  if (plan.commits !== null) {
    kinds.push(syncBranches(scope));
  }
  if (plan.issues) {
    unlessRefused('issues', () => syncIssues(scope));
  }
  yield* inTurn(kinds, failures);
  if (plan.commits !== null) {
    yield* inTurn([deployedSteps(scope)], failures);
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}

/** Kinds of facts that a plan asks for. */
export function wantedKinds(plan: RepositoryPlan): Array<Coverage['kind']> {
  const kinds: Array<[boolean, Coverage['kind']]> = [
    [plan.pullRequests, 'pull-requests'],
    [plan.commits !== null, 'commits'],
    [plan.releases, 'releases'],
    [plan.tags, 'tags'],
    [plan.runs.length > 0, 'workflow-runs'],
    [plan.deployments.length > 0, 'github-deployments'],
    [plan.issues, 'github-issues'],
  ];
  return kinds.flatMap(([isWanted, kind]) => (isWanted ? [kind] : []));
}

/** Coverage of the kinds that are wanted and of which nothing is stored yet: unknown is not the same as not limited. */
export async function notBegun({ plan, snapshot, context }: RepositoryScope): Promise<Coverage[]> {
  const coverage: Coverage[] = [];
  for (const kind of wantedKinds(plan)) {
    // The state of a kind is kept under the kind's own name.
    if ((await context.store.readState(stateKey(snapshot.repository.id, kind))) === undefined) {
      coverage.push({ kind, scope: snapshot.repository.id, from: null, complete: false });
    }
  }
  return coverage;
}

/** SHAs that were deployed from elsewhere than a production branch, after everything else is known. */
async function* deployedSteps(scope: RepositoryScope): Steps {
  const deployed = await awaitingWalk(scope);
  if (deployed.length > 0) {
    yield* syncDeployedCommits(scope, deployed);
    await clearAwaiting(scope);
  }
}

async function* inTurn(kinds: Steps[], failures: DoraError[]): Steps {
  let waiting = kinds;
  while (waiting.length > 0) {
    for (const kind of waiting) {
      try {
        const { done } = await kind.next();
        if (done) {
          waiting = waiting.filter((other) => other !== kind);
          continue;
        }
      } catch (error) {
        if (!(error instanceof DoraError) || stopsPass(error) || error.code === 'GITHUB_REPOSITORY_GONE' || isOutage(error)) {
          throw error;
        }
        failures.push(error);
        waiting = waiting.filter((other) => other !== kind);
        continue;
      }
      yield;
    }
  }
}
