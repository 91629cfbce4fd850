import { randomUUID } from 'node:crypto';
import type { DataSourceStore, Lease, Leases, Revision, Store, StoreWarning } from '../store';
import type { PostgresAddress } from './address';
import { PostgresDataSourceStore } from './data-source';
import { PostgresDatabase } from './database';
import { MIGRATIONS } from './schema';

/** All data sources of one Grafana installation in one database, shared by its replicas. */
export class PostgresStore implements Store, Leases {
  readonly place: string;
  readonly leases = this;
  private readonly database: PostgresDatabase;
  private readonly sources = new Map<string, PostgresDataSourceStore>();
  /** Tells this process from every other one. */
  private readonly holder = randomUUID();

  constructor(address: PostgresAddress, migrations: typeof MIGRATIONS = MIGRATIONS) {
    this.place = address.place;
    this.database = new PostgresDatabase(address, migrations);
  }

  dataSource(key: string): DataSourceStore {
    let source = this.sources.get(key);
    if (!source) {
      source = new PostgresDataSourceStore(this.database, key);
      this.sources.set(key, source);
    }
    return source;
  }

  warnings(): StoreWarning[] {
    const { trouble } = this.database;
    return trouble === null ? [] : [{ code: trouble.code === 'STORE_NEWER' ? 'STORE_NEWER' : 'STORE_UNREACHABLE', message: trouble.message }];
  }

  async take(key: string, lengthMs: number): Promise<Lease | null> {
    await this.add(key);
    // A new epoch with each taking: what an earlier holder still sends is refused, were it this very process.
    const rows = await this.database.query<{ epoch: string }>(
      `UPDATE ${this.table} SET holder = $2, epoch = epoch + 1, expires_at = now() + $3 * interval '1 millisecond'
      WHERE key = $1 AND (holder IS NULL OR expires_at <= now()) RETURNING epoch`,
      [key, this.holder, lengthMs],
    );
    return rows.length === 0 ? null : this.lease(key, Number(rows[0].epoch), lengthMs);
  }

  async keys(): Promise<string[]> {
    return (await this.database.query<{ key: string }>(`SELECT key FROM ${this.table} ORDER BY key`)).map(({ key }) => key);
  }

  async noteAsked(key: string): Promise<void> {
    await this.add(key);
    await this.database.query(`UPDATE ${this.table} SET asked_at = now() WHERE key = $1`, [key]);
  }

  async forgetUnasked(graceMs: number): Promise<string[]> {
    const unasked = await this.database.query<{ key: string }>(
      `SELECT key FROM ${this.table} WHERE asked_at < now() - $1 * interval '1 millisecond' AND (holder IS NULL OR expires_at <= now())`,
      [graceMs],
    );
    const forgotten: string[] = [];
    for (const { key } of unasked) {
      if (await this.forget(key, graceMs)) {
        forgotten.push(key);
      }
    }
    return forgotten;
  }

  async raise(key: string, revision: Revision): Promise<void> {
    await this.add(key);
    await this.database.query(`UPDATE ${this.table} SET revision = $2 WHERE key = $1 AND revision < $2`, [key, revision]);
  }

  async close(): Promise<void> {
    await this.database.close();
  }

  private get table(): string {
    return `${this.database.schema}.data_sources`;
  }

  private async add(key: string): Promise<void> {
    await this.database.query(`INSERT INTO ${this.table} (key) VALUES ($1) ON CONFLICT (key) DO NOTHING`, [key]);
  }

  private lease(key: string, epoch: number, lengthMs: number): Lease {
    const mine = [key, this.holder, epoch];
    return {
      store: new PostgresDataSourceStore(this.database, key, epoch),
      renew: async () => {
        const rows = await this.database.query(
          `UPDATE ${this.table} SET expires_at = now() + $4 * interval '1 millisecond' WHERE key = $1 AND holder = $2 AND epoch = $3 RETURNING epoch`,
          [...mine, lengthMs],
        );
        return rows.length > 0;
      },
      release: async () => {
        await this.database.query(`UPDATE ${this.table} SET holder = NULL, expires_at = now() WHERE key = $1 AND holder = $2 AND epoch = $3`, mine);
      },
    };
  }

  /** Under the lock that writes take, and only if nobody asked in the meantime. */
  private async forget(key: string, graceMs: number): Promise<boolean> {
    return this.database.transaction(async (connection) => {
      const rows = await connection.query<{ id: number }>(`SELECT id FROM ${this.table} WHERE key = $1 AND asked_at < now() - $2 * interval '1 millisecond' FOR UPDATE`, [key, graceMs]);
      if (rows.length === 0) {
        return false;
      }
      for (const table of ['facts', 'removals', 'state']) {
        await connection.query(`DELETE FROM ${this.database.schema}.${table} WHERE source = $1`, [rows[0].id]);
      }
      await connection.query(`DELETE FROM ${this.table} WHERE id = $1`, [rows[0].id]);
      return true;
    });
  }
}
