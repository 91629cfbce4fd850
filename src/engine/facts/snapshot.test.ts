import { commit, deployment, incident, pull, release, repository, sha } from '../../../tests/engine/facts';
import { Facts } from './facts';
import { SnapshotReader, writeSnapshot } from './snapshot';

function factsOf(count: number): Facts {
  const facts = new Facts();
  facts.apply({
    repositories: [repository('acme/a')],
    commits: Array.from({ length: count }, (_, index) => commit('acme/a', `c${index}`, index === 0 ? [] : index === 9 ? ['c8', 'c7', 'c6', 'c5'] : [`c${index - 1}`], index, index === 3 ? { references: [{ relation: 'fixes', target: 'oi-0123456789ab' }] } : {})),
    pullRequests: Array.from({ length: count }, (_, index) => pull('acme/a', index + 1, { mergedAt: index, id: index === 5 ? 'odd' : `R:acme/a#${index + 1}`, labels: ['x'], files: ['a', 'b'], references: [{ relation: 'mentions', target: '#1' }] })),
    deployments: [
      release('acme/a', 'v1', 'c1', 100),
      deployment('events:e', { finishedAt: 5, service: 'api', stages: [{ name: 'x', attempt: 1, outcome: 'failed', startedAt: 1, finishedAt: 2 }], revisions: [{ repository: null, repositoryName: 'acme/a', sha: 'no-sha' }] }),
      deployment('events:gone', { finishedAt: 6, service: 'api' }),
    ],
    incidents: [incident('i', { openedAt: 3 })],
    coverage: [{ kind: 'commits', scope: 'R:acme/a', from: 1, complete: false }],
  });
  facts.apply({ removed: [{ kind: 'deployments', id: 'events:gone' }, { kind: 'pullRequests', id: 'R:acme/a#2' }] });
  return facts;
}

function read(pieces: readonly Uint8Array[]): Facts {
  const reader = new SnapshotReader();
  pieces.forEach((piece) => reader.take(piece));
  const steps = reader.finish();
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return step.value;
    }
  }
}

describe('a snapshot of facts', () => {
  it('keeps what no answer of the random organisations shows', () => {
    const { commits, pulls, records, shas, incidents, coverage } = read([...writeSnapshot(factsOf(40))]);
    expect(commits.parentsOf(shas.find(sha('c9')))).toEqual(['c8', 'c7', 'c6', 'c5'].map((name) => shas.find(sha(name))));
    expect([...commits.opsItems.get('oi-0123456789ab')!]).toEqual([shas.find(sha('c3'))]);
    expect(pulls.idOf(pulls.withId('odd'))).toBe('odd');
    expect(pulls.numbered(0, 2)).toBe(-1);
    expect(pulls.filesOf(pulls.numbered(0, 1))).toEqual(['a', 'b']);
    expect(pulls.referencesOf(pulls.numbered(0, 1))).toEqual([{ relation: 'mentions', target: '#1' }]);
    expect(records.named('e')).toEqual([1]);
    expect(shas.sha(records.revisionsOf(1)[0].node)).toBe('no-sha');
    expect(records.stages.get(1)).toHaveLength(1);
    expect(records.groups.map(({ origin, live }) => [origin, live])).toEqual([['releases', 1], ['events', 1], ['events', 0]]);
    expect([...incidents.groups]).toHaveLength(1);
    expect(coverage.size).toBe(1);
  });

  it('is the same when it is written again', () => {
    const pieces = [...writeSnapshot(factsOf(40))];
    expect([...writeSnapshot(read(pieces))]).toEqual(pieces);
  });

  it('comes in pieces of bounded size', () => {
    const sizes = [...writeSnapshot(factsOf(8_000))].map(({ length }) => length);
    expect(sizes.length).toBeGreaterThan(45);
    expect(Math.max(...sizes)).toBeLessThan(1.1 * 2 ** 20);
  });

  it('is void when facts change while it is written', () => {
    const facts = factsOf(40);
    const steps = writeSnapshot(facts);
    steps.next();
    facts.apply({ repositories: [repository('acme/b')] });
    let step = steps.next();
    while (!step.done) {
      step = steps.next();
    }
    expect(step.value).toBe(false);
  });

  it('is refused where pieces are missing, come twice, or are of another program', () => {
    const pieces = [...writeSnapshot(factsOf(40))];
    expect(() => read(pieces.slice(0, -1))).toThrow('missing');
    expect(() => read([...pieces.slice(1)])).toThrow();
    expect(() => read([...pieces, pieces[0]])).toThrow('after the last');
    expect(() => read([new Uint8Array(100), ...pieces])).toThrow();
  });
});
