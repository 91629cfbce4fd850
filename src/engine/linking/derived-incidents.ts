import type { Facts } from '../facts/facts';
import type { Incident } from './incidents';
import { reworkOf } from './rework';
import { DELIVERY, DEPLOYMENT, deploymentId, ROLLBACK, rowOfChange, type ServiceLink, STANDARD } from './service';
import { COSTLY_STEP } from '../steps';
import { type Team, touches } from './team';

/** An incident that a service's own history tells, before it is known which of a team's services that is. */
export type DerivedIncident = Omit<Incident, 'service' | 'serviceName' | 'severity' | 'repository'>;

/**
 * What a service's own history says of trouble. It depends on nothing but the service's link and the team's settings, and
 * is kept with the link: what happens elsewhere in a team does not cost it anew.
 */
export interface Trouble {
  /** Of reverts and of failed deployments, as far as the team counts them. */
  incidents: DerivedIncident[];
  /** 1 for each standard attempt that failed itself. */
  failed: Uint8Array;
  /** 1 for each row of a revert of something delivered. */
  fixes: Uint8Array;
  /** 1 for each deployment that delivered only these fixes. */
  rework: Uint8Array;
  /** Changes that are part of a revert's incident, and whether each is a revert. */
  ofReverts: ReadonlyMap<number, boolean>;
  /** Reverts whose change never reached production as a fault. */
  revertedBeforeRelease: Array<{ revert: number; target: number }>;
}

/** @throws never; answers the same object until the service is linked anew */
export function* troubleOf(link: ServiceLink, { uses }: Team, facts: Facts): Generator<void, Trouble> {
  if (link.trouble === null) {
    const ofReverts = new Map<number, boolean>();
    const trouble: Trouble = { incidents: [], failed: new Uint8Array(link.count), fixes: new Uint8Array(link.change.length), rework: new Uint8Array(0), ofReverts, revertedBeforeRelease: [] };
    if (uses.reverts) {
      yield* findReverted(link, facts, trouble, ofReverts);
    }
    if (uses.failedDeployments) {
      yield* findFailures(link, facts, trouble);
    }
    trouble.rework = yield* reworkOf(link, trouble.fixes);
    link.trouble = trouble;
  }
  return link.trouble;
}

function changeName(change: number, facts: Facts): string {
  return change < 0 ? facts.shas.sha(~change).slice(0, 10) : `#${facts.pulls.number.values[change]}`;
}

function changeTitle(change: number, facts: Facts): string {
  return change < 0 ? (facts.texts.getOrNull(facts.commits.headline.values[~change]) ?? '') : facts.texts.get(facts.pulls.title.values[change]);
}

/** Incidents of reverts. */
function* findReverted(link: ServiceLink, facts: Facts, trouble: Trouble, parts: Map<number, boolean>): Generator<void, void> {
  const byTarget = new Map<number, Array<{ revert: number; row: number }>>();
  for (const { revert, target, takesBack } of link.reverts) {
    if (takesBack) {
      const known = byTarget.get(target);
      const entry = { revert, row: rowOfChange(link, revert) };
      if (known === undefined) {
        byTarget.set(target, [entry]);
      } else {
        known.push(entry);
      }
    }
  }
  let work = 0;
  for (const [target, reverts] of byTarget) {
    work += 1;
    if (work % COSTLY_STEP === 0) {
      yield;
    }
    const targetRow = rowOfChange(link, target);
    // Reverts are in order of merge, which decides between two of one deployment.
    const delivered = reverts.filter(({ row }) => row >= 0).sort((a, b) => link.rowDeployment[a.row] - link.rowDeployment[b.row]);
    const deployment = targetRow < 0 ? -1 : link.rowDeployment[targetRow];
    if (deployment < 0 || (delivered.length > 0 && link.rowDeployment[delivered[0].row] <= deployment)) {
      // Where neither side was delivered there is nothing to tell yet; a target of other paths is another service's.
      const isHere = deployment >= 0 || target < 0 || touches(link.plan.entry, facts.pulls.filesOf(target));
      if (isHere && (deployment >= 0 || delivered.length > 0)) {
        trouble.revertedBeforeRelease.push({ revert: reverts[0].revert, target });
      }
      continue;
    }
    parts.set(target, parts.get(target) ?? false);
    for (const { revert, row } of reverts) {
      parts.set(revert, true);
      if (row >= 0) {
        trouble.fixes[row] = 1;
      }
    }
    const restoring = delivered[0];
    trouble.incidents.push({
      id: `reverts:${target < 0 ? facts.shas.sha(~target) : facts.pulls.idOf(target)}`,
      source: 'reverts',
      title: `Revert of ${changeName(target, facts)}: ${changeTitle(target, facts)}`,
      url: reverts[0].revert < 0 ? null : facts.pulls.urlOf((restoring ?? reverts[0]).revert),
      openedAt: link.finishedAt[deployment],
      resolvedAt: restoring ? link.finishedAt[link.rowDeployment[restoring.row]] : null,
      resolvedBy: restoring ? `revert ${changeName(restoring.revert, facts)}` : null,
      deployment,
      linkReason: `delivered the reverted change ${changeName(target, facts)}`,
    });
  }
}

/** Incidents of failed attempts and rollbacks; failures in a row, and a rollback after them, are one. */
function* findFailures(link: ServiceLink, facts: Facts, trouble: Trouble): Generator<void, void> {
  let run: number[] = [];
  const urlOf = (deployment: number): string | null => (link.record[deployment] < 0 ? null : facts.texts.getOrNull(facts.records.url.values[link.record[deployment]]));
  const add = (replaced: number, end: number): void => {
    const first = replaced >= 0 ? replaced : run[0];
    const shown = run.length > 0 ? run[0] : end;
    const id = deploymentId(link, shown, facts);
    trouble.incidents.push({
      id: `failed-deployments:${id}`,
      source: 'failed-deployments',
      title: run.length > 0 ? `Failed deployment ${id}${run.length > 1 ? ` and ${run.length - 1} more` : ''}` : `Rollback ${id}`,
      url: urlOf(shown),
      openedAt: link.finishedAt[first],
      resolvedAt: end < 0 ? null : link.finishedAt[end],
      resolvedBy: end < 0 ? null : `${link.kind[end] === ROLLBACK ? 'rollback' : 'deployment'} ${deploymentId(link, end, facts)}`,
      deployment: first,
      linkReason: replaced >= 0 ? 'replaced by a rollback' : 'failed itself',
    });
    run = [];
  };
  for (let index = 0; index < link.count; index += 1) {
    if (index % COSTLY_STEP === COSTLY_STEP - 1) {
      yield;
    }
    if (link.succeeded[index] === 0) {
      run.push(index);
      if (link.kind[index] === STANDARD) {
        trouble.failed[index] = 1;
      }
      continue;
    }
    const replaced = link.kind[index] === ROLLBACK ? link.before[index] : -1;
    if (replaced >= 0) {
      add(replaced, index);
    } else if (run.length > 0) {
      add(-1, index);
    }
  }
  if (run.length > 0) {
    add(-1, -1);
  }
}

/**
 * Incidents of hotfixes that are not known by another name already.
 * @param isFix called with each row that is a hotfix
 * @param namesRecord true for a pull request that names a reported incident
 */
export function* hotfixIncidents(
  link: ServiceLink,
  facts: Facts,
  { ofReverts }: Trouble,
  isFix: (row: number) => void,
  namesRecord: (pull: number) => boolean
): Generator<void, DerivedIncident[]> {
  const found: DerivedIncident[] = [];
  const isHotfix = new Set(link.hotfixes.map(({ row }) => link.change[row]));
  for (const [at, { row }] of link.hotfixes.entries()) {
    if (at % COSTLY_STEP === COSTLY_STEP - 1) {
      yield;
    }
    if ((link.rowFlags[row] & DELIVERY.carrier) !== 0) {
      continue;
    }
    isFix(row);
    const pull = link.change[row];
    const deployment = link.rowDeployment[row];
    let cause = link.before[deployment];
    let reason = 'deployment before the hotfix';
    // A revert is that revert's incident; a hotfix that was itself reverted later is still one.
    if ((link.flags[deployment] & DEPLOYMENT.baseline) !== 0 || ofReverts.get(pull) === true || namesRecord(pull)) {
      continue;
    }
    const repository = facts.pulls.repository.values[pull];
    let known = false;
    let named = false;
    for (const { target } of facts.pulls.referencesOf(pull)) {
      const number = /^(.+\/.+)?#(\d+)$/.exec(target);
      if (!number || named) {
        continue;
      }
      const other = facts.pulls.numbered(number[1] === undefined ? repository : facts.repositories.named(number[1]), Number(number[2]));
      if (other < 0 || other === pull) {
        continue;
      }
      const otherRow = rowOfChange(link, other);
      if (ofReverts.has(other) || (isHotfix.has(other) && otherRow >= 0 && link.rowDeployment[otherRow] <= deployment)) {
        known = true;
      } else if (otherRow >= 0 && link.rowDeployment[otherRow] < deployment) {
        named = true;
        cause = link.rowDeployment[otherRow];
        reason = `delivered ${changeName(other, facts)}, which the hotfix names`;
      }
    }
    if (known || cause < 0) {
      continue;
    }
    found.push({
      id: `hotfixes:${facts.pulls.idOf(pull)}`,
      source: 'hotfixes',
      title: changeTitle(pull, facts),
      url: facts.pulls.urlOf(pull),
      openedAt: link.finishedAt[cause],
      resolvedAt: link.finishedAt[deployment],
      resolvedBy: `hotfix ${changeName(pull, facts)}`,
      deployment: cause,
      linkReason: reason,
    });
  }
  return found;
}
