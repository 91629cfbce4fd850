import { DescribeOpsItemsCommand, type OpsItemSummary, SSMClient } from '@aws-sdk/client-ssm';
import type { Instant } from '../../engine/model';
import { DAY_MS, durationMs } from '../../shared/duration';
import type { Settings } from '../../shared/settings';
import type { JsonValue } from '../../store/store';
import { type AccountRegion, accountRegions, unknownAccounts } from '../aws/accounts';
import { type AwsPatience, callAws, PATIENCE, withClient } from '../aws/clients';
import { isTokenRefused } from '../aws/failure';
import { checkPlaces, unknownAccountParts } from '../aws/health';
import { syncPlace } from '../aws/place';
import { inEachPlace } from '../aws/pool';
import { opsItemAccounts } from '../aws/wishes';
import type { HealthPart, Source, SourceContext } from '../source';
import { incidentOf } from './mapping';

/** AWS's own limit of a page. */
const ITEMS_A_PAGE = 50;
/** The start of the lookback moves with the clock; a lookback is longer only beyond this. */
const LONGER_MS = DAY_MS;
/** Changes that AWS shows late. */
const OVERLAP_MS = 10 * 60_000;

/** When events told that an OpsItem was resolved: `<prefix><OpsItem id>` → instant. */
export const RESOLVED_EVENT_STATE = 'opscenter/resolved/';

interface PlaceState {
  /** Everything that was modified before this is known, by AWS's clock. Null until the first pass is whole. */
  watermark: Instant | null;
  /** Start of the lookback when the first pass was made. */
  from: Instant;
  /** Where a stopped pass goes on. */
  cursor: { token: string; modifiedSince: Instant; startedAt: Instant } | null;
}

interface ItemPage {
  items: OpsItemSummary[];
  /** Null on the last page. */
  next: string | null;
  /** When it was answered, by AWS's clock; null when it did not say. */
  at: Instant | null;
}

function places(settings: Settings): AccountRegion[] {
  return accountRegions(settings, opsItemAccounts(settings));
}

/** OpsItems of AWS Systems Manager OpsCenter, of every account and region that teams ask for. */
export class OpsCenterSource implements Source {
  readonly name = 'opscenter';

  constructor(private readonly patience: AwsPatience = PATIENCE) {}

  isUsed(settings: Settings): boolean {
    return opsItemAccounts(settings).size > 0;
  }

  async sync(context: SourceContext, signal: AbortSignal): Promise<void> {
    await inEachPlace(places(context.settings), (place) =>
      syncPlace(context, this.name, place, signal, (pass) =>
        this.withReader(context, place, signal, (reader) => syncItems(context, place, reader, pass.fetched))
      )
    );
  }

  async check(context: SourceContext, signal: AbortSignal): Promise<HealthPart[]> {
    const ofPlaces = await checkPlaces(context, places(context.settings), 'OpsCenter', signal, (place) =>
      this.withReader(context, place, signal, async (reader) => {
        await reader.page(context.now() - OVERLAP_MS, null, 1);
        return 'OpsItems can be read.';
      })
    );
    return [...unknownAccountParts(unknownAccounts(context.settings, opsItemAccounts(context.settings))), ...ofPlaces];
  }

  search(): Promise<string[]> {
    return Promise.resolve([]);
  }

  private withReader<Result>(context: SourceContext, place: AccountRegion, signal: AbortSignal, work: (reader: OpsItemReader) => Promise<Result>): Promise<Result> {
    return withClient(SSMClient, context, place, this.patience, (client) => work(new OpsItemReader(client, place, signal)));
  }
}

/** OpsItems of one account's region. Throws DoraErrors with a code AWS_… */
class OpsItemReader {
  private answeredAt: Instant | null = null;

  constructor(
    private readonly client: SSMClient,
    private readonly place: AccountRegion,
    private readonly signal: AbortSignal
  ) {
    // AWS's clock decides what has changed since: this machine's may be wrong.
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        this.answeredAt = dateOf(result.response);
        return result;
      },
      { step: 'deserialize', name: 'readAnswerDate', priority: 'low' }
    );
  }

  async page(modifiedSince: Instant, token: string | null, size = ITEMS_A_PAGE): Promise<ItemPage> {
    const answer = await callAws(this.place, 'ssm:DescribeOpsItems', this.signal, () =>
      this.client.send(
        new DescribeOpsItemsCommand({
          OpsItemFilters: [{ Key: 'LastModifiedTime', Operator: 'GreaterThan', Values: [new Date(modifiedSince).toISOString()] }],
          MaxResults: size,
          NextToken: token ?? undefined,
        }),
        { abortSignal: this.signal }
      )
    );
    return { items: answer.OpsItemSummaries ?? [], next: answer.NextToken || null, at: this.answeredAt };
  }
}

function dateOf(response: unknown): Instant | null {
  if (typeof response !== 'object' || response === null || !('headers' in response)) {
    return null;
  }
  const headers = response.headers as Record<string, string>;
  const at = Date.parse(headers.date ?? '');
  return Number.isNaN(at) ? null : at;
}

/** OpsItems modified since the last pass; each page is kept with the token that follows it. */
async function syncItems(context: SourceContext, place: AccountRegion, reader: OpsItemReader, fetched: (items: number) => void): Promise<void> {
  const { store } = context;
  const key = `opscenter/pass/${place.scope}`;
  const lookback = durationMs(context.settings.sync.lookback);
  const since = context.now() - lookback;
  const stored = (await store.readState(key)) as unknown as PlaceState | undefined;
  const before: PlaceState = stored && since >= stored.from - LONGER_MS ? stored : { watermark: null, from: since, cursor: null };
  let { cursor } = before;
  let startedAt = cursor?.startedAt ?? null;
  const modifiedSince = cursor?.modifiedSince ?? (before.watermark === null ? before.from : before.watermark - OVERLAP_MS);
  let mayBeginAnew = cursor !== null;
  for (;;) {
    let page: ItemPage;
    try {
      page = await reader.page(modifiedSince, cursor?.token ?? null);
    } catch (error) {
      if (!mayBeginAnew || cursor === null || !isTokenRefused(error)) {
        throw error;
      }
      // A token of an earlier pass may have ended; one of this pass may not.
      mayBeginAnew = false;
      cursor = null;
      startedAt = null;
      continue;
    }
    mayBeginAnew = false;
    startedAt ??= page.at ?? context.now();
    const resolved = await store.readStates(RESOLVED_EVENT_STATE);
    const incidents = page.items.flatMap((item) => {
      const event = resolved.get(`${RESOLVED_EVENT_STATE}${item.OpsItemId}`);
      return incidentOf(item, place, typeof event === 'number' ? event : null) ?? [];
    });
    cursor = page.next === null ? null : { token: page.next, modifiedSince, startedAt };
    const complete = cursor === null || before.watermark !== null;
    const after: PlaceState = { from: before.from, watermark: cursor === null ? startedAt : before.watermark, cursor };
    await store.write(
      // No order is promised, so nothing is whole before the last page.
      { incidents, coverage: [{ kind: 'opsitems', scope: `${place.account}:${place.region}`, from: complete ? before.from : null, complete }] },
      { [key]: after as unknown as JsonValue }
    );
    fetched(page.items.length);
    if (cursor === null) {
      return;
    }
  }
}
