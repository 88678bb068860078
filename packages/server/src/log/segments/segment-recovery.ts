import type { Damage } from './damage.ts';
import type { LogStorage } from './log-storage.ts';
import { FORMAT_VERSION, HEADER_BYTES, KIND, readOpening } from './record-format.ts';
import { RecordWalk, type WalkedRecord } from './record-walk.ts';
import { SegmentIndexBuilder } from './segment-index-builder.ts';
import { segmentName } from './segment-names.ts';

/** What a walk over one whole segment brings to light. */
export interface RecoveredSegment {
  readonly index: SegmentIndexBuilder;
  /** Where the last record ends that has a place in the log, be its content lost; what is behind is torn. */
  readonly end: number;
  readonly nextPosition: number;
  /** When the segment was opened; unknown when its opening is damaged. */
  readonly openedAt: number | undefined;
  readonly damage: readonly Damage[];
}

/** A log that this release must not touch. */
class NewerFormat extends Error {
  override readonly name = 'NewerFormat';
}

/**
 * Reads a segment from start to end and raises `sequences` to the last ones it gives out.
 *
 * @throws NewerFormat when a newer release wrote it.
 */
export function recoverSegment(
  storage: LogStorage,
  base: number,
  sequences: Map<string, number>,
): RecoveredSegment {
  const name = segmentName(base);
  const index = new SegmentIndexBuilder(base);
  const damage: Damage[] = [];
  let nextPosition = base;
  let openedAt: number | undefined;
  let lostEnd = 0;
  const walk = new RecordWalk((offset, into) => storage.read(name, offset, into), 0);
  const visitor = {
    record(found: WalkedRecord): boolean {
      const { header } = found;
      refuseNewer(found, name);
      if (header.kind === KIND.opening) {
        openedAt = header.receivedAt;
        for (const [source, last] of readOpening(contentOf(found))) raise(sequences, source, last);
        return true;
      }
      // A position that was there before is a copy of a record: the first one counts.
      if (header.position < nextPosition) return true;
      nextPosition = header.position + 1;
      const { source, messageId } = namesOf(found);
      raise(sequences, source, header.sequence);
      index.add(found.offset, header.position, source, messageId);
      return true;
    },
    damage(offset: number, bytes: number): void {
      damage.push({ kind: 'damaged', segment: name, offset, bytes });
    },
    // The place of a lost record is not given out again: so the gap shows, and nobody who had read it is confused.
    lost(found: WalkedRecord): void {
      // An opening has no place of its own: the first record has the same position.
      if (found.header.kind === KIND.opening) return;
      nextPosition = Math.max(nextPosition, found.header.position + 1);
      lostEnd = found.offset + found.header.length;
      const { source } = namesOf(found);
      if (sequences.has(source)) raise(sequences, source, found.header.sequence);
    },
  };
  while (walk.step(visitor) === 'more');
  const { wholeEnd } = walk;
  // A record of full length was not left unfinished: its content was changed. It stays, or the next start would not
  // know of its place.
  const end = Math.max(wholeEnd, lostEnd);
  if (end > wholeEnd)
    damage.push({ kind: 'damaged', segment: name, offset: wholeEnd, bytes: end - wholeEnd });
  const torn = storage.size(name) - end;
  if (torn > 0) damage.push({ kind: 'torn', segment: name, offset: end, bytes: torn });
  return { index, end, nextPosition, openedAt, damage };
}

/** A segment's opening, if it can be read: when it was opened and the sequences before it. */
export function readSegmentOpening(
  storage: LogStorage,
  base: number,
): { openedAt: number; sequences: Map<string, number> } | undefined {
  let opening: { openedAt: number; sequences: Map<string, number> } | undefined;
  const name = segmentName(base);
  const walk = new RecordWalk((offset, into) => storage.read(name, offset, into), 0);
  const visitor = {
    record(found: WalkedRecord): boolean {
      refuseNewer(found, name);
      if (found.header.kind !== KIND.opening) return false;
      opening = { openedAt: found.header.receivedAt, sequences: readOpening(contentOf(found)) };
      return false;
    },
    damage() {},
  };
  // The opening lists all sources: with many of them it is longer than a first look.
  while (walk.step(visitor) === 'more');
  return opening;
}

function refuseNewer({ header }: WalkedRecord, name: string): void {
  if (header.version > FORMAT_VERSION) {
    throw new NewerFormat(
      `The log's ${name} was written by a newer release: start that one, or another --data.`,
    );
  }
}

/** Notes the last sequence of a source, unless a later one is known. */
export function raise(sequences: Map<string, number>, source: string, last: number): void {
  if (last > (sequences.get(source) ?? 0)) sequences.set(source, last);
}

/** What stands behind the header of a record without names. */
export function contentOf({ bytes, at, header }: WalkedRecord): Uint8Array {
  return bytes.subarray(at + HEADER_BYTES, at + header.length);
}

/** The strings between a record's header and its JSON. */
export function namesOf({ bytes, at, header }: WalkedRecord): {
  source: string;
  orderKey: string;
  messageId: string;
} {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const orderKeyAt = at + HEADER_BYTES + header.sourceBytes;
  const messageIdAt = orderKeyAt + header.orderKeyBytes;
  return {
    source: text.toString('latin1', at + HEADER_BYTES, orderKeyAt),
    orderKey: text.toString('utf8', orderKeyAt, messageIdAt),
    messageId: text.toString('utf8', messageIdAt, messageIdAt + header.messageIdBytes),
  };
}

/** The event's JSON. */
export function eventOf({ bytes, at, header }: WalkedRecord): Uint8Array {
  const start = at + HEADER_BYTES + header.sourceBytes + header.orderKeyBytes + header.messageIdBytes;
  return bytes.subarray(start, at + header.length);
}
