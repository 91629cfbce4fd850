import { DAY_MS } from '../shared/duration';
import type { DoraQuery, Metric } from '../shared/query';
import type { Notice, NumberValue, Series, Unit } from './answer';
import { type Calendar, cutWindows, previousRange, resolveInterval, type Windows } from './buckets';
import { changeFailureRate, sharesOf } from './change-failure-rate';
import { countDeployments, deploymentFrequency } from './deployment-frequency';
import type { TimeRange } from './engine';
import type { Facts } from './facts/facts';
import { coverageOf, groupsOf, type Group } from './groups';
import { leadTime, leadTimes } from './lead-time';
import { thresholdsOf } from './levels';
import { type LinkedTeam, OUTCOME } from './linking/linked-team';
import type { Instant } from './model';
import { STAGES } from './moments';
import type { Evaluation, Points } from './points';
import { reworkRate } from './rework-rate';
import { countsDiffer, samplesDiffer, sharesDiffer } from './statistics';
import { stageTimes } from './stages';
import { restoreTimes, timeToRestore } from './time-to-restore';

/** All that an answer is made from. */
export interface Question {
  query: DoraQuery;
  range: TimeRange;
  now: Instant;
  calendar: Calendar;
  teams: LinkedTeam[];
  facts: Facts;
}

export const METRIC_NAMES: Record<Metric, string> = {
  'deployment-frequency': 'Deployment frequency',
  'lead-time': 'Lead time for changes',
  'change-failure-rate': 'Change failure rate',
  'time-to-restore': 'Time to restore',
  'rework-rate': 'Rework rate',
};

const UNITS: Record<Metric, Unit> = {
  'deployment-frequency': 'short',
  'lead-time': 's',
  'change-failure-rate': 'percent',
  'time-to-restore': 's',
  'rework-rate': 'percent',
};

/** Metrics whose latest values change while incidents may still come and be resolved. */
export function canBeImmature(metric: Metric): boolean {
  return metric === 'change-failure-rate' || metric === 'time-to-restore';
}

function evaluate(metric: Metric, group: Group, evaluation: Evaluation): Points {
  switch (metric) {
    case 'deployment-frequency':
      return deploymentFrequency(group.deployments(), evaluation);
    case 'lead-time':
      return leadTime(group.deliveries(), evaluation);
    case 'change-failure-rate':
      return changeFailureRate(group.deployments(), group.incidents, evaluation);
    case 'time-to-restore':
      return timeToRestore(group.resolved(), evaluation);
    case 'rework-rate':
      return reworkRate(group.deployments(), evaluation);
  }
}

/** True when the query covers one span as a whole, which coverage then shortens instead of blanking it. */
function isOneSpan(query: DoraQuery): boolean {
  return query.format === 'number' || (query.interval === 'range' && query.window === 'calendar');
}

/** Windows of a group: those of the query, those not covered taken out (METRICS, absence). */
interface CoveredWindows {
  windows: Windows;
  covered: boolean[];
}

function cover(windows: Windows, group: Group, oneSpan: boolean): CoveredWindows {
  const { coverage } = group;
  if (!oneSpan) {
    return { windows, covered: windows.starts.map((start) => start >= coverage) };
  }
  return {
    windows: { ...windows, starts: windows.starts.map((start, index) => Math.min(Math.max(start, coverage), windows.ends[index])) },
    covered: windows.ends.map((end) => coverage < end),
  };
}

function blank(values: Array<number | null>, covered: readonly boolean[]): Array<number | null> {
  return values.map((value, index) => (covered[index] ? value : null));
}

/** Deployment days a week → the series' unit; 0 where there is no fixed relation. */
function perWeekFactor(question: Question, windows: Windows): number {
  const { query, range } = question;
  if (query.measure === 'per-day') {
    return 1 / 7;
  }
  if (query.window === 'rolling') {
    return query.rollingDays / 7;
  }
  const interval = query.format === 'number' ? 'range' : resolveInterval(query.interval, range);
  const days = { day: 1, week: 7, month: 30, quarter: 90, range: windows.starts.length > 0 ? (windows.ends[0] - windows.starts[0]) / DAY_MS : 0 }[interval];
  return days / 7;
}

interface Line {
  group: Group;
  labels: Record<string, string>;
  name: string;
  points: Points;
}

/** One metric of one range: the windows and a line a series. */
function linesOf(question: Question, range: TimeRange): { windows: Windows; lines: Line[]; groups: Group[] } {
  const { query, now, calendar, facts, teams } = question;
  const windows = cutWindows(query, range, now, calendar);
  const groups = groupsOf(query, teams, facts);
  const oneSpan = isOneSpan(query);
  const lines = groups.flatMap((group): Line[] => {
    const covered = cover(windows, group, oneSpan);
    const evaluation: Evaluation = { windows: covered.windows, query, calendar };
    const finish = (points: Points): Points => ({
      values: blank(points.values, covered.covered),
      lower: points.lower && blank(points.lower, covered.covered),
      upper: points.upper && blank(points.upper, covered.covered),
    });
    if (query.queryType === 'stages') {
      return stageTimes(group.deliveries(), evaluation, facts).map((points, stage) => ({
        group,
        labels: { ...group.labels, stage: STAGES[stage] },
        name: query.groupBy === 'none' ? STAGES[stage] : `${group.name} · ${STAGES[stage]}`,
        points: finish(points),
      }));
    }
    return [{ group, labels: group.labels, name: group.name, points: finish(evaluate(query.metric, group, evaluation)) }];
  });
  return { windows, lines, groups };
}

function immatureFrom(question: Question, group: Group): Instant {
  return question.query.queryType === 'metric' && canBeImmature(question.query.metric) ? question.now - group.incidentWindow : Infinity;
}

/** Values of a metric or of the stages over time. */
export function seriesOf(question: Question): { series: Series[]; notices: Notice[] } {
  const { query, range, now } = question;
  const current = linesOf(question, range);
  const { windows } = current;
  const until = Math.min(range.to, now);
  const unit = query.queryType === 'stages' ? 's' : UNITS[query.metric];
  const thresholds = query.queryType === 'stages' ? [] : thresholdsOf(query.metric, query.levelsYear, perWeekFactor(question, windows));
  const running = windows.fullEnds.findIndex((end, index) => end > now && windows.starts[index] <= now);

  const toSeries = (line: Line, of: Windows, labels: Record<string, string>, name: string): Series => {
    const young = immatureFrom(question, line.group);
    const previous = of !== windows;
    const keep = of.stamps
      .map((_, index) => index)
      .filter((index) => {
        if (previous && index >= windows.stamps.length) {
          return false;
        }
        if (!query.completeBucketsOnly) {
          return true;
        }
        // The previous period is complete; it is compared bucket by bucket with what is shown of the current one.
        const at = previous ? windows : of;
        return at.fullEnds[index] <= until && (at.rolling || at.ends[index] <= young);
      });
    const pick = <T>(values: readonly T[]): T[] => keep.map((index) => values[index]);
    const series: Series = {
      name,
      labels,
      unit,
      times: pick(previous ? windows.stamps : of.stamps),
      values: pick(line.points.values),
      immature: keep.filter((index) => of.ends[index] > young).map((index) => (previous ? windows : of).stamps[index]),
      running: previous || running < 0 || !keep.includes(running) ? null : windows.stamps[running],
      thresholds,
    };
    if (line.points.lower && line.points.upper) {
      series.lower = pick(line.points.lower);
      series.upper = pick(line.points.upper);
    }
    if (query.queryType === 'metric' && query.metric === 'deployment-frequency') {
      series.decimals = query.measure === 'per-day' ? 3 : 0;
    }
    return series;
  };
  if (query.compare === 'none') {
    return { series: current.lines.map((line) => toSeries(line, windows, line.labels, line.name)), notices: noticesOf(question, current.groups, windows) };
  }
  const before = linesOf(question, previousRange(range));
  return {
    series: [
      ...current.lines.map((line) => toSeries(line, windows, { ...line.labels, period: 'current' }, line.name)),
      ...before.lines.map((line) => toSeries(line, before.windows, { ...line.labels, period: 'previous' }, `${line.name} (previous)`)),
    ],
    notices: [...noticesOf(question, current.groups, windows), ...changeNotices(question, current.groups)],
  };
}

/** One number a series over the whole range. */
export function numbersOf(question: Question): { numbers: NumberValue[]; notices: Notice[] } {
  const { query, range } = question;
  const unit = query.queryType === 'stages' ? 's' : UNITS[query.metric];
  const current = linesOf(question, range);
  const thresholds = query.queryType === 'stages' ? [] : thresholdsOf(query.metric, query.levelsYear, perWeekFactor(question, current.windows));
  const toNumber = (line: Line, labels: Record<string, string>, name: string): NumberValue => ({
    name,
    labels,
    unit,
    value: line.points.values[0] ?? null,
    ...(line.points.lower && line.points.upper ? { lower: line.points.lower[0] ?? null, upper: line.points.upper[0] ?? null } : {}),
    thresholds,
  });
  const notices = noticesOf(question, current.groups, current.windows);
  if (query.compare === 'none') {
    return { numbers: current.lines.map((line) => toNumber(line, line.labels, line.name)), notices };
  }
  const before = linesOf(question, previousRange(range));
  return {
    numbers: [
      ...current.lines.map((line) => toNumber(line, { ...line.labels, period: 'current' }, line.name)),
      ...before.lines.map((line) => toNumber(line, { ...line.labels, period: 'previous' }, `${line.name} (previous)`)),
    ],
    notices: [...notices, ...changeNotices(question, current.groups)],
  };
}

/** What a reader must know of an answer: coverage, unlinked incidents, overlap. */
export function noticesOf({ query, teams, facts }: Question, groups: readonly Group[], windows: Windows): Notice[] {
  const notices: Notice[] = [];
  const earliest = windows.starts[0] ?? Infinity;
  for (const linked of teams) {
    const { laggards, settings } = linked.team;
    const coverage = coverageOf(linked);
    if (linked.services.length === 0) {
      notices.push({ severity: 'warning', text: `${settings.name}: no value yet, nothing is known of its repositories, pipelines or services.` });
    } else if (coverage > earliest) {
      const names = laggards.slice(0, 3).join(', ') + (laggards.length > 3 ? ` and ${laggards.length - 3} more` : '');
      notices.push({
        severity: 'warning',
        text:
          coverage === Infinity
            ? `${settings.name}: no value yet, nothing was synchronised of ${names}.`
            : `${settings.name}: history is complete from ${new Date(coverage).toISOString()} on; before that ${names} is missing.${isOneSpan(query) ? ' The value covers the time since then.' : ''}`,
      });
    }
  }
  if (query.queryType === 'metric' && canBeImmature(query.metric)) {
    for (const group of groups) {
      const share = unlinkedShare(group, windows);
      if (share.unlinked > 0) {
        notices.push({ severity: 'warning', text: `${group.name}: ${share.unlinked} of ${share.all} incidents not linked to a deployment.` });
      }
    }
  }
  const computes = query.queryType === 'metric' || query.queryType === 'stages' || query.queryType === 'levels';
  if (computes && groups.length === 0 && (query.services.length > 0 || query.repositories.length > 0)) {
    notices.push({ severity: 'warning', text: 'No service or repository of the teams is one that the query names.' });
  }
  const overlap = overlapOf(teams, facts);
  if (overlap.length > 0 && query.groupBy !== 'none') {
    notices.push({ severity: 'info', text: `Some belong to more than one team and count in each: ${overlap.slice(0, 3).join(', ')}${overlap.length > 3 ? ` and ${overlap.length - 3} more` : ''}.` });
  }
  return notices;
}

/** Incidents opened within the windows, and how many of them no deployment could be found for. */
export function unlinkedShare(group: Group, windows: Pick<Windows, 'starts' | 'ends'>): { unlinked: number; all: number } {
  let unlinked = 0;
  let all = 0;
  if (windows.starts.length > 0) {
    const start = windows.starts[0];
    const end = windows.ends[windows.ends.length - 1];
    for (const incident of group.incidents()) {
      if (incident.openedAt >= start && incident.openedAt < end) {
        all += 1;
        unlinked += incident.deployment < 0 ? 1 : 0;
      }
    }
  }
  return { unlinked, all };
}

/** Repositories and pipelines that two of the teams deploy. */
function overlapOf(teams: readonly LinkedTeam[], facts: Facts): string[] {
  if (teams.length < 2) {
    return [];
  }
  const seen = new Map<string, number>();
  for (const linked of teams) {
    const own = new Set<string>();
    for (const service of linked.services) {
      service.repositories.forEach((repository) => own.add(facts.repositories.nameOf(repository) ?? facts.repositories.all[repository].id));
      service.plan.groups.forEach(({ group }) => group.origin === 'codepipeline' && own.add(group.pipeline ?? ''));
    }
    own.forEach((name) => seen.set(name, (seen.get(name) ?? 0) + 1));
  }
  return [...seen].filter(([, count]) => count > 1).map(([name]) => name).sort();
}

/** METRICS, beyond: says where the change against the previous period is larger than chance. */
function changeNotices(question: Question, groups: readonly Group[]): Notice[] {
  const { query, range, now, calendar } = question;
  if (query.queryType !== 'metric') {
    return [];
  }
  const whole = { ...query, format: 'number' as const, window: 'calendar' as const };
  const current = cutWindows(whole, range, now, calendar);
  const previous = cutWindows(whole, previousRange(range), now, calendar);
  if (current.starts.length === 0 || previous.starts.length === 0) {
    return [];
  }
  return groups.flatMap((group): Notice[] => {
    if (group.coverage > previous.starts[0]) {
      return [];
    }
    const length = (windows: Windows): number => windows.ends[0] - windows.starts[0];
    let differs = false;
    if (query.metric === 'deployment-frequency') {
      const [count] = countDeployments(group.deployments(), current, query);
      const [before] = countDeployments(group.deployments(), previous, query);
      differs = countsDiffer(count, length(current), before, length(previous));
    } else if (query.metric === 'lead-time') {
      const [samples] = leadTimes(group.deliveries(), current, query.includeBaseline);
      const [before] = leadTimes(group.deliveries(), previous, query.includeBaseline);
      differs = samplesDiffer(samples, before);
    } else if (query.metric === 'time-to-restore') {
      const [samples] = restoreTimes(group.resolved(), current);
      const [before] = restoreTimes(group.resolved(), previous);
      differs = samplesDiffer(samples, before);
    } else if (query.metric === 'rework-rate' || query.basis === 'linked') {
      const bit = query.metric === 'rework-rate' ? OUTCOME.rework : OUTCOME.failed;
      const [share] = sharesOf(group.deployments(), current, bit);
      const [before] = sharesOf(group.deployments(), previous, bit);
      differs = sharesDiffer(share.part, share.all, before.part, before.all);
    }
    return differs ? [{ severity: 'info', text: `${group.name}: ${METRIC_NAMES[query.metric].toLowerCase()} changed against the previous period by more than chance would (95 %).` }] : [];
  });
}
