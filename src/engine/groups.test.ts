import { at, commit, deployment, Organisation, pull, release, repository, sha } from '../../tests/engine/facts';

const range = { from: at('2026-03-02'), to: at('2026-03-09') };

describe('teams together', () => {
  const run = deployment('workflow-runs:1', { origin: 'workflow-runs', pipeline: 'deploy.yml', finishedAt: at('2026-03-03 10:00'), revisions: [{ repository: 'R:acme/a', repositoryName: 'acme/a', sha: sha('a1') }] });
  const together = (sources: Array<Array<'releases' | 'workflow-runs' | 'merged-pull-requests'>>): Organisation =>
    new Organisation(
      { teams: sources.map((list, index) => ({ name: `T${index}`, repositories: ['acme/a'], deployments: list.map((from) => ({ from })) })) },
      {
        repositories: [repository('acme/a')],
        commits: [commit('acme/a', 'a1', [], at('2026-03-03'))],
        pullRequests: [pull('acme/a', 1, { mergedAt: at('2026-03-03 09:50'), mergeSha: sha('a1') })],
        // The release is published five minutes after the run that deployed it: for a team of both sources it is the same deployment.
        deployments: [run, release('acme/a', 'v1', 'a1', at('2026-03-03 10:05'))],
      },
      range
    );

  it.each([
    [[['workflow-runs', 'releases'], ['releases']]],
    [[['releases'], ['workflow-runs', 'releases']]],
    // The third knows both to be one; the first two see one side each.
    [[['releases'], ['workflow-runs'], ['workflow-runs', 'releases']]],
    [[['merged-pull-requests'], ['merged-pull-requests', 'workflow-runs', 'releases'], ['releases']]],
  ] as Array<[Array<Array<'releases' | 'workflow-runs' | 'merged-pull-requests'>>]>)('count once what two sources tell of one deployment, though a team reads one of them only: %j', (sources) => {
    const organisation = together(sources);
    expect(organisation.numbers({ measure: 'count' }).map(({ value }) => value)).toEqual(sources.map(() => 1));
    expect(organisation.number({ measure: 'count', groupBy: 'none' })).toBe(1);
    expect(organisation.rows({ queryType: 'deployments', groupBy: 'none' })).toHaveLength(1);
  });

  it('count two where no team knows them to be one', () => {
    expect(together([['releases'], ['workflow-runs']]).number({ measure: 'count', groupBy: 'none' })).toBe(2);
  });
});

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
