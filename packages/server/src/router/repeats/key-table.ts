import { giveBack } from './give-back.ts';
import type { Key } from './key-hash.ts';
import type { KeyChunk } from './key-step.ts';

/** Numbers of 32 bits that one key takes: itself, and its time as the distance from the run's base. */
export const KEY_WORDS = 4;
export const KEY_BYTES = 16;

/** The index names keys in 20 bits, so a run cannot hold more. */
export const RUN_KEYS_MAX = 2 ** 19;

/** What a fresh table has room for: an idle server pays for no more. */
const KEYS_AT_FIRST = 256;

/** A chunk begins at a multiple of this, so that keys that come one by one do not make a row each. */
const CHUNK_KEYS = 128;

/** Bits of an entry of the index that name a key; those above them are taken from the key itself. */
const NUMBER_BITS = 20;
const NUMBER_MASK = 2 ** NUMBER_BITS - 1;

/**
 * The keys of one run in memory: one after the other as they came, found through an index with open addressing. Keys
 * are only ever added, each once.
 */
export class KeyTable {
  readonly run: number;
  readonly base: number;
  #count = 0;
  #from: number;
  #to: number;
  #keys = new Int32Array(KEYS_AT_FIRST * KEY_WORDS);
  /** At most half full. 0 is free; else the number of a key, from 1, below twelve bits of it. */
  #index = new Int32Array(KEYS_AT_FIRST * 2);
  #committed = 0;

  /** @param base When its first key came, in milliseconds since 1970. */
  constructor(run: number, base: number) {
    this.run = run;
    this.base = base;
    this.#from = base;
    this.#to = base;
  }

  /** A run as it was committed: `chunks` are all of it, by first key. */
  static of(chunks: readonly KeyChunk[]): KeyTable {
    const [{ run, base } = { run: 0, base: 0 }] = chunks;
    const table = new KeyTable(run, base);
    for (const { first, keys } of chunks) {
      const words = new Int32Array(keys.slice().buffer);
      // A chunk may begin with keys that the one before it ends with.
      for (let at = Math.max(0, table.#count - first) * KEY_WORDS; at < words.length; at += KEY_WORDS) {
        const [a = 0, b = 0, c = 0, offset = 0] = words.subarray(at, at + KEY_WORDS);
        table.add({ a, b, c }, base + offset);
      }
    }
    table.committed();
    return table;
  }

  get count(): number {
    return this.#count;
  }

  /** When the first and the last of its keys came, by their times and in milliseconds since 1970. */
  get from(): number {
    return this.#from;
  }

  get to(): number {
    return this.#to;
  }

  /** All keys as they came, `KEY_WORDS` numbers each: the parts of the key, and milliseconds from the base. */
  get keys(): Int32Array {
    return this.#keys.subarray(0, this.#count * KEY_WORDS);
  }

  /** When this key came, in milliseconds since 1970; not a number when it never did. */
  timeOf({ a, b, c }: Key): number {
    const keys = this.#keys;
    const index = this.#index;
    const mask = index.length - 1;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const entry = index[slot] ?? 0;
      if (entry === 0) return Number.NaN;
      if ((entry ^ b) >>> NUMBER_BITS !== 0) continue;
      const at = ((entry & NUMBER_MASK) - 1) * KEY_WORDS;
      if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c) return this.base + (keys[at + 3] ?? 0);
    }
  }

  /** Adds a key that is not there yet. The table must have room, and the time lie within 24 days of the base. */
  add({ a, b, c }: Key, receivedAt: number): void {
    if (this.#count * KEY_WORDS === this.#keys.length) this.#grow();
    const at = this.#count * KEY_WORDS;
    this.#keys[at] = a;
    this.#keys[at + 1] = b;
    this.#keys[at + 2] = c;
    this.#keys[at + 3] = receivedAt - this.base;
    this.#from = Math.min(this.#from, receivedAt);
    this.#to = Math.max(this.#to, receivedAt);
    this.#count += 1;
    this.#enter(a, b, this.#count);
  }

  /** What is not committed yet, with what shares its first chunk. Valid until a key is added. */
  chunk(): KeyChunk | undefined {
    const { run, base } = this;
    if (this.#committed === this.#count) return undefined;
    const first = this.#committed - (this.#committed % CHUNK_KEYS);
    const { buffer } = this.#keys;
    const keys = new Uint8Array(buffer, first * KEY_BYTES, (this.#count - first) * KEY_BYTES);
    return { run, base, first, keys };
  }

  /** All that was added is durable. */
  committed(): void {
    this.#committed = this.#count;
  }

  /** Gives its memory back. It is of no use after that. */
  end(): void {
    giveBack(this.#keys);
    giveBack(this.#index);
  }

  #grow(): void {
    const keys = new Int32Array(this.#keys.length * 2);
    const index = new Int32Array(this.#index.length * 2);
    keys.set(this.#keys);
    this.end();
    this.#keys = keys;
    this.#index = index;
    for (let number = 1; number <= this.#count; number += 1) {
      const at = (number - 1) * KEY_WORDS;
      this.#enter(keys[at] ?? 0, keys[at + 1] ?? 0, number);
    }
  }

  #enter(a: number, b: number, number: number): void {
    const mask = this.#index.length - 1;
    let slot = a & mask;
    while (this.#index[slot] !== 0) slot = (slot + 1) & mask;
    this.#index[slot] = (b & ~NUMBER_MASK) | number;
  }
}
