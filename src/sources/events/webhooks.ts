import { isDeepStrictEqual } from 'node:util';
import type { FactBatch, IncidentRecord, PullRequest } from '../../engine/model';
import type { DataSourceStore, JsonValue } from '../../store/store';
import type { WebhookPart } from './github-facts';
import { mergeEvent, type MergedEvent } from './merge';

/**
 * What to write after one more webhook. A fact that stands as earlier webhooks made it, or not at all, becomes what all of
 * them say, whatever their order. One that a poll has brought is never made poorer: it takes only what changed later.
 */
export async function writesOfWebhook(store: DataSourceStore, part: WebhookPart): Promise<{ batch: FactBatch; state: Record<string, JsonValue> }> {
  const key = `events/github/${part.key}`;
  const before = (await store.readState(key)) as unknown as MergedEvent | undefined;
  const merged = mergeEvent(before, part.fields, part.rank);
  const ours = new Map<string, unknown>((before ? part.facts(before).facts : []).map((fact) => [fact.id, fact]));
  const told = part.facts(merged);
  const batch: FactBatch = {};
  const isOurs = (id: string, known: unknown): boolean => known === null || isDeepStrictEqual(known, ours.get(id));
  switch (told.table) {
    case 'deployments':
      batch.deployments = [];
      for (const fact of told.facts) {
        if (isOurs(fact.id, await store.read('deployments', fact.id))) {
          batch.deployments.push(fact);
        }
      }
      break;
    case 'incidents':
      batch.incidents = [];
      for (const fact of told.facts) {
        const known = await store.read('incidents', fact.id);
        batch.incidents.push(known === null || isOurs(fact.id, known) ? fact : laterIssue(known, fact));
      }
      break;
    case 'pullRequests':
      batch.pullRequests = [];
      for (const fact of told.facts) {
        const known = await store.read('pullRequests', fact.id);
        batch.pullRequests.push(known === null || isOurs(fact.id, known) ? fact : laterPullRequest(known, fact));
      }
      break;
  }
  if (told.facts.length === 0 && merged.gone !== undefined) {
    batch.removed = [{ kind: told.table, id: part.key }];
  }
  return { batch, state: { [key]: merged } };
}

/** Title, labels and branches may change after the merge; commits, reviews and drafts no webhook tells. */
function laterPullRequest(known: PullRequest, told: PullRequest): PullRequest {
  if (told.updatedAt <= known.updatedAt) {
    return known;
  }
  const { title, labels, baseBranch, headBranch, updatedAt } = told;
  return { ...known, title, labels, baseBranch, headBranch, updatedAt };
}

/** A poll has read the comments, in which root causes are named. */
function laterIssue(known: IncidentRecord, told: IncidentRecord): IncidentRecord {
  if ((told.updatedAt ?? 0) <= (known.updatedAt ?? 0)) {
    return known;
  }
  const causes = known.references.filter((one) => one.relation === 'root-cause' && !told.references.some((other) => isDeepStrictEqual(one, other)));
  return { ...told, references: [...causes, ...told.references] };
}
