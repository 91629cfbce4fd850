import { parseArgs } from 'node:util';
import { DEFAULT_TOKEN } from './access';
import { prepareDouble, readScenario, type ScenarioFile } from './config';
import { startGitHubDouble } from './server';

/**
 * The double as a process of its own. Prints one line of JSON with its address when it is ready:
 * `{"url":"http://127.0.0.1:1234","token":"…","repositories":[…],"histories":[…]}`.
 */
const USAGE = `Usage: bun tests/doubles/github/main.ts [--port 0] [--host 127.0.0.1] [--scenario file.json] [--sample] [--histories folder]
       [--repositories 500 --pull-requests 200000] [--now 2026-01-01T00:00:00Z] [--frozen] [--seed 1] [--latency ms] [--enterprise 3.17.0]`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      scenario: { type: 'string' },
      sample: { type: 'boolean', default: false },
      histories: { type: 'string' },
      repositories: { type: 'string' },
      'pull-requests': { type: 'string' },
      now: { type: 'string' },
      frozen: { type: 'boolean', default: false },
      seed: { type: 'string' },
      latency: { type: 'string' },
      enterprise: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const scenario: ScenarioFile = values.scenario ? readScenario(values.scenario) : {};
  const seed = values.seed === undefined ? {} : { seed: Number(values.seed) };
  if (values.now !== undefined || values.frozen) {
    scenario.clock = { ...scenario.clock, now: values.now ?? scenario.clock?.now ?? new Date().toISOString(), running: !values.frozen };
  }
  if (values.histories !== undefined) {
    scenario.histories = values.histories;
  }
  if (values.repositories !== undefined || values['pull-requests'] !== undefined) {
    scenario.scale = { ...scenario.scale, repositories: Number(values.repositories ?? 500), pullRequests: Number(values['pull-requests'] ?? 200_000), ...seed };
  }
  // Without any word of what there is: the sample organisation.
  if (values.sample || (!scenario.sample && !scenario.histories && !scenario.scale && !scenario.organisations)) {
    scenario.sample = { ...(typeof scenario.sample === 'object' ? scenario.sample : {}), ...seed };
  }
  if (values.latency !== undefined) {
    scenario.latencyMs = Number(values.latency);
  }
  if (values.enterprise !== undefined) {
    scenario.enterpriseVersion = values.enterprise;
  }
  const { histories, ...options } = prepareDouble(scenario);
  const double = await startGitHubDouble({ ...options, port: Number(values.port), host: values.host });
  const stop = (): void => {
    void double.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const repositories = [...double.world.repositories.values()].map((repository) => repository.fullName);
  process.stdout.write(`${JSON.stringify({ url: double.url, token: double.tokens.list()[0]?.token ?? DEFAULT_TOKEN, repositories: repositories.slice(0, 100), histories })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exit(1);
});
