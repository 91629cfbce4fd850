import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { DoraJsonData } from '../../src/shared/settings';
import { addSampleAccounts, SAMPLE_REGION, SAMPLE_ROLES, TOOLING_ACCOUNT } from '../doubles/aws/sample';
import { AwsBench, DAY } from '../support/aws';

/** The provisioned data source on the sample accounts: what it reads of them is what they have. */
it('the provisioned teams on AWS have every rollout and OpsItem of the sample', async () => {
  const file = join(__dirname, '..', '..', 'provisioning', 'datasources', 'dora.yaml');
  const { datasources } = parse(readFileSync(file, 'utf8')) as { datasources: Array<{ jsonData: DoraJsonData }> };
  const { accounts, defaultRegion, teams, sync } = datasources[0].jsonData;
  const bench = await new AwsBench({ settings: { accounts, defaultRegion, teams, sync }, double: { roles: SAMPLE_ROLES.map((role) => ({ ...role })) } }).start();
  try {
    addSampleAccounts(bench.world, { now: bench.now });
    await bench.sync(bench.codepipeline);
    await bench.sync(bench.opscenter);
    const { deployments, incidents } = await bench.facts();
    const { pipelines } = bench.world.region(TOOLING_ACCOUNT, SAMPLE_REGION);
    const since = bench.now - 170 * DAY;
    const rolledOut = [...pipelines.values()].flatMap(({ actions }) => actions.filter(({ stage, status, startedAt }) => stage === 'Production' && status === 'Succeeded' && startedAt >= since).map(({ execution }) => `codepipeline:${execution}`));
    expect(rolledOut.length).toBeGreaterThan(150);
    const read = deployments.filter(({ pipeline, stages, outcome, startedAt }) => startedAt >= since && (pipeline === 'payments-ledger-deploy' ? outcome === 'succeeded' : stages.some((stage) => stage.name === 'Production' && stage.outcome === 'succeeded')));
    expect(new Set(read.map(({ id }) => id))).toEqual(new Set(rolledOut));
    expect(incidents.filter(({ title }) => /warehouse|ledger/i.test(title)).length).toBeGreaterThan(5);
  } finally {
    await bench.close();
  }
}, 60_000);
