import { Float64Column, Int32Column, Interner, TextPool, Uint8Column } from './columns';
import type {
  Actor,
  Commit,
  Coverage,
  DeploymentOrigin,
  DeploymentRecord,
  DeploymentStage,
  FactBatch,
  IncidentOrigin,
  IncidentRecord,
  PullRequest,
  Reference,
  Repository,
  RepositoryId,
} from './model';
import { momentsOf } from './moments';
import { ShaTable } from './shas';

/** Bits of `pulls.flags`. */
export const PULL = { alive: 1, commitsComplete: 2, namesRevert: 4, hasReferences: 8 } as const;

const RELATIONS = ['reverts', 'root-cause', 'fixes', 'mentions'] as const;
const ORIGINS: readonly DeploymentOrigin[] = ['releases', 'workflow-runs', 'github-deployments', 'codepipeline', 'events'];

/** One repository: its fact, once known, and the indexes of what belongs to it. */
export interface RepositoryFacts {
  index: number;
  id: RepositoryId;
  /** Null until the repository itself was reported. */
  fact: Repository | null;
  /** Every pull request that was ever reported, removed ones too. */
  pulls: Int32Column;
  /** Revision of the facts at which something of the repository last changed. */
  changedAt: number;
}

/** Deployment records of one pipeline, workflow or pushed service: what settings select as one. */
export interface RecordGroup {
  index: number;
  origin: DeploymentOrigin;
  account: string | null;
  region: string | null;
  pipeline: string | null;
  pipelineTitle: string | null;
  service: string | null;
  /** Repository of the records' first revision: index, or its name where only that is known; pipelines carry none. */
  repository: number;
  repositoryName: string | null;
  /** Every record that ever was of the group; those that left it are of another now, or of none. */
  records: Int32Column;
  /** How many are of it now. */
  live: number;
  changedAt: number;
}

/** Incidents of one origin, account, repository and service. */
export interface IncidentGroup {
  origin: IncidentOrigin;
  account: string | null;
  repository: RepositoryId | null;
  service: string | null;
  records: Map<string, IncidentRecord>;
}

function incidentKey({ origin, account, repository, service }: IncidentRecord): string {
  return JSON.stringify([origin, account, repository, service]);
}

/** What a deployment record deployed from one repository. */
export interface Revision {
  /** Index, or −1 when no known repository has that id or name. */
  repository: number;
  /** −1 when unknown. */
  node: number;
}

function lower(text: string): string {
  return text.toLowerCase();
}

/**
 * The facts of one data source, in columns. Pull requests, commits and deployment records are numbered in the order
 * they came; no answer may depend on these numbers. Absent instants are NaN in columns.
 */
export class Facts {
  revision = 0;
  /** Revision at which repositories, record groups or coverage last came, went or were renamed. */
  outlineChangedAt = 0;
  incidentsChangedAt = 0;
  coverageChangedAt = 0;

  readonly shas = new ShaTable();
  readonly texts = new TextPool();
  readonly names = new Interner();
  private readonly actorNames = new Interner();
  private readonly actorList: Actor[] = [];
  readonly labelSets = new Interner();

  // Commits, by node.
  readonly commitKnown = new Uint8Column();
  readonly parent1 = new Int32Column(-1);
  readonly parent2 = new Int32Column(-1);
  /** Third and further parents of octopus merges. */
  readonly moreParents = new Map<number, number[]>();
  readonly authoredAt = new Float64Column(NaN);
  readonly committedAt = new Float64Column(NaN);
  readonly commitAuthor = new Int32Column(-1);
  readonly headline = new Int32Column(-1);
  /** Only what reverts, closes or names an OpsItem: squash merges make every commit mention something. */
  readonly commitReferences = new Map<number, Reference[]>();
  /** OpsItem id → commits that name it. */
  readonly opsItemCommits = new Map<string, Set<number>>();
  /** First pull request merged by that commit; more follow in `pulls.nextAtNode`. */
  readonly pullAtNode = new Int32Column(-1);

  // Pull requests, by index.
  readonly pulls = {
    repository: new Int32Column(),
    number: new Int32Column(),
    title: new Int32Column(-1),
    headBranch: new Int32Column(-1),
    /** −1 where it is the repository's address, `/pull/` and the number. */
    url: new Int32Column(-1),
    author: new Int32Column(-1),
    labels: new Int32Column(-1),
    baseBranch: new Int32Column(-1),
    mergeNode: new Int32Column(-1),
    nextAtNode: new Int32Column(-1),
    firstCommitAt: new Float64Column(NaN),
    openedAt: new Float64Column(NaN),
    firstReviewAt: new Float64Column(NaN),
    approvedAt: new Float64Column(NaN),
    mergedAt: new Float64Column(NaN),
    ignoredClocks: new Int32Column(),
    /** Into `ownCommits`. */
    commitsFrom: new Int32Column(),
    commitsLength: new Int32Column(),
    /** Into `pullReferences`; −1 for none. */
    references: new Int32Column(-1),
    /** Changed paths joined by NUL; −1 when unknown. */
    files: new Int32Column(-1),
    flags: new Uint8Column(),
  };
  private readonly pullColumns = Object.values(this.pulls);
  pullCount = 0;
  /** Node × 2, plus 1 for a merge commit. */
  readonly ownCommits = new Int32Column();
  /** Length, then pairs of relation and name. */
  private readonly pullReferences = new Int32Column();
  /** (repository, number) → pull request; open addressing. */
  private pullTable = new Int32Array(1024).fill(-1);
  private pullTableUsed = 0;
  /** Ids that are not `<repository>#<number>`. */
  private readonly oddPulls = new Map<string, number>();
  private readonly oddPullIds = new Map<number, string>();

  // Deployment records, by index.
  readonly records = {
    group: new Int32Column(-1),
    origin: new Uint8Column(),
    succeeded: new Uint8Column(),
    declaredRollback: new Uint8Column(),
    prerelease: new Uint8Column(),
    startedAt: new Float64Column(NaN),
    finishedAt: new Float64Column(NaN),
    ref: new Int32Column(-1),
    environment: new Int32Column(-1),
    title: new Int32Column(-1),
    url: new Int32Column(-1),
    /** Into `recordRevisions`: length, then triples. */
    revisions: new Int32Column(),
  };
  recordCount = 0;
  private readonly recordIds: string[] = [];
  private readonly recordById = new Map<string, number>();
  /** Filled when an incident first names a deployment in a short form. */
  private readonly recordsByTail = new Map<string, number[]>();
  private tailsUpTo = 0;
  /** Length, then triples: repository index or −1, name of the repository or −1, node or −1. */
  private readonly recordRevisions = new Int32Column();
  readonly recordStages = new Map<number, DeploymentStage[]>();
  readonly recordReferences = new Map<number, Reference[]>();

  readonly repositories: RepositoryFacts[] = [];
  private readonly repositoryById = new Map<RepositoryId, number>();
  private repositoryByName = new Map<string, number>();
  private namesStale = true;
  readonly groups: RecordGroup[] = [];
  private readonly groupByKey = new Map<string, number>();
  readonly incidents = new Map<string, IncidentRecord>();
  /** Incidents by what most sources choose them by: a team need not look at everybody's. */
  readonly incidentGroups = new Map<string, IncidentGroup>();
  readonly coverage = new Map<string, Coverage>();

  /** Upserts and removes; everything in the batch gets one new revision. */
  apply(batch: FactBatch): void {
    this.revision += 1;
    for (const repository of batch.repositories ?? []) {
      this.putRepository(repository);
    }
    for (const commit of batch.commits ?? []) {
      this.putCommit(commit);
    }
    for (const pull of batch.pullRequests ?? []) {
      this.putPull(pull);
    }
    for (const record of batch.deployments ?? []) {
      this.putRecord(record);
    }
    for (const incident of batch.incidents ?? []) {
      this.removeIncident(incident.id);
      this.incidents.set(incident.id, incident);
      const key = incidentKey(incident);
      const group = this.incidentGroups.get(key) ?? { origin: incident.origin, account: incident.account, repository: incident.repository, service: incident.service, records: new Map() };
      group.records.set(incident.id, incident);
      this.incidentGroups.set(key, group);
      this.incidentsChangedAt = this.revision;
    }
    for (const entry of batch.coverage ?? []) {
      this.coverageChangedAt = this.revision;
      this.coverage.set(`${entry.kind}\0${entry.scope}`, entry);
    }
    for (const { kind, id } of batch.removed ?? []) {
      this.remove(kind, id);
    }
    this.ensureNodes();
  }

  private ensureNodes(): void {
    const nodes = this.shas.length;
    if (this.pullAtNode.length >= nodes) {
      return;
    }
    for (const column of [this.commitKnown, this.parent1, this.parent2, this.authoredAt, this.committedAt, this.commitAuthor, this.headline, this.pullAtNode]) {
      column.resize(nodes);
    }
  }

  // --- repositories

  private repositoryIndex(id: RepositoryId): number {
    let index = this.repositoryById.get(id);
    if (index === undefined) {
      index = this.repositories.length;
      this.repositories.push({ index, id, fact: null, pulls: new Int32Column(), changedAt: this.revision });
      this.repositoryById.set(id, index);
      this.outlineChangedAt = this.revision;
    }
    return index;
  }

  private touch(repository: number): void {
    this.repositories[repository].changedAt = this.revision;
  }

  private putRepository(fact: Repository): void {
    const entry = this.repositories[this.repositoryIndex(fact.id)];
    const before = entry.fact;
    // Each pass of a sync tells of every repository again: nothing new must not cost a new link.
    if (before !== null && JSON.stringify(before) === JSON.stringify(fact)) {
      return;
    }
    if (before === null || before.name !== fact.name || before.defaultBranch !== fact.defaultBranch || before.formerNames.join() !== fact.formerNames.join()) {
      this.outlineChangedAt = this.revision;
      this.namesStale = true;
    }
    entry.fact = fact;
    entry.changedAt = this.revision;
  }

  /** Index of the repository that has this `owner/name` today, else of one that had it before; −1 for none. */
  repositoryNamed(name: string): number {
    if (this.namesStale) {
      this.repositoryByName = new Map();
      const sorted = this.repositories.filter((entry) => entry.fact !== null).sort((a, b) => (a.id < b.id ? -1 : 1));
      for (const entry of sorted) {
        this.repositoryByName.set(lower(entry.fact!.name), entry.index);
      }
      for (const entry of sorted) {
        for (const former of entry.fact!.formerNames) {
          if (!this.repositoryByName.has(lower(former))) {
            this.repositoryByName.set(lower(former), entry.index);
          }
        }
      }
      this.namesStale = false;
    }
    return this.repositoryByName.get(lower(name)) ?? -1;
  }

  repositoryWithId(id: RepositoryId): number {
    return this.repositoryById.get(id) ?? -1;
  }

  repositoryName(index: number): string | null {
    return index < 0 ? null : (this.repositories[index].fact?.name ?? null);
  }

  // --- actors

  private actorId(actor: Actor | null): number {
    if (actor === null) {
      return -1;
    }
    const id = this.actorNames.id(`${actor.isBot ? 'b' : 'p'}${actor.login}`);
    if (id === this.actorList.length) {
      this.actorList.push({ login: actor.login, isBot: actor.isBot });
    }
    return id;
  }

  actor(id: number): Actor | null {
    return id < 0 ? null : this.actorList[id];
  }

  get actorCount(): number {
    return this.actorList.length;
  }

  // --- commits

  private putCommit(commit: Commit): void {
    const node = this.shas.node(commit.sha);
    const parents = commit.parents.map((parent) => this.shas.node(parent));
    this.ensureNodes();
    this.commitKnown.values[node] = 1;
    this.parent1.values[node] = parents.length > 0 ? parents[0] : -1;
    this.parent2.values[node] = parents.length > 1 ? parents[1] : -1;
    if (parents.length > 2) {
      this.moreParents.set(node, parents.slice(2));
    }
    this.authoredAt.values[node] = commit.authoredAt;
    this.committedAt.values[node] = commit.committedAt;
    this.commitAuthor.values[node] = this.actorId(commit.author);
    // A merge is never shown as a change of its own, so its headline need not be kept.
    if (this.headline.values[node] < 0 && parents.length < 2) {
      this.headline.values[node] = this.texts.add(commit.headline);
    }
    const kept = commit.references.filter((reference) => reference.relation === 'reverts' || reference.relation === 'fixes' || reference.target.startsWith('oi-'));
    if (kept.length > 0) {
      this.commitReferences.set(node, kept);
      for (const { target } of kept) {
        if (target.startsWith('oi-')) {
          const nodes = this.opsItemCommits.get(lower(target)) ?? new Set();
          this.opsItemCommits.set(lower(target), nodes.add(node));
        }
      }
    } else {
      this.commitReferences.delete(node);
    }
    this.touch(this.repositoryIndex(commit.repository));
  }

  /** Every parent that was named, known or not. */
  parentsOf(node: number): number[] {
    const parents: number[] = [];
    const first = this.parent1.values[node];
    if (first >= 0) {
      parents.push(first);
    }
    const second = this.parent2.values[node];
    if (second >= 0) {
      parents.push(second, ...(this.moreParents.get(node) ?? []));
    }
    return parents;
  }

  // --- pull requests

  private static pullHash(repository: number, number: number): number {
    return Math.imul(Math.imul(repository + 1, 0x9e3779b1) ^ number, 0x85ebca6b) >>> 0;
  }

  private pullSlot(repository: number, number: number): number {
    const mask = this.pullTable.length - 1;
    let hash = Facts.pullHash(repository, number);
    hash ^= hash >>> 15;
    let slot = hash & mask;
    for (;;) {
      const pull = this.pullTable[slot];
      if (pull < 0 || (this.pulls.repository.values[pull] === repository && this.pulls.number.values[pull] === number)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** Index of the pull request, or −1 when it is unknown or was removed. */
  pullNumbered(repository: number, number: number): number {
    const pull = this.pullTable[this.pullSlot(repository, number)];
    return pull >= 0 && this.isAlive(pull) ? pull : -1;
  }

  isAlive(pull: number): boolean {
    return (this.pulls.flags.values[pull] & PULL.alive) !== 0;
  }

  /** Index of the pull request with that id, or −1. */
  pullWithId(id: string): number {
    const pull = this.findPull(id);
    return pull >= 0 && this.isAlive(pull) ? pull : -1;
  }

  private findPull(id: string): number {
    const odd = this.oddPulls.get(id);
    if (odd !== undefined) {
      return odd;
    }
    const at = id.lastIndexOf('#');
    const repository = this.repositoryById.get(id.slice(0, at));
    const number = Number(id.slice(at + 1));
    return repository === undefined || !Number.isInteger(number) ? -1 : this.pullTable[this.pullSlot(repository, number)];
  }

  private newPull(fact: PullRequest, repository: number): number {
    const pull = this.pullCount;
    this.pullCount += 1;
    for (const column of this.pullColumns) {
      column.resize(this.pullCount);
    }
    this.pulls.repository.values[pull] = repository;
    this.pulls.number.values[pull] = fact.number;
    this.repositories[repository].pulls.push(pull);
    const expected = `${fact.repository}#${fact.number}`;
    if (fact.id !== expected) {
      this.oddPulls.set(fact.id, pull);
      this.oddPullIds.set(pull, fact.id);
    }
    const slot = this.pullSlot(repository, fact.number);
    // Of two ids with one number, texts that name the number mean the first that came.
    if (this.pullTable[slot] < 0) {
      this.pullTable[slot] = pull;
      this.pullTableUsed += 1;
      if (this.pullTableUsed * 3 > this.pullTable.length * 2) {
        const old = this.pullTable;
        this.pullTable = new Int32Array(old.length * 2).fill(-1);
        for (const known of old) {
          if (known >= 0) {
            this.pullTable[this.pullSlot(this.pulls.repository.values[known], this.pulls.number.values[known])] = known;
          }
        }
      }
    }
    return pull;
  }

  private putPull(fact: PullRequest): void {
    const repository = this.repositoryIndex(fact.repository);
    const isUsual = fact.id === `${fact.repository}#${fact.number}` && this.oddPulls.size === 0;
    let pull = isUsual ? this.pullTable[this.pullSlot(repository, fact.number)] : this.findPull(fact.id);
    const isNew = pull < 0;
    if (isNew) {
      pull = this.newPull(fact, repository);
    }
    const columns = this.pulls;
    this.putText(columns.title, pull, fact.title);
    this.putText(columns.headBranch, pull, fact.headBranch);
    const url = this.repositories[repository].fact?.url;
    if (url !== undefined && fact.url === `${url}/pull/${fact.number}`) {
      columns.url.values[pull] = -1;
    } else {
      this.putText(columns.url, pull, fact.url);
    }
    columns.author.values[pull] = this.actorId(fact.author);
    columns.labels.values[pull] = this.labelSets.id(fact.labels.join('\0'));
    columns.baseBranch.values[pull] = this.names.id(fact.baseBranch);
    const moments = momentsOf(fact);
    columns.firstCommitAt.values[pull] = moments.firstCommitAt;
    columns.openedAt.values[pull] = moments.openedAt;
    columns.firstReviewAt.values[pull] = moments.firstReviewAt ?? NaN;
    columns.approvedAt.values[pull] = moments.approvedAt ?? NaN;
    columns.mergedAt.values[pull] = moments.mergedAt;
    columns.ignoredClocks.values[pull] = moments.ignoredClocks;

    const nodes = fact.commits.map((commit) => this.shas.node(commit.sha));
    const mergeNode = fact.mergeSha === null ? -1 : this.shas.node(fact.mergeSha);
    this.ensureNodes();
    fact.commits.forEach((commit, at) => {
      // The graph's own date wins; a rebased original is in no graph.
      if (this.commitKnown.values[nodes[at]] === 0) {
        this.authoredAt.values[nodes[at]] = commit.authoredAt;
      }
    });
    let from = columns.commitsFrom.values[pull];
    if (isNew || columns.commitsLength.values[pull] < nodes.length) {
      from = this.ownCommits.length;
      this.ownCommits.resize(from + nodes.length);
      columns.commitsFrom.values[pull] = from;
    }
    columns.commitsLength.values[pull] = nodes.length;
    nodes.forEach((node, at) => {
      this.ownCommits.values[from + at] = node * 2 + (fact.commits[at].isMerge ? 1 : 0);
    });
    this.unlinkNode(pull);
    columns.mergeNode.values[pull] = mergeNode;
    if (mergeNode >= 0) {
      columns.nextAtNode.values[pull] = this.pullAtNode.values[mergeNode];
      this.pullAtNode.values[mergeNode] = pull;
    }
    let flags = PULL.alive | (fact.commitsComplete ? PULL.commitsComplete : 0);
    if (fact.references.length > 0) {
      flags |= PULL.hasReferences;
      columns.references.values[pull] = this.putReferences(fact.references);
    }
    if (fact.references.some((reference) => reference.relation === 'reverts') || /^\s*revert\b/i.test(fact.title)) {
      flags |= PULL.namesRevert;
    }
    columns.flags.values[pull] = flags;
    if (fact.files === null) {
      columns.files.values[pull] = -1;
    } else {
      this.putText(columns.files, pull, fact.files.join('\0'));
    }
    this.touch(repository);
  }

  private putText(column: Int32Column, index: number, text: string): void {
    const address = column.values[index];
    if (address < 0 || this.texts.get(address) !== text) {
      column.values[index] = this.texts.add(text);
    }
  }

  private putReferences(references: readonly Reference[]): number {
    const at = this.pullReferences.push(references.length);
    for (const { relation, target } of references) {
      this.pullReferences.push(RELATIONS.indexOf(relation));
      this.pullReferences.push(this.names.id(target));
    }
    return at;
  }

  private unlinkNode(pull: number): void {
    const node = this.pulls.mergeNode.values[pull];
    if (node < 0) {
      return;
    }
    const next = this.pulls.nextAtNode.values;
    if (this.pullAtNode.values[node] === pull) {
      this.pullAtNode.values[node] = next[pull];
    } else {
      for (let other = this.pullAtNode.values[node]; other >= 0; other = next[other]) {
        if (next[other] === pull) {
          next[other] = next[pull];
          break;
        }
      }
    }
    next[pull] = -1;
    this.pulls.mergeNode.values[pull] = -1;
  }

  pullId(pull: number): string {
    return this.oddPullIds.get(pull) ?? `${this.repositories[this.pulls.repository.values[pull]].id}#${this.pulls.number.values[pull]}`;
  }

  pullUrl(pull: number): string | null {
    const address = this.pulls.url.values[pull];
    if (address >= 0) {
      return this.texts.get(address);
    }
    const url = this.repositories[this.pulls.repository.values[pull]].fact?.url;
    return url === undefined ? null : `${url}/pull/${this.pulls.number.values[pull]}`;
  }

  pullLabels(pull: number): string[] {
    const joined = this.labelSets.text(this.pulls.labels.values[pull]);
    return joined === '' ? [] : joined.split('\0');
  }

  pullFiles(pull: number): string[] | null {
    const joined = this.texts.getOrNull(this.pulls.files.values[pull]);
    return joined === null ? null : joined === '' ? [] : joined.split('\0');
  }

  referencesOfPull(pull: number): Reference[] {
    if ((this.pulls.flags.values[pull] & PULL.hasReferences) === 0) {
      return [];
    }
    const at = this.pulls.references.values[pull];
    const length = this.pullReferences.values[at];
    return Array.from({ length }, (_, index) => ({
      relation: RELATIONS[this.pullReferences.values[at + 1 + index * 2]],
      target: this.names.text(this.pullReferences.values[at + 2 + index * 2]),
    }));
  }

  // --- deployment records

  private groupOf(fact: DeploymentRecord): number {
    // A pipeline may deploy several repositories; everything else is told apart by its first one too.
    const revision = fact.origin === 'codepipeline' ? undefined : fact.revisions[0];
    const repository = revision?.repository ?? null;
    const repositoryName = revision?.repositoryName ?? null;
    const key = JSON.stringify([fact.origin, fact.account, fact.region, fact.pipeline, fact.pipelineTitle, fact.service, repository, repository === null ? repositoryName : null]);
    let index = this.groupByKey.get(key);
    if (index === undefined) {
      index = this.groups.length;
      this.groups.push({
        index,
        origin: fact.origin,
        account: fact.account,
        region: fact.region,
        pipeline: fact.pipeline,
        pipelineTitle: fact.pipelineTitle,
        service: fact.service,
        repository: repository === null ? -1 : this.repositoryIndex(repository),
        repositoryName,
        records: new Int32Column(),
        live: 0,
        changedAt: this.revision,
      });
      this.groupByKey.set(key, index);
      this.outlineChangedAt = this.revision;
    }
    return index;
  }

  private putRecord(fact: DeploymentRecord): void {
    const group = this.groupOf(fact);
    const columns = this.records;
    let record = this.recordById.get(fact.id);
    const isNew = record === undefined;
    if (record === undefined) {
      record = this.recordCount;
      this.recordCount += 1;
      for (const column of Object.values(columns)) {
        column.resize(this.recordCount);
      }
      this.recordById.set(fact.id, record);
      this.recordIds.push(fact.id);
    }
    const before = columns.group.values[record];
    if (before !== group) {
      if (before >= 0) {
        this.leaveGroup(before);
      }
      columns.group.values[record] = group;
      this.groups[group].live += 1;
      if (this.groups[group].live === 1) {
        this.outlineChangedAt = this.revision;
      }
      const listed = this.groups[group].records;
      // One that was removed, or left for another group and came back, is listed still.
      if (isNew || !listed.values.subarray(0, listed.length).includes(record)) {
        listed.push(record);
      }
    }
    columns.origin.values[record] = ORIGINS.indexOf(fact.origin);
    columns.succeeded.values[record] = fact.outcome === 'succeeded' ? 1 : 0;
    columns.declaredRollback.values[record] = fact.declared === 'rollback' ? 1 : 0;
    columns.prerelease.values[record] = fact.prerelease ? 1 : 0;
    columns.startedAt.values[record] = fact.startedAt;
    columns.finishedAt.values[record] = fact.finishedAt;
    columns.ref.values[record] = this.names.id(fact.ref);
    columns.environment.values[record] = this.names.id(fact.environment);
    this.putText(columns.title, record, fact.title);
    if (fact.url === null) {
      columns.url.values[record] = -1;
    } else {
      this.putText(columns.url, record, fact.url);
    }
    columns.revisions.values[record] = this.recordRevisions.push(fact.revisions.length);
    for (const revision of fact.revisions) {
      this.recordRevisions.push(revision.repository === null ? -1 : this.repositoryIndex(revision.repository));
      this.recordRevisions.push(this.names.id(revision.repositoryName));
      this.recordRevisions.push(revision.sha === null || revision.sha === '' ? -1 : this.shas.node(revision.sha));
    }
    if (fact.stages.length > 0) {
      this.recordStages.set(record, fact.stages);
    } else {
      this.recordStages.delete(record);
    }
    if (fact.references.length > 0) {
      this.recordReferences.set(record, fact.references);
    } else {
      this.recordReferences.delete(record);
    }
    this.groups[group].changedAt = this.revision;
  }

  /** Records that a tool may mean by an id of its own: the whole id, or what follows a colon in it. */
  recordsNamed(name: string): number[] {
    const exact = this.recordById.get(name);
    if (exact !== undefined) {
      return [exact];
    }
    for (; this.tailsUpTo < this.recordCount; this.tailsUpTo += 1) {
      const id = this.recordIds[this.tailsUpTo];
      for (const at of new Set([id.indexOf(':'), id.lastIndexOf(':')])) {
        if (at >= 0) {
          const tail = id.slice(at + 1);
          this.recordsByTail.set(tail, [...(this.recordsByTail.get(tail) ?? []), this.tailsUpTo]);
        }
      }
    }
    return this.recordsByTail.get(name) ?? [];
  }

  private leaveGroup(group: number): void {
    const entry = this.groups[group];
    entry.changedAt = this.revision;
    entry.live -= 1;
    if (entry.live === 0) {
      this.outlineChangedAt = this.revision;
    }
  }

  recordId(record: number): string {
    return this.recordIds[record];
  }

  recordOrigin(record: number): DeploymentOrigin {
    return ORIGINS[this.records.origin.values[record]];
  }

  /** What the record deployed, repositories looked up by id, else by name. */
  revisionsOf(record: number): Revision[] {
    const at = this.records.revisions.values[record];
    const pool = this.recordRevisions.values;
    const found: Revision[] = [];
    for (let triple = at + 1; triple < at + 1 + pool[at] * 3; triple += 3) {
      const repository = pool[triple];
      const name = pool[triple + 1];
      found.push({ repository: repository >= 0 || name < 0 ? repository : this.repositoryNamed(this.names.text(name)), node: this.wholeNode(pool[triple + 2]) });
    }
    return found;
  }

  /** The known commit that an abbreviated SHA stands for, where it is only one; any other node as it is. */
  private wholeNode(node: number): number {
    if (node < 0 || !this.shas.isAbbreviated(node)) {
      return node;
    }
    const known = this.shas.withPrefix(this.shas.sha(node)).filter((found) => this.commitKnown.values[found] === 1);
    return known.length === 1 ? known[0] : node;
  }

  /** Repository of a group's records: by id, else by name; −1 when unknown or when they have none. */
  repositoryOfGroup(group: RecordGroup): number {
    return group.repository >= 0 || group.repositoryName === null ? group.repository : this.repositoryNamed(group.repositoryName);
  }

  // --- removal

  private removeIncident(id: string): void {
    const known = this.incidents.get(id);
    if (known) {
      this.incidentGroups.get(incidentKey(known))!.records.delete(id);
      this.incidents.delete(id);
    }
  }

  private remove(kind: 'pullRequests' | 'deployments' | 'incidents' | 'repositories', id: string): void {
    if (kind === 'pullRequests') {
      const pull = this.findPull(id);
      if (pull >= 0) {
        this.unlinkNode(pull);
        this.pulls.flags.values[pull] &= ~PULL.alive;
        this.touch(this.pulls.repository.values[pull]);
      }
    } else if (kind === 'deployments') {
      const record = this.recordById.get(id);
      if (record !== undefined && this.records.group.values[record] >= 0) {
        this.leaveGroup(this.records.group.values[record]);
        this.records.group.values[record] = -1;
      }
    } else if (kind === 'incidents') {
      this.removeIncident(id);
      this.incidentsChangedAt = this.revision;
    } else {
      const repository = this.repositoryById.get(id);
      if (repository !== undefined) {
        this.repositories[repository].fact = null;
        this.touch(repository);
        this.outlineChangedAt = this.revision;
        this.namesStale = true;
      }
    }
  }

  /** Number of a commit named by a full SHA or a prefix of at least 7 digits that only one known commit has; else −1. */
  nodeNamed(text: string): number {
    if (/^[0-9a-f]{40}$/i.test(text)) {
      return this.shas.find(text);
    }
    const found = this.shas.withPrefix(text);
    return found.length === 1 ? found[0] : -1;
  }

}
