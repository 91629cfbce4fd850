import type { SyncScopeStatus } from '../src/shared/resources';
import { progressLine, summarise } from './terminal-progress';
import { duration, renderTeams } from './terminal-report';

function scope(changes: Partial<SyncScopeStatus>): SyncScopeStatus {
  return { scope: 'acme/a', phase: 'history', fetched: 0, total: null, lastSuccessAt: null, resumesAt: null, error: null, ...changes };
}

const source = { source: 'github' as const, rateLimits: [], lastSuccessAt: null };

describe('terminal', () => {
  it('tells how far a synchronisation is', () => {
    expect(summarise({ sources: [{ ...source, running: true, scopes: [] }] })).toMatchObject({ ended: false, share: null });
    expect(summarise({ sources: [{ ...source, running: false, scopes: [] }] })).toMatchObject({ ended: false });
    const half = summarise({ sources: [{ ...source, running: true, scopes: [scope({ fetched: 10, total: 100 }), scope({ fetched: 90, total: 100, phase: 'done' })] }] });
    expect(half).toMatchObject({ ended: false, share: 0.5, scopes: 2, done: 1, fetched: 100 });
    expect(progressLine(half)).toContain(' 50%  1 of 2 repositories, 100 facts');
  });

  it('tells the share of what says how much it has, and counts AWS beside it', () => {
    const aws = { ...source, source: 'codepipeline' as const, running: true, scopes: [scope({ scope: 'tooling/eu-west-1', fetched: 400 })] };
    const both = summarise({ sources: [{ ...source, running: true, scopes: [scope({ fetched: 25, total: 100 })] }, aws] });
    expect(both).toMatchObject({ ended: false, share: 0.25, scopes: 2, fetched: 425 });
    expect(progressLine(both)).toContain(' 25%  0 of 2 repositories and AWS regions, 425 facts');
  });

  it('ends when nothing runs, and names what failed', () => {
    const error = { code: 'GITHUB_REPOSITORY_GONE', message: 'acme/b is gone' } as const;
    const ended = summarise({ sources: [{ ...source, running: false, scopes: [scope({ phase: 'done' }), scope({ scope: 'acme/b', phase: 'failed', error })] }] });
    expect(ended).toMatchObject({ ended: true, share: 1, done: 1, failed: 1 });
    expect(progressLine(ended)).toContain('acme/b is gone [GITHUB_REPOSITORY_GONE]');
  });

  it('prints a table a team, with gaps as gaps', () => {
    expect(
      renderTeams([
        {
          team: 'Payments',
          weeks: [
            { start: '2024-02-26', deployments: 12, leadTimeSeconds: 216_000, failurePercent: 8.333, restoreSeconds: 2_700 },
            { start: '2024-03-04', deployments: 0, leadTimeSeconds: null, failurePercent: null, restoreSeconds: null },
          ],
        },
      ]),
    ).toBe(
      [
        '',
        'Payments',
        '  week of     deployments  lead time  failure rate  time to restore',
        '  2024-02-26           12      2.5 d         8.3 %         45.0 min',
        '  2024-03-04            0          –             –                –',
        '',
      ].join('\n'),
    );
    expect([duration(0), duration(59), duration(3_600), duration(86_400 * 400)]).toEqual(['0.0 s', '59.0 s', '1.0 h', '400.0 d']);
  });
});
