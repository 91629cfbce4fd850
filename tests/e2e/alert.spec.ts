import { choose, chooseSource, expect, test } from './dora';

test('an alert rule evaluates, and offers no table', async ({ alertRuleEditPage, page, dora }) => {
  const row = await alertRuleEditPage.getQueryRow('A');
  await chooseSource(page, row.datasource, dora);
  await expect(page.getByTestId('dora-format')).toHaveValue('Number');
  await page.getByTestId('dora-show').click();
  await expect(page.getByRole('option', { name: /^Lead time for changes/ })).toBeVisible();
  await expect(page.getByRole('option', { name: /^Changes/ })).toHaveCount(0);
  await page.keyboard.press('Escape');
  await choose(page, 'dora-show', 'Change failure rate');
  await expect(alertRuleEditPage.evaluate()).toBeOK();
});
