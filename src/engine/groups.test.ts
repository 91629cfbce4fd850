import { at, commit, deployment, Organisation, release, repository, sha } from '../../tests/engine/facts';

const range = { from: at('2026-03-02'), to: at('2026-03-09') };

describe('a query of one repository, grouped by repository', () => {
  // One pipeline deploys from both repositories, the releases of acme/a are a service of their own:
  // acme/a has 1 release and 1 execution, acme/b has 1 execution.
  const organisation = new Organisation(
    { teams: [{ name: 'T', repositories: ['acme/a', 'acme/b'], deployments: [{ from: 'releases' }, { from: 'codepipeline' }] }] },
    {
      repositories: [repository('acme/a'), repository('acme/b')],
      commits: [commit('acme/a', 'a1', [], at('2026-03-02')), commit('acme/a', 'a2', ['a1'], at('2026-03-03')), commit('acme/b', 'b1', [], at('2026-03-02'))],
      deployments: [
        release('acme/a', 'v1', 'a1', at('2026-03-03')),
        ...[['acme/a', 'a2'], ['acme/b', 'b1']].map(([name, revision], index) =>
          deployment(`codepipeline:${index}`, {
            origin: 'codepipeline',
            pipeline: 'shared',
            finishedAt: at('2026-03-04') + index,
            revisions: [{ repository: `R:${name}`, repositoryName: name, sha: sha(revision) }],
          })
        ),
      ],
    },
    range
  );
  const counts = (repositories: string[]): unknown[] =>
    organisation.numbers({ groupBy: 'repository', measure: 'count', repositories }).map(({ labels, value }) => [labels.repository, value]);

  it('answers for all without a choice', () => {
    expect(counts([])).toEqual([['acme/a', 2], ['acme/b', 1]]);
  });

  it('answers for that repository and no other of the same services', () => {
    expect(counts(['acme/a'])).toEqual([['acme/a', 2]]);
    expect(counts(['acme/b'])).toEqual([['acme/b', 1]]);
  });
});
