import { readFileSync } from 'node:fs';

/** Numbers of the ELF format, 64 bit, little endian: `man 5 elf`. */
const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1;
const DT_STRTAB = 5;

export interface Linking {
  /** The dynamic linker, or null for a static executable. */
  interpreter: string | null;
  /** Libraries that it does not start without. */
  needed: string[];
}

/** What an executable of Linux asks of the system's libraries. */
export function linkingOf(path: string): Linking {
  const file = readFileSync(path);
  if (file.toString('latin1', 0, 4) !== '\x7fELF') {
    throw new Error(`${path} is no executable of Linux`);
  }
  const number = (at: number): number => Number(file.readBigUInt64LE(at));
  const text = (at: number): string => file.toString('latin1', at, file.indexOf(0, at));
  const size = file.readUInt16LE(54);
  const segments = Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = number(32) + index * size;
    return { type: file.readUInt32LE(at), offset: number(at + 8), address: number(at + 16), length: number(at + 32) };
  });
  const inFile = (address: number): number => {
    const segment = segments.find((one) => one.type === PT_LOAD && address >= one.address && address < one.address + one.length);
    return segment ? address - segment.address + segment.offset : 0;
  };
  const interpreter = segments.find(({ type }) => type === PT_INTERP);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const entries = dynamic ? Array.from({ length: dynamic.length / 16 }, (_, index) => ({ tag: number(dynamic.offset + index * 16), value: number(dynamic.offset + index * 16 + 8) })) : [];
  const strings = inFile(entries.find(({ tag }) => tag === DT_STRTAB)?.value ?? 0);
  return {
    interpreter: interpreter ? text(interpreter.offset) : null,
    needed: entries.filter(({ tag }) => tag === DT_NEEDED).map(({ value }) => text(strings + value)),
  };
}
