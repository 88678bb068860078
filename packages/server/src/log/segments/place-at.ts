import type { LogPlace } from '../event-log.ts';
import type { LogStorage } from './log-storage.ts';
import { HEADER_BYTES, KIND, readHeader, readOpening, viewOf } from './record-format.ts';
import { RecordWalk, type WalkedRecord } from './record-walk.ts';
import { segmentName } from './segment-names.ts';
import { contentOf, namesOf, raise } from './segment-recovery.ts';

export interface PlaceOptions {
  readonly storage: LogStorage;
  /** The position behind the last record that is durable. */
  readonly head: number;
  /** The segments, oldest first. */
  readonly bases: readonly number[];
  /** In milliseconds since 1970. */
  readonly time: number;
}

/**
 * The place in front of the first record that was received at or after `time`. No record was received after the
 * next segment was opened, by one and the same clock; so the search starts in the last segment that was opened
 * before `time`, and reads on from there.
 */
export function placeAt({ storage, head, bases, time }: PlaceOptions): LogPlace {
  const sequences = new Map<string, number>();
  let position: number | undefined;
  const visitor = {
    record(walked: WalkedRecord): boolean {
      const { header } = walked;
      if (header.kind === KIND.opening) {
        for (const [source, last] of readOpening(contentOf(walked))) raise(sequences, source, last);
        return true;
      }
      if (header.position >= head) return false;
      if (header.receivedAt >= time) {
        position = header.position;
        return false;
      }
      raise(sequences, namesOf(walked).source, header.sequence);
      return true;
    },
    damage() {},
  };
  for (const base of bases.slice(startOf(storage, bases, time))) {
    if (position !== undefined) break;
    const walk = new RecordWalk((offset, into) => storage.read(segmentName(base), offset, into), 0);
    while (walk.step(visitor) === 'more');
  }
  return { position: position ?? head, sequences };
}

/** Which segment to start with: the last one before the first that was opened at or after `time`. */
function startOf(storage: LogStorage, bases: readonly number[], time: number): number {
  let start = 0;
  for (const [at, base] of bases.entries()) {
    const openedAt = readOpenedAt(storage, base);
    // Where an opening is damaged it is not known, so the search starts earlier.
    if (openedAt === undefined) continue;
    if (openedAt >= time) break;
    start = at;
  }
  return start;
}

function readOpenedAt(storage: LogStorage, base: number): number | undefined {
  const bytes = new Uint8Array(HEADER_BYTES);
  const filled = storage.read(segmentName(base), 0, bytes);
  storage.release(segmentName(base));
  const header = filled < HEADER_BYTES ? undefined : readHeader(bytes, viewOf(bytes), 0);
  return header?.kind === KIND.opening ? header.receivedAt : undefined;
}
