import type { SQLOutputValue } from 'node:sqlite';
import type { FactBatch, Reference } from '../../engine/model';

/** Kinds of facts that are kept as JSON, by the number in the `kind` column. Numbers never change meaning. */
export const KINDS = { repositories: 1, pullRequests: 2, deployments: 3, incidents: 4, coverage: 5 } as const;
export type FactKind = keyof typeof KINDS;

const KIND_BY_NUMBER = new Map<number, FactKind>(Object.entries(KINDS).map(([kind, number]) => [number, kind as FactKind]));

export function kindOf(number: SQLOutputValue): FactKind {
  const kind = KIND_BY_NUMBER.get(Number(number));
  if (!kind) {
    throw new TypeError(`Unknown kind of fact in the store: ${String(number)}`);
  }
  return kind;
}

/** Adds the facts of one JSON row to a batch. */
export function addFact(batch: FactBatch, kind: FactKind, body: string): void {
  const fact: never = JSON.parse(body) as never;
  (batch[kind] ??= []).push(fact);
}

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** A SHA as 20 or 32 bytes; anything else that stands for one stays text. */
export function packSha(sha: string): Uint8Array | string {
  return SHA.test(sha) ? Buffer.from(sha, 'hex') : sha;
}

export function unpackSha(value: SQLOutputValue): string {
  return value instanceof Uint8Array ? hex(value, 0, value.length) : String(value);
}

/** Parents as one run of bytes, each as long as the SHA itself; as JSON where one of them is no such SHA. */
export function packParents(sha: string, parents: readonly string[]): Uint8Array | string {
  return SHA.test(sha) && parents.every((parent) => parent.length === sha.length && SHA.test(parent))
    ? Buffer.from(parents.join(''), 'hex')
    : JSON.stringify(parents);
}

export function unpackParents(sha: string, value: SQLOutputValue): string[] {
  if (!(value instanceof Uint8Array)) {
    return JSON.parse(String(value)) as string[];
  }
  const bytes = sha.length / 2;
  const parents: string[] = [];
  for (let start = 0; start < value.length; start += bytes) {
    parents.push(hex(value, start, start + bytes));
  }
  return parents;
}

function hex(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('hex');
}

export function packReferences(references: readonly Reference[]): string | null {
  return references.length > 0 ? JSON.stringify(references) : null;
}

export function unpackReferences(value: SQLOutputValue): Reference[] {
  return value === null ? [] : (JSON.parse(String(value)) as Reference[]);
}
