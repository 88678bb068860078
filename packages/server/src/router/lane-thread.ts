import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { DESTINATIONS } from '@metarouter/destinations';
import { createSender } from '../delivery/sender.ts';
import { logReport } from '../log/segments/damage.ts';
import { FileStorage } from '../log/segments/file-storage.ts';
import { openSegmentReader } from '../log/segments/open-log.ts';
import { systemClock, systemRandom } from '../platform/clock.ts';
import { keepCompiledCode } from '../platform/compiled-code.ts';
import { threadLoad } from '../platform/thread-load.ts';
import { answersOf } from './answers.ts';
import { type FromLanes, laneThreadData, type Report, toLanes } from './messages.ts';
import { Planning } from './planning.ts';
import { startRouter } from './router.ts';

/** The entry of the lane thread: opens the log for reading, runs all lanes, answers the main thread. */

const main = parentPort;
if (main === null) throw new Error('this file is the entry of a worker thread');
const tell = (message: FromLanes) => main.postMessage(message);

const data = laneThreadData.parse(workerData);
const clock = systemClock;
const report: Report = (level, message, fields) => tell({ kind: 'report', level, message, fields });
const router = startRouter({
  log: openSegmentReader({
    directory: data.directory,
    shared: data.shared,
    report: logReport(report),
  }),
  pipelines: data.pipelines,
  destinations: DESTINATIONS,
  stateFile: join(data.directory, 'delivery.sqlite'),
  repeatsStorage,
  dedupWindowMs: data.dedupWindowMs,
  starts: data.starts,
  clock,
  random: systemRandom,
  threadLoad: threadLoad(),
  newId: randomUUID,
  planning: new Planning(data.planning),
  suspects: data.suspects,
  sender: createSender({ clock, allowPrivate: data.allowPrivate, ownPorts: data.ownPorts }),
  report,
  onFailure: (error) => tell({ kind: 'failed', message: messageOf(error) }),
  onBug: die,
});
const answers = answersOf(router);

main.on('message', (received: unknown) => {
  const message = toLanes.parse(received);
  switch (message.kind) {
    case 'ask':
      return void answer(message.id, message.name, message.given);
    case 'stop':
      return void router.stop().then(() => {
        tell({ kind: 'stopped' });
        main.close();
      });
  }
});
tell({ kind: 'ready' });
keepCompiledCode();

async function answer(id: number, name: string, given: unknown): Promise<void> {
  try {
    tell({ kind: 'answer', id, answer: await answers(name, given) });
  } catch (error) {
    tell({ kind: 'refused', id, message: messageOf(error) });
  }
}

function repeatsStorage(partition: number): FileStorage {
  return new FileStorage(join(data.directory, 'repeats', `${partition}`), 'write');
}

/** Ends the thread with this error, whoever would catch it or let it pass: it is reported, and the lanes are started again. */
function die(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
