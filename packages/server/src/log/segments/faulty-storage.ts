import type { Random } from '../../platform/clock.ts';
import { type LogStorage, StorageFull } from './log-storage.ts';

/** What a disk writes whole: a crash may leave any set of these blocks of an un-synced write behind. */
const BLOCK_BYTES = 512;

/** The process was killed at this call; whatever it would have done next does not happen. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** The disk reported an error that is no lack of room. */
class DiskError extends Error {
  override readonly name = 'DiskError';
}

/** What goes wrong, and at which call that changes the disk, counted from 1. */
export interface Fault {
  readonly at: number;
  readonly kind: 'crash' | 'full' | 'error';
}

interface File {
  synced: Uint8Array;
  current: Uint8Array;
}

/**
 * Storage in memory that keeps apart what was synced and what was only written, and fails on command: the disk
 * that the log's proofs run on. A real kill cannot test a sync, because the kernel keeps what was written.
 */
export class FaultyStorage implements LogStorage {
  readonly #random: Random;
  #files = new Map<string, File>();
  /** The names whose creation is durable. */
  #syncedNames = new Set<string>();
  /** Files whose removal is not durable yet, as they were. */
  #removed = new Map<string, File>();
  #fault: Fault | undefined;
  #calls = 0;
  freeBytes = Number.POSITIVE_INFINITY;
  syncs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** How many calls have changed the disk so far. */
  get calls(): number {
    return this.#calls;
  }

  failAt(fault: Fault | undefined): void {
    this.#calls = 0;
    this.#fault = fault;
  }

  /**
   * The power fails: of what was not synced, any part of 512 bytes may be there, in any combination; files that were
   * made may be gone, and files that were removed may be back.
   */
  crash(): void {
    for (const [name, file] of this.#files) {
      if (!this.#syncedNames.has(name) && this.#random() < 0.5) this.#files.delete(name);
      else this.#files.set(name, this.#afterCrash(file));
    }
    for (const [name, file] of this.#removed) {
      if (!this.#files.has(name) && this.#random() < 0.5) this.#files.set(name, this.#afterCrash(file));
    }
    this.#removed.clear();
    this.#syncedNames = new Set(this.#files.keys());
    this.failAt(undefined);
  }

  /** Changes one bit of a file, as a failing disk does in silence. */
  flip(name: string, bit: number): void {
    const file = this.#files.get(name);
    const byte = file?.current[bit >>> 3];
    if (file === undefined || byte === undefined) throw new Error(`${name} has no bit ${bit}.`);
    file.current[bit >>> 3] = byte ^ (1 << (bit & 7));
  }

  /** Overwrites a part of a file with zeros, as a lost block reads. */
  zero(name: string, offset: number, bytes: number): void {
    this.#files.get(name)?.current.fill(0, offset, offset + bytes);
  }

  /** The same content, apart from this storage, without any fault. */
  copy(): FaultyStorage {
    const copied = new FaultyStorage(this.#random);
    for (const [name, { current }] of this.#files) {
      copied.#files.set(name, { synced: current.slice(), current: current.slice() });
      copied.#syncedNames.add(name);
    }
    return copied;
  }

  list(): readonly string[] {
    return [...this.#files.keys()];
  }

  size(name: string): number {
    return this.#files.get(name)?.current.length ?? 0;
  }

  append(name: string, bytes: Uint8Array): void {
    const file = this.#files.get(name) ?? { synced: new Uint8Array(0), current: new Uint8Array(0) };
    this.#files.set(name, file);
    const fault = this.#strike();
    // A write that fails may have written a part.
    const written = fault === undefined ? bytes.length : Math.floor(this.#random() * bytes.length);
    const grown = new Uint8Array(file.current.length + written);
    grown.set(file.current);
    grown.set(bytes.subarray(0, written), file.current.length);
    file.current = grown;
    this.#suffer(fault);
  }

  sync(name: string): void {
    this.#suffer(this.#strike());
    this.syncs += 1;
    const file = this.#files.get(name);
    if (file !== undefined) file.synced = file.current.slice();
  }

  syncNames(): void {
    this.#suffer(this.#strike());
    this.#syncedNames = new Set(this.#files.keys());
    this.#removed.clear();
  }

  read(name: string, offset: number, into: Uint8Array): number {
    const part = this.#files.get(name)?.current.subarray(offset, offset + into.length) ?? new Uint8Array(0);
    into.set(part);
    return part.length;
  }

  truncate(name: string, size: number): void {
    this.#suffer(this.#strike());
    const file = this.#files.get(name);
    if (file !== undefined) file.current = file.current.slice(0, size);
  }

  remove(name: string): void {
    this.#suffer(this.#strike());
    const file = this.#files.get(name);
    if (file === undefined) return;
    this.#files.delete(name);
    // A file of this name that is made now is another one, and its name is not durable.
    if (this.#syncedNames.delete(name)) this.#removed.set(name, file);
  }

  release(): void {}

  free(): number {
    return this.freeBytes;
  }

  #strike(): Fault | undefined {
    this.#calls += 1;
    return this.#fault?.at === this.#calls ? this.#fault : undefined;
  }

  #suffer(fault: Fault | undefined): void {
    if (fault?.kind === 'crash') throw new Crash('killed');
    if (fault?.kind === 'full') throw new StorageFull('full');
    if (fault?.kind === 'error') throw new DiskError('input/output error');
  }

  #afterCrash({ synced, current }: File): File {
    // The new size may or may not have reached the disk; blocks behind the synced part are there or read as zeros.
    const from = Math.min(synced.length, current.length);
    const size = from + Math.floor(this.#random() * (current.length - from + 1));
    const survived = new Uint8Array(this.#random() < 0.5 ? size : current.length);
    survived.set(synced.subarray(0, Math.min(survived.length, synced.length)));
    for (let block = from - (from % BLOCK_BYTES); block < survived.length; block += BLOCK_BYTES) {
      const start = Math.max(block, from);
      const end = Math.min(block + BLOCK_BYTES, survived.length);
      if (this.#random() < 0.5) survived.set(current.subarray(start, end), start);
    }
    return { synced: survived, current: survived.slice() };
  }
}
