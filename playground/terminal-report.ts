/** A team's week; null is a gap: nothing to measure, or not covered. */
export interface WeekReport {
  /** Its first day, `YYYY-MM-DD`. */
  start: string;
  deployments: number | null;
  leadTimeSeconds: number | null;
  failurePercent: number | null;
  restoreSeconds: number | null;
}

export interface TeamReport {
  team: string;
  weeks: WeekReport[];
}

const HEADINGS = ['week of', 'deployments', 'lead time', 'failure rate', 'time to restore'];
const GAP = '–';

/** Tables for a terminal, one a team. */
export function renderTeams(teams: readonly TeamReport[]): string {
  return teams.map(({ team, weeks }) => `\n${team}\n${renderRows([HEADINGS, ...weeks.map(cells)])}`).join('');
}

function cells(week: WeekReport): string[] {
  return [
    week.start,
    week.deployments === null ? GAP : String(week.deployments),
    duration(week.leadTimeSeconds),
    week.failurePercent === null ? GAP : `${week.failurePercent.toFixed(1)} %`,
    duration(week.restoreSeconds),
  ];
}

function renderRows(rows: string[][]): string {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]))).join('  ')}\n`).join('');
}

const UNITS: Array<[seconds: number, sign: string]> = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** The largest unit that gives a number of at least 1: `2.5 d`, `45.0 min`. */
export function duration(seconds: number | null): string {
  if (seconds === null) {
    return GAP;
  }
  const [size, sign] = UNITS.find(([unit]) => seconds >= unit) ?? [1, 's'];
  return `${(seconds / size).toFixed(1)} ${sign}`;
}
