import { expect, test } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { seededRandom } from '../../platform/seeded-random.ts';
import { newRecord } from '../event-log.contract.ts';
import { readAll } from '../read-all.ts';
import { flipBits } from './bit-flips.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { writeAsNewer } from './newer-format.fixture.ts';
import { openInMemory } from './open-in-memory.ts';
import { readSegmentOpening } from './segment-recovery.ts';

const clock = systemClock;

/** A closed log of `count` records, one a group, in segments of a few each. */
async function filled(count: number, segmentBytes = 1000): Promise<FaultyStorage> {
  const storage = new FaultyStorage(() => 0);
  const { log } = openInMemory({ storage, clock, segmentBytes });
  for (let at = 0; at < count; at += 1) await log.append([newRecord(`id-${at}`)]);
  await log.close();
  return storage;
}

async function idsAfterRestart(storage: FaultyStorage, segmentBytes = 1000) {
  const opened = openInMemory({ storage, clock, segmentBytes });
  const ids = (await readAll(opened.reader)).map(({ messageId }) => messageId);
  return { ...opened, ids };
}

const idsUpTo = (count: number) => Array.from({ length: count }, (_, at) => `id-${at}`);
const segmentsOf = (storage: FaultyStorage) => storage.list().filter((name) => name.endsWith('.log'));

/** `npm run prove` flips 1,000. */
const FLIPS = Number(process.env.METAROUTER_PROVE_FLIPS ?? 100);

test(`each of ${FLIPS} flipped bits is found, nothing altered is read, and only the damaged record is lost`, {
  timeout: 30_000 + FLIPS * 50,
}, async () => {
  const findings = await flipBits(FLIPS, seededRandom(7), clock);
  process.stdout.write(
    `bit flips ${FLIPS}: ${findings.found} found, ${findings.altered} altered records read\n`,
  );
  expect(findings).toEqual({ flips: FLIPS, found: FLIPS, altered: 0, lostBeyond: 0, failedStarts: 0 });
});

test('a log cut at any byte of its last records opens with all whole ones, and goes on', async () => {
  const whole = await filled(6, 100_000);
  const [name = ''] = segmentsOf(whole);
  const size = whole.size(name);
  const recordBytes = Math.ceil(size / 6);
  for (let cut = size - 1; cut > size - 3 * recordBytes; cut -= 1) {
    const storage = whole.copy();
    storage.truncate(name, cut);
    const { ids, log } = await idsAfterRestart(storage, 100_000);
    expect(ids).toEqual(idsUpTo(ids.length));
    expect(ids.length).toBeGreaterThanOrEqual(1);
    await log.append([newRecord('next')]);
    expect((await readAll(log)).map(({ messageId }) => messageId)).toEqual([...ids, 'next']);
  }
});

test('a zeroed block loses the records it touches and no other', async () => {
  const whole = await filled(60, 100_000);
  const [name = ''] = segmentsOf(whole);
  for (let offset = 0; offset + 512 < whole.size(name); offset += 301) {
    const storage = whole.copy();
    storage.zero(name, offset, 512);
    const { ids, damage } = await idsAfterRestart(storage, 100_000);
    // A record takes about 100 bytes here, so 512 bytes touch at most seven.
    expect(ids.length).toBeGreaterThanOrEqual(60 - 7);
    expect(damage.length).toBeGreaterThan(0);
  }
});

test('a missing, an emptied and a duplicated segment cost their own records only', async () => {
  const whole = await filled(30);
  const names = segmentsOf(whole);
  expect(names.length).toBeGreaterThan(3);
  for (const change of ['missing', 'empty', 'duplicated'] as const) {
    const storage = whole.copy();
    const second = names[1] ?? '';
    const third = Number.parseInt(names[2] ?? '', 10);
    const lost = Array.from(
      { length: third - Number.parseInt(second, 10) },
      (_, at) => `id-${Number.parseInt(second, 10) + at}`,
    );
    const bytes = new Uint8Array(storage.size(second));
    storage.read(second, 0, bytes);
    if (change === 'missing') storage.remove(second);
    if (change === 'empty') storage.truncate(second, 0);
    if (change === 'duplicated') storage.append(`${second}.copy`, bytes);
    const { ids, damage } = await idsAfterRestart(storage);
    const expected = change === 'duplicated' ? idsUpTo(30) : idsUpTo(30).filter((id) => !lost.includes(id));
    expect(ids).toEqual(expected);
    expect(damage.length > 0).toBe(change !== 'duplicated');
  }
});

test('a missing or damaged index is no loss: the segment is read without it', async () => {
  for (const change of ['missing', 'flipped'] as const) {
    const storage = await filled(30);
    for (const name of storage.list().filter((each) => each.endsWith('.idx'))) {
      if (change === 'missing') storage.remove(name);
      else storage.flip(name, 100);
    }
    const { ids, reader } = await idsAfterRestart(storage);
    expect(ids).toEqual(idsUpTo(30));
    expect(reader.find('site', 'id-3').map(({ position }) => position)).toEqual([3]);
  }
});

test('damaged bytes are copied aside before the log goes on', async () => {
  const storage = await filled(5, 100_000);
  const [name = ''] = segmentsOf(storage);
  storage.truncate(name, storage.size(name) - 3);
  const quarantine = new FaultyStorage(() => 0);
  openInMemory({ storage, clock, quarantine });
  expect(quarantine.list()).toHaveLength(1);
  expect(quarantine.size(quarantine.list()[0] ?? '')).toBeGreaterThan(50);
});

test('a log that a newer release wrote is refused and left as it is', async () => {
  const storage = await filled(2, 100_000);
  const [name = ''] = segmentsOf(storage);
  const before = storage.size(name);
  writeAsNewer(storage, name);
  expect(() => openInMemory({ storage, clock })).toThrow(/newer release/);
  expect(storage.size(name)).toBeGreaterThan(before);
});

test('a record damaged at the very end keeps its place: the gap shows, and its position is not given out again', async () => {
  const storage = await filled(3, 100_000);
  const [name = ''] = segmentsOf(storage);
  storage.flip(name, storage.size(name) * 8 - 20);
  // Nor is it by the start after one that wrote nothing.
  await idsAfterRestart(storage, 100_000);
  const { ids, log, damage } = await idsAfterRestart(storage, 100_000);
  expect(ids).toEqual(['id-0', 'id-1']);
  // By the recovery, and by the first who reads that far.
  expect(damage.map(({ kind }) => kind)).toEqual(['damaged', 'damaged']);
  await log.append([newRecord('next')]);
  const last = (await readAll(log)).at(-1);
  expect(last).toMatchObject({ messageId: 'next', position: 3, sequence: 4 });
});

test('the opening of a log with a thousand sources is read whole', async () => {
  const storage = new FaultyStorage(() => 0);
  const first = openInMemory({ storage, clock, segmentBytes: 200_000 });
  const sources = Array.from({ length: 1000 }, (_, at) => `source-with-a-long-key-${at}`);
  for (let round = 0; round < 3; round += 1) {
    await first.log.append(sources.map((source) => newRecord(`${source}-${round}`, { source })));
  }
  const [, second = ''] = segmentsOf(storage);
  const opening = readSegmentOpening(storage, Number.parseInt(second, 10));
  expect(opening?.sequences.size).toBe(1000);
});

test('a damaged opening costs no record behind it its place, its sequence or its entry in the index', async () => {
  for (let bit = 0; bit < 60; bit += 1) {
    const storage = new FaultyStorage(() => 0);
    const first = openInMemory({ storage, clock, segmentBytes: 1_000 });
    for (let at = 0; at < 20; at += 1) await first.log.append([newRecord(`id-${at}`)]);
    await first.log.append([newRecord('only', { source: 'shop', pieces: ['x'.repeat(900)] })]);
    const last = segmentsOf(storage).at(-1) ?? '';
    storage.flip(last, 48 * 8 + bit);
    const { log, reader } = openInMemory({ storage, clock, segmentBytes: 1_000 });
    await log.append([newRecord('more', { source: 'shop' })]);
    const found = await readAll(reader, 0, new Set(['shop']));
    expect(found.map(({ messageId, sequence }) => `${messageId} ${sequence}`)).toEqual(['only 1', 'more 2']);
    expect(storage.list()).toContain(last.replace('.log', '.idx'));
  }
});

test('damage that cannot be copied aside, because the disk is full, stops nothing', async () => {
  const storage = await filled(5, 100_000);
  const [name = ''] = segmentsOf(storage);
  storage.truncate(name, storage.size(name) - 3);
  const quarantine = new FaultyStorage(() => 0);
  quarantine.failAt({ at: 1, kind: 'full' });
  const { log } = openInMemory({ storage, clock, quarantine });
  expect(await log.append([newRecord('next')])).toEqual({ kind: 'stored' });
});
