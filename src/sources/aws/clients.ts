import type { SourceContext } from '../source';
import { targets } from '../targets';
import type { AccountRegion } from './accounts';
import { type CredentialProvider, credentialsOf } from './credentials';
import { awsFailure } from './failure';
import { awsPolicy } from './policy';

/** How patient calls are. A region that does not answer must not hold the others up for long. */
export interface AwsPatience {
  connectMs: number;
  answerMs: number;
  /** Tries of one call, the first among them; throttled ones wait longer each time. */
  attempts: number;
}

export const PATIENCE: AwsPatience = { connectMs: 4_000, answerMs: 15_000, attempts: 6 };

/** What every client of the AWS SDK is made with. */
export interface AwsClientConfig {
  region: string;
  endpoint?: string;
  credentials: CredentialProvider;
  maxAttempts: number;
  retryMode: 'adaptive';
  requestHandler: { connectionTimeout: number; requestTimeout: number; throwOnRequestTimeout: true };
}

/**
 * How to reach one account in one region.
 * @throws DoraError as `credentialsOf`
 */
function clientConfig(context: Pick<SourceContext, 'settings' | 'secrets' | 'grafanaConfig'>, { account, region }: AccountRegion, patience: AwsPatience): AwsClientConfig {
  const { settings, secrets, grafanaConfig } = context;
  return {
    region,
    ...(settings.endpoint ? { endpoint: settings.endpoint } : {}),
    credentials: credentialsOf(settings, secrets, awsPolicy(grafanaConfig), account),
    maxAttempts: patience.attempts,
    retryMode: 'adaptive',
    requestHandler: { connectionTimeout: patience.connectMs, requestTimeout: patience.answerMs, throwOnRequestTimeout: true },
  };
}

/**
 * Work with a client of one account's region, which is ended after it.
 * @throws DoraError as `credentialsOf`, TARGET_FORBIDDEN also for what the endpoint's name leads to, and what `work` throws
 */
export async function withClient<Client extends { destroy(): void }, Result>(
  Client: new (config: AwsClientConfig) => Client,
  context: Pick<SourceContext, 'settings' | 'secrets' | 'grafanaConfig'>,
  place: AccountRegion,
  patience: AwsPatience,
  work: (client: Client) => Promise<Result>
): Promise<Result> {
  const config = clientConfig(context, place, patience);
  if (config.endpoint) {
    await targets.assertResolved(config.endpoint, 'endpoint');
  }
  const client = new Client(config);
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

/**
 * One call of AWS.
 * @param action the permission that it needs, such as `codepipeline:ListPipelines`
 * @throws DoraError with a code AWS_…, whose cause is the SDK's own error; the abort reason when `signal` aborts.
 */
export async function callAws<Answer>(place: AccountRegion, action: string, signal: AbortSignal, send: () => Promise<Answer>): Promise<Answer> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    // The SDK's pauses between tries do not look at the signal.
    return await Promise.race([send(), stopped]);
  } catch (error) {
    signal.throwIfAborted();
    throw awsFailure(error, place, action);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
