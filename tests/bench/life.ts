import { GitHubDoubleProcess } from '../conformance/double';
import type { DataSourceUnderTest, PluginProcess } from '../conformance/plugin';
import { syncAgain, syncEnds } from '../conformance/setup';

/** Events that are told again and again, so that the facts do not grow without end. */
const EVENTS = 200;

/** What happens to a plugin beside its panels: passes that find something new, events, editors, health, metrics, new settings. */
export class Life {
  private minutes = 0;

  private constructor(
    private readonly plugin: PluginProcess,
    private readonly github: GitHubDoubleProcess,
    private readonly repositories: readonly string[],
    private source: DataSourceUnderTest,
  ) {}

  static async start(plugin: PluginProcess): Promise<Life> {
    const github = await GitHubDoubleProcess.start({ scale: { repositories: 3, pullRequests: 300 } });
    const repositories = (await github.world()).map(({ repository }) => repository).sort();
    const source: DataSourceUnderTest = {
      uid: 'alive', role: 'Editor', version: 1, secrets: { githubToken: github.token },
      jsonData: { github: { apiUrl: github.url }, sync: { every: '1h', lookback: '3000d' }, teams: repositories.map((name) => ({ name, repositories: [name], deployments: [{ from: 'merged-pull-requests' }, { from: 'events', services: ['shop'] }] })) },
    };
    await plugin.resource(source, 'GET', 'sync');
    await syncEnds(plugin, source);
    return new Life(plugin, github, repositories, source);
  }

  /** What a minute brings. @throws Error when any of it is refused */
  async minute(): Promise<void> {
    const { plugin, source, minutes } = this;
    this.minutes += 1;
    const now = Date.now();
    const repository = this.repositories[minutes % this.repositories.length];
    await this.github.change(repository, [{ pullRequest: { title: `Change of minute ${minutes}`, author: 'octocat', openedAt: now - 7_200_000, commits: [{ at: now - 10_800_000, author: 'octocat', message: 'Change' }], mergedAt: now - 1_000 } }]);
    const { sources } = await syncAgain(plugin, source);
    if (sources.some(({ scopes }) => scopes.some(({ error }) => error))) {
      throw new Error(`Minute ${minutes}: ${JSON.stringify(sources)}`);
    }
    for (let event = 0; event < 20; event += 1) {
      const id = `d${(minutes * 20 + event) % EVENTS}`;
      await this.call('POST', 'events/deployment', { id, service: 'shop', status: event % 5 === 0 ? 'failed' : 'succeeded', finishedAt: now - event * 60_000 });
    }
    for (const path of ['teams', 'services', 'repositories?q=a', 'environments', 'sync']) {
      await this.call('GET', path);
    }
    await plugin.health(source);
    await plugin.metrics();
    if (minutes % 5 === 4) {
      // Somebody saves the settings: the data source is made anew.
      const { jsonData } = source;
      this.source = { ...source, version: (source.version ?? 0) + 1, jsonData: { ...jsonData, timezone: minutes % 2 === 0 ? 'UTC' : 'Europe/Berlin' } };
    }
    const end = now + 86_400_000;
    const { status, error } = await plugin.query(this.source, { queryType: 'changes' }, { from: end - 400 * 86_400_000, to: end });
    if (status !== 200) {
      throw new Error(`Minute ${minutes}: ${error}`);
    }
  }

  stop(): Promise<void> {
    return this.github.stop();
  }

  private async call(method: string, path: string, body?: object): Promise<void> {
    const { status, body: answer } = await this.plugin.resource(this.source, method, path, body ? JSON.stringify(body) : '');
    if (status !== 200) {
      throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    }
  }
}
