import type { DeploymentRecord } from '../../engine/model';
import type { JsonValue } from '../../store/store';
import type { SourceContext } from '../source';
import { readState, stateKey, type RepositoryScope } from './scope';

const KIND = 'deployed';
const REVISION_KEY = 'github/deployments-read';

/** SHAs that were deployed and may not be on a production branch; they wait for the graph's walk. */
export async function awaitingWalk(scope: Pick<RepositoryScope, 'context' | 'snapshot'>): Promise<string[]> {
  return (await readState<string[]>(scope, KIND)) ?? [];
}

/** State that adds these deployments' SHAs, to be written together with them. */
export async function withDeployed(scope: Pick<RepositoryScope, 'context' | 'snapshot' | 'plan'>, deployments: readonly DeploymentRecord[]): Promise<Record<string, JsonValue>> {
  if (scope.plan.commits === null) {
    return {};
  }
  const before = await awaitingWalk(scope);
  const shas = deployments.flatMap((deployment) => deployment.revisions.flatMap((revision) => (revision.sha === null ? [] : [revision.sha])));
  const all = [...new Set([...before, ...shas])];
  return all.length === before.length ? {} : { [stateKey(scope.snapshot.repository.id, KIND)]: all };
}

export async function clearAwaiting(scope: Pick<RepositoryScope, 'context' | 'snapshot'>): Promise<void> {
  await scope.context.store.write({}, { [stateKey(scope.snapshot.repository.id, KIND)]: null });
}

/**
 * Deployments that others reported (pipelines, pushed events) name repositories by id or name. Reads those that came since
 * the last pass and puts their SHAs where `awaitingWalk` finds them.
 */
export async function collectForeignDeployments(context: SourceContext, scopes: readonly RepositoryScope[]): Promise<void> {
  const foreign = context.settings.teams.some((team) => {
    const sources = [...team.deployments, ...team.repositories.flatMap((entry) => (typeof entry === 'object' ? (entry.deployments ?? []) : []))];
    return sources.some((source) => source.from === 'codepipeline' || source.from === 'events');
  });
  if (!foreign) {
    return;
  }
  const since = (await context.store.readState(REVISION_KEY)) ?? 0;
  const until = await context.store.revision();
  const byName = new Map<string, RepositoryScope['snapshot']['repository']['id']>();
  const waiting = new Map<string, DeploymentRecord[]>();
  for (const { snapshot } of scopes) {
    const { id, name, formerNames } = snapshot.repository;
    waiting.set(id, []);
    [...formerNames, name].forEach((known) => byName.set(known.toLowerCase(), id));
  }
  for await (const batch of context.store.load(typeof since === 'number' ? since : 0)) {
    for (const deployment of batch.deployments ?? []) {
      const isForeign = deployment.origin === 'codepipeline' || deployment.origin === 'events';
      if (!isForeign || scopes.length === 0 || deployment.finishedAt < scopes[0].lookbackStart) {
        continue;
      }
      for (const revision of deployment.revisions) {
        const id = revision.repository ?? byName.get(revision.repositoryName?.toLowerCase() ?? '');
        if (id !== undefined && revision.sha !== null && /^[0-9a-f]{40}$/.test(revision.sha)) {
          waiting.get(id)?.push({ ...deployment, revisions: [revision] });
        }
      }
    }
  }
  const state: Record<string, JsonValue> = { [REVISION_KEY]: until };
  for (const scope of scopes) {
    Object.assign(state, await withDeployed(scope, waiting.get(scope.snapshot.repository.id) ?? []));
  }
  if (until !== since || Object.keys(state).length > 1) {
    await context.store.write({}, state);
  }
}
