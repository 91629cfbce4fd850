import { createHmac } from 'node:crypto';
import type { DoraJsonData } from '../../src/shared/settings';
import { AwsDoubleProcess } from './aws-double';
import { GitHubDoubleProcess } from './double';
import { type DataSourceUnderTest, PluginProcess } from './plugin';
import { rowsOf, syncAgain, syncEnds } from './setup';

/** Events over the real protocol: what is accepted is in the very next query. */

jest.setTimeout(60_000);

const SECRET = 'webhook-secret-of-the-test';
const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / 1_000) * 1_000;
const RANGE = { from: NOW - 7 * 24 * 60 * MINUTE, to: NOW + 60 * MINUTE };
const at = (minute: number): string => new Date(NOW - 60 * MINUTE + minute * MINUTE).toISOString();

let github: GitHubDoubleProcess;
let aws: AwsDoubleProcess;
let plugin: PluginProcess;
let source: DataSourceUnderTest;

const as = (role: string): DataSourceUnderTest => ({ ...source, role });
const signature = (body: string, secret = SECRET): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

async function rows(queryType: 'deployments' | 'incidents' | 'changes'): Promise<Array<Record<string, unknown>>> {
  const { frames, error } = await plugin.query(source, { queryType }, RANGE);
  expect(error).toBe('');
  return rowsOf(frames[0]);
}

/** Sends an event, and asks at once: the milliseconds from its acceptance to the answer. */
async function pushAndAsk(path: string, body: object, headers: Record<string, string>, queryType: 'deployments' | 'incidents' | 'changes', shows: (row: Record<string, unknown>) => boolean): Promise<number> {
  const text = JSON.stringify(body);
  expect((await rows(queryType)).some(shows)).toBe(false);
  const signed: Record<string, string> = path === 'events/github' ? { 'X-Hub-Signature-256': signature(text) } : {};
  expect(await plugin.resource(as(path === 'events/github' ? 'Viewer' : 'Editor'), 'POST', path, text, { ...headers, ...signed })).toMatchObject({ status: 200, body: { accepted: true } });
  const accepted = performance.now();
  const found = (await rows(queryType)).some(shows);
  const took = performance.now() - accepted;
  expect(found).toBe(true);
  return took;
}

const execution = (state: string, minute: number): object => ({
  version: '0', id: `${state}-${minute}`, 'detail-type': 'CodePipeline Pipeline Execution State Change', source: 'aws.codepipeline', account: '111111111111', time: at(minute), region: 'us-east-1', resources: [],
  detail: { pipeline: 'warehouse', 'execution-id': '11111111-2222-4333-8444-555555555555', state, version: 1, 'start-time': at(10) },
});

const opsItem = (kind: 'Create' | 'Update', status: string, minute: number): object => ({
  version: '0', id: `${kind}-${minute}`, 'detail-type': `OpsItem ${kind}`, source: 'aws.ssm', account: '111111111111', time: at(minute), region: 'us-east-1', resources: [],
  detail: { 'ops-item-id': 'oi-0123456789ab', status, title: 'Warehouse is slow', source: 'CloudWatch', 'created-time': at(20), severity: '2' },
});

beforeAll(async () => {
  [github, aws] = await Promise.all([
    GitHubDoubleProcess.start({
      organisations: [{ login: 'acme', repositories: [{ name: 'shop', createdAt: NOW - 90 * 24 * 60 * MINUTE, steps: [{ commit: { at: NOW - 80 * 24 * 60 * MINUTE, message: 'Start' } }, { release: { tag: 'v1', publishedAt: NOW - 60 * 24 * 60 * MINUTE } }] }] }],
    }),
    AwsDoubleProcess.start({ accounts: [{ account: '111111111111', region: 'us-east-1', pipelines: [{ name: 'warehouse' }] }] }),
  ]);
  plugin = await PluginProcess.start({ environment: { GF_PLUGIN_DORA_STORE: 'memory' } });
  const teams: DoraJsonData['teams'] = [
    { name: 'Any tool', deployments: [{ from: 'events', services: ['till'] }], incidents: [{ from: 'events', services: ['till'] }] },
    { name: 'Warehouse', services: [{ name: 'warehouse', pipelines: ['warehouse'] }], deployments: [{ from: 'codepipeline', pipelines: ['warehouse'] }], incidents: [{ from: 'opsitems', service: 'warehouse' }] },
    { name: 'Shop', repositories: ['acme/shop'], deployments: [{ from: 'releases' }, { from: 'workflow-runs' }, { from: 'github-deployments' }], incidents: [{ from: 'github-issues' }] },
  ];
  source = {
    uid: 'events',
    secrets: { githubToken: github.token, webhookSecret: SECRET, ...aws.keys },
    jsonData: { github: { apiUrl: github.url }, authType: 'keys', endpoint: aws.url, sync: { every: '1h', lookback: '60d' }, teams },
  };
  await syncEnds(plugin, source);
});

afterAll(async () => {
  await plugin?.kill();
  await Promise.all([github?.stop(), aws?.stop()]);
});

describe('events through the executable', () => {
  it('refuse a Viewer with 403, a wrong or missing signature with 401, and leave no trace', async () => {
    const before = [await rows('deployments'), await rows('incidents'), await rows('changes')];
    const deployment = JSON.stringify({ id: 'refused', service: 'till', status: 'succeeded', finishedAt: at(1) });
    const incident = JSON.stringify({ id: 'refused', service: 'till', title: 'Refused', openedAt: at(1) });
    for (const [path, body] of [['events/deployment', deployment], ['events/incident', incident], ['events/aws', JSON.stringify(execution('SUCCEEDED', 12))]]) {
      expect(await plugin.resource(as('Viewer'), 'POST', path, body)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
      expect(await plugin.resource(as('Admin'), 'POST', path, body, { 'X-Hub-Signature-256': signature(body, 'wrong') })).toMatchObject({ status: 401, body: { code: 'SIGNATURE_INVALID' } });
    }
    await github.change('acme/shop', [{ issue: { title: 'Refused', openedAt: at(1) } }]);
    const [{ event, body }] = (await github.webhooks('acme/shop')).filter((hook) => hook.event === 'issues');
    const text = JSON.stringify(body);
    expect(await plugin.resource(as('Viewer'), 'POST', 'events/github', text, { 'X-GitHub-Event': event })).toMatchObject({ status: 401, body: { code: 'SIGNATURE_INVALID' } });
    expect(await plugin.resource(as('Viewer'), 'POST', 'events/github', text, { 'X-GitHub-Event': event, 'X-Hub-Signature-256': signature(`${text} `) })).toMatchObject({ status: 401 });
    expect([await rows('deployments'), await rows('incidents'), await rows('changes')]).toEqual(before);
    expect(JSON.stringify(plugin.logs)).not.toContain(SECRET);
  });

  it('events/deployment: in the next query, within a second', async () => {
    const body = { id: 'till-1', service: 'till', sha: 'a'.repeat(40), status: 'succeeded', startedAt: at(1), finishedAt: at(2) };
    expect(await pushAndAsk('events/deployment', body, {}, 'deployments', ({ id, status }) => id === 'events:till-1' && status === 'succeeded')).toBeLessThan(1_000);
    expect(await pushAndAsk('events/deployment', { ...body, status: 'failed', finishedAt: at(3) }, {}, 'deployments', ({ id, status }) => id === 'events:till-1' && status === 'failed')).toBeLessThan(1_000);
  });

  it('events/incident: in the next query, within a second, and its end too', async () => {
    const body = { id: 'INC-1', service: 'till', title: 'Till is down', openedAt: at(4) };
    expect(await pushAndAsk('events/incident', body, {}, 'incidents', ({ id, resolvedAt }) => id === 'events:INC-1' && resolvedAt === null)).toBeLessThan(1_000);
    expect(await pushAndAsk('events/incident', { id: 'INC-1', resolvedAt: at(9) }, {}, 'incidents', ({ id, resolvedAt }) => id === 'events:INC-1' && resolvedAt === Date.parse(at(9)))).toBeLessThan(1_000);
  });

  it('events/aws: an execution and an OpsItem, each one fact with the later poll', async () => {
    expect(await pushAndAsk('events/aws', execution('SUCCEEDED', 12), {}, 'deployments', ({ id, service }) => id === 'codepipeline:11111111-2222-4333-8444-555555555555' && service === 'warehouse')).toBeLessThan(1_000);
    expect(await pushAndAsk('events/aws', opsItem('Create', 'Open', 20), {}, 'incidents', ({ id, resolvedAt }) => id === 'opsitems:oi-0123456789ab' && resolvedAt === null)).toBeLessThan(1_000);
    expect(await pushAndAsk('events/aws', opsItem('Update', 'Resolved', 31), {}, 'incidents', ({ id, resolvedAt, resolvedBy }) => id === 'opsitems:oi-0123456789ab' && resolvedAt === Date.parse(at(31)) && resolvedBy === 'resolved-event')).toBeLessThan(1_000);
    // AWS itself tells of both now; the OpsItem was changed again since.
    await aws.add([
      {
        account: '111111111111', region: 'us-east-1',
        pipelines: [{ name: 'warehouse', executions: [{ id: '11111111-2222-4333-8444-555555555555', at: at(10), updatedAt: at(12), sources: [{ from: 'github-connection', repository: 'acme/warehouse', sha: 'b'.repeat(40) }] }] }],
        opsItems: [{ id: 'oi-0123456789ab', title: 'Warehouse is slow', createdAt: at(20), modifiedAt: at(45), status: 'Resolved', severity: '2' }],
      },
    ]);
    await syncAgain(plugin, source);
    expect((await rows('deployments')).filter(({ service }) => service === 'warehouse')).toMatchObject([{ id: 'codepipeline:11111111-2222-4333-8444-555555555555', sha: 'b'.repeat(40), finishedAt: Date.parse(at(12)) }]);
    expect((await rows('incidents')).filter(({ team }) => team === 'Warehouse')).toMatchObject([{ id: 'opsitems:oi-0123456789ab', resolvedAt: Date.parse(at(31)), resolvedBy: 'resolved-event' }]);
  });

  it('events/github: a merge, a release, a run, a deployment and an issue, each one fact with the later poll', async () => {
    await github.change('acme/shop', [
      { pullRequest: { title: 'Faster checkout', branch: 'faster', openedAt: at(30), commits: [at(29)], mergedAt: at(33), merge: 'squash' } },
      { release: { tag: 'v2', publishedAt: at(34) } },
      // Long after the release: of one commit a quarter of an hour apart they were one deployment.
      { workflowRun: { workflow: 'deploy.yml', at: at(52), attempts: [{ startedAt: at(52), finishedAt: at(53) }] } },
      { deployment: { at: at(37), environment: 'production', statuses: [{ state: 'IN_PROGRESS', at: at(38) }, { state: 'SUCCESS', at: at(39) }] } },
      { issue: { title: 'Checkout is down', openedAt: at(41), closedAt: at(44), labels: ['incident'] } },
    ]);
    const hooks = await github.webhooks('acme/shop');
    const bodyOf = (event: string): object => hooks.filter((hook) => hook.event === event).at(-1)!.body;
    const push = (event: string, table: 'deployments' | 'incidents' | 'changes', shows: (row: Record<string, unknown>) => boolean): Promise<number> =>
      pushAndAsk('events/github', bodyOf(event), { 'X-GitHub-Event': event }, table, shows);
    // The synchronisation that the first webhook sets off would tell the rest.
    await github.addFaults({ then: { status: 503, body: 'Unavailable' } });
    expect(await push('pull_request', 'changes', ({ title, mergedAt }) => title === 'Faster checkout' && mergedAt === Date.parse(at(33)))).toBeLessThan(1_000);
    expect(await push('release', 'deployments', ({ ref }) => ref === 'v2')).toBeLessThan(1_000);
    expect(await push('workflow_run', 'deployments', ({ id }) => String(id).startsWith('workflow-runs:'))).toBeLessThan(1_000);
    expect(await push('deployment_status', 'deployments', ({ id, environment }) => String(id).startsWith('github-deployments:') && environment === 'production')).toBeLessThan(1_000);
    expect(await push('issues', 'incidents', ({ title, resolvedAt }) => title === 'Checkout is down' && resolvedAt === Date.parse(at(44)))).toBeLessThan(1_000);
    const ids = async (): Promise<unknown[]> => [...(await rows('deployments')), ...(await rows('changes'))].filter(({ team }) => team === 'Shop').map(({ id, number }) => id ?? number);
    const pushed = await ids();
    await github.clearFaults();
    await syncAgain(plugin, source);
    expect(await ids()).toEqual(pushed);
    expect((await rows('changes')).find(({ title }) => title === 'Faster checkout')).toMatchObject({ firstCommitAt: Date.parse(at(29)) });
  });
});
