import type { Clock } from '../../platform/clock.ts';
import { seededRandom } from '../../platform/seeded-random.ts';
import type { NewRecord } from '../event-log.ts';
import { readAll, textOf } from '../read-all.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { type LogInMemory, openInMemory } from './open-in-memory.ts';

/** How often the log of one run is crashed and opened again. */
export const LIVES = 4;
/** A crash strikes at one of so many calls that change the disk: enough to see segments closed and indexed. */
const CALLS_UNTIL_CRASH_MAX = 60;
const SEGMENT_BYTES = 6000;
const SOURCES = ['alpha', 'beta', 'gamma'];

/** What one run found. Anything but zero in `lost`, `altered`, `repeated` or `disordered` breaks G1. */
export interface CrashFindings {
  readonly crashes: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly altered: number;
  readonly repeated: number;
  readonly disordered: number;
}

/**
 * Writes to the shipped log, kills it at a random call to the disk, loses any part of what was not synced, opens
 * it again and compares what is there with what had been acknowledged. One seed reproduces a run.
 */
export async function crashRepeatedly(seed: number, clock: Clock): Promise<CrashFindings> {
  const random = seededRandom(seed);
  const storage = new FaultyStorage(random);
  const sent = new Map<string, string>();
  const acknowledged: string[] = [];
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
  for (let life = 0; life < LIVES; life += 1) {
    storage.failAt({ at: 1 + Math.floor(random() * CALLS_UNTIL_CRASH_MAX), kind: 'crash' });
    // A crash while the log recovers is one more crash, and the next life goes on from there.
    const opened = attempt(() => openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES }));
    if (opened !== undefined) await writeUntilCrash(opened, random, record, acknowledged);
    crashes += 1;
    storage.crash();
  }
  const { reader } = openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES });
  return { crashes, acknowledged: acknowledged.length, ...(await compare(reader, sent, acknowledged)) };
}

async function writeUntilCrash(
  { log }: LogInMemory,
  random: () => number,
  record: () => NewRecord,
  acknowledged: string[],
): Promise<void> {
  for (;;) {
    const appends = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      const records = Array.from({ length: 1 + Math.floor(random() * 3) }, record);
      return log.append(records).then((result) => (result.kind === 'stored' ? records : []));
    });
    const settled = await Promise.allSettled(appends);
    for (const one of settled) {
      if (one.status === 'fulfilled') acknowledged.push(...one.value.map(({ messageId }) => messageId));
    }
    if (settled.some(({ status }) => status === 'rejected')) return;
  }
}

async function compare(
  reader: LogInMemory['reader'],
  sent: ReadonlyMap<string, string>,
  acknowledged: readonly string[],
): Promise<Omit<CrashFindings, 'crashes' | 'acknowledged'>> {
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
  let before = -1;
  for (const messageId of acknowledged) {
    const place = places.get(messageId);
    if (place === undefined) continue;
    if (place <= before) disordered += 1;
    before = place;
  }
  const lost = acknowledged.filter((messageId) => !places.has(messageId)).length;
  return { lost, altered, repeated, disordered };
}

function attempt<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}
