import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { describeWith, installedProgram } from './support/real-part.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { messageIdsInLog } from './support/segment-log.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { track } from './support/track.ts';
import { writeWorkspace } from './support/workspace-file.ts';

const DISK_BYTES = 16 * 1024 * 1024;

describeWith('a disk that reports a failed sync', 'strace', installedProgram('strace'), (strace) => {
  test('ends the process at once; nothing is acknowledged after it, and nothing acknowledged is lost', {
    timeout: 60_000,
  }, async () => {
    await using directory = await temporaryDirectory();
    const data = `${directory.path}/data`;
    const options = { workspace: await writeWorkspace(directory.path), data };
    // The kernel itself answers every fdatasync from the 20th on with EIO.
    const inject = ['-e', 'trace=fdatasync', '-e', 'inject=fdatasync:error=EIO:when=20+'];
    const under = [strace, '-D', '-f', '-o', '/dev/null', ...inject];
    await using server = await startServer({ ...options, under });
    const acknowledged: string[] = [];
    const statuses: number[] = [];
    for (let at = 0; at < 60; at += 1) {
      const { status } = await track(server.url, `id-${at}`);
      statuses.push(status);
      if (status === 200) acknowledged.push(`id-${at}`);
    }
    const ended = await server.exit;

    expect(ended.code, server.output()).toBe(1);
    expect(acknowledged.length).toBeGreaterThan(5);
    const firstRefused = statuses.findIndex((status) => status !== 200);
    expect(statuses.slice(firstRefused).filter((status) => status === 200)).toEqual([]);
    const stored = new Set(await messageIdsInLog(data));
    expect(acknowledged.filter((messageId) => !stored.has(messageId))).toEqual([]);
  });
});

const mount = process.getuid?.() === 0 ? installedProgram('mount') : undefined;

describeWith('a disk that is full', 'mount, as root,', mount, () => {
  test('refuses events with 503 and Retry-After, goes on delivering, and accepts again by itself', {
    timeout: 60_000,
  }, async () => {
    await using directory = await temporaryDirectory();
    const disk = `${directory.path}/disk`;
    spawnSync('mkdir', [disk]);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
    expect(mounted.status, String(mounted.stderr)).toBe(0);
    try {
      let isDown = true;
      await using receiver = await startRecordingReceiver(() => (isDown ? 503 : 200));
      const workspace = await writeWorkspace(directory.path, { hooks: [receiver.url] });
      const environment = { METAROUTER_DISK_RESERVE: '1MB' };
      const options = { workspace, data: `${disk}/data`, environment };
      await using server = await startServer(options);
      expect((await track(server.url, 'before')).status).toBe(200);

      await fill(`${disk}/filling`);
      await eventually('refused', async () => (await track(server.url, 'full')).status === 503, 5_000);
      expect(await track(server.url, 'full')).toEqual({ status: 503, retryAfter: '30' });
      isDown = false;
      await eventually('delivered on a full disk', () => receiver.delivered.has('before'), 20_000);
      expect((await fetch(`${server.url}/health/live`)).status).toBe(200);

      await rm(`${disk}/filling`);
      await eventually(
        'accepted again',
        async () => (await track(server.url, 'after')).status === 200,
        5_000,
      );
      await eventually('delivered', () => receiver.delivered.has('after'), 20_000);
      expect((await server.stop()).code).toBe(0);
    } finally {
      spawnSync('umount', ['-l', disk]);
    }
  });
});

/** Writes until there is no room left at all. */
async function fill(file: string): Promise<void> {
  for (let size = DISK_BYTES; size >= 512; size = Math.floor(size / 2)) {
    await writeFile(file, Buffer.alloc(size, 'x'), { flag: 'a' }).catch(() => undefined);
  }
}
