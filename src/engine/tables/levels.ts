import { DAY_MS } from '../../shared/duration';
import type { Answer, Notice, NumberValue } from '../answer';
import { cutWindows, type Windows } from '../buckets';
import { changeFailureRate } from '../change-failure-rate';
import { countDeploymentDays } from '../deployment-frequency';
import { type Group, groupsOf } from '../groups';
import { leadTime } from '../lead-time';
import { daysPerWeek, levelOf, type Level, type LevelMetric, thresholdsOf } from '../levels';
import type { Evaluation } from '../points';
import { METRIC_NAMES, noticesOf, type Question, unlinkedShare } from '../series';
import { timeToRestore } from '../time-to-restore';
import { type ColumnOf, tableOf } from './columns';

const LEVEL_METRICS: readonly LevelMetric[] = ['deployment-frequency', 'lead-time', 'change-failure-rate', 'time-to-restore'];
const UNIT_TEXTS: Record<LevelMetric, string> = { 'deployment-frequency': 'days a week', 'lead-time': 's', 'change-failure-rate': '%', 'time-to-restore': 's' };
const RANK: Record<Level, number> = { elite: 4, high: 3, medium: 2, low: 1 };

/** More incidents than this share without a deployment, and the failure rate deserves no level. */
const MOST_UNLINKED = 0.2;

interface LevelRow {
  group: Group;
  metric: LevelMetric;
  value: number | null;
  level: Level | null;
  text: string | null;
  reason: string | null;
}

/** METRICS, levels: of the whole range, always by deployment days a week and the query's statistic. */
function rowsOf(question: Question): { rows: LevelRow[]; windows: Windows; groups: Group[] } {
  const { query, range, now, calendar, teams, facts } = question;
  const whole = { ...query, format: 'number' as const, confidence: false };
  const windows = cutWindows(whole, range, now, calendar);
  const groups = groupsOf(query, teams, facts);
  const rows = groups.flatMap((group) =>
    LEVEL_METRICS.map((metric): LevelRow => {
      if (windows.starts.length === 0 || group.coverage >= windows.ends[0]) {
        return { group, metric, value: null, level: null, text: null, reason: 'no data in this range' };
      }
      const own: Windows = { ...windows, starts: [Math.max(windows.starts[0], group.coverage)] };
      const evaluation: Evaluation = { windows: own, query: whole, calendar };
      let value: number | null;
      let reason: string | null = null;
      if (metric === 'deployment-frequency') {
        const [days] = countDeploymentDays(group.deployments(), own, query, calendar);
        const ever = group.deployments().some(({ outcomes }) => outcomes.some((outcome) => (outcome & 1) !== 0));
        value = ever ? daysPerWeek(days, own.ends[0] - own.starts[0]) : null;
        reason = ever ? null : 'never deployed';
      } else if (metric === 'lead-time') {
        [value] = leadTime(group.deliveries(), evaluation).values;
      } else if (metric === 'change-failure-rate') {
        [value] = changeFailureRate(group.deployments(), group.incidents, evaluation).values;
        const { unlinked, all } = unlinkedShare(group, own);
        if (value !== null && unlinked > all * MOST_UNLINKED) {
          return { group, metric, value, level: null, text: null, reason: `withheld: ${unlinked} of ${all} incidents are not linked` };
        }
      } else {
        [value] = timeToRestore(group.resolved(), evaluation).values;
      }
      const level = levelOf(metric, query.levelsYear, value);
      return { group, metric, value, level: level?.level ?? null, text: level?.text ?? null, reason: value === null ? (reason ?? 'nothing to measure in this range') : reason };
    })
  );
  return { rows, windows, groups };
}

export function levelsTable(question: Question): Extract<Answer, { kind: 'table' }> {
  const { rows, windows, groups } = rowsOf(question);
  const { levelsYear } = question.query;
  const labels = [...new Set(groups.flatMap((group) => Object.keys(group.labels)))];
  const columns: Array<ColumnOf<LevelRow>> = [
    ...labels.map((label): ColumnOf<LevelRow> => ({ name: label, type: 'string', cell: ({ group }) => group.labels[label] ?? null })),
    { name: 'metric', type: 'string', cell: ({ metric }) => metric },
    { name: 'level', type: 'string', cell: ({ level }) => level },
    { name: 'value', type: 'number', cell: ({ value }) => value },
    { name: 'unit', type: 'string', cell: ({ metric }) => UNIT_TEXTS[metric] },
    { name: 'band', type: 'string', description: 'Levels that the report gives this band', cell: ({ text }) => text },
    { name: 'reason', type: 'string', description: 'Why there is no level', cell: ({ reason }) => reason },
    { name: 'year', type: 'number', description: 'Year of the DORA report', cell: () => levelsYear },
    {
      name: 'thresholds',
      type: 'string',
      cell: ({ metric }) => thresholdsOf(metric, levelsYear, 1).map(({ from, level }) => `${level}: ${from === null ? 'below' : `from ${describe(metric, from)}`}`).join(', '),
    },
  ];
  return tableOf('levels', columns, rows, noticesOf(question, groups, windows));
}

function describe(metric: LevelMetric, value: number): string {
  if (metric === 'deployment-frequency') {
    return `${Number(value.toFixed(3))} days a week`;
  }
  return metric === 'change-failure-rate' ? `${Number(value.toFixed(3))} %` : `${Number(((value * 1000) / DAY_MS).toFixed(3))} d`;
}

/** Levels as numbers for alert rules: 4 elite, 3 high, 2 medium, 1 low; null without a level. */
export function levelNumbers(question: Question): { numbers: NumberValue[]; notices: Notice[] } {
  const { rows, windows, groups } = rowsOf(question);
  return {
    numbers: rows.map(({ group, metric, level }) => ({
      name: `${group.name} · ${METRIC_NAMES[metric]}`,
      labels: { ...group.labels, metric },
      unit: 'short',
      value: level === null ? null : RANK[level],
      thresholds: [
        { from: null, level: 'low' },
        { from: 2, level: 'medium' },
        { from: 3, level: 'high' },
        { from: 4, level: 'elite' },
      ],
    })),
    notices: noticesOf(question, groups, windows),
  };
}
