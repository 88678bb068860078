import type { Clock } from '../../platform/clock.ts';
import { seededRandom } from '../../platform/seeded-random.ts';
import type { NewRecord } from '../event-log.ts';
import { readAll, textOf } from '../read-all.ts';
import { Crash, FaultyStorage } from './faulty-storage.ts';
import { type LogInMemory, openInMemory } from './open-in-memory.ts';

/** How often the log of one run is crashed and opened again. */
export const LIVES = 4;
/** A crash strikes at one of so many calls that change the disk: enough to see segments closed and indexed. */
const CALLS_UNTIL_CRASH_MAX = 60;
const SEGMENT_BYTES = 6000;
/** In half of the runs segments are dropped: all but so many at the most, in each life another number of them. */
const SEGMENTS_KEPT_MAX = 6;
const SOURCES = ['alpha', 'beta', 'gamma'];

/** An event that was acknowledged, and where it has to be. */
interface Acknowledged {
  readonly messageId: string;
  readonly position: number;
}

/** What one run found. Anything but zero behind `dropped` breaks the promise that a 200 means. */
export interface CrashFindings {
  readonly crashes: number;
  readonly acknowledged: number;
  /** How many of them retention dropped. */
  readonly dropped: number;
  /** How many of those that were not dropped are gone. */
  readonly lost: number;
  readonly altered: number;
  readonly repeated: number;
  readonly disordered: number;
  /** Records that are there and were not found through an index: by reading one source, or by their position. */
  readonly missed: number;
}

/**
 * Writes to the shipped log, kills it at a random call to the disk, loses any part of what was not synced, opens
 * it again and compares what is there with what had been acknowledged. One seed reproduces a run.
 *
 * @throws when the log cannot be opened after the last crash.
 */
export async function crashRepeatedly(seed: number, clock: Clock): Promise<CrashFindings> {
  const random = seededRandom(seed);
  const storage = new FaultyStorage(random);
  const sent = new Map<string, string>();
  const acknowledged: Acknowledged[] = [];
  let crashes = 0;
  let made = 0;
  const record = (): NewRecord => {
    const messageId = `${seed}-${made++}`;
    const filling = 'x'.repeat(Math.floor(random() * 900));
    const text = `{"messageId":"${messageId}","filling":"${filling}"}`;
    sent.set(messageId, text);
    const source = SOURCES[Math.floor(random() * SOURCES.length)] ?? 'alpha';
    return { source, orderKey: 'user', messageId, receivedAt: made, pieces: [text] };
  };
  const open = () => {
    const bytes = seed % 2 === 0 ? random() * SEGMENTS_KEPT_MAX * SEGMENT_BYTES : Number.POSITIVE_INFINITY;
    const retention = { ageMs: Number.POSITIVE_INFINITY, bytes };
    return openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES, retention });
  };
  let keptFrom = 0;
  for (let life = 0; life < LIVES; life += 1) {
    storage.failAt({ at: 1 + Math.floor(random() * CALLS_UNTIL_CRASH_MAX), kind: 'crash' });
    // A crash while the log recovers is one more crash, and the next life goes on from there.
    const opened = untilCrash(open);
    if (opened !== undefined) {
      await writeUntilCrash(opened, random, record, acknowledged);
      keptFrom = Math.max(keptFrom, opened.reader.first());
    }
    crashes += 1;
    storage.crash();
  }
  const { reader } = open();
  // What was dropped may be back after a crash, but then all behind it is: readers must not meet a hole.
  keptFrom = Math.min(keptFrom, reader.first());
  const kept = acknowledged.filter(({ position }) => position >= keptFrom);
  const dropped = acknowledged.length - kept.length;
  return { crashes, acknowledged: acknowledged.length, dropped, ...(await compare(reader, sent, kept)) };
}

async function writeUntilCrash(
  { log, writer }: LogInMemory,
  random: () => number,
  record: () => NewRecord,
  acknowledged: Acknowledged[],
): Promise<void> {
  const isAlive = untilCrash(() => {
    writer.enforceRetention();
    return true;
  });
  if (isAlive === undefined) return;
  for (;;) {
    const groups = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
      Array.from({ length: 1 + Math.floor(random() * 3) }, record),
    );
    let position = log.head();
    const settled = await Promise.allSettled(groups.map((group) => log.append(group)));
    for (const [at, result] of settled.entries()) {
      if (result.status === 'rejected') return expectCrash(result.reason);
      for (const { messageId } of groups[at] ?? []) acknowledged.push({ messageId, position: position++ });
    }
  }
}

async function compare(
  reader: LogInMemory['reader'],
  sent: ReadonlyMap<string, string>,
  kept: readonly Acknowledged[],
): Promise<Omit<CrashFindings, 'crashes' | 'acknowledged' | 'dropped'>> {
  const places = new Map<string, number>();
  const lastSequence = new Map<string, number>();
  let altered = 0;
  let repeated = 0;
  let disordered = 0;
  for (const record of await readAll(reader)) {
    if (sent.get(record.messageId) !== textOf(record)) altered += 1;
    if (places.has(record.messageId)) repeated += 1;
    places.set(record.messageId, record.position);
    if (record.sequence <= (lastSequence.get(record.source) ?? 0)) disordered += 1;
    lastSequence.set(record.source, record.sequence);
  }
  let lost = 0;
  for (const { messageId, position } of kept) {
    const place = places.get(messageId);
    if (place === undefined) lost += 1;
    else if (place !== position) disordered += 1;
  }
  let missed = places.size;
  for (const source of SOURCES) {
    const found = await readAll(reader, 0, new Set([source]));
    missed -= found.filter(
      ({ messageId, position }) => reader.at(0, position)?.messageId === messageId,
    ).length;
  }
  return { lost, altered, repeated, disordered, missed };
}

/** What the task returns; nothing when the storage crashed. Any other failure is a finding of its own. */
function untilCrash<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch (error) {
    expectCrash(error);
    return undefined;
  }
}

function expectCrash(error: unknown): void {
  if (!(error instanceof Crash)) throw error;
}
