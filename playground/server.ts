import { createReadStream, existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';
import { BOARD_UIDS } from '../src/shared/boards';
import type { Bridge } from './bridge';
import { PAGE_FOLDER } from './page';

const ROOT = join(import.meta.dirname, '..');
const HOST = '127.0.0.1';
const LARGEST_BODY = 4 * 1024 * 1024;

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

const MODULES = join(ROOT, 'node_modules');
/** A third of Grafana's icons is no part of its package: the ones that are seen here lie in this folder, `other` stands for the rest. */
const ICONS = join(ROOT, 'playground', 'web', 'icons');
const ICON_ADDRESS = /^\/public\/build\/img\/icons\/\w+\/([\w-]+\.svg)$/;

/** Files and folders the page may read, by the start of the address. */
const FILES: Array<[prefix: string, folder: string]> = [
  ['/assets/', PAGE_FOLDER],
  ['/public/plugins/dora-metrics-datasource/', join(ROOT, 'dist')],
  ['/public/build/', join(MODULES, '@grafana', 'ui', 'dist', 'public')],
];

/** Grafana's fonts, under the names that its styles ask for. */
const FONTS: Array<[asked: RegExp, file: string]> = [
  [/^\/public\/fonts\/inter\/Inter-Regular\.woff2$/, join('inter', 'files', 'inter-latin-400-normal.woff2')],
  [/^\/public\/fonts\/inter\/Inter-Medium\.woff2$/, join('inter', 'files', 'inter-latin-500-normal.woff2')],
  [/^\/public\/fonts\/inter\/Inter-Italic\.woff2$/, join('inter', 'files', 'inter-latin-400-italic.woff2')],
  [/^\/public\/fonts\/inter\/Inter-MediumItalic\.woff2$/, join('inter', 'files', 'inter-latin-500-italic.woff2')],
  [/^\/public\/fonts\/roboto\//, join('roboto-mono', 'files', 'roboto-mono-latin-400-normal.woff2')],
];

/** What Grafana puts into its page before any script runs. */
function bootData(version: string): string {
  const data = {
    settings: { appUrl: '/', appSubUrl: '', buildInfo: { version, edition: 'Open Source', env: 'production' }, featureToggles: {}, awsAllowedAuthProviders: ['default', 'keys', 'credentials'], awsAssumeRoleEnabled: true, datasources: {}, panels: {}, apps: {} },
    user: { isSignedIn: true, login: 'admin', orgRole: 'Admin', orgId: 1, timezone: 'browser', weekStart: 'monday', language: 'en-US', locale: 'en-US', theme: 'dark', permissions: {} },
    navTree: [],
  };
  return `window.__grafana_public_path__ = '/public/'; window.grafanaBootData = ${JSON.stringify(data)};`;
}

export interface PlaygroundServer {
  address: string;
  close(): Promise<void>;
}

/** Serves the page, the built plugin and the bridge on this machine only; the next free port if the wanted one is taken. */
export async function serve(bridge: Bridge, wantedPort: number): Promise<PlaygroundServer> {
  const server = createServer((request, response) => {
    handle(bridge, request, response).catch((error: unknown) => {
      send(response, 500, { message: error instanceof Error ? error.message : String(error) });
    });
  });
  await listen(server, wantedPort);
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://${HOST}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      server.off('listening', done);
      if (error.code !== 'EADDRINUSE' || port === 0) {
        reject(error);
      } else {
        resolve(listen(server, 0));
      }
    };
    const done = () => {
      server.off('error', failed);
      resolve();
    };
    server.once('error', failed);
    server.once('listening', done);
    server.listen(port, HOST);
  });
}

async function handle(bridge: Bridge, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${HOST}`);
  const method = request.method ?? 'GET';
  if (!isOurs(request)) {
    return send(response, 403, { message: 'The playground answers its own page only.' });
  }
  if (url.pathname === '/api/playground/boards') {
    return send(response, 200, boards());
  }
  if (url.pathname.startsWith('/api/')) {
    const answer = await bridge.answer({ method, url, body: await bodyOf(request) });
    return answer ? send(response, answer.status, answer.body) : send(response, 404, { message: `The playground has no ${method} ${url.pathname}` });
  }
  if (url.pathname === '/boot.js') {
    response.writeHead(200, { 'content-type': TYPES['.js'], 'cache-control': 'no-store' });
    response.end(bootData(grafanaVersion()));
    return undefined;
  }
  for (const [prefix, folder] of FILES) {
    const name = decodeURIComponent(url.pathname.slice(prefix.length));
    if (url.pathname.startsWith(prefix) && (!ICON_ADDRESS.test(url.pathname) || existsSync(join(folder, name)))) {
      return sendFile(response, folder, name);
    }
  }
  const icon = ICON_ADDRESS.exec(url.pathname)?.[1];
  if (icon) {
    return sendFile(response, ICONS, existsSync(join(ICONS, icon)) ? icon : 'other.svg');
  }
  const font = FONTS.find(([asked]) => asked.test(url.pathname));
  if (font) {
    return sendFile(response, join(MODULES, '@fontsource'), font[1]);
  }
  if (extname(url.pathname) !== '') {
    return send(response, 404, { message: 'No such file' });
  }
  return sendFile(response, join(ROOT, 'playground', 'web'), 'index.html');
}

/** Another site's page in the same browser must not reach the data source: neither by name resolution nor by a form. */
function isOurs(request: IncomingMessage): boolean {
  const host = request.headers.host ?? '';
  const { origin } = request.headers;
  return /^(127\.0\.0\.1|localhost):\d+$/.test(host) && (origin === undefined || origin === `http://${host}`);
}

/** The plugin's boards in the order in which a reader goes through them, then what else lies in the folder. */
function boards(): unknown[] {
  const folder = join(ROOT, 'provisioning', 'dashboards');
  const known: readonly string[] = Object.values(BOARD_UIDS);
  const place = ({ uid }: { uid: string }): number => (known.includes(uid) ? known.indexOf(uid) : known.length);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as { uid: string })
    .sort((one, other) => place(one) - place(other) || one.uid.localeCompare(other.uid));
}

/** plugin.json of the built plugin. */
export function readManifest(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(ROOT, 'dist', 'plugin.json'), 'utf8')) as Record<string, unknown>;
}

function grafanaVersion(): string {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules', '@grafana', 'ui', 'package.json'), 'utf8')) as { version: string };
  return version;
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY) {
      throw new Error('The request is too large');
    }
    parts.push(part);
  }
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? undefined : (JSON.parse(text) as unknown);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body ?? null));
}

function sendFile(response: ServerResponse, folder: string, name: string): void {
  const file = normalize(join(folder, name));
  if (!file.startsWith(folder + sep) || !existsSync(file) || !statSync(file).isFile()) {
    return send(response, 404, { message: 'No such file' });
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'cache-control': 'no-store' });
  createReadStream(file).pipe(response);
  return undefined;
}
