import { DoraError } from '../shared/errors';
import { matchesGlobs } from '../shared/glob';
import type { DoraQuery } from '../shared/query';
import type { Settings } from '../shared/settings';
import type { Answer, Column, Notice, Series } from './answer';
import { type Calendar, checkRange } from './buckets';
import type { Catalogue, DoraEngine, Restoration, TimeRange } from './engine';
import { Facts } from './facts/facts';
import { SnapshotReader, writeSnapshot } from './facts/snapshot';
import { Linker } from './linking/linked-team';
import type { FactBatch, Instant } from './model';
import { numbersOf, type Question, seriesOf } from './series';
import { changesTable } from './tables/changes';
import { dataQualityTable } from './tables/data-quality';
import { deploymentsTable } from './tables/deployments';
import { incidentsTable } from './tables/incidents';
import { levelNumbers, levelsTable } from './tables/levels';

export type { Catalogue, DoraEngine, TimeRange } from './engine';

class Engine implements DoraEngine {
  private facts = new Facts();
  private linker = new Linker(this.facts);
  private settings: Settings;

  constructor(settings: Settings) {
    this.settings = settings;
    this.linker.configure(settings);
  }

  configure(settings: Settings): void {
    this.settings = settings;
    this.linker.configure(settings);
  }

  apply(batch: FactBatch): void {
    this.facts.apply(batch);
  }

  link(): Generator<void, void> {
    return this.linker.all();
  }

  snapshot(): Generator<Uint8Array, boolean> {
    return writeSnapshot(this.facts);
  }

  restore(): Restoration {
    const reader = new SnapshotReader();
    const replace = (facts: Facts): void => {
      this.facts = facts;
      this.linker = new Linker(facts);
      this.linker.configure(this.settings);
    };
    return {
      take: (piece) => reader.take(piece),
      *finish() {
        replace(yield* reader.finish());
      },
    };
  }

  answer(query: DoraQuery, range: TimeRange, now: Instant): Answer {
    checkRange(range);
    const calendar: Calendar = { timezone: query.timezone ?? this.settings.timezone, weekStart: this.settings.weekStart };
    const chosen = this.chooseTeams(query.teams);
    if (chosen.length === 0) {
      return nothing(query);
    }
    const question: Question = { query, range, now, calendar, teams: chosen.map((index) => this.linker.team(index)), facts: this.facts };
    switch (query.queryType) {
      case 'changes':
        return changesTable(question, this.linker.changeIndex);
      case 'deployments':
        return deploymentsTable(question);
      case 'incidents':
        return incidentsTable(question);
      case 'data-quality':
        return dataQualityTable(question, this.linker.changeIndex);
      case 'levels':
        return query.format === 'number' ? { kind: 'numbers', ...levelNumbers(question) } : levelsTable(question);
      case 'metric':
      case 'stages':
        if (query.format === 'number') {
          return { kind: 'numbers', ...numbersOf(question) };
        }
        if (query.format === 'table') {
          return asTable(query, seriesOf(question));
        }
        return { kind: 'timeseries', ...seriesOf(question) };
      default:
        throw new DoraError('QUERY_INVALID', `queryType: ${query.queryType} is not answered from synchronised facts.`, { field: 'queryType' });
    }
  }

  /** Positions of the teams that a query names, in the order of the settings. */
  private chooseTeams(wanted: readonly string[]): number[] {
    const names = this.settings.teams.map(({ name }) => name);
    for (const name of wanted) {
      if (!name.includes('*') && !name.startsWith('!') && !names.includes(name)) {
        throw new DoraError('TEAM_UNKNOWN', `teams: no team is called ${JSON.stringify(name)}.`, { field: 'teams' });
      }
    }
    // A name is a glob that matches itself.
    return names.flatMap((name, index) => (wanted.length === 0 || wanted.includes(name) || matchesGlobs(wanted, name) ? [index] : []));
  }

  catalogue(): Catalogue {
    const { facts } = this;
    const services = this.settings.teams.flatMap(({ name }, index) => this.linker.team(index).services.map((link) => ({ team: name, service: link.name })));
    const repositories = facts.repositories.all.flatMap(({ fact }) => (fact === null ? [] : [fact.name]));
    const environments = new Set<string>();
    for (let record = 0; record < facts.records.count; record += 1) {
      const environment = facts.names.textOrNull(facts.records.environment.values[record]);
      if (environment !== null && facts.records.group.values[record] >= 0) {
        environments.add(environment);
      }
    }
    return {
      teams: this.settings.teams.map(({ name }) => name).sort(),
      services: services.sort((a, b) => (a.team === b.team ? (a.service < b.service ? -1 : 1) : a.team < b.team ? -1 : 1)),
      repositories: [...new Set(repositories)].sort(),
      environments: [...environments].sort(),
    };
  }
}

/** The answer where no team is defined or none matches. */
function nothing(query: DoraQuery): Answer {
  const notices: Notice[] = [{ severity: 'warning', text: query.teams.length > 0 ? `No team matches ${query.teams.join(', ')}.` : 'No team is defined in the data source settings.' }];
  if (query.queryType !== 'metric' && query.queryType !== 'stages') {
    return { kind: 'table', name: query.queryType, columns: [], notices };
  }
  return query.format === 'number' ? { kind: 'numbers', numbers: [], notices } : { kind: 'timeseries', series: [], notices };
}

/** A metric's series as rows: time, labels, value. */
function asTable(query: DoraQuery, { series, notices }: { series: Series[]; notices: Notice[] }): Answer {
  const rows = series.flatMap((one) => one.times.map((time, index) => ({ one, time, index })));
  const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels)))];
  const columns: Column[] = [
    { name: 'time', type: 'time', values: rows.map(({ time }) => time) },
    ...labels.map((label): Column => ({ name: label, type: 'string', values: rows.map(({ one }) => one.labels[label] ?? null) })),
    { name: 'value', type: 'number', unit: series[0]?.unit, values: rows.map(({ one, index }) => one.values[index]) },
    ...(query.queryType === 'stages' ? [shareColumn(series)] : []),
    { name: 'immature', type: 'boolean', description: 'May still change: younger than the incident window', values: rows.map(({ one, time }) => one.immature.includes(time)) },
  ];
  if (query.confidence) {
    columns.push(
      { name: 'lower', type: 'number', values: rows.map(({ one, index }) => one.lower?.[index] ?? null) },
      { name: 'upper', type: 'number', values: rows.map(({ one, index }) => one.upper?.[index] ?? null) }
    );
  }
  return { kind: 'table', name: query.queryType === 'stages' ? 'stages' : query.metric, columns, notices };
}

/** What part of the time of all stages each stage takes, in percent: the greatest is the bottleneck. */
function shareColumn(series: readonly Series[]): Column {
  const group = ({ labels: { stage: _stage, ...labels } }: Series): string => JSON.stringify(labels);
  const totals = new Map<string, number>();
  const keyOf = (one: Series, index: number): string => `${group(one)}|${one.times[index]}`;
  for (const one of series) {
    one.values.forEach((value, index) => totals.set(keyOf(one, index), (totals.get(keyOf(one, index)) ?? 0) + (value ?? 0)));
  }
  return {
    name: 'share',
    type: 'number',
    unit: 'percent',
    description: 'Part of the time of all stages; exact for the mean',
    values: series.flatMap((one) => one.values.map((value, index) => (value === null || totals.get(keyOf(one, index)) === 0 ? null : (100 * value) / totals.get(keyOf(one, index))!))),
  };
}

/** An engine without facts. @see DoraEngine */
export function createEngine(settings: Settings): DoraEngine {
  return new Engine(settings);
}
