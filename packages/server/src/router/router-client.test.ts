import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSegmentLog } from '../log/segments/open-log.ts';
import type { Pipeline } from '../store/workspace.ts';
import { QUESTIONS } from './messages.ts';
import { Planning } from './planning.ts';
import { type RouterClientOptions, startRouterThread } from './router-client.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lane-thread-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const EVENT = { type: 'track', event: 'Seen', messageId: 'm', userId: 'ada', timestamp: '', receivedAt: '' };

function openLog() {
  return openSegmentLog({
    directory,
    retention: { ageMs: 1e12, bytes: 1e12 },
    diskReserveBytes: 0,
    report: { damage: () => {}, dropped: () => {}, notice: () => {} },
    observeCommit: () => {},
    onFailure: () => {},
  });
}

/** Options for a thread with one pipeline to this URL. */
function optionsFor(shared: SharedArrayBuffer, url: string): RouterClientOptions {
  const connection = { urls: [url] };
  const pipeline: Pipeline = {
    id: 'p',
    name: 'Everything',
    source: 's',
    destination: 'webhooks',
    connection,
    config: {},
    filter: [],
    enabled: true,
  };
  return {
    directory,
    shared,
    dedupWindowMs: 86_400_000,
    pipelines: [pipeline],
    starts: [{ position: 0, sequences: new Map() }],
    allowPrivate: ['127.0.0.0/8'],
    ownPorts: [],
    report: () => {},
    planning: new Planning().shared,
    suspects: new Map(),
    onFailure: () => {},
    onDeath: () => {},
  };
}

test('an event in the log reaches its receiver through the lane thread, which says so and stops', async () => {
  const received: unknown[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => received.push(JSON.parse(text)));
    request.on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const { log, shared } = await openLog();
  const record = {
    source: 's',
    orderKey: 'ada',
    messageId: 'm',
    receivedAt: 1,
    pieces: [JSON.stringify(EVENT)],
  };
  expect(await log.append([record])).toEqual({ kind: 'stored' });

  const thread = await startRouterThread(optionsFor(shared, `http://127.0.0.1:${port}/`));
  await expect
    .poll(async () => (await thread.ask(QUESTIONS.snapshot, undefined)).lanes[0])
    .toMatchObject({ delivered: 1, window: 0 });
  expect(received).toEqual([EVENT]);

  await thread.stop();
  await expect(thread.ask(QUESTIONS.snapshot, undefined)).rejects.toThrow('ended');
  await log.close();
  server.close();
});

test('a thread that cannot start says why', async () => {
  const { log, shared } = await openLog();
  await expect(startRouterThread({ ...optionsFor(shared, 'not a URL') })).rejects.toThrow(
    'lane thread failed',
  );
  await log.close();
});
