import { expect, test } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { newRecord } from '../event-log.contract.ts';
import { readAll } from '../read-all.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { openInMemory } from './open-in-memory.ts';

interface Read {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
}

/** Storage that notes what is read. */
class WatchedStorage extends FaultyStorage {
  #reads: Read[] = [];

  override read(name: string, offset: number, into: Uint8Array): number {
    const bytes = super.read(name, offset, into);
    this.#reads.push({ name, offset, bytes });
    return bytes;
  }

  /** Since the last call. */
  reads(ending: '.log' | '.idx'): readonly Read[] {
    const reads = this.#reads.filter(({ name }) => name.endsWith(ending));
    this.#reads = [];
    return reads;
  }
}

const KB = 1024;
const bytesOf = (reads: readonly Read[]) => reads.reduce((sum, { bytes }) => sum + bytes, 0);
/** An index is read from behind its checksum on to compare it; nothing else is read from there. */
const checksOf = (reads: readonly Read[]) => reads.filter(({ offset }) => offset === 8);
const filling = (bytes: number) => [`"${'x'.repeat(bytes)}"`];

/** A log of many segments with a few records each, all of one source but the first. */
async function manySegments() {
  const storage = new WatchedStorage(() => 0);
  const { log, reader } = openInMemory({ storage, clock: systemClock, segmentBytes: 1_000 });
  for (let at = 0; at < 100; at += 1)
    await log.append([newRecord(`id-${at}`, { source: at === 0 ? 'rare' : 'site' })]);
  const closed = storage.list().filter((name) => name.endsWith('.idx')).length;
  expect(closed).toBeGreaterThan(10);
  storage.reads('.log');
  return { storage, log, reader, closed };
}

/** Some 2 MB of records of 1 KB, all of one source but each 500th; in one segment, closed when told so. */
async function oneSegment(isClosed: boolean) {
  const storage = new WatchedStorage(() => 0);
  const segmentBytes = isClosed ? 2_000 * KB : 8_000 * KB;
  const { log, reader } = openInMemory({ storage, clock: systemClock, segmentBytes });
  const records = Array.from({ length: 1_900 }, (_, at) =>
    newRecord(`id-${at}`, { source: at % 500 === 0 ? 'rare' : 'site', pieces: filling(KB - 100) }),
  );
  await log.append(records);
  if (isClosed) await log.append([newRecord('other', { pieces: filling(300 * KB) })]);
  expect(storage.list().some((name) => name.endsWith('.idx'))).toBe(isClosed);
  storage.reads('.log');
  return { storage, log, reader };
}

test('an index is compared with its checksum once, whoever reads and looks up how often', async () => {
  const { storage, reader, closed } = await manySegments();
  const reading = () => reader.read({ partition: 0, from: 0, untilHead: true })[Symbol.asyncIterator]();
  const readers = [reading(), reading(), reading()];
  for (let step = 0; step < 50; step += 1) for (const each of readers) await each.next();
  for (let position = 0; position < 100; position += 1) reader.at(0, position);
  reader.find('site', 'id-7');
  expect(checksOf(storage.reads('.idx'))).toHaveLength(closed);
});

test('of an index that is known, few bytes are read', async () => {
  const { storage, reader, closed } = await manySegments();
  reader.find('site', 'id-7');
  storage.reads('.idx');
  expect(reader.find('site', 'nowhere')).toEqual([]);
  expect(bytesOf(storage.reads('.idx'))).toBeLessThan(closed * 100);
});

test('of segments that hold nothing of the sources asked for, the index alone is read', async () => {
  const { storage, reader } = await manySegments();
  expect((await readAll(reader, 0, new Set(['rare']))).map(({ messageId }) => messageId)).toEqual(['id-0']);
  // The first one, which holds it, and the open one, which has no index yet.
  expect(new Set(storage.reads('.log').map(({ name }) => name)).size).toBe(2);
});

test('of a closed segment, only what lies near the records of the sources asked for is read', async () => {
  const { storage, reader } = await oneSegment(true);
  const rare = await readAll(reader, 0, new Set(['rare', 'absent']));
  expect(rare.map(({ position }) => position)).toEqual([0, 500, 1_000, 1_500]);
  const [first] = storage.reads('.log');
  await readAll(reader, 1, new Set(['rare']));
  const read = storage.reads('.log').filter(({ name }) => name === first?.name);
  expect(bytesOf(read)).toBeLessThanOrEqual(3 * 16 * KB);
});

test.each([true, false])('one record is read with 16 KB at the most (closed: %s)', async (isClosed) => {
  const { storage, reader } = await oneSegment(isClosed);
  // Of the open segment somebody must have come by once.
  reader.at(0, 1_899);
  storage.reads('.log');
  for (let position = 0; position < 1_900; position += 13) {
    expect(reader.at(0, position)?.messageId).toBe(`id-${position}`);
    expect(bytesOf(storage.reads('.log'))).toBeLessThanOrEqual(16 * KB);
  }
});

test('a reader that comes by leaves notes: then a record of the open segment is found at once', async () => {
  const { storage, reader } = await oneSegment(false);
  await readAll(reader);
  storage.reads('.log');
  expect(reader.at(0, 1_234)?.messageId).toBe('id-1234');
  expect(bytesOf(storage.reads('.log'))).toBeLessThanOrEqual(16 * KB);
});

test('the open segment is searched for message IDs once, and then only what was appended since', async () => {
  const { storage, log, reader } = await oneSegment(false);
  expect(reader.find('site', 'id-1')).toHaveLength(1);
  await log.append([newRecord('new')]);
  storage.reads('.log');
  expect(reader.find('site', 'new')).toHaveLength(1);
  expect(reader.find('site', 'id-1')).toHaveLength(1);
  expect(bytesOf(storage.reads('.log'))).toBeLessThan(64 * KB);
});
