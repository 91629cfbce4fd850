import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { Actor, Commit, Coverage, FactBatch } from '../../engine/model';
import { DoraError } from '../../shared/errors';
import { assertWritable } from '../facts';
import { type DataSourceStore, type FactOf, type JsonValue, type ReadableKind, ReadChanged, type Revision, type StoreWarning, type Unchanged } from '../store';
import { sqliteFailure } from './failure';
import { MEMORY, openFile, setAside } from './file';
import { MIGRATIONS } from './schema';
import { addFacts, asText, COMMITS, type FactKind, KINDS, kindOf, packParents, packReferences, packSha, unpackParents, unpackReferences } from './rows';

/** Rows a chunk of `load`: a few milliseconds of work each. */
const FACTS_A_CHUNK = 250;
const COMMITS_A_CHUNK = 750;

/** How long a write waits for another process's write. */
const BUSY_PATIENCE_MS = 5_000;

const UPSERT_FACT = `
  INSERT INTO facts (revision, kind, id, body) VALUES (?, ?, ?, ?)
  ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, body = excluded.body WHERE body <> excluded.body`;

const UPSERT_COMMIT = `
  INSERT INTO commits (revision, repository, sha, parents, authored_at, committed_at, author, headline, "references")
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (repository, sha) DO UPDATE SET
    revision = excluded.revision, parents = excluded.parents, authored_at = excluded.authored_at,
    committed_at = excluded.committed_at, author = excluded.author, headline = excluded.headline, "references" = excluded."references"
  WHERE (parents, authored_at, committed_at, author, headline, "references")
    IS NOT (excluded.parents, excluded.authored_at, excluded.committed_at, excluded.author, excluded.headline, excluded."references")`;

/** One data source's facts in one SQLite file (or in memory). */
export class SqliteDataSourceStore implements DataSourceStore {
  readonly warnings: StoreWarning[] = [];
  private readonly path: string;
  private database: DatabaseSync;
  private statements = new Map<string, StatementSync>();
  private repositoryNumbers = new Map<string, number>();
  private actorNumbers = new Map<string, number>();
  private repositoriesByNumber = new Map<number, string>();
  private actorsByNumber = new Map<number, Actor>();
  private closed = false;

  /**
   * @param key noted in the file, whose name tells it in part only.
   * @throws DoraError STORE_UNAVAILABLE when the place cannot be written, STORE_NEWER when a later version wrote the file.
   */
  constructor(
    path: string,
    private readonly key: string,
    private readonly migrations: readonly string[] = MIGRATIONS,
  ) {
    this.path = path;
    this.database = this.open();
  }

  async write(batch: FactBatch, state: Record<string, JsonValue> = {}, unchanged: Unchanged = {}): Promise<Revision> {
    assertWritable(batch, state);
    return this.transaction(() => {
      this.checkUnchanged(unchanged);
      return this.writeAll(batch, state);
    });
  }

  /** Notes that somebody asks for this data source. @param now milliseconds since the epoch */
  async noteAsked(now: number): Promise<void> {
    await this.transaction(() => this.statement('UPDATE source SET asked_at = ?').run(now));
  }

  /** When somebody last asked, in milliseconds since the epoch. */
  askedAt(): number {
    return this.guarded(() => Number(this.statement('SELECT asked_at FROM source').get()?.asked_at));
  }

  /** See `Store.raise`. */
  async raise(revision: Revision): Promise<void> {
    await this.transaction(() => this.statement('UPDATE revision SET latest = max(latest, ?)').run(revision));
  }

  private async transaction<Result>(work: () => Result): Promise<Result> {
    const deadline = performance.now() + BUSY_PATIENCE_MS;
    for (let pause = 10; !this.begin(performance.now() > deadline); pause = Math.min(pause * 2, 250)) {
      await delay(pause);
    }
    // From here to the end of the transaction nothing may be awaited: another write would fall into it.
    return this.guarded(() => {
      try {
        const result = work();
        this.database.exec('COMMIT');
        return result;
      } catch (error) {
        // Rows that this transaction numbered are gone again.
        this.forgetNumbers();
        this.rollback();
        throw error;
      }
    });
  }

  async readState(key: string): Promise<JsonValue | undefined> {
    const row = this.guarded(() => this.statement('SELECT value FROM state WHERE key = ?').get(key));
    return row === undefined ? undefined : (JSON.parse(String(row.value)) as JsonValue);
  }

  async readStates(prefix: string): Promise<Map<string, JsonValue>> {
    // U+10FFFF sorts after every text that goes on after the prefix.
    const rows = this.guarded(() =>
      this.statement('SELECT key, value FROM state WHERE key >= ? AND key < ? ORDER BY key').all(prefix, `${prefix}\u{10FFFF}`),
    );
    return new Map(rows.map((row) => [String(row.key), JSON.parse(String(row.value)) as JsonValue]));
  }

  async revision(): Promise<Revision> {
    return this.guarded(() => this.latest());
  }

  async *load(since: Revision): AsyncIterable<FactBatch> {
    const until = await this.revision();
    yield* this.chunks(since, until, FACTS_A_CHUNK, 'SELECT revision, kind, body FROM facts', (rows) => {
      const bodies = new Map<FactKind, string[]>();
      for (const row of rows) {
        const kind = kindOf(row.kind);
        const listed = bodies.get(kind) ?? [];
        listed.push(String(row.body));
        bodies.set(kind, listed);
      }
      const batch: FactBatch = {};
      for (const [kind, listed] of bodies) {
        addFacts(batch, kind, listed);
      }
      return batch;
    });
    yield* this.chunks(since, until, COMMITS_A_CHUNK, SELECT_COMMITS, (rows) => ({ commits: rows.map((row) => this.commitOf(row)) }));
    // Whoever starts from nothing has nothing to forget.
    if (since > 0) {
      yield* this.chunks(since, until, FACTS_A_CHUNK, 'SELECT revision, kind, id FROM removals', (rows) => ({
        removed: rows.map((row) => ({ kind: removable(kindOf(row.kind)), id: String(row.id) })),
      }));
    }
  }

  async read<Kind extends ReadableKind>(kind: Kind, id: string): Promise<FactOf<Kind> | null> {
    const row = this.guarded(() => this.statement('SELECT body FROM facts WHERE kind = ? AND id = ?').get(KINDS[kind], id));
    return row === undefined ? null : (JSON.parse(String(row.body)) as FactOf<Kind>);
  }

  async knownCommits(repository: string, shas: readonly string[]): Promise<Set<string>> {
    return this.guarded(() => {
      const known = new Set<string>();
      const number = this.repositoryNumber(repository, false);
      if (number === null) {
        return known;
      }
      const find = this.statement('SELECT 1 FROM commits WHERE repository = ? AND sha = ?');
      for (const sha of shas) {
        if (find.get(number, packSha(sha)) !== undefined) {
          known.add(sha);
        }
      }
      return known;
    });
  }

  async counts(): Promise<Record<keyof Omit<FactBatch, 'removed'>, number>> {
    return this.guarded(() => {
      const counts = { repositories: 0, pullRequests: 0, commits: 0, deployments: 0, incidents: 0, coverage: 0 };
      for (const { kind, count } of this.statement('SELECT kind, count FROM counts').all()) {
        counts[kind === COMMITS ? 'commits' : kindOf(kind)] = Number(count);
      }
      return counts;
    });
  }

  close(): void {
    if (!this.closed) {
      this.closed = true;
      this.statements.clear();
      this.database.close();
    }
  }

  private open(): DatabaseSync {
    try {
      const { database, aside } = openFile(this.path, this.migrations);
      if (aside !== null) {
        this.warnings.push({ code: 'STORE_CORRUPT', message: `The store file could not be read and was set aside as ${aside}; the history is fetched again.` });
      }
      if (database.prepare('SELECT 1 FROM source').get() === undefined) {
        database.prepare('INSERT INTO source (key, asked_at) VALUES (?, ?)').run(this.key, Date.now());
      }
      return database;
    } catch (error) {
      throw error instanceof DoraError ? error : unavailable(error);
    }
  }

  /** Begins a write; false while another process is writing, unless this is the last attempt, which then fails. */
  private begin(last: boolean): boolean {
    return this.guarded(() => {
      try {
        this.database.exec('BEGIN IMMEDIATE');
        return true;
      } catch (error) {
        if (sqliteFailure(error) === 'busy' && !last) {
          return false;
        }
        throw error;
      }
    });
  }

  private rollback(): void {
    try {
      this.database.exec('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself after a grave error such as a full disk.
    }
  }

  /** Runs one synchronous piece of work; a damaged file is set aside, and every failure becomes a coded one. */
  private guarded<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      switch (sqliteFailure(error)) {
        case 'corrupt':
          this.startAnew();
          throw new DoraError('STORE_CORRUPT', 'The store file is damaged. It was set aside and the history is fetched again.', { cause: error });
        case 'busy':
        case 'unavailable':
          throw unavailable(error);
        case 'defect':
          throw this.closed ? new DoraError('STORE_UNAVAILABLE', 'The store is closed.', { cause: error }) : error;
      }
    }
  }

  private startAnew(): void {
    this.statements.clear();
    this.forgetNumbers();
    this.database.close();
    if (this.path !== MEMORY) {
      const aside = setAside(this.path, 'corrupt');
      this.warnings.push({ code: 'STORE_CORRUPT', message: `The store file was damaged and set aside as ${aside}; the history is fetched again.` });
    }
    this.database = this.open();
  }

  private statement(sql: string): StatementSync {
    let statement = this.statements.get(sql);
    if (!statement) {
      statement = this.database.prepare(sql);
      this.statements.set(sql, statement);
    }
    return statement;
  }

  private latest(): Revision {
    return Number(this.statement('SELECT latest FROM revision').get()?.latest ?? 0);
  }

  private checkUnchanged({ state = {}, facts = [] }: Unchanged): void {
    for (const [key, value] of Object.entries(state)) {
      const row = this.statement('SELECT value FROM state WHERE key = ?').get(key);
      if (row?.value !== (value === undefined ? undefined : JSON.stringify(value))) {
        throw new ReadChanged();
      }
    }
    for (const { kind, id, fact } of facts) {
      const row = this.statement('SELECT body FROM facts WHERE kind = ? AND id = ?').get(KINDS[kind], id);
      if (row?.body !== (fact === null ? undefined : JSON.stringify(fact))) {
        throw new ReadChanged();
      }
    }
  }

  private writeAll(batch: FactBatch, state: Record<string, JsonValue>): Revision {
    const before = this.latest();
    let revision = before;
    const upsert = this.statement(UPSERT_FACT);
    const unremove = this.statement('DELETE FROM removals WHERE kind = ? AND id = ?');
    const put = (kind: FactKind, id: string, fact: object): void => {
      if (upsert.run(revision + 1, KINDS[kind], id, JSON.stringify(fact)).changes) {
        unremove.run(KINDS[kind], id);
        revision += 1;
      }
    };
    for (const fact of batch.repositories ?? []) {
      put('repositories', fact.id, fact);
    }
    for (const fact of batch.pullRequests ?? []) {
      put('pullRequests', fact.id, fact);
    }
    for (const fact of batch.deployments ?? []) {
      put('deployments', fact.id, fact);
    }
    for (const fact of batch.incidents ?? []) {
      put('incidents', fact.id, fact);
    }
    for (const fact of batch.coverage ?? []) {
      put('coverage', coverageId(fact), fact);
    }
    for (const commit of batch.commits ?? []) {
      revision += this.writeCommit(revision + 1, commit);
    }
    for (const { kind, id } of batch.removed ?? []) {
      revision = this.remove(revision, kind, id);
    }
    if (revision !== before) {
      this.statement('UPDATE revision SET latest = ?').run(revision);
    }
    for (const [key, value] of Object.entries(state)) {
      if (value === null) {
        this.statement('DELETE FROM state WHERE key = ?').run(key);
      } else {
        this.statement('INSERT INTO state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(key, JSON.stringify(value));
      }
    }
    return revision;
  }

  private writeCommit(revision: Revision, commit: Commit): number {
    const { sha, parents, authoredAt, committedAt, author, headline, references } = commit;
    const result = this.statement(UPSERT_COMMIT).run(
      revision,
      this.repositoryNumber(commit.repository, true),
      packSha(sha),
      packParents(sha, parents),
      authoredAt,
      committedAt,
      author && this.actorNumber(author),
      headline,
      packReferences(references),
    );
    return result.changes ? 1 : 0;
  }

  private remove(revision: Revision, kind: FactKind, id: string): Revision {
    const erase = this.statement('DELETE FROM facts WHERE kind = ? AND id = ?');
    const note = this.statement('INSERT INTO removals (revision, kind, id) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision');
    let latest = revision;
    const forget = (forgotten: FactKind, forgottenId: string): void => {
      if (erase.run(KINDS[forgotten], forgottenId).changes) {
        latest += 1;
        note.run(latest, KINDS[forgotten], forgottenId);
      }
    };
    forget(kind, id);
    if (kind === 'repositories') {
      // Ids of its pull requests go on with '#'; '$' is the next character.
      const rows = this.statement('SELECT id FROM facts WHERE kind = ? AND id >= ? AND id < ?').all(KINDS.pullRequests, `${id}#`, `${id}$`);
      for (const row of rows) {
        forget('pullRequests', String(row.id));
      }
      const number = this.repositoryNumber(id, false);
      if (number !== null) {
        this.statement('DELETE FROM commits WHERE repository = ?').run(number);
      }
    }
    return latest;
  }

  private repositoryNumber(id: string, create: true): number;
  private repositoryNumber(id: string, create: false): number | null;
  private repositoryNumber(id: string, create: boolean): number | null {
    const known = this.repositoryNumbers.get(id);
    if (known !== undefined) {
      return known;
    }
    if (create) {
      this.statement('INSERT INTO repository_keys (id) VALUES (?) ON CONFLICT (id) DO NOTHING').run(id);
    }
    const row = this.statement('SELECT number FROM repository_keys WHERE id = ?').get(id);
    if (row === undefined) {
      return null;
    }
    this.repositoryNumbers.set(id, Number(row.number));
    return Number(row.number);
  }

  private actorNumber({ login, isBot }: Actor): number {
    const key = `${isBot ? 1 : 0}${login}`;
    const known = this.actorNumbers.get(key);
    if (known !== undefined) {
      return known;
    }
    const bot = isBot ? 1 : 0;
    this.statement('INSERT INTO actors (login, is_bot) VALUES (?, ?) ON CONFLICT (login, is_bot) DO NOTHING').run(login, bot);
    const number = Number(this.statement('SELECT number FROM actors WHERE login = ? AND is_bot = ?').get(login, bot)?.number);
    this.actorNumbers.set(key, number);
    return number;
  }

  private commitOf(row: Row): Commit {
    const sha = String(row.sha);
    return {
      repository: this.repositoryOf(Number(row.repository)),
      sha,
      parents: unpackParents(sha, String(row.parents)),
      authoredAt: Number(row.authored_at),
      committedAt: Number(row.committed_at),
      author: row.author === null ? null : this.actorOf(Number(row.author)),
      headline: String(row.headline),
      references: unpackReferences(row.references),
    };
  }

  private repositoryOf(number: number): string {
    let id = this.repositoriesByNumber.get(number);
    if (id === undefined) {
      id = String(this.statement('SELECT id FROM repository_keys WHERE number = ?').get(number)?.id);
      this.repositoriesByNumber.set(number, id);
    }
    return id;
  }

  /** One object an actor, for a few people write very many commits. */
  private actorOf(number: number): Actor {
    let actor = this.actorsByNumber.get(number);
    if (actor === undefined) {
      const row = this.statement('SELECT login, is_bot FROM actors WHERE number = ?').get(number);
      actor = { login: String(row?.login), isBot: Number(row?.is_bot) === 1 };
      this.actorsByNumber.set(number, actor);
    }
    return actor;
  }

  private forgetNumbers(): void {
    this.repositoryNumbers.clear();
    this.actorNumbers.clear();
    this.repositoriesByNumber.clear();
    this.actorsByNumber.clear();
  }

  private async *chunks(
    since: Revision,
    until: Revision,
    size: number,
    select: string,
    batchOf: (rows: Row[]) => FactBatch,
  ): AsyncIterable<FactBatch> {
    const sql = `${select} WHERE revision > ? AND revision <= ? ORDER BY revision LIMIT ${size}`;
    for (let after = since; ; ) {
      const rows = this.guarded(() => this.statement(sql).all(after, until));
      if (rows.length > 0) {
        after = Number(rows[rows.length - 1].revision);
        yield this.guarded(() => batchOf(rows));
      }
      if (rows.length < size) {
        return;
      }
      await nextTurn();
    }
  }
}

type Row = ReturnType<StatementSync['all']>[number];

const SELECT_COMMITS = `
  SELECT revision, repository, ${asText('sha')} AS sha, ${asText('parents')} AS parents, authored_at, committed_at, author, headline, "references"
  FROM commits`;

function coverageId({ kind, scope }: Coverage): string {
  return `${kind} ${scope}`;
}

function removable(kind: FactKind): Exclude<FactKind, 'coverage'> {
  if (kind === 'coverage') {
    throw new TypeError('Coverage is never removed.');
  }
  return kind;
}

function unavailable(error: unknown): DoraError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DoraError('STORE_UNAVAILABLE', `The store cannot be used: ${reason}`, { cause: error });
}
