import { Float64Column, Int32Column, type Interner, type TextPool, Uint8Column } from '../columns';
import type { DeploymentOrigin, DeploymentRecord, DeploymentStage, Reference } from '../model';
import type { ShaTable } from '../shas';
import { atOnce, COSTLY_STEP, STEP } from '../steps';
import type { Commits } from './commits';
import { columnsOf, type FactPart, mapList } from './part';
import type { Repositories } from './repositories';
import type { FactRevisions } from './revisions';

const ORIGINS: readonly DeploymentOrigin[] = ['releases', 'workflow-runs', 'github-deployments', 'codepipeline', 'events', 'tags'];

/** Cells that are made at once. */
const ROOM = 1_024;

/** What settings select as one: a pipeline, a workflow, a pushed service, or a repository's releases. */
export interface GroupIdentity {
  origin: DeploymentOrigin;
  account: string | null;
  region: string | null;
  pipeline: string | null;
  pipelineTitle: string | null;
  service: string | null;
  /** Repository of the records' first revision: index, or its name where only that is known; pipelines carry none. */
  repository: number;
  repositoryName: string | null;
}

/** Deployment records of one such thing. */
export interface RecordGroup extends GroupIdentity {
  index: number;
  /** Every record that ever was of the group; those that left it are of another now, or of none. */
  records: Int32Column;
  /** How many are of it now. */
  live: number;
  changedAt: number;
}

/** What a deployment record deployed from one repository. */
export interface Revision {
  /** Index, or −1 when no known repository has that id or name. */
  repository: number;
  /** −1 when unknown. */
  node: number;
}

/** Deployment records, numbered in the order they came; no answer may depend on these numbers. Absent instants are NaN. */
export class DeploymentRecords implements FactPart {
  readonly group = new Int32Column(-1);
  private readonly origin = new Uint8Column();
  readonly succeeded = new Uint8Column();
  readonly declaredRollback = new Uint8Column();
  readonly prerelease = new Uint8Column();
  readonly startedAt = new Float64Column(NaN);
  readonly finishedAt = new Float64Column(NaN);
  readonly ref = new Int32Column(-1);
  readonly environment = new Int32Column(-1);
  readonly title = new Int32Column(-1);
  readonly url = new Int32Column(-1);
  /** Into `revisionPool`: length, then triples. */
  private readonly revisions = new Int32Column();
  private readonly all = {
    group: this.group,
    origin: this.origin,
    succeeded: this.succeeded,
    declaredRollback: this.declaredRollback,
    prerelease: this.prerelease,
    startedAt: this.startedAt,
    finishedAt: this.finishedAt,
    ref: this.ref,
    environment: this.environment,
    title: this.title,
    url: this.url,
    revisions: this.revisions,
  };
  private readonly allColumns = Object.values(this.all);
  count = 0;
  readonly groups: RecordGroup[] = [];
  private readonly groupByKey = new Map<string, number>();
  private readonly ids: string[] = [];
  private readonly byId = new Map<string, number>();
  /** Filled when an incident first names a deployment in a short form. */
  private readonly byTail = new Map<string, number | number[]>();
  private tailsUpTo = 0;
  /** Length, then triples: repository index or −1, name of the repository or −1, node or −1. */
  private readonly revisionPool = new Int32Column();
  readonly stages = new Map<number, DeploymentStage[]>();
  readonly references = new Map<number, Reference[]>();

  constructor(
    private readonly changes: FactRevisions,
    private readonly shas: ShaTable,
    private readonly texts: TextPool,
    private readonly names: Interner,
    private readonly repositories: Repositories,
    private readonly commits: Commits
  ) {}

  private groupOf(fact: DeploymentRecord): number {
    // A pipeline may deploy several repositories; everything else is told apart by its first one too.
    const revision = fact.origin === 'codepipeline' ? undefined : fact.revisions[0];
    const { origin, account, region, pipeline, pipelineTitle, service } = fact;
    const repository = revision?.repository ?? null;
    return this.groupIndex({
      origin,
      account,
      region,
      pipeline,
      pipelineTitle,
      service,
      repository: repository === null ? -1 : this.repositories.index(repository),
      repositoryName: revision?.repositoryName ?? null,
    });
  }

  private groupIndex(identity: GroupIdentity): number {
    const { origin, account, region, pipeline, pipelineTitle, service, repository, repositoryName } = identity;
    const key = JSON.stringify([origin, account, region, pipeline, pipelineTitle, service, repository, repository < 0 ? repositoryName : null]);
    let index = this.groupByKey.get(key);
    if (index === undefined) {
      index = this.groups.length;
      this.groups.push({ ...identity, index, records: new Int32Column(), live: 0, changedAt: this.changes.current });
      this.groupByKey.set(key, index);
      this.changes.outlineChanged();
    }
    return index;
  }

  put(fact: DeploymentRecord): void {
    const group = this.groupOf(fact);
    let record = this.byId.get(fact.id);
    const isNew = record === undefined;
    if (record === undefined) {
      record = this.count;
      this.count += 1;
      if (this.group.length < this.count) {
        for (const column of this.allColumns) {
          column.resize(this.count + ROOM);
        }
      }
      this.byId.set(fact.id, record);
      this.ids.push(fact.id);
    }
    this.join(record, group, isNew);
    this.origin.values[record] = ORIGINS.indexOf(fact.origin);
    this.succeeded.values[record] = fact.outcome === 'succeeded' ? 1 : 0;
    this.declaredRollback.values[record] = fact.declared === 'rollback' ? 1 : 0;
    this.prerelease.values[record] = fact.prerelease ? 1 : 0;
    this.startedAt.values[record] = fact.startedAt;
    this.finishedAt.values[record] = fact.finishedAt;
    this.ref.values[record] = this.names.id(fact.ref);
    this.environment.values[record] = this.names.id(fact.environment);
    this.texts.put(this.title, record, fact.title);
    if (fact.url === null) {
      this.url.values[record] = -1;
    } else {
      this.texts.put(this.url, record, fact.url);
    }
    this.revisions.values[record] = this.revisionPool.push(fact.revisions.length);
    for (const revision of fact.revisions) {
      this.revisionPool.push(revision.repository === null ? -1 : this.repositories.index(revision.repository));
      this.revisionPool.push(this.names.id(revision.repositoryName));
      this.revisionPool.push(revision.sha === null || revision.sha === '' ? -1 : this.shas.node(revision.sha));
    }
    if (fact.stages.length > 0) {
      this.stages.set(record, fact.stages);
    } else {
      this.stages.delete(record);
    }
    if (fact.references.length > 0) {
      this.references.set(record, fact.references);
    } else {
      this.references.delete(record);
    }
    this.groups[group].changedAt = this.changes.current;
  }

  private join(record: number, group: number, isNew: boolean): void {
    const before = this.group.values[record];
    if (before === group) {
      return;
    }
    if (before >= 0) {
      this.leave(before);
    }
    this.group.values[record] = group;
    this.groups[group].live += 1;
    if (this.groups[group].live === 1) {
      this.changes.outlineChanged();
    }
    const listed = this.groups[group].records;
    // One that was removed, or left for another group and came back, is listed still.
    if (isNew || !listed.values.subarray(0, listed.length).includes(record)) {
      listed.push(record);
    }
  }

  private leave(group: number): void {
    const entry = this.groups[group];
    entry.changedAt = this.changes.current;
    entry.live -= 1;
    if (entry.live === 0) {
      this.changes.outlineChanged();
    }
  }

  remove(id: string): void {
    const record = this.byId.get(id);
    if (record !== undefined && this.group.values[record] >= 0) {
      this.leave(this.group.values[record]);
      this.group.values[record] = -1;
    }
  }

  /** Records that a tool may mean by an id of its own: the whole id, or what follows a colon in it. */
  named(name: string): number[] {
    const exact = this.byId.get(name);
    if (exact !== undefined) {
      return [exact];
    }
    atOnce(this.indexNames());
    const found = this.byTail.get(name);
    return found === undefined ? [] : typeof found === 'number' ? [found] : found;
  }

  /** Brings the index of `named` up, in steps. */
  *indexNames(): Generator<void, void> {
    while (this.tailsUpTo < this.count) {
      const record = this.tailsUpTo;
      // Before any pause: another may go on with this meanwhile.
      this.tailsUpTo += 1;
      const id = this.ids[record];
      for (const at of new Set([id.indexOf(':'), id.lastIndexOf(':')])) {
        if (at >= 0) {
          const tail = id.slice(at + 1);
          const known = this.byTail.get(tail);
          if (known === undefined) {
            this.byTail.set(tail, record);
          } else if (typeof known === 'number') {
            this.byTail.set(tail, [known, record]);
          } else {
            known.push(record);
          }
        }
      }
      if (record % COSTLY_STEP === COSTLY_STEP - 1) {
        yield;
      }
    }
  }

  idOf(record: number): string {
    return this.ids[record];
  }

  originOf(record: number): DeploymentOrigin {
    return ORIGINS[this.origin.values[record]];
  }

  /** What the record deployed, repositories looked up by id, else by name. */
  revisionsOf(record: number): Revision[] {
    const at = this.revisions.values[record];
    const pool = this.revisionPool.values;
    const found: Revision[] = [];
    for (let triple = at + 1; triple < at + 1 + pool[at] * 3; triple += 3) {
      const repository = pool[triple];
      const name = pool[triple + 1];
      found.push({ repository: repository >= 0 || name < 0 ? repository : this.repositories.named(this.names.text(name)), node: this.wholeNode(pool[triple + 2]) });
    }
    return found;
  }

  /** Adds the names (by number) of repositories that a record gives without an id: what they mean can change. */
  addRepositoryNames(record: number, to: Set<number>): void {
    const at = this.revisions.values[record];
    const pool = this.revisionPool.values;
    for (let triple = at + 1; triple < at + 1 + pool[at] * 3; triple += 3) {
      if (pool[triple] < 0 && pool[triple + 1] >= 0) {
        to.add(pool[triple + 1]);
      }
    }
  }

  /** Repository that a name of `addRepositoryNames` means now; −1 for none. */
  repositoryNamed(name: number): number {
    return this.repositories.named(this.names.text(name));
  }

  /** The known commit that an abbreviated SHA stands for, where it is only one; any other node as it is. */
  private wholeNode(node: number): number {
    if (node < 0 || !this.shas.isAbbreviated(node)) {
      return node;
    }
    const known = this.shas.withPrefix(this.shas.sha(node)).filter((found) => this.commits.known.values[found] === 1);
    return known.length === 1 ? known[0] : node;
  }

  /** Repository of a group's records: by id, else by name; −1 when unknown or when they have none. */
  repositoryOf(group: GroupIdentity): number {
    return group.repository >= 0 || group.repositoryName === null ? group.repository : this.repositories.named(group.repositoryName);
  }

  readonly columns = {
    ...columnsOf(this.all, () => this.count),
    revisionPool: { column: this.revisionPool, length: (): number => this.revisionPool.length },
  };
  readonly lists = {
    groups: {
      entries: (): Iterable<unknown> => this.groups.map(({ index: _index, records: _records, live: _live, changedAt: _changedAt, ...identity }) => identity),
      add: (entry: unknown): void => void this.groupIndex(entry as GroupIdentity),
    },
    ids: {
      entries: (): Iterable<unknown> => this.ids,
      add: (entry: unknown): void => {
        this.byId.set(String(entry), this.ids.length);
        this.ids.push(String(entry));
      },
    },
    stages: mapList(this.stages),
    references: mapList(this.references),
  };

  *rebuild(): Generator<void, void> {
    this.count = this.group.length;
    for (let record = 0; record < this.count; record += 1) {
      const group = this.group.values[record];
      if (group >= 0) {
        this.groups[group].records.push(record);
        this.groups[group].live += 1;
      }
      if (record % STEP === STEP - 1) {
        yield;
      }
    }
  }
}
