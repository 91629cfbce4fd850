import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CodePipelineClient, ListActionExecutionsCommand, ListPipelineExecutionsCommand, ListPipelinesCommand } from '@aws-sdk/client-codepipeline';
import { DescribeOpsItemsCommand, SSMClient } from '@aws-sdk/client-ssm';
import { addSampleOrganisation } from '../github/sample/sample';
import { Clock } from '../shared/clock';
import { World as GitHubWorld } from '../github/world';
import { prepareDouble } from './config';
import { DEFAULT_ACCOUNT, DEFAULT_KEY } from './identities';
import { fetchModels } from './models';
import { OPERATIONS_ACCOUNT, SAMPLE_REGION, TOOLING_ACCOUNT } from './sample';
import { AwsScenario } from './scenario';
import { AwsDouble } from './server';
import { World } from './world';

// Whole organisations take their time on a busy machine.
jest.setTimeout(60_000);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.parse('2026-03-01T12:00:00Z');
const models = fetchModels();
const word = 'missing' in models ? String(models.missing) : null;

describe('AWS double', () => {
  const clock = new Clock(NOW, false);
  const world = new World();
  let double: AwsDouble;
  let codepipeline: CodePipelineClient;
  let ssm: SSMClient;
  beforeAll(async () => {
    const region = new AwsScenario(world).region(DEFAULT_ACCOUNT);
    for (let index = 0; index < 230; index += 1) {
      region.pipeline('api').execution({ at: NOW - (index + 1) * 2 * DAY });
    }
    region.pipeline('edited').execution({ at: NOW - 5 * DAY });
    region.pipeline('edited').edit(NOW - DAY);
    for (let index = 0; index < 60; index += 1) {
      region.opsItem({ title: `Item ${index}`, createdAt: NOW - index * DAY, modifiedAt: NOW - index * DAY, hiddenData: { secret: 'x' }, data: { shown: 'y' } });
    }
    double = await new AwsDouble({ world, clock, models: 'missing' in models ? null : models }).start();
    const config = { region: 'us-east-1', endpoint: double.url, credentials: { accessKeyId: DEFAULT_KEY.accessKeyId, secretAccessKey: DEFAULT_KEY.secretAccessKey }, maxAttempts: 1 };
    codepipeline = new CodePipelineClient(config);
    ssm = new SSMClient(config);
  });
  afterAll(async () => {
    codepipeline.destroy();
    ssm.destroy();
    await double.close();
    expect(double.defects).toEqual([]);
  });

  if (word) {
    it.skip(`is held against AWS's own models: ${word}`, () => undefined);
  } else {
    it("is held against AWS's own models", () => {
      expect(double.validates).toBe(true);
    });
  }

  it('answers executions newest first, at most a hundred, and none older than twelve months', async () => {
    const starts: number[] = [];
    let nextToken: string | undefined;
    const sizes: number[] = [];
    do {
      const page = await codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: 'api', nextToken }));
      sizes.push(page.pipelineExecutionSummaries?.length ?? 0);
      starts.push(...(page.pipelineExecutionSummaries ?? []).map(({ startTime }) => startTime!.getTime()));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(sizes).toEqual([100, 82]);
    expect(starts).toEqual([...starts].sort((a, b) => b - a));
    expect(Math.min(...starts)).toBeGreaterThan(NOW - 365 * DAY);
  });

  it('refuses pages that are too large, as AWS does', async () => {
    await expect(codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: 'api', maxResults: 101 }))).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(codepipeline.send(new ListPipelinesCommand({ maxResults: 1_001 }))).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(ssm.send(new DescribeOpsItemsCommand({ MaxResults: 51 }))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('gives tokens that go with one request only, and end', async () => {
    const { nextToken } = await codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: 'api', maxResults: 10 }));
    const go = (input: object) => codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: 'api', maxResults: 10, nextToken, ...input }));
    await expect(go({ maxResults: 20 })).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
    await expect(go({ nextToken: 'made-up' })).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
    expect((await go({})).pipelineExecutionSummaries).toHaveLength(10);
    double.tokens.expireAll();
    await expect(go({})).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });

  it('answers each action once, newest first, whatever fractions their times were given with', async () => {
    const pipeline = new AwsScenario(world).region(DEFAULT_ACCOUNT).pipeline('fractions');
    for (let index = 0; index < 90; index += 1) {
      const at = NOW - 30 * DAY - index * HOUR + index / 7;
      pipeline.execution({ at, stages: [{ name: 'Production', actions: [{ startedAt: at, finishedAt: at + 1.5 }, { startedAt: at + 60_000.1, finishedAt: at + 90_000.2 }] }] });
    }
    const met: number[] = [];
    let nextToken: string | undefined;
    do {
      const answer = await codepipeline.send(new ListActionExecutionsCommand({ pipelineName: 'fractions', maxResults: 25, nextToken }));
      met.push(...answer.actionExecutionDetails!.map(({ startTime }) => startTime!.getTime()));
      ({ nextToken } = answer);
    } while (nextToken);
    expect(met).toHaveLength(180);
    expect(met).toEqual([...met].sort((a, b) => b - a));
  });

  it('keeps a walk steady while new executions begin', async () => {
    const first = await codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: 'api', maxResults: 5 }));
    new AwsScenario(world).region(DEFAULT_ACCOUNT).pipeline('api').execution({ at: NOW - HOUR });
    const second = await codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: 'api', maxResults: 5, nextToken: first.nextToken }));
    expect(second.pipelineExecutionSummaries?.[0].startTime?.getTime()).toBe(NOW - 6 * 2 * DAY);
  });

  it('hides history behind the stage filter once a pipeline was edited', async () => {
    const filtered = await codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: 'edited', filter: { succeededInStage: { stageName: 'Production' } } }));
    expect(filtered.pipelineExecutionSummaries).toEqual([]);
    const whole = await codepipeline.send(new ListActionExecutionsCommand({ pipelineName: 'edited' }));
    expect(whole.actionExecutionDetails).toHaveLength(3);
  });

  it('lists searchable OperationalData only, and filters by time', async () => {
    const { OpsItemSummaries = [] } = await ssm.send(new DescribeOpsItemsCommand({ OpsItemFilters: [{ Key: 'LastModifiedTime', Operator: 'GreaterThan', Values: [new Date(NOW - 2 * DAY).toISOString()] }] }));
    expect(OpsItemSummaries).toHaveLength(2);
    expect(OpsItemSummaries[0].OperationalData).toEqual({ shown: { Value: 'y', Type: 'SearchableString' } });
    await expect(ssm.send(new DescribeOpsItemsCommand({ OpsItemFilters: [{ Key: 'LastModifiedTime', Operator: 'Equal', Values: ['x'] }] }))).rejects.toMatchObject({ name: 'OpsItemInvalidParameterException' });
  });

  it('takes no signature of another secret, no unknown key and no unknown pipeline', async () => {
    const as = async (accessKeyId: string, secretAccessKey: string): Promise<unknown> => {
      const client = new CodePipelineClient({ region: 'us-east-1', endpoint: double.url, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
      return client.send(new ListPipelinesCommand({})).finally(() => client.destroy());
    };
    await expect(as(DEFAULT_KEY.accessKeyId, 'another')).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    await expect(as('AKIANOBODY0000000000', DEFAULT_KEY.secretAccessKey)).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await expect(codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: 'nothing' }))).rejects.toMatchObject({ name: 'PipelineNotFoundException' });
  });

  it('is steered over HTTP', async () => {
    const post = (path: string, body: unknown) => fetch(`${double.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    expect((await post('/_control/facts', { accounts: [{ account: DEFAULT_ACCOUNT, region: 'eu-west-3', pipelines: [{ name: 'x', executions: [{ at: NOW - HOUR }] }], opsItems: [{ title: 'T', createdAt: NOW - HOUR }] }] })).status).toBe(200);
    const regions = (await (await fetch(`${double.url}/_control/world`)).json()) as Array<{ region: string; opsItems: number }>;
    expect(regions.find(({ region }) => region === 'eu-west-3')).toMatchObject({ opsItems: 1, pipelines: [{ name: 'x', executions: 1, actions: 3 }] });
    const { ids } = (await (await post('/_control/faults', { when: { times: 1 }, then: { error: { code: 'ThrottlingException' } } })).json()) as { ids: string[] };
    await expect(codepipeline.send(new ListPipelinesCommand({}))).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect((await fetch(`${double.url}/_control/faults?id=${ids[0]}`, { method: 'DELETE' })).status).toBe(200);
    expect((await post('/_control/facts', { accounts: [{ account: DEFAULT_ACCOUNT, region: 'x', opsItems: [{ title: 'T', createdAt: 'never' }] }] })).status).toBe(400);
    const journal = (await (await fetch(`${double.url}/_journal?summary`)).json()) as { errors: Record<string, number> };
    expect(journal.errors.ThrottlingException).toBe(1);
  });
});

describe('sample accounts of acme', () => {
  const { world } = prepareDouble({ sample: true, clock: { now: new Date(NOW).toISOString(), running: false } });
  const tooling = world.region(TOOLING_ACCOUNT, SAMPLE_REGION);
  const operations = world.region(OPERATIONS_ACCOUNT, SAMPLE_REGION);
  const gitHub = new GitHubWorld();
  addSampleOrganisation(gitHub, { now: NOW, seed: 1 });

  it('run on commits of the organisation', () => {
    expect([...tooling.pipelines.keys()]).toEqual(['warehouse-api', 'warehouse-jobs', 'payments-ledger-deploy']);
    for (const { name, executions } of tooling.pipelines.values()) {
      const commits = gitHub.findRepository('acme', name.replace('-deploy', ''))!.content.commits;
      expect(executions.length).toBeGreaterThan(20);
      expect(executions.flatMap(({ revisions }) => revisions.map(({ revisionId }) => revisionId!)).filter((sha) => !commits.has(sha))).toEqual([]);
      expect(executions.every(({ startedAt, updatedAt }) => startedAt <= updatedAt && updatedAt <= NOW)).toBe(true);
    }
  });

  it('lie on whole milliseconds, by which lists are paged: a walk meets every action once', () => {
    for (const { executions, actions } of tooling.pipelines.values()) {
      expect([...executions, ...actions].flatMap(({ startedAt, updatedAt }) => [startedAt, updatedAt]).every(Number.isInteger)).toBe(true);
    }
  });

  it('have every end of an execution, retried stages and rollbacks', () => {
    const executions = [...tooling.pipelines.values()].flatMap((pipeline) => pipeline.executions);
    expect(new Set(executions.map(({ status }) => status))).toEqual(new Set(['Succeeded', 'Failed', 'Superseded', 'Stopped', 'Cancelled']));
    expect(executions.some(({ type }) => type === 'ROLLBACK')).toBe(true);
    const { actions } = tooling.pipelines.get('warehouse-api')!;
    const runs = new Map<string, number>();
    for (const { execution, stage } of actions) {
      runs.set(`${execution} ${stage}`, (runs.get(`${execution} ${stage}`) ?? 0) + 1);
    }
    expect([...runs.values()].some((count) => count > 1)).toBe(true);
  });

  it('have OpsItems that end by a fix, by OperationalData, by their last change, and not yet', () => {
    const items = [...operations.opsItems.values()];
    const pulls = ['warehouse-api', 'warehouse-jobs'].flatMap((name) => [...gitHub.findRepository('acme', name)!.content.pulls.values()]);
    const fixed = items.filter(({ id }) => pulls.some((pull) => `${pull.headBranch} ${pull.title}`.includes(id)));
    expect(fixed.length).toBeGreaterThan(3);
    expect(fixed.some(({ id }) => pulls.some(({ title }) => title.includes(`fix(${id})`)))).toBe(true);
    expect(items.some(({ data }) => data['dora/resolvedAt'])).toBe(true);
    expect(items.some(({ status }) => status === 'Closed')).toBe(true);
    expect(items.some(({ status }) => status === 'Open')).toBe(true);
    expect(items.some(({ source }) => source === 'EC2')).toBe(true);
  });

  it('are the same for the same seed', () => {
    const again = prepareDouble({ sample: true, clock: { now: new Date(NOW).toISOString(), running: false } }).world;
    const print = (of: World): string => JSON.stringify(of.list().map((region) => [...region.pipelines.values(), ...region.opsItems.values()]));
    expect(print(again)).toBe(print(world));
  });
});

describe('AWS double as a process', () => {
  it('prints where it is, and ends when told to', async () => {
    const child = spawn(process.execPath, [require.resolve('./main.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString('utf8'))));
    const said = JSON.parse(line) as { url: string; accessKey: string; accounts: unknown[] };
    expect(said).toMatchObject({ accessKey: DEFAULT_KEY.accessKeyId, accounts: [{ account: TOOLING_ACCOUNT, region: SAMPLE_REGION }, { account: OPERATIONS_ACCOUNT, region: SAMPLE_REGION }] });
    expect((await fetch(`${said.url}/_control/clock`)).status).toBe(200);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});

/** A Python with boto3, outside the project; a reason in words when it cannot be had. */
function boto3(): { python: string } | { missing: string } {
  const folder = join(__dirname, '..', '..', '..', 'node_modules', '.cache', 'boto3');
  const python = join(folder, 'bin', 'python');
  try {
    if (!existsSync(python)) {
      execFileSync('python3', ['-m', 'venv', folder], { stdio: 'pipe' });
      execFileSync(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'boto3'], { stdio: 'pipe', timeout: 300_000 });
    }
    execFileSync(python, ['-c', 'import boto3'], { stdio: 'pipe' });
    return { python };
  } catch (error) {
    return { missing: error instanceof Error ? error.message.split('\n')[0] : String(error) };
  }
}

const long = process.env.DORA_LONG === '1';

(long ? describe : describe.skip)("a second opinion by AWS's own Python client", () => {
  it('reads the same', async () => {
    const found = boto3();
    if ('missing' in found) {
      process.stderr.write(`No second opinion: ${found.missing}\n`);
      return;
    }
    const double = await new AwsDouble(prepareDouble({ sample: true })).start();
    try {
      const { stdout } = await promisify(execFile)(found.python, [join(__dirname, 'second-opinion.py'), double.url, DEFAULT_KEY.accessKeyId, DEFAULT_KEY.secretAccessKey]);
      const counted = JSON.parse(stdout) as Record<string, { executions: number }> & { opsItems: number };
      const { pipelines } = double.world.region(TOOLING_ACCOUNT, SAMPLE_REGION);
      for (const { name, executions } of pipelines.values()) {
        expect(counted[name].executions).toBe(executions.length);
      }
      expect(counted.opsItems).toBe(double.world.region(OPERATIONS_ACCOUNT, SAMPLE_REGION).opsItems.size);
      expect(double.defects).toEqual([]);
    } finally {
      await double.close();
    }
  });
});
