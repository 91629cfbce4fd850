import fc from 'fast-check';
import { at, commit, DAY_MS, deployment, HOUR_MS, incident, Organisation, pull, repository, type Row, sha } from '../../tests/engine/facts';
import { BEGIN, Dice, END, organisationOf, type RandomOrganisation, runs, seeds } from '../../tests/engine/organisation';
import { METRICS, type StoredDoraQuery } from '../shared/query';
import { parseSettings } from '../shared/settings';
import { createEngine } from './index';
import type { FactBatch } from './model';
import { STAGES } from './moments';

const RANGE = { from: BEGIN, to: END };
const EVER = { from: 0, to: END + 10 ** 10 };
const ZONES = ['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Europe/Berlin', 'Pacific/Apia'];

function open({ settings, batch }: RandomOrganisation): Organisation {
  return new Organisation(settings, batch, RANGE, END);
}

/** All that an organisation answers: every table, and every metric in several shapes. */
function everything(organisation: Organisation): unknown {
  const shapes: StoredDoraQuery[] = [{}, { groupBy: 'none' }, { groupBy: 'service', statistic: 'median' }, { groupBy: 'repository' }, { window: 'rolling', rollingDays: 10, interval: 'day' }];
  return {
    tables: (['changes', 'deployments', 'incidents', 'levels', 'data-quality'] as const).map((queryType) => organisation.answer({ queryType }, EVER)),
    metrics: METRICS.flatMap((metric) => shapes.map((shape) => organisation.answer({ ...shape, metric }))),
    stages: organisation.answer({ queryType: 'stages' }),
    catalogue: organisation.engine.catalogue(),
  };
}

function shuffled<T>(list: readonly T[], dice: Dice): T[] {
  const copy = [...list];
  for (let index = copy.length - 1; index > 0; index -= 1) {
    const other = dice.below(index + 1);
    [copy[index], copy[other]] = [copy[other], copy[index]];
  }
  return copy;
}

function shuffledBatch(batch: RandomOrganisation['batch'], dice: Dice): RandomOrganisation['batch'] {
  return {
    repositories: shuffled(batch.repositories, dice),
    pullRequests: shuffled(batch.pullRequests, dice),
    commits: shuffled(batch.commits, dice),
    deployments: shuffled(batch.deployments, dice),
    incidents: shuffled(batch.incidents, dice),
  };
}

/** The batch dealt out over several, each fact once. */
function dealt(batch: RandomOrganisation['batch'], parts: number, dice: Dice): FactBatch[] {
  type Part = Required<Omit<FactBatch, 'coverage' | 'removed'>>;
  const batches = Array.from({ length: parts }, (): Part => ({ repositories: [], pullRequests: [], commits: [], deployments: [], incidents: [] }));
  batch.repositories.forEach((fact) => dice.pick(batches).repositories.push(fact));
  batch.pullRequests.forEach((fact) => dice.pick(batches).pullRequests.push(fact));
  batch.commits.forEach((fact) => dice.pick(batches).commits.push(fact));
  batch.deployments.forEach((fact) => dice.pick(batches).deployments.push(fact));
  batch.incidents.forEach((fact) => dice.pick(batches).incidents.push(fact));
  return batches;
}

function law(name: string, check: (organisation: RandomOrganisation, dice: Dice) => void, short = 25): void {
  it(name, () => {
    fc.assert(
      fc.property(seeds, (seed) => check(organisationOf(seed), new Dice(seed + 1))),
      runs(short, 1_000)
    );
  });
}

/** Equal but for rounding; nothing equals nothing. */
function expectSame(value: number | null, expected: number | null): void {
  if (value === null || expected === null || Number.isNaN(expected)) {
    expect([value === null, expected === null || Number.isNaN(expected)]).toEqual([true, true]);
  } else {
    expect(value).toBeCloseTo(expected, 6);
  }
}

const number = (cell: Row[string]): number => (typeof cell === 'number' ? cell : NaN);

describe('laws of any organisation', () => {
  law('stages are never negative and add up to the lead time, to the millisecond', (random) => {
    for (const row of open(random).rows({ queryType: 'changes' }, EVER).filter(({ deployedAt }) => deployedAt !== null)) {
      const stages = STAGES.map((stage) => Math.round(number(row[stage]) * 1000));
      stages.forEach((stage) => expect(stage).toBeGreaterThanOrEqual(0));
      expect(stages.reduce((sum, stage) => sum + stage, 0)).toBe(Math.round(number(row.leadTime) * 1000));
    }
  });

  law('rates lie in 0 … 100 or are gaps, durations are never negative, intervals hold their value', (random) => {
    const organisation = open(random);
    for (const metric of METRICS) {
      for (const statistic of ['mean', 'median', 'p90'] as const) {
        for (const { values, lower, upper } of organisation.series({ metric, statistic, interval: 'day', confidence: true })) {
          values.forEach((value, index) => {
            if (value === null) {
              return;
            }
            expect(value).toBeGreaterThanOrEqual(0);
            if (metric === 'change-failure-rate' || metric === 'rework-rate') {
              expect(value).toBeLessThanOrEqual(100);
            }
            expect(lower![index] ?? value).toBeLessThanOrEqual(value + 1e-9);
            expect(upper![index] ?? value).toBeGreaterThanOrEqual(value - 1e-9);
          });
        }
      }
    }
  });

  law('counts of days add up to weeks, and to the whole, in any zone', (random, dice) => {
    const organisation = open(random);
    const timezone = dice.pick(ZONES);
    // A range of whole weeks of the zone: its buckets need no widening.
    const weeks = organisation.series({ timezone })[0];
    const range = { from: weeks.times[0], to: END };
    const sum = (values: Array<number | null>): number | null => values.reduce<number | null>((total, value) => (value === null ? total : (total ?? 0) + value), null);
    for (const groupBy of ['team', 'none'] as const) {
      const byDay = organisation.series({ interval: 'day', timezone, groupBy }, range);
      const byWeek = organisation.series({ interval: 'week', timezone, groupBy }, range);
      const whole = organisation.numbers({ measure: 'count', timezone, groupBy }, range);
      byWeek.forEach((week, index) => {
        expect(sum(week.values)).toBe(whole[index].value);
        expect(sum(byDay[index].values)).toBe(whole[index].value);
        week.times.forEach((start, at) => {
          const end = week.times[at + 1] ?? Infinity;
          expect(sum(byDay[index].values.filter((_, day) => byDay[index].times[day] >= start && byDay[index].times[day] < end))).toBe(week.values[at]);
        });
      });
      // Zones move facts between buckets, never in or out.
      expect(organisation.numbers({ measure: 'count', groupBy }, range).map(({ value }) => value)).toEqual(whole.map(({ value }) => value));
    }
  });

  law('the order that facts came in is irrelevant', (random, dice) => {
    expect(everything(open({ ...random, batch: shuffledBatch(random.batch, dice) }))).toEqual(everything(open(random)));
  }, 8);

  law('facts that come bit by bit, with questions and background steps in between, end as facts that came at once', (random, dice) => {
    const engine = createEngine(parseSettings(random.settings).settings);
    const organisation = new Organisation(random.settings, {}, RANGE, END);
    Object.assign(organisation, { engine });
    let background = engine.link();
    for (const part of dealt(random.batch, 1 + dice.below(5), dice)) {
      engine.apply(part);
      for (let steps = dice.below(8); steps > 0; steps -= 1) {
        if (background.next().done) {
          background = engine.link();
        }
      }
      if (dice.chance(0.5)) {
        everything(organisation);
      }
    }
    while (!background.next().done) {
      // The rest of the background's work.
    }
    expect(everything(organisation)).toEqual(everything(open(random)));
  }, 8);

  law('a fact that was another before, or is taken away again, leaves no trace', (random, dice) => {
    const { batch } = random;
    const organisation = new Organisation(random.settings, batch, RANGE, END);
    const before = everything(organisation);
    organisation.engine.apply({
      pullRequests: [pull('acme/a', 9_001, { mergedAt: BEGIN + DAY_MS, references: [{ relation: 'reverts', target: '#1' }] })],
      deployments: [deployment('events:extra', { service: 'acme/a', finishedAt: BEGIN + DAY_MS, outcome: 'failed' })],
      incidents: [incident('extra', { openedAt: BEGIN + 2 * DAY_MS })],
    });
    const changed = batch.pullRequests.map((fact) => ({ ...fact, title: 'other', baseBranch: 'other', mergeSha: sha('other'), labels: ['hotfix'], mergedAt: fact.mergedAt + DAY_MS }));
    organisation.engine.apply({ pullRequests: changed, deployments: batch.deployments.map((fact) => ({ ...fact, outcome: dice.pick(['failed', 'succeeded'] as const), service: 'moved', revisions: [] })) });
    everything(organisation);
    organisation.engine.apply({ ...batch });
    organisation.engine.apply({
      removed: [
        { kind: 'pullRequests', id: 'R:acme/a#9001' },
        { kind: 'deployments', id: 'events:extra' },
        { kind: 'incidents', id: 'extra' },
      ],
    });
    expect(everything(organisation)).toEqual(before);
  }, 8);

  law('a snapshot holds everything, and goes on where it was taken', (random, dice) => {
    const parts = dealt(random.batch, 2, dice);
    const first = createEngine(parseSettings(random.settings).settings);
    first.apply(parts[0]);
    const pieces = [...first.snapshot!()];
    const engine = createEngine(parseSettings(random.settings).settings);
    const restoration = engine.restore!();
    pieces.forEach((piece) => restoration.take(piece));
    for (const step of restoration.finish()) {
      expect(step).toBeUndefined();
    }
    const organisation = new Organisation(random.settings, {}, RANGE, END);
    Object.assign(organisation, { engine });
    expect(everything(organisation)).toEqual(everything(open({ ...random, batch: parts[0] as RandomOrganisation['batch'] })));
    engine.apply(parts[1]);
    expect(everything(organisation)).toEqual(everything(open(random)));
  }, 8);

  law('unrelated facts change nothing', (random) => {
    const organisation = open(random);
    const before = everything(organisation);
    const name = 'other/z';
    organisation.engine.apply({
      repositories: [],
      commits: [commit(name, 'z1', [], BEGIN), commit(name, 'z2', ['z1'], BEGIN)],
      pullRequests: [pull(name, 1, { mergedAt: BEGIN + DAY_MS, mergeSha: sha('z1') }), pull(name, 2, { mergedAt: BEGIN + DAY_MS, references: [{ relation: 'reverts', target: '#1' }] })],
      deployments: [deployment('releases:z', { origin: 'releases', finishedAt: BEGIN + DAY_MS, revisions: [{ repository: `R:${name}`, repositoryName: name, sha: sha('z2') }] })],
      incidents: [incident('issue:z', { origin: 'github-issues', repository: `R:${name}`, number: 1, labels: ['incident'], openedAt: BEGIN + DAY_MS })],
    });
    expect(everything(organisation)).toEqual(before);
  }, 8);

  law('a rolling point is the range over its days', (random, dice) => {
    const organisation = open(random);
    const rollingDays = 1 + dice.below(20);
    for (const metric of METRICS) {
      for (const statistic of ['mean', 'p75'] as const) {
        const series = organisation.series({ metric, statistic, window: 'rolling', rollingDays, interval: 'day' });
        series.forEach((one, index) => {
          const point = dice.below(one.times.length);
          const to = one.times[point] + DAY_MS;
          const range = { from: to - rollingDays * DAY_MS, to };
          expect(organisation.numbers({ metric, statistic, measure: 'count' }, range)[index].value).toEqual(one.values[point]);
        });
      }
    }
  });

  law('repositories of one definition recombine to their team', (random) => {
    const organisation = open(random);
    const total = (groupBy: 'team' | 'repository' | 'service'): Map<string, number> => {
      const sums = new Map<string, number>();
      for (const { labels, value } of organisation.numbers({ groupBy, measure: 'count' })) {
        sums.set(labels.team, (sums.get(labels.team) ?? 0) + value!);
      }
      return sums;
    };
    for (const [team, count] of total('team')) {
      expect(total('service').get(team) ?? 0).toBe(count);
      expect(total('repository').get(team) ?? 0).toBe(count);
    }
  });

  law('a later deployment takes nothing from an earlier one', (random) => {
    const before = open(random).rows({ queryType: 'changes' }, EVER).filter(({ deploymentId }) => deploymentId !== null);
    const later = random.batch.deployments.map((fact) => ({ ...fact, id: `${fact.id} again`, startedAt: END + HOUR_MS, finishedAt: END + HOUR_MS }));
    const organisation = open({ ...random, batch: { ...random.batch, deployments: [...random.batch.deployments, ...later] } });
    const key = (row: Row): string => JSON.stringify([row.team, row.service, row.repository, row.number, row.deploymentId, row.leadTime]);
    const after = new Set(organisation.rows({ queryType: 'changes' }, EVER).map(key));
    before.forEach((row) => expect(after).toContain(key(row)));
  });

  law('the rows behind a point add up to it', (random, dice) => {
    const organisation = open(random);
    for (const groupBy of ['team', 'none'] as const) {
      const [frequency] = organisation.series({ groupBy });
      const point = dice.below(frequency.times.length);
      const range = { from: frequency.times[point], to: frequency.times[point + 1] ?? END };
      const teams = groupBy === 'team' ? [frequency.labels.team] : [];
      const value = (metric: (typeof METRICS)[number]): number | null => organisation.series({ metric, groupBy, teams })[0].values[point];
      const mean = (values: number[]): number | null => (values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length);

      const deployments = organisation.rows({ queryType: 'deployments', groupBy, teams }, range);
      expect(deployments.filter(({ counted }) => counted)).toHaveLength(value('deployment-frequency') ?? 0);
      const inRate = deployments.filter((row) => row.inRate);
      expectSame(value('change-failure-rate'), (100 * inRate.filter(({ failed }) => failed).length) / inRate.length);
      expectSame(value('rework-rate'), (100 * inRate.filter(({ rework }) => rework).length) / inRate.length);

      const changes = organisation.rows({ queryType: 'changes', groupBy, teams }, range).filter(({ counted }) => counted);
      expectSame(value('lead-time'), mean(changes.map(({ leadTime }) => number(leadTime))));
      const incidents = organisation.rows({ queryType: 'incidents', metric: 'time-to-restore', groupBy, teams }, range);
      // A team of which no service is known has no value, whatever its incidents.
      const known = organisation.engine.catalogue().services.some(({ team }) => teams.length === 0 || teams.includes(team));
      expectSame(value('time-to-restore'), !known ? null : mean(incidents.map(({ restoreTime }) => number(restoreTime))));
    }
  });

  law('background work comes in steps', (random) => {
    const engine = createEngine(parseSettings(random.settings).settings);
    engine.apply(random.batch);
    let steps = 0;
    for (const step of engine.link()) {
      expect(step).toBeUndefined();
      steps += 1;
    }
    expect(steps).toBeGreaterThan(0);
  }, 5);
});

describe('a repository that is renamed', () => {
  it('keeps its facts and is found by both names', () => {
    const settings = { teams: [{ name: 'A', repositories: ['acme/old'] }, { name: 'B', repositories: ['acme/new'] }] };
    const organisation = new Organisation(settings, { repositories: [{ ...repository('acme/old'), id: 'R:acme/a' }], pullRequests: [pull('acme/a', 1, { mergedAt: at('2026-03-02') })] }, RANGE, END);
    expect(organisation.numbers({ measure: 'count' }).map(({ value }) => value)).toEqual([1, null]);
    organisation.engine.apply({ repositories: [{ ...repository('acme/new'), id: 'R:acme/a', formerNames: ['acme/old'] }] });
    expect(organisation.numbers({ measure: 'count' }).map(({ value }) => value)).toEqual([1, 1]);
    expect(organisation.engine.catalogue().repositories).toEqual(['acme/new']);
  });
});
