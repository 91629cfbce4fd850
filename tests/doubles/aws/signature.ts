import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Instant } from '../shared/clock';

/** What a request says of its signature, before anybody believes it. */
export interface SignatureClaim {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
  signedAt: Instant | null;
  sessionToken: string | null;
}

export function readClaim(headers: IncomingHttpHeaders): SignatureClaim | null {
  const parts = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? '');
  if (!parts) {
    return null;
  }
  const [, accessKeyId, date, region, service, signedHeaders, signature] = parts as unknown as string[];
  return {
    accessKeyId: accessKeyId, date: date, region: region, service: service, signedHeaders: signedHeaders.split(';'), signature: signature,
    signedAt: signedAt(headers['x-amz-date']),
    sessionToken: header(headers, 'x-amz-security-token') || null,
  };
}

function signedAt(text: string | string[] | undefined): Instant | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(text ?? ''));
  return parts ? Date.UTC(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]), Number(parts[4]), Number(parts[5]), Number(parts[6])) : null;
}

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(',') : (value ?? '')).trim().replace(/ +/g, ' ');
}

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** Whether the holder of this secret signed this request (Signature Version 4). */
export function isSignedWith(secret: string, claim: SignatureClaim, request: { method: string; path: string; query: string; headers: IncomingHttpHeaders; body: Buffer }): boolean {
  const canonical = [
    request.method,
    request.path,
    request.query.split('&').filter(Boolean).sort().join('&'),
    ...claim.signedHeaders.map((name) => `${name}:${header(request.headers, name)}`),
    '',
    claim.signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', header(request.headers, 'x-amz-date'), scope, sha256(canonical)].join('\n');
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, claim.date), claim.region), claim.service), 'aws4_request');
  return timingSafeEqual(hmac(key, text), Buffer.from(claim.signature, 'hex'));
}
