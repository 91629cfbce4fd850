import { at, commit, DAY_MS, deployment, HOUR_MS, incident, line, Organisation, person, pull, release, repository, sha } from '../../tests/engine/facts';
import type { PullRequest } from './model';

/**
 * Cases that other tools count wrongly, each with its arithmetic. All pull requests are merged at `merged`, 53 hours
 * after the first commit unless said otherwise.
 */
const first = at('2026-03-02 00:00');
const merged = first + 53 * HOUR_MS;
const range = { from: at('2026-03-01'), to: at('2026-03-31') };
const team = { name: 'A', repositories: ['acme/a'] };

function ofPull(over: Partial<PullRequest>): Organisation {
  const opened = over.createdAt ?? first + 44 * HOUR_MS;
  return new Organisation(
    { teams: [team] },
    {
      repositories: [repository('acme/a')],
      pullRequests: [pull('acme/a', 1, { createdAt: opened, mergedAt: merged, commits: [{ sha: sha('own'), authoredAt: first, isMerge: false }], ...over })],
    },
    range
  );
}

/** Hours in each stage, and in all. */
function stagesOf(organisation: Organisation): { stages: number[]; leadTime: number } {
  const hours = (value: number | null): number => (value ?? NaN) / 3_600;
  return {
    stages: organisation.numbers({ queryType: 'stages' }).map(({ value }) => hours(value)),
    leadTime: hours(organisation.number({ metric: 'lead-time' })),
  };
}

describe('lead time where predecessors lose it', () => {
  it('counts 53 h without any review: 44 h of commits, then 9 h until the merge', () => {
    // The stages of review close where the next moment came: at the merge.
    expect(stagesOf(ofPull({}))).toEqual({ stages: [44, 9, 0, 0, 0], leadTime: 53 });
  });

  it('counts 53 h commented and never approved: 44 + 5 until the comment + 4 until the merge', () => {
    const reviews = [{ author: person('reviewer'), state: 'commented' as const, at: first + 49 * HOUR_MS }];
    expect(stagesOf(ofPull({ reviews }))).toEqual({ stages: [44, 5, 4, 0, 0], leadTime: 53 });
  });

  it('counts 53 h of which 30 h were a draft: the draft belongs to the time before opening', () => {
    const created = first + 10 * HOUR_MS;
    const draftEvents = [{ to: 'ready' as const, at: created + 30 * HOUR_MS }];
    // 10 h before creation + 30 h draft = 40 h to open, 13 h to the merge.
    expect(stagesOf(ofPull({ createdAt: created, draftEvents }))).toEqual({ stages: [40, 13, 0, 0, 0], leadTime: 53 });
  });

  it('has no negative stage when the approval came while it was a draft', () => {
    const created = first + 10 * HOUR_MS;
    const draftEvents = [{ to: 'ready' as const, at: created + 30 * HOUR_MS }];
    const reviews = [{ author: person('reviewer'), state: 'approved' as const, at: created + 10 * HOUR_MS }];
    // Approved 20 h before it was ready: review and approval stand at the opening.
    expect(stagesOf(ofPull({ createdAt: created, draftEvents, reviews }))).toEqual({ stages: [40, 0, 0, 13, 0], leadTime: 53 });
  });

  it('does not let an approval after the merge stretch it', () => {
    const reviews = [{ author: person('reviewer'), state: 'approved' as const, at: merged + 12 * HOUR_MS }];
    expect(stagesOf(ofPull({ reviews }))).toEqual({ stages: [44, 9, 0, 0, 0], leadTime: 53 });
  });

  it('counts 36 h when the commit was rebased to a date after the opening', () => {
    const created = merged - 36 * HOUR_MS;
    const organisation = ofPull({ createdAt: created, commits: [{ sha: sha('own'), authoredAt: created + 12 * HOUR_MS, isMerge: false }] });
    // min(created, authored) = created; the merge is 36 h later.
    expect(stagesOf(organisation)).toEqual({ stages: [0, 36, 0, 0, 0], leadTime: 36 });
  });

  it('ignores author dates after the merge and before git existed, and counts them', () => {
    const organisation = ofPull({
      commits: [
        { sha: sha('future'), authoredAt: merged + 1, isMerge: false },
        { sha: sha('past'), authoredAt: at('1970-01-01'), isMerge: false },
        { sha: sha('own'), authoredAt: first, isMerge: false },
      ],
    });
    expect(stagesOf(organisation).leadTime).toBe(53);
    expect(organisation.rows({ queryType: 'data-quality' }).find(({ check }) => check === 'changes with ignored clocks')).toMatchObject({ count: 1 });
  });

  it('takes the first of all commits, not the first listed', () => {
    const organisation = ofPull({
      commits: [
        { sha: sha('b'), authoredAt: first + 20 * HOUR_MS, isMerge: false },
        { sha: sha('a'), authoredAt: first, isMerge: false },
      ],
    });
    expect(stagesOf(organisation).leadTime).toBe(53);
  });

  it('takes the first approval after the last request for changes', () => {
    const reviews = [
      { author: person('one'), state: 'approved' as const, at: first + 45 * HOUR_MS },
      { author: person('two'), state: 'changes-requested' as const, at: first + 46 * HOUR_MS },
      { author: person('two'), state: 'approved' as const, at: first + 50 * HOUR_MS },
    ];
    // Response after 1 h, rework of 5 h, merged 3 h after the approval.
    expect(stagesOf(ofPull({ reviews }))).toEqual({ stages: [44, 1, 5, 3, 0], leadTime: 53 });
  });

  it('counts comments neither of the author nor of bots, and approvals of bots', () => {
    const reviews = [
      { author: person('author'), state: 'commented' as const, at: first + 45 * HOUR_MS },
      { author: { login: 'linter[bot]', isBot: true }, state: 'commented' as const, at: first + 46 * HOUR_MS },
      { author: null, state: 'dismissed' as const, at: first + 47 * HOUR_MS },
      { author: { login: 'merge[bot]', isBot: true }, state: 'approved' as const, at: first + 50 * HOUR_MS },
    ];
    // A deleted account is somebody else: first response at 47 h.
    expect(stagesOf(ofPull({ reviews }))).toEqual({ stages: [44, 3, 3, 3, 0], leadTime: 53 });
  });
});

describe('deployment frequency', () => {
  const merges = [3, 7, 11, 15, 19, 23, 27].map((day, index) => pull('acme/a', index + 1, { mergedAt: at(`2026-03-${String(day).padStart(2, '0')} 12:00`) }));
  const organisation = new Organisation({ teams: [team] }, { repositories: [repository('acme/a')], pullRequests: merges }, range);

  it('is 7 in 30 days, 0.233 a day, 1.63 a week: never floored', () => {
    expect(range.to - range.from).toBe(30 * DAY_MS);
    expect(organisation.number({ measure: 'count' })).toBe(7);
    expect(organisation.number({ measure: 'per-day' })).toBe(7 / 30);
    expect((organisation.number({ measure: 'per-day' })! * 7).toFixed(2)).toBe('1.63');
    expect(organisation.number({})).toBe(7 / 30);
  });

  it('is 7 in a bucket of the month', () => {
    expect(organisation.series({ interval: 'month' })[0].values).toEqual([7]);
  });
});

describe('failures and their blame', () => {
  const facts = {
    repositories: [repository('acme/a'), repository('acme/b')],
    commits: [...line('acme/a', [1, 2], at('2026-03-01')), ...line('acme/b', [1, 2], at('2026-03-01'))],
  };
  const settings = { teams: [{ name: 'T', repositories: ['acme/*'], deployments: [{ from: 'releases' as const }], incidents: [{ from: 'events' as const }] }] };
  const ofA = release('acme/a', 'v1', 'acme/a#1', at('2026-03-02'));
  const ofB = release('acme/b', 'v1', 'acme/b#1', at('2026-03-03'));

  it('never blames another service: an incident of a after a deployment of b is linked to a', () => {
    const organisation = new Organisation(settings, { ...facts, deployments: [ofA, ofB], incidents: [incident('i', { service: 'acme/a', openedAt: at('2026-03-03 01:00') })] }, range);
    expect(organisation.rows({ queryType: 'incidents' })[0].deploymentId).toBe(ofA.id);
    // Without a deployment of a it is linked to nothing.
    const alone = new Organisation(settings, { ...facts, deployments: [ofB], incidents: [incident('i', { service: 'acme/a', openedAt: at('2026-03-03 01:00') })] }, range);
    expect(alone.rows({ queryType: 'incidents' })[0]).toMatchObject({ deploymentId: null });
    expect(alone.numbers({ metric: 'change-failure-rate' })[0].value).toBe(0);
  });

  it('leaves an incident 60 days after the last deployment unlinked, and says so', () => {
    const late = { from: at('2026-03-01'), to: at('2026-06-01') };
    const organisation = new Organisation(settings, { ...facts, deployments: [ofA], incidents: [incident('i', { service: 'acme/a', openedAt: at('2026-03-02') + 60 * DAY_MS })] }, late);
    expect(organisation.rows({ queryType: 'incidents' })[0]).toMatchObject({ deploymentId: null, linkReason: 'unlinked: the latest deployment was 1440 h before, the window is 7d' });
    const answer = organisation.answer({ metric: 'change-failure-rate', format: 'number' });
    expect(answer.notices.map(({ text }) => text)).toContain('T: 1 of 1 incidents not linked to a deployment.');
    expect(organisation.rows({ queryType: 'levels' }).find(({ metric }) => metric === 'change-failure-rate')).toMatchObject({ level: null, reason: 'withheld: 1 of 1 incidents are not linked' });
  });

  it('gives an alarm during the rollout to that rollout, not to the deployment before', () => {
    const rollout = release('acme/a', 'v2', 'acme/a#2', at('2026-03-04 12:00'), { startedAt: at('2026-03-04 11:00') });
    const organisation = new Organisation(settings, { ...facts, deployments: [ofA, rollout], incidents: [incident('i', { service: 'acme/a', openedAt: at('2026-03-04 11:30') })] }, range);
    expect(organisation.rows({ queryType: 'incidents' })[0]).toMatchObject({ deploymentId: rollout.id, linkReason: 'opened during this rollout' });
  });

  it('has no failure rate and no level without deployments', () => {
    const organisation = new Organisation(settings, facts, range);
    expect(organisation.numbers({ metric: 'change-failure-rate' })[0].value).toBeNull();
    expect(organisation.rows({ queryType: 'levels' }).map(({ level }) => level)).toEqual([null, null, null, null]);
  });

  it('shows a month without incidents as a gap, not as 0 hours', () => {
    const resolved = incident('i', { service: 'acme/a', openedAt: at('2026-03-02 01:00'), resolvedAt: at('2026-03-02 03:00') });
    const organisation = new Organisation(settings, { ...facts, deployments: [ofA], incidents: [resolved] }, { from: at('2026-02-01'), to: at('2026-05-01') });
    expect(organisation.series({ metric: 'time-to-restore', interval: 'month' })[0].values).toEqual([null, 7_200, null]);
  });
});

describe('reverts', () => {
  const settings = { teams: [{ ...team, deployments: [{ from: 'releases' as const }] }] };
  const commits = line('acme/a', [1, 2, 3, 4], at('2026-03-01'));
  const pulls = [
    pull('acme/a', 1, { mergedAt: at('2026-03-01 00:01') }),
    pull('acme/a', 2, { mergedAt: at('2026-03-02 00:01'), references: [{ relation: 'reverts', target: '#1' }] }),
    pull('acme/a', 3, { mergedAt: at('2026-03-03 00:01'), references: [{ relation: 'reverts', target: 'acme/a#2' }] }),
    pull('acme/a', 4, { mergedAt: at('2026-03-04 00:01'), references: [{ relation: 'reverts', target: '#3' }] }),
  ];
  const releases = [1, 2, 3, 4].map((number) => release('acme/a', `v${number}`, `acme/a#${number}`, at(`2026-03-0${number} 12:00`)));
  const facts = { repositories: [repository('acme/a')], commits };

  it('are one failure; a revert of a revert is none', () => {
    const organisation = new Organisation(settings, { ...facts, pullRequests: pulls.slice(0, 3), deployments: releases.slice(0, 3) }, range);
    expect(organisation.rows({ queryType: 'deployments' }).map(({ failed }) => failed)).toEqual([true, false, false]);
    // One of three; restored from the release of #1 to the release of #2: 24 h.
    expect(organisation.number({ metric: 'change-failure-rate' })).toBeCloseTo(100 / 3, 10);
    expect(organisation.number({ metric: 'time-to-restore' })).toBe(24 * 3_600);
  });

  it('of a re-application are a failure again', () => {
    const organisation = new Organisation(settings, { ...facts, pullRequests: pulls, deployments: releases }, range);
    expect(organisation.rows({ queryType: 'incidents' }).map(({ deploymentId, resolvedBy }) => [deploymentId, resolvedBy])).toEqual([
      [releases[0].id, 'revert #2'],
      [releases[2].id, 'revert #4'],
    ]);
  });

  it('before the release are no production failure, and listed', () => {
    const organisation = new Organisation(settings, { ...facts, pullRequests: pulls.slice(0, 2), deployments: [releases[1]] }, range);
    expect(organisation.rows({ queryType: 'incidents' })).toEqual([]);
    expect(organisation.number({ metric: 'change-failure-rate' })).toBe(0);
    expect(organisation.rows({ queryType: 'data-quality' }).find(({ check }) => check === 'reverted before release')).toMatchObject({ count: 1, examples: 'acme/a#2 reverts acme/a#1' });
  });

  it('of one change twice are one incident; the earliest restores', () => {
    const twice = [pulls[0], pulls[1], pull('acme/a', 3, { mergedAt: at('2026-03-03 00:01'), references: [{ relation: 'reverts', target: '#1' }] })];
    const organisation = new Organisation(settings, { ...facts, pullRequests: twice, deployments: releases.slice(0, 3) }, range);
    expect(organisation.rows({ queryType: 'incidents' })).toHaveLength(1);
    expect(organisation.number({ metric: 'time-to-restore' })).toBe(24 * 3_600);
  });

  it('are found by title and by a pattern of the team', () => {
    const byTitle = [pulls[0], pull('acme/a', 2, { title: 'Revert "Change 1"', mergedAt: at('2026-03-02 00:01') })];
    const titled = new Organisation(settings, { ...facts, pullRequests: byTitle, deployments: releases.slice(0, 2) }, range);
    expect(titled.rows({ queryType: 'incidents' })).toHaveLength(1);
    const byBranch = [pulls[0], pull('acme/a', 2, { headBranch: 'rollback-1', mergedAt: at('2026-03-02 00:01') })];
    const patterned = { teams: [{ ...settings.teams[0], incidents: [{ from: 'reverts' as const, patterns: ['^rollback-(\\d+)$'] }] }] };
    expect(new Organisation(patterned, { ...facts, pullRequests: byBranch, deployments: releases.slice(0, 2) }, range).rows({ queryType: 'incidents' })).toHaveLength(1);
    expect(new Organisation(settings, { ...facts, pullRequests: byBranch, deployments: releases.slice(0, 2) }, range).rows({ queryType: 'incidents' })).toHaveLength(0);
  });
});

describe('containment', () => {
  const settings = { teams: [{ ...team, deployments: [{ from: 'releases' as const }] }] };

  it('finds a squash merge in a deployment of a later commit', () => {
    const commits = [...line('acme/a', [1, 2], at('2026-03-01')), commit('acme/a', 'release commit', ['acme/a#2'], at('2026-03-02'))];
    const organisation = new Organisation(
      settings,
      {
        repositories: [repository('acme/a')],
        commits,
        pullRequests: [pull('acme/a', 1, { mergedAt: at('2026-03-01') }), pull('acme/a', 2, { mergedAt: at('2026-03-01 06:00') })],
        deployments: [release('acme/a', 'v0', 'acme/a#1', at('2026-03-01 01:00')), release('acme/a', 'v1', 'release commit', at('2026-03-02 06:00'))],
      },
      range
    );
    expect(organisation.rows({ queryType: 'changes' }).map(({ number, deploymentId, state }) => [number, deploymentId, String(state).slice(0, 9)])).toEqual([
      [1, 'releases:acme/a:v0', 'in the ba'],
      [2, 'releases:acme/a:v1', 'delivered'],
    ]);
    expect(organisation.number({ metric: 'lead-time' })).toBe(24 * 3_600);
  });

  it('gives what the first deployment contains to the baseline, not to lead time', () => {
    const years = [pull('acme/a', 1, { createdAt: at('2020-01-01'), mergedAt: at('2020-01-02') }), pull('acme/a', 2, { mergedAt: at('2026-03-02') })];
    const organisation = new Organisation(
      settings,
      {
        repositories: [repository('acme/a')],
        commits: line('acme/a', [1, 2], at('2020-01-02')),
        pullRequests: years,
        deployments: [release('acme/a', 'v1', 'acme/a#1', at('2026-03-01')), release('acme/a', 'v2', 'acme/a#2', at('2026-03-02 02:00'))],
      },
      range
    );
    expect(organisation.number({ metric: 'lead-time' })).toBe(2 * 3_600);
    expect(organisation.number({ measure: 'count' })).toBe(2);
    // Added on request: 2,251 days from 2020-01-01 to 2026-03-01, and 2 h; the mean of both.
    expect(organisation.number({ metric: 'lead-time', includeBaseline: true })).toBe((2_251 * 86_400 + 7_200) / 2);
  });
});

describe('OpsItems', () => {
  it('are restored by a fix that was merged by squash and names them', () => {
    const id = 'oi-0123456789ab';
    const organisation = new Organisation(
      { teams: [{ ...team, incidents: [{ from: 'opsitems' as const }] }] },
      {
        repositories: [repository('acme/a')],
        pullRequests: [
          pull('acme/a', 6, { mergedAt: at('2026-03-02') }),
          pull('acme/a', 7, { title: `fix(${id}): x (#7)`, mergedAt: at('2026-03-02 05:00'), references: [{ relation: 'mentions', target: id }] }),
        ],
        incidents: [
          incident(`opsitems:ops:us-east-1:${id}`, { origin: 'opsitems', openedAt: at('2026-03-02 01:00'), resolvedAt: at('2026-03-09'), resolvedBy: 'last-modified', status: 'Resolved' }),
        ],
      },
      range
    );
    expect(organisation.rows({ queryType: 'incidents' })[0]).toMatchObject({ resolvedAt: at('2026-03-02 05:00'), resolvedBy: 'fix deployment merged-pull-requests:R:acme/a#7', deploymentId: 'merged-pull-requests:R:acme/a#6' });
    expect(organisation.number({ metric: 'time-to-restore' })).toBe(4 * 3_600);
    // The deployment that delivers nothing but the fix is rework: one of two.
    expect(organisation.number({ metric: 'rework-rate' })).toBe(50);
  });

  it('end where their operational data says, before anything else', () => {
    const organisation = new Organisation(
      { teams: [{ ...team, incidents: [{ from: 'opsitems' as const }] }] },
      {
        repositories: [repository('acme/a')],
        pullRequests: [pull('acme/a', 7, { mergedAt: at('2026-03-02 05:00'), references: [{ relation: 'mentions', target: 'oi-0123456789ab' }] })],
        incidents: [incident('opsitems:ops:us-east-1:oi-0123456789ab', { origin: 'opsitems', openedAt: at('2026-03-02 01:00'), resolvedAt: at('2026-03-02 02:00'), resolvedBy: 'operational-data' })],
      },
      range
    );
    expect(organisation.number({ metric: 'time-to-restore' })).toBe(3_600);
  });
});

describe('sharing', () => {
  const pulls = [pull('acme/a', 1, { mergedAt: at('2026-03-02') }), pull('acme/b', 1, { mergedAt: at('2026-03-03') })];
  const settings = {
    teams: [
      { name: 'One', repositories: ['acme/a'] },
      { name: 'Two', repositories: ['acme/*'] },
    ],
  };
  const organisation = new Organisation(settings, { repositories: [repository('acme/a'), repository('acme/b')], pullRequests: pulls }, range);

  it('counts a repository of two teams in each and once in all', () => {
    expect(organisation.numbers({ measure: 'count' }).map(({ labels, value }) => [labels.team, value])).toEqual([
      ['One', 1],
      ['Two', 2],
    ]);
    expect(organisation.number({ measure: 'count', groupBy: 'none' })).toBe(2);
    expect(organisation.rows({ queryType: 'changes', groupBy: 'none' })).toHaveLength(2);
    expect(organisation.answer({}).notices.map(({ text }) => text)).toEqual(['Some belong to more than one team and count in each: acme/a.']);
  });

  it('labels every series apart', () => {
    expect(organisation.numbers({ groupBy: 'repository' }).map(({ labels }) => labels)).toEqual([
      { team: 'One', repository: 'acme/a' },
      { team: 'Two', repository: 'acme/a' },
      { team: 'Two', repository: 'acme/b' },
    ]);
    expect(organisation.numbers({ groupBy: 'service' }).map(({ labels }) => labels.service)).toEqual(['acme/a', 'acme/a', 'acme/b']);
  });

  it('refuses a team that does not exist, by name', () => {
    expect(() => organisation.answer({ teams: ['Three'] })).toThrow(expect.objectContaining({ code: 'TEAM_UNKNOWN', field: 'teams' }));
    expect(organisation.numbers({ teams: ['T*'] })).toHaveLength(1);
  });
});

describe('failed deployments and rollbacks', () => {
  const settings = { teams: [{ name: 'T', repositories: ['acme/a'], deployments: [{ from: 'events' as const }], incidents: [{ from: 'failed-deployments' as const }] }] };
  const commits = line('acme/a', [1, 2, 3], at('2026-03-01'));
  const of = (id: string, name: string, when: string, over: object = {}) =>
    deployment(`events:${id}`, { service: 'api', finishedAt: at(when), revisions: [{ repository: 'R:acme/a', repositoryName: null, sha: sha(`acme/a#${name}`) }], ...over });

  it('tell kinds by revision: back is a rollback, again a retry, forward again standard', () => {
    const organisation = new Organisation(
      settings,
      {
        repositories: [repository('acme/a')],
        commits,
        deployments: [
          of('1', '1', '2026-03-02'),
          of('2', '2', '2026-03-03'),
          of('3', '1', '2026-03-03 02:00'),
          of('4', '1', '2026-03-03 03:00'),
          of('5', '2', '2026-03-04'),
          of('6', '3', '2026-03-05', { outcome: 'failed' }),
          of('7', '3', '2026-03-05 01:00', { outcome: 'failed' }),
          of('8', '3', '2026-03-05 04:00'),
        ],
      },
      range
    );
    const rows = organisation.rows({ queryType: 'deployments' });
    expect(rows.map(({ kind, status, failed }) => [kind, status, failed])).toEqual([
      ['standard', 'succeeded', false],
      ['standard', 'succeeded', true],
      ['rollback', 'succeeded', false],
      ['retry', 'succeeded', false],
      ['standard', 'succeeded', false],
      ['standard', 'failed', true],
      ['standard', 'failed', true],
      ['standard', 'succeeded', false],
    ]);
    // All: four succeeded standard and two failed attempts. Failed: the replaced one and both attempts.
    expect(organisation.number({ metric: 'change-failure-rate', groupBy: 'none' })).toBe(50);
    expect(organisation.rows({ queryType: 'incidents' }).map(({ openedAt, resolvedAt, deploymentId }) => [openedAt, resolvedAt, deploymentId])).toEqual([
      [at('2026-03-03'), at('2026-03-03 02:00'), 'events:2'],
      [at('2026-03-05'), at('2026-03-05 04:00'), 'events:6'],
    ]);
    expect(organisation.number({ measure: 'count', groupBy: 'none' })).toBe(4);
    expect(organisation.number({ measure: 'count', groupBy: 'none', includeRollbacks: true, includeRetries: true })).toBe(6);
  });
});
