import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { MemoryLog } from './memory-log.ts';
import { fail, live, REJECTED, stored } from './router.fixture.ts';
import type { Script } from './scripted-sender.ts';
import { DeliveryState } from './state/delivery-state.ts';

/** A real small disk in memory, which only root may mount; undefined where that is not possible. */
const disk = mountedDisk();
if (disk === undefined)
  process.stderr.write('SKIPPED: full disk (needs root, to mount a small disk in memory)\n');
afterAll(() => {
  if (disk !== undefined) execFileSync('umount', ['--lazy', disk]);
});

function mountedDisk(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'full-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', directory], { stdio: 'ignore' });
    return directory;
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
}

/** Fills the disk up to so many bytes; with none left it is full. */
function nearlyFull(leftBytes = 512 * 1_024) {
  const directory = disk ?? fail('no disk');
  const filler = join(directory, 'filler');
  rmSync(filler, { force: true });
  const { bavail, bsize } = statfsSync(directory);
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
  return { file: join(directory, 'delivery.sqlite'), makeRoom: () => rmSync(filler) };
}

test.runIf(disk !== undefined)(
  'a full disk stops no delivery, and what was settled is committed once there is room',
  async () => {
    const { file, makeRoom } = nearlyFull();
    const users = Array.from({ length: 300 }, (_, number) => `u${number}`);
    // Dead letters carry their events, which soon fill what is left.
    const script: Script = () => ({ outcome: REJECTED, afterMs: 1 });
    const log = new MemoryLog();
    for (const [position, user] of users.entries()) {
      const event = { type: 'track', event: 'x'.repeat(5_000), messageId: `${position}`, userId: user };
      const bytes = JSON.stringify({ ...event, timestamp: '', receivedAt: '' });
      log.accept('s', user, `${position}`, { now: 0, bytes });
    }
    const { clock, ledger, failures, reports, router } = live({ log, script, file });
    await clock.pass(10_000);
    expect(ledger()).toMatchObject({ dead: 300, window: 0 });
    expect(failures).toEqual([]);
    expect(reports.filter(([, message]) => message.startsWith('The disk is full'))).toHaveLength(1);
    makeRoom();
    await clock.pass(1_000);
    await router.stop();
    expect(stored(file).progress).toMatchObject({ position: 300, dead: 300 });
    expect(stored(file).deadLetters).toHaveLength(300);
  },
);

test.runIf(disk !== undefined)('a start on a full disk succeeds', () => {
  const { file, makeRoom } = nearlyFull();
  new DeliveryState(file).close();
  makeRoom();
  // What SQLite needs for the index of its WAL at a start, and no page more.
  nearlyFull(32 * 1_024);
  expect(() => new DeliveryState(file).close()).not.toThrow();
});
