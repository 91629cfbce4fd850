import type { OpsItemSummary } from '@aws-sdk/client-ssm';
import type { IncidentRecord, Instant } from '../../engine/model';
import { consoleUrl } from '../aws/console';
import { referencesOf } from '../references';

/** Keys of OperationalData that this product reads; docs/events.md tells who may set them. */
const RESOLVED_AT = 'dora/resolvedAt';
const DEPLOYMENT = 'dora/deployment';
const SERVICE = 'dora/service';
const RELATED_RESOURCES = '/aws/resources';

const ENDED = new Set<string | undefined>(['Resolved', 'Closed']);

/**
 * An OpsItem as an incident. OpsItems have no resolved time of their own: `resolvedBy` says which substitute was taken.
 * @param account null when only an event told of it, which does not know the account's name here
 * @param resolvedEvent when an event told that it was resolved; null without one
 */
export function incidentOf(item: OpsItemSummary, { account, region }: { account: string | null; region: string }, resolvedEvent: Instant | null): IncidentRecord | null {
  const { OpsItemId: id, CreatedTime: created } = item;
  if (!id || !created) {
    return null;
  }
  const operationalData = Object.fromEntries(
    Object.entries(item.OperationalData ?? {}).flatMap(([key, { Value }]) => (Value === undefined ? [] : [[key, Value]]))
  );
  return {
    id: `opsitems:${id}`,
    origin: 'opsitems',
    title: item.Title ?? id,
    url: consoleUrl(region, `systems-manager/opsitems/${id}?region=${region}`),
    openedAt: created.getTime(),
    ...resolutionOf(item, operationalData, resolvedEvent),
    severity: item.Severity ?? null,
    category: item.Category ?? null,
    status: item.Status ?? null,
    type: item.OpsItemType ?? null,
    reportedBy: item.Source ?? null,
    repository: null,
    number: null,
    labels: [],
    account,
    region,
    service: operationalData[SERVICE] ?? null,
    deploymentId: operationalData[DEPLOYMENT] ?? null,
    pipelines: relatedPipelines(operationalData[RELATED_RESOURCES]),
    references: referencesOf({ title: item.Title }),
    operationalData,
  };
}

function resolutionOf(item: OpsItemSummary, data: Record<string, string>, resolvedEvent: Instant | null): Pick<IncidentRecord, 'resolvedAt' | 'resolvedBy'> {
  const given = instantOf(data[RESOLVED_AT]);
  if (given !== null) {
    return { resolvedAt: given, resolvedBy: 'operational-data' };
  }
  if (!ENDED.has(item.Status)) {
    return { resolvedAt: null, resolvedBy: null };
  }
  if (resolvedEvent !== null) {
    return { resolvedAt: resolvedEvent, resolvedBy: 'resolved-event' };
  }
  return item.LastModifiedTime ? { resolvedAt: item.LastModifiedTime.getTime(), resolvedBy: 'last-modified' } : { resolvedAt: null, resolvedBy: null };
}

/** ISO 8601 with a zone, or seconds or milliseconds since the epoch; null for anything else. */
function instantOf(text: string | undefined): Instant | null {
  if (text === undefined) {
    return null;
  }
  if (/^\d{10}(?:\.\d+)?$/.test(text)) {
    return Math.round(Number(text) * 1_000);
  }
  if (/^\d{13}$/.test(text)) {
    return Number(text);
  }
  const at = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** Names of pipelines among the related resources: `[{"arn": "arn:aws:codepipeline:<region>:<account>:<name>"}]`. */
function relatedPipelines(text: string | undefined): string[] {
  if (text === undefined) {
    return [];
  }
  return [...new Set([...text.matchAll(/arn:aws[\w-]*:codepipeline:[\w-]*:\d*:([A-Za-z0-9.@\-_]+)/g)].map(([, name]) => name))];
}
