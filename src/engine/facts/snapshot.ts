import type { FactPart } from './part';
import { Facts } from './facts';

/** Raised with every change of what columns, lists or blocks mean. */
const FORMAT = 1;

/** Bytes of a piece, and entries of a list in one: each is a few milliseconds of work. */
const PIECE_BYTES = 1 << 20;
const PIECE_ENTRIES = 2_000;

/** Beginning of every piece; its bytes follow. */
interface Header {
  part: string;
  /** Column, with the bytes that it has in all and where these belong; a list, whose entries are JSON; or a block. */
  column?: { name: string; bytes: number; at: number };
  list?: string;
  block?: true;
  /** The last piece: how many there were before it. */
  end?: { format: number; pieces: number };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function pieceOf(header: Header, payload: Uint8Array): Uint8Array {
  const head = encoder.encode(JSON.stringify(header));
  const piece = new Uint8Array(4 + head.length + payload.length);
  new DataView(piece.buffer).setUint32(0, head.length);
  piece.set(head, 4);
  piece.set(payload, 4 + head.length);
  return piece;
}

function* piecesOf(name: string, part: FactPart): Generator<Uint8Array, void> {
  for (const [list, { entries }] of Object.entries(part.lists)) {
    let pending: unknown[] = [];
    for (const entry of entries()) {
      pending.push(entry);
      if (pending.length === PIECE_ENTRIES) {
        yield pieceOf({ part: name, list }, encoder.encode(JSON.stringify(pending)));
        pending = [];
      }
    }
    if (pending.length > 0) {
      yield pieceOf({ part: name, list }, encoder.encode(JSON.stringify(pending)));
    }
  }
  for (const [column, { column: values, length }] of Object.entries(part.columns)) {
    const bytes = values.bytes(length());
    let at = 0;
    do {
      const payload = bytes.subarray(at, at + PIECE_BYTES);
      yield pieceOf({ part: name, column: { name: column, bytes: bytes.length, at } }, payload);
      at += PIECE_BYTES;
    } while (at < bytes.length);
  }
  for (const block of part.blocks?.all() ?? []) {
    yield pieceOf({ part: name, block: true }, block);
  }
}

/**
 * Facts as pieces of about a megabyte, which `readSnapshot` makes the same facts of: for this program on this kind of
 * machine alone, in a form that may change with every version. Ends early with false when the facts change.
 */
export function* writeSnapshot(facts: Facts): Generator<Uint8Array, boolean> {
  const { revision } = facts;
  let pieces = 0;
  for (const [name, part] of Object.entries(facts.parts())) {
    for (const piece of piecesOf(name, part)) {
      if (facts.revision !== revision) {
        return false;
      }
      pieces += 1;
      yield piece;
    }
  }
  yield pieceOf({ part: '', end: { format: FORMAT, pieces } }, new Uint8Array(0));
  return facts.revision === revision;
}

/** Makes facts of the pieces of a snapshot, given in their order. */
export class SnapshotReader {
  private readonly facts = new Facts();
  private readonly parts = this.facts.parts();
  private readonly columns = new Map<string, Uint8Array>();
  private pieces = 0;
  private ended = false;

  constructor() {
    this.facts.changes.current = 1;
  }

  /** @throws Error when the piece cannot be of a whole snapshot of this version */
  take(piece: Uint8Array): void {
    const length = new DataView(piece.buffer, piece.byteOffset).getUint32(0);
    const header = JSON.parse(decoder.decode(piece.subarray(4, 4 + length))) as Header;
    const payload = piece.subarray(4 + length);
    if (this.ended) {
      throw new Error('a piece after the last one');
    }
    if (header.end !== undefined) {
      if (header.end.format !== FORMAT || header.end.pieces !== this.pieces) {
        throw new Error('another format, or pieces are missing');
      }
      this.ended = true;
      return;
    }
    this.pieces += 1;
    const part = this.parts[header.part];
    if (header.column !== undefined) {
      const { name, bytes, at } = header.column;
      const key = `${header.part} ${name}`;
      if (at === 0) {
        this.columns.set(key, part.columns[name].column.refill(bytes));
      }
      this.columns.get(key)!.set(payload, at);
    } else if (header.list !== undefined) {
      const { add } = part.lists[header.list];
      (JSON.parse(decoder.decode(payload)) as unknown[]).forEach(add);
    } else {
      part.blocks!.add(payload);
    }
  }

  /**
   * Rebuilds the indexes, in steps of a few milliseconds, and answers the facts.
   * @throws Error when pieces are missing
   */
  *finish(): Generator<void, Facts> {
    if (!this.ended) {
      throw new Error('pieces are missing');
    }
    for (const part of Object.values(this.parts)) {
      yield* part.rebuild?.() ?? [];
      yield;
    }
    return this.facts;
  }
}
