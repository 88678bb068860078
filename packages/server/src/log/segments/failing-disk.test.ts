import { expect, test } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { seededRandom } from '../../platform/seeded-random.ts';
import { newRecord } from '../event-log.contract.ts';
import { readAll } from '../read-all.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { openInMemory } from './open-in-memory.ts';

const clock = systemClock;
const SEGMENT_BYTES = 1500;

test('after the first failed call that is no lack of room nothing more is acknowledged, and nothing acknowledged is lost', async () => {
  for (let at = 1; at <= 200; at += 1) {
    const storage = new FaultyStorage(() => 0.5);
    storage.failAt({ at, kind: 'error' });
    const acknowledged: string[] = [];
    let failures = 0;
    let acknowledgedAfter = 0;
    const { log } = openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES });
    for (let record = 0; record < 120; record += 1) {
      try {
        await log.append([newRecord(`id-${record}`)]);
        acknowledged.push(`id-${record}`);
        if (failures > 0) acknowledgedAfter += 1;
      } catch {
        failures += 1;
      }
    }
    expect({ at, acknowledgedAfter, failed: failures > 0 }).toEqual({
      at,
      acknowledgedAfter: 0,
      failed: true,
    });
    storage.crash();
    const { reader } = openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES });
    const kept = new Set((await readAll(reader)).map(({ messageId }) => messageId));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  }
});

test('a full disk refuses the whole group at any write, and the log goes on by itself', async () => {
  for (let at = 1; at <= 60; at += 1) {
    const storage = new FaultyStorage(() => 0.5);
    const { log, reader } = openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES });
    const stored: string[] = [];
    for (let group = 0; group < 40; group += 1) {
      if (group === 3) storage.failAt({ at, kind: 'full' });
      const ids = [`${group}-a`, `${group}-b`];
      // A sync or a truncation that claims a lack of room is a failed disk, not a full one.
      const result = await log.append(ids.map((id) => newRecord(id))).catch(() => undefined);
      if (result === undefined) break;
      if (result.kind === 'stored') stored.push(...ids);
      else expect(result.why).toBe('disk_full');
    }
    expect((await readAll(reader)).map(({ messageId }) => messageId)).toEqual(stored);
  }
});

test('below the reserve nothing is accepted; with room again it is, without a restart', async () => {
  const storage = new FaultyStorage(() => 0);
  let now = 0;
  const ticking = { ...clock, monotonic: () => now };
  const { log } = openInMemory({ storage, clock: ticking, diskReserveBytes: 1000 });
  const steps = [
    { freeBytes: 2000, answer: { kind: 'stored' } },
    { freeBytes: 999, answer: { kind: 'refused', why: 'disk_full' } },
    { freeBytes: 1000, answer: { kind: 'stored' } },
  ];
  for (const { freeBytes, answer } of steps) {
    storage.freeBytes = freeBytes;
    now += 1000;
    expect(await log.append([newRecord(`at-${now}`)])).toEqual(answer);
  }
});

test('retention drops whole segments from the oldest on, and readers go on at what is left', async () => {
  const storage = new FaultyStorage(() => 0);
  const retention = { ageMs: Number.POSITIVE_INFINITY, bytes: 4000 };
  const { log, reader, dropped } = openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES, retention });
  for (let at = 0; at < 100; at += 1) await log.append([newRecord(`id-${at}`)]);
  expect(dropped.length).toBeGreaterThan(2);
  const left = await readAll(reader);
  expect(left[0]?.position).toBe(reader.first());
  expect(left.at(-1)?.messageId).toBe('id-99');
  expect(left.at(-1)?.sequence).toBe(100);
  // The sequences of what was dropped are still known after a restart.
  const again = openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES, retention });
  expect(again.log.sequences()).toEqual(new Map([['site', 100]]));
});

test('the last file is kept until the next one is durable: positions and sequences never start over', async () => {
  const retention = { ageMs: Number.POSITIVE_INFINITY, bytes: 0 };
  for (let at = 1; at <= 40; at += 1) {
    const storage = new FaultyStorage(() => 0);
    const open = () => openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES, retention });
    const { log } = open();
    await log.append([newRecord('first')]);
    storage.failAt({ at, kind: 'crash' });
    let acknowledged = 1;
    for (let more = 0; more < 40; more += 1) {
      const result = await log.append([newRecord(`id-${more}`)]).catch(() => undefined);
      if (result === undefined) break;
      acknowledged += 1;
    }
    storage.crash();
    const again = open();
    expect(again.reader.head()).toBeGreaterThanOrEqual(acknowledged);
    expect(again.log.sequences().get('site')).toBeGreaterThanOrEqual(acknowledged);
  }
});

test('with a full disk as well, the last file is kept until there is a next one', async () => {
  const retention = { ageMs: Number.POSITIVE_INFINITY, bytes: 0 };
  for (let at = 1; at <= 40; at += 1) {
    const storage = new FaultyStorage(() => 0);
    const open = () => openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES, retention });
    const { log, writer } = open();
    storage.failAt({ at, kind: 'full' });
    let acknowledged = 0;
    for (let more = 0; more < 40; more += 1) {
      const result = await log.append([newRecord(`id-${more}`)]).catch(() => undefined);
      if (result?.kind !== 'stored') break;
      acknowledged += 1;
    }
    writer.enforceRetention();
    storage.crash();
    expect(open().reader.head()).toBeGreaterThanOrEqual(acknowledged);
  }
});

test('what was dropped comes back after a crash with all that is behind it, or not at all', async () => {
  const all = { ageMs: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
  for (let seed = 1; seed <= 40; seed += 1) {
    const storage = new FaultyStorage(seededRandom(seed));
    const open = (retention = all) =>
      openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES, retention });
    const { log } = open();
    for (let at = 0; at < 80; at += 1) await log.append([newRecord(`id-${at}`)]);
    const { writer } = open({ ...all, bytes: 0 });
    storage.failAt({ at: seed % 14, kind: 'crash' });
    expect(() => {
      writer.enforceRetention();
      storage.failAt({ at: 1, kind: 'crash' });
      storage.syncNames();
    }).toThrow('killed');
    storage.crash();
    const { reader, damage } = open();
    const positions = (await readAll(reader)).map(({ position }) => position);
    expect(positions).toEqual(Array.from({ length: 80 - reader.first() }, (_, at) => reader.first() + at));
    expect(damage).toEqual([]);
  }
});
