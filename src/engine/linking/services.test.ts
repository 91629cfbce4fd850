import { at, commit, deployment, HOUR_MS, incident, line, Organisation, pull, release, repository, sha } from '../../../tests/engine/facts';
import type { DeploymentRecord, DeploymentStage } from '../model';

const range = { from: at('2026-03-01'), to: at('2026-03-31') };

/** A deployment of a commit by the workflow of a repository. */
const run = (name: string, id: string, of: string | null, when: string, over: Partial<DeploymentRecord> = {}): DeploymentRecord =>
  deployment(`workflow-runs:${id}`, {
    origin: 'workflow-runs',
    pipeline: 'deploy.yml',
    ref: 'main',
    finishedAt: at(when),
    revisions: [{ repository: `R:${name}`, repositoryName: name, sha: of === null ? null : sha(of) }],
    ...over,
  });

const execution = (pipeline: string, id: string, of: Array<[string, string]>, when: string, over: Partial<DeploymentRecord> = {}): DeploymentRecord =>
  deployment(`codepipeline:${id}`, {
    origin: 'codepipeline',
    pipeline,
    account: 'tooling',
    region: 'us-east-1',
    finishedAt: at(when),
    revisions: of.map(([name, revision]) => ({ repository: null, repositoryName: name, sha: sha(revision) })),
    ...over,
  });

const stage = (name: string, outcome: DeploymentStage['outcome'], from: string, to: string, attempt = 1): DeploymentStage => ({ name, attempt, outcome, startedAt: at(from), finishedAt: at(to) });

const services = (organisation: Organisation): unknown[] => organisation.engine.catalogue().services.map(({ service }) => service);
const deployed = (organisation: Organisation): unknown[] => organisation.rows({ queryType: 'deployments' }).map(({ service, id, kind, status }) => [service, id, kind, status]);

describe('services of a monorepo', () => {
  const facts = {
    repositories: [repository('acme/mono')],
    commits: line('acme/mono', [1, 2, 3], at('2026-03-01')),
    pullRequests: [
      pull('acme/mono', 1, { mergedAt: at('2026-03-01'), files: ['api/a.ts'] }),
      pull('acme/mono', 2, { mergedAt: at('2026-03-02'), files: ['web/b.ts'] }),
      pull('acme/mono', 3, { mergedAt: at('2026-03-03'), files: ['api/a.ts', 'web/b.ts'] }),
    ],
  };
  const entries = [
    { name: 'api', repository: 'acme/mono', paths: ['api/**'], tags: 'api@*' },
    { name: 'web', repository: 'acme/mono', paths: ['web/**'], tags: 'web@*' },
  ];

  it('get releases by tag, else the repository does', () => {
    const organisation = new Organisation(
      { teams: [{ name: 'M', repositories: ['acme/mono'], services: entries, deployments: [{ from: 'releases' }] }] },
      {
        ...facts,
        deployments: [
          release('acme/mono', 'api@1', 'acme/mono#1', at('2026-03-01 01:00')),
          release('acme/mono', 'web@1', 'acme/mono#1', at('2026-03-01 01:00')),
          release('acme/mono', 'api@2', 'acme/mono#3', at('2026-03-04')),
          release('acme/mono', 'web@2', 'acme/mono#3', at('2026-03-05')),
          release('acme/mono', 'v1', 'acme/mono#3', at('2026-03-06')),
        ],
      },
      range
    );
    expect(services(organisation)).toEqual(['acme/mono', 'api', 'web']);
    const counted = organisation.rows({ queryType: 'changes' }).filter((row) => row.counted);
    // The third touches both: one fact for each service, also in the team, and one in all.
    expect(counted.map(({ number, service, deploymentId }) => [number, service, deploymentId])).toEqual([
      [3, 'api', 'releases:acme/mono:api@2'],
      [2, 'web', 'releases:acme/mono:web@2'],
      [3, 'web', 'releases:acme/mono:web@2'],
    ]);
    expect(organisation.rows({ queryType: 'changes', groupBy: 'none' }).filter((row) => row.counted)).toHaveLength(2);
    // Mean over the union: the second after 3 days, the third after one, by its earliest delivery.
    expect(organisation.number({ metric: 'lead-time', groupBy: 'none' })).toBe(2 * 86_400);
  });

  it('get merged pull requests by path', () => {
    const organisation = new Organisation({ teams: [{ name: 'M', repositories: ['acme/mono'], services: entries }] }, facts, range);
    expect(organisation.numbers({ groupBy: 'service', measure: 'count' }).map(({ labels, value }) => [labels.service, value])).toEqual([
      ['api', 2],
      ['web', 2],
    ]);
    expect(organisation.number({ measure: 'count' })).toBe(4);
    expect(organisation.numbers({ services: ['we*'], measure: 'count' })[0].value).toBe(2);
  });

  it('of a repository that only they name leave the rest of it to others', () => {
    const organisation = new Organisation(
      { teams: [{ name: 'Api', services: [entries[0]], deployments: [{ from: 'releases' }] }] },
      { ...facts, deployments: [release('acme/mono', 'api@1', 'acme/mono#1', at('2026-03-01 01:00')), release('acme/mono', 'web@1', 'acme/mono#2', at('2026-03-02 01:00'))] },
      range
    );
    expect(deployed(organisation)).toEqual([['api', 'releases:acme/mono:api@1', 'standard', 'succeeded']]);
  });
});

describe('pipelines', () => {
  const facts = { repositories: [repository('acme/a'), repository('acme/b')], commits: [...line('acme/a', [1, 2, 3], at('2026-03-01')), ...line('acme/b', [1, 2], at('2026-03-01'))] };
  const pulls = [1, 2, 3].map((number) => pull('acme/a', number, { mergedAt: at(`2026-03-0${number}`) }));
  const source = { from: 'codepipeline' as const, account: 'tooling', pipelines: ['shop-*'] };

  it('are services of their own, with the changes of every repository they deploy', () => {
    const organisation = new Organisation(
      { teams: [{ name: 'P', repositories: ['acme/*'], deployments: [source] }] },
      {
        ...facts,
        pullRequests: [...pulls, pull('acme/b', 1, { mergedAt: at('2026-03-01') }), pull('acme/b', 2, { mergedAt: at('2026-03-03') })],
        deployments: [
          execution('shop-prod', '1', [['acme/a', 'acme/a#1'], ['acme/b', 'acme/b#1']], '2026-03-01 02:00'),
          execution('shop-prod', '2', [['acme/a', 'acme/a#2'], ['acme/b', 'acme/b#1']], '2026-03-02 02:00'),
          execution('shop-prod', '3', [['acme/a', 'acme/a#2'], ['acme/b', 'acme/b#2']], '2026-03-03 02:00'),
          execution('shop-prod', '4', [['acme/a', 'acme/a#2'], ['acme/b', 'acme/b#1']], '2026-03-03 03:00'),
          execution('other', '5', [['acme/a', 'acme/a#3']], '2026-03-04'),
          execution('shop-other', '6', [['acme/a', 'acme/a#3']], '2026-03-04', { account: 'foreign' }),
        ],
      },
      range
    );
    expect(services(organisation)).toEqual(['shop-prod']);
    expect(deployed(organisation).map((row) => (row as unknown[])[2])).toEqual(['standard', 'standard', 'standard', 'rollback']);
    expect(organisation.rows({ queryType: 'changes' }).filter((row) => row.counted).map(({ repository: name, number, deploymentId }) => [name, number, deploymentId])).toEqual([
      ['acme/a', 2, 'codepipeline:2'],
      ['acme/b', 2, 'codepipeline:3'],
    ]);
  });

  it('and their repository are two services unless an entry joins them', () => {
    const both = [source, { from: 'releases' as const }];
    const deployments = [execution('shop-prod', '1', [['acme/a', 'acme/a#1']], '2026-03-01 02:00'), release('acme/a', 'v2', 'acme/a#2', at('2026-03-02 02:00'))];
    const apart = new Organisation({ teams: [{ name: 'P', repositories: ['acme/a'], deployments: both }] }, { ...facts, pullRequests: pulls, deployments }, range);
    expect(services(apart)).toEqual(['acme/a', 'shop-prod']);
    const joined = new Organisation(
      { teams: [{ name: 'P', repositories: ['acme/a'], deployments: both, services: [{ name: 'shop', repository: 'acme/a', pipelines: ['shop-*'] }] }] },
      { ...facts, pullRequests: pulls, deployments },
      range
    );
    expect(services(joined)).toEqual(['shop']);
    expect(joined.rows({ queryType: 'changes' }).filter((row) => row.counted).map(({ number }) => number)).toEqual([2]);
  });

  it('count the production stage: each failed attempt, its own start, and nothing that never reached it', () => {
    const staged = { ...source, stage: 'Production' };
    const organisation = new Organisation(
      { teams: [{ name: 'P', repositories: ['acme/a'], deployments: [staged], incidents: [{ from: 'failed-deployments' }] }] },
      {
        ...facts,
        deployments: [
          execution('shop-prod', '1', [['acme/a', 'acme/a#1']], '2026-03-01 09:00', { startedAt: at('2026-03-01 06:00'), stages: [stage('Build', 'succeeded', '2026-03-01 06:00', '2026-03-01 07:00'), stage('Production', 'succeeded', '2026-03-01 07:00', '2026-03-01 08:00')] }),
          execution('shop-prod', '2', [['acme/a', 'acme/a#2']], '2026-03-02 09:00', {
            stages: [stage('Production', 'failed', '2026-03-02 06:00', '2026-03-02 07:00', 1), stage('Production', 'succeeded', '2026-03-02 07:30', '2026-03-02 08:00', 2), stage('Smoke', 'failed', '2026-03-02 08:00', '2026-03-02 09:00')],
            outcome: 'failed',
          }),
          execution('shop-prod', '3', [['acme/a', 'acme/a#3']], '2026-03-03 09:00', { outcome: 'failed', stages: [stage('Build', 'failed', '2026-03-03 06:00', '2026-03-03 07:00')] }),
        ],
      },
      range
    );
    expect(organisation.rows({ queryType: 'deployments' }).map(({ id, status, startedAt, finishedAt }) => [id, status, startedAt, finishedAt])).toEqual([
      ['codepipeline:1', 'succeeded', at('2026-03-01 07:00'), at('2026-03-01 08:00')],
      ['codepipeline:2/Production/1', 'failed', at('2026-03-02 06:00'), at('2026-03-02 07:00')],
      ['codepipeline:2', 'succeeded', at('2026-03-02 07:30'), at('2026-03-02 08:00')],
    ]);
    // One failed attempt of three; restored by the second attempt an hour later.
    expect(organisation.number({ metric: 'change-failure-rate' })).toBeCloseTo(100 / 3, 9);
    expect(organisation.number({ metric: 'time-to-restore' })).toBe(3_600);
  });
});

describe('sources of deployments', () => {
  const facts = { repositories: [repository('acme/a')], commits: line('acme/a', [1, 2, 3], at('2026-03-01')) };
  const team = (deployments: object[], over: object = {}) => ({ teams: [{ name: 'A', repositories: ['acme/a'], deployments: deployments as never, ...over }] });

  it('that tell of one deployment within 15 minutes are one, from the earliest start to the latest finish', () => {
    const deployments = [
      run('acme/a', '1', 'acme/a#1', '2026-03-02 10:00', { startedAt: at('2026-03-02 09:00') }),
      release('acme/a', 'v1', 'acme/a#1', at('2026-03-02 10:15')),
      run('acme/a', '2', 'acme/a#2', '2026-03-03 10:00'),
      release('acme/a', 'v2', 'acme/a#2', at('2026-03-03 10:16')),
    ];
    const organisation = new Organisation(team([{ from: 'workflow-runs' }, { from: 'releases' }]), { ...facts, deployments }, range);
    expect(organisation.rows({ queryType: 'deployments' }).map(({ id, kind, startedAt, finishedAt }) => [id, kind, startedAt, finishedAt])).toEqual([
      ['workflow-runs:1', 'standard', at('2026-03-02 09:00'), at('2026-03-02 10:15')],
      ['workflow-runs:2', 'standard', at('2026-03-03 10:00'), at('2026-03-03 10:00')],
      ['releases:acme/a:v2', 'retry', at('2026-03-03 10:16'), at('2026-03-03 10:16')],
    ]);
  });

  it('are chosen by workflow, branch, job, tag, prerelease and environment', () => {
    const count = (source: object, deployments: DeploymentRecord[]): number => new Organisation(team([source]), { ...facts, deployments }, range).rows({ queryType: 'deployments' }).length;
    const runs = [run('acme/a', '1', 'acme/a#1', '2026-03-02'), run('acme/a', '2', 'acme/a#2', '2026-03-03', { ref: 'dev' }), run('acme/a', '3', 'acme/a#3', '2026-03-04', { pipeline: 'ci.yml', pipelineTitle: 'Checks' })];
    expect(count({ from: 'workflow-runs' }, runs)).toBe(3);
    expect(count({ from: 'workflow-runs', workflows: ['deploy.yml'], branches: ['main'] }, runs)).toBe(1);
    expect(count({ from: 'workflow-runs', workflows: ['Checks'] }, runs)).toBe(1);
    const jobs = [run('acme/a', '1', 'acme/a#1', '2026-03-02', { stages: [stage('test', 'succeeded', '2026-03-02', '2026-03-02'), stage('production', null, '2026-03-02', '2026-03-02')] })];
    expect(count({ from: 'workflow-runs', job: 'production' }, jobs)).toBe(0);
    expect(count({ from: 'workflow-runs', job: 'test' }, jobs)).toBe(1);
    const releases = [release('acme/a', 'v1', 'acme/a#1', at('2026-03-02')), release('acme/a', 'w1', 'acme/a#2', at('2026-03-03')), release('acme/a', 'v2-rc', 'acme/a#3', at('2026-03-04'), { prerelease: true })];
    expect(count({ from: 'releases', tags: 'v*' }, releases)).toBe(1);
    expect(count({ from: 'releases', tags: ['v*', '!v1'], prereleases: true }, releases)).toBe(1);
    const hub = ['production', 'staging', 'Prod EU'].map((environment, index) => run('acme/a', String(index), `acme/a#${index + 1}`, `2026-03-0${index + 2}`, { origin: 'github-deployments', environment }));
    expect(count({ from: 'github-deployments' }, hub)).toBe(2);
    expect(count({ from: 'github-deployments', environments: ['staging'] }, hub)).toBe(1);
    const pushed = ['production', 'staging', null].map((environment, index) => deployment(`events:${index}`, { finishedAt: at(`2026-03-0${index + 2}`), environment, service: 'api', revisions: [{ repository: null, repositoryName: 'acme/a', sha: sha(`acme/a#${index + 1}`) }] }));
    expect(count({ from: 'events', services: ['a*'] }, pushed)).toBe(2);
    expect(count({ from: 'events', services: ['web'] }, pushed)).toBe(0);
  });

  it('without a SHA deliver what was merged into production before their start', () => {
    const organisation = new Organisation(
      team([{ from: 'workflow-runs' }]),
      {
        ...facts,
        pullRequests: [1, 2, 3].map((number) => pull('acme/a', number, { mergedAt: at(`2026-03-0${number}`), baseBranch: number === 2 ? 'develop' : 'main' })),
        deployments: [run('acme/a', '1', null, '2026-03-01 12:00', { startedAt: at('2026-03-01 11:00') }), run('acme/a', '2', null, '2026-03-03 12:00', { startedAt: at('2026-03-03 11:00') })],
      },
      range
    );
    expect(organisation.rows({ queryType: 'changes' }).map(({ number, deploymentId }) => [number, deploymentId])).toEqual([
      [1, 'workflow-runs:1'],
      [2, null],
      [3, 'workflow-runs:2'],
    ]);
  });

  it('may abbreviate the SHA', () => {
    const organisation = new Organisation(
      team([{ from: 'events' }]),
      {
        ...facts,
        pullRequests: [pull('acme/a', 2, { mergedAt: at('2026-03-02') })],
        deployments: ['1', '2'].map((number) => deployment(`events:${number}`, { service: 'acme/a', finishedAt: at(`2026-03-0${number} 12:00`), revisions: [{ repository: null, repositoryName: 'acme/a', sha: sha(`acme/a#${number}`).slice(0, 8) }] })),
      },
      range
    );
    expect(organisation.rows({ queryType: 'changes' })[0]).toMatchObject({ deploymentId: 'events:2', counted: true });
  });

  it('exclude changes with their own deployment, and keep their incidents', () => {
    const pullRequests = [
      pull('acme/a', 1, { mergedAt: at('2026-03-02'), author: { login: 'bot', isBot: true } }),
      pull('acme/a', 2, { mergedAt: at('2026-03-03') }),
      pull('acme/a', 3, { mergedAt: at('2026-03-04'), references: [{ relation: 'reverts', target: '#1' }] }),
    ];
    const organisation = new Organisation(team([{ from: 'merged-pull-requests' }]), { ...facts, pullRequests }, range);
    expect(organisation.number({ measure: 'count' })).toBe(2);
    expect(organisation.number({ metric: 'change-failure-rate' })).toBe(0);
    expect(organisation.number({ metric: 'time-to-restore' })).toBe(2 * 86_400);
    expect(new Organisation(team([{ from: 'merged-pull-requests' }], { exclude: { authors: [] } }), { ...facts, pullRequests }, range).number({ measure: 'count' })).toBe(3);
  });

  it('count direct pushes where a team asks, and not the commits that pull requests brought', () => {
    const commits = [
      commit('acme/a', 'm1', [], at('2026-03-01')),
      commit('acme/a', 'direct', ['m1'], at('2026-03-02 06:00'), { authoredAt: at('2026-03-02') }),
      commit('acme/a', 'rebased 1', ['direct'], at('2026-03-03 06:00'), { authoredAt: at('2026-03-03 01:00') }),
      commit('acme/a', 'rebased 2', ['rebased 1'], at('2026-03-03 06:00'), { authoredAt: at('2026-03-03 02:00') }),
    ];
    const pullRequests = [
      pull('acme/a', 1, { mergedAt: at('2026-03-01'), mergeSha: sha('m1') }),
      pull('acme/a', 2, {
        mergedAt: at('2026-03-03 06:00'),
        mergeSha: sha('rebased 2'),
        createdAt: at('2026-03-03 03:00'),
        commits: [
          { sha: sha('original 1'), authoredAt: at('2026-03-03 01:00'), isMerge: false },
          { sha: sha('original 2'), authoredAt: at('2026-03-03 02:00'), isMerge: false },
        ],
      }),
    ];
    const own = { ...facts, commits, pullRequests, repositories: [repository('acme/a', { branchHeads: { main: sha('rebased 2') } })] };
    const organisation = new Organisation(team([{ from: 'merged-pull-requests' }], { directPushes: true }), own, range);
    expect(organisation.rows({ queryType: 'changes' }).map(({ number, title, leadTime }) => [number, title, leadTime])).toEqual([
      [1, 'Change 1', 0],
      [null, 'direct', 6 * 3_600],
      [2, 'Change 2', 5 * 3_600],
    ]);
    expect(new Organisation(team([{ from: 'merged-pull-requests' }]), own, range).number({ measure: 'count' })).toBe(2);
  });

  it('list pull requests that only carry others, and what went to other branches', () => {
    const commits = [
      commit('acme/a', 'root', [], at('2026-03-01')),
      commit('acme/a', 'feature', ['root'], at('2026-03-02')),
      commit('acme/a', 'into develop', ['root', 'feature'], at('2026-03-02 01:00')),
      commit('acme/a', 'into main', ['root', 'into develop'], at('2026-03-03')),
    ];
    const pullRequests = [
      pull('acme/a', 1, { mergedAt: at('2026-03-02 01:00'), createdAt: at('2026-03-02'), baseBranch: 'develop', mergeSha: sha('into develop'), commits: [{ sha: sha('feature'), authoredAt: at('2026-03-02'), isMerge: false }] }),
      pull('acme/a', 2, {
        mergedAt: at('2026-03-03'),
        mergeSha: sha('into main'),
        commits: [
          { sha: sha('feature'), authoredAt: at('2026-03-02'), isMerge: false },
          { sha: sha('into develop'), authoredAt: at('2026-03-02 01:00'), isMerge: true },
        ],
      }),
      pull('acme/a', 3, { mergedAt: at('2026-03-04'), baseBranch: 'develop', mergeSha: sha('never released') }),
      pull('acme/a', 4, { mergedAt: at('2026-03-05'), mergeSha: sha('not yet released') }),
    ];
    const deployments = [release('acme/a', 'v0', 'root', at('2026-03-01')), release('acme/a', 'v1', 'into main', at('2026-03-04'))];
    const organisation = new Organisation(team([{ from: 'releases' }]), { ...facts, commits, pullRequests, deployments }, range, at('2026-03-09'));
    expect(organisation.rows({ queryType: 'changes' }).map(({ number, state, counted, waiting }) => [number, state, counted, waiting])).toEqual([
      [1, 'delivered', true, null],
      [2, 'only carries changes of other pull requests', false, null],
      [3, 'merged into a branch that is not production', false, null],
      [4, 'waiting for a deployment', false, 4 * 86_400],
    ]);
    expect(organisation.number({ metric: 'lead-time' })).toBe(2 * 86_400);
    const waiting = organisation.rows({ queryType: 'data-quality' }).find(({ check }) => check === 'changes waiting');
    expect(waiting).toMatchObject({ count: 1, examples: 'acme/a#4', meaning: 'Merged and not yet deployed; median age 4.0 d, oldest 4.0 d.' });
  });

  it('do not wait where they came before the history that is known', () => {
    // Known since 3 March: #1, of the 2nd, may have been deployed on that day; #2, of the 4th, was not deployed since.
    const pullRequests = [pull('acme/a', 1, { mergedAt: at('2026-03-02'), mergeSha: sha('then') }), pull('acme/a', 2, { mergedAt: at('2026-03-04'), mergeSha: sha('later') })];
    const coverage = [{ kind: 'commits' as const, scope: repository('acme/a').id, from: at('2026-03-03'), complete: true }];
    const organisation = new Organisation(team([{ from: 'releases' }]), { ...facts, pullRequests, coverage }, range, at('2026-03-09'));
    expect(organisation.rows({ queryType: 'changes' }).map(({ number, state, waiting }) => [number, state, waiting])).toEqual([
      [1, 'merged before the known history', null],
      [2, 'waiting for a deployment', 5 * 86_400],
    ]);
    const waiting = organisation.rows({ queryType: 'data-quality' }).find(({ check }) => check === 'changes waiting');
    expect(waiting).toMatchObject({ count: 1, examples: 'acme/a#2' });
  });
});

describe('the link of an incident', () => {
  const facts = {
    repositories: [repository('acme/a'), repository('acme/b')],
    commits: [...line('acme/a', [1, 2, 3], at('2026-03-01')), ...line('acme/b', [1], at('2026-03-01'))],
    pullRequests: [1, 2, 3].map((number) => pull('acme/a', number, { mergedAt: at(`2026-03-0${number}`) })),
    deployments: [
      ...[1, 2, 3].map((number) => release('acme/a', `v${number}`, `acme/a#${number}`, at(`2026-03-0${number} 12:00`))),
      release('acme/b', 'v1', 'acme/b#1', at('2026-03-03 13:00')),
    ],
  };
  const settings = (incidents: object[], repositories = ['acme/*']) => ({ teams: [{ name: 'T', repositories, deployments: [{ from: 'releases' as const }], incidents: incidents as never }] });
  const linkOf = (over: Parameters<typeof incident>[1], incidents: object[] = [{ from: 'events' }, { from: 'opsitems' }, { from: 'github-issues' }], repositories?: string[]): unknown => {
    const organisation = new Organisation(settings(incidents, repositories), { ...facts, incidents: [incident('i', over)] }, range);
    const [row] = organisation.rows({ queryType: 'incidents' });
    return row === undefined ? undefined : (row.deploymentId ?? row.linkReason);
  };
  const openedAt = at('2026-03-03 20:00');

  it('is what the incident names, in order of strength', () => {
    expect(linkOf({ openedAt, deploymentId: 'releases:acme/a:v1' })).toBe('releases:acme/a:v1');
    expect(linkOf({ openedAt, deploymentId: 'v1' })).toContain('unlinked: names deployment v1');
    expect(linkOf({ openedAt, deploymentId: 'acme/a:v1' })).toBe('releases:acme/a:v1');
    expect(linkOf({ openedAt, references: [{ relation: 'root-cause', target: sha('acme/a#2').slice(0, 7) }] })).toBe('releases:acme/a:v2');
    // A pull request's own commit, which no graph holds after a squash.
    expect(linkOf({ openedAt, references: [{ relation: 'root-cause', target: sha('acme/a#2 own') }] })).toBe('releases:acme/a:v2');
    expect(linkOf({ openedAt, references: [{ relation: 'root-cause', target: 'acme/a#1' }] })).toBe('releases:acme/a:v1');
    expect(linkOf({ openedAt, origin: 'github-issues', labels: ['incident'], repository: 'R:acme/a', number: 9, references: [{ relation: 'root-cause', target: '#1' }] })).toBe('releases:acme/a:v1');
    expect(linkOf({ openedAt, references: [{ relation: 'root-cause', target: '#1' }] })).toContain('unlinked');
    expect(linkOf({ openedAt, operationalData: { 'dora/deployment': 'releases:acme/a:v2' }, deploymentId: 'releases:acme/a:v2' })).toBe('releases:acme/a:v2');
    expect(linkOf({ openedAt, references: [{ relation: 'root-cause', target: 'acme/a#1' }], operationalData: { 'dora/deployment': 'releases:acme/a:v2' }, deploymentId: 'releases:acme/a:v2' })).toBe('releases:acme/a:v1');
    // Several names: the first that is found.
    expect(linkOf({ openedAt, deploymentId: 'nobody', references: [{ relation: 'root-cause', target: 'acme/a#1' }] })).toBe('releases:acme/a:v1');
  });

  it('is never guessed where a name is not found, and never another service', () => {
    expect(linkOf({ openedAt, service: 'acme/a', deploymentId: 'nobody' })).toContain('unlinked: names deployment nobody');
    expect(linkOf({ openedAt, service: 'acme/b', deploymentId: 'releases:acme/a:v1' })).toContain('unlinked');
    expect(linkOf({ openedAt, service: 'acme/b' })).toBe('releases:acme/b:v1');
  });

  it('finds its service by the issue’s repository, the source, or because there is only one', () => {
    expect(linkOf({ openedAt, origin: 'github-issues', labels: ['Incident'], repository: 'R:acme/a', number: 9 }, [{ from: 'github-issues', service: 'acme/b' }])).toBe('releases:acme/a:v3');
    expect(linkOf({ openedAt }, [{ from: 'events', service: 'acme/b' }])).toBe('releases:acme/b:v1');
    expect(linkOf({ openedAt }, [{ from: 'events' }])).toBe('unlinked: no service can be told');
    expect(linkOf({ openedAt }, [{ from: 'events' }], ['acme/a'])).toBe('releases:acme/a:v3');
  });

  it('is chosen by the filters of its source', () => {
    const ops = { openedAt, origin: 'opsitems' as const, account: 'ops', reportedBy: 'CloudWatch', severity: '1', category: 'Availability', title: 'Payments down', operationalData: { env: 'prod' } };
    const chosen = (filters: object): boolean => linkOf(ops, [{ from: 'opsitems', account: 'ops', filters, service: 'acme/a' }]) !== undefined;
    expect(chosen({})).toBe(true);
    expect(chosen({ source: ['Cloud*'], severity: ['1', '2'], title: 'payments', category: ['Availability'], operationalData: { env: 'prod' } })).toBe(true);
    expect(chosen({ severity: ['2'] })).toBe(false);
    expect(chosen({ title: 'checkout' })).toBe(false);
    expect(chosen({ operationalData: { env: 'dev' } })).toBe(false);
    expect(linkOf(ops, [{ from: 'opsitems', account: 'other' }])).toBeUndefined();
  });

  it('of a retry counts for the standard deployment that brought the revision', () => {
    const again = release('acme/a', 'v3-again', 'acme/a#3', at('2026-03-04'));
    const organisation = new Organisation(settings([{ from: 'events' }], ['acme/a']), { ...facts, deployments: [...facts.deployments, again], incidents: [incident('i', { openedAt: at('2026-03-04 01:00') })] }, range);
    expect(organisation.rows({ queryType: 'incidents' })[0].deploymentId).toBe(again.id);
    expect(organisation.rows({ queryType: 'deployments' }).filter((row) => row.failed).map(({ id }) => id)).toEqual(['releases:acme/a:v3']);
  });

  it('counts three incidents of one deployment as one failure, and all of them by the simple ratio', () => {
    const incidents = ['1', '2', '3'].map((id) => incident(id, { openedAt: at('2026-03-03 13:00') + Number(id) * HOUR_MS }));
    const organisation = new Organisation(settings([{ from: 'events' }], ['acme/a']), { ...facts, incidents }, range);
    expect(organisation.number({ metric: 'change-failure-rate' })).toBeCloseTo(100 / 3, 9);
    expect(organisation.number({ metric: 'change-failure-rate', basis: 'incidents' })).toBe(100);
  });

  it('takes hotfixes for incidents of the deployment before, but not those that name a known one', () => {
    const hotfix = (over: object) => [facts.pullRequests[0], facts.pullRequests[1], pull('acme/a', 3, { mergedAt: at('2026-03-03'), headBranch: 'hotfix/x', ...over })];
    const of = (pullRequests: typeof facts.pullRequests, extra: object = {}): Organisation => new Organisation(settings([{ from: 'hotfixes' }, { from: 'github-issues' }], ['acme/a']), { ...facts, pullRequests, ...extra }, range);
    expect(of(hotfix({})).rows({ queryType: 'incidents' }).map(({ deploymentId, linkReason }) => [deploymentId, linkReason])).toEqual([['releases:acme/a:v2', 'deployment before the hotfix']]);
    expect(of(hotfix({})).number({ metric: 'time-to-restore' })).toBe(86_400);
    expect(of(hotfix({})).number({ metric: 'rework-rate' })).toBeCloseTo(100 / 3, 9);
    const named = of(hotfix({ references: [{ relation: 'mentions', target: '#1' }] }));
    expect(named.rows({ queryType: 'incidents' })[0].deploymentId).toBe('releases:acme/a:v1');
    const issue = incident('issue', { origin: 'github-issues', labels: ['incident'], repository: 'R:acme/a', number: 50, openedAt: at('2026-03-02 13:00') });
    const same = of(hotfix({ references: [{ relation: 'fixes', target: '#50' }] }), { incidents: [issue] });
    expect(same.rows({ queryType: 'incidents' }).map(({ id, deploymentId }) => [id, deploymentId])).toEqual([['issue', 'releases:acme/a:v2']]);
  });
});

describe('stages as a table', () => {
  it('show what share of the time each takes', () => {
    const reviews = [{ author: { login: 'cyn', isBot: false }, state: 'approved' as const, at: at('2026-03-02 06:00') }];
    const organisation = new Organisation(
      { teams: [{ name: 'A', repositories: ['acme/a'] }] },
      { repositories: [repository('acme/a')], pullRequests: [pull('acme/a', 1, { createdAt: at('2026-03-02'), mergedAt: at('2026-03-03'), reviews })] },
      range
    );
    const rows = organisation.rows({ queryType: 'stages', format: 'table', interval: 'range' });
    expect(rows.map(({ stage: name, value, share }) => [name, value, share])).toEqual([
      ['commit to open', 0, 0],
      ['first response', 6 * 3_600, 25],
      ['rework', 0, 0],
      ['merge', 18 * 3_600, 75],
      ['deploy', 0, 0],
    ]);
  });
});
