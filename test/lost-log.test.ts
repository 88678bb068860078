import { open, readdir, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { ledgerOf } from './support/metrics.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { track } from './support/track.ts';
import { writeWorkspace } from './support/workspace-file.ts';

/** What may happen to a log between two starts, after its events were delivered. */
const LOSSES = [
  ['the whole log is gone', (log: string) => rm(log, { recursive: true })],
  ['its last record is damaged', flipLastByte],
  ['its last bytes are gone', (log: string) => cutOff(log, 7)],
] as const;

for (const [title, lose] of LOSSES) {
  test(`${title}: every event that is accepted afterwards is delivered, and the ledger adds up`, {
    timeout: 60_000,
  }, async () => {
    await using directory = await temporaryDirectory();
    await using receiver = await startRecordingReceiver();
    const data = `${directory.path}/data`;
    const options = { workspace: await writeWorkspace(directory.path, { hooks: [receiver.url] }), data };
    const deliver = async (url: string, ids: readonly string[]) => {
      for (const id of ids) expect((await track(url, id)).status).toBe(200);
      await eventually(`delivered: ${ids}`, () => ids.every((id) => receiver.delivered.has(id)), 10_000);
    };
    {
      await using before = await startServer(options);
      await deliver(before.url, ['one', 'two', 'three']);
      expect((await before.stop()).code).toBe(0);
    }
    await lose(`${data}/log/0`);

    await using after = await startServer(options);
    await deliver(after.url, ['four', 'five']);
    const { accepted, delivered, filtered, dead, pending } = await ledgerOf(after.url);
    expect(pending).toBe(0);
    expect(accepted).toBe(delivered + filtered + dead);
  });
}

async function lastSegment(log: string): Promise<string> {
  const names = (await readdir(log)).filter((name) => name.endsWith('.log')).sort();
  return `${log}/${names.at(-1)}`;
}

async function flipLastByte(log: string): Promise<void> {
  await using file = await open(await lastSegment(log), 'r+');
  const { size } = await file.stat();
  const byte = new Uint8Array(1);
  await file.read(byte, 0, 1, size - 1);
  await file.write(new Uint8Array([(byte[0] ?? 0) ^ 1]), 0, 1, size - 1);
}

async function cutOff(log: string, bytes: number): Promise<void> {
  await using file = await open(await lastSegment(log), 'r+');
  await file.truncate((await file.stat()).size - bytes);
}
