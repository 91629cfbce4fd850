import { DateTime } from 'luxon';
import type { Instant } from '../../shared/clock';
import type { Person } from './people';

export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY = 86_400_000;

const FROM = 9;
const TO = 18;

/** The moment itself when that person works then, else the start of their next working time (plus up to `spread`). */
export function atWork(at: Instant, person: Person, random: () => number, spread = 50 * MINUTE): Instant {
  let local = DateTime.fromMillis(at, { zone: person.zone });
  if (local.weekday <= 5 && local.hour >= FROM && local.hour < TO) {
    return second(at);
  }
  if (local.hour >= TO) {
    local = local.plus({ days: 1 });
  }
  local = local.set({ hour: FROM, minute: 0, second: 0, millisecond: 0 });
  while (local.weekday > 5) {
    local = local.plus({ days: 1 });
  }
  return second(local.toMillis() + random() * spread);
}

/** So many hours of work later, where a day has nine of them. */
export function workLater(at: Instant, hours: number, person: Person, random: () => number): Instant {
  let moment = atWork(at, person, random, 5 * MINUTE);
  let left = hours * HOUR;
  for (;;) {
    const local = DateTime.fromMillis(moment, { zone: person.zone });
    const evening = local.set({ hour: TO, minute: 0, second: 0, millisecond: 0 }).toMillis();
    if (moment + left < evening) {
      return second(moment + left);
    }
    left -= Math.max(0, evening - moment);
    moment = atWork(evening + MINUTE, person, random, 20 * MINUTE);
  }
}

export const second = (at: number): Instant => Math.floor(at / 1000) * 1000;

/** Local clock time of that person on the day of `at`. */
export function clockTime(at: Instant, person: Person, hour: number, minute: number): Instant {
  return DateTime.fromMillis(at, { zone: person.zone }).set({ hour, minute, second: 0, millisecond: 0 }).toMillis();
}

export const isWorkday = (at: Instant): boolean => DateTime.fromMillis(at, { zone: 'UTC' }).weekday <= 5;
