import { crc32 } from 'node:zlib';
import type { LogStorage } from '../../log/segments/log-storage.ts';
import { giveBack } from './give-back.ts';
import {
  DamagedFile,
  decodeHead,
  encodeKeyFile,
  FIXED_BYTES,
  type FileHead,
  groupOf,
  headBytes,
} from './key-file-format.ts';
import type { Key } from './key-hash.ts';
import { KEY_BYTES, KEY_WORDS, type KeyTable } from './key-table.ts';

/** The name of a run's file. */
export function fileName(run: number): string {
  return `${String(run).padStart(10, '0')}.keys`;
}

/** Writes a run's file, durably. After a throw it is unknown what lies there; the next attempt begins anew. */
export function writeKeyFile(storage: LogStorage, table: KeyTable): void {
  const name = fileName(table.run);
  storage.remove(name);
  const bytes = encodeKeyFile(table);
  storage.append(name, bytes);
  giveBack(bytes);
  storage.sync(name);
  storage.syncNames();
}

/** A run whose keys lie on disk: in memory is only where to look for one. */
export class KeyFile {
  readonly run: number;
  readonly count: number;
  /** When the first and the last of its keys came, by their times and in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly #storage: LogStorage;
  readonly #name: string;
  readonly #base: number;
  readonly #keysAt: number;
  readonly #groupBits: number;
  readonly #starts: Int32Array;
  readonly #checksums: Int32Array;
  /** Room for the largest group. */
  readonly #group: Int32Array<ArrayBuffer>;

  private constructor(storage: LogStorage, run: number, head: FileHead) {
    this.run = run;
    this.count = head.count;
    this.from = head.from;
    this.to = head.to;
    this.#storage = storage;
    this.#name = fileName(run);
    this.#base = head.base;
    this.#keysAt = head.bytes;
    this.#groupBits = head.groupBits;
    // Copies, so that the head with its filter is let go of.
    this.#starts = head.starts.slice();
    this.#checksums = head.checksums.slice();
    const largest = this.#starts.reduce(
      (most, start, at) => Math.max(most, start - (this.#starts[at - 1] ?? 0)),
      0,
    );
    this.#group = new Int32Array(largest * KEY_WORDS);
  }

  /**
   * Opens what `writeKeyFile` wrote, with the filter over its keys. Throws when it is missing or cannot be read, and
   * `DamagedFile` when it is damaged.
   */
  static open(
    storage: LogStorage,
    run: number,
  ): { readonly file: KeyFile; readonly filter: Int32Array<ArrayBuffer> } {
    const name = fileName(run);
    const fixed = read(storage, name, 0, new Int32Array(FIXED_BYTES / 4));
    const head = decodeHead(read(storage, name, 0, new Int32Array(headBytes(fixed) / 4)).buffer);
    if (storage.size(name) !== head.bytes + head.count * KEY_BYTES)
      throw new DamagedFile('it has another size');
    return { file: new KeyFile(storage, run, head), filter: head.filter };
  }

  /**
   * When this key came, in milliseconds since 1970; not a number when it never did. Throws when it cannot be read,
   * `DamagedFile` when its part of the file is damaged.
   */
  timeOf(key: Key): number {
    const number = groupOf(key.a, this.#groupBits);
    const start = this.#starts[number] ?? 0;
    const end = this.#starts[number + 1] ?? 0;
    const group = this.#group.subarray(0, (end - start) * KEY_WORDS);
    const keys = read(this.#storage, this.#name, this.#keysAt + start * KEY_BYTES, group);
    if (this.#checksums[number] !== (crc32(keys) | 0))
      throw new DamagedFile('a group of keys has another checksum');
    for (let at = 0; at < keys.length; at += KEY_WORDS) {
      if (keys[at] === key.a && keys[at + 1] === key.b && keys[at + 2] === key.c)
        return this.#base + (keys[at + 3] ?? 0);
    }
    return Number.NaN;
  }
}

/** Fills `into` from a place in a file. */
function read(
  storage: LogStorage,
  name: string,
  offset: number,
  into: Int32Array<ArrayBuffer>,
): Int32Array<ArrayBuffer> {
  const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
  if (storage.read(name, offset, bytes) !== bytes.length)
    throw new DamagedFile('it is missing, or too short');
  return into;
}
