import type { Instant } from '../shared/clock';
import { matchesPattern } from '../shared/patterns';

/** Something that one may not do; everything that is given must fit. `*` stands for any text. */
export interface Denial {
  /** Such as `codepipeline:ListPipelines` or `ssm:*`. */
  action: string;
  region?: string;
}

/** A long-lived access key of a user. */
export interface KeySpec {
  accessKeyId: string;
  secretAccessKey: string;
  account: string;
  user?: string;
  denied?: Denial[];
  revoked?: boolean;
}

export interface RoleSpec {
  arn: string;
  /** Must be given when it is assumed; absent: none is asked for. */
  externalId?: string;
  /** Patterns of principal ARNs; default: everybody. */
  trusts?: string[];
  denied?: Denial[];
}

export interface Session {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  expiresAt: Instant;
  role: RoleSpec;
  name: string;
}

/** Who signed a request. */
export interface Principal {
  account: string;
  arn: string;
  userId: string;
  secretAccessKey: string;
  denied: Denial[];
}

export const DEFAULT_ACCOUNT = '111111111111';
/** Used when a scenario names no keys. */
export const DEFAULT_KEY: Readonly<KeySpec> = {
  accessKeyId: 'AKIADOUBLE0000000001',
  secretAccessKey: 'double/secret+key0000000000000000000001',
  account: DEFAULT_ACCOUNT,
  user: 'grafana',
};

export class Identities {
  private readonly keys = new Map<string, KeySpec>();
  private readonly roles = new Map<string, RoleSpec>();
  private readonly sessions = new Map<string, Session>();
  private made = 0;

  constructor(keys: KeySpec[] = [{ ...DEFAULT_KEY }], roles: RoleSpec[] = []) {
    keys.forEach((key) => this.addKey(key));
    roles.forEach((role) => this.addRole(role));
  }

  addKey(key: KeySpec): void {
    this.keys.set(key.accessKeyId, key);
  }

  addRole(role: RoleSpec): void {
    this.roles.set(role.arn, role);
  }

  /** May change what a key or a role is denied. */
  deny(who: string, denied: Denial[]): boolean {
    const target = this.keys.get(who) ?? this.roles.get(who);
    if (target) {
      target.denied = denied;
    }
    return target !== undefined;
  }

  revoke(accessKeyId: string): boolean {
    const key = this.keys.get(accessKeyId);
    if (key) {
      key.revoked = true;
    }
    return key !== undefined;
  }

  /** Ends all sessions now, whatever they were promised. */
  expireSessions(now: Instant): number {
    for (const session of this.sessions.values()) {
      session.expiresAt = Math.min(session.expiresAt, now);
    }
    return this.sessions.size;
  }

  role(arn: string): RoleSpec | undefined {
    return this.roles.get(arn);
  }

  assume(role: RoleSpec, name: string, expiresAt: Instant): Session {
    this.made += 1;
    const number = String(this.made).padStart(10, '0');
    const session: Session = {
      accessKeyId: `ASIADOUBLE${number}`,
      secretAccessKey: `session/secret+key00000000000000${number}`,
      sessionToken: `double-session-token-${number}`.repeat(4),
      expiresAt,
      role,
      name,
    };
    this.sessions.set(session.accessKeyId, session);
    return session;
  }

  /** `unknown` and `expired` as AWS tells them apart. */
  identify(accessKeyId: string, sessionToken: string | null, now: Instant): Principal | 'unknown' | 'expired' {
    const key = this.keys.get(accessKeyId);
    if (key) {
      const user = key.user ?? 'user';
      return key.revoked === true || sessionToken !== null
        ? 'unknown'
        : { account: key.account, arn: `arn:aws:iam::${key.account}:user/${user}`, userId: `AIDADOUBLE${user}`, secretAccessKey: key.secretAccessKey, denied: key.denied ?? [] };
    }
    const session = this.sessions.get(accessKeyId);
    if (!session || session.sessionToken !== sessionToken) {
      return 'unknown';
    }
    if (session.expiresAt <= now) {
      return 'expired';
    }
    const [account, roleName] = roleParts(session.role.arn);
    return {
      account,
      arn: `arn:aws:sts::${account}:assumed-role/${roleName}/${session.name}`,
      userId: `AROADOUBLE${roleName}:${session.name}`,
      secretAccessKey: session.secretAccessKey,
      denied: session.role.denied ?? [],
    };
  }
}

export function isDenied(denied: readonly Denial[], action: string, region: string): boolean {
  return denied.some((denial) => matchesPattern(denial.action, action) && (denial.region === undefined || matchesPattern(denial.region, region)));
}

/** Account and name of a role's ARN. */
export function roleParts(arn: string): [account: string, name: string] {
  const parts = /^arn:aws[\w-]*:iam::(\d{12}):role\/(.+)$/.exec(arn);
  return parts ? [parts[1], parts[2].split('/').at(-1)!] : ['', ''];
}
