import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import { eventLogContract, type LogUnderTest } from '../event-log.contract.ts';
import type { EventLog, NewRecord } from '../event-log.ts';
import { type FilledLog, logReaderContract } from '../log-reader.contract.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { openInMemory } from './open-in-memory.ts';
import { openSegmentLog } from './open-log.ts';

const quiet = { damage() {}, dropped() {}, notice() {} };

function inFiles(): LogUnderTest {
  const directory = mkdtempSync(join(tmpdir(), 'metarouter-log-'));
  return {
    async open() {
      const { log } = await openSegmentLog({
        directory,
        retention: { ageMs: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY },
        diskReserveBytes: 0,
        report: quiet,
        observeCommit() {},
        onFailure(error) {
          throw error;
        },
      });
      return log;
    },
    async remove() {
      rmSync(directory, { recursive: true });
    },
  };
}

function inMemory(segmentBytes: number): LogUnderTest {
  const storage = new FaultyStorage(() => 0);
  return {
    open: async () => openInMemory({ storage, clock: systemClock, segmentBytes }).log,
    async remove() {},
  };
}

/** Half of the records are appended before a restart and half of them after it. */
async function fill(make: () => LogUnderTest, records: readonly NewRecord[]): Promise<FilledLog> {
  const { open, remove } = make();
  const half = Math.floor(records.length / 2);
  const before = await open();
  await appendInGroups(before, records.slice(0, half));
  await before.close();
  const reader = await open();
  await appendInGroups(reader, records.slice(half));
  return {
    reader,
    async remove() {
      await reader.close();
      await remove();
    },
  };
}

async function appendInGroups(log: EventLog, records: readonly NewRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += 5) await log.append(records.slice(at, at + 5));
}

const kinds = [
  { name: 'segments in files, on a writer thread', make: inFiles },
  { name: 'many small segments in memory', make: () => inMemory(2_000) },
  { name: 'large segments in memory', make: () => inMemory(200_000) },
];
for (const { name, make } of kinds) {
  eventLogContract(name, make);
  logReaderContract(name, (records) => fill(make, records));
}
