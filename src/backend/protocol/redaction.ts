import { withoutSecretShapes } from '../../shared/secretPatterns';

/** Shorter texts are no secrets worth the risk of blanking ordinary words. */
const SHORTEST_SECRET = 6;

const BLANK = '***';

/** Blanks secrets wherever a text may show them: those it was told of, also as they travel in headers and addresses, and whatever has the shape of one. */
export class Redaction {
  private readonly known = new Set<string>();
  /** The longest first: one may be part of another. */
  private secrets: string[] = [];

  protect(texts: Iterable<string>): void {
    for (const text of texts) {
      // A key of several lines may be quoted by the line.
      for (const part of [text, ...text.split(/\r?\n|\\n/)]) {
        const secret = part.trim();
        if (secret.length >= SHORTEST_SECRET && !/^-----[A-Z ]+-----$/.test(secret)) {
          this.known.add(secret).add(encodeURIComponent(secret)).add(Buffer.from(secret).toString('base64'));
        }
      }
    }
    this.secrets = [...this.known].sort((a, b) => b.length - a.length);
  }

  /** The text without any secret. */
  text(text: string): string {
    let redacted = text;
    for (const secret of this.secrets) {
      redacted = redacted.replaceAll(secret, BLANK);
    }
    return withoutSecretShapes(redacted);
  }
}
