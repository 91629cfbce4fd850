import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where each scanned process leaves its count, for the closing check of `npm test`. */
const RECORDS = join(import.meta.dirname ?? __dirname, '..', '..', '.cache', 'secret-scan');

/** Shorter secrets also stand in ordinary texts. */
const SHORTEST = 6;

/** Every secret that any data source of this test process was given: one must not show another's either. */
const planted = new Map<string, Buffer[]>();

export interface ScanRecord {
  secrets: number;
  bytes: number;
  /** `<place>: <which form of which secret>`; never the secret. */
  leaks: string[];
}

interface MaybeContext {
  pluginContext?: { dataSourceInstanceSettings?: { decryptedSecureJsonData?: Record<string, string> } | null } | null;
}

/** Looks for the secrets that a plugin process was given in everything that it gives back: answers, log, handshake, store. */
export class SecretScan {
  readonly record: ScanRecord = { secrets: 0, bytes: 0, leaks: [] };

  /** Notes the secrets that go along with a request. */
  learn(request: object): void {
    const secrets = (request as MaybeContext).pluginContext?.dataSourceInstanceSettings?.decryptedSecureJsonData ?? {};
    for (const secret of Object.values(secrets)) {
      if (secret.length >= SHORTEST && !planted.has(secret)) {
        const lines = secret.split('\n').filter((line) => line.length >= 16 && !line.startsWith('-----'));
        const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64'), JSON.stringify(secret).slice(1, -1), ...lines];
        planted.set(secret, [...new Set(forms)].map((form) => Buffer.from(form)));
      }
    }
    this.record.secrets = planted.size;
  }

  /** @param what Texts and bytes at any depth. */
  check(place: string, what: unknown): void {
    if (typeof what === 'string' || what instanceof Uint8Array) {
      this.checkBytes(place, Buffer.from(what as Uint8Array));
    } else if (Array.isArray(what)) {
      what.forEach((item) => this.check(place, item));
    } else if (typeof what === 'object' && what !== null) {
      this.check(place, Object.keys(what));
      Object.values(what).forEach((item) => this.check(place, item));
    }
  }

  /** All files of a store. */
  checkFolder(folder: string): void {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (entry.isFile()) {
        const path = join(entry.parentPath, entry.name);
        this.check(`store ${entry.name}`, entry.name);
        this.check(`store ${entry.name}`, readFileSync(path));
        if ((statSync(path).mode & 0o077) !== 0 && process.platform !== 'win32') {
          this.record.leaks.push(`store ${entry.name}: others may read it`);
        }
      }
    }
  }

  /** Leaves the count for the closing check. @throws Error naming what was found and where. */
  close(): void {
    mkdirSync(RECORDS, { recursive: true });
    writeFileSync(join(RECORDS, `${process.pid}-${performance.now()}.json`), JSON.stringify(this.record));
    if (this.record.leaks.length > 0) {
      throw new Error(`Secrets were shown:\n${[...new Set(this.record.leaks)].join('\n')}`);
    }
  }

  private checkBytes(place: string, bytes: Buffer): void {
    this.record.bytes += bytes.length;
    let number = 0;
    for (const forms of planted.values()) {
      number += 1;
      const form = forms.findIndex((candidate) => bytes.includes(candidate));
      if (form >= 0) {
        this.record.leaks.push(`${place}: form ${form} of secret ${number}`);
      }
    }
  }
}
