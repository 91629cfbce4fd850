import { runProgram } from '../shared/program';
import { prepareDouble, SCENARIO_KEYS, type ScenarioFile } from './config';
import { DEFAULT_KEY } from './identities';
import { startAwsDouble } from './server';

/**
 * The double as a process of its own. Prints one line of JSON with its address when it is ready:
 * `{"url":"http://127.0.0.1:1234","accessKey":"…","secretKey":"…","accounts":[…],"validates":true}`.
 */
runProgram<ScenarioFile>({
  usage: 'Usage: bun tests/doubles/aws/main.ts [--port 0] [--host 127.0.0.1] [--scenario file.json] [--sample] [--now 2026-01-01T00:00:00Z] [--frozen] [--seed 1] [--latency ms]',
  keys: SCENARIO_KEYS,
  isTold: ({ accounts }) => accounts !== undefined,
  start: async (scenario, place) => {
    const double = await startAwsDouble({ ...prepareDouble(scenario), ...place });
    const key = scenario.keys?.[0] ?? DEFAULT_KEY;
    const accounts = double.world.list().map(({ account, name }) => ({ account, region: name }));
    return { close: () => double.close(), ready: { url: double.url, accessKey: key.accessKeyId, secretKey: key.secretAccessKey, accounts, validates: double.validates } };
  },
});
