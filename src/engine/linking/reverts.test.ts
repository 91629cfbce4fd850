import { at, HOUR_MS, line, Organisation, pull, release, repository } from '../../../tests/engine/facts';

describe('a revert in a repository of several services', () => {
  // #2 touches web only and reaches production with web@2; #3 takes it back, touches both, and is delivered by api@2 and web@3.
  const organisation = new Organisation(
    {
      teams: [
        {
          name: 'T',
          repositories: ['acme/mono'],
          services: [
            { name: 'api', repository: 'acme/mono', paths: ['api/**'], tags: 'api@*' },
            { name: 'web', repository: 'acme/mono', paths: ['web/**'], tags: 'web@*' },
          ],
          deployments: [{ from: 'releases' }],
          incidents: [{ from: 'reverts' }],
        },
      ],
    },
    {
      repositories: [repository('acme/mono')],
      commits: line('acme/mono', [1, 2, 3], at('2026-03-01')),
      pullRequests: [
        pull('acme/mono', 1, { mergedAt: at('2026-03-01'), files: ['api/a.ts', 'web/a.ts'] }),
        pull('acme/mono', 2, { mergedAt: at('2026-03-02'), files: ['web/a.ts'] }),
        pull('acme/mono', 3, { mergedAt: at('2026-03-03'), files: ['api/a.ts', 'web/a.ts'], references: [{ relation: 'reverts', target: '#2' }] }),
      ],
      deployments: [
        release('acme/mono', 'api@1', 'acme/mono#1', at('2026-03-01 01:00')),
        release('acme/mono', 'web@1', 'acme/mono#1', at('2026-03-01 01:00')),
        release('acme/mono', 'web@2', 'acme/mono#2', at('2026-03-02 01:00')),
        release('acme/mono', 'api@2', 'acme/mono#3', at('2026-03-03 01:00')),
        release('acme/mono', 'web@3', 'acme/mono#3', at('2026-03-03 01:00')),
      ],
    },
    { from: at('2026-03-01'), to: at('2026-03-31') }
  );

  it('is an incident of the service whose change it takes back, and nothing of the other', () => {
    // web@2 on 2 March 1:00 → web@3 on 3 March 1:00 is a day.
    expect(organisation.rows({ queryType: 'incidents' }).map(({ service, deploymentId, restoreTime }) => [service, deploymentId, restoreTime])).toEqual([
      ['web', 'releases:acme/mono:web@2', (24 * HOUR_MS) / 1000],
    ]);
    expect(organisation.rows({ queryType: 'data-quality' }).find(({ check }) => check === 'reverted before release')).toMatchObject({ count: 0, examples: '' });
  });
});
