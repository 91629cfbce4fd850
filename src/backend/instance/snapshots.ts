import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { DataSourceStore, JsonValue, Revision } from '../../store/store';

/** A snapshot that nobody wrote or read for this long is of a data source that is gone. */
const KEPT_MS = 30 * 86_400_000;

/** Under this key the store has a random name: a file of another store, or of this one before it was begun anew, is not taken. */
const LINEAGE = 'snapshots.lineage';

/** True for state that ties snapshots to one store: a copy of the store must not have it. */
export function isOfThisStore(stateKey: string): boolean {
  return stateKey === LINEAGE;
}

const SUFFIX = '.snapshot';

/** Longer than any piece: a damaged length must not take all memory. */
const LONGEST_PIECE = 1 << 28;

/** First line of a file. */
interface Head {
  /** Which build of this program wrote it. */
  program: string;
  lineage: string;
  revision: Revision;
  facts: number;
}

export interface SavedSnapshot {
  /** The store's revision that it holds. */
  revision: Revision;
  /** How many facts it holds. */
  facts: number;
  /** Each piece is valid until the next one is asked for. @throws Error where the file is damaged */
  pieces: AsyncIterable<Uint8Array>;
}

/**
 * Where engines keep their facts in a form that loads quickly: files beside the store, a cache that may be deleted at any
 * time. Reading and writing happen outside the thread that answers queries.
 */
export class SnapshotFolder {
  private readonly program: string;

  /**
   * @param folder made when first needed
   * @param executable a snapshot is only for the very program that wrote it
   */
  constructor(
    private readonly folder: string,
    executable: string
  ) {
    const { size, mtimeMs } = statSync(executable);
    this.program = `${size} ${mtimeMs}`;
  }

  /** @param key as the store knows the data source */
  of(key: string, store: DataSourceStore): Snapshots {
    return new Snapshots(this.folder, nameOf(key), this.program, store);
  }

  /** Takes away what is kept of a data source that is gone. */
  async forget(key: string): Promise<void> {
    await rm(join(this.folder, `${nameOf(key)}${SUFFIX}`), { force: true });
  }
}

/** The snapshot of one data source. */
export class Snapshots {
  private readonly path: string;

  constructor(
    private readonly folder: string,
    name: string,
    private readonly program: string,
    private readonly store: DataSourceStore
  ) {
    this.path = join(folder, `${name}${SUFFIX}`);
  }

  /** What was saved last; null when there is nothing, or when it is in doubt. */
  async open(): Promise<SavedSnapshot | null> {
    const head = await this.head();
    if (head === null) {
      return null;
    }
    const { program, lineage, revision, facts } = head;
    if (program === this.program && lineage === (await this.store.readState(LINEAGE)) && revision <= (await this.store.revision())) {
      return { revision, facts, pieces: piecesOf(this.path) };
    }
    await this.discard();
    return null;
  }

  /** Null where there is no file, or none with a head. */
  private async head(): Promise<Head | null> {
    try {
      for await (const piece of piecesOf(this.path, true)) {
        return JSON.parse(new TextDecoder().decode(piece)) as Head;
      }
    } catch {
      // No file, or no snapshot in it.
    }
    return null;
  }

  /** Takes the snapshot away, because it is wrong or the store was begun anew. */
  async discard(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /**
   * Keeps a snapshot instead of the one before, if it becomes whole.
   * @param revision of the store: everything up to it is in the pieces
   * @param facts how many they are
   * @param pieces answers true at its end if they are whole
   */
  async save(revision: Revision, facts: number, pieces: Generator<Uint8Array, boolean>): Promise<boolean> {
    const lineage = await this.lineage();
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    await this.forgetOld();
    const draft = `${this.path}.${process.pid}`;
    let whole = false;
    try {
      // What is in it is nobody else's.
      const file = await open(draft, 'w', 0o600);
      try {
        await writePiece(file, new TextEncoder().encode(JSON.stringify({ program: this.program, lineage, revision, facts } satisfies Head)));
        let step = pieces.next();
        for (; !step.done; step = pieces.next()) {
          await writePiece(file, step.value);
        }
        whole = step.value;
      } finally {
        await file.close();
      }
      if (whole) {
        await rename(draft, this.path);
      }
      return whole;
    } finally {
      if (!whole) {
        await rm(draft, { force: true });
      }
    }
  }

  private async lineage(): Promise<string> {
    const known = await this.store.readState(LINEAGE);
    if (typeof known === 'string') {
      return known;
    }
    const made: Record<string, JsonValue> = { [LINEAGE]: randomUUID() };
    await this.store.write({}, made);
    return String(await this.store.readState(LINEAGE));
  }

  private async forgetOld(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      const known = await stat(path).catch(() => null);
      if (known !== null && known.isFile() && name.includes(SUFFIX) && Date.now() - known.mtimeMs > KEPT_MS) {
        await rm(path, { force: true });
      }
    }
  }
}

function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 24);
}

/** Length and checksum, then the piece. */
async function writePiece(file: FileHandle, piece: Uint8Array): Promise<void> {
  const head = new Uint8Array(8);
  const view = new DataView(head.buffer);
  view.setUint32(0, piece.length);
  view.setUint32(4, crc32(piece));
  await file.writev([head, piece]);
}

/** The pieces of a file, its head only where that is wanted. */
async function* piecesOf(path: string, withHead = false): AsyncGenerator<Uint8Array, void> {
  const file = await open(path, 'r');
  try {
    const reader = new Reader(file);
    for (let piece = await reader.piece(), isHead = true; piece !== null; piece = await reader.piece(), isHead = false) {
      if (!isHead || withHead) {
        yield piece;
      }
    }
  } finally {
    await file.close();
  }
}

/** Reads pieces one after another into the same memory. */
class Reader {
  private buffer = new Uint8Array(1 << 16);
  private readonly head = new Uint8Array(8);

  constructor(private readonly file: FileHandle) {}

  /** Null at the end of the file. */
  async piece(): Promise<Uint8Array | null> {
    if (!(await this.fill(this.head))) {
      return null;
    }
    const view = new DataView(this.head.buffer);
    const length = view.getUint32(0);
    if (length > LONGEST_PIECE) {
      throw new Error('damaged');
    }
    if (length > this.buffer.length) {
      this.buffer = new Uint8Array(length);
    }
    const piece = this.buffer.subarray(0, length);
    if (!(await this.fill(piece)) || crc32(piece) !== view.getUint32(4)) {
      throw new Error('damaged');
    }
    return piece;
  }

  private async fill(target: Uint8Array): Promise<boolean> {
    for (let at = 0; at < target.length; ) {
      const { bytesRead } = await this.file.read(target, at, target.length - at);
      if (bytesRead === 0) {
        return false;
      }
      at += bytesRead;
    }
    return true;
  }
}
