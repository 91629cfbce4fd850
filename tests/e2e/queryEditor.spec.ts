import { boardWithPanel, choose, expect, nextQuery, test } from './dora';

test('a panel shows a result at once, and another for each choice', async ({ gotoPanelEditPage, page, request, dora }) => {
  const uid = await boardWithPanel(request, dora, 'timeseries');
  const panelEditPage = await gotoPanelEditPage({ dashboard: { uid }, id: '1' });
  await expect(page.getByTestId('dora-show')).toHaveValue('Deployment frequency');
  await expect(panelEditPage.panel.locator.getByText('Payments')).toBeVisible();

  const leadTime = nextQuery(page);
  await choose(page, 'dora-show', 'Lead time for changes');
  expect(await leadTime).toMatchObject({ queryType: 'metric', metric: 'lead-time' });
  const median = nextQuery(page);
  await choose(page, 'dora-statistic', 'Median');
  expect(await median).toMatchObject({ metric: 'lead-time', statistic: 'median' });

  const team = nextQuery(page);
  await page.getByTestId('dora-teams').click();
  await page.getByTestId('dora-teams').fill('pay');
  await page.getByRole('option', { name: 'Payments' }).waitFor();
  await page.keyboard.press('Enter');
  expect(await team).toMatchObject({ teams: ['Payments'] });
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('dora-summary')).toHaveText('Lead time for changes · median · Payments by week');

  const month = nextQuery(page);
  await choose(page, 'dora-interval', 'Month');
  expect(await month).toMatchObject({ interval: 'month' });
});

for (const [name, queryType] of [
  ['Lead time stages', 'stages'],
  ['Performance levels', 'levels'],
  ['Changes', 'changes'],
  ['Deployments', 'deployments'],
  ['Incidents', 'incidents'],
  ['Data quality', 'data-quality'],
  ['Synchronisation', 'sync'],
] as const) {
  test(`${name} answers`, async ({ gotoPanelEditPage, page, request, dora }) => {
    const uid = await boardWithPanel(request, dora, 'table');
    const panelEditPage = await gotoPanelEditPage({ dashboard: { uid }, id: '1' });
    const answered = page.waitForResponse(
      (response) => /\/api\/ds\/query/.test(response.url()) && (response.request().postData() ?? '').includes(`"queryType":"${queryType}"`)
    );
    await choose(page, 'dora-show', name);
    expect((await answered).status()).toBe(200);
    await expect(panelEditPage.panel.getErrorIcon()).toBeHidden();
    await expect(panelEditPage.panel.fieldNames.first()).toBeVisible();
  });
}

test('a list can be limited to some of its rows, and says in words that there is none', async ({ gotoPanelEditPage, page, request, dora }) => {
  const uid = await boardWithPanel(request, dora, 'table');
  const panelEditPage = await gotoPanelEditPage({ dashboard: { uid }, id: '1' });
  await choose(page, 'dora-show', 'Deployments');
  await expect(panelEditPage.panel.fieldNames.first()).toBeVisible();
  const failed = nextQuery(page);
  await choose(page, 'dora-rows', 'That made trouble');
  expect(await failed).toMatchObject({ queryType: 'deployments', rows: 'failed' });
  const incidents = nextQuery(page);
  await choose(page, 'dora-show', 'Incidents');
  expect(await incidents).not.toHaveProperty('rows');
  await choose(page, 'dora-rows', 'Still open');
  await expect(panelEditPage.panel.locator.getByText('No data')).toBeVisible();
});

test('the synchronisation is a number, too', async ({ gotoPanelEditPage, page, request, dora }) => {
  const uid = await boardWithPanel(request, dora, 'table');
  await gotoPanelEditPage({ dashboard: { uid }, id: '1' });
  await choose(page, 'dora-show', 'Synchronisation');
  await expect(page.getByTestId('dora-format')).toHaveValue('Table');
  const number = nextQuery(page);
  await choose(page, 'dora-format', 'Number');
  expect(await number).toMatchObject({ queryType: 'sync', format: 'number' });
});
