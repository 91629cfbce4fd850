import type { GrowingColumn } from '../columns';

/** Something of a part that is no column: entries that JSON can hold, in the order they are to be added again. */
export interface EntryList {
  entries(): Iterable<unknown>;
  /** @param entry as `entries` gave it */
  add(entry: unknown): void;
}

/** Runs of bytes, in the order they are to be added again. */
export interface BlockList {
  all(): Uint8Array[];
  add(bytes: Uint8Array): void;
}

/** A part of the facts that can be written down and filled again; what follows from its columns and lists is rebuilt. */
export interface FactPart {
  /** Columns by name, with the number of cells that mean something. */
  readonly columns: Record<string, { column: GrowingColumn; length: () => number }>;
  readonly lists: Record<string, EntryList>;
  /** Bytes that are neither. */
  readonly blocks?: BlockList;
  /** Rebuilds indexes after columns and lists are filled; yields now and then. */
  rebuild?(): Generator<void, void>;
}

export function textList(entries: () => Iterable<string>, add: (text: string) => void): EntryList {
  return { entries, add: (entry) => add(String(entry)) };
}

/** A map with numbers as keys. */
export function mapList<Value>(map: Map<number, Value>, added?: (key: number, value: Value) => void): EntryList {
  return {
    entries: () => map.entries(),
    add: (entry) => {
      const [key, value] = entry as [number, Value];
      map.set(key, value);
      added?.(key, value);
    },
  };
}

/** Columns of one length. */
export function columnsOf(columns: Record<string, GrowingColumn>, length: () => number): FactPart['columns'] {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, { column, length }]));
}
