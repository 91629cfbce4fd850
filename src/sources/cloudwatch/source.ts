import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DAY_MS } from '../../shared/duration';
import type { Settings } from '../../shared/settings';
import { type AccountRegion, accountRegions, MAIN_ACCOUNT } from '../aws/accounts';
import { type AwsPatience, PATIENCE, withClient } from '../aws/clients';
import { checkPlaces } from '../aws/health';
import { syncPlace } from '../aws/place';
import { inEachPlace } from '../aws/pool';
import type { HealthPart, Source, SourceContext } from '../source';
import { publishBuckets } from './publish';
import { readMetrics } from './read';
import { wantedMetrics } from './wanted';

/**
 * CloudWatch both ways: reads the metrics of another DORA stack that queries ask for, and publishes ours where the
 * settings say so. A pass without either makes no call.
 */
export class CloudWatchSource implements Source {
  readonly name = 'cloudwatch';

  constructor(private readonly patience: AwsPatience = PATIENCE) {}

  /** Wherever AWS is set up, for a query may ask for what is published there. */
  isUsed(settings: Settings): boolean {
    return (
      settings.publish.cloudwatch ||
      settings.authType !== undefined ||
      settings.accounts.length > 0 ||
      settings.teams.some(({ deployments, incidents }) => deployments.some(({ from }) => from === 'codepipeline') || incidents.some(({ from }) => from === 'opsitems'))
    );
  }

  async sync(context: SourceContext, signal: AbortSignal): Promise<void> {
    const wanted = await wantedMetrics(context.store, context.now());
    const home = publishingPlace(context.settings);
    const readers = wanted.length > 0 ? everywhere(context.settings) : [];
    const places = new Map([...readers, ...(context.settings.publish.cloudwatch ? [home] : [])].map((place) => [place.scope, place]));
    await inEachPlace([...places.values()], (place) =>
      syncPlace(context, this.name, place, signal, async (pass) => {
        if (readers.some(({ scope }) => scope === place.scope)) {
          await withClient(CloudWatchClient, context, place, this.patience, async (client) => {
            pass.fetched(await readMetrics(client, context.store, place, wanted, context.now(), signal));
          }).catch((error: unknown) => pass.failed(error));
        }
        if (context.settings.publish.cloudwatch && place.scope === home.scope) {
          await this.publish(context, place, signal);
        }
      })
    );
  }

  async check(context: SourceContext, signal: AbortSignal): Promise<HealthPart[]> {
    const wanted = await wantedMetrics(context.store, context.now());
    const readers = wanted.length > 0 ? everywhere(context.settings) : [];
    const parts = await checkPlaces(context, readers, 'CloudWatch', signal, (place) =>
      withClient(CloudWatchClient, context, place, this.patience, async (client) => {
        await readMetrics(client, context.store, place, wanted.slice(0, 1), context.now(), signal);
        return 'Published metrics can be read.';
      })
    );
    if (context.settings.publish.cloudwatch) {
      const { scope } = publishingPlace(context.settings);
      const message = 'Closed days are published. Whether cloudwatch:PutMetricData is allowed shows with the first one: it cannot be tried without writing.';
      parts.push({ name: `AWS ${scope}: publishing to CloudWatch`, status: 'ok', message, code: null });
    }
    return parts;
  }

  search(): Promise<string[]> {
    return Promise.resolve([]);
  }

  private async publish(context: SourceContext, place: AccountRegion, signal: AbortSignal): Promise<void> {
    const now = context.now();
    const buckets = (await context.closedBuckets?.(now - 14 * DAY_MS)) ?? [];
    // A call that is sent again after its answer was lost would count twice.
    await withClient(CloudWatchClient, context, place, { ...this.patience, attempts: 1 }, async (client) => {
      const published = await publishBuckets(client, context.store, place, context.settings.publish.namespace, buckets, now, signal);
      if (published > 0) {
        context.log.info('Published to CloudWatch', { scope: place.scope, values: published });
      }
    });
  }
}

function everywhere(settings: Settings): AccountRegion[] {
  return accountRegions(settings, new Set([null]));
}

/** Our numbers go to the connection's own account. */
function publishingPlace(settings: Settings): AccountRegion {
  const [place] = accountRegions({ ...settings, accounts: [] }, new Set([MAIN_ACCOUNT]));
  return place;
}
