import { DOUBLE } from './double';
import { expect, PLUGIN, test } from './dora';

test('from an empty data source to a saved one: token, repository, Save & test', async ({ createDataSourceConfigPage, page }) => {
  const settings = await createDataSourceConfigPage({ type: PLUGIN });
  await page.getByLabel('API address').fill(DOUBLE.url);
  await page.getByLabel('Token *').fill(DOUBLE.token);
  const repositories = page.getByTestId('dora-team-repositories');
  await repositories.click();
  await repositories.fill('acme/payments-*');
  await page.keyboard.press('Enter');
  await expect(settings.saveAndTest()).toBeOK();
  await expect(settings).toHaveAlert('success');
  await expect(page.getByTestId('dora-repository-preview')).toContainText('matches 3 repositories: acme/payments-api');
  await expect(page.getByTestId('dora-sync-status')).toContainText(/last complete|Fetching history|Up to date/, { timeout: 60_000 });
});

test('a wrong token is named with its remedy', async ({ createDataSourceConfigPage, page }) => {
  const settings = await createDataSourceConfigPage({ type: PLUGIN });
  await page.getByLabel('API address').fill(DOUBLE.url);
  await page.getByLabel('Token *').fill('ghp_wrong');
  await page.getByTestId('dora-team-repositories').fill('acme/checkout');
  await page.keyboard.press('Enter');
  await expect(settings.saveAndTest()).not.toBeOK();
  await expect(settings).toHaveAlert('error', { hasText: /token/i });
});

test('a wrong setting is named at its field before anything is saved', async ({ createDataSourceConfigPage, page }) => {
  await createDataSourceConfigPage({ type: PLUGIN });
  await page.getByLabel('API address').fill('not an address');
  await expect(page.getByText('One setting needs a correction')).toBeVisible();
  await expect(page.getByLabel('API address')).toHaveAttribute('aria-invalid', 'true');
});

test('teams come in as YAML and go out as YAML', async ({ createDataSourceConfigPage, page }) => {
  await createDataSourceConfigPage({ type: PLUGIN });
  await page.getByRole('button', { name: 'Import YAML' }).click();
  await page.getByTestId('dora-yaml-import').fill('- name: Payments\n  incidentWindow: soon');
  await expect(page.getByTestId('dora-yaml-outcome')).toContainText('teams[0].incidentWindow');
  await page.getByTestId('dora-yaml-import').fill("- name: Payments\n  repositories: [acme/payments-*]\n  incidents: [{ from: reverts, patterns: ['^rollback-(\\d+)$$'] }]");
  await page.getByRole('button', { name: 'Take over' }).click();
  await expect(page.getByRole('button', { name: 'Payments', exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Export YAML' }).click();
  await expect(page.getByTestId('dora-yaml-export')).toHaveValue(/^teams:\n {2}- name: Payments\n[^]*rollback-\(\\d\+\)\$\$/);
});
