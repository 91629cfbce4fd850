import type { Dice } from '../engine/organisation';

/** What programs stumble over: borders of numbers, texts with a meaning, shapes where others are expected. */
const NASTY: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1.5, 1e308, -1e308, Number.MAX_SAFE_INTEGER, 8.64e15, 8.64e15 + 1, 1e13,
  '', ' ', '0', '-1', 'NaN', 'null', '__proto__', 'constructor', 'toString', '*', '!', '**', '*a*a*a*a*a*a*a*!', '[', '(', '(?<x', '\\', '$', '$team', '${team}', '/', '../..', '\0', '\ud800', '\u202e', '😀',
  'a'.repeat(10_000), '9'.repeat(400), '2026-02-30T25:61:61Z', '0000-01-01T00:00:00Z', '+275760-09-13T00:00:00.001Z', '2026-03-02T10:00:00Z', 'Europe/Berlin', 'Mars/Olympus', 'P1D', '5m', '0s', '99999999d',
  [], [null], [[]], [''], {}, { length: 5 }, { toString: 1 }, { then: 1 }, { constructor: { prototype: 1 } },
];

const KEYS = ['teams', 'metric', 'interval', 'format', 'queryType', 'timezone', 'services', '__proto__', 'constructor', '', '0', 'name', 'id', 'nodes', 'pageInfo', 'detail'];

/** A value of any shape, small. */
export function anything(dice: Dice, depth = 0): unknown {
  if (depth > 3 || dice.chance(0.6)) {
    return dice.chance(0.2) ? textOf(dice) : dice.pick(NASTY);
  }
  if (dice.chance(0.5)) {
    return Array.from({ length: dice.below(4) }, () => anything(dice, depth + 1));
  }
  return Object.fromEntries(Array.from({ length: dice.below(4) }, () => [dice.pick(KEYS), anything(dice, depth + 1)]));
}

/** A copy with some of its values replaced, taken away, repeated or put elsewhere. */
export function mutated(value: unknown, dice: Dice, share = 0.1): unknown {
  if (dice.chance(share)) {
    return dice.chance(0.5) ? dice.pick(NASTY) : anything(dice);
  }
  if (Array.isArray(value)) {
    const items = value.flatMap((item: unknown) => (dice.chance(share / 3) ? [] : dice.chance(share / 3) ? [mutated(item, dice, share), item] : [mutated(item, dice, share)]));
    return dice.chance(share / 3) ? items.reverse() : items;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (dice.chance(share / 3) ? [] : [[dice.chance(share / 6) ? dice.pick(KEYS) : key, mutated(item, dice, share)]])));
  }
  if (typeof value === 'string' && value !== '' && dice.chance(share)) {
    const at = dice.below(value.length);
    return value.slice(0, at) + textOf(dice) + value.slice(at + dice.below(3));
  }
  return value;
}

/** JSON that somebody cut, doubled or scratched. */
export function scratched(text: string, dice: Dice): string {
  const at = dice.below(text.length + 1);
  switch (dice.below(4)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text + text;
    case 2:
      return text.slice(0, at) + textOf(dice) + text.slice(at);
    default:
      return '['.repeat(1 + dice.below(100_000));
  }
}

function textOf(dice: Dice): string {
  return String.fromCharCode(...Array.from({ length: dice.below(8) }, () => (dice.chance(0.7) ? 32 + dice.below(95) : dice.below(0x10000))));
}
