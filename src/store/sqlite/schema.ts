import type { DatabaseSync } from 'node:sqlite';
import { COMMITS, KINDS } from './rows';

/**
 * Every fact has one row whose primary key is the revision that wrote it: a rewritten fact moves to the end, so
 * "what is new since" is a walk along the primary key that needs no index of its own.
 *
 * Commits come by the million: their SHAs are blobs, their authors and repositories are numbered.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE revision (latest INTEGER NOT NULL);
  INSERT INTO revision VALUES (0);
  CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE facts (revision INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL);
  CREATE UNIQUE INDEX facts_by_id ON facts (kind, id);
  CREATE TABLE removals (revision INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id TEXT NOT NULL);
  CREATE UNIQUE INDEX removals_by_id ON removals (kind, id);
  CREATE TABLE repository_keys (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
  CREATE TABLE actors (number INTEGER PRIMARY KEY, login TEXT NOT NULL, is_bot INTEGER NOT NULL, UNIQUE (login, is_bot));
  CREATE TABLE commits (
    revision INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL,
    sha BLOB NOT NULL,
    parents BLOB NOT NULL,
    authored_at INTEGER NOT NULL,
    committed_at INTEGER NOT NULL,
    author INTEGER,
    headline TEXT NOT NULL,
    "references" TEXT
  );
  CREATE UNIQUE INDEX commits_by_sha ON commits (repository, sha);
  `,
  // Whose file it is, which its name tells in part only, and when somebody last asked for it (milliseconds since the epoch).
  `
  CREATE TABLE source (key TEXT NOT NULL, asked_at INTEGER NOT NULL);
  `,
  // How many facts there are of each kind: counting the rows of a large file takes half a second, in which nothing else runs.
  `
  CREATE TABLE counts (kind INTEGER PRIMARY KEY, count INTEGER NOT NULL);
  INSERT INTO counts SELECT ${COMMITS}, COUNT(*) FROM commits;
  ${Object.values(KINDS).map((kind) => `INSERT INTO counts SELECT ${kind}, COUNT(*) FROM facts WHERE kind = ${kind};`).join(' ')}
  CREATE TRIGGER fact_added AFTER INSERT ON facts BEGIN UPDATE counts SET count = count + 1 WHERE kind = new.kind; END;
  CREATE TRIGGER fact_removed AFTER DELETE ON facts BEGIN UPDATE counts SET count = count - 1 WHERE kind = old.kind; END;
  CREATE TRIGGER commit_added AFTER INSERT ON commits BEGIN UPDATE counts SET count = count + 1 WHERE kind = ${COMMITS}; END;
  CREATE TRIGGER commit_removed AFTER DELETE ON commits BEGIN UPDATE counts SET count = count - 1 WHERE kind = ${COMMITS}; END;
  `,
];

/** The version of a database file: 0 for a new one. */
export function schemaVersion(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version ?? 0);
}

/** Brings a database file to the current schema, a step a transaction. */
export function migrate(database: DatabaseSync, migrations: readonly string[]): void {
  for (let version = schemaVersion(database); version < migrations.length; version += 1) {
    database.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have done this step while we waited for the lock.
      if (schemaVersion(database) === version) {
        database.exec(migrations[version]);
        database.exec(`PRAGMA user_version = ${version + 1}`);
      }
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  }
}
