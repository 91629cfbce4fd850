import { at, HOUR_MS, line, Organisation, pull, release, repository } from '../../../tests/engine/facts';

const range = { from: at('2026-03-01'), to: at('2026-03-31') };

describe('a hotfix', () => {
  // v1 (baseline) → v2 delivers #2 → v3 delivers the hotfix #3 → v4 delivers #4, which reverts that hotfix.
  const organisation = new Organisation(
    { teams: [{ name: 'T', repositories: ['acme/a'], deployments: [{ from: 'releases' }], incidents: [{ from: 'reverts' }, { from: 'hotfixes' }] }] },
    {
      repositories: [repository('acme/a')],
      commits: line('acme/a', [1, 2, 3, 4], at('2026-03-01')),
      pullRequests: [
        pull('acme/a', 1, { mergedAt: at('2026-03-01') }),
        pull('acme/a', 2, { mergedAt: at('2026-03-02') }),
        pull('acme/a', 3, { mergedAt: at('2026-03-03'), headBranch: 'hotfix/3' }),
        pull('acme/a', 4, { mergedAt: at('2026-03-04'), references: [{ relation: 'reverts', target: '#3' }] }),
      ],
      deployments: [
        release('acme/a', 'v1', 'acme/a#1', at('2026-03-01 12:00')),
        release('acme/a', 'v2', 'acme/a#2', at('2026-03-02 12:00')),
        release('acme/a', 'v3', 'acme/a#3', at('2026-03-03 14:00')),
        release('acme/a', 'v4', 'acme/a#4', at('2026-03-04 12:00')),
      ],
    },
    range
  );

  it('that was reverted later is an incident of its own: it repaired one deployment and broke the next', () => {
    const incidents = organisation.rows({ queryType: 'incidents' }).map(({ source, deploymentId, restoreTime }) => [source, deploymentId, restoreTime]);
    expect(incidents).toEqual([
      // v2 at 2 March 12:00 → v3 at 3 March 14:00.
      ['hotfixes', 'releases:acme/a:v2', (26 * HOUR_MS) / 1000],
      // v3 at 3 March 14:00 → v4 at 4 March 12:00.
      ['reverts', 'releases:acme/a:v3', (22 * HOUR_MS) / 1000],
    ]);
    // v2 and v3 of v1 … v4 failed; the mean of 26 h and 22 h is 24 h.
    expect(organisation.number({ metric: 'change-failure-rate' })).toBe(50);
    expect(organisation.number({ metric: 'time-to-restore' })).toBe((24 * HOUR_MS) / 1000);
  });
});
