import type { SyncAnswer } from '../../src/shared/resources';
import type { DoraJsonData } from '../../src/shared/settings';
import type { Fault } from '../doubles/aws/faults';
import type { AccountSpec } from '../doubles/aws/scenario';
import { AwsDoubleProcess } from './aws-double';
import { type DataSourceUnderTest, PluginProcess } from './plugin';
import { noticesOf, rowsOf, scopesOf, syncAgain, syncEnds, syncUntil, temporaryFolder } from './setup';

/** AWS through the built executable: several accounts by role, what it costs, and what happens when AWS does not play along. */

jest.setTimeout(120_000);

const LONG = process.env.DORA_LONG === '1';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const RANGE = { from: NOW - 60 * DAY, to: NOW };
const TOOLING = '222222222222';
const OPERATIONS = '333333333333';
const role = (account: string): string => `arn:aws:iam::${account}:role/dora-read`;
const sha = (pipeline: number, index: number): string => (pipeline * 100_000 + index).toString(16).padStart(40, '0');

/** Executions by pipeline, and OpsItems. */
const PIPELINES: Record<string, number> = { empty: 0, single: 1, hundred: 100, many: 250 };
const ELSEWHERE: Record<string, number> = { 'many-west': 130 };
const ITEMS = 120;
const STAGES = 3;

function pipelines(counts: Record<string, number>): AccountSpec['pipelines'] {
  return Object.entries(counts).map(([name, count], pipeline) => ({
    name,
    executions: Array.from({ length: count }, (_, index) => ({ at: NOW - (index + 1) * 3 * HOUR, sources: [{ from: 'github-connection' as const, repository: `acme/${name}`, sha: sha(pipeline, index) }] })),
  }));
}

const ACCOUNTS: AccountSpec[] = [
  { account: TOOLING, region: 'eu-west-1', pipelines: pipelines(PIPELINES) },
  { account: TOOLING, region: 'us-west-2', pipelines: pipelines(ELSEWHERE) },
  { account: OPERATIONS, region: 'eu-west-1', opsItems: Array.from({ length: ITEMS }, (_, index) => ({ title: `many: errors ${index}`, createdAt: NOW - (index + 1) * 6 * HOUR, severity: '2' })) },
];
const ROLES = [{ arn: role(TOOLING), externalId: 'acme-tooling' }, { arn: role(OPERATIONS), externalId: 'acme-operations' }];
const ALL = [...Object.values(PIPELINES), ...Object.values(ELSEWHERE)];
const EXECUTIONS = ALL.reduce((sum, count) => sum + count, 0);

let aws: AwsDoubleProcess;
let plugin: PluginProcess | null = null;

/** Each test is a data source of its own, so that nothing of the one before is known. */
let made = 0;
function dataSource(changes: DoraJsonData = {}, stage?: string): DataSourceUnderTest {
  made += 1;
  return {
    uid: `aws-${made}`,
    secrets: aws.keys,
    jsonData: {
      authType: 'keys',
      endpoint: aws.url,
      defaultRegion: 'eu-west-1',
      sync: { every: '1h', lookback: '60d' },
      accounts: [
        { name: 'tooling', assumeRoleArn: role(TOOLING), externalId: 'acme-tooling', regions: ['eu-west-1', 'us-west-2'] },
        { name: 'operations', assumeRoleArn: role(OPERATIONS), externalId: 'acme-operations', regions: ['eu-west-1'] },
      ],
      teams: [{ name: 'Shop', deployments: [{ from: 'codepipeline', account: 'tooling', ...(stage ? { stage } : {}) }], incidents: [{ from: 'opsitems', account: 'operations' }], incidentWindow: '30d' }],
      ...changes,
    },
  };
}

async function start(environment: Record<string, string> = {}): Promise<PluginProcess> {
  plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: 'memory', ...environment } });
  return plugin;
}

/** Calls by operation since the last look, and forgets them. */
async function calls(): Promise<Record<string, number>> {
  const { summary } = await aws.journal();
  await aws.clearJournal();
  return Object.fromEntries(Object.entries(summary.byOperation).map(([operation, count]) => [operation.split(':')[1], count]));
}

const codesBy = (answer: SyncAnswer): Record<string, string> => Object.fromEntries(scopesOf(answer).map(({ scope, phase, error }) => [scope, error?.code ?? phase]));
const messageOf = (answer: SyncAnswer, scope: string): string => scopesOf(answer).find((one) => one.scope === scope)?.error?.message ?? '';
const DONE = { 'tooling/eu-west-1': 'done', 'tooling/us-west-2': 'done', 'operations/eu-west-1': 'done' };

/** Ids of all deployments and incidents that tables show, sorted. */
async function shown(running: PluginProcess, source: DataSourceUnderTest): Promise<{ deployments: string[]; incidents: string[] }> {
  const ids = async (queryType: string): Promise<string[]> => rowsOf((await running.query(source, { queryType }, RANGE)).frames[0]).map(({ id }) => String(id)).sort();
  return { deployments: await ids('deployments'), incidents: await ids('incidents') };
}

beforeAll(async () => {
  aws = await AwsDoubleProcess.start({ accounts: ACCOUNTS, roles: ROLES });
});

afterEach(async () => {
  await plugin?.kill();
  plugin = null;
  await aws.clearFaults();
  await aws.clearJournal();
  await aws.setLatency(0);
  await aws.identities({ deny: { who: role(OPERATIONS), denied: [] } });
});

afterAll(async () => {
  expect(await aws.defects()).toEqual([]);
  await aws.stop();
});

describe('AWS through the executable', () => {
  it('costs what it must on the first synchronisation, one call a pipeline and two when nothing is new, and nothing for panels and rules', async () => {
    const running = await start();
    const source = dataSource();
    expect(codesBy(await syncEnds(running, source))).toEqual(DONE);
    // ceil(P / 1000) a region, max(1, ceil(E / 100)) a pipeline, max(1, ceil(I / 50)); each role once.
    expect(await calls()).toEqual({ AssumeRole: 2, ListPipelines: 2, ListPipelineExecutions: 1 + 1 + 1 + 3 + 2, DescribeOpsItems: 3 });
    const { deployments, incidents } = await shown(running, source);
    expect(deployments).toHaveLength(EXECUTIONS);
    expect(new Set(deployments).size).toBe(EXECUTIONS);
    expect(incidents).toHaveLength(ITEMS);

    expect(codesBy(await syncAgain(running, source))).toEqual(DONE);
    expect(await calls()).toEqual({ ListPipelines: 2, ListPipelineExecutions: ALL.length, DescribeOpsItems: 1 });

    for (const metric of ['deployment-frequency', 'lead-time', 'change-failure-rate', 'time-to-restore', 'rework-rate']) {
      for (const format of ['timeseries', 'number', 'table']) {
        expect((await running.query(source, { metric, format, groupBy: 'service' }, RANGE)).error).toBe('');
      }
    }
    await running.resource(source, 'GET', 'teams');
    await running.resource(source, 'GET', 'sync');
    expect(await calls()).toEqual({});
  });

  it('adds one call per hundred action executions for stages, and none when nothing is new', async () => {
    const running = await start();
    const source = dataSource({}, 'Production');
    expect(codesBy(await syncEnds(running, source))).toEqual(DONE);
    const { ListActionExecutions: actions, ...others } = await calls();
    expect(others).toMatchObject({ ListPipelines: 2, ListPipelineExecutions: 8, DescribeOpsItems: 3 });
    expect(actions).toBeLessThanOrEqual(ALL.reduce((sum, count) => sum + Math.ceil((count * STAGES) / 100), 0));
    expect((await shown(running, source)).deployments).toHaveLength(EXECUTIONS);
    await syncAgain(running, source);
    expect(await calls()).toEqual({ ListPipelines: 2, ListPipelineExecutions: ALL.length, DescribeOpsItems: 1 });
  });

  it('says of each account and region whether it works, and repeats no secret', async () => {
    const running = await start();
    const good = await running.health(dataSource());
    expect(good.details.parts.map(({ name, status }) => [name, status])).toEqual(
      expect.arrayContaining([
        ['AWS tooling/eu-west-1: CodePipeline', 'ok'],
        ['AWS tooling/us-west-2: CodePipeline', 'ok'],
        ['AWS operations/eu-west-1: OpsCenter', 'ok'],
      ])
    );
    await aws.identities({ deny: { who: role(OPERATIONS), denied: [{ action: 'ssm:DescribeOpsItems' }] } });
    const source = dataSource();
    const answer = await syncEnds(running, source);
    expect(codesBy(answer)).toEqual({ ...DONE, 'operations/eu-west-1': 'AWS_ACCESS_DENIED' });
    const { ok, message } = await running.health(source);
    expect(ok).toBe(false);
    expect(message).toContain('operations/eu-west-1');
    expect(message).toContain('ssm:DescribeOpsItems is missing');
    const query = await running.query(source, { metric: 'time-to-restore' }, RANGE);
    expect(noticesOf(query.frames)).toContain('AWS_ACCESS_DENIED');
    expect((await shown(running, source)).deployments).toHaveLength(EXECUTIONS);
    expect(JSON.stringify([answer, message, query, running.logs])).not.toContain(aws.keys.secretKey);

    // Allowed again: nothing has to be done by hand.
    await aws.identities({ deny: { who: role(OPERATIONS), denied: [] } });
    expect(codesBy(await syncAgain(running, source))).toEqual(DONE);
    expect((await shown(running, source)).incidents).toHaveLength(ITEMS);
  });

  it('assumes no role with a wrong external id, and says so', async () => {
    const running = await start();
    const [tooling, operations] = (dataSource().jsonData as Required<DoraJsonData>).accounts;
    const answer = await syncEnds(running, dataSource({ accounts: [{ ...tooling, externalId: 'somebody-else' }, operations] }));
    expect(codesBy(answer)).toEqual({ 'tooling/eu-west-1': 'AWS_ROLE_DENIED', 'tooling/us-west-2': 'AWS_ROLE_DENIED', 'operations/eu-west-1': 'done' });
    expect(messageOf(answer, 'tooling/eu-west-1')).toContain(role(TOOLING));
  });

  /** Faults under which all is read in the end. */
  it.each<[string, Fault[]]>([
    ['a third of all calls are throttled', [{ when: { probability: 0.33, seed: 4, operation: 'codepipeline:*' }, then: { error: { code: 'ThrottlingException' } } }]],
    ['the session ends between two pages', [{ when: { operation: 'ssm:DescribeOpsItems', nth: 2 }, then: { expireSessions: true } }, { when: { operation: 'codepipeline:ListPipelineExecutions', nth: 5 }, then: { expireSessions: true } }]],
    ['connections end in the middle', [{ when: { nth: [3, 6, 9] }, then: { cut: 'mid-body' } }, { when: { nth: [2, 8] }, then: { cut: 'before-headers' } }]],
    ['AWS has errors of its own', [{ when: { nth: [3, 4, 8] }, then: { error: { code: 'InternalServerError', status: 500 } } }]],
  ])('reads everything once although %s', async (_, faults) => {
    await aws.addFaults(...faults);
    const running = await start();
    const source = dataSource();
    let answer = await syncEnds(running, source);
    await aws.clearFaults();
    if (Object.values(codesBy(answer)).some((code) => code !== 'done')) {
      answer = await syncAgain(running, source);
    }
    expect(codesBy(answer)).toEqual(DONE);
    const { deployments, incidents } = await shown(running, source);
    expect([deployments.length, new Set(deployments).size, incidents.length]).toEqual([EXECUTIONS, EXECUTIONS, ITEMS]);
  });

  it('names a storm of throttling, keeps what it has, and goes on when it is over', async () => {
    const running = await start();
    const source = dataSource();
    // The third page of one pipeline, and everything of a region.
    await aws.addFaults(
      { when: { region: 'eu-west-1', operation: 'codepipeline:ListPipelineExecutions', pipeline: 'many', page: 'later' }, then: { error: { code: 'ThrottlingException' } } },
      { when: { region: 'us-west-2', operation: 'codepipeline:*' }, then: { error: { code: 'ThrottlingException' } } }
    );
    const answer = await syncEnds(running, source, 90_000);
    expect(codesBy(answer)).toEqual({ 'tooling/eu-west-1': 'AWS_THROTTLED', 'tooling/us-west-2': 'AWS_THROTTLED', 'operations/eu-west-1': 'done' });
    const before = await shown(running, source);
    expect([before.deployments.length, before.incidents.length]).toEqual([1 + 100 + 100, ITEMS]);
    await aws.clearFaults();
    await aws.clearJournal();
    expect(codesBy(await syncAgain(running, source, 90_000))).toEqual(DONE);
    expect((await shown(running, source)).deployments).toHaveLength(EXECUTIONS);
    // What was stored is not read again: the two pages that were missing, one look at the top of each, and the other region.
    expect((await calls()).ListPipelineExecutions).toBeLessThanOrEqual(2 + 4 + 2);
  });

  it('reads the other accounts and answers queries while a region does not answer', async () => {
    await aws.addFaults({ when: { region: 'us-west-2' }, then: { cut: 'never' } });
    const running = await start();
    const source = dataSource();
    await syncUntil(running, source, (answer) => codesBy(answer)['tooling/eu-west-1'] === 'done' && codesBy(answer)['operations/eu-west-1'] === 'done', 20_000);
    const asked = performance.now();
    const query = await running.query(source, { metric: 'deployment-frequency', measure: 'count', format: 'number' }, RANGE);
    expect(performance.now() - asked).toBeLessThan(2_000);
    expect(query.status).toBe(200);
    expect((await shown(running, source)).deployments).toHaveLength(EXECUTIONS - ELSEWHERE['many-west']);
    // Nothing there at all is found out at once.
    await aws.clearFaults();
    const refused = dataSource({ endpoint: 'http://127.0.0.1:9' });
    expect(new Set(Object.values(codesBy(await syncEnds(running, refused, 60_000))))).toEqual(new Set(['AWS_UNREACHABLE']));
  });

  it.each([['ahead', 20], ['behind', -20]])("works when AWS's clock is %s of this machine's", async (_, minutes) => {
    const skewed = await AwsDoubleProcess.start({ accounts: ACCOUNTS, roles: ROLES, clock: { now: new Date(Date.now() + minutes * 60_000).toISOString(), running: true }, signatureWindowMs: 5 * 60_000 });
    try {
      const running = await start();
      const source = dataSource({ endpoint: skewed.url });
      expect(codesBy(await syncEnds(running, source))).toEqual(DONE);
      expect((await skewed.journal()).summary.errors).toHaveProperty(['InvalidSignatureException']);
      const { deployments, incidents } = await shown(running, source);
      expect([deployments.length, incidents.length]).toEqual([EXECUTIONS, ITEMS]);
    } finally {
      await skewed.stop();
    }
  });

  it('publishes each closed day once, with team and repository, also when it is killed before AWS has answered', async () => {
    const folder = temporaryFolder();
    try {
      const source = dataSource({ publish: { cloudwatch: true, namespace: 'Acme/DORA' } });
      const puts = async (): Promise<Array<{ MetricName: string; Dimensions: Array<{ Name: string }>; Timestamp: unknown }>> => {
        const { requests } = await aws.journal();
        return requests.filter(({ operation }) => operation === 'cloudwatch:PutMetricData').flatMap(({ input }) => input.MetricData as Array<{ MetricName: string; Dimensions: Array<{ Name: string }>; Timestamp: unknown }>);
      };
      const until = async (holds: () => Promise<boolean>): Promise<void> => {
        for (let tries = 0; tries < 200 && !(await holds()); tries += 1) {
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      // AWS has taken it, and its answer never comes.
      await aws.addFaults({ when: { operation: 'cloudwatch:PutMetricData' }, then: { cut: 'never' } });
      const first = await start({ GF_PLUGIN_DORA_STORE: folder.path });
      await syncEnds(first, source);
      await syncAgain(first, source, 3_000).catch(() => undefined);
      await until(async () => (await puts()).length > 0);
      await first.kill();
      const sent = await puts();
      expect(sent.length).toBeGreaterThan(0);
      await aws.clearFaults();
      const second = await start({ GF_PLUGIN_DORA_STORE: folder.path });
      await syncEnds(second, source);
      await syncAgain(second, source);
      await syncAgain(second, source);
      expect(await puts()).toEqual(sent);
      expect(new Set(sent.map((datum) => JSON.stringify([datum.MetricName, datum.Dimensions, datum.Timestamp]))).size).toBe(sent.length);
      expect(new Set(sent.map(({ Dimensions }) => Dimensions.map(({ Name }) => Name).join('+')))).toEqual(new Set(['Team', 'Team+Repository']));
    } finally {
      folder.remove();
    }
  });

  it('has nothing twice and nothing lost after being killed anywhere', async () => {
    const folder = temporaryFolder();
    try {
      const source = dataSource({}, 'Production');
      await aws.setLatency(15);
      for (let kill = 0; kill < (LONG ? 12 : 4); kill += 1) {
        const running = await start({ GF_PLUGIN_DORA_STORE: folder.path });
        await running.resource(source, 'GET', 'sync');
        await new Promise((resolve) => setTimeout(resolve, 60 + kill * 70));
        await running.kill();
      }
      await aws.setLatency(0);
      const running = await start({ GF_PLUGIN_DORA_STORE: folder.path });
      await syncUntil(running, source, (answer) => JSON.stringify(Object.entries(codesBy(answer)).sort()) === JSON.stringify(Object.entries(DONE).sort()));
      const { deployments, incidents } = await shown(running, source);
      expect([deployments.length, new Set(deployments).size, incidents.length]).toEqual([EXECUTIONS, EXECUTIONS, ITEMS]);
    } finally {
      folder.remove();
    }
  });
});
