import { afterHeavyPage, afterWholePage, startingPageSize } from './page-size';

test('grows from 25 to 37 within four pages, so that 1,000 pull requests cost at most 30 pages', () => {
  let page = startingPageSize(25);
  let fetched = 0;
  let pages = 0;
  while (fetched < 1_000) {
    fetched += page.size;
    pages += 1;
    page = afterWholePage(page, 37);
  }
  expect(page.size).toBe(37);
  expect(pages).toBeLessThanOrEqual(30);
});

test('halves when too heavy and comes back slower each time', () => {
  const heavy = afterHeavyPage(startingPageSize(37));
  expect(heavy).toEqual({ size: 18, streak: 0, patience: 4 });
  let page = heavy!;
  for (let whole = 0; whole < 3; whole += 1) {
    page = afterWholePage(page, 37);
    expect(page.size).toBe(18);
  }
  page = afterWholePage(page, 37);
  expect(page.size).toBe(22);
  expect(afterHeavyPage(page)).toEqual({ size: 11, streak: 0, patience: 8 });
});

test('ends at one', () => {
  expect(afterHeavyPage({ size: 2, streak: 0, patience: 64 })).toEqual({ size: 1, streak: 0, patience: 64 });
  expect(afterHeavyPage({ size: 1, streak: 0, patience: 4 })).toBeNull();
});
