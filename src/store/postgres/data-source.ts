import type { FactBatch } from '../../engine/model';
import { assertWritable } from '../facts';
import { type DataSourceStore, type FactOf, type JsonValue, LeaseLost, type ReadableKind, ReadChanged, type Revision, type Unchanged } from '../store';
import { type Connection, newer, type PostgresDatabase } from './database';
import { asText, commitId, commitRange, type FactRow, fromText, KINDS, kindOf, pullRequestRange, RowReader, rowsOf } from './rows';

/** Rows a chunk of `load`: a few milliseconds of work each. */
const ROWS_A_CHUNK = 500;
/** Rows a statement of a write. */
const ROWS_A_STATEMENT = 1_000;

/** The data source's row, locked: nobody else writes to it until the end of the transaction. */
interface Locked {
  id: number;
  revision: Revision;
}

/** One data source's facts in a PostgreSQL database that several processes share. */
export class PostgresDataSourceStore implements DataSourceStore {
  private readonly reader = new RowReader();

  constructor(
    private readonly database: PostgresDatabase,
    private readonly key: string,
    /** Of the lease that this store writes for; null: writes are nobody's in particular, such as events. */
    private readonly epoch: number | null = null,
  ) {}

  async write(batch: FactBatch, state: Record<string, JsonValue> = {}, unchanged: Unchanged = {}): Promise<Revision> {
    assertWritable(batch, state);
    // Made before the transaction, so that what cannot be written begins none.
    const rows = rowsOf(batch);
    const entries = Object.entries(state).map(([key, value]): [string, string | null] => [asText(key), value === null ? null : JSON.stringify(value)]);
    return this.database.transaction(async (connection) => {
      const { id, revision: before } = await this.lock(connection);
      await this.checkUnchanged(connection, id, unchanged);
      let revision = await this.putRows(connection, id, before, rows);
      for (const { kind, id: removed } of batch.removed ?? []) {
        revision = await this.remove(connection, id, revision, kind, removed);
      }
      if (revision !== before) {
        await connection.query(`UPDATE ${this.t('data_sources')} SET revision = $2 WHERE id = $1`, [id, revision]);
      }
      await this.putState(connection, id, entries);
      return revision;
    });
  }

  async readState(key: string): Promise<JsonValue | undefined> {
    const rows = await this.database.query<{ value: string }>(`SELECT value FROM ${this.t('state')} WHERE source = ${this.source} AND key = $2`, [this.key, asText(key)]);
    return rows.length === 0 ? undefined : (JSON.parse(rows[0].value) as JsonValue);
  }

  async readStates(prefix: string): Promise<Map<string, JsonValue>> {
    // U+10FFFF sorts after every text that goes on after the prefix.
    const rows = await this.database.query<{ key: string; value: string }>(
      `SELECT key, value FROM ${this.t('state')} WHERE source = ${this.source} AND key >= $2 AND key < $3 ORDER BY key`,
      [this.key, asText(prefix), `${asText(prefix)}\u{10FFFF}`],
      'long',
    );
    return new Map(rows.map(({ key, value }) => [fromText(key), JSON.parse(value) as JsonValue]));
  }

  async revision(): Promise<Revision> {
    const rows = await this.database.query<{ revision: string }>(`SELECT revision FROM ${this.t('data_sources')} WHERE key = $1`, [this.key]);
    return rows.length === 0 ? 0 : Number(rows[0].revision);
  }

  async *load(since: Revision): AsyncIterable<FactBatch> {
    const until = await this.revision();
    // The id is read of commits only: every other fact has it in its body.
    const facts = this.chunks<{ kind: number; id: string | null; body: string }>(since, until, `SELECT revision, kind, CASE WHEN kind = ${KINDS.commits} THEN id END AS id, body FROM ${this.t('facts')}`);
    for await (const rows of facts) {
      yield this.reader.batchOf(rows);
    }
    // Whoever starts from nothing has nothing to forget.
    if (since > 0) {
      for await (const rows of this.chunks<{ kind: number; id: string }>(since, until, `SELECT revision, kind, id FROM ${this.t('removals')}`)) {
        yield { removed: rows.map(({ kind, id }) => ({ kind: removable(kind), id: fromText(id) })) };
      }
    }
  }

  async read<Kind extends ReadableKind>(kind: Kind, id: string): Promise<FactOf<Kind> | null> {
    const rows = await this.database.query<{ body: string }>(`SELECT body FROM ${this.t('facts')} WHERE source = ${this.source} AND kind = $2 AND id = $3`, [this.key, KINDS[kind], asText(id)]);
    return rows.length === 0 ? null : (JSON.parse(rows[0].body) as FactOf<Kind>);
  }

  async knownCommits(repository: string, shas: readonly string[]): Promise<Set<string>> {
    const wanted = new Map(shas.map((sha) => [commitId(repository, sha), sha]));
    const rows = await this.database.query<{ id: string }>(
      `SELECT id FROM ${this.t('facts')} WHERE source = ${this.source} AND kind = ${KINDS.commits} AND id = ANY($2::text[])`,
      [this.key, [...wanted.keys()]],
      'long',
    );
    return new Set(rows.flatMap(({ id }) => wanted.get(id) ?? []));
  }

  async counts(): Promise<Record<keyof Omit<FactBatch, 'removed'>, number>> {
    const counts = { repositories: 0, pullRequests: 0, commits: 0, deployments: 0, incidents: 0, coverage: 0 };
    const rows = await this.database.query<{ kind: number; count: string }>(`SELECT kind, count(*) AS count FROM ${this.t('facts')} WHERE source = ${this.source} GROUP BY kind`, [this.key], 'long');
    for (const { kind, count } of rows) {
      counts[kindOf(kind)] = Number(count);
    }
    return counts;
  }

  private t(table: string): string {
    return `${this.database.schema}.${table}`;
  }

  /** The data source's number, by its key as the first parameter; null while it has none, which equals nothing. */
  private get source(): string {
    return `(SELECT id FROM ${this.t('data_sources')} WHERE key = $1)`;
  }

  /** @throws LeaseLost when another process has taken the lease; DoraError STORE_NEWER when the tables were upgraded meanwhile. */
  private async lock(connection: Connection): Promise<Locked> {
    const find = `SELECT id, revision, epoch, (SELECT version FROM ${this.t('schema_version')}) AS version FROM ${this.t('data_sources')} WHERE key = $1 FOR UPDATE`;
    type Row = { id: number; revision: string; epoch: string; version: number };
    let rows = await connection.query<Row>(find, [this.key]);
    if (rows.length === 0) {
      await connection.query(`INSERT INTO ${this.t('data_sources')} (key) VALUES ($1) ON CONFLICT (key) DO NOTHING`, [this.key]);
      rows = await connection.query<Row>(find, [this.key]);
    }
    const [{ id, revision, epoch, version }] = rows;
    if (version > this.database.version) {
      throw newer(version, this.database.version);
    }
    if (this.epoch !== null && Number(epoch) !== this.epoch) {
      throw new LeaseLost();
    }
    return { id, revision: Number(revision) };
  }

  private async checkUnchanged(connection: Connection, source: number, { state = {}, facts = [] }: Unchanged): Promise<void> {
    for (const [key, value] of Object.entries(state)) {
      const rows = await connection.query<{ value: string }>(`SELECT value FROM ${this.t('state')} WHERE source = $1 AND key = $2`, [source, asText(key)]);
      if (rows[0]?.value !== (value === undefined ? undefined : JSON.stringify(value))) {
        throw new ReadChanged();
      }
    }
    for (const { kind, id, fact } of facts) {
      const rows = await connection.query<{ body: string }>(`SELECT body FROM ${this.t('facts')} WHERE source = $1 AND kind = $2 AND id = $3`, [source, KINDS[kind], asText(id)]);
      if (rows[0]?.body !== (fact === null ? undefined : JSON.stringify(fact))) {
        throw new ReadChanged();
      }
    }
  }

  private async putRows(connection: Connection, source: number, before: Revision, rows: readonly FactRow[]): Promise<Revision> {
    let latest = before;
    for (let start = 0; start < rows.length; start += ROWS_A_STATEMENT) {
      const part = rows.slice(start, start + ROWS_A_STATEMENT);
      // Each row has the revision of its place; one that is stored already in this form leaves a gap.
      const [{ revision }] = await connection.query<{ revision: string | null }>(
        `WITH written AS (
          INSERT INTO ${this.t('facts')} (source, revision, kind, id, body)
          SELECT $1, $2::bigint + place, kind, id, body FROM unnest($3::smallint[], $4::text[], $5::text[]) WITH ORDINALITY AS new (kind, id, body, place)
          ON CONFLICT (source, kind, id) DO UPDATE SET revision = excluded.revision, body = excluded.body WHERE facts.body <> excluded.body
          RETURNING revision
        ) SELECT max(revision) AS revision FROM written`,
        [source, latest, part.map(({ kind }) => kind), part.map(({ id }) => id), part.map(({ body }) => body)],
      );
      latest = revision === null ? latest : Number(revision);
    }
    const mayBeRemoved = rows.filter(({ kind }) => kind !== KINDS.commits && kind !== KINDS.coverage);
    if (mayBeRemoved.length > 0) {
      await connection.query(
        `DELETE FROM ${this.t('removals')} AS old USING unnest($2::smallint[], $3::text[]) AS back (kind, id)
        WHERE old.source = $1 AND old.kind = back.kind AND old.id = back.id`,
        [source, mayBeRemoved.map(({ kind }) => kind), mayBeRemoved.map(({ id }) => id)],
      );
    }
    return latest;
  }

  private async remove(connection: Connection, source: number, revision: Revision, kind: ReadableKind, id: string): Promise<Revision> {
    let latest = await this.erase(connection, source, revision, kind, 'id = $3', [asText(id)]);
    if (kind === 'repositories') {
      latest = await this.erase(connection, source, latest, 'pullRequests', 'id >= $3 AND id < $4', pullRequestRange(id));
      await connection.query(`DELETE FROM ${this.t('facts')} WHERE source = $1 AND kind = $2 AND id >= $3 AND id < $4`, [source, KINDS.commits, ...commitRange(id)]);
    }
    return latest;
  }

  /** Removes what meets the condition, and notes it for whoever has loaded it. */
  private async erase(connection: Connection, source: number, revision: Revision, kind: ReadableKind, condition: string, values: string[]): Promise<Revision> {
    const gone = await connection.query<{ id: string }>(`DELETE FROM ${this.t('facts')} WHERE source = $1 AND kind = $2 AND ${condition} RETURNING id`, [source, KINDS[kind], ...values]);
    if (gone.length > 0) {
      await connection.query(
        `INSERT INTO ${this.t('removals')} (source, revision, kind, id)
        SELECT $1, $2::bigint + place, $3::smallint, id FROM unnest($4::text[]) WITH ORDINALITY AS gone (id, place)
        ON CONFLICT (source, kind, id) DO UPDATE SET revision = excluded.revision`,
        [source, revision, KINDS[kind], gone.map(({ id }) => id)],
      );
    }
    return revision + gone.length;
  }

  private async putState(connection: Connection, source: number, entries: ReadonlyArray<[string, string | null]>): Promise<void> {
    const gone = entries.filter(([, value]) => value === null).map(([key]) => key);
    const kept = entries.filter(([, value]) => value !== null);
    if (gone.length > 0) {
      await connection.query(`DELETE FROM ${this.t('state')} WHERE source = $1 AND key = ANY($2::text[])`, [source, gone]);
    }
    if (kept.length > 0) {
      await connection.query(
        `INSERT INTO ${this.t('state')} (source, key, value) SELECT $1, key, value FROM unnest($2::text[], $3::text[]) AS new (key, value)
        ON CONFLICT (source, key) DO UPDATE SET value = excluded.value`,
        [source, kept.map(([key]) => key), kept.map(([, value]) => value)],
      );
    }
  }

  private async *chunks<Row extends object>(since: Revision, until: Revision, select: string): AsyncIterable<Row[]> {
    for (let after = since; ; ) {
      const rows = await this.database.query<Row & { revision: string }>(
        `${select} WHERE source = ${this.source} AND revision > $2 AND revision <= $3 ORDER BY revision LIMIT ${ROWS_A_CHUNK}`,
        [this.key, after, until],
        'long',
      );
      if (rows.length > 0) {
        after = Number(rows[rows.length - 1].revision);
        yield rows;
      }
      if (rows.length < ROWS_A_CHUNK) {
        return;
      }
    }
  }
}

function removable(number: number): ReadableKind {
  const kind = kindOf(number);
  if (kind === 'coverage' || kind === 'commits') {
    throw new TypeError(`${kind} are never removed by themselves.`);
  }
  return kind;
}
