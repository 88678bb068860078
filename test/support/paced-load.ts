import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { machineMs } from '../../bench/machine-clock.ts';
import { WRITE_KEY } from './workspace-file.ts';

/** So many events go into one request. */
const BATCH_SIZE = 10;
const ANSWER_TIMEOUT_MS = 30_000;
const PREFIX = 'paced-';
const NUMBER = new RegExp(`"messageId":"${PREFIX}(\\d+)"`);

export interface PacedLoadOptions {
  readonly url: string;
  readonly eventsPerSecond: number;
  /** What is sent as the event with this number, apart from its messageId. */
  readonly eventOf: (number: number) => Readonly<Record<string, unknown>>;
}

/** Events numbered from 0, sent at a rate that does not depend on how the server does. */
export interface PacedLoad {
  /** The numbers of the events whose request was answered 200. */
  readonly acknowledged: ReadonlySet<number>;
  /** The requests that were answered otherwise, or not at all: what came instead. */
  readonly failures: readonly string[];
  /** When an event was to be sent, whether or not it was: in milliseconds of the machine's clock. */
  dueAt(number: number): number;
  /** Sends nothing more; resolves when every request has been answered or has failed. */
  stop(): Promise<void>;
}

/**
 * Sends as many requests at the same time as it takes to keep the rate, batches of ten events each. At 1,000 events a
 * second it takes a few hundredths of a core.
 */
export function startPacedLoad({ url, eventsPerSecond, eventOf }: PacedLoadOptions): PacedLoad {
  const agent = new Agent({ keepAlive: true });
  const acknowledged = new Set<number>();
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  const startedAt = machineMs();
  let isStopping = false;

  const dueAt = (number: number) => startedAt + ((number - (number % BATCH_SIZE)) / eventsPerSecond) * 1_000;

  async function send(first: number): Promise<void> {
    const numbers = Array.from({ length: BATCH_SIZE }, (_, index) => first + index);
    const batch = numbers.map((number) => ({ messageId: messageIdOf(number), ...eventOf(number) }));
    try {
      await post(`${url}/v1/batch`, agent, JSON.stringify({ batch }));
      for (const number of numbers) acknowledged.add(number);
    } catch (error) {
      failures.push(String(error));
    }
  }

  async function sendOn(): Promise<void> {
    for (let next = 0; !isStopping; next += BATCH_SIZE) {
      const early = dueAt(next) - machineMs();
      if (early > 0) await pause(early);
      const sending = send(next).then(() => void underWay.delete(sending));
      underWay.add(sending);
    }
  }

  const sending = sendOn();
  return {
    acknowledged,
    failures,
    dueAt,
    async stop() {
      isStopping = true;
      await sending;
      await Promise.all(underWay);
      agent.destroy();
    },
  };
}

/** Resolves when the answer is 200 and has come as a whole; rejects with what came instead. */
function post(url: string, agent: Agent, body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      authorization: `Basic ${btoa(`${WRITE_KEY}:`)}`,
    };
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const call = request(url, { method: 'POST', agent, headers, signal });
    call.on('error', reject);
    call.on('response', (response) => {
      text(response).then((answer) => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`answered ${response.statusCode}: ${answer}`));
      }, reject);
    });
    call.end(body);
  });
}

/** The messageId of the event with this number. */
export function messageIdOf(number: number): string {
  return `${PREFIX}${number}`;
}

/** The number of the event in this JSON. NaN when it is no event of a paced load. */
export function numberIn(json: string): number {
  return Number(NUMBER.exec(json)?.[1]);
}
