/** Shapes by which a secret is known wherever it stands. None of them fits a SHA, a name or a number. */
const SHAPES: readonly RegExp[] = [
  // GitHub: tokens of people, apps and installations.
  /\bgh[pousr]_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{30,}/g,
  // AWS: access key ids.
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  // Grafana: tokens of service accounts.
  /\bglsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}\b/g,
  // Signed tokens, such as those that a GitHub App presents.
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}/g,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/** `user:password@` of an address. */
const PASSWORD_IN_ADDRESS = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]+@/gi;

/** The text with everything that has the shape of a secret replaced by `***`. */
export function withoutSecretShapes(text: string): string {
  return SHAPES.reduce((redacted, shape) => redacted.replace(shape, '***'), text).replace(PASSWORD_IN_ADDRESS, '$1***@');
}

/** True when some part of the text has the shape of a secret. */
export function hasSecretShape(text: string): boolean {
  return withoutSecretShapes(text) !== text;
}
