import type { LogPlace, LogReader, LogRecord, ReadBatch, ReadOptions } from '../log/event-log.ts';

/** A log for tests, in memory: what it holds is what was put in, gaps included. */
export class MemoryLog implements LogReader {
  readonly partitions = 1;
  readonly #records: LogRecord[] = [];
  readonly #sequences = new Map<string, number>();
  readonly #lost = new Set<number>();
  #first = 0;
  #wake: (() => void)[] = [];

  head(): number {
    return this.#records.length;
  }

  first(): number {
    return this.#first;
  }

  /** The last sequence of each source. */
  get sequences(): ReadonlyMap<string, number> {
    return this.#sequences;
  }

  /** Accepts an event of a user, by default as a track call; `bytes` replaces it with anything else. */
  accept(
    source: string,
    user: string,
    messageId: string,
    { now, bytes }: { now: number; bytes?: string },
  ): void {
    const sequence = (this.#sequences.get(source) ?? 0) + 1;
    this.#sequences.set(source, sequence);
    const event = { type: 'track', event: 'Seen', messageId, userId: user, timestamp: '', receivedAt: '' };
    this.#records.push({
      position: this.#records.length,
      sequence,
      source,
      orderKey: user,
      messageId,
      receivedAt: now,
      bytes: Buffer.from(bytes ?? JSON.stringify(event)),
    });
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Makes the record at this position unreadable. */
  damage(position: number): void {
    this.#lost.add(position);
  }

  /** Drops all records before this position, as retention does. */
  dropBefore(position: number): void {
    for (let dropped = this.#first; dropped < position; dropped += 1) this.#lost.add(dropped);
    this.#first = position;
  }

  async *read({ from, sources, signal, untilHead }: ReadOptions): AsyncIterable<ReadBatch> {
    let next = from;
    while (signal?.aborted !== true) {
      if (next < this.#records.length) {
        const looked = this.#records.slice(next, next + 7);
        next += looked.length;
        const wanted = (record: LogRecord) =>
          sources?.has(record.source) !== false && !this.#lost.has(record.position);
        yield { records: looked.filter(wanted), next };
      } else if (untilHead === true) return;
      else await new Promise<void>((resolve) => this.#waitForMore(resolve, signal));
    }
  }

  at(_partition: number, position: number): LogRecord | undefined {
    return this.#lost.has(position) ? undefined : this.#records[position];
  }

  find(source: string, messageId: string): readonly LogRecord[] {
    return this.#kept().filter((record) => record.source === source && record.messageId === messageId);
  }

  placeAt(_partition: number, time: number): LogPlace {
    const found = this.#kept().find(({ receivedAt }) => receivedAt >= time);
    const position = found?.position ?? this.head();
    const sequences = new Map<string, number>();
    for (const { source, sequence } of this.#records.slice(0, position)) sequences.set(source, sequence);
    return { position, sequences };
  }

  #kept(): readonly LogRecord[] {
    return this.#records.filter(({ position }) => !this.#lost.has(position));
  }

  #waitForMore(resolve: () => void, signal: AbortSignal | undefined): void {
    this.#wake.push(resolve);
    signal?.addEventListener('abort', resolve, { once: true });
  }
}
