import { Int32Column, Uint32Column } from './columns';
import { type FactPart, mapList } from './facts/part';
import { STEP } from './steps';

const SHARDS = 64;
const PREFIX = /^[0-9a-f]{7,40}$/;

/**
 * Numbers ("nodes") for commit SHAs: 20 bytes each, in open hash tables. A table's slot comes from the first seven
 * hex digits, so that every SHA with a given abbreviation lies on one probe chain. Sixty-four small tables instead
 * of a big one, so that no growth holds the process for long.
 * Revisions that are no SHA (an S3 version id) get a node too, by their 160-bit digest.
 */
export class ShaTable implements FactPart {
  private readonly words = new Uint32Column();
  private readonly tables: Int32Array[] = Array.from({ length: SHARDS }, () => new Int32Array(16).fill(-1));
  private readonly counts = new Int32Array(SHARDS);
  private readonly others = new Map<number, string>();
  private readonly key = new Uint32Array(5);
  private shard = 0;
  private slot = 0;
  length = 0;

  private static slot(firstWord: number, table: Int32Array): number {
    return ((firstWord >>> 4) & 0x3fffff) & (table.length - 1);
  }

  /** Reads a text into `key`; false for one that is no SHA, whose digest serves. */
  private readKey(sha: string): boolean {
    const { key } = this;
    if (sha.length === 40) {
      let at = 0;
      for (let word = 0; word < 5; word += 1) {
        let value = 0;
        for (const end = at + 8; at < end; at += 1) {
          const code = sha.charCodeAt(at);
          const digit = code >= 48 && code <= 57 ? code - 48 : code >= 97 && code <= 102 ? code - 87 : code >= 65 && code <= 70 ? code - 55 : -1;
          if (digit < 0) {
            return this.digest(sha);
          }
          value = (value << 4) | digit;
        }
        key[word] = value;
      }
      return true;
    }
    return this.digest(sha);
  }

  private digest(text: string): false {
    for (let word = 0; word < 5; word += 1) {
      // FNV-1a with five offsets: enough to tell a handful of odd revisions apart.
      let hash = 0x811c9dc5 ^ Math.imul(word + 1, 0x9e3779b1);
      for (let at = 0; at < text.length; at += 1) {
        hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
      }
      this.key[word] = hash;
    }
    return false;
  }

  /** Node of the SHA in `key`, or −1; `slot` and `shard` are where it is or would be. */
  private probe(): number {
    const { key } = this;
    const a = key[0];
    const b = key[1];
    this.shard = a >>> 26;
    const table = this.tables[this.shard];
    const mask = table.length - 1;
    const words = this.words.values;
    let slot = ShaTable.slot(a, table);
    for (;;) {
      const node = table[slot];
      const at = node * 5;
      if (node < 0 || (words[at] === a && words[at + 1] === b && words[at + 2] === key[2] && words[at + 3] === key[3] && words[at + 4] === key[4])) {
        this.slot = slot;
        return node;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** The node of a SHA; a new one where it was never met. Capitals do not matter. */
  node(sha: string): number {
    const isSha = this.readKey(sha);
    const node = this.probe();
    if (node >= 0) {
      return node;
    }
    const made = this.length;
    this.length += 1;
    this.words.resize(this.length * 5);
    this.words.values.set(this.key, made * 5);
    if (!isSha) {
      this.others.set(made, sha);
    }
    this.tables[this.shard][this.slot] = made;
    this.counts[this.shard] += 1;
    if (this.counts[this.shard] * 3 > this.tables[this.shard].length * 2) {
      this.grow(this.shard);
    }
    return made;
  }

  private grow(shard: number): void {
    const old = this.tables[shard];
    const table = new Int32Array(old.length * 2).fill(-1);
    for (const node of old) {
      if (node >= 0) {
        this.enter(node, table);
      }
    }
    this.tables[shard] = table;
  }

  readonly columns = { words: { column: this.words, length: (): number => this.length * 5 } };
  readonly lists = { others: mapList(this.others) };

  *rebuild(): Generator<void, void> {
    this.length = this.words.length / 5;
    const room = 2 ** Math.ceil(Math.log2(Math.max(16, (this.length / SHARDS) * 2)));
    for (let shard = 0; shard < SHARDS; shard += 1) {
      this.tables[shard] = new Int32Array(room).fill(-1);
    }
    this.counts.fill(0);
    const words = this.words.values;
    for (let node = 0; node < this.length; node += 1) {
      const shard = words[node * 5] >>> 26;
      this.enter(node, this.tables[shard]);
      this.counts[shard] += 1;
      if (this.counts[shard] * 3 > this.tables[shard].length * 2) {
        this.grow(shard);
      }
      if (node % STEP === STEP - 1) {
        yield;
      }
    }
  }

  /** Puts a node into a table that has room and lacks it. */
  private enter(node: number, table: Int32Array): void {
    let slot = ShaTable.slot(this.words.values[node * 5], table);
    while (table[slot] >= 0) {
      slot = (slot + 1) & (table.length - 1);
    }
    table[slot] = node;
  }

  /** The node of a full SHA, or −1 when it was never met. */
  find(sha: string): number {
    this.readKey(sha);
    return this.probe();
  }

  /** Every node whose SHA begins with these 7 to 40 hex digits, in no order. */
  withPrefix(prefix: string): number[] {
    const text = prefix.toLowerCase();
    if (!PREFIX.test(text)) {
      return [];
    }
    const first = parseInt(text.slice(0, 8).padEnd(8, '0'), 16);
    const table = this.tables[first >>> 26];
    const found: number[] = [];
    for (let slot = ShaTable.slot(first, table); table[slot] >= 0; slot = (slot + 1) & (table.length - 1)) {
      const node = table[slot];
      if (!this.others.has(node) && this.sha(node).startsWith(text)) {
        found.push(node);
      }
    }
    return found;
  }

  /** True for a node of a text that is an abbreviated SHA: 7 to 39 hex digits. */
  isAbbreviated(node: number): boolean {
    const other = this.others.get(node);
    return other !== undefined && PREFIX.test(other.toLowerCase());
  }

  sha(node: number): string {
    const other = this.others.get(node);
    if (other !== undefined) {
      return other;
    }
    let text = '';
    for (let word = 0; word < 5; word += 1) {
      text += this.words.values[node * 5 + word].toString(16).padStart(8, '0');
    }
    return text;
  }
}

/** Marks on nodes that are cleared by raising a number, not by touching each. */
export class NodeMarks {
  private readonly column = new Int32Column();
  private current = 0;

  /** Forgets all marks; the next ones are valid for that many nodes. */
  start(nodes: number): void {
    this.column.resize(nodes);
    this.current += 1;
    if (this.current > 0x7ffffff0) {
      this.column.values.fill(0);
      this.current = 1;
    }
  }

  has(node: number): boolean {
    return this.column.values[node] === this.current;
  }

  add(node: number): void {
    this.column.values[node] = this.current;
  }
}
