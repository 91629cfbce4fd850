import type { IncidentRecord, Instant } from '../model';
import { lowerBound } from '../columns';
import type { LinkContext } from './link-service';
import { DELIVERY, ROLLBACK, rowOfChange, type ServiceLink } from './service';
import { COSTLY_STEP, sortInSteps, STEP } from '../steps';

/** A deployment of one of a team's services, by their positions. */
export interface Found {
  service: number;
  deployment: number;
}

/** Something by service. */
type ByService<T> = Map<number, T>;

const SHA_PREFIX = /^[0-9a-f]{7,39}$/i;
const NUMBER = /^(.+\/.+)?#(\d+)$/;
export const OPS_ITEM = /oi-[0-9a-f]{12}/i;

/** What an incident names that may stand for a deployment (rule 1). */
export interface NamesOfIncident {
  /** In the order in which they are to be tried; `label` is how they are told to a person. */
  texts: Array<{ text: string; label: string }>;
  pipelines: readonly string[];
}

const NOTHING: NamesOfIncident = { texts: [], pipelines: [] };

export function namesOf(record: IncidentRecord): NamesOfIncident {
  const operational = record.operationalData['dora/deployment'];
  const texts: Array<{ text: string; label: string }> = [];
  // An OpsItem's deployment id is its operational data, which comes after a root cause.
  if (record.deploymentId !== null && record.deploymentId !== operational) {
    texts.push({ text: record.deploymentId, label: `deployment ${record.deploymentId}` });
  }
  for (const { relation, target } of record.references) {
    if (relation === 'root-cause') {
      texts.push({ text: target, label: `root cause ${target}` });
    }
  }
  if (operational !== undefined) {
    texts.push({ text: operational, label: `dora/deployment ${operational}` });
  }
  return texts.length === 0 && record.pipelines.length === 0 ? NOTHING : { texts, pipelines: record.pipelines };
}

/** Deployments that contained some commits first, by walking the service's graph. */
function* containing(link: ServiceLink, nodes: Iterable<number>, context: LinkContext): Generator<void, Map<number, number>> {
  const { containment, facts } = context;
  if (context.walked !== link) {
    context.walked = null;
    containment.start(link.count);
    for (let index = 0; index < link.count; index += 1) {
      if (link.succeeded[index] === 1 && link.kind[index] !== ROLLBACK && link.record[index] >= 0) {
        for (const { node } of facts.records.revisionsOf(link.record[index])) {
          if (node >= 0) {
            for (let done = containment.take(node, index); !done; done = containment.takeMore()) {
              yield;
            }
          }
        }
      }
      if (index % STEP === STEP - 1) {
        yield;
      }
    }
    context.walked = link;
  }
  const found = new Map<number, number>();
  for (const node of nodes) {
    const deployment = containment.owner(node);
    if (deployment >= 0) {
      found.set(node, deployment);
    }
  }
  return found;
}

function entryOf<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Deployments that a team's incidents name: all names are looked up in one pass over the deployments. */
export class NamedDeployments {
  private readonly nodes = new Map<string, number[]>();
  private readonly byRecord = new Map<number, ByService<number[]>>();
  private readonly byOddId = new Map<string, ByService<number>>();
  /** Succeeded deployments of a commit, in order. */
  private readonly byNode = new Map<number, ByService<number[]>>();
  private readonly byContained: Array<Map<number, number>> = [];
  private readonly byPipeline = new Map<string, ByService<{ starts: Float64Array; deployments: Int32Array }>>();

  private constructor(
    private readonly links: readonly ServiceLink[],
    private readonly context: LinkContext
  ) {}

  static *lookUp(incidents: ReadonlyArray<{ names: NamesOfIncident }>, links: readonly ServiceLink[], context: LinkContext): Generator<void, NamedDeployments> {
    const named = new NamedDeployments(links, context);
    const texts = new Set<string>();
    const pipelines = new Set<string>();
    for (const { names } of incidents) {
      names.texts.forEach(({ text }) => texts.add(text));
      names.pipelines.forEach((pipeline) => pipelines.add(pipeline));
    }
    if (texts.size > 0) {
      yield* named.resolve(texts);
      yield* named.findDeployments();
    }
    if (pipelines.size > 0) {
      yield* named.findPipelines(pipelines);
    }
    return named;
  }

  private *resolve(texts: ReadonlySet<string>): Generator<void, void> {
    const { facts, changes } = this.context;
    yield* facts.records.indexNames();
    let work = 0;
    for (const text of texts) {
      for (const record of facts.records.named(text)) {
        this.byRecord.set(record, new Map());
      }
      this.byOddId.set(text, new Map());
      const nodes = SHA_PREFIX.test(text) ? facts.shas.withPrefix(text) : [facts.shas.find(text)].filter((node) => node >= 0);
      if (nodes.length > 0) {
        this.nodes.set(text, nodes);
        nodes.forEach((node) => this.byNode.set(node, new Map()));
      }
      work += 1;
      if (work % COSTLY_STEP === 0) {
        yield;
      }
    }
    const known = [...this.byNode.keys()].filter((node) => facts.commits.known.values[node] === 1);
    for (const link of this.links) {
      this.byContained.push(known.length > 0 ? yield* containing(link, known, this.context) : new Map());
      for (const repository of this.byNode.size > 0 ? link.repositories : []) {
        yield* changes.prepareOwners(repository);
      }
    }
  }

  private *findDeployments(): Generator<void, void> {
    const { byRecord, byNode, byOddId } = this;
    for (const [service, link] of this.links.entries()) {
      for (let index = 0; index < link.count; index += 1) {
        const record = byRecord.get(link.record[index]);
        if (record !== undefined) {
          entryOf(record, service, () => []).push(index);
        }
        const node = link.succeeded[index] === 1 ? byNode.get(link.node[index]) : undefined;
        if (node !== undefined) {
          entryOf(node, service, () => []).push(index);
        }
        if (index % STEP === STEP - 1) {
          yield;
        }
      }
      for (const [index, aliases] of link.aliases) {
        for (const alias of aliases) {
          const record = byRecord.get(alias);
          if (record !== undefined) {
            entryOf(record, service, () => []).push(index);
          }
        }
      }
      for (const [index, odd] of link.oddIds) {
        const named = byOddId.get(odd);
        if (named !== undefined && !named.has(service)) {
          named.set(service, index);
        }
      }
      yield;
    }
  }

  private *findPipelines(pipelines: ReadonlySet<string>): Generator<void, void> {
    const { records } = this.context.facts;
    for (const [service, link] of this.links.entries()) {
      const found = new Map<string, number[]>();
      for (let index = 0; index < link.count; index += 1) {
        const record = link.record[index];
        const pipeline = record < 0 ? null : records.groups[records.group.values[record]].pipeline;
        if (pipeline !== null && link.succeeded[index] === 1 && pipelines.has(pipeline)) {
          entryOf(found, pipeline, () => []).push(index);
        }
        if (index % STEP === STEP - 1) {
          yield;
        }
      }
      for (const [pipeline, indexes] of found) {
        const deployments = Int32Array.from(indexes);
        yield* sortInSteps(deployments, (a, b) => link.startedAt[a] - link.startedAt[b] || a - b);
        entryOf(this.byPipeline, pipeline, () => new Map()).set(service, { deployments, starts: Float64Array.from(deployments, (index) => link.startedAt[index]) });
      }
    }
  }

  /** Deployment that a text means, searched among the given services in their order. */
  byText(text: string, ownRepository: number, openedAt: Instant, services: readonly number[]): Found | null {
    return this.byDeploymentId(text, services) ?? this.byPullNumber(text, ownRepository, services) ?? this.bySha(text, openedAt, services);
  }

  private byDeploymentId(id: string, services: readonly number[]): Found | null {
    const { facts } = this.context;
    const found: Found[] = [];
    const records = facts.records.named(id);
    for (const service of records.length > 0 ? services : []) {
      const indexes = records.flatMap((record) => this.byRecord.get(record)?.get(service) ?? []).sort((a, b) => a - b);
      // Among attempts of one execution, the one that bears its id.
      const own = indexes.reduce((known, index) => (known < 0 || !this.links[service].oddIds.has(index) ? index : known), -1);
      if (own >= 0) {
        found.push({ service, deployment: own });
      }
    }
    // A short form that means several deployments means none; one deployment may be of several services.
    if (found.length > 0) {
      const [first] = found;
      const record = ({ service, deployment }: Found): number => this.links[service].record[deployment];
      return found.every((other) => record(other) === record(first)) ? first : null;
    }
    // Attempts of a stage and merged pull requests have ids that no tool gave.
    for (const service of services) {
      const deployment = this.byOddId.get(id)?.get(service);
      if (deployment !== undefined) {
        return { service, deployment };
      }
    }
    const pull = id.startsWith('merged-pull-requests:') ? facts.pulls.withId(id.slice('merged-pull-requests:'.length)) : -1;
    return pull < 0 ? null : this.byChange(pull, services);
  }

  /** First deployment found among the given services by a change that it delivered. */
  private byChange(change: number, services: readonly number[]): Found | null {
    for (const service of services) {
      const row = rowOfChange(this.links[service], change);
      if (row >= 0) {
        return { service, deployment: this.links[service].rowDeployment[row] };
      }
    }
    return null;
  }

  private byPullNumber(text: string, ownRepository: number, services: readonly number[]): Found | null {
    const { facts } = this.context;
    const named = NUMBER.exec(text);
    if (!named) {
      return null;
    }
    const repository = named[1] === undefined ? ownRepository : facts.repositories.named(named[1]);
    const pull = repository < 0 ? -1 : facts.pulls.numbered(repository, Number(named[2]));
    return pull < 0 ? null : this.byChange(pull, services);
  }

  /** By a SHA or its first seven or more digits: the deployment of it, else the one that first contained it. */
  private bySha(text: string, openedAt: Instant, services: readonly number[]): Found | null {
    const { facts, changes } = this.context;
    const nodes = this.nodes.get(text) ?? [];
    for (const service of services) {
      for (const node of nodes) {
        const indexes = this.byNode.get(node)?.get(service) ?? [];
        const exact = indexes.reduce((known, index) => (known < 0 || this.links[service].startedAt[index] < openedAt ? index : known), -1);
        if (exact >= 0) {
          return { service, deployment: exact };
        }
      }
    }
    for (const node of nodes) {
      for (let pull = facts.commits.pullAt.values[node]; pull >= 0; pull = facts.pulls.nextAtNode.values[pull]) {
        const found = this.byChange(pull, services);
        if (found) {
          return found;
        }
      }
      for (const service of services) {
        const deployment = this.byContained[service].get(node);
        if (deployment !== undefined) {
          return { service, deployment };
        }
      }
      // A squashed branch's own commits are in no graph; their pull request is.
      for (const service of services) {
        for (const repository of this.links[service].repositories) {
          const owner = changes.ownerOfCommit(repository, node);
          const found = owner < 0 ? null : this.byChange(owner, [service]);
          if (found) {
            return found;
          }
        }
      }
    }
    return null;
  }

  /** Latest started of the succeeded deployments by one of these pipelines that started before an instant. */
  byPipelines(pipelines: readonly string[], openedAt: Instant, services: readonly number[]): Found | null {
    let best: Found | null = null;
    const startOf = ({ service, deployment }: Found): number => this.links[service].startedAt[deployment];
    for (const service of services) {
      let own = -1;
      for (const pipeline of new Set(pipelines)) {
        const index = this.byPipeline.get(pipeline)?.get(service);
        const position = index === undefined ? 0 : lowerBound(index.starts, openedAt);
        if (index !== undefined && position > 0) {
          const deployment = index.deployments[position - 1];
          const { startedAt } = this.links[service];
          own = own < 0 || startedAt[deployment] - startedAt[own] > 0 || (startedAt[deployment] === startedAt[own] && deployment > own) ? deployment : own;
        }
      }
      if (own >= 0 && (best === null || this.links[service].startedAt[own] >= startOf(best))) {
        best = { service, deployment: own };
      }
    }
    return best;
  }
}

/** OpsItem id in lower case → deployments of a service that name it themselves or by what they deliver. */
export function* deploymentsNamingOpsItems(link: ServiceLink, context: LinkContext): Generator<void, Map<string, number[]>> {
  const { facts, changes } = context;
  const found = new Map<string, number[]>();
  const add = (text: string, deployment: number): void => {
    entryOf(found, text.toLowerCase(), () => []).push(deployment);
  };
  for (let index = 0; index < link.count; index += 1) {
    const record = link.record[index];
    if (record >= 0) {
      const ref = OPS_ITEM.exec(facts.names.textOrNull(facts.records.ref.values[record]) ?? '');
      if (ref) {
        add(ref[0], index);
      }
      for (const { target } of facts.records.references.get(record) ?? []) {
        if (OPS_ITEM.test(target)) {
          add(target, index);
        }
      }
    }
    if (index % STEP === STEP - 1) {
      yield;
    }
  }
  for (let row = 0; row < link.change.length; row += 1) {
    if ((link.rowFlags[row] & DELIVERY.hasReferences) !== 0) {
      for (const { target } of facts.pulls.referencesOf(link.change[row])) {
        if (OPS_ITEM.test(target)) {
          add(target, link.rowDeployment[row]);
        }
      }
    }
    if (row % STEP === STEP - 1) {
      yield;
    }
  }
  if (facts.commits.opsItems.size > 0) {
    const nodes = [...facts.commits.opsItems.values()].flatMap((set) => [...set]);
    for (const repository of link.repositories) {
      yield* changes.prepareOwners(repository);
    }
    const contained = yield* containing(link, nodes, context);
    for (const [id, named] of facts.commits.opsItems) {
      for (const node of named) {
        const pull = link.repositories.map((repository) => changes.ownerOfCommit(repository, node)).find((owner) => owner >= 0) ?? -1;
        const row = pull >= 0 ? rowOfChange(link, pull) : rowOfChange(link, ~node);
        const deployment = row >= 0 ? link.rowDeployment[row] : contained.get(node);
        if (deployment !== undefined) {
          add(id, deployment);
        }
      }
    }
  }
  return found;
}
