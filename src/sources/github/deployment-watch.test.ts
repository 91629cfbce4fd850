import { toReadAgain, UNWATCHED, type DeploymentWord } from './deployment-watch';

const HOUR = 3_600_000;
const now = 1_000 * HOUR;
const word = (id: string, made: number, at = made, inactive = false): DeploymentWord => ({ id, createdAt: made * HOUR, at: at * HOUR, inactive });
const nothing = new Set<string>();

test('a word that was not read yet is read; later deployments come with their list', () => {
  const words = [word('d', 999), word('c', 990, 992), word('b', 980, 985), word('a', 970, 991, true)];
  const watch = { seen: { c: 992 * HOUR, b: 984 * HOUR, a: 975 * HOUR }, askedAt: now };
  expect(toReadAgain(words, {}, 995 * HOUR, nothing, watch, now)).toEqual(['b', 'a']);
  expect(toReadAgain(words, {}, 995 * HOUR, new Set(['a', 'b']), watch, now)).toEqual(['b']);
  expect(toReadAgain(words, {}, null, nothing, UNWATCHED, now)).toEqual([]);
});

test('one without an end is told of while it is among the newest, and else asked for the more seldom the older it is', () => {
  const words = [word('new', 990)];
  const watch = { seen: { new: 990 * HOUR }, askedAt: 900 * HOUR };
  expect(toReadAgain(words, { new: 990 * HOUR }, now, nothing, watch, now)).toEqual([]);
  // Made at 800, asked for at 900: again when it is 105 hours old.
  expect(toReadAgain(words, { old: 800 * HOUR }, now, nothing, watch, 904 * HOUR)).toEqual([]);
  expect(toReadAgain(words, { old: 800 * HOUR }, now, nothing, watch, 905 * HOUR)).toEqual(['old']);
  // Together with others, and when the clock was set back.
  expect(toReadAgain([word('new', 990, 991)], { old: 800 * HOUR }, now, nothing, watch, 901 * HOUR)).toEqual(['new', 'old']);
  expect(toReadAgain(words, { old: 800 * HOUR }, now, nothing, watch, 899 * HOUR)).toEqual(['old']);
});
