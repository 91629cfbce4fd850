import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { DoraJsonData, Secrets } from '../src/shared/settings';
import { AwsDoubleProcess } from '../tests/conformance/aws-double';
import { GitHubDoubleProcess } from '../tests/conformance/double';
import { PluginProcess } from '../tests/conformance/plugin';

const DATA_SOURCE = join(import.meta.dirname, '..', 'provisioning', 'datasources', 'dora.yaml');
const REAL_LOOKBACK = '365d';

export interface SessionOptions {
  /** `owner/name` each: real repositories instead of the sample organisation. */
  repositories?: string[];
  /** For real repositories. */
  token?: string;
  /** For real repositories on GitHub Enterprise. */
  apiUrl?: string;
  /** Where the store lies; a temporary folder, removed at the end, when absent. */
  storeFolder?: string;
}

/** A running plugin with the data source to ask it for. */
export interface Session {
  plugin: PluginProcess;
  /** Null with real repositories. */
  github: GitHubDoubleProcess | null;
  /** Null with real repositories. */
  aws: AwsDoubleProcess | null;
  jsonData: DoraJsonData;
  secrets: Secrets;
  close(): Promise<void>;
}

/**
 * Starts the built executable as Grafana would, and the doubles of GitHub and AWS with the sample organisation unless
 * real repositories are named. Nothing is asked yet.
 */
export async function startSession(options: SessionOptions = {}): Promise<Session> {
  const real = options.repositories ?? [];
  const temporary = options.storeFolder === undefined ? mkdtempSync(join(tmpdir(), 'dora-playground-')) : null;
  let doubles: Doubles | null = null;
  let plugin: PluginProcess | null = null;
  const close = async (): Promise<void> => {
    if (plugin?.alive) {
      await plugin.shutdown().catch(() => plugin?.kill());
    }
    await Promise.all([doubles?.github.stop(), doubles?.aws.stop()]);
    if (temporary) {
      rmSync(temporary, { recursive: true, force: true });
    }
  };
  try {
    doubles = real.length === 0 ? await startSample() : null;
    plugin = await PluginProcess.start({
      environment: { GF_PLUGIN_DORA_STORE: options.storeFolder ?? temporary ?? '', GF_PLUGIN_DORA_LOG_LEVEL: 'info', ...proxies() },
    });
    const { jsonData, secrets } = doubles ? sampleDataSource(doubles) : realDataSource(options, real);
    return { plugin, github: doubles?.github ?? null, aws: doubles?.aws ?? null, jsonData, secrets, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Doubles {
  github: GitHubDoubleProcess;
  aws: AwsDoubleProcess;
}

/** Both up to the same moment, for a pipeline deploys commits of a repository. */
async function startSample(): Promise<Doubles> {
  const sample = { now: Date.now() };
  const [github, aws] = await Promise.all([GitHubDoubleProcess.start({ sample }), AwsDoubleProcess.start({ sample })]);
  return { github, aws };
}

/** The provisioned data source, with the doubles in the place of GitHub and AWS. */
function sampleDataSource({ github, aws }: Doubles): { jsonData: DoraJsonData; secrets: Secrets } {
  const file = parse(readFileSync(DATA_SOURCE, 'utf8')) as { datasources: Array<{ jsonData: DoraJsonData; secureJsonData: Secrets }> };
  const [{ jsonData, secureJsonData }] = file.datasources;
  return {
    jsonData: { ...jsonData, github: { ...jsonData.github, apiUrl: github.url }, endpoint: aws.url },
    secrets: { ...secureJsonData, githubToken: github.token, ...aws.keys },
  };
}

/** One team a repository, each merge a deployment: true of many repositories and a first look at all of them. */
function realDataSource({ token, apiUrl }: SessionOptions, repositories: string[]): { jsonData: DoraJsonData; secrets: Secrets } {
  return {
    jsonData: {
      github: { ...(apiUrl ? { apiUrl } : {}), auth: 'token' },
      sync: { every: '5m', lookback: REAL_LOOKBACK },
      teams: repositories.map((repository) => ({ name: repository, repositories: [repository] })),
    },
    secrets: token ? { githubToken: token } : {},
  };
}

/** The way out of this network, which a plugin gets from Grafana too. */
function proxies(): Record<string, string> {
  return Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
