import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, commit, deployment, HOUR_MS, incident, line, Organisation, person, pull, release, repository, sha } from '../../tests/engine/facts';
import type { FactBatch } from './model';

/** Examples of docs/metrics.md, computed: the words of the page stand beside what the engine says. */
const PAGE = readFileSync(join(__dirname, '../../docs/metrics.md'), 'utf8').replace(/\s+/g, ' ');

function promised(sentence: string): void {
  expect(PAGE).toContain(sentence);
}

const MARCH = { from: at('2026-03-01'), to: at('2026-03-31') };

/** Releases r1, r2, … of one commit each, a day apart; the first is the baseline. */
function releases(count: number, over: FactBatch = {}, incidents: Array<{ from: 'reverts' | 'hotfixes' | 'events' | 'failed-deployments' }> = [{ from: 'events' }]): Organisation {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return new Organisation(
    { teams: [{ name: 'T', repositories: ['acme/a'], deployments: [{ from: 'releases' }], incidents }] },
    {
      repositories: [repository('acme/a')],
      commits: line('acme/a', numbers, at('2026-03-01')),
      pullRequests: numbers.map((number) => pull('acme/a', number, { mergedAt: at('2026-03-01') + number * 24 * HOUR_MS - HOUR_MS, ...(over.pullRequests?.find((one) => one.number === number) ?? {}) })),
      deployments: [...numbers.map((number) => release('acme/a', `r${number}`, `acme/a#${number}`, at('2026-03-01') + number * 24 * HOUR_MS)), ...(over.deployments ?? [])],
      incidents: over.incidents ?? [],
    },
    MARCH
  );
}

describe('examples of the page on metrics', () => {
  it('deployment frequency', () => {
    promised('Seven deployments in 30 days are 7 in the month, 1.63 a week and 0.233 a day.');
    const organisation = releases(7);
    expect(organisation.number({ measure: 'count' })).toBe(7);
    const perDay = organisation.number({ measure: 'per-day' })!;
    expect(perDay.toFixed(3)).toBe('0.233');
    expect((perDay * 7).toFixed(2)).toBe('1.63');
  });

  it('lead time and its stages', () => {
    promised('First commit on Monday 0:00, opened on Tuesday 20:00, merged on Wednesday 5:00, deployed Wednesday 9:00: 57 hours.');
    const first = at('2026-03-02');
    const organisation = new Organisation(
      { teams: [{ name: 'T', repositories: ['acme/a'], deployments: [{ from: 'releases' }] }] },
      {
        repositories: [repository('acme/a')],
        commits: [commit('acme/a', 'before', [], at('2026-02-20')), commit('acme/a', 'acme/a#1', ['before'], at('2026-03-04 05:00'))],
        pullRequests: [
          pull('acme/a', 1, {
            createdAt: at('2026-03-03 20:00'),
            mergedAt: at('2026-03-04 05:00'),
            commits: [{ sha: sha('own'), authoredAt: first, isMerge: false }],
            reviews: [
              { author: person('reviewer'), state: 'commented', at: at('2026-03-04 00:00') },
              { author: person('reviewer'), state: 'approved', at: at('2026-03-04 03:00') },
            ],
          }),
        ],
        deployments: [release('acme/a', 'v0', 'before', at('2026-02-21')), release('acme/a', 'v1', 'acme/a#1', at('2026-03-04 09:00'))],
      },
      MARCH
    );
    const [row] = organisation.rows({ queryType: 'changes' });
    expect(row.leadTime).toBe(57 * 3_600);
    const stages = { 'commit to open': 44, 'first response': 4, rework: 3, merge: 2, deploy: 4 };
    const words = ['first commit | ready for review', 'ready for review | first review or comment by another person', 'first response | first approval after the last request for changes', 'approval | merge', 'merge | deployment'];
    Object.entries(stages).forEach(([stage, hours], index) => {
      expect([stage, row[stage]]).toEqual([stage, hours * 3_600]);
      promised(`| ${stage} | ${words[index]} | ${hours} |`);
    });
  });

  it('change failure rate', () => {
    promised('Ten deployments, one rolled back, two incidents on another: two of ten, 20 %.');
    const organisation = releases(
      10,
      {
        // r10 is taken back to r9; two incidents come after r3.
        deployments: [release('acme/a', 'back', 'acme/a#9', at('2026-03-12'), { declared: 'rollback' })],
        incidents: [1, 2].map((number) => incident(`i${number}`, { service: 'acme/a', openedAt: at('2026-03-04 06:00') + number })),
      },
      [{ from: 'events' }, { from: 'failed-deployments' }]
    );
    expect(organisation.number({ metric: 'change-failure-rate' })).toBe(20);
  });

  it('time to restore', () => {
    promised('Opened at 1:00, the fix `fix(oi-…): retry (#7)` deployed at 5:00: 4 hours, though somebody closed the OpsItem a week later.');
    const organisation = new Organisation(
      { teams: [{ name: 'T', repositories: ['acme/a'], deployments: [{ from: 'releases' }], incidents: [{ from: 'opsitems' }] }] },
      {
        repositories: [repository('acme/a')],
        commits: [commit('acme/a', 'acme/a#6', [], at('2026-03-01')), commit('acme/a', 'acme/a#7', ['acme/a#6'], at('2026-03-10 03:00'), { headline: 'fix(oi-0123456789ab): retry (#7)', references: [{ relation: 'mentions', target: 'oi-0123456789ab' }] })],
        pullRequests: [pull('acme/a', 7, { mergedAt: at('2026-03-10 03:00'), title: 'fix(oi-0123456789ab): retry', references: [{ relation: 'mentions', target: 'oi-0123456789ab' }] })],
        deployments: [release('acme/a', 'v6', 'acme/a#6', at('2026-03-02')), release('acme/a', 'v7', 'acme/a#7', at('2026-03-10 05:00'))],
        incidents: [incident('opsitems:oi-0123456789ab', { origin: 'opsitems', openedAt: at('2026-03-10 01:00'), resolvedAt: at('2026-03-17 01:00'), resolvedBy: 'last-modified', status: 'Resolved' })],
      },
      MARCH
    );
    expect(organisation.number({ metric: 'time-to-restore' })).toBe(4 * 3_600);
  });

  it('rework rate', () => {
    promised('Three deployments, one of them a hotfix alone: 33 %.');
    const organisation = releases(3, { pullRequests: [pull('acme/a', 2, { mergedAt: at('2026-03-02 23:00'), headBranch: 'hotfix/2' })] }, [{ from: 'hotfixes' }]);
    expect(organisation.number({ metric: 'rework-rate' })!.toFixed(0)).toBe('33');
  });

  it('confidence', () => {
    promised('One failure in four deployments is 25 %, and anything between 5 and 70 % would explain it');
    const organisation = releases(4, { incidents: [incident('i', { service: 'acme/a', openedAt: at('2026-03-03 06:00') })] });
    const [value] = organisation.numbers({ metric: 'change-failure-rate', confidence: true });
    expect(value.value).toBe(25);
    expect(value.lower!).toBeCloseTo(5, 0);
    expect(value.upper!).toBeCloseTo(70, 0);
  });

  it('a deployment of another tool says when it is a rollback', () => {
    promised('or because its tool says so');
    const organisation = releases(2, { deployments: [deployment('releases:x', { origin: 'releases', finishedAt: at('2026-03-20'), declared: 'rollback', revisions: [{ repository: 'R:acme/a', repositoryName: 'acme/a', sha: sha('acme/a#1') }] })] });
    expect(organisation.rows({ queryType: 'deployments' }).map(({ kind }) => kind)).toEqual(['standard', 'standard', 'rollback']);
  });
});
