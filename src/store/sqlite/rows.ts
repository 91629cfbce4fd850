import type { SQLOutputValue } from 'node:sqlite';
import type { FactBatch, Reference } from '../../engine/model';

/** Kinds of facts that are kept as JSON, by the number in the `kind` column. Numbers never change meaning. */
export const KINDS = { repositories: 1, pullRequests: 2, deployments: 3, incidents: 4, coverage: 5 } as const;
export type FactKind = keyof typeof KINDS;

/** The number of commits, which have a table of their own, in the table of counts. */
export const COMMITS = 0;

const KIND_BY_NUMBER = new Map<number, FactKind>(Object.entries(KINDS).map(([kind, number]) => [number, kind as FactKind]));

export function kindOf(number: SQLOutputValue): FactKind {
  const kind = KIND_BY_NUMBER.get(Number(number));
  if (!kind) {
    throw new TypeError(`Unknown kind of fact in the store: ${String(number)}`);
  }
  return kind;
}

/** Adds the facts of JSON rows of one kind to a batch; parsed in one go, which costs less than one by one. */
export function addFacts(batch: FactBatch, kind: FactKind, bodies: readonly string[]): void {
  const facts: never[] = JSON.parse(`[${bodies.join(',')}]`) as never[];
  (batch[kind] ??= []).push(...facts);
}

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** A SHA as 20 or 32 bytes; anything else that stands for one stays text. */
export function packSha(sha: string): Uint8Array | string {
  return SHA.test(sha) ? Buffer.from(sha, 'hex') : sha;
}

/** SQL for a packed column as text: SQLite writes hexadecimal faster than a blob comes over to JavaScript. */
export function asText(column: string): string {
  return `CASE typeof(${column}) WHEN 'blob' THEN lower(hex(${column})) ELSE ${column} END`;
}

/** Parents as one run of bytes, each as long as the SHA itself; as JSON where one of them is no such SHA. */
export function packParents(sha: string, parents: readonly string[]): Uint8Array | string {
  return SHA.test(sha) && parents.every((parent) => parent.length === sha.length && SHA.test(parent))
    ? Buffer.from(parents.join(''), 'hex')
    : JSON.stringify(parents);
}

/** @param text As `asText` gives it: SHAs of the same length as `sha` in a row, or JSON. */
export function unpackParents(sha: string, text: string): string[] {
  if (text.startsWith('[')) {
    return JSON.parse(text) as string[];
  }
  const parents: string[] = [];
  for (let start = 0; start < text.length; start += sha.length) {
    parents.push(text.slice(start, start + sha.length));
  }
  return parents;
}

export function packReferences(references: readonly Reference[]): string | null {
  return references.length > 0 ? JSON.stringify(references) : null;
}

export function unpackReferences(value: SQLOutputValue): Reference[] {
  return value === null ? [] : (JSON.parse(String(value)) as Reference[]);
}
