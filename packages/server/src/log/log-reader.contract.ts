import { expect, test } from 'vitest';
import type { Random } from '../platform/clock.ts';
import { seededRandom } from '../platform/seeded-random.ts';
import type { LogPlace, LogReader, LogRecord, NewRecord } from './event-log.ts';
import { readAll } from './read-all.ts';

/** A log that holds these records and nothing else. */
export interface FilledLog {
  readonly reader: LogReader;
  readonly remove: () => Promise<void>;
}

const RECORDS = 150;
const MINUTE = 60_000;
const START = 1_700_000_000_000;
const SOURCES = ['site', 'shop', 'app', 'seldom'];

/** Records of a few sources, one of them rare, some with an ID that was there before. `receivedAt` only ever grows. */
export function randomRecords(count: number, random: Random): NewRecord[] {
  let receivedAt = START;
  return Array.from({ length: count }, (_, at) => {
    if (random() < 0.3) receivedAt += Math.floor(random() * MINUTE);
    const source = SOURCES[random() < 0.02 ? 3 : Math.floor(random() * 3)] ?? '';
    const messageId = `id-${random() < 0.1 ? Math.floor(random() * at) : at}`;
    const pieces = [`"${'x'.repeat(Math.floor(random() ** 4 * 4_000))}"`];
    return { source, orderKey: `user-${at % 9}`, messageId, receivedAt, pieces };
  });
}

/** What `placeAt` promises, worked out the plain way over what a whole reading gave. */
export function naivePlace(all: readonly LogRecord[], head: number, time: number): LogPlace {
  const position = all.find(({ receivedAt }) => receivedAt >= time)?.position ?? head;
  const sequences = new Map<string, number>();
  for (const record of all) if (record.position < position) sequences.set(record.source, record.sequence);
  return { position, sequences };
}

const every = <T>(step: number, list: readonly T[]) => list.filter((_, at) => at % step === 0);

/** What every implementation of `LogReader` promises. Call it in a test file with a way to make a filled one. */
export function logReaderContract(
  name: string,
  fill: (records: readonly NewRecord[]) => Promise<FilledLog>,
): void {
  const withRecords = (
    title: string,
    seed: number,
    body: (reader: LogReader, all: LogRecord[]) => void | Promise<void>,
  ) =>
    test(`${name}: ${title}`, async () => {
      const { reader, remove } = await fill(randomRecords(RECORDS, seededRandom(seed)));
      try {
        const all = await readAll(reader);
        expect(all).toHaveLength(RECORDS);
        await body(reader, all);
      } finally {
        await remove();
      }
    });

  withRecords('each record is found by its position, in any order, and may be kept', 1, (reader, all) => {
    const shuffled = all.toSorted((one, other) => one.messageId.localeCompare(other.messageId));
    const got = shuffled.map(({ position }) => reader.at(0, position));
    expect(got).toEqual(shuffled);
  });

  withRecords('where no record is, none is found', 2, (reader) => {
    expect(reader.at(0, -1)).toBeUndefined();
    expect(reader.at(0, reader.head(0))).toBeUndefined();
    expect(reader.at(0, reader.head(0) + 1_000)).toBeUndefined();
  });

  withRecords(
    'all records of a source with a message ID are found, oldest first, and no other',
    3,
    (reader, all) => {
      for (const { source, messageId } of every(4, all)) {
        const same = all.filter((record) => record.source === source && record.messageId === messageId);
        expect(reader.find(source, messageId)).toEqual(same);
      }
      expect(reader.find('site', 'nowhere')).toEqual([]);
      expect(reader.find('nobody', 'id-0')).toEqual([]);
    },
  );

  withRecords(
    'the place of a time is in front of the first record received then or later',
    4,
    (reader, all) => {
      const head = reader.head(0);
      for (const { receivedAt } of every(11, all)) {
        for (const time of [receivedAt - 1, receivedAt, receivedAt + 1])
          expect(reader.placeAt(0, time)).toEqual(naivePlace(all, head, time));
      }
      expect(reader.placeAt(0, 0)).toEqual({ position: 0, sequences: new Map() });
      expect(reader.placeAt(0, START * 2).position).toBe(head);
    },
  );

  withRecords(
    'from any position on, the records of some sources are read as if all were and others left out',
    5,
    async (reader, all) => {
      for (const wanted of [['seldom'], ['site', 'seldom'], ['nobody'], SOURCES]) {
        for (let from = 0; from <= all.length; from += 37) {
          const sources = new Set(wanted);
          const expected = all.filter((record) => record.position >= from && sources.has(record.source));
          expect(await readAll(reader, from, sources)).toEqual(expected);
        }
      }
    },
  );

  withRecords('whatever is read, readers come to the head', 6, async (reader) => {
    for (const sources of [new Set(['seldom']), new Set(['nobody'])]) {
      let at = 0;
      for await (const { next } of reader.read({ partition: 0, from: 0, untilHead: true, sources })) {
        expect(next).toBeGreaterThan(at);
        at = next;
      }
      expect(at).toBe(reader.head(0));
    }
  });
}
