import type { LEVEL_YEARS, Metric } from '../shared/queryOptions';
import { DAY_MS } from '../shared/duration';
import type { Threshold } from './answer';

export type Level = Threshold['level'];
export type LevelYear = (typeof LEVEL_YEARS)[number];

/** Metrics that the reports give levels for. */
export type LevelMetric = Exclude<Metric, 'rework-rate'>;

/** A band of a metric, best first. */
interface Band {
  level: Level;
  /** Worst level whose published band is the same; such bands are shown as one. */
  downTo?: Level;
  /**
   * Worst value that still belongs to it. Frequency: at least so many deployment days a week; lead time and restore:
   * less than so many seconds; failure rate: at most so many percent. Absent for the last band.
   */
  limit?: number;
}

const HOUR = 3_600;
const DAY = 24 * HOUR;
const MONTH_DAYS = 30;
const PER_MONTH = 7 / MONTH_DAYS;

/** On demand; on the usual reading, on every working day. */
const ON_DEMAND = 5;

/**
 * Bands of each year's report by DORA (Google Cloud), from its table of software delivery performance:
 *
 * - 2021, "Accelerate State of DevOps 2021": on demand / weekly to monthly / monthly to half-yearly / fewer; under an hour /
 *   a day to a week / one to six months / more; 0–15 %, and 16–30 % for high, medium and low alike; restored in under an
 *   hour / under a day / a day to a week / more.
 * - 2023, "Accelerate State of DevOps Report 2023": on demand / daily to weekly / weekly to monthly, the last for medium and
 *   low alike; under a day / a day to a week / a week to a month, the last for medium and low alike; 5 / 10 / 15 / 64 %;
 *   under an hour / under a day / a day to a week / more.
 * - 2024, "Accelerate State of DevOps Report 2024": on demand / daily to weekly / weekly to monthly / monthly to half-yearly;
 *   under a day / a day to a week / a week to a month / one to six months; 5 / 20 / 10 / 40 % (medium fails less than high:
 *   one band here); under an hour / under a day for high and medium alike / a week to a month.
 *
 * Each was compared, cell by cell, with a transcription of its table: see "Levels" in docs/metrics.md.
 *
 * No choices are 2019, whose levels 2021 replaced (there was no report in 2020), 2022, whose clusters know no elite and
 * were drawn on other grounds, and 2025 ("State of AI-assisted Software Development"), which has profiles and no levels.
 * Gaps between published bands belong to the worse one; a month is 30 days and half a year 180.
 */
const BANDS: Record<LevelYear, Record<LevelMetric, Band[]>> = {
  2021: {
    'deployment-frequency': [{ level: 'elite', limit: ON_DEMAND }, { level: 'high', limit: PER_MONTH }, { level: 'medium', limit: 7 / 180 }, { level: 'low' }],
    'lead-time': [{ level: 'elite', limit: HOUR }, { level: 'high', limit: 7 * DAY }, { level: 'medium', limit: 180 * DAY }, { level: 'low' }],
    'change-failure-rate': [{ level: 'elite', limit: 15 }, { level: 'high', downTo: 'low', limit: 30 }, { level: 'low' }],
    'time-to-restore': [{ level: 'elite', limit: HOUR }, { level: 'high', limit: DAY }, { level: 'medium', limit: 7 * DAY }, { level: 'low' }],
  },
  2023: {
    'deployment-frequency': [{ level: 'elite', limit: ON_DEMAND }, { level: 'high', limit: 1 }, { level: 'medium', downTo: 'low', limit: PER_MONTH }, { level: 'low' }],
    'lead-time': [{ level: 'elite', limit: DAY }, { level: 'high', limit: 7 * DAY }, { level: 'medium', downTo: 'low', limit: MONTH_DAYS * DAY }, { level: 'low' }],
    'change-failure-rate': [{ level: 'elite', limit: 5 }, { level: 'high', limit: 10 }, { level: 'medium', limit: 15 }, { level: 'low' }],
    'time-to-restore': [{ level: 'elite', limit: HOUR }, { level: 'high', limit: DAY }, { level: 'medium', limit: 7 * DAY }, { level: 'low' }],
  },
  2024: {
    'deployment-frequency': [{ level: 'elite', limit: ON_DEMAND }, { level: 'high', limit: 1 }, { level: 'medium', limit: PER_MONTH }, { level: 'low' }],
    'lead-time': [{ level: 'elite', limit: DAY }, { level: 'high', limit: 7 * DAY }, { level: 'medium', limit: MONTH_DAYS * DAY }, { level: 'low' }],
    'change-failure-rate': [{ level: 'elite', limit: 5 }, { level: 'high', downTo: 'medium', limit: 20 }, { level: 'low' }],
    'time-to-restore': [{ level: 'elite', limit: HOUR }, { level: 'high', downTo: 'medium', limit: DAY }, { level: 'low' }],
  },
};

const ORDER: readonly Level[] = ['elite', 'high', 'medium', 'low'];

export function isLevelMetric(metric: Metric): metric is LevelMetric {
  return metric !== 'rework-rate';
}

function isWithin(metric: LevelMetric, value: number, limit: number): boolean {
  if (metric === 'deployment-frequency') {
    // Seven deployment days in thirty are one a week less rounding: compared as days in a month.
    return value >= limit - 1e-9;
  }
  return metric === 'change-failure-rate' ? value <= limit : value < limit;
}

/**
 * Level of a value: deployment days a week, seconds or percent; null of null. `text` names every level that shares the
 * band, such as "medium or low".
 */
export function levelOf(metric: LevelMetric, year: LevelYear, value: number | null): { level: Level; text: string } | null {
  if (value === null) {
    return null;
  }
  const bands = BANDS[year][metric];
  const band = bands.find(({ limit }) => limit === undefined || isWithin(metric, value, limit))!;
  return { level: band.level, text: bandText(band) };
}

function bandText({ level, downTo }: Band): string {
  const names = downTo === undefined ? [level] : ORDER.slice(ORDER.indexOf(level), ORDER.indexOf(downTo) + 1);
  return names.length < 2 ? names[0] : `${names.slice(0, -1).join(', ')} or ${names[names.length - 1]}`;
}

/**
 * Steps of a metric for a panel's thresholds, ascending, in the series' unit. `perWeek` turns deployment days a week
 * into that unit; 0 where the unit has no fixed relation to it: then no steps.
 */
export function thresholdsOf(metric: Metric, year: LevelYear, perWeek: number): Threshold[] {
  if (!isLevelMetric(metric) || (metric === 'deployment-frequency' && perWeek === 0)) {
    return [];
  }
  const bands = BANDS[year][metric];
  if (metric === 'deployment-frequency') {
    return [...bands].reverse().map(({ level, limit }, index) => ({ from: index === 0 ? null : limit! * perWeek, level }));
  }
  // A step begins at its value; "at most 5 %" ends just above it.
  const beyond = metric === 'change-failure-rate' ? 1e-9 : 0;
  return bands.map(({ level }, index) => ({ from: index === 0 ? null : bands[index - 1].limit! + beyond, level }));
}

/** Deployment days a week of a number of days with a deployment in a span of time. */
export function daysPerWeek(days: number, spanMs: number): number {
  return days / (spanMs / DAY_MS / 7);
}
