import { createHash } from 'node:crypto';

/**
 * What is kept of a source's message id: 96 bits, as three signed 32-bit numbers, each well mixed.
 *
 * Two ids by chance have the same key once in 2⁹⁶. With 100 million keys kept, an event is taken for a repeat that it
 * is not once in 8·10²⁰ events: at 12,000 a second, once in two billion years.
 */
export interface Key {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** Bytes of a seed. */
export const SEED_BYTES = 16;

/** Rounds that mix the end of an id into the whole state, before each third of the key is taken from it. */
const FINAL_ROUNDS = 3;

/**
 * Turns message ids into keys. It is HalfSipHash with one round for each two characters, from a state that only this
 * data directory knows: nobody can look for an id whose key is that of another.
 */
export class KeyHash {
  readonly #seed: Uint8Array;
  /** Where the hash begins for each source: there are as many as the workspace has, and each sends many events. */
  readonly #states = new Map<string, Int32Array>();
  readonly #key = { a: 0, b: 0, c: 0 };

  /** @param seed `SEED_BYTES` random bytes: the same ones for as long as keys are kept. */
  constructor(seed: Uint8Array) {
    this.#seed = seed;
  }

  /** The key of a message id. It is overwritten by the next call. */
  keyOf(source: string, messageId: string): Key {
    const state = this.#states.get(source) ?? this.#stateOf(source);
    const { length } = messageId;
    const words = (length + 1) >> 1;
    let v0 = state[0] ?? 0;
    let v1 = state[1] ?? 0;
    let v2 = state[2] ?? 0;
    let v3 = state[3] ?? 0;
    let a = 0;
    let b = 0;
    // One loop for all of it, so that the round is written once and the state stays in registers.
    for (let round = 0; round <= words + 3 * FINAL_ROUNDS; round += 1) {
      const word = round < words ? wordAt(messageId, 2 * round) : round === words ? length : 0;
      if (round === words + 1) v2 ^= 0xff;
      else if (round === words + 1 + FINAL_ROUNDS) a = v1 ^ v3;
      else if (round === words + 1 + 2 * FINAL_ROUNDS) b = v1 ^ v3;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    this.#key.a = a;
    this.#key.b = b;
    this.#key.c = v1 ^ v3;
    return this.#key;
  }

  #stateOf(source: string): Int32Array {
    const digest = createHash('sha256').update(this.#seed).update(source).digest();
    const state = Int32Array.from({ length: 4 }, (_, word) => digest.readInt32LE(4 * word));
    this.#states.set(source, state);
    return state;
  }
}

/** Two characters of a text; its last one may be alone. */
function wordAt(text: string, at: number): number {
  const second = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  return text.charCodeAt(at) | (second << 16);
}
