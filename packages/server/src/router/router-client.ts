import { Worker } from 'node:worker_threads';
import { fromLanes, type LaneThreadData, type Question, type Report, type ToLanes } from './messages.ts';

export interface RouterClientOptions extends LaneThreadData {
  readonly report: Report;
  /** Called once when the lanes say that they cannot go on: a disk has failed. What was accepted stays in the log. */
  readonly onFailure: (error: Error) => void;
  /** Called once when the thread has ended, once it ran, without being asked to. */
  readonly onDeath: (error: Error) => void;
}

/** The main thread's hand on the lane thread. */
export interface RouterClient {
  /** Asks one of `QUESTIONS`. Rejects when the lanes refuse, with what to do about it, or when the thread has ended. */
  ask<Given, Answer>(question: Question<Given, Answer>, given: Given): Promise<Answer>;
  /** Resolves when what was under way is finished and committed and the thread is gone. */
  stop(): Promise<void>;
  /** Ends the thread at once, whatever it is doing: it then dies. */
  kill(): void;
}

/** Starts the lane thread; resolves when its lanes run, rejects when they cannot. */
export async function startRouterThread({
  report,
  onFailure,
  onDeath,
  ...data
}: RouterClientOptions): Promise<RouterClient> {
  const worker = new Worker(new URL('./lane-thread.ts', import.meta.url), {
    workerData: data,
    name: 'lanes',
  });
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let running = false;
  let failed = false;
  let death: Error | undefined;
  let stopping = false;
  let exited = false;

  const fail = (error: Error) => {
    if (failed || stopping) return;
    failed = true;
    if (running) onFailure(error);
    else ready.reject(error);
  };
  const take = (id: number) => {
    const answer = asked.get(id);
    asked.delete(id);
    return answer;
  };
  worker.on('message', (received: unknown) => {
    const message = fromLanes.parse(received);
    switch (message.kind) {
      case 'ready':
        return ready.resolve();
      case 'answer':
        return take(message.id)?.resolve(message.answer);
      case 'refused':
        return take(message.id)?.reject(new Error(message.message));
      case 'report':
        return report(message.level, message.message, message.fields);
      case 'failed':
        return fail(new Error(`the lanes stopped: ${message.message}`));
      case 'stopped':
        return;
    }
  });
  worker.on('error', (error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    death = new Error(`the lane thread failed: ${reason}`, { cause: error });
  });
  worker.on('exit', () => {
    exited = true;
    death ??= new Error('the lane thread ended');
    ready.reject(death);
    if (running && !failed && !stopping) onDeath(death);
    for (const { reject } of asked.values()) reject(new Error('the lane thread has ended'));
    asked.clear();
    ended.resolve();
  });
  await ready.promise;
  running = true;

  const tell = (message: ToLanes) => worker.postMessage(message);
  return {
    async ask({ name, answer }, given) {
      if (exited) throw new Error('the lane thread has ended');
      lastId += 1;
      const reply = Promise.withResolvers<unknown>();
      asked.set(lastId, reply);
      tell({ kind: 'ask', id: lastId, name, given });
      return answer.parse(await reply.promise);
    },
    stop() {
      stopping = true;
      tell({ kind: 'stop' });
      return ended.promise;
    },
    kill() {
      void worker.terminate();
    },
  };
}
