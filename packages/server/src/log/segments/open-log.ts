import type { LogReport } from './damage.ts';
import { FileStorage } from './file-storage.ts';
import { logDirectory, quarantineDirectory } from './layout.ts';
import { SegmentLog } from './segment-log.ts';
import { SegmentReader } from './segment-reader.ts';
import { SharedWatermark } from './watermark.ts';
import { WriterClient, type WriterClientOptions } from './writer-client.ts';

/** A log in a data directory, and the memory that lets other threads read it. */
export interface OpenedLog {
  readonly log: SegmentLog;
  readonly shared: SharedArrayBuffer;
}

/**
 * Opens the log of a data directory with its writer thread. The caller holds the directory's lock.
 *
 * @throws when the disk fails or a newer release wrote the log.
 */
export async function openSegmentLog(options: Omit<WriterClientOptions, 'shared'>): Promise<OpenedLog> {
  const { shared } = new SharedWatermark();
  const writer = new WriterClient({ ...options, shared });
  const sequences = await writer.opened();
  const reader = openSegmentReader({ directory: options.directory, shared, report: options.report });
  return { log: new SegmentLog(writer, reader, sequences), shared };
}

/** Reads the log of a data directory from any thread, up to what its writer has made durable. */
export function openSegmentReader(options: {
  readonly directory: string;
  readonly shared: SharedArrayBuffer;
  readonly report: LogReport;
}): SegmentReader {
  return new SegmentReader({
    storage: new FileStorage(logDirectory(options.directory), 'read'),
    quarantine: new FileStorage(quarantineDirectory(options.directory), 'write'),
    watermark: new SharedWatermark(options.shared),
    report: options.report,
  });
}
