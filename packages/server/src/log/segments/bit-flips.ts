import type { Clock, Random } from '../../platform/clock.ts';
import { readAll, textOf } from '../read-all.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { openInMemory } from './open-in-memory.ts';

const RECORDS = 300;
const SEGMENT_BYTES = 20_000;

/** What flipping bits one at a time brought to light. Anything but `found === flips` and zeros breaks G10. */
export interface FlipFindings {
  readonly flips: number;
  readonly found: number;
  readonly altered: number;
  /** Records lost beyond the one that the bit lay in. */
  readonly lostBeyond: number;
  readonly failedStarts: number;
}

/** Flips random single bits of the shipped log's segments, each on a copy of a healthy log, and opens it again. */
export async function flipBits(flips: number, random: Random, clock: Clock): Promise<FlipFindings> {
  const healthy = new FaultyStorage(random);
  const texts = await fill(healthy, random, clock);
  const segments = healthy.list().filter((name) => name.endsWith('.log'));
  const findings = { flips, found: 0, altered: 0, lostBeyond: 0, failedStarts: 0 };
  for (let flip = 0; flip < flips; flip += 1) {
    const storage = healthy.copy();
    const name = segments[Math.floor(random() * segments.length)] ?? '';
    storage.flip(name, Math.floor(random() * storage.size(name) * 8));
    try {
      const { reader, damage } = openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES });
      const records = await readAll(reader);
      findings.altered += records.filter((record) => texts.get(record.messageId) !== textOf(record)).length;
      findings.lostBeyond += Math.max(0, texts.size - records.length - 1);
      if (damage.length > 0) findings.found += 1;
    } catch {
      findings.failedStarts += 1;
    }
  }
  return findings;
}

async function fill(storage: FaultyStorage, random: Random, clock: Clock): Promise<Map<string, string>> {
  const { log } = openInMemory({ storage, clock, segmentBytes: SEGMENT_BYTES });
  const texts = new Map<string, string>();
  for (let at = 0; at < RECORDS; at += 1) {
    const text = JSON.stringify({ at, filling: 'x'.repeat(Math.floor(random() * 500)) });
    texts.set(`id-${at}`, text);
    const record = { source: 'site', orderKey: `user-${at % 7}`, messageId: `id-${at}`, receivedAt: at };
    const stored = log.append([{ ...record, pieces: [text] }]);
    // Some alone, some together, as a running door does.
    if (random() < 0.5) await stored;
  }
  await log.close();
  return texts;
}
