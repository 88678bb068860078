import fc from 'fast-check';
import { expect, test } from 'vitest';
import { systemClock } from '../../platform/clock.ts';
import { seededRandom } from '../../platform/seeded-random.ts';
import { naivePlace, randomRecords } from '../log-reader.contract.ts';
import { readAll } from '../read-all.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { type LogInMemory, openInMemory } from './open-in-memory.ts';

const shape = fc.record({
  seed: fc.nat(),
  records: fc.integer({ min: 1, max: 120 }),
  segmentBytes: fc.constantFrom(500, 3_000, 20_000, 1_000_000),
  keptBytes: fc.constantFrom(5_000, 40_000, Number.POSITIVE_INFINITY),
  restarts: fc.boolean(),
});

type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never;

/** A log with random records, and maybe a restart half-way. */
async function filled({ seed, records, segmentBytes, keptBytes, restarts }: Shape) {
  const storage = new FaultyStorage(() => 0);
  const retention = { ageMs: Number.POSITIVE_INFINITY, bytes: keptBytes };
  const open = () => openInMemory({ storage, clock: systemClock, segmentBytes, retention });
  let opened = open();
  const all = randomRecords(records, seededRandom(seed));
  for (const [at, record] of all.entries()) {
    if (restarts && at === Math.floor(all.length / 2)) opened = open();
    await opened.log.append([record]);
  }
  return { storage, open, opened, all };
}

/** Reads one source, and says whether the reader came to the head. */
async function readSource({ reader }: LogInMemory, source: string) {
  const positions: number[] = [];
  let next = reader.first();
  const options = { partition: 0, from: 0, untilHead: true, sources: new Set([source]) };
  for await (const batch of reader.read(options)) {
    positions.push(...batch.records.map(({ position }) => position));
    next = batch.next;
  }
  return { positions, isAtHead: next === reader.head() };
}

test('looking up agrees with reading all, whatever the segments and what was dropped', async () => {
  await fc.assert(
    fc.asyncProperty(shape, fc.nat(), async (drawn, pick) => {
      const { opened, all } = await filled(drawn);
      const { reader } = opened;
      const left = await readAll(reader);
      const head = all.length;
      expect(left.map(({ position }) => position)).toEqual(
        Array.from({ length: head - reader.first() }, (_, at) => reader.first() + at),
      );
      for (let position = 0; position < head; position += 1)
        expect(reader.at(0, position)).toEqual(left[position - reader.first()]);
      const { source, messageId, receivedAt } = all[pick % all.length] ?? {
        source: '',
        messageId: '',
        receivedAt: 0,
      };
      const same = left.filter((record) => record.source === source && record.messageId === messageId);
      expect(reader.find(source, messageId)).toEqual(same);
      // Sequences count what was dropped as well.
      const given = new Map<string, number>();
      const { position } = naivePlace(left, head, receivedAt);
      for (const record of all.slice(0, position))
        given.set(record.source, (given.get(record.source) ?? 0) + 1);
      expect(reader.placeAt(0, receivedAt)).toEqual({ position, sequences: given });
      const ofSource = left.filter((record) => record.source === source).map((record) => record.position);
      expect(await readSource(opened, source)).toEqual({ positions: ofSource, isAtHead: true });
    }),
    { numRuns: 100 },
  );
});

test('damage anywhere hides a record from all ways of reading alike, and is told by the one that comes to it', async () => {
  await fc.assert(
    fc.asyncProperty(shape, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), async (drawn, bits) => {
      const { storage, open, all } = await filled({ ...drawn, restarts: false });
      const names = storage.list();
      for (const bit of bits) {
        const name = names[bit % names.length] ?? '';
        if (storage.size(name) > 0) storage.flip(name, bit % (storage.size(name) * 8));
      }
      const afterwards = open();
      const { reader } = afterwards;
      const left = await readAll(reader);
      const whole = new Map(left.map((record) => [record.position, record]));
      for (let position = 0; position < all.length; position += 1)
        expect(reader.at(0, position)).toEqual(whole.get(position));
      for (const { source, messageId, receivedAt } of left) {
        const same = left.filter((record) => record.source === source && record.messageId === messageId);
        expect(reader.find(source, messageId)).toEqual(same);
        const place = reader.placeAt(0, receivedAt);
        const naive = naivePlace(left, reader.head(), receivedAt);
        expect(place.position).toBe(naive.position);
        for (const [each, last] of naive.sequences)
          expect(place.sequences.get(each)).toBeGreaterThanOrEqual(last);
      }
      for (const source of new Set(all.map((record) => record.source))) {
        const fresh = open();
        const ofSource = left.filter((record) => record.source === source).map(({ position }) => position);
        expect(await readSource(fresh, source)).toEqual({ positions: ofSource, isAtHead: true });
        const isGone = all.some(
          (record, at) => record.source === source && at >= reader.first() && !whole.has(at),
        );
        if (isGone) expect(fresh.damage.length + afterwards.damage.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 100 },
  );
});
