import { PUBLISHED_METRICS } from '../../src/shared/published';
import { parseSettings } from '../../src/shared/settings';
import { CloudWatchSource } from '../../src/sources/cloudwatch/source';
import { noteWanted } from '../../src/sources/cloudwatch/wanted';
import { CodePipelineSource } from '../../src/sources/codepipeline/source';
import { OpsCenterSource } from '../../src/sources/opscenter/source';
import type { SourceContext, SyncProgress } from '../../src/sources/source';
import { SqliteStore } from '../../src/store/sqlite/store';
import type { DataSourceStore } from '../../src/store/store';

/**
 * Reads 30 days of CodePipeline and OpsCenter, and the AWS sample's metrics from CloudWatch, with your own credentials (the
 * SDK's default chain) and prints what was found. It changes nothing at AWS and keeps nothing here. Opt-in:
 *
 *     AWS_REGION=eu-west-1 npm run smoke:aws
 *
 * AWS_PROFILE, several regions as AWS_REGION=eu-west-1,us-east-1, and a role as DORA_ROLE_ARN with DORA_EXTERNAL_ID.
 */
async function main(): Promise<void> {
  const regions = (process.env.AWS_REGION ?? 'us-east-1').split(',').map((region) => region.trim());
  const { DORA_ROLE_ARN: assumeRoleArn, DORA_EXTERNAL_ID: externalId } = process.env;
  const { settings } = parseSettings({
    authType: 'default',
    defaultRegion: regions[0],
    profile: process.env.AWS_PROFILE,
    endpoint: process.env.AWS_ENDPOINT_URL,
    accounts: [{ name: 'smoke', regions, ...(assumeRoleArn ? { assumeRoleArn, externalId } : {}) }],
    sync: { lookback: '30d' },
    teams: [{ name: 'All', deployments: [{ from: 'codepipeline', account: 'smoke', stage: '*' }], incidents: [{ from: 'opsitems', account: 'smoke' }] }],
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
  await noteWanted(facts, Object.values(PUBLISHED_METRICS).flat(), Date.now(), () => true);
  const signal = new AbortController().signal;
  let failed = false;
  for (const source of [new CodePipelineSource(), new OpsCenterSource(), new CloudWatchSource()]) {
    for (const { name, status, message } of await source.check(context, signal)) {
      print(`${status.padEnd(8)}${name}: ${message}`);
    }
    await source.sync(context, signal);
    for (const { scope, phase, fetched, error } of latest.values()) {
      failed ||= error !== null;
      print(`${phase.padEnd(8)}${source.name} ${scope}: ${fetched} read${error ? `, ${error.code}: ${error.message}` : ''}`);
    }
    latest.clear();
  }
  await describe(facts);
  await store.close();
  process.exitCode = failed ? 1 : 0;
}

/** What could be made of it: where this differs from the console, something is wrong. */
async function describe(facts: DataSourceStore): Promise<void> {
  const pipelines = new Map<string, { succeeded: number; failed: number; commits: number; repositories: Set<string>; stages: Set<string> }>();
  const ends = new Map<string, number>();
  for await (const { deployments = [], incidents = [] } of facts.load(0)) {
    for (const { pipeline, outcome, revisions, stages } of deployments) {
      const row = pipelines.get(pipeline ?? '') ?? { succeeded: 0, failed: 0, commits: 0, repositories: new Set(), stages: new Set() };
      pipelines.set(pipeline ?? '', row);
      row[outcome] += 1;
      row.commits += revisions.some(({ sha }) => sha !== null) ? 1 : 0;
      revisions.forEach(({ repositoryName }) => repositoryName && row.repositories.add(repositoryName));
      stages.forEach(({ name }) => row.stages.add(name));
    }
    for (const { resolvedBy } of incidents) {
      ends.set(resolvedBy ?? 'open', (ends.get(resolvedBy ?? 'open') ?? 0) + 1);
    }
  }
  for (const [pipeline, { succeeded, failed, commits, repositories, stages }] of pipelines) {
    print(`pipeline ${pipeline}: ${succeeded} succeeded, ${failed} failed, ${commits} with a commit of ${[...repositories].join(', ') || 'an unknown repository'}; stages ${[...stages].join(', ') || 'unknown'}`);
  }
  for (const [end, count] of ends) {
    print(`OpsItems ${end === 'open' ? 'still open' : `ended by ${end}`}: ${count}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

await main();
