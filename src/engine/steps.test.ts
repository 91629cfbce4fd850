import fc from 'fast-check';
import { runs } from '../../tests/engine/organisation';
import { commit, incident, pull, release, repository, sha } from '../../tests/engine/facts';
import { parseSettings } from '../shared/settings';
import { Facts } from './facts/facts';
import { SnapshotReader, writeSnapshot } from './facts/snapshot';
import { Linker } from './linking/linked-team';
import { atOnce, sortInSteps, STEP } from './steps';

describe('sorting in steps', () => {
  it('sorts as Array.prototype.sort does, and keeps equal ones in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 }), fc.boolean(), (values, descending) => {
        const input = descending ? [...values].sort((a, b) => b - a) : values;
        const order = Int32Array.from(input, (_, index) => index);
        atOnce(sortInSteps(order, (a, b) => input[a] - input[b]));
        expect([...order]).toEqual(input.map((_, index) => index).sort((a, b) => input[a] - input[b]));
      }),
      runs(200, 5_000)
    );
  });

  it('pauses after a bounded number of comparisons', () => {
    let compared = 0;
    let most = 0;
    const list = Int32Array.from({ length: 50_000 }, (_, index) => (index * 7_919) % 50_000);
    for (const step of sortInSteps(list, (a, b) => {
      compared += 1;
      return a - b;
    })) {
      expect(step).toBeUndefined();
      most = Math.max(most, compared);
      compared = 0;
    }
    expect(most).toBeLessThanOrEqual(2 * STEP);
    expect(list.every((value, index) => value === index)).toBe(true);
  });
});

const CHANGES = 24_000;
const DEPLOYMENTS = 6_000;
const INCIDENTS = 2_400;

/** One repository with many facts, which came newest first as a synchronisation brings them. */
function hugeRepository(): Facts {
  const facts = new Facts();
  facts.apply({ repositories: [{ ...repository('acme/a'), branchHeads: { main: sha(`acme/a#${CHANGES}`) } }] });
  const numbers = Array.from({ length: CHANGES }, (_, index) => CHANGES - index);
  const at = (number: number): number => number * 60_000;
  facts.apply({
    pullRequests: numbers.map((number) =>
      pull('acme/a', number, {
        mergedAt: at(number),
        title: number % 50 === 0 ? `Revert "Change ${number - 1}"` : `Change ${number}`,
        headBranch: number % 70 === 0 ? 'hotfix/x' : 'work',
        references: number % 90 === 0 ? [{ relation: 'reverts', target: `#${number - 2}` }] : [],
      })
    ),
    commits: numbers.flatMap((number) => [
      commit('acme/a', `acme/a#${number}`, number === 1 ? [] : [`acme/a#${number - 1}`, `acme/a#${number} own`], at(number)),
      commit('acme/a', `acme/a#${number} own`, number === 1 ? [] : [`acme/a#${number - 1}`], at(number) - 1_000),
    ]),
    deployments: Array.from({ length: DEPLOYMENTS }, (_, index) => {
      const number = CHANGES - Math.floor((index * CHANGES) / DEPLOYMENTS);
      return release('acme/a', `v${number}`, index % 500 === 499 ? `acme/a#${number - 40}` : `acme/a#${number}`, at(number) + 1_000, index % 97 === 0 ? { outcome: 'failed' } : {});
    }),
    incidents: Array.from({ length: INCIDENTS }, (_, index) =>
      incident(`i${index}`, {
        openedAt: at(index * 9 + 7),
        service: 'acme/a',
        deploymentId: index % 3 === 0 ? `acme/a:v${index * 8}` : null,
        references: index % 3 === 1 ? [{ relation: 'root-cause', target: sha(`acme/a#${index} own`) }] : [],
      })
    ),
  });
  return facts;
}

/** Counts what is read of columns: work that no faster machine makes less. */
function countReads(facts: Facts): () => number {
  let reads = 0;
  for (const part of Object.values(facts.parts())) {
    for (const { column } of Object.values(part.columns)) {
      column.values = new Proxy(column.values, {
        get(target, property) {
          if (typeof property === 'string' && property.charCodeAt(0) <= 57) {
            reads += 1;
          }
          const value: unknown = Reflect.get(target, property, target);
          return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
        },
      });
    }
  }
  return () => {
    const counted = reads;
    reads = 0;
    return counted;
  };
}

describe('the steps of background work', () => {
  const { settings, problems } = parseSettings({
    teams: (['releases', 'merged-pull-requests'] as const).map((from) => ({
      name: from,
      repositories: ['acme/a'],
      deployments: [{ from }],
      directPushes: true,
      incidents: [{ from: 'reverts' as const, patterns: ['^rollback-(\\d+)$'] }, { from: 'hotfixes' as const }, { from: 'failed-deployments' as const }, { from: 'events' as const }],
    })),
  });

  it('are short for one huge repository, too, whose facts come from a snapshot: a phase that went through all at once would show', () => {
    expect(problems).toEqual([]);
    const reader = new SnapshotReader();
    for (const piece of writeSnapshot(hugeRepository())) {
      expect(piece.length).toBeLessThan(1.1 * 2 ** 20);
      reader.take(piece);
    }
    const rebuilding = reader.finish();
    let step = rebuilding.next();
    let rebuilt = 0;
    for (; !step.done; step = rebuilding.next()) {
      rebuilt += 1;
    }
    expect(rebuilt).toBeGreaterThan((CHANGES * 3) / STEP);

    const facts = step.value;
    const linker = new Linker(facts);
    linker.configure(settings);
    const reads = countReads(facts);
    const steps: number[] = [];
    for (const linked of linker.all()) {
      expect(linked).toBeUndefined();
      steps.push(reads());
    }
    // Everything is looked at many times over, but by no step more than a few columns of a bounded number of facts.
    expect(steps.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(40 * CHANGES);
    expect(Math.max(...steps)).toBeLessThan(6 * STEP);
    expect(steps.length).toBeGreaterThan(200);
  });
});
