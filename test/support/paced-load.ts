import { WRITE_KEY } from './workspace-file.ts';

/** So many events go into one request. */
const BATCH_SIZE = 10;
/** How often it is looked whether the next request is due, in milliseconds. */
const TICK_MS = 2;
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
  /** When an event was to be sent, whether or not it was: in milliseconds on a clock that only grows. */
  dueAt(number: number): number;
  /** Sends nothing more; resolves when every request has been answered or has failed. */
  stop(): Promise<void>;
}

/** Sends as many requests at the same time as it takes to keep the rate, batches of ten events each. */
export function startPacedLoad({ url, eventsPerSecond, eventOf }: PacedLoadOptions): PacedLoad {
  const acknowledged = new Set<number>();
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  const startedAt = performance.now();
  let next = 0;

  const dueAt = (number: number) => startedAt + ((number - (number % BATCH_SIZE)) / eventsPerSecond) * 1_000;

  async function send(first: number): Promise<void> {
    const numbers = Array.from({ length: BATCH_SIZE }, (_, index) => first + index);
    const batch = numbers.map((number) => ({ messageId: messageIdOf(number), ...eventOf(number) }));
    try {
      const response = await fetch(`${url}/v1/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${WRITE_KEY}:`)}` },
        body: JSON.stringify({ batch }),
        signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
      });
      const answer = await response.text();
      if (response.status !== 200) throw new Error(`answered ${response.status}: ${answer}`);
      for (const number of numbers) acknowledged.add(number);
    } catch (error) {
      failures.push(String(error));
    }
  }

  const timer = setInterval(() => {
    for (; dueAt(next) <= performance.now(); next += BATCH_SIZE) {
      const sending = send(next).then(() => void underWay.delete(sending));
      underWay.add(sending);
    }
  }, TICK_MS);
  return {
    acknowledged,
    failures,
    dueAt,
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

/** The messageId of the event with this number. */
export function messageIdOf(number: number): string {
  return `${PREFIX}${number}`;
}

/** The number of the event in this JSON. NaN when it is no event of a paced load. */
export function numberIn(json: string): number {
  return Number(NUMBER.exec(json)?.[1]);
}
