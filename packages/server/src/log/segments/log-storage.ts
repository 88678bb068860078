/**
 * The few things that the log asks of a disk, all synchronous: the log runs on a thread of its own, where
 * waiting harms nobody. Names are plain file names in one directory.
 *
 * The shipped implementation is `FileStorage`; tests run the same log over `FaultyStorage`, which drops, tears
 * and reorders whatever was not synced.
 */
export interface LogStorage {
  /** The names of all files, in no particular order. */
  list(): readonly string[];
  /** Bytes in a file; 0 when there is none. */
  size(name: string): number;
  /**
   * Writes all of `bytes` behind the file's end, creating it if need be. Nothing is durable before `sync`.
   * @throws StorageFull when the disk had no room; part of the bytes may then have been written.
   */
  append(name: string, bytes: Uint8Array): void;
  /** Makes a file's content durable. A throw means that it is unknown what is; it must never be tried again. */
  sync(name: string): void;
  /** Makes creations and removals of files durable. A throw means the same as for `sync`. */
  syncNames(): void;
  /** Fills `into` from `offset` on; returns how many bytes there were. 0 for a missing file. */
  read(name: string, offset: number, into: Uint8Array): number;
  /** Cuts a file's end off. */
  truncate(name: string, size: number): void;
  /** Removes a file; one that is missing already is fine. */
  remove(name: string): void;
  /** Lets go of what is held open for a file that will not be used soon. */
  release(name: string): void;
  /** Free bytes on the disk, as far as this process may use them. */
  free(): number;
}

/** The disk has no room. What was asked for did not happen as a whole; it may work later. */
export class StorageFull extends Error {
  override readonly name = 'StorageFull';
}
