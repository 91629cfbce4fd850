import { createHmac, timingSafeEqual } from 'node:crypto';

/** Where GitHub, and whoever signs like GitHub, puts `sha256=<hex of HMAC-SHA256 of the body>`. */
export const SIGNATURE_HEADER = 'x-hub-signature-256';

/** True when the signature is the body's, by this secret; takes the same time whatever is wrong with it. */
export function isSignedBy(secret: string, body: Uint8Array, signature: string): boolean {
  const expected = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(/^sha256=([0-9a-f]{64})$/i.exec(signature.trim())?.[1] ?? '', 'hex');
  // Compared even when the lengths differ, so that a malformed signature takes as long as a wrong one.
  const comparable = given.length === expected.length ? given : Buffer.alloc(expected.length);
  return timingSafeEqual(comparable, expected) && given.length === expected.length;
}
