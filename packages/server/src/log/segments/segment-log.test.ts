import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import { eventLogContract } from '../event-log.contract.ts';
import { FaultyStorage } from './faulty-storage.ts';
import { openInMemory } from './open-in-memory.ts';
import { openSegmentLog } from './open-log.ts';

const quiet = { damage() {}, dropped() {}, notice() {} };

eventLogContract('segments in files, on a writer thread', () => {
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
});

eventLogContract('many small segments in memory', () => {
  const storage = new FaultyStorage(() => 0);
  return {
    open: async () => openInMemory({ storage, clock: systemClock, segmentBytes: 2000 }).log,
    async remove() {},
  };
});
