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

/** Writes a line to the process's log. */
type Write = (
  level: 'info' | 'warn' | 'error',
  message: string,
  fields: Readonly<Record<string, string | number>>,
) => void;

/** The log's news in the operator's words, whichever thread they come from. */
export function logReport(write: Write): LogReport {
  return {
    damage: ({ kind, segment, offset, bytes }) =>
      kind === 'torn'
        ? write('warn', TORN, { segment, offset, bytes })
        : write('error', DAMAGED, { segment, offset, bytes }),
    dropped: (segment) => write('info', DROPPED, { segment }),
    notice: (message) => write('warn', message, {}),
  };
}

const TORN = 'An unfinished write at the end of the log was cut off. Its bytes are in log/quarantine.';
const DAMAGED =
  'Part of the log is damaged and was skipped. Its bytes are in log/quarantine; look at the disk.';
const DROPPED = 'A segment of the log was dropped, as the retention demands.';

/** More than this of one stretch is not kept: enough for whole records, and it cannot fill the disk. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;

/** Where damage is copied from and to, and who is told. */
interface DamagedLog {
  readonly storage: LogStorage;
  readonly quarantine: LogStorage;
  readonly report: LogReport;
}

/** Tells of damage, and copies the bytes aside, so that nothing is destroyed that a person may still read. */
export function setAside({ storage, quarantine, report }: DamagedLog, damage: Damage): void {
  report.damage(damage);
  try {
    copyDamage(quarantine, storage, damage);
  } catch (error) {
    // A full disk, mostly. The log must go on all the same.
    const reason = error instanceof Error ? error.message : String(error);
    report.notice(`The damaged bytes of ${damage.segment} could not be copied aside: ${reason}`);
  }
}

function copyDamage(kept: LogStorage, log: LogStorage, damage: Damage): void {
  const name = `${damage.segment}.${damage.offset}.damaged`;
  if (damage.bytes === 0 || kept.size(name) > 0) return;
  const bytes = new Uint8Array(Math.min(damage.bytes, KEPT_BYTES_MAX));
  const got = log.read(damage.segment, damage.offset, bytes);
  kept.append(name, bytes.subarray(0, got));
}
