import fc from 'fast-check';
import { Organisation } from '../../tests/engine/facts';
import { BEGIN, END, organisationOf, runs, seeds } from '../../tests/engine/organisation';
import { firstCommitAt, leadTimeOf, referenceTeam, referenceValues } from '../../tests/engine/reference';
import { METRICS } from '../shared/query';
import { parseSettings } from '../shared/settings';

const RANGE = { from: BEGIN, to: END };
const EVER = { from: 0, to: END + 10 ** 10 };
const byId = (a: unknown[], b: unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1);

describe('a slow and plain implementation', () => {
  it('agrees on deployments, deliveries, incidents and every weekly value of random organisations', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { settings, batch } = organisationOf(seed);
        const organisation = new Organisation(settings, batch, RANGE, END);
        for (const team of parseSettings(settings).settings.teams) {
          const expected = referenceTeam(team, batch);
          const ask = { teams: [team.name] };

          const deployments = organisation.rows({ ...ask, queryType: 'deployments' }, EVER);
          expect(deployments.map((row) => [row.id, row.service, row.kind, row.status, row.inRate && row.failed, row.rework, row.baseline]).sort(byId)).toEqual(
            expected.deployments
              .map((one) => {
                const inRate = one.kind === 'standard' && !one.excluded && (one.succeeded || team.incidents.some(({ from }) => from === 'failed-deployments'));
                return [one.id, one.service, one.kind, one.succeeded ? 'succeeded' : 'failed', inRate && one.failed, inRate && one.rework, one.baseline];
              })
              .sort(byId)
          );

          const changes = organisation.rows({ ...ask, queryType: 'changes' }, EVER).filter((row) => row.deploymentId !== null);
          expect(changes.map((row) => [`${row.deploymentId} ${row.repository}#${row.number}`, row.counted, row.leadTime, row.firstCommitAt]).sort(byId)).toEqual(
            expected.deployments
              .flatMap((one) =>
                one.delivered.map((pull) => [
                  `${one.id} ${pull.repository.slice(2)}#${pull.number}`,
                  !one.baseline && !expected.excluded.has(pull.id) && (one.own !== null || !expected.carriers.has(pull.id)),
                  leadTimeOf(pull, one) / 1000,
                  firstCommitAt(pull),
                ])
              )
              .sort(byId)
          );

          const incidents = organisation.rows({ ...ask, queryType: 'incidents' }, EVER);
          expect(incidents.map((row) => [`${row.id} ${row.service}`, row.openedAt, row.resolvedAt, row.deploymentId]).sort(byId)).toEqual(
            expected.incidents.map((one) => [`${one.id} ${one.service}`, one.openedAt, one.resolvedAt, one.deployment?.id ?? null]).sort(byId)
          );
          expect(organisation.rows({ ...ask, queryType: 'data-quality' }, EVER).find(({ check }) => check === 'reverted before release')!.count).toBe(expected.beforeRelease);

          for (const metric of METRICS) {
            const [series] = organisation.series({ ...ask, metric });
            expect(series.times.length).toBe(8);
            series.times.forEach((start, index) => {
              const value = referenceValues(team, expected, start, Math.min(series.times[index + 1] ?? END, END))[metric];
              if (value === null) {
                expect(series.values[index]).toBeNull();
              } else {
                expect(series.values[index]).toBeCloseTo(value, 6);
              }
            });
          }
        }
      }),
      runs(200, 10_000)
    );
  });
});
