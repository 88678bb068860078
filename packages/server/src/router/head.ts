import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseEvent } from '@metarouter/events';
import type { LogReader, LogRecord, Position } from '../log/event-log.ts';
import type { Lane } from './lane.ts';
import type { Parcel } from './parcel.ts';

/** Reads one partition for all of its lanes: each record is read and parsed once, however many lanes want it. */
export class Head {
  readonly #log: LogReader;
  readonly #partition: number;
  readonly #lanes: readonly Lane[];
  readonly #sources: ReadonlySet<string>;
  readonly #aborter = new AbortController();
  #roomMade: (() => void) | undefined;

  constructor(log: LogReader, partition: number, lanes: readonly Lane[]) {
    this.#log = log;
    this.#partition = partition;
    this.#lanes = lanes;
    this.#sources = new Set(lanes.map(({ source }) => source));
  }

  /** Hands out events from the slowest lane's position on, until stopped. Rejects when the log cannot be read. */
  async run(): Promise<void> {
    const { signal } = this.#aborter;
    let position = this.#lanes.reduce<Position | undefined>(
      (lowest, { reached }) => (lowest === undefined || reached < lowest ? reached : lowest),
      undefined,
    );
    if (position === undefined) return;
    const batches = this.#log.read({ partition: this.#partition, from: position, sources: this.#sources, signal });
    for await (const { records, next } of batches) {
      if (signal.aborted) return;
      const parcels = parcelsBySource(records);
      const loss = position < this.#log.first(this.#partition) ? 'expired' : 'damaged';
      for (const lane of this.#lanes) lane.take(parcels.get(lane.source) ?? [], next, loss);
      position = next;
      // A log that is far ahead would otherwise be read in one go, while answers and timers wait.
      await nextTurn();
      await this.#room();
      if (signal.aborted) return;
    }
  }

  /** A lane may have room again. */
  roomMade(): void {
    this.#roomMade?.();
  }

  /** Ends the reading. */
  stop(): void {
    this.#aborter.abort();
    this.#roomMade?.();
  }

  async #room(): Promise<void> {
    while (!this.#aborter.signal.aborted && !this.#lanes.every((lane) => lane.wants())) {
      await new Promise<void>((resolve) => {
        this.#roomMade = resolve;
      });
    }
  }
}

function parcelsBySource(records: readonly LogRecord[]): ReadonlyMap<string, readonly Parcel[]> {
  const parcels = new Map<string, Parcel[]>();
  for (const record of records) {
    const parcel = parcelOf(record);
    const others = parcels.get(record.source);
    if (others === undefined) parcels.set(record.source, [parcel]);
    else others.push(parcel);
  }
  return parcels;
}

function parcelOf({ position, sequence, orderKey, messageId, receivedAt, bytes }: LogRecord): Parcel {
  const copy = Buffer.from(bytes);
  const parsed = parseJson(copy);
  const event = parseEvent(parsed);
  // The stored bytes can go out as they are, unless something in them is not for receivers.
  const wire = event === undefined || event === parsed ? copy : Buffer.from(JSON.stringify(event));
  return { position, sequence, orderKey, messageId, receivedAt, event, bytes: wire };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    // Kept as a dead letter of each of its pipelines, with its bytes.
    return undefined;
  }
}
