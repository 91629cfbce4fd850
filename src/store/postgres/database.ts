import { setTimeout as delay } from 'node:timers/promises';
import { Pool, type PoolClient, type QueryResultRow } from 'pg';
import { DoraError } from '../../shared/errors';
import { LeaseLost, ReadChanged } from '../store';
import type { PostgresAddress } from './address';
import { postgresFailure } from './failure';
import { ensureSchema, migrate, MIGRATIONS } from './schema';
import { BEGIN } from './transaction';

/** Every call is short but these two: a chunk of a load, a page's write. */
const QUICK_MS = 5_000;
const LONG_MS = 30_000;

const CONNECT_MS = 5_000;
const CONNECTIONS = 6;

/** How often a database that could not be used is tried again. */
const PROBE_MS = 1_000;

/** A transaction that is begun again because of another one. */
const ATTEMPTS = 8;

/** What a statement needs of a connection. */
export interface Connection {
  query<Row extends QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
}

/**
 * The connections to one database. While it cannot be used, every call fails at once, and a probe finds out when it is
 * back: whoever asks for a panel must not wait for a database that is gone.
 */
export class PostgresDatabase {
  /** As it stands in statements. */
  readonly schema: string;
  private readonly schemaName: string;
  private readonly pool: Pool;
  private prepared: Promise<void> | null = null;
  private broken: DoraError | null = null;
  private probing: Promise<void> | null = null;
  private readonly closing = new AbortController();

  constructor(
    address: PostgresAddress,
    private readonly migrations: typeof MIGRATIONS = MIGRATIONS,
  ) {
    this.schema = `"${address.schema}"`;
    this.schemaName = address.schema;
    this.pool = new Pool({
      connectionString: address.connectionString,
      application_name: 'dora-metrics',
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      allowExitOnIdle: true,
    });
    // An idle connection that ends is no news by itself; the next call tells.
    this.pool.on('error', () => undefined);
  }

  /** Of the tables, as this process knows them. */
  get version(): number {
    return this.migrations.length;
  }

  /** Why the database cannot be used; null when it can, as far as is known. */
  get trouble(): DoraError | null {
    return this.broken;
  }

  /** One statement by itself. @throws DoraError STORE_UNREACHABLE, STORE_NEWER, STORE_UNAVAILABLE */
  async query<Row extends QueryResultRow>(text: string, values: unknown[] = [], patience: 'quick' | 'long' = 'quick'): Promise<Row[]> {
    return this.guarded(async () => {
      await this.prepare();
      return (await this.pool.query<Row>(withPatience(text, values, patience))).rows;
    });
  }

  /** Statements that are kept together or not at all; begun again where another transaction was in the way. */
  async transaction<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.guarded(async () => {
      await this.prepare();
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.attempt(work);
        } catch (error) {
          if (postgresFailure(error) !== 'again' || attempt >= ATTEMPTS) {
            throw error;
          }
          await delay(Math.random() * 20 * attempt);
        }
      }
    });
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.probing?.catch(() => undefined);
    await this.pool.end().catch(() => undefined);
  }

  private async attempt<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let usable = false;
    try {
      await client.query(BEGIN);
      try {
        const result = await work({ query: async <Row extends QueryResultRow>(text: string, values: unknown[] = []) => (await client.query<Row>(withPatience(text, values, 'long'))).rows });
        await client.query('COMMIT');
        usable = true;
        return result;
      } catch (error) {
        await client.query('ROLLBACK');
        usable = true;
        throw error;
      }
    } finally {
      // A connection that could not even roll back is closed.
      client.release(!usable);
    }
  }

  /** Makes or upgrades the tables before the first use. */
  private prepare(): Promise<void> {
    this.prepared ??= this.connected(async (client) => {
      const { rows } = await client.query<{ server_encoding: string }>('SHOW server_encoding');
      if (rows[0].server_encoding !== 'UTF8') {
        throw new DoraError('STORE_UNREACHABLE', `The database's encoding is ${rows[0].server_encoding}; it must be UTF8.`);
      }
      await ensureSchema(client, this.schemaName);
      const version = await migrate(client, this.schema, this.migrations);
      if (version > this.migrations.length) {
        throw newer(version, this.migrations.length);
      }
    }).catch((error: unknown) => {
      this.prepared = null;
      throw error;
    });
    return this.prepared;
  }

  private async connected<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let failed = true;
    try {
      const result = await work(client);
      failed = false;
      return result;
    } finally {
      client.release(failed);
    }
  }

  private async guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.closing.signal.aborted) {
      throw new DoraError('STORE_UNAVAILABLE', 'The store is closed.');
    }
    if (this.broken) {
      throw this.broken;
    }
    try {
      return await work();
    } catch (error) {
      throw this.coded(error);
    }
  }

  private coded(error: unknown): unknown {
    if (this.closing.signal.aborted) {
      return new DoraError('STORE_UNAVAILABLE', 'The store is closed.', { cause: error });
    }
    if (error instanceof LeaseLost || error instanceof ReadChanged) {
      return error;
    }
    if (error instanceof DoraError) {
      if (error.code === 'STORE_NEWER') {
        this.break(error);
      }
      return error;
    }
    switch (postgresFailure(error)) {
      case 'unreachable':
        return this.break(new DoraError('STORE_UNREACHABLE', `The database cannot be used: ${messageOf(error)}`, { cause: error }));
      case 'schema':
        // Somebody changed or removed the tables: look at their version anew.
        return this.break(new DoraError('STORE_UNREACHABLE', `The tables in the database are not as expected: ${messageOf(error)}`, { cause: error }));
      case 'again':
        return new DoraError('STORE_UNREACHABLE', `The database gave way to other transactions ${ATTEMPTS} times.`, { cause: error });
      case 'defect':
        return error;
    }
  }

  private break(error: DoraError): DoraError {
    this.broken = error;
    this.prepared = null;
    this.probing ??= this.probe().finally(() => {
      this.probing = null;
    });
    return error;
  }

  /** Tries until the database can be used again; the reason shown is the latest one. */
  private async probe(): Promise<void> {
    while (!this.closing.signal.aborted) {
      await delay(PROBE_MS, undefined, { signal: this.closing.signal, ref: false }).catch(() => undefined);
      try {
        await this.prepare();
        this.broken = null;
        return;
      } catch (error) {
        this.broken = error instanceof DoraError ? error : new DoraError('STORE_UNREACHABLE', `The database cannot be used: ${messageOf(error)}`, { cause: error });
      }
    }
  }
}

/** @param version of the tables */
export function newer(version: number, known: number): DoraError {
  return new DoraError('STORE_NEWER', `The store was written by a later version of the plugin (schema ${version}; this version knows ${known}). Nothing was changed in it.`);
}

/** The driver ends a call that takes too long; `query_timeout` is its name for that. */
function withPatience(text: string, values: unknown[], patience: 'quick' | 'long'): { text: string; values: unknown[]; query_timeout: number } {
  return { text, values, query_timeout: patience === 'quick' ? QUICK_MS : LONG_MS };
}

/** An error of several attempts (one an address of the host) has no text of its own. */
function messageOf(error: unknown): string {
  const { message, errors } = error as { message?: string; errors?: unknown[] };
  return message || (errors ? errors.map(messageOf).join('; ') : String(error));
}
