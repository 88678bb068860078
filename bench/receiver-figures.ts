/** How many requests a receiver had got at one moment of its own clock, in milliseconds. */
export interface ReceiverCount {
  readonly count: number;
  readonly atMs: number;
}

/** How long events took from being sent to the door until they arrived at a receiver. */
export interface ReceiverLatencies {
  readonly count: number;
  /** Half of the events took at most this long; null when none arrived. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Asks the receiver on that port how many requests it has had. */
export async function countAt(port: number): Promise<ReceiverCount> {
  const answer = await ask(port, '/count');
  if (!isReceiverCount(answer)) throw new Error(`The receiver answered ${JSON.stringify(answer)}`);
  return answer;
}

/** Asks the receiver on that port about the events posted to `/timed` since it was asked last. */
export async function latenciesAt(port: number): Promise<ReceiverLatencies> {
  const answer = await ask(port, '/latencies');
  if (!isReceiverLatencies(answer)) throw new Error(`The receiver answered ${JSON.stringify(answer)}`);
  return answer;
}

async function ask(port: number, path: string): Promise<unknown> {
  return await (await fetch(`http://127.0.0.1:${port}${path}`)).json();
}

function isReceiverCount(value: unknown): value is ReceiverCount {
  return typeof value === 'object' && value !== null && 'count' in value && 'atMs' in value;
}

function isReceiverLatencies(value: unknown): value is ReceiverLatencies {
  return typeof value === 'object' && value !== null && 'p50Ms' in value && 'p99Ms' in value;
}
