import { DatabaseSync } from 'node:sqlite';
import { FaultyStorage } from '../../log/segments/faulty-storage.ts';
import { seededRandom } from '../../platform/seeded-random.ts';
import type { Report } from '../messages.ts';
import { KeyStore, REPEATS_SCHEMA } from './key-store.ts';
import { Repeats } from './repeats.ts';

/** In milliseconds. */
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Some time. */
export const NOW = 1_800_000_000_000;

/** A data directory, and the lives that are led on it. */
export function dataDirectory({
  windowMs = DAY,
  runKeysMax = 3,
  storage = new FaultyStorage(seededRandom(1)),
} = {}) {
  const db = new DatabaseSync(':memory:');
  db.exec(REPEATS_SCHEMA);
  const store = new KeyStore(db);
  const reports: Parameters<Report>[] = [];
  return {
    storage,
    store,
    reports,
    /** Begins a life with what is committed. */
    start: (ofWindowMs = windowMs) =>
      new Repeats({
        storage,
        windowMs: ofWindowMs,
        runKeysMax,
        kept: store.load(0),
        report: (...line) => reports.push(line),
      }),
    /** Does what a commit does, but for the transaction. */
    commit: (repeats: Repeats) => {
      const step = repeats.step();
      if (step !== undefined) store.save(0, step);
      repeats.committed();
    },
  };
}

/** Whether each of these is a repeat, of one source and at one time. */
export function verdicts(repeats: Repeats, ids: readonly string[], receivedAt = NOW): boolean[] {
  return ids.map((id) => repeats.isRepeat('s', id, receivedAt));
}

/** Message ids. */
export function ids(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, number) => `id-${from + number}`);
}
