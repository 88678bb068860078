import {
  contentIsWhole,
  HEADER_BYTES,
  MAGIC,
  type RecordHeader,
  readHeader,
  viewOf,
} from './record-format.ts';

/** What lies at one place of a segment. */
type Found =
  | { readonly kind: 'record'; readonly offset: number; readonly header: RecordHeader }
  /** Bytes that are no whole record, up to the next thing that looks like one; their header may still hold. */
  | {
      readonly kind: 'damage';
      readonly offset: number;
      readonly length: number;
      readonly header?: RecordHeader;
    }
  /** A record or a search needs more bytes than are there: `wanted` behind `offset` at the least. */
  | { readonly kind: 'more'; readonly offset: number; readonly wanted: number };

const MAGIC_BYTES = new Uint8Array(new Uint32Array([MAGIC]).buffer);

/**
 * Looks at what lies at `offset`. Never throws, whatever the bytes are, and never calls a record whole whose
 * checksums do not hold.
 */
function lookAt(bytes: Uint8Array, view: DataView, offset: number): Found {
  if (bytes.length - offset < HEADER_BYTES) return { kind: 'more', offset, wanted: HEADER_BYTES };
  const header = readHeader(bytes, view, offset);
  if (header === undefined)
    return { kind: 'damage', offset, length: nextHeader(bytes, view, offset + 1) - offset };
  if (bytes.length - offset < header.length) return { kind: 'more', offset, wanted: header.length };
  // The header holds, so its length can be trusted: only this record is lost.
  if (!contentIsWhole(bytes, offset, header))
    return { kind: 'damage', offset, length: header.length, header };
  return { kind: 'record', offset, header };
}

/** Where the next readable header starts, or where the search has to go on when more bytes come. */
function nextHeader(bytes: Uint8Array, view: DataView, from: number): number {
  const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = haystack.indexOf(MAGIC_BYTES, from); at !== -1; at = haystack.indexOf(MAGIC_BYTES, at + 1)) {
    if (bytes.length - at < HEADER_BYTES || readHeader(bytes, view, at) !== undefined) return at;
  }
  return Math.max(from, bytes.length - (MAGIC_BYTES.length - 1));
}

/** Reads a part of a file: fills `into` from `offset` on and returns how many bytes there were. */
export type ReadAt = (offset: number, into: Uint8Array) => number;

/** A whole record: its header, the bytes it lies in, and where in them it starts. */
export interface WalkedRecord {
  readonly header: RecordHeader;
  readonly bytes: Uint8Array;
  readonly at: number;
  /** Where in the file it starts. */
  readonly offset: number;
}

export interface WalkVisitor {
  /** Called for each whole record in file order. False: stop in front of it. */
  record(found: WalkedRecord): boolean;
  /** Called for each stretch of bytes that is no whole record, once a whole one follows. */
  damage(offset: number, bytes: number): void;
  /** Called for each record whose content is damaged while its header, and so its place in the log, holds. */
  lost?(found: WalkedRecord): void;
}

/** What a step came to: more of the file follows, its end was reached, or the visitor stopped the walk. */
export type Step = 'more' | 'end' | 'stopped';

/** How much of a file is read at once: little at first, for those who read a record or two… */
const FIRST_CHUNK_BYTES = 16 * 1024;
/** …then as much as makes system calls rare and still fits the cache. */
const CHUNK_BYTES = 1024 * 1024;

/** Walks over the records of a file that may still grow, chunk by chunk, reusing its memory. */
export class RecordWalk {
  readonly #read: ReadAt;
  #chunk = new Uint8Array(FIRST_CHUNK_BYTES);
  #offset: number;
  #wholeEnd: number;
  #wasFull = false;
  #damage: { readonly offset: number; readonly end: number } | undefined;

  constructor(read: ReadAt, start: number) {
    this.#read = read;
    this.#offset = start;
    this.#wholeEnd = start;
  }

  /** Where the last whole record ended. */
  get wholeEnd(): number {
    return this.#wholeEnd;
  }

  /**
   * Visits the records of the next chunk; their bytes are valid until the next step. At the end of the file,
   * bytes behind `wholeEnd` make no whole record: a torn tail, or a record that is just being written.
   */
  step(visitor: WalkVisitor): Step {
    if (this.#wasFull) this.#chunk = new Uint8Array(Math.min(this.#chunk.length * 4, CHUNK_BYTES));
    const filled = this.#read(this.#offset, this.#chunk);
    this.#wasFull = filled === this.#chunk.length && filled < CHUNK_BYTES;
    const bytes = this.#chunk.subarray(0, filled);
    const view = viewOf(bytes);
    let at = 0;
    while (at < filled) {
      const found = lookAt(bytes, view, at);
      if (found.kind === 'more') return this.#needMore(at, found.wanted, filled);
      const offset = this.#offset + at;
      if (found.kind === 'damage') {
        if (found.header !== undefined) visitor.lost?.({ header: found.header, bytes, at, offset });
        this.#damage = { offset: this.#damage?.offset ?? offset, end: offset + found.length };
        at += found.length;
        continue;
      }
      if (!visitor.record({ header: found.header, bytes, at, offset })) {
        this.#offset += at;
        return 'stopped';
      }
      if (this.#damage !== undefined)
        visitor.damage(this.#damage.offset, this.#damage.end - this.#damage.offset);
      this.#damage = undefined;
      at += found.header.length;
      this.#wholeEnd = this.#offset + at;
    }
    this.#offset += at;
    return at === 0 ? 'end' : 'more';
  }

  #needMore(at: number, wanted: number, filled: number): Step {
    this.#offset += at;
    if (filled < this.#chunk.length) return 'end';
    if (wanted > this.#chunk.length) this.#chunk = new Uint8Array(wanted);
    return 'more';
  }
}
