import { zipSync, type Zippable } from 'fflate';

/** A file of an archive. */
export interface ArchivedFile {
  /** With `/` between folders. */
  name: string;
  bytes: Uint8Array;
  /** On Linux and macOS it starts only with this. */
  executable: boolean;
}

/** Marks the modes of a zip as Unix modes. */
const UNIX = 3;

/** A zip whose bytes depend on nothing but its files and the moment: not on the order of the files, the time zone or the file system. */
export function archive(files: readonly ArchivedFile[], moment: Date): Uint8Array {
  const entries: Zippable = {};
  for (const { name, bytes, executable } of [...files].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    entries[name] = [bytes, { os: UNIX, attrs: (executable ? 0o100755 : 0o100644) << 16 }];
  }
  // Zips hold local time without a zone: UTC's fields go in, whatever this machine's zone is.
  const fields = new Date(moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate(), moment.getUTCHours(), moment.getUTCMinutes(), moment.getUTCSeconds());
  return zipSync(entries, { level: 6, mtime: fields });
}
