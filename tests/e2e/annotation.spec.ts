import { choose, chooseSource, expect, test } from './dora';

for (const [name, queryType] of [
  ['Deployments', 'deployments'],
  ['Failed deployments', 'deployments'],
  ['Incidents', 'incidents'],
] as const) {
  test(`annotations mark ${name.toLowerCase()}`, async ({ annotationEditPage, page, dora }) => {
    await chooseSource(page, annotationEditPage.datasource, dora);
    await expect(page.getByTestId('dora-annotate')).toHaveValue('Deployments');
    if (name !== 'Deployments') {
      await choose(page, 'dora-annotate', name);
    }
    const answered = await annotationEditPage.runQuery();
    expect(answered.status()).toBe(200);
    expect(answered.request().postData()).toContain(`"queryType":"${queryType}"`);
    await expect(page.getByText(/\d+ events|No events found/).first()).toBeVisible();
  });
}
