import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fromLanes, type Question, type ToLanes } from '../../packages/server/src/router/messages.ts';
import { type ServerOptions, type ServerProcess, startServer } from './server-process.ts';

const ENTRY = fileURLToPath(new URL('./app-process-entry.ts', import.meta.url));

/** The whole server in a process of its own, which can be asked what its main thread can ask the lanes. */
export interface AppProcess extends ServerProcess {
  /** Asks one of `QUESTIONS`. Rejects when the lanes refuse, or when the process has ended. */
  ask<Given, Answer>(question: Question<Given, Answer>, given: Given): Promise<Answer>;
}

/** Starts the server on a data directory, new or left by an earlier one; resolves once it is ready. */
export async function startAppProcess(options: Omit<ServerOptions, 'entry'>): Promise<AppProcess> {
  const server = await startServer({ ...options, entry: ENTRY });
  return { ...server, ask: askerOf(server.child) };
}

function askerOf(child: ChildProcess): AppProcess['ask'] {
  const asked = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const take = (id: number) => {
    const reply = asked.get(id);
    asked.delete(id);
    return reply;
  };
  child.on('message', (received) => {
    const message = fromLanes.parse(received);
    if (message.kind === 'answer') take(message.id)?.resolve(message.answer);
    if (message.kind === 'refused') take(message.id)?.reject(new Error(message.message));
  });
  child.on('exit', () => {
    for (const { reject } of asked.values()) reject(new Error('The server ended before it answered'));
    asked.clear();
  });
  return async ({ name, answer }, given) => {
    lastId += 1;
    const id = lastId;
    const reply = Promise.withResolvers<unknown>();
    asked.set(id, reply);
    const message: ToLanes = { kind: 'ask', id, name, given };
    child.send(message, (error) => {
      if (error !== null) take(id)?.reject(error);
    });
    return answer.parse(await reply.promise);
  };
}
