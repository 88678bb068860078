import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openSegmentLog } from '../log/segments/open-log.ts';
import type { Pipeline } from '../store/workspace.ts';
import type { LaneThreadData } from './messages.ts';
import { Planning } from './planning.ts';

const EVENT = {
  type: 'track',
  event: 'Seen',
  messageId: 'm',
  userId: 'ada',
  timestamp: '',
  receivedAt: '',
};

/** A real log in a directory of its own, which takes events of the source `s`. */
export async function openLog() {
  const directory = mkdtempSync(join(tmpdir(), 'lane-thread-'));
  const { log, shared } = await openSegmentLog({
    directory,
    retention: { ageMs: 1e12, bytes: 1e12 },
    diskReserveBytes: 0,
    report: { damage: () => {}, dropped: () => {}, notice: () => {} },
    observeCommit: () => {},
    onFailure: () => {},
  });
  onTestFinished(async () => {
    await log.close();
    rmSync(directory, { recursive: true });
  });
  const accept = (messageId: string) => {
    const pieces = [JSON.stringify({ ...EVENT, messageId })];
    return log.append([{ source: 's', orderKey: 'ada', messageId, receivedAt: 1, pieces }]);
  };
  return { directory, shared, log, accept };
}

/** Puts something in the place of the delivery state that is no database: no lane thread can start there. */
export function loseState(directory: string): void {
  const file = join(directory, 'delivery.sqlite');
  for (const name of [file, `${file}-wal`, `${file}-shm`]) rmSync(name, { force: true });
  mkdirSync(file);
}

/** What a lane thread needs that has one pipeline to this URL. */
export function threadData(
  { directory, shared }: { readonly directory: string; readonly shared: SharedArrayBuffer },
  url: string,
): LaneThreadData {
  const pipeline: Pipeline = {
    id: 'p',
    name: 'Everything',
    source: 's',
    destination: 'webhooks',
    connection: { urls: [url] },
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
    planning: new Planning().shared,
    suspects: new Map(),
  };
}

/** A receiver that keeps the message ids of what it gets. */
export async function listen() {
  const received: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (text: string) => received.push(JSON.parse(text).messageId));
    request.on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/`, received };
}
