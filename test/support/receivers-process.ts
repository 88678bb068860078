import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answered, Condition, FragileReceiverOptions } from './fragile-receiver.ts';

const ENTRY = fileURLToPath(new URL('./receivers-process-entry.ts', import.meta.url));

/** What the process is asked. It answers one order after the other, each with one message. */
export type ReceiversOrder =
  | { readonly kind: 'start'; readonly receivers: readonly FragileReceiverOptions[] }
  | { readonly kind: 'become'; readonly receiver: number; readonly condition: Condition }
  | { readonly kind: 'count' }
  | { readonly kind: 'tell'; readonly receiver: number };

/**
 * Fragile receivers in a process of their own, so that neither they nor the test wait for each other. They go by their
 * places in the order in which they were started. What is asked rejects when the process has ended.
 */
export interface ReceiversProcess extends AsyncDisposable {
  /** Where to post events to, receiver by receiver. */
  readonly urls: readonly string[];
  /** See `FragileReceiver.become`. */
  become(receiver: number, condition: Condition): Promise<void>;
  /** How many events each has taken so far. */
  counts(): Promise<readonly number[]>;
  /** What each has answered so far. */
  answered(): Promise<readonly Answered[]>;
}

/** Starts one process with these receivers; resolves once all of them listen. */
export async function startReceiversProcess(
  receivers: readonly FragileReceiverOptions[],
): Promise<ReceiversProcess> {
  const child = fork(ENTRY, { execArgv: [], serialization: 'advanced' });
  const exit = once(child, 'exit');
  let last: Promise<unknown> = Promise.resolve();

  async function answerTo(order: ReceiversOrder): Promise<unknown> {
    const answer = Promise.race([
      once(child, 'message').then(([message]: unknown[]) => message),
      exit.then(() => Promise.reject(new Error(`The receivers ended before they answered '${order.kind}'`))),
    ]);
    child.send(order);
    return await answer;
  }

  /** Orders take turns, so that the next message is the answer to this one. */
  async function ask<T>(order: ReceiversOrder, isAnswer: (value: unknown) => value is T): Promise<T> {
    const turn = last.catch(() => undefined).then(() => answerTo(order));
    last = turn;
    const answer = await turn;
    if (!isAnswer(answer)) throw new Error(`The receivers answered '${order.kind}' with ${typeof answer}`);
    return answer;
  }

  const urls = await ask({ kind: 'start', receivers }, isListOf(isText));
  return {
    urls,
    async become(receiver, condition) {
      await ask({ kind: 'become', receiver, condition }, isText);
    },
    counts: () => ask({ kind: 'count' }, isListOf(isNumber)),
    answered: () => Promise.all(urls.map((_, receiver) => ask({ kind: 'tell', receiver }, isAnswered))),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function isListOf<T>(isOne: (value: unknown) => value is T): (value: unknown) => value is readonly T[] {
  return (value) => Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isAnswered(value: unknown): value is Answered {
  return typeof value === 'object' && value !== null && 'taken' in value && 'takenAt' in value;
}
