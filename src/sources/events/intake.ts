import type { DeploymentRecord, IncidentRecord, Instant } from '../../engine/model';
import type { Settings } from '../../shared/settings';
import { type DataSourceStore, type JsonValue, ReadChanged, type Unchanged } from '../../store/store';
import { planFor } from '../github/plan';
import { RESOLVED_EVENT_STATE } from '../opscenter/source';
import { type AwsEvent, parseAwsEvent } from './aws';
import { detailOfWebhook, repositoryOfWebhook } from './github';
import { partOfWebhook } from './github-facts';
import { mergeEvent, type MergedEvent } from './merge';
import { parseDeploymentEvent, parseIncidentEvent, pushedDeployment, pushedIncident } from './pushed';
import { writesOfWebhook } from './webhooks';

/** What the state changes of one execution tell. */
interface ExecutionTrail {
  /** The latest change. */
  at: Instant;
  state: string;
  /** Earliest moment that any of them tells. */
  startedAt: Instant;
  /** Null while the latest state is not an end. */
  deployment: DeploymentRecord | null;
}

/** Ended by whoever resolves or closes it; anything else is open (again). */
interface StatusTrail {
  /** `[instant, ended]`, oldest first, without repeats. */
  changes: Array<[Instant, boolean]>;
  /** The latest description. */
  described: { at: Instant; incident: IncidentRecord } | null;
}

/** More changes of one OpsItem than this are of no use to its resolution. */
const LONGEST_TRAIL = 500;

/** Events that come to several processes at the same moment; each is read and written again after another one. */
const ATTEMPTS = 50;

/**
 * Events about one data source, applied one at a time: each reads what is known and writes what follows. Another process
 * that shares the store, or a pass, may write in between; what was read is then read again.
 */
export class EventIntake {
  private queue: Promise<unknown> = Promise.resolve();

  constructor(private readonly store: DataSourceStore) {}

  /** @throws DoraError BODY_INVALID, STORE_UNAVAILABLE */
  deployment(json: unknown): Promise<void> {
    const { id, fields, rank } = parseDeploymentEvent(json);
    return this.alone(async () => {
      const key = `events/deployment/${id}`;
      const before = await this.state<MergedEvent>(key);
      const merged = mergeEvent(before, fields, rank);
      await this.store.write({ deployments: [pushedDeployment(id, merged)] }, { [key]: merged }, { state: { [key]: before } });
    });
  }

  /** @throws DoraError BODY_INVALID, STORE_UNAVAILABLE */
  incident(json: unknown): Promise<void> {
    const { id, fields, rank } = parseIncidentEvent(json);
    return this.alone(async () => {
      const key = `events/incident/${id}`;
      const before = await this.state<MergedEvent>(key);
      const merged = mergeEvent(before, fields, rank);
      const incident = pushedIncident(id, merged);
      await this.store.write(incident ? { incidents: [incident] } : {}, { [key]: merged }, { state: { [key]: before } });
    });
  }

  /** Answers which source should look at its provider now, for what the event itself does not tell. @throws DoraError BODY_INVALID, STORE_UNAVAILABLE */
  async aws(json: unknown): Promise<'codepipeline' | 'opscenter' | null> {
    const event = parseAwsEvent(json);
    switch (event.kind) {
      case 'execution':
        await this.alone(() => this.execution(event));
        return 'codepipeline';
      case 'opsitem':
        await this.alone(() => this.opsItem(event));
        return 'opscenter';
      case 'ignored':
        return null;
    }
  }

  /**
   * A GitHub webhook: what it holds of a fact that a team wants is stored. Answers whether GitHub should be asked now, for
   * the rest of it; a repository that was never synchronised has nothing else.
   * @param name the `X-GitHub-Event` header
   * @throws DoraError BODY_INVALID, STORE_UNAVAILABLE
   */
  async github(name: string, json: unknown, settings: Settings): Promise<'github' | null> {
    const told = repositoryOfWebhook(name, json);
    if (told === null) {
      return null;
    }
    const repository = told.id === null ? null : await this.store.read('repositories', told.id);
    if (repository === null) {
      return 'github';
    }
    const plan = planFor(settings, [repository.name, ...repository.formerNames]);
    if (plan === null) {
      // Under another name it may be wanted.
      return name === 'repository' ? 'github' : null;
    }
    const detail = detailOfWebhook(name, json);
    const part = detail && partOfWebhook(detail, repository, plan);
    if (part) {
      await this.alone(async () => {
        const { batch, state } = await writesOfWebhook(this.store, part);
        await this.store.write(batch, state);
      });
    }
    return 'github';
  }

  /** The latest state wins, whatever the order; what a poll has brought since is left alone. */
  private async execution({ id, at, state, startedAt, deployment }: Extract<AwsEvent, { kind: 'execution' }>): Promise<void> {
    const key = `events/execution/${id}`;
    const before = await this.state<ExecutionTrail>(key);
    const isLatest = !before || at > before.at || (at === before.at && state > before.state);
    const trail: ExecutionTrail = {
      at: isLatest ? at : before.at,
      state: isLatest ? state : before.state,
      startedAt: Math.min(startedAt, before?.startedAt ?? startedAt),
      deployment: isLatest ? deployment : before.deployment,
    };
    const note = { [key]: trail as unknown as JsonValue };
    const known = await this.store.read('deployments', id);
    const basis: Unchanged = { state: { [key]: before as unknown as JsonValue | undefined }, facts: [{ kind: 'deployments', id, fact: known }] };
    const polled = known !== null && known.revisions.length > 0 ? known : null;
    if (polled && polled.finishedAt >= trail.at) {
      await this.store.write({}, note, basis);
    } else if (trail.deployment === null) {
      // Started, resumed, stopped or superseded: not a finished attempt (any more).
      await this.store.write(known ? { removed: [{ kind: 'deployments', id }] } : {}, note, basis);
    } else {
      const { outcome, finishedAt, declared } = trail.deployment;
      const updated = polled ? { ...polled, outcome, finishedAt, declared: polled.declared ?? declared } : { ...trail.deployment, startedAt: trail.startedAt };
      await this.store.write({ deployments: [updated] }, note, basis);
    }
  }

  private async opsItem({ opsItemId, at, resolved, incident }: Extract<AwsEvent, { kind: 'opsitem' }>): Promise<void> {
    const key = `events/opsitem/${opsItemId}`;
    const stored = await this.state<StatusTrail>(key);
    const before = stored ?? { changes: [], described: null };
    const trail: StatusTrail = {
      changes: withChange(before.changes, at, resolved),
      described: later(before.described, incident && { at, incident }),
    };
    const resolvedAt = resolvedSince(trail.changes);
    const id = `opsitems:${opsItemId}`;
    const known = await this.store.read('incidents', id);
    // A poll knows the account, and more than any event.
    const base = known && known.account !== null ? known : (trail.described?.incident ?? null);
    const incidents = base ? [withResolution(base, resolvedAt)] : [];
    const basis: Unchanged = { state: { [key]: stored as unknown as JsonValue | undefined }, facts: [{ kind: 'incidents', id, fact: known }] };
    await this.store.write({ incidents }, { [key]: trail as unknown as JsonValue, [`${RESOLVED_EVENT_STATE}${opsItemId}`]: resolvedAt }, basis);
  }

  private async state<Value>(key: string): Promise<Value | undefined> {
    return (await this.store.readState(key)) as unknown as Value | undefined;
  }

  private alone(work: () => Promise<void>): Promise<void> {
    const result = this.queue.then(() => untilUnchanged(work));
    this.queue = result.catch(() => undefined);
    return result;
  }
}

async function untilUnchanged(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof ReadChanged) || attempt >= ATTEMPTS) {
        throw error;
      }
    }
  }
}

function withChange(changes: StatusTrail['changes'], at: Instant, ended: boolean): StatusTrail['changes'] {
  const known = changes.some(([instant, state]) => instant === at && state === ended);
  return known ? changes : [...changes, [at, ended] as [Instant, boolean]].sort((a, b) => a[0] - b[0] || Number(a[1]) - Number(b[1])).slice(-LONGEST_TRAIL);
}

/** Of two descriptions of one OpsItem the later one; of one instant, the one whose text sorts last. */
function later(a: StatusTrail['described'], b: StatusTrail['described']): StatusTrail['described'] {
  if (!a || !b) {
    return a ?? b;
  }
  return a.at !== b.at ? (a.at > b.at ? a : b) : JSON.stringify(a) > JSON.stringify(b) ? a : b;
}

/** When it was ended for the last time without being opened again; null while open. */
export function resolvedSince(changes: StatusTrail['changes']): Instant | null {
  let since: Instant | null = null;
  for (const [at, ended] of changes) {
    since = ended ? (since ?? at) : null;
  }
  return since;
}

/** What OperationalData says of the end outranks an event. */
function withResolution(incident: IncidentRecord, resolvedAt: Instant | null): IncidentRecord {
  if (incident.resolvedBy === 'operational-data') {
    return incident;
  }
  return { ...incident, resolvedAt, resolvedBy: resolvedAt === null ? null : 'resolved-event', status: resolvedAt === null ? 'Open' : 'Resolved' };
}
