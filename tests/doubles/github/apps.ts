import { createPublicKey, verify } from 'node:crypto';
import { timestamp } from '../shared/clock';
import type { TokenRegistry } from './access';
import { notFound, type Refusal } from './refusals';
import type { Resources } from './rest/resources';
import type { RestAnswer } from './rest/routes';

/** A GitHub App with one installation. */
export interface AppSpec {
  id: number;
  slug?: string;
  installationId: number;
  /** The account that installed it. */
  account: string;
  /** PEM; checks the signature of the app's JWT when given. */
  publicKey?: string;
  permissions?: Record<string, 'read' | 'write'>;
  /** `owner/name` patterns; default: all. */
  repositories?: string[];
  suspended?: boolean;
  limit?: number;
}

const HOUR = 3_600_000;

export const READ_ALL: Record<string, 'read' | 'write'> = { contents: 'read', metadata: 'read', pull_requests: 'read', issues: 'read', actions: 'read', deployments: 'read' };

function claims(authorization: string | undefined): { header: string; payload: { iss?: unknown; iat?: number; exp?: number }; signature: Buffer } | null {
  const parts = /^bearer\s+([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization ?? '');
  if (!parts) {
    return null;
  }
  try {
    return { header: `${parts[1]}.${parts[2]}`, payload: JSON.parse(Buffer.from(parts[2], 'base64url').toString('utf8')) as { iss?: unknown }, signature: Buffer.from(parts[3], 'base64url') };
  } catch {
    return null;
  }
}

const refused = (message: string): Refusal => ({ status: 401, body: { message, documentation_url: 'https://docs.github.com/rest', status: '401' } });

/** The endpoints that an app reaches with its own JWT; null for every other path. */
export class Apps {
  private issued = 0;

  constructor(
    private readonly apps: AppSpec[],
    private readonly tokens: TokenRegistry
  ) {}

  answer(method: string, path: string, authorization: string | undefined, body: unknown, now: number, resources: Resources): RestAnswer | Refusal | null {
    const installation = /^\/app\/installations\/(\d+)(\/access_tokens)?$/.exec(path);
    const wantsToken = installation?.[2] !== undefined;
    if (method !== (wantsToken ? 'POST' : 'GET') || !(installation || path === '/app' || path === '/app/installations')) {
      return null;
    }
    const app = this.appOf(authorization, now);
    if (!('installationId' in app)) {
      return app;
    }
    if (path === '/app') {
      return { status: 200, body: resources.app(app, now), headers: {} };
    }
    if (path === '/app/installations') {
      return { status: 200, body: [resources.installation(app, now)], headers: {} };
    }
    if (app.installationId !== Number(installation?.[1])) {
      return notFound();
    }
    return wantsToken ? this.token(app, body, now) : { status: 200, body: resources.installation(app, now), headers: {} };
  }

  /** The app whose JWT this is, or GitHub's refusal. */
  private appOf(authorization: string | undefined, now: number): AppSpec | Refusal {
    const jwt = claims(authorization);
    if (!jwt) {
      return refused('A JSON web token could not be decoded');
    }
    const app = this.apps.find((one) => String(one.id) === String(jwt.payload.iss));
    if (!app) {
      return refused("'Issuer' claim ('iss') must be an Integer");
    }
    const seconds = now / 1000;
    if (typeof jwt.payload.exp !== 'number' || jwt.payload.exp < seconds) {
      return refused("'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires");
    }
    if (jwt.payload.exp > seconds + 660) {
      return refused("'Expiration time' claim ('exp') is too far in the future");
    }
    if (app.publicKey && !verify('RSA-SHA256', Buffer.from(jwt.header), createPublicKey(app.publicKey), jwt.signature)) {
      return refused('A JSON web token could not be decoded');
    }
    return app;
  }

  private token(app: AppSpec, body: unknown, now: number): RestAnswer | Refusal {
    if (app.suspended) {
      return { status: 403, body: { message: 'This installation has been suspended', documentation_url: 'https://docs.github.com/rest/reference/apps#create-an-installation-access-token-for-an-app', status: '403' } };
    }
    const asked = (body ?? {}) as { repositories?: string[]; permissions?: Record<string, 'read' | 'write'> };
    const token = `ghs_${String((this.issued += 1)).padStart(4, '0')}${'a'.repeat(32)}`;
    const permissions = asked.permissions ?? app.permissions ?? READ_ALL;
    const repositories = asked.repositories?.map((name) => `${app.account}/${name}`) ?? app.repositories;
    const expiresAt = now + HOUR;
    this.tokens.add({ token, kind: 'installation', login: `${app.slug ?? 'dora'}[bot]`, permissions, expiresAt, ...(repositories ? { repositories } : {}), ...(app.limit ? { limit: app.limit } : {}) });
    return { status: 201, body: { token, expires_at: timestamp(expiresAt), permissions, repository_selection: repositories ? 'selected' : 'all' }, headers: {} };
  }
}
