import type { Instant } from '../shared/clock';
import { matchesPattern } from '../shared/patterns';
import type { Repository } from './world';

/** A credential that the double knows. */
export interface TokenSpec {
  token: string;
  kind?: 'classic' | 'fine-grained' | 'installation';
  /** Whose token; an installation's is the app's slug with `[bot]`. */
  login?: string;
  /** Classic tokens only. */
  scopes?: string[];
  /** Fine-grained tokens and installations: what they may read. Default: everything that is asked for. */
  permissions?: Record<string, 'read' | 'write'>;
  /** `owner/name` patterns with `*`; default: everything. */
  repositories?: string[];
  revoked?: boolean;
  expiresAt?: Instant | null;
  limit?: number;
}

export interface Identity {
  /** Null: nobody signed in. */
  token: string | null;
  kind: 'classic' | 'fine-grained' | 'installation' | 'anonymous';
  login: string | null;
  scopes: string[];
  permissions: Record<string, 'read' | 'write'> | null;
  repositories: string[] | null;
  limit: number;
  expiresAt: Instant | null;
}

/** Used when a scenario names no tokens. */
export const DEFAULT_TOKEN = 'ghp_double0000000000000000000000000000000';

export const ANONYMOUS: Identity = { token: null, kind: 'anonymous', login: null, scopes: [], permissions: null, repositories: null, limit: 60, expiresAt: null };

export class TokenRegistry {
  private readonly tokens = new Map<string, TokenSpec>();

  constructor(specs: TokenSpec[] | undefined, private readonly defaultLimit: number) {
    for (const spec of specs ?? [{ token: DEFAULT_TOKEN, kind: 'classic', login: 'octocat', scopes: ['repo', 'read:org'] } as const]) {
      this.add({ ...spec });
    }
  }

  add(spec: TokenSpec): void {
    this.tokens.set(spec.token, spec);
  }

  revoke(token: string): boolean {
    const spec = this.tokens.get(token);
    if (spec) {
      spec.revoked = true;
    }
    return spec !== undefined;
  }

  change(token: string, change: Partial<TokenSpec>): boolean {
    const spec = this.tokens.get(token);
    if (spec) {
      Object.assign(spec, change);
    }
    return spec !== undefined;
  }

  list(): TokenSpec[] {
    return [...this.tokens.values()];
  }

  /** Null when the credential is wrong, revoked or out of date. */
  identify(authorization: string | undefined, now: Instant): Identity | null {
    if (!authorization) {
      return ANONYMOUS;
    }
    const given = /^(?:bearer|token)\s+(\S+)$/i.exec(authorization)?.[1] ?? /^basic\s+(\S+)$/i.exec(authorization)?.[1];
    const spec = given === undefined ? undefined : (this.tokens.get(given) ?? this.tokens.get(Buffer.from(given, 'base64').toString('utf8').split(':').pop() ?? ''));
    if (!spec || spec.revoked || (spec.expiresAt != null && spec.expiresAt <= now)) {
      return null;
    }
    return {
      token: spec.token,
      kind: spec.kind ?? 'classic',
      login: spec.login ?? 'octocat',
      scopes: spec.scopes ?? (spec.kind === undefined || spec.kind === 'classic' ? ['repo', 'read:org'] : []),
      permissions: spec.permissions ?? null,
      repositories: spec.repositories ?? null,
      limit: spec.limit ?? this.defaultLimit,
      expiresAt: spec.expiresAt ?? null,
    };
  }
}

/** Private repositories need the `repo` scope, or to be named by a fine-grained token or an installation. */
export function canSee(identity: Identity, repository: Repository): boolean {
  if (repository.state === 'gone') {
    return false;
  }
  if (identity.repositories && !identity.repositories.some((pattern) => matchesPattern(pattern, repository.fullName))) {
    return !repository.isPrivate && identity.kind !== 'installation';
  }
  if (!repository.isPrivate) {
    return true;
  }
  return identity.kind === 'classic' ? identity.scopes.includes('repo') : identity.kind !== 'anonymous';
}

/** Whether a fine-grained token or installation holds this permission; classic tokens have scopes instead. */
export function isPermitted(identity: Identity, permission: string): boolean {
  return identity.permissions === null || permission === 'metadata' || identity.permissions[permission] !== undefined;
}
