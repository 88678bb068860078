import { Worker } from 'node:worker_threads';
import type { LogReport } from './damage.ts';
import type { Committed, LogWriter } from './log-writer.ts';
import type { FromWriter, ToWriter, WriterSetup } from './writer-messages.ts';

export interface WriterClientOptions extends WriterSetup {
  readonly report: LogReport;
  /** Told how long each group took to write and sync, in seconds. */
  readonly observeCommit: (seconds: number) => void;
  /** Told once when the disk failed: the process must stop. */
  readonly onFailure: (error: Error) => void;
}

/** The main thread's end of the writer thread. */
export class WriterClient implements LogWriter {
  readonly #worker: Worker;
  readonly #options: WriterClientOptions;
  readonly #opened = Promise.withResolvers<ReadonlyMap<string, number>>();
  readonly #closed = Promise.withResolvers<void>();
  #group: PromiseWithResolvers<Committed> | undefined;
  #failure: Error | undefined;
  #isClosing = false;

  constructor(options: WriterClientOptions) {
    this.#options = options;
    const { directory, shared, retention, diskReserveBytes } = options;
    const workerData: WriterSetup = { directory, shared, retention, diskReserveBytes };
    this.#worker = new Worker(new URL('./writer-thread.ts', import.meta.url), {
      name: 'log writer',
      workerData,
    });
    this.#worker.on('message', (message: FromWriter) => this.#hear(message));
    this.#worker.on('error', (error) =>
      this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on('exit', () => {
      if (!this.#isClosing) this.#fail(new Error('The log writer ended by itself.'));
      this.#closed.resolve();
    });
  }

  /** Resolves with the sequences given out so far, once the log is recovered and durable. */
  opened(): Promise<ReadonlyMap<string, number>> {
    return this.#opened.promise;
  }

  commit(buffer: ArrayBuffer, used: number): Promise<Committed> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#group = Promise.withResolvers<Committed>();
    this.#send({ kind: 'commit', buffer, used }, [buffer]);
    return this.#group.promise;
  }

  close(): Promise<void> {
    this.#isClosing = true;
    if (this.#failure !== undefined) return Promise.resolve();
    this.#send({ kind: 'close' });
    return this.#closed.promise;
  }

  #send(message: ToWriter, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(message: FromWriter): void {
    const { report, observeCommit } = this.#options;
    switch (message.kind) {
      case 'opened':
        this.#opened.resolve(message.sequences);
        break;
      case 'committed':
        observeCommit(message.seconds);
        this.#group?.resolve(message);
        break;
      case 'damage':
        report.damage(message.damage);
        break;
      case 'dropped':
        report.dropped(message.segment);
        break;
      case 'notice':
        report.notice(message.message);
        break;
      case 'closed':
        this.#closed.resolve();
        break;
      case 'failed':
        this.#fail(new Error(message.message));
        break;
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#opened.reject(error);
    this.#group?.reject(error);
    this.#closed.resolve();
    this.#options.onFailure(error);
  }
}
