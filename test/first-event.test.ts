import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { ledgerOf, samplesOf } from './support/metrics.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { writeWorkspace } from './support/workspace-file.ts';

const RECEIVER = fileURLToPath(new URL('../examples/receiver.ts', import.meta.url));
const WORKSPACE = fileURLToPath(new URL('../examples/workspace.yaml', import.meta.url));
const README = fileURLToPath(new URL('../README.md', import.meta.url));
const TIMEOUT_MS = 20_000;

/** The example receiver as a process, and what it has printed so far. */
function startExampleReceiver() {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(process.execPath, [RECEIVER, '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  return {
    printed: () => printed,
    [Symbol.dispose]: () => child.kill(),
  };
}

test("the README's first event is printed by its receiver as the README says", {
  timeout: 90_000,
}, async () => {
  const readme = await readFile(README, 'utf8');
  const [, writeKey = '', body = ''] = /curl \S+\/v1\/track -u (\w+): \\\n +-d '(.*)'/.exec(readme) ?? [];
  const [printed = 'a line for the event'] = /^track {2}.*$/m.exec(readme) ?? [];
  using receiver = startExampleReceiver();
  const hook = () => /http:\/\/127\.0\.0\.1:\d+\/hook/.exec(receiver.printed())?.[0] ?? '';
  await eventually('receiver started', () => hook() !== '', TIMEOUT_MS);
  await using directory = await temporaryDirectory();
  // The example as it stands, but for the receiver's port: 9009 may be taken here.
  const workspace = join(directory.path, 'workspace.yaml');
  await writeFile(
    workspace,
    (await readFile(WORKSPACE, 'utf8')).replace('http://127.0.0.1:9009/hook', hook()),
  );
  await using server = await startServer({ workspace, data: `${directory.path}/data` });

  const answer = await fetch(`${server.url}/v1/track`, {
    method: 'POST',
    // What curl sends with -u and -d.
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${btoa(`${writeKey}:`)}`,
    },
    body,
  });

  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ success: true });
  await eventually('delivered', () => receiver.printed().split('\n').includes(printed), TIMEOUT_MS);
  await eventually('counted', async () => (await ledgerOf(server.url)).pending === 0, TIMEOUT_MS);
  expect(await ledgerOf(server.url)).toEqual({ accepted: 1, delivered: 1, filtered: 0, dead: 0, pending: 0 });
});

test('health says that it lives and is ready, and metrics are text that Prometheus reads', {
  timeout: 60_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const workspace = await writeWorkspace(directory.path, { hooks: ['http://127.0.0.1:9/hook'] });
  await using server = await startServer({ workspace, data: `${directory.path}/data` });

  expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
  expect((await fetch(`${server.url}/health/ready`)).status).toBe(200);
  const metrics = await fetch(`${server.url}/metrics`);
  expect(metrics.headers.get('content-type')).toMatch(/^text\/plain/);
  expect(samplesOf(await metrics.text()).map(({ name }) => name)).toContain('metarouter_ledger');
});
