import { expect, test } from 'vitest';
import { FaultyStorage } from './faulty-storage.ts';
import { dropExpired } from './retention.ts';
import { segmentName } from './segment-names.ts';

/** Two closed segments and an open one with so many bytes, of which retention wants nothing kept; what is left closed. */
function dropAll(
  openBytes: number,
  closedAt: number | undefined,
  retention: { ageMs: number; bytes: number },
) {
  const storage = new FaultyStorage(() => 0);
  const bases = [0, 10];
  for (const base of bases) storage.append(segmentName(base), new Uint8Array(100));
  if (openBytes > 0) storage.append(segmentName(20), new Uint8Array(openBytes));
  const firstKept: number[] = [];
  const kept = dropExpired({
    segments: bases.map((base) => ({ base, closedAt })),
    open: { base: 20, bytes: openBytes },
    retention,
    now: 1_000,
    storage,
    beforeDrop: (base) => firstKept.push(base),
    report: { damage() {}, dropped() {}, notice() {} },
  });
  return { kept: kept.map(({ base }) => base), firstKept, files: storage.list().toSorted() };
}

const BY_SIZE = { ageMs: Number.POSITIVE_INFINITY, bytes: 0 };
const BY_AGE = { ageMs: 1, bytes: Number.POSITIVE_INFINITY };

test.each([
  ['size', undefined, BY_SIZE],
  ['age', 0, BY_AGE],
])(
  'the newest closed segment is kept, whatever its %s, until the open one has a file',
  (_, closedAt, retention) => {
    const withoutFile = dropAll(0, closedAt, retention);
    expect(withoutFile).toEqual({ kept: [10], firstKept: [10], files: [segmentName(10)] });
    const withFile = dropAll(1, closedAt, retention);
    expect(withFile).toEqual({ kept: [], firstKept: [10, 20], files: [segmentName(20)] });
  },
);

test('a segment whose age is unknown is kept, with all that is behind it, until the size demands that it goes', () => {
  expect(dropAll(1, undefined, BY_AGE).kept).toEqual([0, 10]);
  expect(dropAll(1, undefined, { ...BY_AGE, bytes: 150 }).kept).toEqual([10]);
});
