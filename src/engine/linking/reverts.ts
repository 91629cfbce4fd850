import type { Facts } from '../facts/facts';
import type { ChangeIndex } from './changes';
import { PULL } from '../facts/pulls';
import { COSTLY_STEP, STEP } from '../steps';

/** A title as GitHub gives it to a revert. */
const QUOTED = /^\s*Revert\s+"(.*)"\s*(?:\(#\d+\))?\s*$/s;

/** One thing that one change takes back. */
export interface RevertEdge {
  /** The reverting change. */
  revert: number;
  /** The change that it takes back. */
  target: number;
  /** True for a revert; false for a revert of a revert, which brings the change back. */
  takesBack: boolean;
}

/** Pull request or commit numbers that a reverting change names, in the order of the text. */
type Lookup = (text: string) => number | null;

/**
 * Reverts among the changes of one repository (METRICS, time to restore): GitHub's own trail as references, a title
 * `Revert "…"` of a known title, or a team's patterns on branch and title, with one capture group for a number or SHA.
 * A target must have been merged before.
 * @param pulls in order of merge
 */
export function* findReverts(
  repository: number,
  pulls: Int32Array,
  patterns: readonly string[],
  directPushes: readonly number[],
  facts: Facts,
  owners: Pick<ChangeIndex, 'ownerOfCommit' | 'prepareOwners'>
): Generator<void, RevertEdge[]> {
  const direct = new Set(directPushes);
  const mergedAt = (change: number): number => (change < 0 ? facts.commits.committedAt.values[~change] : facts.pulls.mergedAt.values[change]);
  const lookUp: Lookup = (text) => {
    const number = /^(?:(.+\/.+))?#(\d+)$/.exec(text);
    if (number) {
      const named = number[1] === undefined ? repository : facts.repositories.named(number[1]);
      const pull = named === repository ? facts.pulls.numbered(repository, Number(number[2])) : -1;
      return pull < 0 ? null : pull;
    }
    const node = facts.nodeNamed(text);
    if (node < 0) {
      return null;
    }
    const owner = owners.ownerOfCommit(repository, node);
    return owner >= 0 ? owner : direct.has(node) ? ~node : null;
  };
  let byTitle: Map<string, number[]> | null = null;
  const lookUpTitle = (title: string, before: number): number | null => {
    const titled = byTitle?.get(title.trim()) ?? [];
    for (let at = titled.length - 1; at >= 0; at -= 1) {
      if (mergedAt(titled[at]) < before) {
        return titled[at];
      }
    }
    return null;
  };
  const expressions = patterns.map((pattern) => new RegExp(pattern));
  const textsOf = (pull: number): string[] => [facts.texts.get(facts.pulls.headBranch.values[pull]), facts.texts.get(facts.pulls.title.values[pull])];
  const matches = (pull: number): boolean => expressions.length > 0 && textsOf(pull).some((text) => expressions.some((expression) => expression.test(text)));

  const targetsOf = (change: number): number[] => {
    const found: number[] = [];
    const add = (target: number | null): void => {
      if (target !== null && target !== change && !found.includes(target) && isBefore(target, change)) {
        found.push(target);
      }
    };
    const references = change < 0 ? (facts.commits.references.get(~change) ?? []) : facts.pulls.referencesOf(change);
    for (const { relation, target } of references) {
      if (relation === 'reverts') {
        add(lookUp(target));
      }
    }
    if (change < 0) {
      return found;
    }
    const [head, title] = textsOf(change);
    for (const expression of expressions) {
      for (const text of [head, title]) {
        const named = expression.exec(text)?.[1];
        if (named !== undefined) {
          add(/^#?\d+$/.test(named) && !/^\d{7,}$/.test(named) ? lookUp(`#${named.replace('#', '')}`) : (lookUp(named) ?? lookUp(`#${named}`)));
        }
      }
    }
    if (found.length === 0) {
      const quoted = QUOTED.exec(title)?.[1];
      if (quoted !== undefined) {
        add(lookUpTitle(quoted, mergedAt(change)) ?? lookUpTitle(quoted.replace(/\s*\(#\d+\)\s*$/, ''), mergedAt(change)));
      }
    }
    return found;
  };
  const isBefore = (a: number, b: number): boolean =>
    mergedAt(a) < mergedAt(b) || (mergedAt(a) === mergedAt(b) && a >= 0 && b >= 0 && facts.pulls.number.values[a] < facts.pulls.number.values[b]);

  const depth = new Map<number, number>();
  const edges: RevertEdge[] = [];
  const candidates: number[] = [];
  for (let at = 0; at < pulls.length; at += 1) {
    const pull = pulls[at];
    if ((facts.pulls.flags.values[pull] & PULL.namesRevert) !== 0 || matches(pull)) {
      candidates.push(pull);
    }
    if (at % (expressions.length > 0 ? COSTLY_STEP : STEP) === 0) {
      yield;
    }
  }
  for (const node of directPushes) {
    if (facts.commits.references.get(node)?.some((reference) => reference.relation === 'reverts')) {
      candidates.push(~node);
    }
  }
  const namesCommit = (change: number): boolean => (change < 0 ? (facts.commits.references.get(~change) ?? []) : facts.pulls.referencesOf(change)).some(({ target }) => !target.includes('#'));
  if (expressions.length > 0 || candidates.some(namesCommit)) {
    yield* owners.prepareOwners(repository);
  }
  // Targets were merged before, so in order of merge their depth is known already.
  candidates.sort((a, b) => mergedAt(a) - mergedAt(b) || (isBefore(a, b) ? -1 : 1));
  for (let at = 0; at < candidates.length; at += 1) {
    const revert = candidates[at];
    if (at % COSTLY_STEP === COSTLY_STEP - 1) {
      yield;
    }
    if (byTitle === null && revert >= 0 && QUOTED.test(textsOf(revert)[1])) {
      byTitle = yield* titlesOf(pulls, facts);
    }
    const targets = targetsOf(revert);
    if (targets.length === 0) {
      continue;
    }
    depth.set(revert, (depth.get(targets[0]) ?? 0) + 1);
    for (const target of targets) {
      edges.push({ revert, target, takesBack: (depth.get(target) ?? 0) % 2 === 0 });
    }
  }
  return edges;
}

/** Pull requests by title, in order of merge. */
function* titlesOf(pulls: Int32Array, facts: Facts): Generator<void, Map<string, number[]>> {
  const byTitle = new Map<string, number[]>();
  for (let at = 0; at < pulls.length; at += 1) {
    const pull = pulls[at];
    const title = facts.texts.get(facts.pulls.title.values[pull]).trim();
    const titled = byTitle.get(title);
    if (titled === undefined) {
      byTitle.set(title, [pull]);
    } else {
      titled.push(pull);
    }
    if (at % COSTLY_STEP === COSTLY_STEP - 1) {
      yield;
    }
  }
  return byTitle;
}
