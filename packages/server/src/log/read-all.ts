import type { LogReader, LogRecord } from './event-log.ts';

/** Everything in a partition from `from` up to the head, copied out of the reader's memory. For tests and proofs. */
export async function readAll(log: LogReader, from = 0, sources?: ReadonlySet<string>): Promise<LogRecord[]> {
  const all: LogRecord[] = [];
  const options = { partition: 0, from, untilHead: true, ...(sources === undefined ? {} : { sources }) };
  for await (const { records } of log.read(options)) {
    for (const record of records) all.push({ ...record, bytes: record.bytes.slice() });
  }
  return all;
}

/** A record's JSON as text. */
export function textOf(record: Pick<LogRecord, 'bytes'>): string {
  return Buffer.from(record.bytes).toString();
}
