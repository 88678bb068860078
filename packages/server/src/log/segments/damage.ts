import type { LogStorage } from './log-storage.ts';

/** Bytes of a segment that make no whole record. */
export interface Damage {
  /**
   * `torn`: the end of the last segment, which a crash may have left unfinished and which was never acknowledged
   * unless the disk lied. `damaged`: anywhere else.
   */
  readonly kind: 'torn' | 'damaged';
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
}

/** What the log tells the operator. */
export interface LogReport {
  damage(damage: Damage): void;
  /** A segment was dropped because it is older, or the log larger, than is kept. */
  dropped(segment: string): void;
  /** Something that the log mends by itself, in words. */
  notice(message: string): void;
}

/** More than this of one stretch is not kept: enough for whole records, and it cannot fill the disk. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

/** Copies damaged bytes aside, so that nothing is destroyed that a person may still read. */
export function quarantine(kept: LogStorage, log: LogStorage, damage: Damage): void {
  const name = `${damage.segment}.${damage.offset}.damaged`;
  if (damage.bytes === 0 || kept.size(name) > 0) return;
  const bytes = new Uint8Array(Math.min(damage.bytes, KEPT_BYTES_MAX));
  const got = log.read(damage.segment, damage.offset, bytes);
  kept.append(name, bytes.subarray(0, got));
}
