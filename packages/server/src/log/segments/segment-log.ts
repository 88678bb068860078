import type {
  AppendResult,
  EventLog,
  LogPlace,
  LogRecord,
  NewRecord,
  ReadBatch,
  ReadOptions,
  Refusal,
} from '../event-log.ts';
import type { LogWriter } from './log-writer.ts';
import { RecordGroup } from './record-group.ts';
import type { SegmentReader } from './segment-reader.ts';

/** More than this waiting for the disk means that it does not keep up: refusing beats running out of memory. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;

/** A group's memory is used again, unless one burst of traffic made it larger than this. */
const SPARE_BYTES_MAX = 16 * 1024 * 1024;

interface Waiting {
  readonly group: RecordGroup;
  readonly result: PromiseWithResolvers<AppendResult>;
}

/**
 * The embedded log. While one group is written and synced, what arrives meanwhile gathers in the next: so the
 * number of syncs follows the disk's speed, not the number of requests.
 */
export class SegmentLog implements EventLog {
  readonly partitions = 1;
  readonly #writer: LogWriter;
  readonly #reader: SegmentReader;
  readonly #sequences: Map<string, number>;
  #gathering: Waiting | undefined;
  #committing: Promise<void> | undefined;
  #spare: ArrayBuffer | undefined;
  #failure: Error | undefined;
  #isClosing = false;

  constructor(writer: LogWriter, reader: SegmentReader, sequences: ReadonlyMap<string, number>) {
    this.#writer = writer;
    this.#reader = reader;
    this.#sequences = new Map(sequences);
  }

  append(records: readonly NewRecord[]): Promise<AppendResult> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#isClosing) return refused('closing');
    const waiting = this.#gathering ?? this.#gather();
    if (waiting.group.used > WAITING_BYTES_MAX) return refused('overloaded');
    for (const record of records) waiting.group.add(record);
    return waiting.result.promise;
  }

  sequences(): ReadonlyMap<string, number> {
    return this.#sequences;
  }

  head(): number {
    return this.#reader.head();
  }

  first(): number {
    return this.#reader.first();
  }

  read(options: ReadOptions): AsyncIterable<ReadBatch> {
    return this.#reader.read(options);
  }

  at(partition: number, position: number): LogRecord | undefined {
    return this.#reader.at(partition, position);
  }

  find(source: string, messageId: string): readonly LogRecord[] {
    return this.#reader.find(source, messageId);
  }

  placeAt(partition: number, time: number): LogPlace {
    return this.#reader.placeAt(partition, time);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    while (this.#committing !== undefined || this.#gathering !== undefined) {
      await (this.#committing ?? this.#gathering?.result.promise);
    }
    await this.#writer.close();
  }

  #gather(): Waiting {
    const waiting = { group: new RecordGroup(this.#spare), result: Promise.withResolvers<AppendResult>() };
    this.#spare = undefined;
    this.#gathering = waiting;
    // At the end of this turn, so that all requests that were read in it share one sync.
    if (this.#committing === undefined) setImmediate(() => this.#commitNext());
    return waiting;
  }

  #commitNext(): void {
    const waiting = this.#gathering;
    if (waiting === undefined || this.#committing !== undefined) return;
    this.#gathering = undefined;
    this.#committing = this.#commit(waiting).finally(() => {
      this.#committing = undefined;
      this.#commitNext();
    });
  }

  async #commit({ group, result }: Waiting): Promise<void> {
    try {
      const committed = await this.#writer.commit(group.buffer, group.used);
      if (committed.buffer.byteLength <= SPARE_BYTES_MAX) this.#spare = committed.buffer;
      if (committed.result.kind === 'stored') {
        for (const [source, sequence] of committed.result.sequences) this.#sequences.set(source, sequence);
        result.resolve(STORED);
      } else {
        result.resolve(committed.result);
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      result.reject(this.#failure);
      this.#gathering?.result.reject(this.#failure);
      this.#gathering = undefined;
    }
  }
}

const STORED: AppendResult = { kind: 'stored' };

function refused(why: Refusal): Promise<AppendResult> {
  return Promise.resolve({ kind: 'refused', why });
}
