import { parseArgs } from 'node:util';
import { prepareDouble, readScenario, type ScenarioFile } from './config';
import { DEFAULT_KEY } from './identities';
import { startAwsDouble } from './server';

/**
 * The double as a process of its own. Prints one line of JSON with its address when it is ready:
 * `{"url":"http://127.0.0.1:1234","accessKey":"…","secretKey":"…","accounts":[…],"validates":true}`.
 */
const USAGE = `Usage: bun tests/doubles/aws/main.ts [--port 0] [--host 127.0.0.1] [--scenario file.json] [--sample] [--now 2026-01-01T00:00:00Z] [--frozen] [--seed 1] [--latency ms]`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      scenario: { type: 'string' },
      sample: { type: 'boolean', default: false },
      now: { type: 'string' },
      frozen: { type: 'boolean', default: false },
      seed: { type: 'string' },
      latency: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const scenario: ScenarioFile = values.scenario ? readScenario(values.scenario) : {};
  if (values.now !== undefined || values.frozen) {
    scenario.clock = { ...scenario.clock, now: values.now ?? scenario.clock?.now ?? new Date().toISOString(), running: !values.frozen };
  }
  // Without any word of what there is: the sample accounts.
  if (values.sample || (!scenario.sample && !scenario.accounts)) {
    scenario.sample = { ...(typeof scenario.sample === 'object' ? scenario.sample : {}), ...(values.seed === undefined ? {} : { seed: Number(values.seed) }) };
  }
  if (values.latency !== undefined) {
    scenario.latencyMs = Number(values.latency);
  }
  const double = await startAwsDouble({ ...prepareDouble(scenario), port: Number(values.port), host: values.host });
  const stop = (): void => {
    void double.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const key = scenario.keys?.[0] ?? DEFAULT_KEY;
  const accounts = double.world.list().map(({ account, name }) => ({ account, region: name }));
  process.stdout.write(`${JSON.stringify({ url: double.url, accessKey: key.accessKeyId, secretKey: key.secretAccessKey, accounts, validates: double.validates })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exit(1);
});
