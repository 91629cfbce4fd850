import { DoraError } from '../../shared/errors';
import { syncBranches, syncDeployedCommits } from './commits';
import { awaitingWalk, clearAwaiting } from './deployed';
import { syncPullRequests } from './pull-requests';
import { syncReleases } from './releases';
import { stopsPass } from './repositories';
import type { RepositoryScope } from './scope';

type Steps = AsyncGenerator<void, void>;

/**
 * All pages of one repository, a page of each kind in turn, so that what is covered moves back evenly. A kind that fails
 * does not keep the others from ending; its error is thrown at the end.
 */
export async function* repositorySteps(scope: RepositoryScope): Steps {
  const { plan } = scope;
  const kinds: Steps[] = [];
  if (plan.pullRequests) {
    kinds.push(syncPullRequests(scope));
  }
  if (plan.releases) {
    kinds.push(syncReleases(scope));
  }
  if (plan.commits !== null) {
    kinds.push(syncBranches(scope));
  }
  const failures: DoraError[] = [];
  yield* inTurn(kinds, failures);
  if (plan.commits !== null) {
    yield* inTurn([deployedSteps(scope)], failures);
  }
  if (failures.length > 0) {
    throw failures[0];
  }
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
        if (!(error instanceof DoraError) || stopsPass(error) || error.code === 'GITHUB_REPOSITORY_GONE' || error.code === 'GITHUB_UNAVAILABLE' || error.code === 'GITHUB_UNREACHABLE') {
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
