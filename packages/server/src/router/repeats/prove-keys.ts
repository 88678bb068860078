import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FileStorage } from '../../log/segments/file-storage.ts';
import { seededRandom } from '../../platform/seeded-random.ts';
import { KeyStore, REPEATS_SCHEMA } from './key-store.ts';
import { Repeats } from './repeats.ts';

/**
 * A process of its own for one measurement: remembers as many new message ids as its argument says, as a server under
 * full load does, and prints what that took as JSON.
 */

/** Events between two commits: 12,000 a second. */
const EVENTS_PER_COMMIT = 1_200;
const SOURCES = ['Website000000000000ab', 'AndroidApp0000000000a', 'Billing', 'iOS'];
const START = 1_800_000_000_000;

const keys = Number(process.argv[2]);
const directory = mkdtempSync(join(tmpdir(), 'keys-'));
const db = new DatabaseSync(join(directory, 'keys.sqlite'));
db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; ${REPEATS_SCHEMA}`);
const store = new KeyStore(db);
const begin = () =>
  new Repeats({
    storage: new FileStorage(join(directory, 'repeats'), 'write'),
    windowMs: 86_400_000,
    kept: store.load(0),
    report: (...line) => process.stderr.write(`${JSON.stringify(line)}\n`),
  });

const random = seededRandom(1);
const part = () => Math.floor(random() * 2 ** 32).toString(16);
/** Texts as a server gets them: fresh from bytes. */
const newIds = () =>
  Array.from({ length: EVENTS_PER_COMMIT }, () =>
    Buffer.from(`${part()}-${part()}-${part()}-${part()}`).toString(),
  );

/** What this thread has used of a processor, in microseconds: what others do on the machine does not count. */
function used(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

const repeats = begin();
newIds();
const before = process.memoryUsage().rss;
const sums = { asking: 0, committing: 0, longestCommit: 0, lastMillion: 0, repeats: 0 };
let ids: string[] = [];
for (let done = 0; done < keys; done += EVENTS_PER_COMMIT) {
  ids = newIds();
  const receivedAt = START + done / 12;
  const started = used();
  for (const [number, id] of ids.entries()) {
    if (repeats.isRepeat(SOURCES[number % SOURCES.length] ?? '', id, receivedAt)) sums.repeats += 1;
  }
  const asked = used();
  db.exec('BEGIN');
  const step = repeats.step();
  if (step !== undefined) store.save(0, step);
  db.exec('COMMIT');
  repeats.committed();
  const committed = used();
  sums.asking += asked - started;
  if (keys - done <= 1_000_000) sums.lastMillion += asked - started;
  sums.committing += committed - asked;
  sums.longestCommit = Math.max(sums.longestCommit, committed - asked);
}
const growth = process.memoryUsage().rss - before;
repeats.close();

const opening = used();
const again = begin();
const startMs = (used() - opening) / 1_000;
const known = ids.filter((id, number) =>
  again.isRepeat(SOURCES[number % SOURCES.length] ?? '', id, START),
).length;
db.close();
rmSync(directory, { recursive: true });

process.stdout.write(
  JSON.stringify({
    growthMb: growth / 1_000_000,
    microsecondsPerKey: sums.asking / keys,
    microsecondsPerKeyAtEnd: sums.lastMillion / Math.min(keys, 1_000_000),
    microsecondsToCommitAKey: sums.committing / keys,
    longestCommitMs: sums.longestCommit / 1_000,
    startMs,
    mistaken: sums.repeats + ids.length - known,
  }),
);
