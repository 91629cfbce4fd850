import { parseSettings, type DoraJsonData } from '../../shared/settings';
import { namedBranches, needsBranchList, planFor, productionBranches, selectionOf, usesGitHub, type RepositoryPlan } from './plan';

type Team = NonNullable<DoraJsonData['teams']>[number];

function settings(...teams: Team[]) {
  const parsed = parseSettings({ teams });
  expect(parsed.problems).toEqual([]);
  return parsed.settings;
}

function plan(team: Partial<Team>, ...names: string[]): RepositoryPlan | null {
  return planFor(settings({ name: 'A', repositories: ['acme/*'], ...team }), names);
}

test('names, owners and patterns are told apart', () => {
  const selection = selectionOf(
    settings(
      { name: 'A', repositories: ['acme/api', 'acme/web-*', 'Acme/x*', '!acme/web-old', '*/infra', 'nonsense', 'a/b/c'], services: [{ name: 's', repository: 'acme/mono' }] },
      { name: 'B', repositories: ['acme/api'], incidents: [{ from: 'github-issues', repositories: ['ops/incidents'] }] }
    )
  );
  expect(selection).toEqual({
    literals: ['acme/api', 'acme/mono', 'ops/incidents'],
    owners: new Map([['acme', ['acme/web-*', 'Acme/x*']]]),
    anywhere: ['*/infra'],
    malformed: ['nonsense', 'a/b/c'],
  });
});

test('is not used without a repository', () => {
  expect(usesGitHub(settings({ name: 'A', deployments: [{ from: 'codepipeline' }] }))).toBe(false);
  expect(usesGitHub(settings({ name: 'A', incidents: [{ from: 'github-issues', repositories: ['a/b'] }] }))).toBe(true);
});

test('a repository belongs by pattern to its present name only, by name to its former ones too, in any case', () => {
  expect(plan({ repositories: ['acme/api-*'] }, 'acme/pay', 'acme/api-1')).toBeNull();
  expect(plan({ repositories: ['acme/api-1'] }, 'acme/pay', 'Acme/API-1')).not.toBeNull();
  expect(plan({ repositories: ['ACME/*', '!acme/secret-*'] }, 'acme/secret-1')).toBeNull();
  expect(plan({ repositories: ['other/*'], services: [{ name: 's', repository: 'acme/mono' }] }, 'acme/mono')).not.toBeNull();
});

test('what the teams want together', () => {
  const both = planFor(
    settings(
      { name: 'A', repositories: ['acme/*'], deployments: [{ from: 'releases' }], branches: ['release/*'] },
      { name: 'B', repositories: ['acme/api'], deployments: [{ from: 'workflow-runs', workflows: ['deploy.yml'], job: 'production' }, { from: 'github-deployments' }], incidents: [{ from: 'github-issues' }] },
      { name: 'C', repositories: ['else/*'] }
    ),
    ['acme/api']
  );
  expect(both).toEqual({
    teams: ['A', 'B'], pullRequests: true, files: false, commits: { defaultBranch: true, branches: [['release/*']] }, releases: true, tags: false,
    runs: [{ workflows: ['deploy.yml'], job: 'production' }], deployments: [{}], issues: true,
  });
});

test('merged pull requests need no graph, direct pushes do', () => {
  expect(plan({}, 'acme/api')!.commits).toBeNull();
  expect(plan({ directPushes: true }, 'acme/api')!.commits).toEqual({ defaultBranch: true, branches: [] });
  expect(plan({ deployments: [{ from: 'codepipeline' }] }, 'acme/api')!.commits).not.toBeNull();
});

test('a repository that differs from its team', () => {
  const team: Partial<Team> = {
    repositories: ['acme/*', { match: 'acme/legacy', branches: ['master'], deployments: [{ from: 'github-deployments' }] }],
    deployments: [{ from: 'releases' }],
  };
  expect(plan(team, 'acme/api')).toMatchObject({ releases: true, deployments: [] });
  expect(plan(team, 'acme/legacy')).toMatchObject({ releases: false, deployments: [{}], commits: { defaultBranch: false, branches: [['master']] } });
});

test('a repository of incidents only', () => {
  expect(plan({ incidents: [{ from: 'github-issues', repositories: ['ops/*', '!ops/x'] }] }, 'ops/incidents')).toMatchObject({ pullRequests: false, issues: true, commits: null });
  expect(plan({ incidents: [{ from: 'github-issues', repositories: ['ops/*', '!ops/x'] }] }, 'ops/x')).toBeNull();
});

test('files where a service goes by path', () => {
  const services = [{ name: 's', repository: 'acme/mono', paths: ['api/**'] }];
  expect(plan({ services }, 'acme/mono')!.files).toBe(true);
  expect(plan({ services }, 'acme/api')!.files).toBe(false);
});

test('production branches', () => {
  const all = ['main', 'release/1', 'release/2', 'feature'];
  const releases = plan({ deployments: [{ from: 'releases' }], branches: ['main', 'release/*', '!release/1'] }, 'acme/api')!;
  expect(productionBranches(releases, all, 'main')).toEqual(['main', 'release/2']);
  expect(needsBranchList(releases)).toBe(true);
  const named = plan({ deployments: [{ from: 'releases' }], branches: ['main', 'stable'] }, 'acme/api')!;
  expect([needsBranchList(named), namedBranches(named)]).toEqual([false, ['main', 'stable']]);
  const byDefault = plan({ deployments: [{ from: 'releases' }] }, 'acme/api')!;
  expect(productionBranches(byDefault, all, 'main')).toEqual(['main']);
  expect(productionBranches(plan({}, 'acme/api')!, all, 'main')).toEqual([]);
});
