import { DoraError } from '../../shared/errors';

/** Everything lies in a schema of its own, so that a database may be shared with Grafana itself. */
const DEFAULT_SCHEMA = 'dora_metrics';
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

export interface PostgresAddress {
  /** For the driver. */
  connectionString: string;
  schema: string;
  /** For people: without password and parameters. */
  place: string;
  /** What must never be seen anywhere. */
  secrets: string[];
}

export function isPostgresAddress(text: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(text);
}

/**
 * @param text `postgres://user:password@host:port/database`, with the driver's own parameters and `schema`, ours.
 * @throws DoraError STORE_UNREACHABLE when it is no address; the message repeats nothing of it.
 */
export function parsePostgresAddress(text: string): PostgresAddress {
  let url: URL;
  let password: string;
  try {
    url = new URL(text);
    password = decodeURIComponent(url.password);
  } catch {
    // The error that URL throws holds the text, and so the password.
    throw new DoraError('STORE_UNREACHABLE', 'dora_store is no address of the form postgres://user:password@host:port/database; special characters of the password need percent encoding.');
  }
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA;
  if (!SCHEMA_NAME.test(schema)) {
    throw new DoraError('STORE_UNREACHABLE', 'The schema in dora_store must consist of small letters, digits and underscores.');
  }
  url.searchParams.delete('schema');
  const secrets = [text, url.href, password, url.password, url.searchParams.get('password') ?? ''].filter((secret) => secret !== '');
  return {
    connectionString: url.href,
    schema,
    place: `postgres://${url.username ? `${url.username}@` : ''}${url.host}${url.pathname}${schema === DEFAULT_SCHEMA ? '' : ` (schema ${schema})`}`,
    secrets: [...new Set(secrets)],
  };
}
