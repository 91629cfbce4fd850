import { lookup } from 'node:dns/promises';
import { DoraError } from '../shared/errors';
import { matchesGlobs } from '../shared/glob';

/** Names and addresses of cloud providers' metadata services, whose answers are credentials; the addresses are those that are not link-local. */
const METADATA = new Set(['metadata', 'metadata.google.internal', 'instance-data', 'instance-data.ec2.internal', '100.100.100.200', '192.0.0.192', '168.63.129.16']);

/** A name that a resolver does not answer in this time is checked no further: the call itself will say so. */
const LOOKUP_MS = 2_000;

/**
 * Where the addresses that stand in settings may lead, by Grafana's configuration:
 * `dora_allowed_hosts` of `[plugin.dora-metrics-datasource]`, names or patterns separated by commas or spaces. Without it every
 * host is allowed but link-local ones, where clouds keep the credentials of the machine.
 */
export class Targets {
  private readonly allowed: readonly string[];

  constructor(allowedHosts: string | undefined) {
    this.allowed = (allowedHosts ?? '')
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((pattern) => pattern !== '');
  }

  /**
   * @param field of the settings, for the message
   * @throws DoraError TARGET_FORBIDDEN
   */
  assertAllowed(address: string, field: string): void {
    const host = hostOf(address);
    if (host === null) {
      throw new DoraError('TARGET_FORBIDDEN', `${field}: is not an address without a password.`, { field });
    }
    if (this.allowed.length > 0) {
      if (!matchesGlobs(this.allowed, host)) {
        throw new DoraError('TARGET_FORBIDDEN', `${field}: the administrator of this Grafana does not allow the host ${host} (dora_allowed_hosts).`, { field });
      }
      return;
    }
    if (isMetadata(host)) {
      throw new DoraError('TARGET_FORBIDDEN', `${field}: ${host} is where machines keep their own credentials.`, { field });
    }
  }

  /**
   * The same for where a name leads now. Without a resolver, as behind a proxy, only the name counts.
   * @throws DoraError TARGET_FORBIDDEN
   */
  async assertResolved(address: string, field: string): Promise<void> {
    this.assertAllowed(address, field);
    const host = hostOf(address) ?? '';
    if (this.allowed.length > 0 || /^[\d.]+$|:/.test(host)) {
      return;
    }
    const patience = new AbortController();
    const found = await Promise.race([
      lookup(host, { all: true }).catch(() => []),
      new Promise<never[]>((resolve) => {
        const timer = setTimeout(() => resolve([]), LOOKUP_MS);
        patience.signal.addEventListener('abort', () => clearTimeout(timer));
      }),
    ]);
    patience.abort();
    if (found.some((one) => isMetadata(one.address))) {
      throw new DoraError('TARGET_FORBIDDEN', `${field}: the name ${host} leads to where machines keep their own credentials.`, { field });
    }
  }
}

/** What this process was started with. */
export const targets = new Targets(process.env.GF_PLUGIN_DORA_ALLOWED_HOSTS);

/** Lower-case host of an address as browsers read it (no decimal or hexadecimal IPv4, no brackets, no dot at its end); null for what is no http address or holds a password. */
function hostOf(address: string): string | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    return null;
  }
  return url.hostname.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function isMetadata(host: string): boolean {
  return METADATA.has(host) || isLinkLocal(host);
}

/** 169.254.0.0/16, also inside IPv6; fe80::/10; and AWS's own metadata address of IPv6. */
function isLinkLocal(host: string): boolean {
  return /^169\.254\.\d+\.\d+$/.test(host) || /^::ffff:(?:169\.254\.|a9fe:)/.test(host) || /^fe[89ab][0-9a-f]:/.test(host) || /^fd00:ec2:/.test(host);
}
