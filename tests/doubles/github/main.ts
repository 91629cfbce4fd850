import { runProgram } from '../shared/program';
import { DEFAULT_TOKEN } from './access';
import { prepareDouble, SCENARIO_KEYS, type ScenarioFile } from './config';
import { startGitHubDouble } from './server';

/**
 * The double as a process of its own. Prints one line of JSON with its address when it is ready:
 * `{"url":"http://127.0.0.1:1234","token":"…","repositories":[…],"histories":[…]}`.
 */
runProgram<ScenarioFile>({
  usage: `Usage: bun tests/doubles/github/main.ts [--port 0] [--host 127.0.0.1] [--scenario file.json] [--sample] [--histories folder]
       [--repositories 500 --pull-requests 200000] [--now 2026-01-01T00:00:00Z] [--frozen] [--seed 1] [--latency ms] [--enterprise 3.17.0]`,
  keys: SCENARIO_KEYS,
  options: ['histories', 'repositories', 'pull-requests', 'enterprise'],
  apply: (scenario, { histories, repositories, 'pull-requests': pullRequests, enterprise }, seed) => {
    if (histories !== undefined) {
      scenario.histories = histories;
    }
    if (repositories !== undefined || pullRequests !== undefined) {
      scenario.scale = { ...scenario.scale, repositories: Number(repositories ?? 500), pullRequests: Number(pullRequests ?? 200_000), ...seed };
    }
    if (enterprise !== undefined) {
      scenario.enterpriseVersion = enterprise;
    }
  },
  isTold: ({ histories, scale, organisations }) => Boolean(histories ?? scale ?? organisations),
  start: async (scenario, place) => {
    const { histories, ...options } = prepareDouble(scenario);
    const double = await startGitHubDouble({ ...options, ...place });
    const repositories = [...double.world.repositories.values()].map((repository) => repository.fullName);
    return { close: () => double.close(), ready: { url: double.url, token: double.tokens.list()[0]?.token ?? DEFAULT_TOKEN, repositories: repositories.slice(0, 100), histories } };
  },
});
