import { answerCloudWatch } from '../../src/backend/handlers/cloudwatch';
import { parseQuery } from '../../src/shared/query';
import { forgetCredentials } from '../../src/sources/aws/credentials';
import { GitHubSource } from '../../src/sources/github/github-source';
import { addSampleAccounts, SAMPLE_REGION, SAMPLE_ROLES } from '../doubles/aws/sample';
import { addSampleOrganisation } from '../doubles/github/sample/sample';
import { Dice } from '../engine/organisation';
import { AwsBench, DAY, HOUR, MINUTE } from '../support/aws';
import { closeBenches, GitHubBench } from '../support/github';
import { runPasses } from './passes';
import { Twister } from './twister';

const PASSES = Number(process.env.DORA_FUZZ_PASSES ?? (process.env.DORA_LONG === '1' ? 700 : 3));
const SEED = Number(process.env.DORA_FUZZ_SEED ?? 20_260_302);

describe('a provider that says anything', () => {
  afterEach(closeBenches);

  it(`GitHub, ${PASSES} times`, async () => {
    const dice = new Dice(SEED);
    const bench = new GitHubBench();
    const start = bench.clock.now();
    addSampleOrganisation(bench.world, { now: start, days: 20, only: ['payments-api', 'checkout-web'] });
    await bench.start();
    const twister = new Twister(bench.double.url, dice);
    bench.settings = {
      github: { apiUrl: await twister.listen() },
      teams: [{
        name: 'A',
        repositories: ['acme/*'],
        deployments: [{ from: 'releases' }, { from: 'github-deployments' }, { from: 'workflow-runs' }, { from: 'merged-pull-requests' }],
        incidents: [{ from: 'github-issues' }, { from: 'reverts' }, { from: 'hotfixes', labels: ['hotfix'] }, { from: 'failed-deployments' }],
      }],
    };
    try {
      const line = await runPasses({
        twister,
        settings: bench.settings,
        reports: bench.reports,
        logs: bench.logs,
        now: () => bench.clock.now(),
        begin: (round) => bench.clock.set(start + round * HOUR),
        sources: () => [new GitHubSource()],
        context: (store) => bench.context(store),
      }, PASSES, dice);
      console.info(`GitHub: ${line}`);
    } finally {
      twister.close();
    }
    expect(twister.twisted).toBeGreaterThan(PASSES);
  }, 3_600_000);

  it(`AWS, ${PASSES} times`, async () => {
    const dice = new Dice(SEED);
    const accounts = ['tooling', 'operations'].map((name, index) => ({ name, assumeRoleArn: SAMPLE_ROLES[index].arn, externalId: SAMPLE_ROLES[index].externalId ?? '' }));
    const bench = new AwsBench({ double: { roles: [...SAMPLE_ROLES] }, patience: { connectMs: 5_000, answerMs: 5_000, attempts: 2 } });
    const start = bench.now;
    addSampleAccounts(bench.world, { now: start, days: 10 });
    const day = Math.floor(start / DAY) * DAY;
    bench.region(SAMPLE_REGION).region.addPoint('DORA', 'DeploymentFrequency', {}, 'Count', { at: day - 5 * DAY, sum: 3, count: 3, min: 1, max: 1 });
    bench.buckets = [1, 2].map((ago) => ({ metric: 'deployment-frequency', team: 'Warehouse', repository: null, at: day - ago * DAY, value: ago }));
    await bench.start();
    const twister = new Twister(bench.double.url, dice);
    bench.settings = {
      authType: 'keys',
      endpoint: await twister.listen(),
      defaultRegion: SAMPLE_REGION,
      accounts,
      publish: { cloudwatch: true, namespace: 'Acme' },
      teams: [
        { name: 'Warehouse', deployments: [{ from: 'codepipeline', account: 'tooling', pipelines: ['warehouse-*'], stage: 'Production' }], incidents: [{ from: 'opsitems', account: 'operations' }, { from: 'failed-deployments' }] },
        { name: 'Others', deployments: [{ from: 'codepipeline', account: 'tooling', pipelines: ['!warehouse-*'] }], incidents: [{ from: 'opsitems', account: 'operations' }] },
      ],
    };
    const { settings } = bench.context();
    const range = { from: start - 30 * DAY, to: start };
    try {
      const line = await runPasses({
        twister,
        settings: bench.settings,
        reports: bench.reports,
        logs: bench.logs,
        now: () => bench.now,
        begin: (round) => {
          // Signatures end after minutes.
          bench.clock.set(start + round * MINUTE);
          accounts.forEach(({ name }) => forgetCredentials(settings, bench.secrets, name));
        },
        sources: () => [bench.codepipeline, bench.opscenter, bench.cloudwatch],
        context: (store) => bench.context(store),
        // What a query asks for is read in the next round.
        askMore: (store) =>
          Promise.all(['deployment-frequency', 'lead-time'].map((metric) =>
            answerCloudWatch({ sourceContext: () => bench.context(store), scheduler: { wake: () => undefined } }, parseQuery({ queryType: 'cloudwatch', metric }), range, bench.now, true)
          )),
      }, PASSES, dice);
      console.info(`AWS: ${line}`);
    } finally {
      twister.close();
      await bench.close();
    }
    expect(twister.twisted).toBeGreaterThan(PASSES);
  }, 3_600_000);
});
