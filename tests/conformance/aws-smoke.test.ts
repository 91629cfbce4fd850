import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AwsDoubleProcess } from './aws-double';

/** The script for people with an AWS of their own: here it is only known to read the double, and nothing but to read. */
it('the smoke script reads what there is, and calls nothing that writes', async () => {
  const aws = await AwsDoubleProcess.start({ sample: true });
  try {
    const run = promisify(execFile);
    const environment = { PATH: process.env.PATH, HOME: '/nowhere', AWS_ACCESS_KEY_ID: aws.keys.accessKey, AWS_SECRET_ACCESS_KEY: aws.keys.secretKey, AWS_REGION: 'eu-west-1,us-east-1', AWS_ENDPOINT_URL: aws.url };
    const script = join(__dirname, '..', 'smoke', 'aws.ts');
    const { stdout } = await run(process.execPath, [script], { env: { ...environment, DORA_ROLE_ARN: 'arn:aws:iam::222222222222:role/dora-read', DORA_EXTERNAL_ID: 'acme-tooling' } });
    expect(stdout).toMatch(/ok +AWS smoke\/eu-west-1: CodePipeline: 3 pipelines, 3 of them chosen\./);
    expect(stdout).toMatch(/done +opscenter smoke\/us-east-1: 0 read/);
    expect(stdout).toMatch(/pipeline warehouse-api: \d+ succeeded, \d+ failed, \d+ with a commit of acme\/warehouse-api; stages .*Production/);
    const { summary } = await aws.journal();
    expect(Object.keys(summary.byOperation).filter((operation) => !/:(?:List|Describe|Get|AssumeRole)/.test(operation))).toEqual([]);
    // Without the external id there is no way in, and it says so.
    const refused = await run(process.execPath, [script], { env: { ...environment, DORA_ROLE_ARN: 'arn:aws:iam::222222222222:role/dora-read' } }).catch((error: unknown) => error as { code: number; stdout: string });
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('AWS_ROLE_DENIED') as string });
  } finally {
    await aws.stop();
  }
}, 60_000);
