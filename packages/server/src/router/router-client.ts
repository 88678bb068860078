import { Worker } from 'node:worker_threads';
import {
  fromLanes,
  type LaneThreadData,
  type Report,
  type RouterSnapshot,
  type ToLanes,
} from './messages.ts';

export interface RouterClientOptions extends LaneThreadData {
  readonly report: Report;
  /** Called once when the lane thread cannot go on. What was accepted stays in the log. */
  readonly onFailure: (error: Error) => void;
}

/** The main thread's hand on the lane thread. */
export interface RouterClient {
  /** Every lane's row of the ledger. Rejects when the thread has ended. */
  snapshot(): Promise<RouterSnapshot>;
  /** Resolves when what was under way is finished and committed and the thread is gone. */
  stop(): Promise<void>;
}

/** Starts the lane thread; resolves when its lanes run, rejects when they cannot. */
export async function startRouterThread({
  report,
  onFailure,
  ...data
}: RouterClientOptions): Promise<RouterClient> {
  const worker = new Worker(new URL('./lane-thread.ts', import.meta.url), {
    workerData: data,
    name: 'lanes',
  });
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const asked = new Map<number, PromiseWithResolvers<RouterSnapshot>>();
  let lastId = 0;
  let running = false;
  let failed = false;
  let stopping = false;
  let exited = false;

  const fail = (error: Error) => {
    if (failed || stopping) return;
    failed = true;
    if (running) onFailure(error);
    else ready.reject(error);
  };
  worker.on('message', (received: unknown) => {
    const message = fromLanes.parse(received);
    switch (message.kind) {
      case 'ready':
        return ready.resolve();
      case 'snapshot':
        asked.get(message.id)?.resolve(message.snapshot);
        return void asked.delete(message.id);
      case 'report':
        return report(message.level, message.message, message.fields);
      case 'failed':
        return fail(new Error(`the lanes stopped: ${message.message}`));
      case 'stopped':
        return;
    }
  });
  worker.on('error', (error: unknown) =>
    fail(
      new Error(`the lane thread failed: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      }),
    ),
  );
  worker.on('exit', () => {
    exited = true;
    fail(new Error('the lane thread ended'));
    for (const { reject } of asked.values()) reject(new Error('the lane thread has ended'));
    asked.clear();
    ended.resolve();
  });
  await ready.promise;
  running = true;

  const tell = (message: ToLanes) => worker.postMessage(message);
  return {
    snapshot() {
      if (exited) return Promise.reject(new Error('the lane thread has ended'));
      const answer = Promise.withResolvers<RouterSnapshot>();
      lastId += 1;
      asked.set(lastId, answer);
      tell({ kind: 'snapshot', id: lastId });
      return answer.promise;
    },
    stop() {
      stopping = true;
      tell({ kind: 'stop' });
      return ended.promise;
    },
  };
}
