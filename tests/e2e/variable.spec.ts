import { choose, chooseSource, expect, test } from './dora';

test('variables list teams, services and repositories', async ({ variableEditPage, page, dora }) => {
  await variableEditPage.setVariableType('Query');
  await chooseSource(page, variableEditPage.datasource, dora);
  await variableEditPage.runQuery();
  await expect(variableEditPage).toDisplayPreviews(['Checkout', 'Payments']);
  await choose(page, 'dora-variable-type', 'Repositories');
  await variableEditPage.runQuery();
  await expect(variableEditPage).toDisplayPreviews(['acme/checkout', 'acme/payments-api']);
  await choose(page, 'dora-variable-type', 'Services');
  await variableEditPage.runQuery();
  await expect(variableEditPage).toDisplayPreviews(['acme/payments-web']);
});
