import { DescribeOpsItemsCommand, type OpsItemFilter, type OpsItemSummary, SSMClient } from '@aws-sdk/client-ssm';
import type { Instant } from '../../engine/model';
import { parseDuration } from '../../shared/duration';
import { DoraError } from '../../shared/errors';
import type { Settings } from '../../shared/settings';
import type { JsonValue } from '../../store/store';
import { type AccountRegion, accountRegions, awsPolicy, clientConfig } from '../aws/accounts';
import { awsFailure, isTokenRefused } from '../aws/failure';
import { inParallel } from '../aws/pool';
import type { HealthPart, Source, SourceContext } from '../source';
import { incidentOf } from './mapping';

/** AWS's own limit of a page. */
const ITEMS_A_PAGE = 50;
const PLACES_AT_ONCE = 4;
const DEFAULT_LOOKBACK_MS = 180 * 86_400_000;
/** Changes made while a pass ran, and clocks that differ. */
const OVERLAP_MS = 10 * 60_000;

/** When events told that an OpsItem was resolved: `<prefix><OpsItem id>` → instant. */
export const RESOLVED_EVENT_STATE = 'opscenter/resolved/';

interface PlaceState {
  /** Modified before this: known. Null until the first pass is whole. */
  watermark: Instant | null;
  /** Start of the lookback when the first pass was made. */
  from: Instant;
  /** Where a stopped pass goes on. */
  cursor: { token: string; modifiedSince: Instant; startedAt: Instant } | null;
}

function places(settings: Settings): AccountRegion[] {
  const named = settings.teams.flatMap(({ incidents }) => incidents.flatMap((source) => (source.from === 'opsitems' ? [source.account ?? null] : [])));
  return accountRegions(settings, new Set(named));
}

/** OpsItems of AWS Systems Manager OpsCenter, of every account and region that teams ask for. */
export const opsCenterSource: Source = {
  name: 'opscenter',

  isUsed: (settings) => settings.teams.some(({ incidents }) => incidents.some(({ from }) => from === 'opsitems')),

  async sync(context, signal) {
    await inParallel(places(context.settings), PLACES_AT_ONCE, (place) => syncPlace(context, place, signal));
  },

  async check(context, signal) {
    const parts: HealthPart[] = [];
    await inParallel(places(context.settings), PLACES_AT_ONCE, async (place) => {
      const name = `AWS ${place.scope}: OpsCenter`;
      try {
        await page(connect(context, place), context.now() - OVERLAP_MS, null, signal, 1);
        parts.push({ name, status: 'ok', message: 'OpsItems can be read.', code: null });
      } catch (error) {
        signal.throwIfAborted();
        const failure = awsFailure(error, place, 'ssm:DescribeOpsItems');
        parts.push({ name, status: 'error', message: `${failure.message} ${failure.remedy}`, code: failure.code });
      }
    });
    return parts;
  },

  search: async () => [],
};

function connect(context: SourceContext, place: AccountRegion): SSMClient {
  return new SSMClient(clientConfig(context.settings, context.secrets, awsPolicy(context.grafanaConfig), place));
}

async function page(client: SSMClient, modifiedSince: Instant, token: string | null, signal: AbortSignal, size = ITEMS_A_PAGE): Promise<{ items: OpsItemSummary[]; next: string | null }> {
  const filter: OpsItemFilter = { Key: 'LastModifiedTime', Operator: 'GreaterThan', Values: [new Date(modifiedSince).toISOString()] };
  const answer = await client.send(new DescribeOpsItemsCommand({ OpsItemFilters: [filter], MaxResults: size, NextToken: token ?? undefined }), { abortSignal: signal });
  return { items: answer.OpsItemSummaries ?? [], next: answer.NextToken || null };
}

async function syncPlace(context: SourceContext, place: AccountRegion, signal: AbortSignal): Promise<void> {
  const progress = { scope: place.scope, total: null, resumesAt: null, error: null };
  let fetched = 0;
  context.report({ ...progress, phase: 'updating', fetched, lastSuccessAt: null });
  try {
    await walk(context, place, signal, (items) => {
      fetched += items;
      context.report({ ...progress, phase: 'updating', fetched, lastSuccessAt: null });
    });
    context.report({ ...progress, phase: 'done', fetched, lastSuccessAt: context.now() });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DoraError && error.code.startsWith('STORE_')) {
      throw error;
    }
    const failure = awsFailure(error, place, 'ssm:DescribeOpsItems');
    context.log.warn('OpsCenter could not be read', { scope: place.scope, code: failure.code, message: failure.message });
    context.report({ ...progress, phase: 'failed', fetched, lastSuccessAt: null, error: { code: failure.code, message: failure.message } });
  }
}

/** OpsItems modified since the last pass; each page is kept with the token that follows it. */
async function walk(context: SourceContext, place: AccountRegion, signal: AbortSignal, fetched: (items: number) => void): Promise<void> {
  const { store } = context;
  const client = connect(context, place);
  const key = `opscenter/pass/${place.scope}`;
  const lookback = parseDuration(context.settings.sync.lookback) ?? DEFAULT_LOOKBACK_MS;
  const since = context.now() - lookback;
  const stored = (await store.readState(key)) as unknown as PlaceState | undefined;
  const state: PlaceState = stored && stored.from <= since + 86_400_000 ? stored : { watermark: null, from: since, cursor: null };
  let cursor = state.cursor;
  const startedAt = cursor?.startedAt ?? context.now();
  const modifiedSince = cursor?.modifiedSince ?? (state.watermark === null ? state.from : state.watermark - OVERLAP_MS);
  for (;;) {
    let answer: Awaited<ReturnType<typeof page>>;
    try {
      answer = await page(client, modifiedSince, cursor?.token ?? null, signal);
    } catch (error) {
      if (cursor === null || !isTokenRefused(error)) {
        throw error;
      }
      cursor = null;
      continue;
    }
    const resolved = await store.readStates(RESOLVED_EVENT_STATE);
    const incidents = answer.items.flatMap((item) => {
      const event = resolved.get(`${RESOLVED_EVENT_STATE}${item.OpsItemId}`);
      return incidentOf(item, place, typeof event === 'number' ? event : null) ?? [];
    });
    cursor = answer.next === null ? null : { token: answer.next, modifiedSince, startedAt };
    const complete = cursor === null || state.watermark !== null;
    const after: PlaceState = { from: state.from, watermark: cursor === null ? startedAt : state.watermark, cursor };
    await store.write(
      { incidents, coverage: [{ kind: 'opsitems', scope: `${place.account}:${place.region}`, from: complete ? state.from : null, complete }] },
      { [key]: after as unknown as JsonValue }
    );
    fetched(answer.items.length);
    if (cursor === null) {
      return;
    }
  }
}
