import { AwsBench, DAY, HOUR } from '../../../tests/support/aws';
import type { DoraJsonData } from '../../shared/settings';
import { parseSettings } from '../../shared/settings';
import { accountRegions } from './accounts';

const TOOLING = '222222222222';
const OPS = '333333333333';
const role = (account: string): string => `arn:aws:iam::${account}:role/dora-reader`;

describe('accounts and regions of the teams', () => {
  const scopes = (json: DoraJsonData, named: Array<string | null>): string[] => accountRegions(parseSettings(json).settings, new Set(named)).map(({ scope }) => scope);
  const accounts = [{ name: 'tooling', assumeRoleArn: role(TOOLING), regions: ['eu-west-1', 'us-east-1'] }, { name: 'ops', assumeRoleArn: role(OPS) }];

  it.each<[string, DoraJsonData, Array<string | null>, string[]]>([
    ['nothing but the connection', {}, [null], ['default/us-east-1']],
    ['its region', { defaultRegion: 'eu-north-1' }, [null], ['default/eu-north-1']],
    ['all accounts for a source that names none', { accounts, defaultRegion: 'eu-north-1' }, [null], ['default/eu-north-1', 'tooling/eu-west-1', 'tooling/us-east-1', 'ops/eu-north-1']],
    ['only what is named', { accounts }, ['ops'], ['ops/us-east-1']],
    ['the connection by its name', { accounts }, ['default', 'ops'], ['default/us-east-1', 'ops/us-east-1']],
    ['an account without a role in place of the connection', { accounts: [{ name: 'here', regions: ['eu-west-1'] }] }, [null], ['here/eu-west-1']],
    ['the connection with more regions', { accounts: [{ name: 'default', regions: ['eu-west-1', 'eu-west-2', 'eu-west-1'] }] }, [null], ['default/eu-west-1', 'default/eu-west-2']],
    ['nobody for an unknown name', { accounts }, ['nobody'], []],
    ['nobody when nobody asks', { accounts }, [], []],
  ])('%s', (_, json, named, expected) => {
    expect(scopes(json, named)).toEqual(expected);
  });
});

describe('AWS sources over accounts', () => {
  let bench: AwsBench;
  beforeEach(async () => {
    bench = await new AwsBench({
      settings: {
        accounts: [
          { name: 'tooling', assumeRoleArn: role(TOOLING), externalId: 'acme-1', regions: ['eu-west-1', 'us-west-2'] },
          { name: 'ops', assumeRoleArn: role(OPS), regions: ['eu-west-1'] },
        ],
        teams: [{ name: 'Payments', deployments: [{ from: 'codepipeline', account: 'tooling' }], incidents: [{ from: 'opsitems', account: 'ops' }] }],
      },
      double: { roles: [{ arn: role(TOOLING), externalId: 'acme-1' }, { arn: role(OPS) }] },
    }).start();
    bench.region('eu-west-1', TOOLING).pipeline('api').execution({ at: bench.now - HOUR });
    bench.region('us-west-2', TOOLING).pipeline('api').execution({ at: bench.now - 2 * HOUR });
    bench.region('eu-west-1', OPS).opsItem({ title: 'Trouble', createdAt: bench.now - HOUR });
    bench.region().pipeline('not-asked-for').execution({ at: bench.now - HOUR });
  });
  afterEach(() => bench.close());

  it('reads each account with its own role, assumed once', async () => {
    await bench.sync(bench.codepipeline);
    await bench.sync(bench.opscenter);
    const { deployments, incidents } = await bench.facts();
    expect(deployments.map(({ account, region, pipeline }) => [account, region, pipeline])).toEqual([['tooling', 'us-west-2', 'api'], ['tooling', 'eu-west-1', 'api']]);
    expect(incidents.map(({ account, region }) => [account, region])).toEqual([['ops', 'eu-west-1']]);
    await bench.sync(bench.codepipeline);
    expect(bench.double.journal.summary().byOperation).toMatchObject({ 'sts:AssumeRole': 2, 'codepipeline:ListPipelines': 4 });
  });

  it('names the account whose external id is wrong, and reads the others', async () => {
    bench.settings.accounts = [{ name: 'tooling', assumeRoleArn: role(TOOLING), externalId: 'wrong' }, ...(bench.settings.accounts ?? []).slice(1)];
    await bench.sync(bench.codepipeline);
    await bench.sync(bench.opscenter);
    expect(bench.latest()['tooling/us-east-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_ROLE_DENIED', message: expect.stringContaining(role(TOOLING)) as string } });
    expect(bench.latest()['ops/eu-west-1']).toMatchObject({ phase: 'done' });
    expect((await bench.facts()).incidents).toHaveLength(1);
  });

  it('says of each account and region which permission is missing', async () => {
    bench.settings.teams = [{ name: 'Payments', deployments: [{ from: 'codepipeline', account: 'tooling', stage: 'Production' }], incidents: [{ from: 'opsitems', account: 'ops' }] }];
    bench.double.identities.deny(role(TOOLING), [{ action: 'codepipeline:ListPipelineExecutions', region: 'us-west-2' }, { action: 'codepipeline:ListActionExecutions', region: 'us-west-2' }]);
    bench.double.identities.deny(role(OPS), [{ action: 'ssm:*' }]);
    const parts = [...(await bench.check(bench.codepipeline)), ...(await bench.check(bench.opscenter))];
    const text = (name: string): string => parts.find((part) => part.name === name)?.message ?? '';
    expect(parts.map(({ name, status, code }) => [name, status, code]).sort()).toEqual([
      ['AWS ops/eu-west-1: OpsCenter', 'error', 'AWS_ACCESS_DENIED'],
      ['AWS tooling/eu-west-1: CodePipeline', 'ok', null],
      ['AWS tooling/us-west-2: CodePipeline', 'error', 'AWS_ACCESS_DENIED'],
      ['Team Payments: pipelines', 'ok', null],
    ]);
    expect(text('AWS tooling/us-west-2: CodePipeline')).toContain('codepipeline:ListPipelineExecutions is missing');
    expect(text('AWS tooling/us-west-2: CodePipeline')).toContain('codepipeline:ListActionExecutions is missing');
    expect(text('AWS ops/eu-west-1: OpsCenter')).toContain('ssm:DescribeOpsItems is missing');
  });

  it('says when no pipeline matches and when an account is unknown', async () => {
    bench.settings.teams = [{ name: 'Payments', deployments: [{ from: 'codepipeline', account: 'tooling', pipelines: ['nothing-*'] }, { from: 'codepipeline', account: 'tools' }] }];
    const parts = await bench.check(bench.codepipeline);
    expect(parts).toContainEqual({ name: 'Team Payments: pipelines', status: 'error', message: 'No pipeline matches nothing-*, *.', code: 'AWS_NO_PIPELINE_MATCHES' });
    expect(parts.find(({ name }) => name === 'AWS tools')).toMatchObject({ status: 'error', code: 'SETTINGS_INVALID' });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['keys', { AWS_AUTH_AllowedAuthProviders: 'default,credentials' }, /does not allow the authentication "keys".*allowed_auth_providers/],
    ['roles', { AWS_AUTH_AssumeRoleEnabled: 'false' }, /does not allow assuming roles.*assume_role_enabled/],
  ])('respects an administrator who forbids %s, and makes no call', async (_, grafanaConfig, words) => {
    bench.grafanaConfig = grafanaConfig;
    await bench.sync(bench.codepipeline);
    expect(bench.latest()['tooling/eu-west-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_AUTH_FORBIDDEN', message: expect.stringMatching(words) as string } });
    expect((await bench.check(bench.opscenter))[0]).toMatchObject({ status: 'error', code: 'AWS_AUTH_FORBIDDEN' });
    expect(bench.double.journal.list()).toHaveLength(0);
  });

  it.each<[string, () => void, string]>([
    ['a missing secret key', () => (bench.secrets = { accessKey: bench.secrets.accessKey }), 'AWS_CREDENTIALS_MISSING'],
    ['an unknown access key', () => (bench.secrets = { ...bench.secrets, accessKey: 'AKIAUNKNOWN000000000' }), 'AWS_CREDENTIALS_INVALID'],
    ['a wrong secret key', () => (bench.secrets = { ...bench.secrets, secretKey: 'wrong/secret+key000000000000000000000000' }), 'AWS_CREDENTIALS_INVALID'],
  ])('names %s, and repeats no secret', async (_, break_, code) => {
    break_();
    await bench.sync(bench.opscenter);
    expect(bench.latest()['ops/eu-west-1']).toMatchObject({ phase: 'failed', error: { code } });
    for (const secret of Object.values(bench.secrets)) {
      expect(bench.said).not.toContain(secret);
    }
  });

  it('goes on with a new session when AWS ends one between two pages', async () => {
    const region = bench.region('eu-west-1', OPS);
    for (let index = 0; index < 120; index += 1) {
      region.opsItem({ title: `Item ${index}`, createdAt: bench.now - DAY });
    }
    bench.double.faults.add({ when: { operation: 'ssm:DescribeOpsItems', nth: 2 }, then: { expireSessions: true } });
    await bench.sync(bench.opscenter);
    expect(bench.latest()['ops/eu-west-1']).toMatchObject({ phase: 'done', error: null });
    expect((await bench.facts()).incidents).toHaveLength(121);
    // No page twice: first, refused, second, third.
    expect(bench.calls().map(({ items }) => items)).toEqual([50, 0, 50, 21]);
  });

  it('says that keys with a session token have expired, and loses nothing', async () => {
    const session = bench.double.identities.assume({ arn: role(OPS) }, 'by-hand', bench.now + HOUR);
    bench.secrets = { accessKey: session.accessKeyId, secretKey: session.secretAccessKey, sessionToken: session.sessionToken };
    bench.settings = { teams: [{ name: 'Payments', incidents: [{ from: 'opsitems' }] }], defaultRegion: 'eu-west-1' };
    await bench.sync(bench.opscenter);
    expect(bench.latest()['default/eu-west-1']).toMatchObject({ phase: 'done' });
    bench.double.identities.expireSessions(bench.now);
    await bench.sync(bench.opscenter);
    expect(bench.latest()['default/eu-west-1']).toMatchObject({ phase: 'failed', error: { code: 'AWS_CREDENTIALS_EXPIRED' } });
    expect((await bench.facts()).incidents).toHaveLength(1);
    expect(bench.said).not.toContain(session.sessionToken);
  });
});
