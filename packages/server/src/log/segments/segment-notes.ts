import { hashMessageId } from './message-id-filter.ts';
import { KIND } from './record-format.ts';
import { type ReadAt, RecordWalk, type WalkedRecord } from './record-walk.ts';
import { namesOf } from './segment-recovery.ts';

/** So near each other are the places that are noted, that one small read from there reaches what is looked for. */
const NOTED_EVERY_BYTES = 8 * 1024;

/**
 * Where records start in a segment that has no index: the open one, or one whose index is damaged. It is filled by
 * whoever passes and starts over with each process; it takes 16 bytes for each 8 KB of the segment, and once a
 * message ID was asked for, 16 bytes a record.
 */
export class SegmentNotes {
  readonly #read: ReadAt;
  /** Places in ascending order, from the segment's start as far as it was read. */
  readonly #positions: number[] = [];
  readonly #offsets: number[] = [];
  /** Of each record up to `#idsEnd`: the hash of its message ID, and where it starts. */
  readonly #hashes: number[] = [];
  readonly #starts: number[] = [];
  #idsEnd = 0;

  constructor(read: ReadAt) {
    this.#read = read;
  }

  /** Tells of a record that was read. What lies in front of it was read before, from the nearest noted place on. */
  passed(position: number, offset: number): void {
    const last = this.#offsets.length - 1;
    if (last >= 0 && offset - (this.#offsets[last] ?? 0) < NOTED_EVERY_BYTES) return;
    if (last >= 0 && position <= (this.#positions[last] ?? 0)) return;
    this.#positions.push(position);
    this.#offsets.push(offset);
  }

  /** Where to start reading so as to see `position`, and little before it. */
  offsetOf(position: number): number {
    let low = 0;
    let high = this.#positions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#positions[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return this.#offsets[low - 1] ?? 0;
  }

  /** Where records in front of `head` start that may have this message ID. Reads what was appended since it was last asked. */
  offsetsOfMessageId(messageId: string, head: number): readonly number[] {
    this.#takeIds(head);
    const [hash] = hashMessageId(messageId);
    const found: number[] = [];
    for (let at = this.#hashes.indexOf(hash); at !== -1; at = this.#hashes.indexOf(hash, at + 1))
      found.push(this.#starts[at] ?? 0);
    return found;
  }

  #takeIds(head: number): void {
    const walk = new RecordWalk(this.#read, this.#idsEnd);
    const visitor = {
      record: (walked: WalkedRecord): boolean => {
        const { header, offset } = walked;
        if (header.position >= head) return false;
        if (header.kind === KIND.opening) return true;
        this.passed(header.position, offset);
        this.#hashes.push(hashMessageId(namesOf(walked).messageId)[0]);
        this.#starts.push(offset);
        return true;
      },
      damage() {},
    };
    while (walk.step(visitor) === 'more');
    this.#idsEnd = walk.wholeEnd;
  }
}
