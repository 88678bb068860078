import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../platform/clock.ts';
import { keepCompiledCode } from '../../platform/compiled-code.ts';
import { FileStorage } from './file-storage.ts';
import { logDirectory, quarantineDirectory } from './layout.ts';
import { SegmentWriter } from './segment-writer.ts';
import { SharedWatermark } from './watermark.ts';
import type { FromWriter, ToWriter, WriterSetup } from './writer-messages.ts';

/** How often a log that nobody writes to looks for segments to drop. */
const RETENTION_EVERY_MS = 60_000;

/*
 * The writer thread: the only place that touches the open segment. Its waiting for the disk holds up nobody,
 * and the groups that arrive meanwhile are committed together by the main thread.
 */
if (parentPort === null) throw new Error('This file is the entry of a worker thread.');
serve(parentPort, workerData);

function serve(port: MessagePort, setup: WriterSetup): void {
  const post = (message: FromWriter, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  try {
    const writer = new SegmentWriter({
      storage: new FileStorage(logDirectory(setup.directory), 'write'),
      quarantine: new FileStorage(quarantineDirectory(setup.directory), 'write'),
      watermark: new SharedWatermark(setup.shared),
      clock: systemClock,
      retention: setup.retention,
      diskReserveBytes: setup.diskReserveBytes,
      report: {
        damage: (damage) => post({ kind: 'damage', damage }),
        dropped: (segment) => post({ kind: 'dropped', segment }),
        notice: (message) => post({ kind: 'notice', message }),
      },
    });
    let stopRetention = () => {};
    const keepRetention = () => {
      writer.enforceRetention();
      stopRetention = systemClock.after(RETENTION_EVERY_MS, guarded(keepRetention, post));
    };
    keepRetention();
    port.on(
      'message',
      guarded((message: ToWriter) => {
        if (message.kind === 'close') {
          stopRetention();
          post({ kind: 'closed' });
          port.close();
          return;
        }
        const started = systemClock.monotonic();
        const result = writer.commit(new Uint8Array(message.buffer, 0, message.used));
        const seconds = (systemClock.monotonic() - started) / 1000;
        post({ kind: 'committed', buffer: message.buffer, result, seconds }, [message.buffer]);
      }, post),
    );
    post({ kind: 'opened', sequences: writer.sequences });
    keepCompiledCode();
  } catch (error) {
    fail(error, post);
  }
}

/** After a failed disk nothing may be written any more: the thread says so and goes. */
function guarded<Args extends unknown[]>(task: (...args: Args) => void, post: (message: FromWriter) => void) {
  return (...args: Args): void => {
    try {
      task(...args);
    } catch (error) {
      fail(error, post);
    }
  };
}

function fail(error: unknown, post: (message: FromWriter) => void): void {
  post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  parentPort?.close();
}
