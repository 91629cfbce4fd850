import { nextTurn, type Turn } from './turns';

/** Gives pages until each scope has had as many as it has. */
function order(pages: Record<string, number>, wanted: Record<string, number>): string {
  const left = new Map(Object.entries(pages));
  const turns = new Map<string, Turn>(Object.keys(pages).map((name) => [name, { wanted: wanted[name] ?? null, pages: 0 }]));
  let given = '';
  while (left.size > 0) {
    const names = [...left.keys()];
    const name = names[nextTurn(names.map((one) => turns.get(one)!), given.length)];
    given += name;
    turns.get(name)!.pages += 1;
    const rest = left.get(name)! - 1;
    if (rest === 0) {
      left.delete(name);
    } else {
      left.set(name, rest);
    }
  }
  return given;
}

test('goes round when nobody looks', () => {
  expect(order({ a: 3, b: 1, c: 2 }, {})).toBe('abcaca');
});

test('gives the first page to each scope that somebody looks at, then three of four', () => {
  expect(order({ a: 2, b: 2, x: 4, y: 4 }, { x: 0, y: 1 })).toBe('xyxayxybxyab');
});

test('the team looked at last comes before the one before it', () => {
  expect(order({ a: 1, x: 1, y: 1 }, { x: 1, y: 0 })).toBe('yxa');
});
