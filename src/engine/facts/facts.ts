import { Interner, TextPool } from '../columns';
import type { Coverage, FactBatch } from '../model';
import { ShaTable } from '../shas';
import { Actors } from './actors';
import { Commits } from './commits';
import { IncidentRecords } from './incidents';
import { type FactPart, textList } from './part';
import { Pulls } from './pulls';
import { DeploymentRecords } from './records';
import { Repositories } from './repositories';
import { FactRevisions } from './revisions';

/** The facts of one data source, in columns, a class for each kind. */
export class Facts {
  readonly changes = new FactRevisions();
  readonly shas = new ShaTable();
  readonly texts = new TextPool();
  readonly names = new Interner();
  readonly actors = new Actors();
  readonly repositories = new Repositories(this.changes);
  readonly commits = new Commits(this.shas, this.texts, this.actors, this.repositories);
  readonly pulls = new Pulls(this.shas, this.texts, this.names, this.actors, this.repositories, this.commits);
  readonly records = new DeploymentRecords(this.changes, this.shas, this.texts, this.names, this.repositories, this.commits);
  readonly incidents = new IncidentRecords(this.changes);
  readonly coverage = new Map<string, Coverage>();

  /** Number of what was applied last; everything of one batch has the same. */
  get revision(): number {
    return this.changes.current;
  }

  /** Upserts and removes; everything in the batch gets one new revision. */
  apply(batch: FactBatch): void {
    this.changes.current += 1;
    for (const repository of batch.repositories ?? []) {
      this.repositories.put(repository);
    }
    for (const commit of batch.commits ?? []) {
      this.commits.put(commit);
    }
    for (const pull of batch.pullRequests ?? []) {
      this.pulls.put(pull);
    }
    for (const record of batch.deployments ?? []) {
      this.records.put(record);
    }
    for (const incident of batch.incidents ?? []) {
      this.incidents.put(incident);
    }
    for (const entry of batch.coverage ?? []) {
      this.putCoverage(entry);
    }
    for (const { kind, id } of batch.removed ?? []) {
      this[kind === 'pullRequests' ? 'pulls' : kind === 'deployments' ? 'records' : kind].remove(id);
    }
    this.commits.ensureNodes();
  }

  private putCoverage(entry: Coverage): void {
    this.changes.coverageChangedAt = this.changes.current;
    this.coverage.set(`${entry.kind}\0${entry.scope}`, entry);
  }

  /** Number of a commit named by a full SHA or a prefix of at least 7 digits that only one known commit has; else −1. */
  nodeNamed(text: string): number {
    if (/^[0-9a-f]{40}$/i.test(text)) {
      return this.shas.find(text);
    }
    const found = this.shas.withPrefix(text);
    return found.length === 1 ? found[0] : -1;
  }

  /** All parts by name, each after those that it refers to. */
  parts(): Record<string, FactPart> {
    return {
      shas: this.shas,
      texts: { columns: {}, lists: {}, blocks: { all: () => this.texts.blocks(), add: (bytes) => this.texts.addBlock(bytes) } },
      names: { columns: {}, lists: { all: textList(() => this.names.all(), (text) => this.names.id(text)) } },
      actors: this.actors,
      repositories: this.repositories,
      commits: this.commits,
      pulls: this.pulls,
      records: this.records,
      incidents: this.incidents,
      coverage: { columns: {}, lists: { all: { entries: () => this.coverage.values(), add: (entry) => this.putCoverage(entry as Coverage) } } },
    };
  }
}
