import { parseSettings } from '../../src/shared/settings';
import { CodePipelineSource } from '../../src/sources/codepipeline/source';
import { OpsCenterSource } from '../../src/sources/opscenter/source';
import type { SourceContext, SyncProgress } from '../../src/sources/source';
import { SqliteStore } from '../../src/store/sqlite/store';

/**
 * Reads 30 days of CodePipeline and OpsCenter with your own credentials (the SDK's default chain) and prints what was
 * found. It changes nothing at AWS and keeps nothing here. Opt-in: `AWS_REGION=… bun tests/smoke/aws.ts`.
 */
async function main(): Promise<void> {
  const { settings } = parseSettings({
    authType: 'default',
    defaultRegion: process.env.AWS_REGION,
    profile: process.env.AWS_PROFILE,
    endpoint: process.env.AWS_ENDPOINT_URL,
    sync: { lookback: '30d' },
    teams: [{ name: 'All', deployments: [{ from: 'codepipeline', stage: '*' }], incidents: [{ from: 'opsitems' }] }],
  });
  const store = new SqliteStore(null);
  const facts = store.dataSource('smoke');
  const latest = new Map<string, SyncProgress>();
  const silent = (): void => undefined;
  const context: SourceContext = {
    settings,
    secrets: {},
    grafanaConfig: {},
    store: facts,
    log: { debug: silent, info: silent, warn: silent, error: silent },
    now: Date.now,
    sleep: () => Promise.resolve(),
    wanted: () => [],
    report: (progress) => latest.set(progress.scope, progress),
    reportRateLimit: silent,
  };
  const signal = new AbortController().signal;
  let failed = false;
  for (const source of [new CodePipelineSource(), new OpsCenterSource()]) {
    for (const { name, status, message } of await source.check(context, signal)) {
      process.stdout.write(`${status.padEnd(8)}${name}: ${message}\n`);
    }
    await source.sync(context, signal);
    for (const { scope, phase, fetched, error } of latest.values()) {
      failed ||= error !== null;
      process.stdout.write(`${phase.padEnd(8)}${source.name} ${scope}: ${fetched} read${error ? `, ${error.code}: ${error.message}` : ''}\n`);
    }
    latest.clear();
  }
  const { deployments, incidents } = await facts.counts();
  process.stdout.write(`${deployments} deployments, ${incidents} incidents\n`);
  await store.close();
  process.exitCode = failed ? 1 : 0;
}

await main();
