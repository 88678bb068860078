import { expect, test } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { newRecord } from '../event-log.contract.ts';
import { readAll } from '../read-all.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { openInMemory } from './open-in-memory.ts';

/** Storage that notes which files are read. */
class WatchedStorage extends FaultyStorage {
  readonly #filesRead: string[] = [];

  override read(name: string, offset: number, into: Uint8Array): number {
    this.#filesRead.push(name);
    return super.read(name, offset, into);
  }

  /** Since the last call. */
  filesRead(ending: '.log' | '.idx'): readonly string[] {
    return this.#filesRead.splice(0).filter((name) => name.endsWith(ending));
  }
}

/** A log of many segments with a few records each, all of one source but the first. */
async function opened() {
  const storage = new WatchedStorage(() => 0);
  const { log, reader } = openInMemory({ storage, clock: systemClock, segmentBytes: 1_000 });
  for (let at = 0; at < 100; at += 1)
    await log.append([newRecord(`id-${at}`, { source: at === 0 ? 'rare' : 'site' })]);
  const segments = storage.list().filter((name) => name.endsWith('.log')).length;
  storage.filesRead('.log');
  return { storage, log, reader, segments };
}

test('only the indexes used last are kept, however many segments are read', async () => {
  const { storage, reader, segments } = await opened();
  expect(segments).toBeGreaterThan(10);
  await readAll(reader);
  const indexes = storage.filesRead('.idx');
  expect(indexes).toHaveLength(segments - 1);
  await readAll(reader);
  expect(storage.filesRead('.idx')).toEqual(indexes);
});

test('readers near each other read an index once', async () => {
  const { storage, reader, segments } = await opened();
  const reading = () => reader.read({ partition: 0, from: 0, untilHead: true })[Symbol.asyncIterator]();
  const readers = [reading(), reading(), reading()];
  for (let step = 0; step < 200; step += 1) for (const each of readers) await each.next();
  expect(storage.filesRead('.idx')).toHaveLength(segments - 1);
});

test('of segments that hold nothing of the sources asked for, the index alone is read', async () => {
  const { storage, reader } = await opened();
  expect((await readAll(reader, 0, new Set(['rare']))).map(({ messageId }) => messageId)).toEqual(['id-0']);
  // The first one, which holds it, and the open one, which has no index yet.
  expect(new Set(storage.filesRead('.log')).size).toBe(2);
});
