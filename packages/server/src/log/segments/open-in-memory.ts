import type { Clock } from '../../platform/clock.ts';
import type { Retention } from '../../platform/quantity.ts';
import type { Damage } from './damage.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { LocalWatermark } from './local-watermark.ts';
import type { LogStorage } from './log-storage.ts';
import type { Committed, LogWriter } from './log-writer.ts';
import { SegmentLog } from './segment-log.ts';
import { SegmentReader } from './segment-reader.ts';
import { SegmentWriter } from './segment-writer.ts';

/** The shipped log on this thread, over storage that a test can break. */
export interface LogInMemory {
  readonly log: SegmentLog;
  readonly reader: SegmentReader;
  readonly writer: SegmentWriter;
  /** All damage that was told, by the recovery and by readers. */
  readonly damage: readonly Damage[];
  readonly dropped: readonly string[];
}

const KEEP_ALL: Retention = { ageMs: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };

/** Opens the log as a process would that starts on this storage. */
export function openInMemory(options: {
  readonly storage: LogStorage;
  readonly clock: Clock;
  readonly quarantine?: LogStorage;
  readonly segmentBytes?: number;
  readonly retention?: Retention;
  readonly diskReserveBytes?: number;
}): LogInMemory {
  const damage: Damage[] = [];
  const dropped: string[] = [];
  const report = {
    damage: (found: Damage) => void damage.push(found),
    dropped: (segment: string) => void dropped.push(segment),
    notice: () => {},
  };
  const { storage, clock, quarantine = new FaultyStorage(() => 0), retention = KEEP_ALL } = options;
  const watermark = new LocalWatermark();
  const common = { storage, quarantine, watermark, report };
  const { segmentBytes = 64 * 1024, diskReserveBytes = 0 } = options;
  const writer = new SegmentWriter({ ...common, clock, retention, diskReserveBytes, segmentBytes });
  const reader = new SegmentReader(common);
  return {
    log: new SegmentLog(onThisThread(writer), reader, writer.sequences),
    reader,
    writer,
    damage,
    dropped,
  };
}

function onThisThread(writer: SegmentWriter): LogWriter {
  return {
    async commit(buffer: ArrayBuffer, used: number): Promise<Committed> {
      return { result: writer.commit(new Uint8Array(buffer, 0, used)), buffer };
    },
    async close() {},
  };
}
