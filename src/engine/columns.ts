/**
 * Columns that grow: facts are kept as typed arrays, because a million pull requests as objects would cost
 * gigabytes and a pause at each garbage collection.
 */
type TypedArray = Float64Array | Int32Array | Uint32Array | Uint8Array;

let columns = 0;

export class GrowingColumn<A extends TypedArray = TypedArray> {
  values: A;
  length = 0;

  constructor(
    private readonly make: (length: number) => A,
    /** What new cells hold. */
    private readonly fill: number
  ) {
    // Columns that are filled side by side begin with different room, so that not all are copied at the same moment.
    columns += 1;
    this.values = make(32 + (columns % 24));
  }

  /** Makes cells 0 … length − 1 usable; new ones hold the fill value. */
  resize(length: number): void {
    const before = this.length;
    if (length <= before) {
      return;
    }
    if (length > this.values.length) {
      // Half as much again, not twice. Spare cells stay untouched: memory that was never written costs nothing.
      const grown = this.make(Math.max(length, Math.ceil(this.values.length * 1.5)));
      grown.set(this.values.subarray(0, before));
      this.values = grown;
    }
    if (this.fill !== 0) {
      for (let at = before; at < length; at += 1) {
        this.values[at] = this.fill;
      }
    }
    this.length = length;
  }

  /** The first cells as bytes, in this machine's order. */
  bytes(length: number): Uint8Array {
    return new Uint8Array(this.values.buffer, 0, length * this.values.BYTES_PER_ELEMENT);
  }

  /** Becomes a column of exactly that many bytes, which the caller fills in. */
  refill(bytes: number): Uint8Array {
    const length = bytes / this.values.BYTES_PER_ELEMENT;
    if (!Number.isInteger(length)) {
      throw new RangeError('a part of a cell');
    }
    // A little room to grow, so that the next fact does not copy it all.
    this.values = this.make(length + (length >> 4) + 32);
    this.length = length;
    return this.bytes(length);
  }

  /** Appends one value and answers its index. */
  push(value: number): number {
    const index = this.length;
    this.resize(index + 1);
    this.values[index] = value;
    return index;
  }
}

export class Float64Column extends GrowingColumn<Float64Array> {
  constructor(fill = 0) {
    super((length) => new Float64Array(length), fill);
  }
}

export class Int32Column extends GrowingColumn<Int32Array> {
  constructor(fill = 0) {
    super((length) => new Int32Array(length), fill);
  }
}

export class Uint32Column extends GrowingColumn<Uint32Array> {
  constructor(fill = 0) {
    super((length) => new Uint32Array(length), fill);
  }
}

export class Uint8Column extends GrowingColumn<Uint8Array> {
  constructor(fill = 0) {
    super((length) => new Uint8Array(length), fill);
  }
}

/** Numbers for texts that repeat: logins, branches, label sets, pipelines. Null is −1. */
export class Interner {
  private readonly byText = new Map<string, number>();
  private readonly texts: string[] = [];

  id(text: string | null): number {
    if (text === null) {
      return -1;
    }
    let id = this.byText.get(text);
    if (id === undefined) {
      id = this.texts.length;
      this.byText.set(text, id);
      this.texts.push(text);
    }
    return id;
  }

  /** The number of a text that may never have been met: then −1. */
  find(text: string): number {
    return this.byText.get(text) ?? -1;
  }

  text(id: number): string {
    return this.texts[id];
  }

  textOrNull(id: number): string | null {
    return id < 0 ? null : this.texts[id];
  }

  /** All texts, by number. */
  all(): Iterable<string> {
    return this.texts;
  }
}

const CHUNK = 1 << 20;
const LONG = 255;

/** Texts that hardly repeat (titles), as UTF-8 in megabyte chunks; an address stands for a text, −1 for null. */
export class TextPool {
  private readonly chunks: Uint8Array[] = [];
  /** Bytes that were written of each chunk but the last. */
  private readonly lengths: number[] = [];
  private used = CHUNK;
  private readonly encoder = new TextEncoder();
  private readonly decoder = new TextDecoder();

  add(text: string | null): number {
    if (text === null) {
      return -1;
    }
    // UTF-8 takes at most three bytes for each UTF-16 unit. Texts too long for a chunk get one of their own size.
    const most = text.length * 3 + 5;
    if (this.used + most > CHUNK) {
      if (this.chunks.length > 0) {
        this.lengths.push(this.used);
      }
      this.chunks.push(new Uint8Array(Math.max(CHUNK, most)));
      this.used = 0;
    }
    const chunk = this.chunks[this.chunks.length - 1];
    const start = this.used;
    const header = text.length * 3 < LONG ? 1 : 5;
    const { written } = this.encoder.encodeInto(text, chunk.subarray(start + header));
    if (header === 1) {
      chunk[start] = written;
    } else {
      chunk[start] = LONG;
      new DataView(chunk.buffer).setUint32(start + 1, written);
    }
    // A chunk of its own size is full: the next text opens another.
    this.used = start + header + written;
    return (this.chunks.length - 1) * CHUNK + start;
  }

  /** Writes a text's address into a column, which keeps the one it has where the text is the same. */
  put(column: Int32Column, index: number, text: string): void {
    const address = column.values[index];
    if (address < 0 || this.get(address) !== text) {
      column.values[index] = this.add(text);
    }
  }

  /** What was written, chunk by chunk. */
  blocks(): Uint8Array[] {
    return this.chunks.map((chunk, index) => chunk.subarray(0, this.lengths[index] ?? this.used));
  }

  /** Adds a chunk as `blocks` gave it. */
  addBlock(bytes: Uint8Array): void {
    if (this.chunks.length > 0) {
      this.lengths.push(this.used);
    }
    const chunk = new Uint8Array(Math.max(CHUNK, bytes.length));
    chunk.set(bytes);
    this.chunks.push(chunk);
    this.used = bytes.length;
  }

  get(address: number): string {
    const chunk = this.chunks[Math.floor(address / CHUNK)];
    const start = address % CHUNK;
    const first = chunk[start];
    if (first !== LONG) {
      return this.decoder.decode(chunk.subarray(start + 1, start + 1 + first));
    }
    const length = new DataView(chunk.buffer).getUint32(start + 1);
    return this.decoder.decode(chunk.subarray(start + 5, start + 5 + length));
  }

  getOrNull(address: number): string | null {
    return address < 0 ? null : this.get(address);
  }
}

/** Index of the first element that is ≥ `value` in an ascending array (or its first `length` cells). */
export function lowerBound(ascending: Float64Array | Int32Array | readonly number[], value: number, length = ascending.length): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
