import { expect, test } from 'vitest';
import { fileName } from './key-file.ts';
import { FIXED_BYTES } from './key-file-format.ts';
import { dataDirectory, ids, verdicts } from './repeats.fixture.ts';

/** A run with some groups. */
const KEYS = 300;
const FILE = fileName(1);
const ALL = ids(KEYS);

/** A data directory with the ids in a file, and one more that is in none. */
function withFile() {
  const directory = dataDirectory({ runKeysMax: KEYS });
  const repeats = directory.start();
  verdicts(repeats, [...ALL, 'open']);
  directory.commit(repeats);
  return directory;
}

/** The same, on a disk that is then changed. */
function withDamage(damage: (disk: ReturnType<typeof withFile>['storage']) => void) {
  const { storage, store } = withFile();
  const directory = dataDirectory({ runKeysMax: KEYS, storage: storage.copy() });
  const { seed = new Uint8Array(), chunks, filed } = store.load(0);
  directory.store.save(0, { seed, chunks, runs: { filed, unfiled: [2] } });
  damage(directory.storage);
  return directory;
}

const size = withFile().storage.size(FILE);
const PLACES = Array.from({ length: size }, (_, at) => at).filter((at) => at < FIXED_BYTES || at % 41 === 0);

test.each([
  ['is missing', [(disk) => disk.remove(FILE)]],
  ['is empty', [(disk) => disk.truncate(FILE, 0)]],
  ['has lost its end', [(disk) => disk.truncate(FILE, size - 1)]],
  ['has a longer end', [(disk) => disk.append(FILE, new Uint8Array(16))]],
  ['is all zeros', [(disk) => disk.zero(FILE, 0, size)]],
  ['has lost a block', [0, 512, 1_024, 4_096].map((at) => (disk) => disk.zero(FILE, at, 512))],
  ['has one other bit', PLACES.map((at) => (disk) => disk.flip(FILE, at * 8 + (at % 8)))],
] satisfies [string, Parameters<typeof withDamage>[0][]][])(
  'a file that %s costs its keys at most: it is reported, and nothing new is taken for a repeat',
  (_, damages) => {
    for (const damage of damages) {
      const { storage, reports, start, commit } = withDamage(damage);
      const repeats = start();
      expect(verdicts(repeats, ids(KEYS, KEYS))).not.toContain(true);
      // The first look at a damaged group loses the file, the second routes what was in it once more.
      verdicts(repeats, ALL);
      verdicts(repeats, ALL);
      expect(verdicts(repeats, [...ALL, 'open'])).not.toContain(false);
      const damaged = ['error', expect.stringContaining('damaged'), expect.objectContaining({ file: FILE })];
      expect(reports).toEqual([damaged]);
      commit(repeats);
      expect(storage.list()).not.toContain(FILE);
      expect(verdicts(start(), [...ALL, 'open'])).not.toContain(false);
      expect(reports).toHaveLength(1);
    }
  },
);

test('a file is read back as it was written, and those that no commit names are removed', () => {
  const { storage, reports, start } = withFile();
  storage.append(fileName(2), new Uint8Array(100));
  storage.append('something else', new Uint8Array(100));
  expect(verdicts(start(), [...ALL, 'open'])).not.toContain(false);
  expect(storage.list()).toEqual([FILE]);
  expect(reports).toEqual([]);
});

/** The calls by which a file is written: the second, third and fourth that change the disk. */
const WRITING = { append: 2, sync: 3, syncNames: 4 };

test.each(
  Object.entries(WRITING).flatMap(([call, at]) => [
    [call, at, 'full'] as const,
    [call, at, 'error'] as const,
  ]),
)(
  'when %s (call %i) fails (%s), ids stay in memory and in their rows until a file can be written',
  (_, at, kind) => {
    const { storage, store, reports, start, commit } = dataDirectory();
    const repeats = start();
    verdicts(repeats, ids(7));
    storage.failAt({ at, kind });
    for (let step = 0; step < 100; step += 1) {
      commit(repeats);
      expect(verdicts(repeats, ids(7))).not.toContain(false);
    }
    expect(reports).toEqual([['warn', expect.stringContaining('could not be written'), expect.anything()]]);
    expect([storage.list(), store.load(0).filed]).toEqual([[], []]);
    expect(verdicts(start(), ids(7))).not.toContain(false);
    commit(repeats);
    commit(repeats);
    expect(store.load(0).filed).toEqual([1, 2]);
    expect(store.load(0).chunks.map(({ run }) => run)).toEqual([3]);
    storage.crash();
    expect(verdicts(start(), ids(7))).not.toContain(false);
    expect(reports).toHaveLength(1);
  },
);

test('a step that could not be committed is followed by one that holds all of it', () => {
  const { store, storage, start } = dataDirectory();
  const repeats = start();
  verdicts(repeats, ids(5));
  repeats.step();
  verdicts(repeats, ids(9));
  repeats.step();
  verdicts(repeats, ids(10));
  const step = repeats.step();
  if (step !== undefined) store.save(0, step);
  storage.crash();
  expect(verdicts(start(), ids(10))).not.toContain(false);
});

test('files that a commit has done with stay until it is durable', () => {
  const { storage, store, start } = withFile();
  const repeats = start();
  // So late that the file is of no use, seen from both of the runs after it.
  const late = store.load(0).chunks[0]?.base ?? 0;
  verdicts(repeats, ['a'], late + 3 * 86_400_000);
  verdicts(repeats, ['b'], late + 6 * 86_400_000);
  repeats.step();
  expect(storage.list()).toContain(FILE);
  repeats.committed();
  expect(storage.list()).not.toContain(FILE);
});

test('on a disk that stays full, memory is bounded: the oldest ids are forgotten, and it is said', () => {
  const { storage, reports, start } = dataDirectory();
  const repeats = start();
  for (let run = 0; run < 20; run += 1) {
    verdicts(repeats, ids(3, run * 3));
    storage.failAt({ at: WRITING.append, kind: 'full' });
    repeats.step();
  }
  expect(reports.map(([, message]) => message)).toEqual([
    expect.stringContaining('could not be written'),
    ...Array.from({ length: 3 }, () => expect.stringContaining('there were too many')),
  ]);
  expect(verdicts(repeats, ids(51, 9))).not.toContain(false);
  expect(verdicts(repeats, ids(9))).not.toContain(true);
});
